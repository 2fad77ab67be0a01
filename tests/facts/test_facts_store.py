import json
import os
import stat
from datetime import UTC, datetime
from pathlib import Path

import jsonschema
import pytest

from checker.errors import InputError
from checker.facts import facts_store
from checker.facts.catalogue import CPUS, HOSTNAME
from checker.facts.host_facts import HostFacts, Unknown, known, read

NOW = datetime(2026, 12, 3, 9, 30, tzinfo=UTC)


def names_in(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir())


def facts_of(server: str, **changes: object) -> HostFacts:
    facts = {
        **dict([known(HOSTNAME, server, "uname()"), known(CPUS, 4, "sysconf(SC_NPROCESSORS_ONLN)")]),
        "memory.total_kib": Unknown(unknown="/proc/meminfo: Permission denied"),
        "parts.logs.kib": Unknown(unknown="counting stopped after 60 s", partial=1234),
    }
    fields = {"server": server, "via": "ssh", "outcome": "ok", "collected_at": NOW, "facts": facts, **changes}
    return HostFacts.model_validate(fields)


def refusal(directory: Path) -> tuple[str, ...]:
    with pytest.raises(InputError) as refused:
        facts_store.load(directory)
    return refused.value.lines


def test_what_is_saved_is_what_is_loaded(tmp_path: Path) -> None:
    both = {name: facts_of(name) for name in ("pmx-db1", "mx1.example.net")}
    for facts in both.values():
        facts_store.save(tmp_path, facts, raw="== identity\n")
    assert facts_store.load(tmp_path) == both


def test_an_unreached_server_keeps_its_reason(tmp_path: Path) -> None:
    facts_store.save(tmp_path, facts_of("mx1", outcome="refused", facts={}, host_clock=None))
    assert facts_store.load(tmp_path)["mx1"].outcome == "refused"


def test_the_same_facts_have_the_same_bytes(tmp_path: Path) -> None:
    facts = facts_of("mx1")
    backwards = facts.model_copy(update={"facts": dict(reversed(facts.facts.items()))})
    first = facts_store.save(tmp_path, facts).read_bytes()
    assert facts_store.save(tmp_path, backwards).read_bytes() == first
    assert first.endswith(b"}\n")


def test_the_facts_are_for_their_owner_only(tmp_path: Path) -> None:
    directory = tmp_path / "facts"
    facts_store.save(directory, facts_of("mx1"), raw="secret")
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (directory, *directory.iterdir())}
    assert modes == {"facts": 0o700, "mx1.json": 0o600, "mx1.probe": 0o600}


def test_a_second_collection_replaces_the_first_whatever_the_host_printed(tmp_path: Path) -> None:
    facts_store.save(tmp_path, facts_of("mx1"), raw="a login banner and nothing else\n")
    facts_store.save(tmp_path, facts_of("mx1", via="local"), raw="another banner\n")
    assert facts_store.load(tmp_path)["mx1"].via == "local"
    assert (tmp_path / "mx1.probe").read_text() == "another banner\n"


def test_a_collection_without_probe_output_leaves_no_older_one_beside_it(tmp_path: Path) -> None:
    facts_store.save(tmp_path, facts_of("mx1"), raw="what ssh brought\n")
    facts_store.save(tmp_path, facts_of("mx1", via="local"))
    assert names_in(tmp_path) == ["mx1.json"]


def test_thousands_of_unread_rows_do_not_hide_that_a_file_is_ours(tmp_path: Path) -> None:
    rows = tuple(f"row {number} of a table that nobody can read" for number in range(5000))
    facts_store.save(tmp_path, facts_of("mx1", unread_rows=rows))
    facts_store.save(tmp_path, facts_of("mx1"))
    assert facts_store.load(tmp_path)["mx1"].unread_rows == ()


@pytest.mark.parametrize("name", ["mx1.json", "mx1.probe"])
def test_a_foreign_file_in_the_directory_is_not_replaced_without_force(tmp_path: Path, name: str) -> None:
    foreign = tmp_path / name
    foreign.write_text('{"precious": true}')
    with pytest.raises(InputError, match=rf"{name}: .*--force"):
        facts_store.save(tmp_path, facts_of("mx1"), raw="raw")
    assert foreign.read_text() == '{"precious": true}'
    assert names_in(tmp_path) == [name]
    facts_store.save(tmp_path, facts_of("mx1"), raw="raw", force=True)
    assert facts_store.load(tmp_path) == {"mx1": facts_of("mx1")}


def test_a_probe_output_that_a_killed_run_left_alone_is_ours_by_its_first_line(tmp_path: Path) -> None:
    left = tmp_path / "mx1.probe"
    left.write_text("@probe 1 0123456789abcdef\n@begin")
    facts_store.save(tmp_path, facts_of("mx1"), raw="@probe 1 0123456789abcdef\nnew\n")
    assert left.read_text().endswith("new\n")


