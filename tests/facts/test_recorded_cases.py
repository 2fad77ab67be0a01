"""Every recorded case, each found by itself: what a platform's own command printed is read as its host means it."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from recorded import FACTS, KEYS, PLATFORMS, Case, cases

from checker.facts.catalogue import ADDRESSES, CATALOGUE, DEFAULT_ROUTE, INODES, LISTENERS, MEMORY, MOUNTS, SPACE
from checker.facts.fact import Fact
from checker.facts.host_facts import Known, Unknown
from checker.facts.parsers.protocol import Output
from checker.facts.probe.former_names import FORMER_NAMES
from checker.facts.probe.reading import facts_of
from checker.facts.probe.sections import NAMES
from checker.inputs.deployment import Deployment

every_case = pytest.mark.parametrize("case", [pytest.param(case, id=case.place) for case in cases()])


@every_case
def test_a_recorded_output_is_read_as_its_host_means_it(case: Case, deploy: Callable[..., Deployment]) -> None:
    deployment = deploy("database csm", probe={"pmx_status": True}, paths={"backup": "/backup"})
    facts, unread, _ = facts_of(Output("0" * 16, case.sections), deployment, deployment.servers[0])
    seen, said = facts[case.fact.path], case.said
    own = f"{case.section().name}: "
    assert [row.removeprefix(own) for row in unread if row.startswith(own)] == said.get("unread", [])
    if "unknown" in said:
        assert isinstance(seen, Unknown)
        assert said["unknown"] in seen.unknown
    else:
        assert isinstance(seen, Known), seen
        assert seen.value == said["value"]
        assert seen.unit == case.fact.unit


def test_an_output_of_an_earlier_probe_is_read_alike(deploy: Callable[..., Deployment]) -> None:
    deployment = deploy("database csm", probe={"pmx_status": True}, paths={"backup": "/backup"})
    before = {today: former for former, today in FORMER_NAMES.items()}
    for case in (case for case in cases() if case.sections.keys() & before.keys()):
        former = {
            before.get(name, name): replace(section, name=before.get(name, name))
            for name, section in case.sections.items()
        }
        outputs = (Output("0" * 16, sections) for sections in (case.sections, former))
        today, earlier = (facts_of(output, deployment, deployment.servers[0]) for output in outputs)
        assert today == earlier, case.place


def test_a_former_name_is_none_of_todays_and_stands_for_one() -> None:
    assert not FORMER_NAMES.keys() & NAMES
    assert set(FORMER_NAMES.values()) <= NAMES
    assert len(set(FORMER_NAMES.values())) == len(FORMER_NAMES)


def test_a_case_is_two_files_of_a_fact_and_a_platform_and_of_a_command_that_its_row_names() -> None:
    for case in cases():
        fact, name = case.place.split("/")
        assert fact in CATALOGUE, f"{fact} is no fact"
        assert any(f"{name}-".startswith(f"{platform}-") for platform in PLATFORMS), f"{name} begins with no platform"
        assert {path.suffix for path in (FACTS / fact).glob(f"{name}.*")} == {".txt", ".json"}, case.place
        assert case.said.keys() <= KEYS, case.place
        assert ("value" in case.said) != ("unknown" in case.said), case.place
        assert case.command in case.commands, f"the row of {fact} names it for {case.platform}"


# the outputs that differ most: a platform's own reading cannot be known from another's
OWN_WAYS = (ADDRESSES, DEFAULT_ROUTE, SPACE, INODES, MOUNTS, MEMORY, LISTENERS)


@pytest.mark.parametrize("fact", OWN_WAYS, ids=lambda fact: fact.path)
def test_of_what_platforms_print_in_their_own_ways_there_is_a_case_of_each_that_most_sites_have(
    fact: Fact[Any],
) -> None:
    assert {case.platform for case in cases(fact)} >= {"Linux", "Solaris", "AIX"}
