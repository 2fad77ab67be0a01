"""Words that people do not meet in this product, with the field's instead; and wrong counts.

What a site wrote, its commands and what a host said are not ours, and are never searched.
"""

import re

# a word or phrase, as a pattern, that nobody reads, and the field's instead
BETTER = {
    "a person saw": "recorded by a person",
    "all the same": "(leave it out)",
    "are ours to": "we may",
    "astray": "lost",
    "at hand": "ready",
    "at the latest by": "latest end",
    "at the worst": "at the latest time, or: longest case",
    "at worst": "longest case",
    "bearable": "how long this can last",
    "bring up to date": "update",
    "brought over": "migrated",
    "by and by": "gradually",
    "call out": "announce on the bridge",
    "called out": "announced on the bridge",
    "cannot be told": "not known",
    "^checked by$": "verified by",
    "could not look": "not checked",
    "count on": "assume",
    "^done by$": "performed by",
    "facts id": "facts ref.",
    "for anybody": "(name them)",
    "fresh": "relief team",
    "given up": "lost",
    "go on": "continue",
    "goes? on by": "continues by",
    "good enough": "continue?",
    "good while": "discard it if",
    "has moved": "changed",
    "have heard": "have acknowledged",
    "hope": "does not hold",
    "in that night": "that night",
    "intake": "SMTP listener",
    "is made up for": "is filled in later",
    "is seen by": "is monitored by",
    "is written": "is recorded",
    "(?:is|are|all) well": "is fine",
    "(?:is|are|be) begun": "started",
    "kinds of step": "step types",
    "knows? whom": "(name them)",
    "labelled blanks?": "missing commands",
    "left aside": "ignored",
    "left behind": "not migrated",
    "looked,": "checked,",
    "look(?:s|ed|ing)? (?:at|into|over|by hand)": "check",
    "may be repeated": "(leave it out)",
    "named risk": "accepted risk",
    "nerves": "(leave it out)",
    "newly due": "new since approval",
    "nobody (?:knows|has|is|can tell)": "not known, not recorded",
    "not (?:be )?seen": "not checked",
    "of use to": "needed by",
    "off the tree": "outside the installation, on another host",
    "(?:old|new) tree": "the 5.6.1 installation, the version 6 installation",
    "plan digest": "plan ref.",
    "put off": "deferred",
    r"put(?:s|ting)? (?:\w+ )?right": "correct",
    "refused for good": "rejected (5xx)",
    "refused for the time being": "deferred (4xx)",
    "rests": "is paused",
    "roles to tick": "roles to select in the installer",
    "saved": "backed up",
    "see that": "check",
    "so long": "until then",
    "stands? still": "is stopped",
    "starter": "init script",
    "take down": "log",
    "taken down": "logged",
    "the way on": "the next step",
    "time to live": "TTL",
    "told": "reported",
    "touch(?:es|ed)?": "start on, or: change",
    "troubled": "(leave it out)",
    r"vouch\w*": "confirm",
    "wanted change": "planned change",
    "way back": "backout, or: restore",
    "we look": "check",
    "wishes": "requests",
    "write down": "record, or note",
}
# of files and commands
TECHNICAL = {"facts id", "fresh", "is written", "may be repeated", "plan digest", "saved"}
OF_PEOPLE = {"told"}  # who hears of something; a program reports
ANY = re.compile(rf"(?<![\w-])(?:{'|'.join(phrase.strip('^$') for phrase in BETTER)})(?![\w-])", re.IGNORECASE)
COUNTED = (
    "blocker", "warning", "finding", "check", "fact", "server", "item", "file", "message", "line", "job", "night",
    "path", "option", "case", "remark", "clock", "command", "part", "second", "minute", "hour", "day", "answer",
    "Mail Filter", "Mail Transfer Agent", "row", "step", "question", "waiver",
)  # fmt: skip
ONE_OF_MANY = re.compile(rf"(?<![\w.:,/-])1 (?:open |other |more )?(?:{'|'.join(COUNTED)})s\b")
ROLE_OF_THE_FILE = re.compile(r"(?<![\w-])(?:csm|mta|mail-filter|euwi|gwi)(?![\w-])")


def banned(text: str) -> list[str]:
    """The phrases of the list in a text."""
    if not ANY.search(text):
        return []
    return [phrase for phrase in BETTER if re.search(rf"(?<![\w-]){phrase}(?![\w-])", text, re.IGNORECASE)]


def not_plain(*texts: str) -> list[str]:
    """Each text of a program with a word of the list, a count of one with its plural, or a role by its short word."""
    searches = (ONE_OF_MANY, ROLE_OF_THE_FILE)
    wrong = [(phrase, text) for text in texts for phrase in banned(text) if phrase not in TECHNICAL]
    wrong += [(found[0], text) for text in texts for search in searches if (found := search.search(text))]
    return [f"{found!r} in: {text}" for found, text in wrong]
