"""What the words of steps around the sheets forbid, permit and end; those of the sheets have a table of their own."""

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
