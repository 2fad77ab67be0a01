"""A sheet speaks of its own server: it says of nothing else that it is back, and its times are the interruptions'."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from page_texts import texts
from test_states import random_site

from checker.checks.judge import judge
from checker.inputs.deployment import Deployment, role_names
from runbook.pages.night.sheet import sheet
from runbook.pages.page_model import Part
from runbook.pages.sources import Edition
from runbook.pages.times import clock
from runbook.plan.plan_model import Interruption, Plan, Step
from runbook.plan.planning import build
from runbook.words import Words

Deploy = Callable[..., Deployment]
NOW = datetime(2026, 12, 3, 10, 0, tzinfo=UTC)
SEEDS = [pytest.param(seed, marks=() if seed < 10 else pytest.mark.large) for seed in range(500)]
IS_BACK = re.compile(
    r"\b(back|again|returns?|returned|resumes?|restored|works?|runs?|running|available|reachable|reach(es)?|up)\b", re.I
)
COMMAND = "pmx-preflight "
PLANNED = re.compile(r"From (\S+), latest end (\S+)\. This sheet: from (\S+), latest end (\S+)\.")
MAIL = ("capacity", "path", "filtering", "fed")  # the interruptions that a server's return to the mail ends


def sheets(deploy: Deploy, words: Words, seed: int) -> Iterator[tuple[Edition, str, Part]]:
    deployment = random_site(deploy, seed)
    report = judge(deployment, {}, NOW, "change", now_given=True)
    edition = Edition(deployment, {}, report, build(deployment, {}, words), words)
    return ((edition, name, sheet(edition, name)) for name in edition.plan.order)


def foreign(plan: Plan, deployment: Deployment, name: str) -> re.Pattern[str]:
    """What is not this server: others by name, web interfaces that it does not hold, services that others end too."""
    own = role_names(deployment.server(name).roles)
    web = [role for role in role_names(("euwi", "gwi")) if role not in own]
    services = {row.service for row in plan.interruptions if row.server != name} - set(own)
    things = [*(other for other in plan.order if other != name), *web, *services]
    return re.compile(rf"\b({'|'.join(map(re.escape, things))})\b" + ("|web interface" if len(web) == 2 else ""), re.I)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_sheet_says_of_nothing_but_its_own_server_that_it_is_back(deploy: Deploy, words: Words, seed: int) -> None:
    for edition, name, page in sheets(deploy, words, seed):
        others = foreign(edition.plan, edition.deployment, name)
        said = (sentence for text in texts(page) for sentence in re.split(r"(?<=[.;:?!])\s+", text))
        assert [it for it in said if others.search(it) and IS_BACK.search(it) and COMMAND not in it] == []


def own_rows(plan: Plan, name: str) -> list[tuple[Interruption, Step, Step]]:
    """The interruptions of this server, each with the steps at which it begins and ends."""
    own = (row for row in plan.interruptions if row.server == name and row.key != "fed")
    return [(row, plan.step(row.from_step), plan.step(row.until_step)) for row in own]


@pytest.mark.parametrize("seed", SEEDS)
def test_a_server_is_out_and_back_when_its_interruptions_begin_and_end(deploy: Deploy, words: Words, seed: int) -> None:
    for edition, name, page in sheets(deploy, words, seed):
        plan, zone = edition.plan, edition.zone
        ((out, back, begins, ends),) = PLANNED.findall(" ".join(texts(page)))
        own, rows = plan.of(name), own_rows(plan, name)
        assert (begins, ends) == (clock(own[0].starts_at, zone), clock(own[-1].ends_at, zone))
        mail = [(first, last) for row, first, last in rows if row.key in MAIL]
        assert {clock(last.ends_at, zone) for _, last in mail} <= {back}
        assert not mail or out in {clock(first.starts_at, zone) for first, _ in mail}
        last_back = max((plan.at[last.id] for _, last in mail), default=len(plan.steps))
        assert all(plan.at[last.id] <= last_back for _, _, last in rows), "nothing of this server is down for longer"
