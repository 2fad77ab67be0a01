"""How a notice reads: what it says and to whom, on the pages too, and by which channel; nothing of what is not so."""

import re
from datetime import timedelta
from itertools import pairwise
from typing import Any, get_args

import pytest
from printed_samples import edition
from test_notices import LONELY, Deploy, Plans

from checker.inputs.change import Audience
from checker.schedule.common_tasks import preparation
from checker.schedule.step_catalogue import LEADS
from runbook.cli.pipeline import Question, report
from runbook.pages.notices.communications import communications
from runbook.pages.notices.sender import Sender, by_mail
from runbook.pages.notices.texts import (
    BEFOREHAND,
    OUTLOOK,
    Notice,
    alike,
    notices,
)
from runbook.pages.notices.unplanned import Unplanned, unplanned_blocks, unplanned_notices
from runbook.pages.page_model import Blank, Bullets, Heading, SiteText, Table
from runbook.pages.sources import Edition
from runbook.pages.step_rows import step_row
from runbook.plan.audiences import (
    MAIL_STOPS,
    Moment,
    all_notices,
    kind,
    mail_may_stop,
)
from runbook.plan.plan_model import Plan
from runbook.plan.planning import build
from runbook.render.markdown import site_text
from runbook.render.site_markdown import site_html
from runbook.words import Words

CHANGE = {
    "number": "CHG0031337",
    "timezone": "Europe/Berlin",
    "windows": [{"start": "2026-12-05T20:00", "end": "2026-12-06T20:00"}],
}


def to(letters: tuple[Notice, ...], audience: Audience, moment: Moment) -> Notice:
    (found,) = (n for n in letters if (n.told.telling.audience, n.told.telling.moment) == (audience, moment))
    return found


def without(plan: Plan, kinds: frozenset[tuple[str, str]]) -> Plan:
    return plan.model_copy(update={"interruptions": tuple(r for r in plan.interruptions if kind(r) not in kinds)})


def test_no_notice_speaks_of_a_service_that_is_not_there(worded: Plans, words: Words) -> None:
    names = {
        "End User Web Interface": ("euwi",), "quarantine page": ("euwi",), "Groups Web Interface": ("euwi", "gwi"),
        "Database access": ("database",), "Mail Filter": ("mail-filter",),
    }  # fmt: skip
    for deployment, plan in worded[::7]:
        for notice in notices(deployment, plan, words):
            for name, roles in names.items():
                held = any(server.has(*roles) for server in deployment.servers)  # type: ignore[arg-type]
                assert held or name not in f"{notice.subject} {notice.text}", (name, notice, deployment.servers)


def test_what_ends_with_the_step_that_tells_of_it_is_not_back_yet(deploy: Deploy, words: Words) -> None:
    deployment = deploy("database csm euwi", "mta mail-filter")
    plan = build(deployment, {}, words)
    steps = [step.id for step in plan.steps]
    at = steps.index(next(step.id for step in plan.steps if step.form == "notice-resumed"))

    def said(until: str) -> str:
        rows = tuple(row.model_copy(update={"until_step": until}) for row in plan.interruptions if row.key == "euwi")
        (letter,) = (
            notice for notice in notices(deployment, plan.model_copy(update={"interruptions": rows}), words)
            if (notice.told.telling.audience, notice.told.telling.moment) == ("users", "resumed")
        )  # fmt: skip
        return letter.text

    assert "Available again since ____" in said(steps[at - 1])
    assert "Available again since ____" not in said(steps[at])


def test_every_notice_says_what_from_when_to_when_and_whom_to_call(worded: Plans, words: Words) -> None:
    for deployment, plan in worded[::11]:
        for notice in notices(deployment, plan, words):
            moment = notice.told.telling.moment
            assert notice.to and notice.channel and notice.when and notice.subject and notice.text
            assert "None" not in notice.text and "{" not in notice.text and "  " not in notice.text
            assert "at the latest" not in notice.text and "planned" not in notice.text.casefold(), notice.text
            if moment in OUTLOOK:
                assert re.search(r"^From .*\d\d:\d\d.* to .*\d\d:\d\d", notice.text, re.MULTILINE), notice.text
            if moment != "finished":
                assert "call" in notice.text.casefold() or "Questions: " in notice.text, notice.text


