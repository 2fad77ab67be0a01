"""What a sheet forbids, permits or ends: each sentence stands on every sheet that it is for."""

import re
from functools import cache

from printed_samples import EVERY, book, edition

from runbook.pages.page_model import Part
from runbook.render.markdown import to_markdown

# what is said (a pattern), and the roles of which a server has one; none: it stands on every sheet
SAID: tuple[tuple[str, tuple[str, ...]], ...] = (
    (r"the prompt show \S+\? If (?:either answer is no|not), log out", ()),
    (r"Wrong host, or not root: log out", ()),
    (r"A prompt that is not on this sheet: do not answer it", ()),
    (r"started and has not ended: do not run it again", ()),
    (r"repeat nothing", ()),
    (r"STOP: change nothing on \S+", ()),
    (r"No reboot", ()),
    (r"No change of a name or an address", ()),
    (r"From here the vendor documents no way back", ()),
    (r"Another prompt: do not answer, call", ()),
    (r"Exactly these roles:", ()),
    (r"wait, do not kill", ()),
    (r"Only a server with a backup is upgraded", ()),
    (r"From this time \S+ is out of service", ()),
    (r"From here on a database error on \S+ is a fault", ()),
    (r"delete nothing", ()),
    (r"remove nothing", ()),
    (r"Those that point to \S+ stay off", ()),
    (r"HOLD, unless the coordinator chooses the third option", ("mta",)),
    (r"HOLD: no mail yet", ("mail-filter",)),
    (r"before its paths bring live mail", ("mta", "mail-filter")),
    (r"No live mail before the test", ("mta",)),
)
# the same where other servers come before or after, or data is migrated
BEHIND = (r"Is the sheet of \S+ signed", r"STOP: do not start on")
SEVERAL = (r"The same options on every server",)
BEFORE = (r"Only now start on it",)
MIGRATED = (r"nothing else in between", r"Exactly these options:")


def sheets(name: str) -> list[Part]:
    return [part for part in book(name).parts if part.server]


@cache
def words(name: str) -> dict[str, str]:
    """The text of each sheet, by its server."""
    text = to_markdown(book(name))
    found = {}
    for part in sheets(name):
        own = text.split(f"\n## {part.title}\n")[1].split("\n## ")[0]
        found[part.server or ""] = " ".join(own.replace("**", "").replace("\\", "").split())
    return found


@EVERY
def test_whatever_forbids_permits_or_ends_something_stands_on_each_sheet_that_it_is_for(name: str) -> None:
    made = edition(name)
    order = made.plan.order
    for at, server in enumerate(order):
        roles = made.deployment.server(server).roles
        wanted = [said for said, own in SAID if not own or set(own) & set(roles)]
        own_steps = {step.form for step in made.plan.of(server)}
        wanted = [said for said in wanted if said != r"No live mail before the test" or "intake-tester" in own_steps]
        wanted += BEHIND * bool(at) + BEFORE * (at < len(order) - 1)
        wanted += MIGRATED * bool(made.deployment.migrates(made.deployment.server(server)))
        wanted += SEVERAL * (len(order) > 1)
        lacking = [said for said in wanted if not re.search(said, words(name)[server], re.IGNORECASE)]
        assert lacking == [], server


def test_a_sheet_says_until_when_errors_of_the_database_are_expected() -> None:
    for name in ("county-mail", "university-mail"):
        for part in sheets(name):
            own = words(name)[part.server or ""]
            other = not edition(name).deployment.server(part.server or "").has("database")
            found = re.search(
                r"Expected in this server's log until step (\S+)\. After it a database error is a fault", own
            )
            assert bool(found) == other, part.server
            if found:
                verify = next(step for step in edition(name).plan.steps if step.number == found[1])
                assert (verify.form, verify.server) == ("verify", part.server)


def test_the_answer_at_the_head_of_a_sheet_is_the_one_that_an_upgrade_gives() -> None:
    made = edition("county-mail")
    usual = made.say("sheet", "usual")
    assert {step.if_not for step in made.plan.steps if step.kind in ("upgrade", "migrate")} == {usual}
    for text in words("county-mail").values():
        assert text.count(usual) == 1


def test_counts_are_written_in_the_steps_that_count() -> None:
    made = edition("county-mail")
    for server, text in words("county-mail").items():
        assert text.count("Quarantine files ____") == 2, server
        assert text.count("Database size ____") == 2 * made.deployment.server(server).has("database"), server
