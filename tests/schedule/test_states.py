"""Every step of random plans, walked: it can be done at its time, and what the catalogue says of it is so.

How a step changes the world, and what it needs, is written here a second time: nothing of it is taken from the planner.
"""

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from checker.inputs.deployment import Deployment, Server
from runbook.plan.plan_model import Plan, Step
from runbook.plan.planning import build
from runbook.words import Words

Deploy = Callable[..., Deployment]
KINDS = ("csm", "mta", "mail-filter", "mta mail-filter", "mail-filter euwi", "euwi gwi", "gwi", "mta mail-filter euwi")
FIRST = (
    "database csm",
    "database csm",
    "database",
    "database mta mail-filter",
    "database csm mta mail-filter euwi gwi",
)
SEEDS = [pytest.param(seed, marks=() if seed < 25 else pytest.mark.large) for seed in range(500)]


def random_site(deploy: Deploy, seed: int) -> Deployment:
    """One to ten servers in any order, most with a Database; paths, procedure, migration and nights by chance."""
    dice = random.Random(seed)
    held = [dice.choice(FIRST)] if dice.random() < 0.9 else []
    held += dice.choices(KINDS, k=dice.randint(0 if held else 1, 9))
    dice.shuffle(held)
    names = [f"s{place}" for place, _ in enumerate(held, start=1)]
    mail = [name for name, roles in zip(names, held, strict=True) if {"mta", "mail-filter"} & set(roles.split())]
    paths = [
        {"name": f"p{place}", "via": dice.choice(("mx", "lb", "smarthost")), "direction": "both",
         "members": dice.sample(mail, dice.randint(1, len(mail)))}
        for place in range(dice.randint(0, 3) if mail else 0)
    ]  # fmt: skip
    line: dict[str, Any] = {"text": "As our copy says"}
    kinds = ("drain", "dump", "stop", "backup", "upgrade", "migrate", "start", "verify", "test")
    own = {kind: [line] * dice.randint(1, 3) for kind in kinds if dice.random() < 0.4}
    days = dice.choice((1, 1, 4))
    windows = [
        {"start": f"2026-12-{day:02}T20:00", "end": f"2026-12-{day + 1:02}T{'12:00' if days > 1 else '20:00'}"}
        for day in range(5, 5 + 3 * days, 3)
    ]
    return deploy(
        *held,
        change={"number": "C1", "timezone": "Europe/Berlin", "windows": windows},
        migration=dice.choice(({}, {"script": False}, {"script": True, "options": ["Logs"]})),
        procedure=own,
        mail_paths=paths,
    )


@dataclass
class Host:
    """A server as somebody would find it. Without a Mail Transfer Agent it has no intake of its own."""

    server: Server
    paths: set[str]
    version: int = 5
    up: bool = True
    intake: str = "all"  # or: tester, nobody
    held: bool = False
    dumped: bool = False
    saved: bool = False
    tested: bool = False
    complete: bool = False
    left: set[str] = field(default_factory=set)

    @property
    def agent(self) -> bool:
        return "mta" in self.server.roles

    @property
    def mail(self) -> bool:
        return bool({"mta", "mail-filter"} & set(self.server.roles))

    @property
    def serves(self) -> bool:
        return self.up and not self.left and (self.intake == "all" or not self.agent)


