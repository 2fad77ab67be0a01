"""The deployment file: what is read from a good one, and how a wrong one is refused."""

import os
import tomllib
from datetime import UTC, datetime
from pathlib import Path

import jsonschema
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from checker.errors import InputError
from checker.inputs.deployment import Deployment
from checker.inputs.deployment_file import load, schema

MALFORMED = Path(__file__).parent / "malformed"
EXPECTED = tomllib.loads((MALFORMED / "expected.toml").read_text())

MINIMAL = """\
deployment: acme-mail
change:
  number: 0031337
  timezone: Europe/Berlin
  windows: [{start: 2026-12-05T22:00, end: 2026-12-06T04:00}]
servers:
  - name: db1
    roles: [database, csm]
  - name: mx1
    roles: [mta, mail-filter]
"""

FULL = """\
deployment: acme-mail
change:
  number: CHG0031337
  revision: 2
  timezone: Europe/Berlin
  windows:
    - {start: 2026-12-12T22:00, end: 2026-12-13T04:00}
    - {start: 2026-12-05T22:00, end: 2026-12-06T04:00}
  contacts: [{role: coordinator, name: A. Example, phone: "+49 30 1234", email: a@example.net}]
  support: {phone: null, contract: ~, case: "null"}
paths: {source: /opt/pmx/, target: /opt/pmx6, quarantine: null, logs: null, database: null}
disk: {installation_kib: {mx1: 2000000}, headroom_percent: 20}
probe: {pmx_status: false}
migration: {script: yes, options: &options ["Database & Quarantine", "Logs", "Reports"]}
mail_paths: [{name: inbound, via: mx, members: [mx1, mx2]}]
procedure:
  source: "our licensed copy, printed 2026-11-02"
  upgrade:
    - text: Run the installer
      command: |
        cd /root
        ./install
      minutes: {low: 15, likely: 25, high: 60}
      roles: [database, csm]
rehearsal: {on: 2026-11-01, by: A. Example, result: complete, note: "1:30 in all"}
answers:
  source-version: {version: "5.6.1", by: A. Example, at: 2026-11-20, servers: {mx2: {version: "5.6.1"}}}
waivers:
  - {check: source-version, server: mx2, observed: x, reason: y, by: A. Example, ticket: T1, until: 2026-12-31}
servers:
  - name: pmx-db1
    hostname: pmx-db1.example.net
    addresses: [192.0.2.11, "2001:DB8:0::11"]
    roles: [database, csm]
    first: true
    migration: {options: *options}
    ssh: {host: pmx-db1, user: admin, become: [sudo, -n]}
  - name: mx1
    roles: &filter [mta, mail-filter]
    first: true
    addresses: [192.0.2.100]
    floating: [192.0.2.100]
  - name: mx2
    roles: *filter
    floating: [192.0.2.100]
"""


def written(folder: Path, content: str | bytes) -> Path:
    path = folder / "deployment.yaml"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def refusal(path: Path, known_checks: dict[str, bool] | None = None) -> tuple[str, ...]:
    with pytest.raises(InputError) as refused:
        load(path, known_checks)
    return refused.value.lines


@pytest.mark.parametrize("case", EXPECTED["faults"])
def test_a_malformed_file_is_refused_with_every_fault_at_its_place(case: str) -> None:
    path = MALFORMED / f"{case}.yaml"
    lines = refusal(path, EXPECTED["known_checks"])
    faults = EXPECTED["faults"][case]
    assert len(lines) == len(faults), lines
    for line, (row, column, *parts) in zip(lines, faults, strict=True):
        place = f"{path}:{row}:{column}: " if row else f"{path}: "
        assert line.startswith(place)
        message = line.removeprefix(place)
        assert all(part in message for part in parts), message
        assert message.isprintable()
        for jargon in (
            "pydantic",
            "Traceback",
            "Value error",
            "Input should",
            "type=",
            "constrained",
            "something else",
        ):
            assert jargon not in message