def test_before_and_during_the_night_nothing_is_said_to_be_back_that_the_plan_has_not_ended(
    worded: Plans, words: Words
) -> None:
    for deployment, plan in worded[::11]:
        for notice in notices(deployment, plan, words):
            moment = notice.told.telling.moment
            assert ("Available again" in notice.text) <= (moment in ("pause", "resumed")), notice.text
            assert ("From " in notice.text) <= (moment != "resumed"), (deployment.servers, notice.text)


def test_the_help_desk_is_given_what_it_is_to_say(deploy: Deploy, words: Words) -> None:
    deployment = deploy("database csm", "mta mail-filter", "euwi gwi", mail_paths=LONELY)
    plan = build(deployment, {}, words)
    text = to(notices(deployment, plan, words), "help-desk", "two-days").text
    assert all(row.desk is None or row.desk in text for row in plan.interruptions)
    bare = plan.model_copy(
        update={"interruptions": tuple(row.model_copy(update={"desk": None}) for row in plan.interruptions)}
    )
    text = to(notices(deployment, bare, words), "help-desk", "two-days").text
    assert all(row.words in text for row in bare.interruptions)


def test_a_late_night_has_a_text_with_blanks_for_the_new_times(deploy: Deploy, words: Words) -> None:
    deployment = deploy("database csm", "mta mail-filter", "euwi")
    letters = [n for n in notices(deployment, build(deployment, {}, words), words) if n.told.step is None]
    assert letters
    for letter in letters:
        assert "to finish at ____________. Our next message comes at ____________." in letter.text
        assert letter.when == "only if not finished at Sun 06 Dec 20:00"


def test_while_mail_may_stop_no_channel_of_ours_is_mail(worded: Plans, words: Words) -> None:
    for deployment, plan in worded[::11]:
        still = without(plan, MAIL_STOPS)
        assert not mail_may_stop(still)
        assert all(n.channel == words.say("notices", n.told.telling.audience, "channel")
                   for n in notices(deployment, still, words))  # fmt: skip
        if mail_may_stop(plan):
            sent = [n for n in notices(deployment, plan, words) if n.told.telling.moment not in BEFOREHAND]
            assert sent and not any(by_mail(n.channel) for n in sent), deployment.servers


@pytest.mark.parametrize("pair", sorted(MAIL_STOPS))
def test_each_kind_of_stopped_mail_alone_is_enough(deploy: Deploy, words: Words, pair: tuple[str, str]) -> None:
    plan = build(deploy("database csm", "euwi"), {}, words)
    assert not mail_may_stop(plan)
    key, outcome = pair
    fate = {"fate": outcome} if outcome not in ("down", "unknown") else {"impact": outcome}
    row = plan.interruptions[0].model_copy(update={"key": key, "impact": "degraded", **fate})
    assert mail_may_stop(plan.model_copy(update={"interruptions": (row,)}))


@pytest.mark.parametrize(
    ("channel", "mail"),
    [
        ("e-mail to all", True), ("Email", True), ("the mailing list", True), ("all@example.net", True),
        ("intranet", False), ("chat, not mail", False), ("phone", False), ("Mattermost", False),
        ("a page that is read without e-mail", False), ("voicemail", False),
    ],
)  # fmt: skip
def test_the_sites_own_channel_is_kept_with_a_caution_where_it_is_mail_that_may_stop(
    deploy: Deploy, words: Words, channel: str, mail: bool
) -> None:
    change: dict[str, Any] = CHANGE | {"channels": {"users": channel}}
    deployment = deploy("database csm", "mta mail-filter", "euwi", mail_paths=LONELY, change=change)
    plan = build(deployment, {}, words)
    for each in (plan, without(plan, MAIL_STOPS)):
        for notice in notices(deployment, each, words):
            users = notice.told.telling.audience == "users"
            tonight = notice.told.telling.moment not in BEFOREHAND
            assert (notice.channel == channel) == users
            assert notice.caution == (users and mail and tonight and each is plan)


def test_the_coordinator_is_the_one_to_call(deploy: Deploy, words: Words) -> None:
    contacts = [
        {"role": "network", "name": "B", "phone": "2"},
        {"role": "coordinator", "name": "A", "phone": "1"},
        {"role": "coordinator", "name": "C"},
    ]
    deployment = deploy("database csm", "mta", change=CHANGE | {"contacts": contacts})
    plan = build(deployment, {}, words)
    assert "call A, 1 first" in to(notices(deployment, plan, words), "infrastructure", "start").text
    assert "call B, 2 first" in to(
        notices(deploy("database csm", "mta", change=CHANGE | {"contacts": contacts[:1]}), plan, words),
        "infrastructure", "start",
    ).text  # fmt: skip


