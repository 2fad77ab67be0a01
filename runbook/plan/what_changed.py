"""What changed since an earlier edition, and which of its printed sheets are still good."""

from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from checker.errors import InputError
from checker.outputs import visible
from checker.text_file import MIB, read_bytes
from runbook.plan.plan_model import Plan, Step

LARGEST = 64 * MIB  # a plan takes 26 KiB a server: 52 MiB for as many as one deployment may have
READABLE = ("title", "text", "site_text", "command", "expect", "if_not", "caution", "options")


@dataclass(frozen=True)
class Changes:
    """Between two plans: the servers whose sheets are to be printed again, taken out or kept, and what changed."""

    same: bool
    again: tuple[str, ...]
    gone: tuple[str, ...]
    kept: tuple[str, ...]
    steps: tuple[str, ...]


def load(path: Path) -> Plan:
    """The plan of an earlier edition, as `-o PLAN.json` wrote it; InputError where it is none."""
    content = read_bytes(path, LARGEST, "a plan that `runbook -o PLAN.json` has written")
    try:
        return Plan.model_validate_json(content)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, first["loc"])) or "the whole file"
        said = visible(f"{place}: {first['msg']}")
        raise InputError(f"{path}: not a plan that this version wrote with -o PLAN.json: {said}") from None


def changes(old: Plan, new: Plan) -> Changes:
    """What is to be done with a printed set of the old plan; InputError for another deployment's."""
    if old.deployment != new.deployment:
        names = visible(f"the earlier plan is of {old.deployment}, this one of {new.deployment}")
        raise InputError(f"{names}: expected the same")
    again = tuple(name for name in new.order if old.sheets.get(name) != new.sheets[name])
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
    )


def told(found: Changes, old: str) -> str:
    """The changes for the person at the printer, ending in a line break."""
    if found.same:
        same = f"nothing that is printed on a sheet changed since plan {old}; print the front matter alone"
        return f"{visible(same)}\n"
    rows = [f"since plan {old}:", f"  print again: the front matter; {', '.join(found.again) or 'no sheet'}"]
    rows += [f"  take out: {', '.join(found.gone)}"] if found.gone else []
    rows += [f"  keep: {', '.join(found.kept) or 'no sheet'}"]
    return "\n".join(map(visible, [*rows, *(f"  {line}" for line in found.steps)])) + "\n"


def _different(old: Step, new: Step) -> list[str]:
    return [field.replace("_", " ") for field in READABLE if getattr(old, field) != getattr(new, field)]
