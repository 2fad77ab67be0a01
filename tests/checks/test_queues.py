"""Mail in queues: what was not seen is never empty, whatever the agent, and a person can always answer."""

from itertools import product
from typing import Any

import pytest
from test_checks_after import Facts, host, say
from worlds import World, changed, finding, healthy

from checker.checks.mechanism import Word
from checker.checks.queues import carriers
from checker.facts.catalogue import MTA, OWN_QUEUES, QUEUE_NEW, QUEUE_OLD
from checker.facts.host_facts import Unknown
from checker.report import UNREAD

BUNDLED: Facts = {MTA: ["bundled-postfix"], QUEUE_OLD: 0, QUEUE_NEW: 0, OWN_QUEUES: []}
ABSENT: Facts = {QUEUE_OLD: None, QUEUE_NEW: None}
TWO_MINUTES = {"drain": {"low": 1, "likely": 2, "high": 3}}  # 120 messages at sixty a minute


def own(kind: str, messages: int | None, path: str = "/var/spool/x") -> dict[str, Any]:
    return {"kind": kind, "path": path, "messages": messages}


def answered(confirmed: str = "yes", left: int | None = 0, at: str = "2026-12-06") -> dict[str, Any]:
    said = {"confirmed": confirmed, "by": "A. Example", "at": at} | ({} if left is None else {"left": str(left)})
    return {"answers": {"queue-drained": said}}


def after(facts: Facts, before: Facts | None = None, **more: Any) -> tuple[str, str]:
    """What after-queue and queue-drained say of a finished server."""
    return say("after-queue", facts, before, **more).outcome, say("queue-drained", facts, before, **more).outcome


def test_no_message_stands_in_the_old_queue_and_few_in_the_new_one() -> None:
    for old, new in product((0, 1, 500), (0, 120, 121)):
        word = say("after-queue", BUNDLED | {QUEUE_OLD: old, QUEUE_NEW: new}, minutes=TWO_MINUTES)
        assert word.outcome == ("pass" if old == 0 and new <= 120 else "fail"), (old, new)
    assert after(BUNDLED) == ("pass", "not-applicable")
    assert after({}, roles="euwi") == after({}, roles="mail-filter") == ("not-applicable", "not-applicable")


# what a host shows whose queue nobody could see
UNSEEN: dict[str, Facts] = {
    "the bundled sendmail, whose place is not known": {MTA: ["bundled-sendmail"], QUEUE_OLD: 0, OWN_QUEUES: []},
    "JSMS beside the system's own empty Postfix": {MTA: ["postfix", "jsms"], OWN_QUEUES: [own("postfix", 0)]},
    "an own Postfix without a queue": {MTA: ["postfix"], QUEUE_OLD: 0, OWN_QUEUES: [own("postfix", None)]},
    "an own Postfix that was not looked for": {MTA: ["postfix"], QUEUE_OLD: 0, OWN_QUEUES: []},
    "an own sendmail that may not be read": {MTA: ["sendmail"], QUEUE_OLD: 0, OWN_QUEUES: None},
    "another agent alone": {MTA: ["exim"], QUEUE_OLD: 0, OWN_QUEUES: []},
    "no agent at all": {MTA: [], QUEUE_OLD: 0, QUEUE_NEW: 0, OWN_QUEUES: []},
    "agents that were not seen": {MTA: None, QUEUE_OLD: 0, QUEUE_NEW: 0, OWN_QUEUES: []},
    "the bundled Postfix without its old queue": BUNDLED | {QUEUE_OLD: None},
    "the bundled Postfix without its new queue": BUNDLED | {QUEUE_NEW: None},
    "facts of an older probe": {MTA: ["sendmail"], QUEUE_OLD: 0, QUEUE_NEW: 0},
}


@pytest.mark.parametrize("facts", UNSEEN.values(), ids=UNSEEN)
def test_a_queue_that_nobody_saw_is_a_question_until_a_person_answers(facts: Facts) -> None:
    assert after(facts) == ("unknown", "manual")
    assert after(facts, **answered()) == ("pass", "pass")
    assert after(facts, **answered(left=None)) == ("pass", "pass")
    assert after(facts, **answered(left=3)) == ("unknown", "fail")
    assert after(facts, **answered("no")) == after(facts, **answered("no", None)) == ("unknown", "fail")
    assert after(facts, **answered(at="2026-12-04")) == ("unknown", "manual"), "the first night had not begun"
    assert after(facts, **answered(at="2026-12-05")) == ("pass", "pass")


def test_what_was_counted_goes_before_words() -> None:
    assert after(BUNDLED | {QUEUE_OLD: 1}, **answered()) == ("fail", "not-applicable")
    assert after(BUNDLED | {QUEUE_OLD: 1, QUEUE_NEW: None}, **answered())[0] == "fail"


@pytest.mark.parametrize("kind", ["postfix", "sendmail"])
def test_the_systems_own_queue_is_counted_and_goes_on_after_the_upgrade(kind: str) -> None:
    for waiting, outcome in ((0, "pass"), (120, "pass"), (121, "fail")):
        facts = ABSENT | {MTA: [kind], OWN_QUEUES: [own(kind, waiting), own("other", 5000)]}
        assert after(facts, minutes=TWO_MINUTES) == (outcome, "not-applicable"), waiting


