"""What has moved since a package was made: each value by its place, what it does, and no alarm for layout."""

import json
import random
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import pytest
import yaml
from leaves import Place, leaves
from printed_samples import SAMPLES
from pydantic import ValidationError
from sample_package import NAME as SAMPLE
from sample_package import written

from checker.errors import InputError
from checker.facts.diff import OUTCOME, diff_facts
from checker.facts.host_facts import HostFacts
from checker.facts.what_was_asked import still_asked
from checker.inputs import deployment_file
from checker.inputs.deployment import Deployment
from checker.report import Report
from runbook.change.manifest import NAME as MANIFEST
from runbook.change.proof.as_text import to_text
from runbook.change.proof.effect import effect
from runbook.change.proof.made_from import BASELINE, DEPLOYMENT, FACTS, MadeFrom, read_sources
from runbook.change.proof.moved import moved_deployment, moved_facts
from runbook.change.proof.verifying import verify_package
from runbook.cli import pipeline
from runbook.plan.planning import build
from runbook.resources import resource
from runbook.words import load_words

FIXED = ("tool", "server", "schema_version")  # by which a file of facts is known
Read = TypeVar("Read", Deployment, HostFacts)
WORDS = load_words(resource("templates"))
# of a thousand named and a thousand judged, as many as take a second
NAMED = pytest.mark.parametrize("times", [30, pytest.param(1000, marks=pytest.mark.large)])
JUDGED = pytest.mark.parametrize("times", [3, pytest.param(1000, marks=pytest.mark.large)])
REWRITTEN = pytest.mark.parametrize("times", [5, pytest.param(100, marks=pytest.mark.large)])


@cache
def source() -> tuple[MadeFrom, Report]:
    return read_sources(written(), with_baseline=True)


def others(value: Any) -> Iterator[Any]:
    """Other values of the same kind, the plainest first."""
    match value:
        case bool():
            yield not value
        case int() | float():
            yield from (value + 1, value - 1)
        case str():
            yield from (f"{value}x", f"{value}1", value[:-1], f"1{value}")
            try:
                yield (datetime.fromisoformat(value) + timedelta(days=1)).isoformat()
            except ValueError:
                yield from ("blocked", "ok", "unknown", "mx")


def with_leaf(whole: Any, place: Place, value: Any) -> Any:
    """A copy with another value at a place."""
    if not place:
        return value
    key, *rest = place
    if isinstance(whole, list):
        return [with_leaf(own, (*rest,), value) if at == key else own for at, own in enumerate(whole)]
    return {**whole, key: with_leaf(whole[key], (*rest,), value)}


def changed(dice: random.Random, whole: Read) -> tuple[Place, Any, Read]:
    """The same with one leaf of it changed to what it may be, and where that is."""
    said = whole.model_dump(mode="json")
    every = [(place, value) for place, value in leaves(said) if value is not None and place[-1] not in FIXED]
    while True:
        place, value = dice.choice(every)
        for other in others(value):
            try:
                new = type(whole).model_validate(with_leaf(said, place, other))
            except ValidationError:
                continue
            if new.model_dump(mode="json") != said:
                return place, value, new


def way(whole: Any, place: Place) -> str:
    """How a place of a deployment is called."""
    said = ""
    for key in place:
        named = isinstance(key, int) and isinstance(whole[key], dict) and "name" in whole[key]
        names = [row["name"] for row in whole] if named else []
        by_name = named and place[-1] != "name" and len({*names}) == len(names)
        said += f"[{names[key] if by_name else key + 1}]" if isinstance(key, int) else f".{key}"
        whole = whole[key]
    return said.removeprefix(".")


@NAMED
def test_each_changed_value_of_a_deployment_is_named_with_what_it_was_and_is(times: int) -> None:
    dice, old = random.Random(5), source()[0].deployment
    said = old.model_dump(mode="json")
    for _ in range(times):
        place, value, new = changed(dice, old)
        (found,) = moved_deployment(old, new)
        assert (found.path, found.before) == (way(said, place), value)
        (back,) = moved_deployment(new, old)
        assert (back.before, back.after) == (found.after, found.before)


