"""Outputs that people carry: whole ones give their facts, damaged ones none, whatever has carried them."""

import re
import subprocess
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from checker.errors import InputError
from checker.facts.collect import carried, from_files
from checker.facts.host_facts import HostFacts
from checker.facts.probe.script import script
from checker.facts.what_was_asked import OLDER, asked_of, changes, stranger
from checker.inputs.deployment import Deployment, Paths

NOW = datetime(2090, 12, 1, 9, 0, tzinfo=UTC)  # later than this machine
MAIL = "From: A. Example <a@example.net>\nSubject: the output you wanted = yes\n\nHere it is.\n\n"
SIGNATURE = "\n-- \nA. Example, > 30 years of mail\n@done with work\n"


@pytest.fixture(scope="session")
def deployment(deploy: Callable[..., Deployment]) -> Deployment:
    return deploy("database csm", "mta", "mta")


@pytest.fixture(scope="session")
def output(deployment: Deployment) -> str:
    """What the probe prints on this machine."""
    probe = script(deployment, deployment.servers[0])
    return subprocess.run(["sh", "-s"], input=probe, capture_output=True, text=True, check=True, timeout=300).stdout


@pytest.fixture(scope="session")
def facts(deployment: Deployment, output: str, tmp_path_factory: pytest.TempPathFactory) -> HostFacts:
    return read(deployment, tmp_path_factory.mktemp("whole"), output.encode())


def read(deployment: Deployment, directory: Path, data: bytes, name: str = "s1.probe") -> HostFacts:
    (directory / name).write_bytes(data)
    found = from_files.collect(deployment, directory, NOW)
    assert len(found) == 1
    return next(iter(found.values()))


def test_an_output_saved_under_its_servers_name_gives_its_facts(facts: HostFacts) -> None:
    assert (facts.server, facts.via, facts.outcome) == ("s1", "files", "ok")
    assert asdict(facts.facts["identity.hostname"])["value"]


def test_carried_facts_say_what_was_asked_then_and_not_what_is_declared_today(
    deployment: Deployment, tmp_path: Path, output: str
) -> None:
    today = deployment.model_copy(update={"paths": Paths(target="/srv/pmx6", backup="/backup"), "deployment": "other"})
    facts = read(today, tmp_path, output.encode())
    assert facts.asked == asked_of(deployment)
    assert changes(today, facts).keys() == {"paths.target", "paths.backup"}
    assert stranger(today, facts) == "collected for the deployment acme-mail, but this is other: collect again"


def test_an_output_of_an_older_edition_of_the_probe_says_nothing_of_what_it_was_asked(
    deployment: Deployment, tmp_path: Path, output: str
) -> None:
    cut = re.sub(r"@begin asked .*?@end asked [^\n]*\n", "", output, flags=re.DOTALL)
    count = output.count("@begin ")
    facts = read(deployment, tmp_path, cut.replace(f"@done {count}\n", f"@done {count - 1}\n").encode())
    assert (facts.outcome, facts.asked) == ("ok", None)
    assert stranger(deployment, facts) == OLDER


def test_facts_brought_by_hand_are_as_old_as_the_hosts_own_clock_says(output: str, facts: HostFacts) -> None:
    lines = output.splitlines()
    said = lines[next(place for place, line in enumerate(lines) if line.startswith("@begin platform.clock ")) + 1]
    assert facts.collected_at == datetime.fromisoformat(said.removeprefix("|"))
    assert facts.collected_at != NOW


def test_an_output_that_does_not_say_when_it_was_made_gives_no_facts(
    deployment: Deployment, tmp_path: Path, facts: HostFacts
) -> None:
    empty = "@probe 1 0123456789abcdef\n@begin privilege.euid id\n|uid=0(root)\n@end privilege.euid 0 1\n@done 1\n"
    found = read(deployment, tmp_path, empty.encode())
    assert found.outcome == "incomplete" and "platform.clock" in str(found.detail)