class Night:
    """The whole deployment while the plan is walked; `now` is the server at which people stand."""

    def __init__(self, deployment: Deployment) -> None:
        self.hosts = {
            server.name: Host(
                server,
                {path.name for path in deployment.mail_paths if server.name in path.members}
                or ({"mail"} if {"mta", "mail-filter"} & set(server.roles) else set()),
            )
            for server in deployment.servers
        }
        self.base = next((host for host in self.hosts.values() if "database" in host.server.roles), None)
        self.names, self.publishing = "free", "free"
        self.last: Host | None = None

    def all_serve(self) -> bool:
        return all(host.serves and not host.held for host in self.hosts.values())

    def all_done(self) -> bool:
        return all(host.complete and host.version == 6 for host in self.hosts.values())

    def others(self, host: Host, role: str = "mail-filter") -> list[Host]:
        """Other servers with a role that carry mail now."""
        return [each for each in self.hosts.values() if each is not host and each.serves and role in each.server.roles]

    def says(self, state: str, step: Step) -> bool:
        """Whether a state of the catalogue holds now; KeyError for one that is not known here."""
        host = self.hosts[step.server] if step.server else None
        if host is None:
            return {
                "all-serve": self.all_serve(), "all-on-6": self.all_done(),
                "identity-free": self.names == "free", "identity-frozen": self.names == "frozen",
                "publishing-free": self.publishing == "free", "publishing-frozen": self.publishing == "frozen",
            }[state]  # fmt: skip
        return {
            "on-5": host.version == 5, "on-6": host.version == 6, "product-up": host.up, "product-down": not host.up,
            "intake-open": host.agent and host.intake == "all",
            "intake-for-tester": host.agent and host.intake == "tester",
            "intake-closed": host.agent and host.intake == "nobody",
            "in-path": step.path in host.paths - host.left, "out-of-path": step.path in host.left,
            "in-paths": bool(host.paths) and not host.left,
            "out-of-paths": bool(host.paths) and host.left == host.paths,
            "jobs-run": not host.held, "jobs-held": host.held, "dumped": host.dumped, "backed-up": host.saved,
            "tested": host.tested, "complete": host.complete,
            "database-up": self.base is not None and self.base.up,
            "database-down": self.base is not None and not self.base.up,
            "others-carry": bool(self.others(host)),
            "previous-complete": self.last is not None and self.last is not host and self.last.complete,
            "identity-frozen": self.names == "frozen", "publishing-frozen": self.publishing == "frozen",
        }[state]  # fmt: skip

    def needs(self, step: Step) -> Iterator[str]:
        """What is missing for a step to be done now, by whoever stands there."""
        form = step.form
        needed: dict[str, bool]
        if step.server is None:
            frozen = self.names == self.publishing == "frozen"
            needed = {
                "go": self.names == "free" and self.all_serve(), "identity-freeze": self.names == "free",
                "publishing-freeze": self.publishing == "free", "notice-start": frozen, "go-again": frozen,
                "renew-backup": self.all_serve(), "recheck-reopen": self.all_serve(), "pause": self.all_serve(),
                "notice-pause": self.all_serve(), "hand-over": self.all_serve(), "retry": self.all_serve(),
                "recheck-after": self.all_done(), "identity-free": self.all_done() and frozen,
                "publishing-free": self.all_done() and self.publishing == "frozen",
                "notice-resumed": self.all_serve() and self.all_done() and self.publishing == "free",
                "notice-finished": self.all_done() and self.names == "free",
                "finished": self.all_done() and self.names == self.publishing == "free",
            }  # fmt: skip
            if not needed.get(form, step.block == "P"):
                yield "it can be done"
            return
        host = self.hosts[step.server]
        quiet = host.left == host.paths and (host.intake != "all" or not host.agent)
        base = self.base is None or self.base.up
        frozen = self.names == self.publishing == "frozen"
        first, later = host.version == 5, host.version == 6
        runs = later and host.up
        by_form = {
            "interlock": self.last is not None and self.last.complete,
            "guard": first and host.serves and frozen, "recheck": first and host.serves,
            "carriers": bool(self.others(host)), "hold-jobs": not host.held,
            "drain-mta": host.up, "drain-filter": host.up,
            "out-mx": host.up and step.path in host.paths, "out-lb": host.up and step.path in host.paths,
            "out-smarthost": host.up and step.path in host.paths,
            "connections": host.left == host.paths and host.up,
            "intake": host.left == host.paths and host.intake == "all",
            # a queue is worth a look once nothing comes into it, and is listed and flushed by what still runs
            "product-queue": quiet and host.up, "flush": quiet and host.up, "queue-empty": quiet and host.up,
            "dump": host.server.has("database") and host.up and base,
            "stop": quiet and host.held and first and (host.dumped or host is not self.base),
            "counts-before": first and not host.up, "backup": first and not host.up,
            "upgrade": first and not host.up and quiet and host.held and host.saved and frozen,
            "migrate": later and quiet, "start-csm": later, "start-look": later,
            "verify": runs and base, "definitions": runs and quiet, "old-queue": later,
            "product-queue-after": runs, "counts-after": runs, "intake-tester": runs and host.intake == "nobody",
            # the message must get in, and no other with it
            "test": runs and base and quiet and host.intake != "nobody" if host.agent else runs and base and quiet,
            "test-each": runs and base and quiet and host.intake != "nobody" if host.agent else runs and base and quiet,
            "back": runs and (host.tested or not host.mail), "soak": runs and host.serves and host.tested,
            "release-jobs": runs and host.held, "gate-phase-1": runs and base and host.serves,
            "gate-first-mail-filter": runs and host.serves and host.tested,
            "gate-first-mta": runs and host.serves and host.tested,
            "complete": runs and host.serves and not host.held,
        }  # fmt: skip
        if not by_form[form]:
            yield f"{form} can be done on {host}"
        working = [each for each in self.hosts.values() if each is not host and (each.held or not each.serves)]
        if working:
            yield "one server at a time"

    def do(self, step: Step) -> None:
        """The world after a step."""
        host = self.hosts[step.server] if step.server else None
        if host is None:
            self.names = {"identity-freeze": "frozen", "identity-free": "free"}.get(step.form, self.names)
            self.publishing = {"publishing-freeze": "frozen", "publishing-free": "free"}.get(step.form, self.publishing)
            return
        match step.form:
            case "hold-jobs":
                host.held = True
            case "out-mx" | "out-lb" | "out-smarthost":
                assert step.path
                host.left.add(step.path)
            case "drain-filter":
                host.left = set(host.paths)
            case "drain-mta":
                host.left, host.intake = set(host.paths), "nobody"
            case "intake":
                host.intake = "nobody"
            case "dump":
                host.dumped = True
            case "stop":
                host.up = False
            case "backup":
                host.saved = True
            case "upgrade":
                host.version = 6
            case "start-csm" | "start-look":
                host.up = True
            case "intake-tester":
                host.intake = "tester"
            case "test" | "test-each":
                host.tested = True
            case "back":
                host.left, host.intake = set(), "all"
            case "release-jobs":
                host.held = False
            case "complete":
                host.complete, self.last = True, host


