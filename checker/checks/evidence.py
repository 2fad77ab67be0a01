"""Was it tried, can it be restored, is the product there? Only people know: their answers are read, not believed."""

import re
from datetime import date, timedelta
from typing import Literal

from checker.checks.mechanism import Case, Host, Word, asked, check, failed, passed
from checker.deployment import PROCEDURE_KINDS, Server
from checker.durations import DECISIVE

# All three limits are ours; the vendor names none.
REHEARSAL_AGE = timedelta(days=180)  # data grow, machines are patched and people forget within half a year
RESTORE_AGE = timedelta(days=180)  # media, keys and versions of the backup program change meanwhile
BACKUP_AGE = timedelta(days=3)  # Friday's is the last one on Monday; the mail of more days would be lost

FAULT = r"(?:error|failure|fault|problem|warning|loss|difference|complaint|issue)s?"
HARMLESS = re.compile(
    rf"\b(?:no|without|zero|0)\s+(?:an?\s+|any\s+|a\s+single\s+)?{FAULT}\b"
    r"|\b(?:not|none|nothing|never|0|zero)\s+(?:is\s+|was\s+|has\s+)?(?:fail(?:ed)?|missing|aborted|corrupt(?:ed)?)\b"
    r"|\bno\.\s*\d+",
    re.IGNORECASE,
)
NO = re.compile(
    r"^\W*(?:no|none|not|never|nothing|nein|false|n/a)(?!\w)"
    r"|\b(?:fail(?:s|ed|ing|ures?)?|abort(?:s|ed)?|errors?|never|unsuccessful(?:ly)?|corrupt(?:ed)?|unreadable|unusable"
    r"|broken|incomplete|missing|cancell?ed)\b"
    r"|(?:\bnot|n['’]t)\s+(?:yet\s+)?(?:been\s+)?"
    r"(?:yet|done|tested|tried|restored|restorable|taken|made|possible|complete|finished|staged|there|available|checked)\b",
    re.IGNORECASE,
)
DOUBT = re.compile(
    r"\b(?:no|not|nothing|none|cannot|without|except|only|unknown|unclear|unsure|maybe|probably|should|will|planned"
    r"|pending|tbd|todo|soon|tomorrow|partly|partial|partially)\b|n['’]t\b|\?",
    re.IGNORECASE,
)
BARE = re.compile(
    r"(?:\b(?:yes|ja|y|ok|okay|true|done|fine|good|tested|restored|taken|exists|confirmed|on)\b|[\W\d])*", re.I
)
DAYS = re.compile(r"\b(20\d\d)-(\d\d)-(\d\d)\b|\b(\d\d?)\.(\d\d?)\.(20\d\d)\b")
SHA256 = re.compile(r"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])", re.IGNORECASE)
PLACE = re.compile(r"(?<![\w./:-])/[\w.+/-]+")
LACKED = re.compile(r"\b(?:database|dump|pg_dump|quarantine|qdir|logs?)\b", re.IGNORECASE)


def reading(text: str) -> tuple[Literal["yes", "no", "open"], str]:
    """Whether an answer is a clear yes, a no, or open, and the word that makes it a no or open."""
    plain = HARMLESS.sub(" ", text)
    if said := NO.search(plain):
        return "no", said[0].strip()
    if said := DOUBT.search(plain):
        return "open", said[0].strip()
    return "yes", ""


def days_named(text: str) -> tuple[date, ...]:
    """The days that a text names as 2026-12-05 or 5.12.2026; other writings are read differently in every country."""
    found = []
    for year, month, day, day2, month2, year2 in DAYS.findall(text):
        try:
            found.append(date(int(year or year2), int(month or month2), int(day or day2)))
        except ValueError:
            continue
    return tuple(found)


def _today(case: Case) -> date:
    return case.now.astimezone(case.deployment.change.zone).date()


def _unclear(case: Case, text: str, said: str, at: date, expected: str) -> Word | None:
    """The word on an answer that is no clear yes, or None."""
    if at > _today(case):
        return asked(f"dated {at}, which is after this check", said, expected=expected)
    meant, word = reading(text)
    if meant == "no":
        return failed(f"the answer says “{word}”: {text}", said, expected=expected)
    if meant == "open":
        return asked(f"the answer is no clear yes, it says “{word}”: {text}", said, expected=expected)
    return None


def _dated(case: Case, text: str, said: str, at: date, limit: timedelta, expected: str) -> Word:
    """A clear yes by its age: the latest past day that it names, else the day of the answer."""
    if unclear := _unclear(case, text, said, at, expected):
        return unclear
    today, named = _today(case), days_named(text)
    past = [day for day in named if day <= today]
    if named and not past:
        return asked(f"{min(named)} is after this check: {text}", said, expected=expected)
    when = max(past, default=at)
    if today - when > limit:
        return failed(f"{when} is {(today - when).days} days ago: {text}", said, expected=expected)
    return passed(f"answered: {said}", expected=expected)


def _evidence(case: Case, text: str, by: str, at: date, limit: timedelta, expected: str) -> Word:
    word = _dated(case, text, f"{text} ({by}, {at})", at, limit, expected)
    if word.outcome == "pass" and BARE.fullmatch(text):
        return asked(f"the answer names nothing that can be looked up: {text}", *word.observed, expected=expected)
    return word