@pytest.mark.parametrize(
    "carry",
    [
        pytest.param(lambda text: text.replace("\n", "\r\n").encode(), id="CRLF"),
        pytest.param(lambda text: text.encode("utf-8-sig"), id="byte order mark"),
        pytest.param(lambda text: text.replace("\n", "\r\n").encode("utf-16"), id="UTF-16 of a Windows editor"),
        pytest.param(lambda text: (MAIL + text).encode(), id="mail header before"),
        pytest.param(lambda text: (text + SIGNATURE).encode(), id="signature after"),
        pytest.param(lambda text: (MAIL + text + SIGNATURE).replace("\n", "\r\n").encode(), id="all of a mail"),
        pytest.param(lambda text: text.rstrip("\n").encode(), id="without the last line end"),
        pytest.param(lambda text: carried.sealed("s1", text).encode(), id="sealed"),
        pytest.param(
            lambda text: (MAIL + carried.sealed("s1", text)).replace("\n", "\r\n").encode(), id="sealed, CRLF"
        ),
    ],
)
def test_what_a_mail_or_an_editor_adds_around_an_output_changes_no_fact(
    deployment: Deployment, tmp_path: Path, output: str, facts: HostFacts, carry: Callable[[str], bytes]
) -> None:
    assert read(deployment, tmp_path, carry(output)) == facts


def quoted_printable(text: str) -> str:
    import quopri

    return quopri.encodestring(text.encode()).decode()


def wrapped(width: int) -> Callable[[str], str]:
    def wrap(text: str) -> str:
        return "".join(
            line[i : i + width] + "\n" for line in text.splitlines() for i in range(0, len(line) or 1, width)
        )

    return wrap


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        pytest.param(lambda text: "".join(f"> {line}\n" for line in text.splitlines()), "quoted with '>'", id="quoted"),
        pytest.param(lambda text: "".join(f"    {line}\n" for line in text.splitlines()), "indented", id="indented"),
        pytest.param(quoted_printable, "quoted-printable", id="quoted-printable"),
        pytest.param(lambda text: text.replace("=", "=3D"), "quoted-printable", id="quoted-printable, no long line"),
        pytest.param(lambda text: text.replace("&", "&amp;").replace("<", "&lt;"), "HTML", id="HTML"),
        pytest.param(wrapped(72), "line ", id="wrapped at 72"),
        pytest.param(wrapped(76), "line ", id="wrapped at 76"),
        pytest.param(wrapped(80), "line ", id="wrapped at 80"),
        pytest.param(
            lambda text: text[: text.index("@end storage.space")], "it ends inside section", id="cut in a section"
        ),
        pytest.param(lambda text: text + text, "a second output begins", id="two in one file"),
        pytest.param(lambda text: "nothing of the kind\n", "not the output of a probe", id="something else"),
        pytest.param(lambda text: text.replace("\n", "\r"), "not the output of a probe", id="old Mac line ends"),
    ],
)
def test_damage_is_told_with_its_line_and_cause_and_gives_no_facts(
    deployment: Deployment, tmp_path: Path, output: str, damage: Callable[[str], str], reason: str
) -> None:
    # every host has such lines: they are what HTML and quoted-printable change
    end = re.search(r"^@end identity.nodename 0 1 (\d+)$", output, re.MULTILINE)
    assert end is not None
    more = f"a=b <c> & {'long ' * 30}"
    rich = output.replace(end[0], f"|{more}\n@end identity.nodename 0 2 {int(end[1]) + len(more)}", 1)
    assert read(deployment, tmp_path, rich.encode()).outcome == "ok"
    found = read(deployment, tmp_path, damage(rich).encode())
    assert (found.outcome, found.facts) == ("incomplete", {})
    assert reason in str(found.detail)


def test_the_line_of_damage_is_the_files_own(deployment: Deployment, tmp_path: Path, output: str) -> None:
    lines = (MAIL + output).splitlines()
    place = next(place for place, line in enumerate(lines) if line.startswith("@end storage.space "))
    lines.insert(place, "wrapped")
    found = read(deployment, tmp_path, "\n".join(lines).encode())
    assert f"line {place + 1} " in str(found.detail)