def test_the_pages_name_each_notice_at_its_step_and_leave_room_for_when_it_was_sent_and_by_whom(
    deploy: Deploy, words: Words
) -> None:
    change = CHANGE | {"channels": {"users": "e-mail to all"}}
    deployment = deploy("database csm", "mta mail-filter", "euwi", mail_paths=LONELY, change=change)
    plan = build(deployment, {}, words)
    now = plan.nights[0].start - timedelta(days=20)
    edition = Edition(deployment, {}, report(deployment, {}, now, Question(stage="change")), plan, words)
    letters = notices(deployment, plan, words)
    blocks = communications(edition).blocks
    (table,) = (block for block in blocks if isinstance(block, Table) and block.kind == "notices")
    assert len(table.head) == 7
    for row, letter in zip(table.rows, letters, strict=True):
        step = letter.told.step
        assert row[:3] == (str(letter.told.number), step.number if step else "–", letter.to)
        assert ("CAUTION" in str(row[3])) == letter.caution and letter.channel in str(row[3])
        assert row[4] == letter.when and all(isinstance(cell, Blank) for cell in row[5:])
        assert step is None or f"{letter.told.number} {letter.to}" in step_row(step, edition).text
    once = alike(letters)
    unplanned = unplanned_notices(deployment, plan, words)
    texts = [block.text for block in blocks if isinstance(block, SiteText)]
    assert texts == [*(same[0].text for same in once), *(letter.text for letter in unplanned)]
    assert len([block for block in blocks if isinstance(block, Heading)]) == len(texts)
    assert sorted(letter.told.number for same in once for letter in same) == [each.told.number for each in letters]
    subjects = [item for block in blocks if isinstance(block, Bullets) for item in block.items]
    assert all(any(letter.subject in line for line in subjects) for letter in letters)


def test_an_audience_reads_the_same_words_beforehand_and_at_the_start_under_subjects_that_say_which(
    deploy: Deploy, words: Words
) -> None:
    deployment = deploy("database csm", "mta mail-filter", "euwi gwi", mail_paths=LONELY)
    letters = notices(deployment, build(deployment, {}, words), words)
    for same in alike(letters):
        moments = {letter.told.telling.moment for letter in same}
        assert len(same) == 1 or moments <= OUTLOOK
        assert len({letter.subject for letter in same}) == len(same)
    told = [
        letter for letter in letters if letter.told.telling.moment in ("two-weeks", "two-days", "one-hour", "start")
    ]
    assert len({letter.text for letter in told}) == len({letter.to for letter in told})


def test_an_agent_whose_paths_are_told_of_as_a_whole_is_told_of_by_them_alone(deploy: Deploy, words: Words) -> None:
    def said(*paths: dict[str, Any]) -> str:
        deployment = deploy("database csm", "mail-filter", "mta", "mta", mail_paths=list(paths))
        return to(notices(deployment, build(deployment, {}, words), words), "users", "two-days").text

    ways = [{"name": way, "via": "mx", "members": ["s3", "s4"]} for way in ("inbound", "outbound")]
    whole = said(*ways)
    assert "- Incoming mail and outgoing mail: messages may be late" in whole and "some messages" not in whole
    assert "- Mail: some messages may be late" in said(ways[0] | {"members": ["s3"]}, ways[1] | {"members": ["s3"]})


def test_a_subject_names_the_service_and_never_the_deployment(worded: Plans, words: Words) -> None:
    for deployment, plan in worded[::11]:
        named = deployment.model_copy(update={"deployment": "xyzzy"})
        said = [(letter.subject, letter.text) for letter in notices(named, plan, words)]
        said += [(letter.subject, letter.text) for letter in unplanned_notices(named, plan, words)]
        for subject, text in said:
            assert "xyzzy" not in subject and "xyzzy" not in text, text
            assert re.search(r"\d\d:\d\d|____", subject), subject