def test_every_malformed_file_has_its_expectation() -> None:
    assert {path.stem for path in MALFORMED.glob("*.yaml")} == set(EXPECTED["faults"])
    assert len(EXPECTED["faults"]) >= 60


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"deployment: a\0b\n", ": is a binary file"),
        (b"\x7fELF\x02\x01\x01\0\0\0\0\0", ": is a binary file"),
        (MINIMAL.encode("utf-16"), ": is written in UTF-16"),
        (MINIMAL.encode("utf-16-be"), ": is written in UTF-16"),
        (MINIMAL.encode("utf-16-le"), ": is written in UTF-16"),
        (MINIMAL.encode("utf-32"), ": is written in UTF-32"),
        (MINIMAL.encode("utf-32-be"), ": is written in UTF-32"),
        (MINIMAL.replace("acme", "\u00e4cme").encode("latin-1"), ":1:13: is not UTF-8 from here on"),
        (b"#" * (1024 * 1024 + 1), ": is larger than 1048576 bytes"),
    ],
)
def test_what_is_no_utf8_text_is_refused_in_one_line(tmp_path: Path, content: bytes, words: str) -> None:
    path = written(tmp_path, content)
    (line,) = refusal(path)
    assert line.startswith(f"{path}{words}")


def test_a_file_of_50_mb_is_refused_without_being_read(tmp_path: Path) -> None:
    path = tmp_path / "deployment.yaml"
    with path.open("wb") as file:
        file.truncate(50_000_000)
    path.chmod(0)  # reading it would fail with other words
    (line,) = refusal(path)
    assert "is larger than" in line


def test_what_is_no_file_is_refused_in_one_line(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "dangling").symlink_to("nowhere")
    for path, words in [
        (tmp_path, "is a directory"),
        (tmp_path / "absent.yaml", "no such file"),
        (tmp_path / "dangling", "no such file"),
        (tmp_path / "fifo", "is a device, pipe or socket"),
        (Path("/dev/zero"), "is a device, pipe or socket"),
        (tmp_path / "fifo" / "x", "cannot be read (Not a directory)"),
        (tmp_path / ("x" * 300), "cannot be read (File name too long)"),
        (Path("a\0b"), "is not a path"),
    ]:
        (line,) = refusal(path)
        assert words in line and ": expected" in line


def test_a_file_name_cannot_reach_the_terminal_as_an_escape(tmp_path: Path) -> None:
    (line,) = refusal(tmp_path / "\x1b[2J.yaml")
    assert line.isprintable()


def test_a_file_without_permission_is_refused_in_one_line(tmp_path: Path) -> None:
    path = written(tmp_path, MINIMAL)
    path.chmod(0)
    was = os.geteuid()
    os.seteuid(was or 65534)  # root reads everything
    try:
        (line,) = refusal(path)
    finally:
        os.seteuid(was)
    assert "cannot be read (Permission denied)" in line


def test_a_minimal_file_is_read_with_the_numbers_as_they_are_written(tmp_path: Path) -> None:
    deployment = load(written(tmp_path, MINIMAL))
    assert deployment.change.number == "0031337"
    assert [server.name for server in deployment.servers] == ["db1", "mx1"]
    assert deployment.paths.source == "/opt/pmx"


def test_a_full_file_is_read_as_it_is_meant(tmp_path: Path) -> None:
    deployment = load(written(tmp_path, FULL), {"source-version": True})
    assert deployment.change.nights[0] == (datetime(2026, 12, 5, 21, tzinfo=UTC), datetime(2026, 12, 6, 3, tzinfo=UTC))
    assert deployment.change.support.contract is None and deployment.change.support.case == "null"
    assert deployment.paths.source == "/opt/pmx"
    assert deployment.disk.installation_on("mx1") == 2000000 and deployment.disk.installation_on("mx2") is None
    assert deployment.migration.script is True
    assert deployment.rehearsal is not None and deployment.rehearsal.note == "1:30 in all"
    assert deployment.procedure.upgrade[0].command == "cd /root\n./install"
    assert deployment.options_on(deployment.server("pmx-db1")) == ("Database & Quarantine", "Logs", "Reports")
    assert deployment.server("pmx-db1").addresses == ("192.0.2.11", "2001:db8::11")
    assert deployment.server("mx2").roles == ("mta", "mail-filter")
    assert deployment.waivers[0].server == "mx2"


