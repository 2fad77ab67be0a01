"""Was the upgrade rehearsed, was a restore tested, is the media there? The fields of people's answers decide."""

from datetime import date, datetime, timedelta

from checker.checks.mechanism import Case, Host, Word, asked, check, failed, passed, said_by
from checker.inputs import answer_text
from checker.inputs.answers import BackupEvidence, InstallMedia, NoticesSent, RehearsalAnswer, RestoreTested, SavedPart
from checker.inputs.change import instant
from checker.inputs.deployment import PROCEDURE_KINDS, Server
from checker.legible import several
from checker.report import Measure
from checker.schedule.durations import DECISIVE
from checker.schedule.sizes import MEASURED, chosen_parts

# All three limits are ours; the vendor names none.
REHEARSAL_AGE = timedelta(days=180)  # data grow, machines are patched and people forget within half a year
RESTORE_AGE = timedelta(days=180)  # media, keys and versions of the backup program change meanwhile
BACKUP_AGE = timedelta(days=3)  # Friday's is the last one on Monday; the mail of more days would be lost


def _today(case: Case) -> date:
    return case.now.astimezone(case.deployment.change.zone).date()


def _days(age: timedelta) -> Measure:
    """An age in days, begun ones counted: the bound of a waiver."""
    return Measure(value=-(-age // timedelta(days=1)), unit="days", worse="more")


def _ended(case: Case, finished: datetime) -> datetime:
    """When a copy had finished, in the change's zone."""
    zone = case.deployment.change.zone
    return instant(finished, zone).astimezone(zone)


@check(
    "rehearsal",
    "The upgrade was rehearsed",
    subject="deployment",
    severity="warning",
    stages=("change",),
    demands=("V21",),
    remedy=(
        "Rehearse the whole upgrade on copies that no mail reaches, with their addresses changed. Write rehearsal: "
        "on, by, result (complete/partial/failed), minutes, rates.",
    ),
)
def rehearsal(case: Case) -> Word:
    """An upgrade without a rehearsal is the main risk of the change; its result counts, and what was measured in it."""
    case.answer(RehearsalAnswer)  # one that was given after this check says nothing
    tried = case.deployment.rehearsed
    expected = f"result: complete, at most {REHEARSAL_AGE.days} days old (our limit)"
    if tried is None:
        return asked("no rehearsal is declared", expected=expected)
    said = (f"{tried.result}, on {tried.on}, by {tried.by}", *((tried.note,) if tried.note else ()))
    age = (_today(case) - tried.on).days
    if age < 0:
        return asked(f"the rehearsal is planned for {tried.on}", *said, expected=expected)
    if tried.result != "complete":
        return failed(
            f"the result of the rehearsal of {tried.on} is {tried.result}: its minutes do not count",
            *said,
            expected=expected,
        )
    if age > REHEARSAL_AGE.days:
        return failed(
            f"the rehearsal was {several(age, 'day')} ago", *said, expected=expected, measure=_days(timedelta(days=age))
        )
    procedure = case.deployment.procedure
    stated = {kind for kind in PROCEDURE_KINDS if any(item.minutes for item in procedure.items(kind))}
    measured = [*(f"minutes of {kind}" for kind in tried.minutes), *(f"rate of {kind}" for kind in tried.rates)]
    lacking = sorted(DECISIVE - set(tried.minutes) - stated)
    told = (
        f"measured: {', '.join(measured) or 'neither minutes nor rates'}",
        *((f"no minutes known for: {', '.join(lacking)}",) if lacking else ()),
        *(() if "restore" in tried.rates else ("no restore rate: no time for the backout can be printed",)),
    )
    return passed(f"complete, {several(age, 'day')} ago", *said, *told, expected=expected)


@check(
    "restore-tested",
    "A restore was tested",
    subject="server",
    severity="warning",
    stages=("two-days",),
    remedy=(
        "Restore this server's backup to another host and measure how long it takes.",
        answer_text.remedy("restore-tested"),
    ),
)
def restore_tested(case: Case, server: Server, host: Host) -> Word:
    """Without a tested restore there is no backout plan: only one that was completed within half a year counts."""
    expected = f"result: complete, within the last {RESTORE_AGE.days} days (our limit)"
    answer = case.answer(RestoreTested, server.name)
    if not answer:
        return asked("not recorded: whether a restore was tested", expected=expected)
    ended = _ended(case, answer.finished)
    said = (f"{answer.result}: {', '.join(answer.of)}, {answer.where}, {ended:%Y-%m-%d %H:%M}", said_by(answer))
    if answer.result != "complete":
        return failed(f"the restore was {answer.result}", *said, expected=expected)
    age = case.now - ended
    if age > RESTORE_AGE:
        return failed(f"the restore was {several(age.days, 'day')} ago", *said, expected=expected, measure=_days(age))
    untried = [part for part in _to_be_saved(case, server) if part not in answer.of]
    return passed(
        f"restored {several(age.days, 'day')} ago: {', '.join(answer.of)}",
        *said,
        *((f"not tested: {', '.join(untried)}",) if untried else ()),
        expected=expected,
    )


def _to_be_saved(case: Case, server: Server) -> tuple[SavedPart, ...]:
    """What a backout of this server needs: its configuration and logs, the data of its roles, and what is migrated."""
    chosen = chosen_parts(case.deployment, server)
    needed: dict[SavedPart, bool] = {
        "database": server.has("database"),
        "quarantine": server.has("mail-filter") or "quarantine" in chosen,
        "logs": True,
        "configuration": True,
    }
    return tuple(part for part, is_needed in needed.items() if is_needed)


@check(
    "backup-evidence",
    "This server is backed up",
    subject="server",
    severity="blocker",
    stages=("server",),
    reads=MEASURED,
    remedy=(
        "Back up configuration, database, quarantine and logs to a place outside the installation. Verify that backup.",
        answer_text.remedy("backup-evidence"),
    ),
)
def backup_evidence(case: Case, server: Server, host: Host) -> Word:
    """The product's snapshots hold no logs, no quarantine and no database (its manual, 5.5): they are no backup."""
    needed = _to_be_saved(case, server)
    expected = f"result: complete, of {', '.join(needed)}, at most {BACKUP_AGE.days} days old (our limit)"
    answer = case.answer(BackupEvidence, server.name)
    if not answer:
        return asked("backup location not recorded", expected=expected)
    ended = _ended(case, answer.finished)
    said = (f"{answer.result}: {', '.join(answer.of)}, {answer.where}, {ended:%Y-%m-%d %H:%M}", said_by(answer))
    lacking = [part for part in needed if part not in answer.of]
    if answer.result != "complete":
        return failed(f"the backup is {answer.result}", *said, expected=expected)
    if lacking:
        return failed(f"the backup lacks {', '.join(lacking)}", *said, expected=expected)
    age = case.now - ended
    if age > BACKUP_AGE:
        return failed(f"the backup is {several(age.days, 'day')} old", *said, expected=expected, measure=_days(age))
    night, _ = case.night_of[server.name]
    later = night.start - ended
    if later > BACKUP_AGE and case.stage not in ("server", "after"):
        when = night.start.astimezone(case.deployment.change.zone)
        return asked(
            f"recent enough today, but {several(later.days, 'day')} old when night {night.number} begins "
            f"({when:%Y-%m-%d %H:%M}): back up again before then",
            *said,
            expected=expected,
        )
    return passed(f"complete, of {ended:%Y-%m-%d %H:%M}, {answer.where}", *said, expected=expected)


@check(
    "install-media",
    "The installation media is staged",
    subject="server",
    severity="blocker",
    stages=("two-days",),
    demands=("V23",),
    remedy=(
        "Put the same file on every server, open it there and record its SHA-256.",
        answer_text.remedy("install-media"),
    ),
)
def install_media(case: Case, server: Server, host: Host) -> Word:
    """The same file everywhere: by its declared checksum, or else as on the first server; below the declared path."""
    media = case.deployment.media
    expected = "a file on this server that was opened"
    if media:
        expected = f"below {media.path}" + (f", SHA-256 {media.sha256}" if media.sha256 else "") + ", opened"
    answer = case.answer(InstallMedia, server.name)
    if not answer:
        return asked("not recorded: whether the media is on this server", expected=expected)
    said = (f"{answer.path}" + (f", SHA-256 {answer.sha256}" if answer.sha256 else ""), said_by(answer))
    if not answer.opened:
        return failed("the file was not opened, or does not open", *said, expected=expected)
    if media and not f"{answer.path}/".startswith(f"{media.path}/"):
        return failed(f"it is at {answer.path}, declared is {media.path}", *said, expected=expected)
    if media and media.sha256:
        if answer.sha256 is None:
            return asked("the answer names no SHA-256 to compare", *said, expected=expected)
        if answer.sha256 != media.sha256:
            return failed(f"another file: its SHA-256 is {answer.sha256}", *said, expected=expected)
        return passed("the declared SHA-256", *said, expected=expected)
    first = case.first_media
    if first and answer.sha256 and answer.sha256 != first[1]:
        return failed(
            f"another file than on {first[0]}: SHA-256 {answer.sha256}",
            *said,
            expected=f"SHA-256 {first[1]}, as on {first[0]}",
        )
    same = ", the same file as on the first server" if answer.sha256 else ""
    return passed(f"staged and opened{same}", *said, expected=expected)


@check(
    "notices-sent",
    "The notices are sent and the freeze is acknowledged",
    subject="deployment",
    severity="warning",
    stages=("one-hour",),
    demands=("V07", "V14", "V15"),
    remedy=("Send the notices of the runbook.", answer_text.remedy("notices-sent")),
)
def notices_sent(case: Case) -> Word:
    """Who loses access must know in advance; the freeze holds where those who could break it have acknowledged it."""
    expected = "the numbers of the notices before the night, and who has acknowledged the freeze"
    answer = case.answer(NoticesSent)
    if not answer:
        return asked("not recorded: which notices were sent", expected=expected)
    said = (
        f"notices {', '.join(map(str, sorted(answer.which)))}",
        f"freeze acknowledged by {answer.acknowledged_by}",
        said_by(answer),
    )
    gaps = sorted({*range(1, max(answer.which) + 1)} - {*answer.which})
    if gaps:
        return failed(f"earlier notices were not sent: {', '.join(map(str, gaps))}", *said, expected=expected)
    return passed(f"notices 1 to {max(answer.which)}, freeze acknowledged by {answer.acknowledged_by}", *said)
