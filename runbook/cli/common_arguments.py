"""What every command is given: the deployment, names that it must know, and the time that it takes for now."""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from pathlib import Path

from checker.checks import BY_ID
from checker.errors import InputError
from checker.inputs import deployment_file
from checker.inputs.deployment import Deployment
from checker.schedule.order import order
from checker.text_file import nearest


def read_deployment(path: Path) -> Deployment:
    """The deployment of a file; InputError with every fault that it has."""
    return deployment_file.load(path, {check.id: check.waivable for check in BY_ID.values()})


def parse_time(text: str | None, deployment: Deployment | None = None) -> datetime:
    """The time that a judgement takes for now, in UTC: the clock's, or the one given.

    It is of the change's time zone, unless it says another; without a deployment it must.
    """
    if text is None:
        return datetime.now(UTC).replace(microsecond=0)
    try:
        given = datetime.fromisoformat(text)
    except ValueError:
        raise InputError(f"--now {text!r} is not a time: expected one such as 2026-12-05T21:45+01:00") from None
    if given.tzinfo:
        return given.astimezone(UTC)
    if deployment is None:
        raise InputError(f"--now {text}: has no time zone: expected one such as 2026-12-05T21:45+01:00")
    first, second = (given.replace(tzinfo=deployment.change.zone, fold=fold) for fold in (0, 1))
    if first.utcoffset() != second.utcoffset():
        raise InputError(
            f"--now {text}: the clocks of {deployment.change.timezone} change then, and that time is skipped or "
            f"repeated: expected it with its offset, such as {first.astimezone(UTC).isoformat(timespec='minutes')}"
        )
    return first.astimezone(UTC)


def known_names(option: str, names: Collection[str], there: Sequence[str]) -> None:
    """InputError, with a suggestion, for a name given to an option that is not among those there."""
    for name in names:
        if name not in there:
            near = nearest(name, there)
            raise InputError(f"{option} {name}: unknown name" + (f"; did you mean {near}?" if near else ""))


def finished(deployment: Deployment, done: Sequence[str] | None, through: str | None) -> tuple[str, ...]:
    """The servers that are finished: those named, and with `through` that server and all before it in the order."""
    names = [server.name for server in order(deployment.servers)]
    known_names("--done-through", [through] if through else [], names)
    return (*(done or ()), *(names[: names.index(through) + 1] if through else ()))
