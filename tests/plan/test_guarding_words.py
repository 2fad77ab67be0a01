"""What the words of steps forbid, permit and end: each of these stands in its step, however it is said."""

from writing_rules import bare

from checker.schedule.step_catalogue import FORMS
from runbook.words import Words

GUARDS: dict[str, tuple[str, ...]] = {
    "measure-space": ("without a figure only as an accepted risk",),
    "identity-changes": ("allowed before the first upgrade step and after the last migration, never between",),
    "support": ("Give them the window", "vendor support is not confirmed"),
    "notice-two-weeks": ("Users and group administrators are told beforehand", "the freeze does not hold"),
    "recheck-two-days": ("If any remains, postpone",),
    "recheck-one-hour": ("start on no server", "The coordinator decides which servers could still go, or postpones"),
    "notice-one-hour": ("Only after GO", "If mail may be delayed, use another channel"),
    "go": ("Everybody in the room and on the bridge says yes", "close the change and tell everybody"),
    "identity-freeze": ("No host-name or address changes from now until the last migration, over all nights",
                        "HOLD until they have"),
    "publishing-freeze": ("nobody publishes or edits policy, until", "no one is logged in",
                          "HOLD until they have left"),
    "renew-backup": ("Made before this window", "Open each one", "start on no server until its backup is complete"),
    "recheck-reopen": ("The identity freeze is still in force", "Nothing may have changed", "start on no server",
                       "when a name or address has changed"),
    "go-again": ("stay in HOLD", "The identity freeze continues"),
    "pause": ("Identity freeze and publishing freeze continue", "No web login on", "No database until"),
    "hand-over": ("start on no server, stop here",),
    "notice-pause": ("Check that each service works before announcing",),
    "retry": ("the change is not ended",),
    "recheck-after": ("do not end the change",),
    "identity-free": ("The last migration has ended", "names and addresses may change again",
                      "in force until they have"),
    "publishing-free": ("Nobody publishes until one administrator has compared", "Keep the publishing freeze"),
    "notice-resumed": ("Check that each service works before announcing",),
    "notice-finished": ("names and addresses may change again",),
    "finished": ("Keep this set", "Every sheet is signed"),
    "interlock": ("One server at a time", "waits until X is complete and its gates are signed", "do not start on"),
    "guard": ("Read the prompt aloud", "Wrong host, or not root: log out"),
    "recheck": ("STOP: change nothing on", "The coordinator decides"),
    "carriers": ("STOP", "not here", "stops the mail"),
    "hold-jobs": ("No reboot", "configuration management", "who releases it", "starts the old product"),
    "drain-mta": ("In this order", "accept no new mail", "put X back into the path"),
    "drain-filter": ("Only one Mail Filter is out at any time", "No other Mail Filter serves",
                     "put X back into the path"),
    "out-mx": ("Host name and address stay", "until the listener is closed", "HOLD until the TTL has passed",
               "mail waits at its senders"),
    "out-lb": ("cut none", "No health check enables it again"),
    "out-smarthost": ("Change every sender", "if they queue at all", "change them back"),
    "connections": ("three times in a row", "the coordinator decides that its mail waits"),
    "intake": ("From inside as well", "4xx (temporary), never 5xx"),
    "flush": ("Deferred mail too", "Continue and note how many messages wait"),
    "product-queue": ("Retry once: let the scheduled job that sends them run", "Else HOLD", "who delivers them"),
    "queue-empty": ("Nobody delivers what is left there, and no sender is told", "unless the coordinator chooses",
                    "a second person signs"),
    "dump": ("After the stop no dump can be made", "before the dump has succeeded"),
    "stop": ("open connections are allowed to finish", "out of service", "do not kill", "after 10 minutes"),
    "counts-before": ("note why a count is missing",),
    "backup": ("Outside X, on another host", "snapshot lacks logs, quarantine and database", "the only way back",
               "Only a server with a backup is upgraded"),
    "upgrade": ("as root", "Exactly these roles", "Another prompt: do not answer, call", "No reboot",
                "No change of a name or an address", "documents no way back",
                "errors in the logs of Mail Filters are expected",
                "repeat nothing, save the logs"),
    "migrate": ("Immediately after the upgrade, nothing else in between", "The same options on every server",
                "decide it once, for all servers", "Exactly these options"),
    "start-csm": ("before you start on the next server", "start on no other server"),
    "start-look": ("Start only what does not run", "Start it, once"),
    "verify": ("From here on a database error on X is a fault", "HOLD, out of the mail path"),
    "old-queue": ("Delete nothing", "The coordinator records how it is delivered"),
    "product-queue-after": ("delete nothing", "The coordinator records who delivers it"),
    "definitions": ("Before it accepts mail", "no mail yet"),
    "counts-after": ("remove nothing", "else explained"),
    "intake-tester": ("to the test's sender only", "opens to everybody only after the test", "close it again",
                      "No live mail"),
    "test": ("Through this server alone, before its paths bring live mail", "upgrade no further server"),
    "test-each": ("Through this server alone, before its paths bring live mail", "no live mail for this server"),
    "back": ("take it out", "no queue grows"),
    "soak": ("Before you start on the next server", "take X out of the mail again"),
    "release-jobs": ("Only jobs that point to X", "Those that point to X stay off", "Leave it held"),
    "gate-phase-1": ("every finished server has to go back too", "backout card", "by its latest start"),
    "gate-first-mail-filter": ("did not do the test", "Upgrade nothing more", "a reason, a second name"),
    "gate-first-mta": ("did not do the test", "Upgrade nothing more", "a reason, a second name"),
    "complete": ("Only now start on it", "crossed out with a reason and two names"),
}  # fmt: skip


def test_what_a_step_forbids_permits_or_ends_stands_in_its_words(words: Words) -> None:
    assert set(GUARDS) <= set(FORMS)
    lost = {}
    for form, phrases in GUARDS.items():
        fields = words.tables["steps"][form].values()
        whole = " ".join(bare(said) for value in fields for said in (value if isinstance(value, list) else [value]))
        if missing := [phrase for phrase in phrases if phrase not in whole]:
            lost[form] = missing
    assert lost == {}