def test_windows_line_ends_and_a_byte_order_mark_change_nothing(tmp_path: Path) -> None:
    expected = load(written(tmp_path, FULL))
    assert load(written(tmp_path, b"\xef\xbb\xbf" + FULL.replace("\n", "\r\n").encode())) == expected
    assert load(written(tmp_path, FULL.removesuffix("\n"))) == expected


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2026-10-24T22:00", "2026-10-25T02:30+01:00"),
        ("2026-10-25T02:30+02:00", "2026-10-25T02:30+01:00"),
        ("2027-03-28T01:30+01:00", "2027-03-28T03:30+02:00"),
        ("2026-12-05T22:00:30", "2026-12-06 04:00"),
    ],
)
def test_a_time_of_the_dst_night_is_read_when_it_is_written_with_its_offset(
    tmp_path: Path, start: str, end: str
) -> None:
    text = MINIMAL.replace("start: 2026-12-05T22:00", f"start: {start}").replace("end: 2026-12-06T04:00", f"end: {end}")
    ((first, last),) = load(written(tmp_path, text)).change.nights
    assert first < last


def test_ids_are_not_judged_when_the_checks_are_not_known(tmp_path: Path) -> None:
    path = written(tmp_path, MINIMAL + "owners: {no-such-check: A. Example}\n")
    assert load(path).owners == {"no-such-check": "A. Example"}
    assert "unknown check 'no-such-check'" in refusal(path, {})[0]


def test_two_thousand_servers_with_a_typing_mistake_each_are_told_one_by_one(tmp_path: Path) -> None:
    servers = "".join(f"  - {{name: mx{n}, roles: [mta]}}\n" for n in range(1998))
    sizes = "".join(f"    mx{n}x: 5\n" for n in range(1998))
    lines = refusal(
        written(tmp_path, f"{MINIMAL}{servers}disk:\n  installation_kib:\n{sizes}".replace("mx1\n", "q\n", 1))
    )
    assert len(lines) == 1998
    assert "did you mean 'mx0'?" in lines[0]


def test_the_schema_is_valid_and_accepts_what_is_read(tmp_path: Path) -> None:
    jsonschema.Draft202012Validator.check_schema(schema())
    assert schema()["$schema"].startswith("https://json-schema.org/") and schema()["title"]
    validator = jsonschema.Draft202012Validator(schema())
    validator.validate(load(written(tmp_path, FULL)).model_dump(mode="json"))
    with pytest.raises(jsonschema.ValidationError):
        validator.validate({"deployment": "acme-mail"})


def is_read_or_refused(path: Path) -> None:
    try:
        assert isinstance(load(path, EXPECTED["known_checks"]), Deployment)
    except InputError as refused:
        assert refused.lines
        assert all(line.startswith(str(path)) and line.isprintable() for line in refused.lines)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("any")


@given(content=st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")))
@settings(max_examples=4 * settings().max_examples)
@example(content=b'deployment: "\\ud800"')
@example(content=b"%YAML 3.0\n--- a")
@example(content=b"? ")
def test_any_bytes_are_read_or_refused(folder: Path, content: bytes) -> None:
    is_read_or_refused(written(folder, content))


LINES = FULL.splitlines(keepends=True)
PIECES = st.sampled_from(
    [
        "\t",
        " ",
        "-",
        ":",
        "'",
        '"',
        "[",
        "]",
        "{",
        "}",
        "&a ",
        "*a",
        "!",
        "|",
        ">",
        "%",
        "@",
        "#",
        "? ",
        "<<: ",
        "~",
        "\n",
    ]
) | st.characters(codec="utf-8")


@given(data=st.data())
@settings(max_examples=4 * settings().max_examples)
def test_any_mutation_of_a_good_file_is_read_or_refused(folder: Path, data: st.DataObject) -> None:
    lines = list(LINES)
    for _ in range(data.draw(st.integers(1, 3), label="mutations")):
        at = data.draw(st.integers(0, len(lines) - 1), label="line")
        match data.draw(st.sampled_from(["delete", "double", "replace", "insert", "cut"]), label="kind"):
            case "delete":
                lines[at] = ""
            case "double":
                lines[at] *= 2
            case "replace":
                lines[at] = data.draw(st.sampled_from(LINES), label="by")
            case "insert":
                column = data.draw(st.integers(0, len(lines[at])), label="column")
                lines[at] = lines[at][:column] + data.draw(PIECES, label="piece") + lines[at][column:]
            case "cut":
                lines = [*lines[:at], lines[at][: len(lines[at]) // 2]]
    is_read_or_refused(written(folder, "".join(lines)))