lines_of = st.sampled_from(["delete", "duplicate", "insert", "swap", "wrap", "truncate", "change"])


def damaged(text: str, how: str, place: int, other: int, letter: str) -> str:
    """A text with one thing done to it."""
    lines = text.split("\n")
    line, second = place % len(lines), other % len(lines)
    if how == "delete":
        del lines[line]
    elif how == "duplicate":
        lines.insert(line, lines[line])
    elif how == "insert":
        lines.insert(line, letter * (1 + other % 90))
    elif how == "swap":
        lines[line], lines[second] = lines[second], lines[line]
    elif how == "wrap":
        at = other % (len(lines[line]) + 1)
        lines[line : line + 1] = [lines[line][:at], lines[line][at:]]
    elif how == "truncate":
        return text[: place % len(text)]
    else:
        at = place % len(text)
        return text[:at] + letter + text[at + 1 :]
    return "\n".join(lines)


def outcome(deployment: Deployment, directory: Path, text: str) -> list[HostFacts]:
    """The facts that a file gives; none where the file is refused."""
    (directory / "s1.probe").write_bytes(text.encode())
    try:
        return [host for host in from_files.collect(deployment, directory, NOW).values() if host.reached]
    except InputError:
        return []


PLACES = st.integers(0, 200_000)
SETTINGS = settings(
    max_examples=4 * settings().max_examples, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@SETTINGS
@given(lines_of, PLACES, PLACES, st.characters(codec="utf-8"))
def test_no_damage_to_a_sealed_output_gives_other_facts(
    deployment: Deployment, tmp_path: Path, output: str, facts: HostFacts, how: str, place: int, other: int, letter: str
) -> None:
    text = damaged(carried.sealed("s1", output), how, place, other, letter)
    assert outcome(deployment, tmp_path, text) in ([], [facts])


@SETTINGS
@given(lines_of, PLACES, PLACES, st.characters(codec="utf-8"))
def test_without_a_seal_only_a_line_changed_in_place_can_give_other_facts(
    deployment: Deployment, tmp_path: Path, output: str, facts: HostFacts, how: str, place: int, other: int, letter: str
) -> None:
    text = damaged(output, how, place, other, letter)
    if len(text.split("\n")) == len(output.split("\n")) and how in ("swap", "change"):
        return  # the honest exception: as many lines as before, each of a form that the probe prints
    assert outcome(deployment, tmp_path, text) in ([], [facts])


def test_an_output_of_the_kit_that_has_lost_its_checksum_gives_no_facts(
    deployment: Deployment, tmp_path: Path, output: str
) -> None:
    found = read(deployment, tmp_path, carried.sealed("s1", output).partition("@cksum")[0].encode())
    assert found.outcome == "incomplete" and "checksum at the end of this output is missing" in str(found.detail)


def test_several_sealed_outputs_may_lie_in_one_file(deployment: Deployment, tmp_path: Path, output: str) -> None:
    both = MAIL + carried.sealed("s2", output) + SIGNATURE + carried.sealed("s1", output) + SIGNATURE
    (tmp_path / "ticket.txt").write_text(both)
    found = from_files.collect(deployment, tmp_path, NOW)
    assert {name: host.outcome for name, host in found.items()} == {"s1": "ok", "s2": "ok"}
    assert list(found) == ["s1", "s2"]


def test_what_is_kept_of_a_carried_output_can_be_read_again(
    deployment: Deployment, tmp_path: Path, output: str, facts: HostFacts
) -> None:
    (tmp_path / "ticket.txt").write_text(MAIL + carried.sealed("s1", output) + SIGNATURE)
    kept: list[str | None] = []
    from_files.collect(deployment, tmp_path / "ticket.txt", NOW, lambda host, raw: kept.append(raw))
    assert kept == [output]


def test_outputs_that_were_given_to_each_others_servers_give_no_facts(
    deployment: Deployment, tmp_path: Path, output: str
) -> None:
    both = carried.sealed("s1", output) + carried.sealed("s2", output.replace("@probe", "banner\n@probe", 1))
    swapped = both.replace("@host s1", "@host sX").replace("@host s2", "@host s1").replace("@host sX", "@host s2")
    (tmp_path / "ticket.txt").write_text(swapped)
    found = from_files.collect(deployment, tmp_path, NOW)
    assert {host.outcome for host in found.values()} == {"incomplete"}


@pytest.mark.parametrize("name", ["S1.probe", "s1.txt", "s1.out", "s1.probe.txt", "S1.TXT"])
def test_the_files_name_says_whose_output_it_is(
    deployment: Deployment, tmp_path: Path, output: str, facts: HostFacts, name: str
) -> None:
    assert read(deployment, tmp_path, output.encode(), name) == facts


def test_every_file_that_cannot_be_used_is_told_at_once(deployment: Deployment, tmp_path: Path, output: str) -> None:
    (tmp_path / "s1.probe").write_text(output)
    (tmp_path / "s2.probe").mkdir()
    (tmp_path / "s3.probe").write_bytes(b"@probe\0")
    (tmp_path / "s4.probe").write_text(output)
    (tmp_path / "s1.txt").write_text(output.replace("uid=", "uid= "))
    (tmp_path / "s2.txt").write_text(carried.sealed("s3", output))
    (tmp_path / "large.txt").write_text("x" * (from_files.LARGEST + 1))
    (tmp_path / "lost.txt").write_text(carried.sealed("elsewhere", output))
    (tmp_path / "gone.txt").symlink_to(tmp_path / "nowhere")
    (tmp_path / "notes.md").write_text("not looked at")
    with pytest.raises(InputError) as refused:
        from_files.collect(deployment, tmp_path, NOW, save=lambda facts, raw: pytest.fail("saved although refused"))
    told = {Path(line.split(":")[0]).name: line for line in refused.value.lines}
    assert set(told) == {
        "s2.probe", "s3.probe", "s4.probe", "s1.txt", "s2.txt", "large.txt", "lost.txt", "gone.txt",
    }  # fmt: skip
    assert "is a directory" in told["s2.probe"]
    assert "binary" in told["s3.probe"]
    assert "name the file after the server" in told["s4.probe"]
    assert "s1.probe, line 1: remove the older one" in told["s1.txt"]
    assert "has the file name of s2 but names the server s3" in told["s2.txt"]
    assert "larger than" in told["large.txt"]
    assert "'elsewhere', which acme-mail does not declare" in told["lost.txt"]


def test_a_directory_without_outputs_is_refused(deployment: Deployment, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no file in it ends in \.probe, \.txt, \.out"):
        from_files.collect(deployment, tmp_path, NOW)
    with pytest.raises(InputError, match="no such file"):
        from_files.collect(deployment, tmp_path / "missing", NOW)


def test_the_checksum_is_the_one_that_cksum_prints() -> None:
    for data in (b"", b"a", b"123456789", bytes(range(256)) * 300):
        said = subprocess.run(["cksum"], input=data, capture_output=True, check=True).stdout.split()
        assert [carried.cksum(data), len(data)] == [int(said[0]), int(said[1])]


def test_a_clock_that_is_ahead_makes_no_facts_of_the_future(
    deployment: Deployment, tmp_path: Path, output: str, facts: HostFacts
) -> None:
    (tmp_path / "ahead").mkdir()
    (tmp_path / "ahead" / f"{facts.server}.probe").write_text(output)
    read_at = facts.collected_at - timedelta(minutes=10)
    found = from_files.collect(deployment, tmp_path / "ahead", read_at)[facts.server]
    assert found.collected_at == read_at
    assert found.host_clock == facts.host_clock, "and the offset is seen by clocks-agree"