def test_what_a_unix_has_for_its_own_mail_carries_none_of_the_sites() -> None:
    leftovers = BUNDLED | {MTA: ["bundled-postfix", "postfix", "exim"], OWN_QUEUES: [own("postfix", 5000)]}
    assert after(leftovers) == ("pass", "not-applicable")
    assert carriers(["sendmail", "bundled-sendmail", "jsms"]) == ("bundled-sendmail", "jsms")
    assert carriers(["postfix", "exim"]) == ("postfix", "exim")


def test_an_old_tree_that_is_gone_has_taken_its_queue_with_it() -> None:
    gone: Facts = ABSENT | {MTA: ["postfix"], OWN_QUEUES: [own("postfix", 0)]}
    assert after(gone, {MTA: ["bundled-postfix"]}) == ("unknown", "manual")
    assert after(gone, {MTA: ["postfix"]}) == ("pass", "not-applicable")


def test_a_server_that_was_not_read_is_told_as_such() -> None:
    world = healthy("after")
    world.facts["mx1"] |= {"outcome": "connection refused", "facts": {}}
    report = world.judged()
    said = {finding(report, check, "mx1").message for check in ("after-queue", "queue-drained", "after-services")}
    assert said == {UNREAD}


def agent(world: World, kind: str, messages: int | None, *servers: str) -> None:
    """These servers have another mail transfer agent, with so many messages in its own queue (None: none is seen)."""
    for hosts, waiting in ((world.facts, messages), (world.baseline or {}, 0)):
        for name in servers:
            facts = hosts[name]["facts"]
            facts["puremessage.mta"]["value"] = [kind]
            facts["puremessage.own_queues"]["value"] = [own(kind, waiting)]
            for path in ("puremessage.queue_old", "puremessage.queue_new"):
                facts[path] = {"unknown": "no queue of a postfix is there", "partial": None}
            facts["puremessage.filter_lines"]["value"] = [{"name": "pmx", "flags": "T"}]


def test_a_finished_site_is_go_only_when_each_old_queue_was_seen() -> None:
    site = healthy("after")
    assert site.outcome() == "GO"
    for kind, messages, verdict in (
        ("sendmail", 0, "GO"), ("postfix", 3, "GO"), ("sendmail", None, "NOT-CLEARED"), ("postfix", 9000, "NO-GO"),
        ("jsms", 0, "NOT-CLEARED"), ("bundled-sendmail", 0, "NOT-CLEARED"), ("exim", 0, "NOT-CLEARED"),
    ):  # fmt: skip
        world = changed(site, lambda w, kind=kind, messages=messages: agent(w, kind, messages, "mx1", "mx2"))  # type: ignore[misc] # no lambda with a default is inferred
        assert world.outcome() == verdict, (kind, messages)
        if verdict == "NOT-CLEARED":  # one answer serves every server
            world.deployment["answers"] |= answered(at=f"{world.now:%Y-%m-%d}")["answers"]
            assert world.outcome() == "GO", kind
            world.deployment["answers"] |= answered(left=1, at=f"{world.now:%Y-%m-%d}")["answers"]
            assert world.outcome() == "NO-GO", kind


def test_a_site_whose_agents_stand_elsewhere_is_not_asked_for_their_queues() -> None:
    world = healthy("after")
    for name in ("mx1", "mx2"):
        world.server(name)["roles"] = ["mail-filter"]
    agent(world, "postfix", None, "mx1", "mx2")
    assert world.outcome() == "GO"


def depth(facts: Facts, **more: Any) -> Word:
    return say("queue-depth", facts, **more)


def test_the_queue_is_measured_against_the_planned_drain() -> None:
    assert depth(BUNDLED | {QUEUE_OLD: 600}).outcome == "pass", "ten minutes at sixty a minute"
    assert depth(BUNDLED | {QUEUE_OLD: 601}).outcome == "fail"
    assert depth(BUNDLED | {QUEUE_OLD: 601}, roles="mail-filter").outcome == "not-applicable"
    longer = {"drain": [{"text": "x", "minutes": {"low": 1, "likely": 11, "high": 12}}]}
    assert depth(BUNDLED | {QUEUE_OLD: 601}, procedure=longer).outcome == "pass"
    own_mta: Facts = ABSENT | {MTA: ["sendmail"]}
    assert depth(own_mta | {OWN_QUEUES: [own("sendmail", 600)]}).outcome == "pass"
    assert depth(own_mta | {OWN_QUEUES: [own("sendmail", 601)]}).outcome == "fail"


@pytest.mark.parametrize("facts", UNSEEN.values(), ids=UNSEEN)
def test_the_depth_of_a_queue_that_nobody_saw_is_not_known(facts: Facts) -> None:
    if facts.get(QUEUE_NEW, 0) is not None or facts.get(QUEUE_OLD) is None:
        assert depth(facts).outcome == "unknown"


def test_the_products_own_queue_is_said_to_be_counted_by_nobody() -> None:
    for check in ("queue-depth", "after-queue"):
        assert any("pmx-queue" in row for row in say(check, BUNDLED).observed), check
    assert isinstance(host({QUEUE_OLD: None}).facts[QUEUE_OLD.path], Unknown)
