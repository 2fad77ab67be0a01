"""What changed since an earlier edition, and which of its printed pages are still good."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pydantic import ValidationError

from checker.errors import InputError
from checker.legible import visible
from checker.text_file import MIB, read_bytes
from runbook.plan.given_files import asked
from runbook.plan.plan_model import Plan, Step

LARGEST = 64 * MIB  # a plan takes 26 KiB a server: 52 MiB for as many as one deployment may have
# what is printed besides the sheets, by document
PAGES = {"board": "board paper", "night": "night book without its sheets", "help-desk": "help-desk card"}
READABLE = ("title", "text", "site_text", "command", "expect", "if_not", "caution", "options")


@dataclass(frozen=True)
class Changes:
    """Between two plans: the servers whose sheets are to be printed again, taken out or kept, and what changed.

    `documents`: those of which a page that is no sheet changed. `moved`: a line for each sheet whose times moved. A
    moved latest start alone is reason to print a sheet again.
    """

    same: bool
    again: tuple[str, ...]
    gone: tuple[str, ...]
    kept: tuple[str, ...]
    steps: tuple[str, ...]
    moved: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()


def earlier_plan(path: Path) -> Plan:
    """The plan of an earlier edition, as `-o PLAN.json` wrote it; InputError where it is none."""
    content = read_bytes(path, LARGEST, "a plan written by `runbook -o PLAN.json`")
    try:
        return Plan.model_validate_json(content)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, first["loc"])) or "the whole file"
        said = visible(f"{place}: {first['msg']}")
        raise InputError(f"{path}: not a plan written by this version with -o PLAN.json: {said}") from None


def changes(old: Plan, new: Plan, told_as: Callable[[datetime | None], str] = str) -> Changes:
    """What to do with a printed set of the old plan, times by `told_as`; InputError for another deployment's."""
    if old.deployment != new.deployment:
        names = visible(f"the earlier plan is of {old.deployment}, this one of {new.deployment}")
        raise InputError(f"{names}: expected the same")
    late = {name for name in new.order if _moved(old, new, name, "latest_at")}
    again = tuple(name for name in new.order if name in late or old.sheets.get(name) != new.sheets[name])
    before, after = ({step.id: step for step in plan.steps} for plan in (old, new))
    lines = [f"new: {after[id].number} {after[id].title}" for id in after if id not in before]
    lines += [f"gone: {before[id].number} {before[id].title}" for id in before if id not in after]
    lines += [
        f"changed: {step.number} {step.title} ({', '.join(different)})"
        for id, step in after.items()
        if id in before and (different := _different(before[id], step))
    ]
    return Changes(
        same=old.digest == new.digest,
        again=again,
        gone=tuple(name for name in old.order if name not in new.sheets),
        kept=tuple(name for name in new.order if name not in again),
        steps=tuple(lines),
        documents=tuple(name for name in new.documents if old.documents.get(name) != new.documents[name]),
        moved=tuple(line for name in new.order for line in _times(old, new, name, told_as)),
    )


def in_words(found: Changes, old: str) -> str:
    """The changes for the person at the printer, ending in a line break."""
    if found.same and not found.moved:
        return f"{visible(f'no printed page changed since plan {old}: print only the go/no-go slip (--slip)')}\n"
    pages = [PAGES.get(name, name) for name in found.documents]
    rows = [f"since plan {old}:", f"  print again: {'; '.join([*pages, ', '.join(found.again) or 'no sheet'])}"]
    rows += [f"  take out: {', '.join(found.gone)}"] if found.gone else []
    rows += [f"  keep: {', '.join(found.kept) or 'no sheet'}"]
    rows += ["  times moved:", *(f"    {line}" for line in found.moved)] if found.moved else []
    return "\n".join(map(visible, [*rows, *(f"  {line}" for line in found.steps)])) + "\n"


def _moved(old: Plan, new: Plan, server: str, which: str) -> list[tuple[Step, Step]]:
    """The steps of a sheet of which one of the times is another one, before and after."""
    before = {step.id: step for step in old.of(server)}
    both = ((before[step.id], step) for step in new.of(server) if step.id in before)
    return [(was, now) for was, now in both if getattr(was, which) != getattr(now, which)]


def _times(old: Plan, new: Plan, server: str, told_as: Callable[[datetime | None], str]) -> Iterator[str]:
    """What moved on a sheet: the first planned start, the first latest start, and when it is done at the latest."""

    def line(what: str, which: str, place: int) -> Iterator[str]:
        if moved := _moved(old, new, server, which):
            was, now = moved[place]
            yield f"{what} of {now.number} {told_as(getattr(was, which))} → {told_as(getattr(now, which))}"

    parts = [*line("start", "starts_at", 0), *line("latest start", "latest_at", 0), *line("latest end", "ends_at", -1)]
    if parts:
        again = "print again" if _moved(old, new, server, "latest_at") else "still valid as printed, except these times"
        yield f"{server}: {'; '.join(parts)}: {again}"


def _different(old: Step, new: Step) -> list[str]:
    """The fields that read differently; of a check that names other files, neither its commands nor their text."""
    passing = ("command", "text") if _names_other_files(old, new) else ()
    changed = (name for name in READABLE if getattr(old, name) != getattr(new, name) and name not in passing)
    return [name.replace("_", " ") for name in changed]


def _names_other_files(old: Step, new: Step) -> bool:
    ours = old.site_text is None and new.site_text is None
    return ours and old.command != new.command and asked(old.command or "") == asked(new.command or "")
