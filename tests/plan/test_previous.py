"""What changed since the last edition, and which printed sheets are still good."""

from pathlib import Path

import pytest
from printed_samples import edition

from checker.errors import InputError
from runbook.cli import common_arguments
from runbook.plan.plan_model import Plan
from runbook.plan.planning import build
from runbook.plan.what_changed import changes, load, told
from runbook.render.writing import plan_text
from runbook.resources import resource
from runbook.words import load as load_words

SAMPLE = Path(__file__).parents[2] / "samples" / "three" / "deployment.yaml"


def plan(tmp_path: Path, *edits: tuple[str, str]) -> Plan:
    text = SAMPLE.read_text()
    for old, new in edits:
        assert old in text
        text = text.replace(old, new, 1)
    path = tmp_path / "deployment.yaml"
    path.write_text(text)
    return build(common_arguments.read_deployment(path), {}, load_words(resource("templates"), None))


def test_the_same_deployment_needs_no_sheet_again_whatever_its_hosts_say(tmp_path: Path) -> None:
    without, measured = plan(tmp_path), edition("three").plan
    found = changes(without, measured)
    assert (found.same, found.again, found.kept, found.steps) == (True, (), measured.order, ())
    assert told(found, without.digest).startswith("nothing that is printed on a sheet changed")


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
    path.write_text(plan_text(made))
    assert load(path) == made
    path.write_text("{}")
    with pytest.raises(InputError, match="not a plan that this version wrote"):
        load(path)
    with pytest.raises(InputError, match="there is no such file"):
        load(tmp_path / "none.json")
    with pytest.raises(InputError, match="expected the same"):
        changes(made.model_copy(update={"deployment": "other"}), made)
