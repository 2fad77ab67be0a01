"""What changed since the last edition, and which printed sheets are still good."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from digested_plans import digested_plan
from printed_samples import book, edition

from checker.errors import InputError
from checker.inputs.deployment import Deployment
from checker.outputs.json_text import pieces
from runbook.cli import common_arguments
from runbook.pages.page_model import PRINTED
from runbook.plan.plan_model import Plan
from runbook.plan.what_changed import changes, earlier_plan, in_words
from runbook.resources import resource
from runbook.words import load_words

SAMPLE = Path(__file__).parents[2] / "samples" / "county-mail" / "deployment.yaml"
OURS = load_words(resource("templates"))  # once: each sentence is made ready when it is first said


def plan(tmp_path: Path, *edits: tuple[str, str]) -> Plan:
    text = SAMPLE.read_text()
    for old, new in edits:
        assert old in text
        text = text.replace(old, new, 1)
    path = tmp_path / "deployment.yaml"
    path.write_text(text)
    return digested_plan(common_arguments.read_deployment(path), {}, OURS)


def test_the_same_deployment_needs_no_sheet_again_whatever_its_hosts_say(tmp_path: Path) -> None:
    without, measured = plan(tmp_path), edition("county-mail").plan
    found = changes(without, measured)
    assert (found.same, found.again, found.kept, found.steps) == (True, (), measured.order, ())
    assert in_words(found, without.digest).startswith("no printed page changed since plan ")


def test_a_changed_address_is_one_sheet_again(tmp_path: Path) -> None:
    old = plan(tmp_path)
    new = plan(tmp_path, ("192.0.2.22", "192.0.2.99"))
    found = changes(old, new)
    assert not found.same
    assert found.again == ("mx2",) and found.kept == ("db1", "mx1")


def test_another_order_or_another_number_of_servers_changes_every_sheet_that_shows_it(tmp_path: Path) -> None:
    old = plan(tmp_path)
    new = old.model_copy(update={"order": ("db1", "mx1"), "sheets": {"db1": "x", "mx1": "y"}, "digest": "z"})
    found = changes(old, new)
    assert found.gone == ("mx2",) and found.again == ("db1", "mx1")


def test_a_plan_reads_back_and_what_is_none_is_refused(tmp_path: Path) -> None:
    made, path = plan(tmp_path), tmp_path / "plan.json"
    path.write_text("".join(pieces(made)))
    assert earlier_plan(path) == made
    path.write_text("{}")
    with pytest.raises(InputError, match="not a plan written by this version"):
        earlier_plan(path)
    with pytest.raises(InputError, match="no such file"):
        earlier_plan(tmp_path / "none.json")
    with pytest.raises(InputError, match="expected the same"):
        changes(made.model_copy(update={"deployment": "other"}), made)


def test_a_plan_of_an_edition_that_had_other_forms_of_step_is_still_compared(tmp_path: Path) -> None:
    made, path = plan(tmp_path), tmp_path / "plan.json"
    path.write_text(
        "".join(pieces(made)).replace('"form": "soak"', '"form": "watch-it"').replace('"block": "D"', '"block": "X"')
    )
    earlier = earlier_plan(path)
    assert {"watch-it", "X"} <= {said for step in earlier.steps for said in (step.form, step.block)}
    assert changes(earlier, made).kept == made.order


OTHER = "0" * 63 + "1"
GUARD = '[guard]\ntext = "Read the prompt aloud, twice."\n'
BLOCKS = (resource("templates") / "html" / "blocks.html").read_text()
# each by its place in the deployment file, or a file of the site's own templates
EVERY_SHEET: dict[str, tuple[dict[str, Any], dict[str, str]]] = {
    "media checksum": ({"media": {"path": "/opt/media/pmx6.tar", "sha256": OTHER}}, {}),
    "change number": ({"change": {"number": "CHG0099999"}}, {}),
    "revision": ({"change": {"revision": 7}}, {}),
    "window": ({"change": {"windows": [{"start": "2026-12-12T22:00", "end": "2026-12-13T06:00"}]}}, {}),
    "zone": ({"change": {"timezone": "America/New_York"}}, {}),
    "guard words": ({}, {"words/steps.toml": GUARD}),
    "site template": ({}, {"html/blocks.html": BLOCKS.replace("Seen<", "Read aloud<")}),
}
NO_SHEET: dict[str, dict[str, Any]] = {
    "answer": {"answers": {"root-access": {"confirmed": "no", "by": "A", "at": "2026-12-01"}}},
    "telephone": {
        "change": {
            "support": {"phone": "+49 30 99"},
            "contacts": [
                {"role": role, "name": "D. Example", "phone": "112"} for role in ("coordinator", "second person")
            ],
        }
    },
    "extension": {"change": {"extended": {"until": "2026-12-06T08:00", "by": "A", "ticket": "T1"}}},
}


def declared(changes: dict[str, Any]) -> Deployment:
    own = common_arguments.read_deployment(SAMPLE).model_dump(mode="json")
    for key, value in changes.items():
        own[key] = own[key] | value if isinstance(own[key], dict) else value
    return Deployment.model_validate(own)


def edited(changes: dict[str, Any], site: Path | None = None) -> Plan:
    return digested_plan(declared(changes), {}, load_words(resource("templates"), site) if site else OURS)


@pytest.mark.parametrize("what", EVERY_SHEET)
def test_what_stands_on_every_sheet_is_every_sheet_again(what: str, tmp_path: Path) -> None:
    edits, files = EVERY_SHEET[what]
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    old, new = edited({}), edited(edits, tmp_path if files else None)
    assert changes(old, new).again == new.order == ("db1", "mx1", "mx2")
    assert old.digest != new.digest


def test_each_document_is_printed_again_only_where_a_page_of_it_changed() -> None:
    old = edited({})
    assert set(old.documents) == {document for document, parts in book("county-mail").chapters if document in PRINTED}
    people = [{"role": "shift lead", "name": "D. Example"}]
    found = changes(old, edited({"change": {"contacts": people}}))
    assert "night" in found.documents and found.again == ()
    assert "  print again: " in in_words(found, old.digest) and "night book without its sheets" in in_words(
        found, old.digest
    )
    assert set(changes(old, edited(EVERY_SHEET["change number"][0])).documents) == set(old.documents)
    assert changes(old, edited(NO_SHEET["telephone"])).documents == ()


def test_a_mail_path_is_the_sheets_again_that_name_it() -> None:
    paths = declared({}).model_dump(mode="json")["mail_paths"]
    renamed = [{**paths[0], "name": "from-outside"}, *paths[1:]]
    again = changes(edited({}), edited({"mail_paths": renamed})).again
    assert again == tuple(name for name in ("db1", "mx1", "mx2") if name in paths[0]["members"]) != ()


@pytest.mark.parametrize("what", NO_SHEET)
def test_what_drifts_is_no_sheet_again(what: str) -> None:
    old, new = edited({}), edited(NO_SHEET[what])
    found = changes(old, new)
    assert (found.same, found.again, found.moved) == (True, (), ())


def test_free_space_another_look_and_another_release_are_no_sheet_again(monkeypatch: pytest.MonkeyPatch) -> None:
    made = edition("county-mail")
    full = {
        name: host.model_copy(
            update={"facts": {p: f for p, f in host.facts.items() if not p.startswith("disk.")},
                    "collected_at": host.collected_at + timedelta(hours=1)}
        )
        for name, host in made.facts.items()
    }  # fmt: skip
    old = digested_plan(made.deployment, made.facts, OURS)
    monkeypatch.setattr("runbook.pages.whole_set.__version__", "9.9.9")
    found = changes(old, digested_plan(made.deployment, full, OURS))
    assert (found.same, found.again, found.moved) == (True, (), ())


def minutes(likely: int, high: int) -> Plan:
    return edited({"minutes": {"counts": {"low": 1, "likely": likely, "high": high}}})


def test_moved_times_are_listed_apart_and_a_moved_latest_start_is_printed_again() -> None:
    old = minutes(2, 10)
    sooner, later = changes(old, minutes(5, 10)), changes(old, minutes(2, 15))
    assert (sooner.same, sooner.again) == (True, ()) and len(sooner.moved) == 3
    assert all("latest start" not in line and "print again" not in line for line in sooner.moved)
    assert later.same and later.again == ("db1", "mx1", "mx2") and later.steps == ()
    assert all(line.endswith("print again") for line in later.moved)
    assert "  times moved:\n    db1: " in in_words(later, old.digest)