@NAMED
def test_each_changed_value_of_the_facts_is_named(times: int) -> None:
    dice, old = random.Random(6), source()[0].facts
    for _ in range(times):
        name = dice.choice([*old])
        place, _, new = changed(dice, old[name])
        difference = diff_facts(old, {**old, name: new})
        moved = moved_facts(old, {**old, name: new}, difference)
        told = {"outcome" if each.path == OUTCOME else f"facts.{each.path}.value" for each in difference.facts}
        names = {f"{name}.{each}" for each in told} | {each.path for each in moved}
        assert any(f"{name}.{'.'.join(map(str, place))}".startswith(each.partition("[")[0]) for each in names), place
        assert len(names) == 1, (place, names)


@JUDGED
@pytest.mark.parametrize("of", ["deployment", "facts"])
def test_what_a_changed_value_does_is_what_judging_and_planning_it_says(of: str, times: int, tmp_path: Path) -> None:
    dice, (old, report) = random.Random(7), source()
    for _ in range(times):
        if of == "deployment":
            new = replace(old, deployment=declared(dice, old.deployment, tmp_path / "deployment.yaml"))
        else:
            name = dice.choice([*old.facts])
            new = replace(old, facts={**old.facts, name: changed(dice, old.facts[name])[2]})
        found = effect(old, new, report, WORDS)
        asked = pipeline.Question(stage=report.stage, now_given=True)
        again = pipeline.report(new.deployment, new.facts, found.now, asked, new.baseline)
        assert found.verdict == (report.verdict, again.verdict)
        turned = {(each.check, each.server) for each in found.findings if each.turned}
        before, after = (
            {(each.check, each.server): each.outcome for each in said.findings} for said in (report, again)
        )
        assert turned == {key for key in before | after if before.get(key) != after.get(key)}
        plans = [build(made.deployment, still_asked(made.deployment, made.facts), WORDS) for made in (old, new)]
        steps = [{step.id: step.model_dump() for step in plan.steps} for plan in plans]
        different = {id for id in steps[0] | steps[1] if steps[0].get(id) != steps[1].get(id)}
        assert {step.id for step in found.steps} == different


def declared(dice: random.Random, old: Deployment, path: Path) -> Deployment:
    """The same with one leaf changed, as a deployment file may declare it."""
    while True:
        _, _, new = changed(dice, old)
        path.write_text(yaml.safe_dump(new.model_dump(mode="json", exclude_defaults=True)))
        with suppress(InputError):
            return deployment_file.load(path)


def rewritten(dice: random.Random, text: str) -> str:
    """A deployment file laid out otherwise: order of keys, blocks or braces, quotes, indents, comments, blank lines."""

    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: plain(value[key]) for key in dice.sample([*value], len(value))}
        if isinstance(value, list):
            return [plain(own) for own in value]
        return {"null": None, "~": None, "": None, "true": True, "false": False}.get(value, value)

    style = dice.choice((True, False, None))
    laid_out = yaml.dump(
        plain(yaml.load(text, yaml.BaseLoader)), sort_keys=False, allow_unicode=dice.random() < 0.5,
        default_flow_style=style, indent=dice.choice((2, 4, 8)), width=dice.choice((40, 2000)),
    )  # fmt: skip
    return f"# {dice.random()}\n\n{laid_out}\n# end\n"


@REWRITTEN
def test_a_deployment_file_that_is_laid_out_otherwise_is_the_same(times: int, tmp_path: Path) -> None:
    dice, old = random.Random(8), source()[0].deployment
    text = (SAMPLES / SAMPLE / "deployment.yaml").read_text()
    for _ in range(times):
        (tmp_path / "deployment.yaml").write_text(rewritten(dice, text))
        assert moved_deployment(old, deployment_file.load(tmp_path / "deployment.yaml")) == ()


def shuffled(dice: random.Random, value: Any) -> Any:
    """The same with the keys of every mapping, and the rows of every fact, in another order."""
    if isinstance(value, dict):
        return {key: shuffled(dice, value[key]) for key in dice.sample([*value], len(value))}
    return dice.sample(value, len(value)) if isinstance(value, list) else value