def test_facts_are_not_saved_where_the_place_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="not a directory"):
        facts_store.save(tmp_path / "file", facts_of("mx1"))
    with pytest.raises(InputError, match=r"missing does not exist"):
        facts_store.save(tmp_path / "missing" / "facts", facts_of("mx1"))


def test_a_missing_directory_is_refused_with_its_name(tmp_path: Path) -> None:
    assert "nowhere: no such directory" in refusal(tmp_path / "nowhere")[0]


def test_all_faults_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    facts_store.save(tmp_path, facts_of("good"))
    whole = (tmp_path / "good.json").read_text()
    (tmp_path / "cut.json").write_text(whole[: len(whole) // 2])
    (tmp_path / "foreign.json").write_text('{"dependencies": {}}')
    (tmp_path / "latin.json").write_bytes(b'{\n "server": "m\xfcller"}')
    (tmp_path / "list.json").write_text("[]")
    (tmp_path / "renamed.json").write_text(whole)
    (tmp_path / "twice.json").write_text('{"server": "a", "server": "b"}')
    (tmp_path / "deep.json").write_text("[" * 200_000)
    (tmp_path / "huge.json").write_text(" " * (facts_store.LARGEST + 1))
    os.mkfifo(tmp_path / "pipe.json")
    (tmp_path / "folder.json").mkdir()
    (tmp_path / "._good.json").write_bytes(b"\x00\x05\x16\x07")
    lines = {Path(line.partition(": ")[0].partition(":")[0]).stem: line for line in refusal(tmp_path)}
    assert set(lines) == {
        "cut", "foreign", "latin", "list", "renamed", "twice", "deep", "huge", "pipe", "folder"
    }  # fmt: skip
    assert "latin.json:2:14: is not UTF-8" in lines["latin"]
    assert "'server' is given twice" in lines["twice"]
    assert "holds the facts of 'good'" in lines["renamed"]
    assert f"larger than {facts_store.LARGEST}" in lines["huge"]


def test_damaged_json_is_told_with_line_and_column(tmp_path: Path) -> None:
    (tmp_path / "mx1.json").write_text('{\n  "server": "mx1",\n  "via" "ssh"\n}\n')
    assert refusal(tmp_path)[0].startswith(f"{tmp_path}/mx1.json:3:9: damaged JSON")


def test_a_fact_that_is_neither_known_nor_unknown_is_told_once_by_its_path(tmp_path: Path) -> None:
    path = facts_store.save(tmp_path, facts_of("mx1"))
    content = json.loads(path.read_text())
    content["facts"]["platform.cpus"] = {"values": 4}
    path.write_text(json.dumps(content))
    (line,) = refusal(tmp_path)
    assert "mx1.json: at facts: platform.cpus: neither a value" in line


def test_an_empty_directory_has_no_facts(tmp_path: Path) -> None:
    assert facts_store.load(tmp_path) == {}


def test_the_schema_accepts_what_is_saved_and_refuses_a_value_of_another_type(tmp_path: Path) -> None:
    content = json.loads(facts_store.save(tmp_path, facts_of("mx1")).read_text())
    validator = jsonschema.Draft202012Validator(facts_store.schema())
    validator.check_schema(facts_store.schema())
    assert list(validator.iter_errors(content)) == []
    content["facts"]["platform.cpus"]["value"] = "four"
    (fault,) = validator.iter_errors(content)
    assert list(fault.absolute_path) == ["facts", "platform.cpus"]


def test_a_value_read_back_has_the_type_of_the_catalogue(tmp_path: Path) -> None:
    facts_store.save(tmp_path, facts_of("mx1"))
    assert read(facts_store.load(tmp_path)["mx1"], CPUS) == 4


def test_a_key_that_stands_twice_among_very_many_is_found_at_once(tmp_path: Path) -> None:
    names = [f'"k{number}": 1' for number in range(100_000)]  # comparing each with all would take an hour
    (tmp_path / "mx1.json").write_text("{" + ", ".join([*names, '"k7": 1']) + "}")
    assert "'k7' is given twice" in refusal(tmp_path)[0]


@pytest.mark.parametrize(("number", "fits"), [(2**64, True), (2**64 + 1, False), (-(10**400), False)])
def test_a_number_that_no_host_can_count_to_is_a_fault_of_its_fact(tmp_path: Path, number: int, fits: bool) -> None:
    path = facts_store.save(tmp_path, facts_of("mx1"))
    content = json.loads(path.read_text())
    content["facts"]["platform.mounts"] = {"value": [{"total_kib": number}], "how": "df"}
    path.write_text(json.dumps(content))
    if fits:
        assert facts_store.load(tmp_path)
    else:
        said = "mx1.json: at facts: platform.mounts: a number larger than any host can count to"
        assert refusal(tmp_path)[0].endswith(said)