@check(
    "rehearsal",
    "The upgrade was rehearsed",
    subject="deployment",
    severity="warning",
    stages=("change",),
    demands=("V21",),
    remedy=(
        "Try the whole upgrade on copies that no mail reaches, with their addresses changed, and write rehearsal: "
        "on, by, result, minutes, rates.",
    ),
)
def rehearsal(case: Case) -> Word:
    """An upgrade that nobody tried is the first risk of the change; its result counts, and what was measured in it."""
    tried, answer = case.deployment.rehearsal, case.answer("rehearsal")
    expected = f"a result without an error, at most {REHEARSAL_AGE.days} days old (our limit)"
    if tried is None:
        if answer and reading(answer[1])[0] == "no":
            return failed(f"answered: {answer[1]} ({answer[0].by}, {answer[0].at})", expected=expected)
        return asked("no rehearsal is declared", expected=expected)
    said = f"{tried.result} ({tried.by}, {tried.on})"
    word = _dated(case, tried.result, said, tried.on, REHEARSAL_AGE, expected)
    procedure = case.deployment.procedure
    stated = {kind for kind in PROCEDURE_KINDS if any(item.minutes for item in procedure.items(kind))}
    measured = [*(f"minutes of {kind}" for kind in tried.minutes), *(f"rate of {kind}" for kind in tried.rates)]
    lacking = sorted(DECISIVE - set(tried.minutes) - stated)
    told = (
        f"measured: {', '.join(measured) or 'neither minutes nor rates'}",
        *((f"no minutes from anywhere: {', '.join(lacking)}",) if lacking else ()),
        *(() if "restore" in tried.rates else ("no rate of restore: no time for the way back can be printed",)),
    )
    return word._replace(observed=(*word.observed, *told))


@check(
    "restore-tested",
    "A restore was tried",
    subject="server",
    severity="warning",
    stages=("two-days",),
    remedy=(
        "Restore this server's backup somewhere else, time it, and answer: "
        'answers: {restore-tested: {by: …, at: …, servers: {NAME: "what, where to, on which day"}}}.',
    ),
)
def restore_tested(case: Case, server: Server, host: Host) -> Word:
    """A restore that nobody ever tried is no way back: only an answer with its day counts."""
    expected = f"what was restored, where to, within the last {RESTORE_AGE.days} days (our limit)"
    answer = case.answer("restore-tested", server.name)
    if not answer:
        return asked("nobody has said whether a restore was tried", expected=expected)
    return _evidence(case, answer[1], answer[0].by, answer[0].at, RESTORE_AGE, expected)


@check(
    "backup-evidence",
    "There is a backup of this server",
    subject="server",
    severity="blocker",
    stages=("server",),
    remedy=(
        "Make a copy off the tree of configuration, database, quarantine and logs, look into it, and answer: "
        'answers: {backup-evidence: {by: …, at: …, servers: {NAME: "what, where, of which day"}}}.',
    ),
)
def backup_evidence(case: Case, server: Server, host: Host) -> Word:
    """The product's snapshots hold no logs, no quarantine and no database (its manual, 5.5): they are no backup."""
    expected = f"what was saved and where it lies, at most {BACKUP_AGE.days} days old (our limit)"
    answer = case.answer("backup-evidence", server.name)
    if not answer:
        return asked("nobody has said where this server's backup lies", expected=expected)
    given, text = answer
    if re.search(r"\bsnapshots?\b", text, re.IGNORECASE) and not LACKED.search(text):
        return failed(
            f"a snapshot is no backup, it need not hold quarantine, logs and database: {text}",
            f"{text} ({given.by}, {given.at})",
            expected=expected,
        )
    return _evidence(case, text, given.by, given.at, BACKUP_AGE, expected)


def _checksum(case: Case, server: Server) -> str | None:
    answer = case.answer("install-media", server.name)
    found = SHA256.search(answer[1]) if answer else None
    return found[0].lower() if found else None


@check(
    "install-media",
    "The installation media is staged",
    subject="server",
    severity="blocker",
    stages=("two-days",),
    demands=("V23",),
    remedy=(
        "Put the same file on every server, take its SHA-256 there, and answer: "
        'answers: {install-media: {by: …, at: …, servers: {NAME: "path and SHA-256"}}}.',
    ),
)
def install_media(case: Case, server: Server, host: Host) -> Word:
    """The same file everywhere: by its declared checksum, or else as on the first server; below the declared path."""
    media = case.deployment.media
    expected = "the path or the SHA-256 of the file on this server"
    if media:
        expected = f"below {media.path}" + (f", SHA-256 {media.sha256}" if media.sha256 else "")
    answer = case.answer("install-media", server.name)
    if not answer:
        return asked("nobody has said whether the media is on this server", expected=expected)
    text, own = answer[1], _checksum(case, server)
    said = f"{text} ({answer[0].by}, {answer[0].at})"
    if unclear := _unclear(case, PLACE.sub(" ", text), said, answer[0].at, expected):
        return unclear
    places = PLACE.findall(text)
    if media and places and not any(f"{place}/".startswith(f"{media.path}/") for place in places):
        return failed(f"it lies at {', '.join(places)}, declared is {media.path}", said, expected=expected)
    if media and media.sha256:
        if own is None:
            return asked("the answer names no SHA-256 to compare", said, expected=expected)
        if own != media.sha256:
            return failed(f"another file: its SHA-256 is {own}", said, expected=expected)
        return passed("the declared SHA-256", said, expected=expected)
    if own is None and not places:
        return asked("the answer names neither a path nor a SHA-256", said, expected=expected)
    measure = next(((other.name, its) for other in case.deployment.servers if (its := _checksum(case, other))), None)
    if own and measure and own != measure[1]:
        return failed(
            f"another file than on {measure[0]}: SHA-256 {own}",
            said,
            expected=f"SHA-256 {measure[1]}, as on {measure[0]}",
        )
    return passed("staged" + (", the same file as on the first server" if own else ""), said, expected=expected)