@REWRITTEN
def test_facts_that_are_laid_out_otherwise_are_the_same(times: int, tmp_path: Path) -> None:
    dice, old = random.Random(9), source()[0].facts
    for _ in range(times):
        for path in (SAMPLES / SAMPLE / "facts").glob("*.json"):
            laid_out = json.dumps(shuffled(dice, json.loads(path.read_text())), indent=dice.choice((None, 1, 7)))
            (tmp_path / path.name).write_text(laid_out)
        new = pipeline.load_facts(tmp_path)
        difference = diff_facts(old, new)
        assert (difference.any, moved_facts(old, new, difference)) == (False, ())


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(written(), tmp_path / "package"))


def test_beside_what_it_was_made_from_a_package_is_the_same() -> None:
    old, _ = source()
    found = verify_package(written(), WORDS, old.deployment, old.facts)
    assert found.same
    assert found.effect is None
    assert "DEPLOYMENT: as in the package\nFACTS: as in the package\n" in to_text(found)


def test_what_moved_and_what_it_does_is_told_line_by_line(copy: Path) -> None:
    old, _ = source()
    moved = with_leaf(old.deployment.model_dump(mode="json"), ("change", "windows", 0, "end"), "2026-12-05T23:00:00")
    host = old.facts["mail"]
    new = host.model_copy(update={"collected_at": host.collected_at + timedelta(minutes=5)})
    told = to_text(verify_package(copy, WORDS, Deployment.model_validate(moved), {"mail": new})).splitlines()
    assert "  change.windows[1].end: 2026-12-06T06:00:00 → 2026-12-05T23:00:00" in told
    assert "  mail.collected_at: 2026-12-05T19:30:00Z → 2026-12-05T19:35:00Z" in told
    assert "EFFECT at stage server, as of 2026-12-05 19:45 UTC: verdict GO → NO-GO" in told
    assert "  finding: deployment window-fits: pass → fail" in told


def test_a_server_more_or_less_is_one_line_and_its_steps_are_new_or_gone(copy: Path) -> None:
    old, report = source()
    said = old.deployment.model_dump(mode="json")
    more = {**said["servers"][0], "name": "mx9", "roles": ["mta"], "hostname": "mx9.example.net"}
    two = Deployment.model_validate({**said, "servers": [more, *said["servers"]]})
    (found,) = moved_deployment(old.deployment, two)
    assert (found.path, found.before) == ("servers[mx9]", None)
    steps = effect(old, replace(old, deployment=two), report, WORDS).steps
    assert {"mx9.upgrade"} <= {step.id for step in steps if step.what == "new"}
    back = effect(replace(old, deployment=two), old, report, WORDS).steps
    assert {step.id for step in back if step.what == "gone"} == {step.id for step in steps if step.what == "new"}


def test_servers_in_another_order_are_told_as_that() -> None:
    said = deployment_file.load(SAMPLES / "county-mail" / "deployment.yaml").model_dump(mode="json")
    names = [server["name"] for server in said["servers"]]
    turned = Deployment.model_validate({**said, "servers": said["servers"][::-1]})
    (found,) = moved_deployment(Deployment.model_validate(said), turned)
    assert (found.path, found.before, found.after) == ("servers: order", names, names[::-1])


@pytest.mark.parametrize("name", [DEPLOYMENT, FACTS, BASELINE])
def test_where_the_package_no_longer_says_what_it_was_made_from_the_digests_still_do(copy: Path, name: str) -> None:
    old, _ = source()
    (copy / name).unlink()
    found = verify_package(copy, WORDS, old.deployment, {})
    assert found.deployment
    assert found.facts
    assert (found.deployment.same, found.facts.same, found.effect) == (True, False, None)
    assert f"what moved is unknown: {name} of the package changed or missing" in to_text(found)


def test_where_the_manifest_was_changed_nothing_is_compared(copy: Path) -> None:
    (copy / MANIFEST).write_text("")
    found = verify_package(copy, WORDS, source()[0].deployment)
    assert not found.same
    assert "DEPLOYMENT: not compared: MANIFEST was changed\n" in to_text(found)
