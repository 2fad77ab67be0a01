"""Two fact directories, or two reports, against each other: everything that changed, and nothing else."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from judging import judge

from checker.facts import facts_store
from checker.facts.catalogue import CATALOGUE, PART_KIB
from checker.facts.diff import Difference, FactChange, Side, diff_facts, diff_reports
from checker.facts.host_facts import MOST_COUNTED, HostFacts, Known, Unknown
from checker.inputs.deployment_file import load
from checker.outputs import cells
from checker.outputs.difference import schema, to_json, to_text
from checker.report import UNREAD, Report
from runbook.resources import resource

NOW = datetime(2026, 12, 5, 20, 0, tzinfo=UTC)
THREE = resource("samples") / "county-mail"


def host(outcome: str = "ok", **facts: Any) -> HostFacts:
    seen = {path.replace("__", "."): value for path, value in facts.items()}
    made = {k: v if isinstance(v, Known | Unknown) else Known(value=v, how="t") for k, v in seen.items()}
    return HostFacts(server="mx1", via="ssh", outcome=outcome, collected_at=NOW, facts=made)


def changed(old: HostFacts, new: HostFacts) -> Difference:
    return diff_facts({"mx1": old}, {"mx1": new})


def text(old: HostFacts, new: HostFacts) -> str:
    return " ".join(to_text(changed(old, new), 100).split())


def three() -> dict[str, HostFacts]:
    return facts_store.load(THREE / "facts")


def report(facts: dict[str, HostFacts], **more: Any) -> Report:
    return judge(load(THREE / "deployment.yaml"), facts, datetime(2026, 12, 5, 19, 45, tzinfo=UTC), "server", **more)


def test_the_same_facts_are_no_difference_however_they_were_collected() -> None:
    later = {
        name: facts.model_copy(update={"collected_at": NOW + timedelta(days=1), "via": "files"})
        for name, facts in three().items()
    }
    assert not diff_facts(three(), later).any
    assert to_text(diff_facts(three(), later), 80) == "No difference between these facts.\n"
    assert not diff_reports(report(three()), report(three())).any


@pytest.mark.parametrize("path", sorted(CATALOGUE))
def test_a_change_of_any_fact_of_the_catalogue_is_found_with_its_kind(path: str) -> None:
    new = three()
    other = new["mx1"].facts | {path: Known(value="something else", how="t")}
    new["mx1"] = new["mx1"].model_copy(update={"facts": other})
    difference = diff_facts(three(), new)
    assert [(change.server, change.path, change.kind) for change in difference.facts] == [
        ("mx1", path, "drifting" if CATALOGUE[path].drifting else "frozen")
    ]
    assert path in to_text(difference, 100)


def test_a_server_that_came_or_went_is_named_and_not_compared() -> None:
    old, new = three(), three()
    del old["mx2"], new["db1"]
    difference = diff_facts(old, new)
    assert (difference.added, difference.removed, difference.facts) == (("mx2",), ("db1",), ())
    assert "db1: gone" in to_text(difference, 80) and "mx2: new" in to_text(difference, 80)


def test_a_server_that_could_not_be_read_is_one_change_and_not_one_for_each_fact() -> None:
    difference = changed(host(identity__hostname="mx1"), host("connection refused"))
    assert difference.facts == (
        FactChange(
            server="mx1", path="outcome", kind="frozen", before=Side(value="ok"), after=Side(value="connection refused")
        ),
    )
    assert not changed(host("refused"), host("refused")).any


def test_the_order_of_rows_and_the_reason_for_not_seeing_are_no_change() -> None:
    assert not changed(host(identity__lookup=["a", "b"]), host(identity__lookup=["b", "a"])).any
    assert changed(host(identity__lookup=["a", "a"]), host(identity__lookup=["a"])).any
    unseen = Unknown(unknown="stopped after 20 s"), Unknown(unknown="permission denied")
    assert not changed(host(starters=unseen[0]), host(starters=unseen[1])).any
    assert not changed(host(starters=unseen[0]), host()).any
    assert changed(host(starters=unseen[0]), host(starters=[])).any
    assert changed(host(target__entries=None), host(target__entries=[])).any, "absent is not empty"


def test_frozen_changes_come_first_and_drifting_ones_carry_their_unit() -> None:
    kib = PART_KIB["quarantine"].path.replace(".", "__")
    old = host(identity__hostname="mx1", **dict[str, Any]({kib: 3 * 1024 * 1024}))
    new = host(identity__hostname="mx9", **dict[str, Any]({kib: 4 * 1024 * 1024}))
    assert [change.path for change in changed(old, new).facts] == ["identity.hostname", "parts.quarantine.kib"]
    shown = text(old, new)
    assert shown.index("mx1 → mx9") < shown.index("mx1: 3.0 GiB → 4.0 GiB")


def test_of_a_row_only_what_changed_is_said() -> None:
    def space(available: int) -> list[dict[str, Any]]:
        return [{"mount_point": "/opt", "device": "/dev/b", "type": "ext4", "total_kib": 1, "available_kib": available}]

    assert "mx1: /opt: available 2.0 GiB → 1.0 MiB" in text(
        host(storage__space=space(2 * 1024 * 1024)), host(storage__space=space(1024))
    )
    ports = [[{"address": "0.0.0.0", "port": port, "process": None}] for port in (25, 10025)]
    assert "gone: address 0.0.0.0, port 25; new: address 0.0.0.0, port 10025" in text(
        host(ports__listening=ports[0]), host(ports__listening=ports[1])
    )
    assert "soft 1024 → 256" in text(
        host(limits__open_files={"soft": 1024, "hard": 4096}), host(limits__open_files={"soft": 256, "hard": 4096})
    )


def test_what_a_host_says_is_shown_and_never_obeyed() -> None:
    evil = "mx1\x1b[2J\nDRIFTED\u202e\x9b"
    difference = changed(host(identity__hostname="mx1"), host(identity__hostname=evil))
    shown = to_text(difference, 200)
    assert "mx1\\x1b[2J\\nDRIFTED\\u202e\\x9b" in shown
    assert not {"\x1b", "\u202e", "\x9b"} & set(shown + to_json(difference))
    assert json.loads(to_json(difference))["facts"][0]["after"]["value"] == evil


def test_a_finding_that_turned_is_told_before_one_that_says_the_same_in_other_words() -> None:
    new = three()
    facts = new["mx1"].facts
    changes = {
        "puremessage.queue_old": Known(value=13, how="t"),
        "puremessage.database_lookup": Known(value=[], how="t"),
    }
    new["mx1"] = new["mx1"].model_copy(update={"facts": facts | changes})
    difference = diff_reports(report(three()), report(new))
    assert difference.verdict == ("GO", "NO-GO")
    assert [(change.check, change.server, change.turned) for change in difference.findings] == [
        ("database-name-resolves", "mx1", True),
        ("queue-depth", "mx1", False),
    ]
    turned = difference.findings[0]
    assert turned.before and turned.after and (turned.before.outcome, turned.after.outcome) == ("pass", "fail")
    shown = to_text(difference, 80)
    assert shown.startswith("VERDICT\n  GO → NO-GO\n")
    assert "database-name-resolves (blocker): pass → fail" in shown and "12 messages" in shown


def test_a_check_that_was_left_out_is_a_side_without_a_word() -> None:
    difference = diff_reports(report(three()), report(three(), skip=["queue-depth"]))
    assert {(change.check, change.after) for change in difference.findings} == {("queue-depth", None)}
    assert "not-applicable → not checked" in to_text(difference, 80)


def test_the_findings_of_a_server_that_was_not_read_are_one_line() -> None:
    lost = three() | {"mx2": three()["mx2"].model_copy(update={"outcome": "timed out"})}
    shown = to_text(diff_reports(report(three()), report(lost)), 200)
    assert shown.count("not read before or not read now: ") == 1
    assert UNREAD not in shown and "reachable (blocker): pass → unknown" in shown


def test_the_json_keeps_its_schema_and_its_keys() -> None:
    old, new = three(), three()
    del old["db1"]
    new["mx1"] = new["mx1"].model_copy(update={"outcome": "timed out"})
    for difference in (diff_facts(old, new), diff_reports(report(old), report(new))):
        written = json.loads(to_json(difference))
        jsonschema.validate(written, schema())
        assert set(written) == {
            "tool", "schema_version", "of", "added", "removed", "verdict", "facts", "findings",
        }  # fmt: skip
        assert written["schema_version"] == 1


NAMES = st.sampled_from(["mx1", "mx2", "db1"])
COUNTS = st.integers(-MOST_COUNTED, MOST_COUNTED)  # a larger number is no fact
VALUES: st.SearchStrategy[Any] = st.one_of(
    st.none(), COUNTS, st.text(), st.lists(st.text(max_size=3), max_size=3), st.booleans()
)
SEEN = st.one_of(VALUES.map(lambda value: Known(value=value, how="t")), st.text().map(lambda why: Unknown(unknown=why)))
FACTS = st.dictionaries(
    NAMES, st.dictionaries(st.sampled_from([*CATALOGUE, "of.a.newer.version"]), SEEN, max_size=4).map(
        lambda facts: HostFacts(server="x", via="ssh", outcome="ok", collected_at=NOW, facts=facts)
    )
)  # fmt: skip


@given(FACTS, FACTS, st.integers(40, 120))
def test_a_difference_is_the_same_both_ways_round_and_in_every_run(
    old: dict[str, HostFacts], new: dict[str, HostFacts], width: int
) -> None:
    there, back = diff_facts(old, new), diff_facts(new, old)
    assert (there.added, there.removed) == (back.removed, back.added)
    assert [(c.server, c.path, c.before, c.after) for c in there.facts] == [
        (c.server, c.path, c.after, c.before) for c in back.facts
    ]
    shuffled = diff_facts(dict(reversed(old.items())), dict(reversed(new.items())))
    assert to_json(shuffled) == to_json(there) and to_text(shuffled, width) == to_text(there, width)
    assert there.any == (to_text(there, width) != "No difference between these facts.\n")
    long_words = max(map(cells, to_text(there, width).split()), default=0)
    assert all(cells(line) <= max(width, long_words + 8) for line in to_text(there, width).splitlines())