def test_a_night_that_is_postponed_on_hold_or_rolled_back_has_a_notice_each(worded: Plans, words: Words) -> None:
    for deployment, plan in worded[::11]:
        letters = unplanned_notices(deployment, plan, words)
        assert [letter.occasion for letter in letters] == list(get_args(Unplanned))
        for letter in letters:
            assert letter.when and letter.to and letter.subject and not by_mail(letter.channel)
            assert "call" in letter.text.casefold() and "None" not in letter.text and "{" not in letter.text
        postponed, hold, back = letters
        assert "does not take place" in postponed.text and "delete the calendar entry" in postponed.text
        assert "next message comes at ____" in hold.text and "Host names and addresses of the mail servers" in hold.text
        assert ("Quarantine page" in hold.text) == bool(deployment.holding("euwi")), deployment.servers
        assert "may be missing" in back.text and "since ____" in back.text
        blocks = unplanned_blocks(letters, words)
        assert [block.text for block in blocks if isinstance(block, SiteText)] == [letter.text for letter in letters]
        heads = [block.text for block in blocks if isinstance(block, Heading)]
        assert heads == [f"{letter.title}: {letter.when}" for letter in letters]


def test_what_several_stopped_filters_do_with_mail_is_told_as_the_help_desk_tells_it() -> None:
    made = edition("county-mail")
    rows = [row for row in made.plan.interruptions if row.key == "filtering"]
    assert len(rows) > 1 and {row.fate for row in rows} == {"queued"}
    _, told = Sender(made.deployment, made.plan, made.words).inside(rows, "")
    assert "may be late" in told and "rejected" not in told and "unfiltered" not in told
    assert all("not lost" in (row.desk or "") for row in rows)


def test_the_lines_to_write_on_stay_lines_in_every_form(deploy: Deploy, words: Words) -> None:
    deployment = deploy("database csm", "mta", "euwi")
    for letter in notices(deployment, build(deployment, {}, words), words):
        lines = letter.text.count("____________")
        assert site_html(letter.text).count("____________") == lines == str(site_text(letter.text)).count("_" * 12)


def test_preparation_is_one_block_in_the_order_of_its_dates(deploy: Deploy) -> None:
    tasks = preparation(deploy("database csm", "mta", "euwi gwi"))
    assert len(tasks) <= 9 and {task.form for task in tasks} == set(LEADS)
    assert all(LEADS[one.form] >= LEADS[other.form] for one, other in pairwise(tasks))


def test_demands_of_the_web_interfaces_stand_only_where_there_is_one(deploy: Deploy, words: Words) -> None:
    def first(*roles: str) -> tuple[str, ...]:
        steps = build(deploy(*roles), {}, words).steps
        return next(step.demands for step in steps if step.form == "notice-two-weeks")

    assert first("database csm", "mta") == ("V07",)
    assert first("database csm", "gwi") == ("V07", "V14")
    assert first("database csm", "euwi") == ("V07", "V14", "V15")


def test_two_nights_with_one_way_of_mail_as_a_story(deploy: Deploy, words: Words) -> None:
    """The Database server in the first night; the only mail server and the web interfaces in the second."""
    upgrade = [{"text": "Upgrade", "minutes": {"low": 60, "likely": 90, "high": 150}}]
    windows = [
        {"start": f"2026-12-{day}T20:00", "end": f"2026-12-{end}T04:00"} for day, end in (("05", "06"), ("08", "09"))
    ]
    deployment = deploy(
        "database csm", "mta mail-filter", "euwi", mail_paths=LONELY, procedure={"upgrade": upgrade},
        migration={"script": False}, change=CHANGE | {"windows": windows},
    )  # fmt: skip
    plan = build(deployment, {}, words)
    assert [night.servers for night in plan.nights] == [("s1",), ("s2", "s3")]
    sent: dict[str, list[Audience]] = {}
    for each in all_notices(plan):
        sent.setdefault(each.step.number if each.step else "late", []).append(each.telling.audience)
    everybody: list[Audience] = [
        "infrastructure", "group-admins", "users", "administrators", "help-desk", "mail-partners", "change-board",
    ]  # fmt: skip
    assert sent == {
        "P.3": ["infrastructure", "group-admins", "users", "mail-partners"],
        "P.5": ["infrastructure", "group-admins", "users", "administrators", "help-desk", "change-board"],
        "P.8": ["group-admins", "administrators", "help-desk"],
        "N1.4": ["infrastructure", "group-admins", "users", "administrators", "help-desk"],
        "Z1.2": ["infrastructure", "group-admins", "users", "administrators", "help-desk", "change-board"],
        "N2.4": ["infrastructure", "group-admins", "users", "administrators", "help-desk", "mail-partners"],
        "E.5": ["group-admins", "users", "administrators", "help-desk", "mail-partners"],
        "E.6": ["infrastructure", "help-desk", "change-board"],
        "late": everybody,
    }