def walk(deployment: Deployment, plan: Plan) -> Iterator[tuple[str, Step, Night]]:
    """Each step with the world `before` it and `after` it: a thing of several lines is done with its last one."""
    night = Night(deployment)
    for step, following in zip(plan.steps, (*plan.steps[1:], None), strict=True):
        yield "before", step, night
        more = following is not None and (step.server, step.form, step.path) == (
            following.server, following.form, following.path
        )  # fmt: skip
        if not more:
            night.do(step)
        yield "after", step, night


def faults(deployment: Deployment, plan: Plan) -> list[str]:
    """What cannot be done at its time, and what the catalogue says of a step that is not so."""
    found = []
    for when, step, night in walk(deployment, plan):
        found += [f"{step.id}: {missing}" for missing in night.needs(step) if when == "before"]
        said = step.before if when == "before" else step.after
        found += [f"{step.id}: not {state} {when} it" for state in said if not night.says(state, step)]
    return found


@pytest.mark.parametrize("seed", SEEDS)
def test_every_step_can_be_done_at_its_time_and_the_catalogue_says_what_holds_before_and_after(
    deploy: Deploy, seed: int
) -> None:
    deployment = random_site(deploy, seed)
    assert faults(deployment, build(deployment, {}, Words({}, Path()))) == []


FIELDS = ("title", "text", "expect", "if_not", "caution", "blank")


def truths(night: Night, step: Step) -> dict[str, bool]:
    """Every condition of the words, as it is found when a step is begun."""
    host = night.hosts[step.server] if step.server else None
    left = [each for each in night.hosts.values() if each.version == 5 and each is not host]
    roles = {role for each in night.hosts.values() for role in each.server.roles}
    own = set(host.server.roles) if host else set()
    members = [each for each in night.hosts.values() if step.path in each.paths and each is not host]

    def held(role: str, among: list[Host]) -> bool:
        return any(role in each.server.roles for each in among)

    elsewhere = [each for each in night.hosts.values() if each is not host]
    so = dict.fromkeys(("database", "csm", "mta", "mail-filter", "euwi", "gwi"), False) | dict.fromkeys(own, True)
    so |= {
        "several-servers": len(night.hosts) > 1,
        "server-follows": bool(left), "filter-follows": held("mail-filter", left), "agent-follows": held("mta", left),
        "mail-follows": any(each.mail for each in left), "other-filters": bool(host) and held("mail-filter", elsewhere),
        "other-members": bool(step.path and members), "has-database": "database" in roles, "has-csm": "csm" in roles,
        "has-filter": "mail-filter" in roles,
        "has-web": bool(roles & {"euwi", "gwi"}),
        "mail-finished": any(each.complete and each.mail for each in night.hosts.values()),
        "site-line": step.site_text is not None,
    }  # fmt: skip
    return so | {f"no-{name}": not holds for name, holds in so.items()}


def marked(words: Words) -> Words:
    """Words that say of each sentence of a step only which one it is."""
    steps = {form: {name: f"<{name}>" for name in fields if name != "options"} for form, fields in
             words.tables["steps"].items()}  # fmt: skip
    return replace(words, tables={"steps": steps})


@pytest.mark.parametrize("seed", SEEDS)
def test_a_sentence_with_conditions_is_said_where_they_hold_and_nowhere_else(
    deploy: Deploy, words: Words, seed: int
) -> None:
    deployment = random_site(deploy, seed)
    for when, step, night in walk(deployment, build(deployment, {}, marked(words))):
        if when == "after":
            continue
        so = truths(night, step)
        for name in FIELDS:
            conditional = words.when.get(("steps", step.form), {})
            wanted = [
                sentence for sentence in words.sentences("steps", step.form, name)
                if all(so[condition] for condition in conditional.get(sentence, ()))
            ]  # fmt: skip
            if name != "blank" or step.blank is not None:
                assert re.findall("<(.*?)>", getattr(step, name) or "") == wanted, (step.id, name)


Claim = Callable[[Night, Host, Step], bool]


def _filters(host: Host, *_: object) -> bool:
    return "mail-filter" in host.server.roles


# What a sentence says of the world, and whether it is so when the step is begun.
CLAIMS: tuple[tuple[str, Claim], ...] = (
    (r"quarantine grows|in the quarantine|X-PMX-Version|for the quarantine|Read the quarantine|files of the quarantine",
     lambda night, host, step: _filters(host)),
    (r"size of the database|Dump the database", lambda night, host, step: host is night.base),
    (r"[Dd]atabase errors?\b|database answers", lambda night, host, step: night.base is not None),
    (r"Manager answers", lambda night, host, step: any("csm" in each.server.roles for each in night.hosts.values())),
    (r"flows through the servers that are not upgraded",
     lambda night, host, step: any(each.version == 5 and each.mail and each.serves for each in night.hosts.values())),
    (r"5\.6\.1 filters|further Mail Filters|Mail Filter is on 6",
     lambda night, host, step: any(each.version == 5 and _filters(each) for each in night.others(host))),
    (r"further Mail Transfer Agents|Transfer Agent is on 6",
     lambda night, host, step: any(each.version == 5 for each in night.others(host, "mta"))),
    (r"next server|next is|further server|no other server|Only now start on it",
     lambda night, host, step: any(not each.complete for each in night.hosts.values() if each is not host)),
    (r"another member|another smart host", lambda night, host, step: any(
        step.path in each.paths and each.serves for each in night.hosts.values() if each is not host)),
    (r"no other smart host|no other member", lambda night, host, step: not any(
        step.path in each.paths for each in night.hosts.values() if each is not host)),
    (r"Only one Mail Filter is out", lambda night, host, step: _filters(host) and bool(night.others(host))),
    (r"another Mail Filter carries", lambda night, host, step: bool(night.others(host))),
    (r"every server|the other servers", lambda night, host, step: len(night.hosts) > 1),
    (r"SMTP listener", lambda night, host, step: host.agent),
)  # fmt: skip


@pytest.mark.parametrize("seed", SEEDS)
def test_what_the_words_of_a_step_say_of_the_world_is_so(deploy: Deploy, words: Words, seed: int) -> None:
    deployment = random_site(deploy, seed)
    false = []
    for when, step, night in walk(deployment, build(deployment, {}, words)):
        if when == "before" and step.server:
            for name in FIELDS:
                said = getattr(step, name) or ""
                false += [
                    (step.id, name, said) for claim, so in CLAIMS
                    if re.search(claim, said) and not so(night, night.hosts[step.server], step)
                ]  # fmt: skip
    assert false == []


def test_every_claim_is_one_of_some_sentence(words: Words) -> None:
    said = " ".join(
        text for fields in words.tables["steps"].values() for text in fields.values() if isinstance(text, str)
    )
    assert [claim for claim, _ in CLAIMS if not re.search(claim, said)] == []


@pytest.mark.parametrize("seed", SEEDS)
def test_an_interruption_ends_with_its_own_step_and_as_many_others_carry_mail_as_it_says(
    deploy: Deploy, words: Words, seed: int
) -> None:
    deployment = random_site(deploy, seed)
    plan = build(deployment, {}, words)
    rows = [row for row in plan.interruptions if row.key in ("path", "capacity", "filtering")]
    open_: set[int] = set()
    for when, step, night in walk(deployment, plan):
        for at, row in enumerate(rows):
            assert row.server
            host = night.hosts[row.server]
            if step.id == row.from_step and when == "before":
                there = host.serves if row.key == "capacity" else row.path not in host.left
                assert there, (row.key, step.id)
                open_.add(at)
            if step.id == row.until_step and when == "after":
                assert (step.server, step.form, host.serves) == (row.server, "back", True), (row.key, step.id)
                open_.discard(at)
            if at in open_ and row.impact in ("reduced", "down") and row.key != "filtering":
                others = night.others(host) if row.key == "capacity" else [
                    each for each in night.hosts.values() if row.path in each.paths and each.serves and each is not host
                ]  # fmt: skip
                left = re.match(r"(One|\d+) of (\d+) ", row.words)
                said = {"One": 1}.get(left[1]) or int(left[1]) if left else 0
                assert (len(others), bool(left)) == (said, row.impact == "reduced"), (row.words, step.id)
