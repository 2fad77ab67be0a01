"""A difference for people, frozen changes first, and as JSON for machines."""

import json
from collections import Counter
from collections.abc import Iterator
from itertools import groupby
from typing import Any

from checker.facts.catalogue import CATALOGUE
from checker.facts.diff import OUTCOME, Difference, FactChange, FindingChange, Said, Side
from checker.outputs import wrap
from checker.outputs.json_text import escaped, pieces
from checker.report import UNREAD
from checker.values import canonical

NAMED_BY = ("mount_point", "path", "part", "name", "address", "interface")  # what people call a row by, best first


def to_text(difference: Difference, width: int) -> str:
    """The difference as lines of at most `width` columns; what hosts said is shown, never obeyed."""
    parts = [(title, section) for title, section in _sections(difference, width) if section]
    lines = [line for title, section in parts for line in ("", *wrap(title, width), *section)]
    return "\n".join(lines[1:] or [f"No difference between these {difference.of}."]) + "\n"


def to_json(difference: Difference) -> str:
    """The difference as indented JSON with sorted keys; the same difference has the same bytes."""
    return "".join(map(escaped, pieces(difference)))


def schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of what `to_json` returns."""
    whole = Difference.model_json_schema(mode="serialization")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **whole}


def _sections(difference: Difference, width: int) -> Iterator[tuple[str, list[str]]]:
    yield "VERDICT", [f"  {' → '.join(difference.verdict)}"] if difference.verdict else []
    names = [f"{name}: new" for name in difference.added] + [f"{name}: gone" for name in difference.removed]
    yield "SERVERS", [line for name in names for line in wrap(name, width, "  ", "    ")]
    frozen = [change for change in difference.facts if change.kind == "frozen"]
    yield f"CHANGED (THESE FACTS DO NOT CHANGE BY THEMSELVES): {len(frozen)}", list(_frozen(frozen, width))
    drifting = [change for change in difference.facts if change.kind == "drifting"]
    yield f"DRIFTED (THESE FACTS CHANGE BY THEMSELVES): {len(drifting)}", list(_drifting(drifting, width))
    turned = [change for change in difference.findings if change.turned]
    yield f"DIFFERENT OUTCOME: {len(turned)}", list(_findings(turned, width))
    same = [change for change in difference.findings if not change.turned]
    yield f"SAME OUTCOME, DIFFERENT WORDS: {len(same)}", list(_findings(same, width))


def _frozen(changes: list[FactChange], width: int) -> Iterator[str]:
    for server, group in groupby(changes, key=lambda change: change.server):
        yield from wrap(server, width, "  ")
        for change in group:
            yield from wrap(f"{change.path}{_meaning(change.path)}", width, "    ", "      ")
            for line in _what_changed(change):
                yield from wrap(line, width, "      ", "        ")


def _drifting(changes: list[FactChange], width: int) -> Iterator[str]:
    """By fact, so that the same drift on many servers is read at one place."""
    for path, group in groupby(sorted(changes, key=lambda change: (change.path, change.server)), lambda c: c.path):
        yield from wrap(f"{path}{_meaning(path)}", width, "  ", "    ")
        for change in group:
            yield from wrap(f"{change.server}: {_summary(change)}", width, "    ", "      ")


def _findings(changes: list[FindingChange], width: int) -> Iterator[str]:
    for server, group in groupby(changes, key=lambda change: change.server):
        yield from wrap(server or "deployment", width, "  ")
        unread: Counter[str] = Counter()
        for change in group:
            if _unread(change.before) or _unread(change.after):
                unread[_turn(change)] += 1
                continue
            yield from wrap(f"{change.check} ({change.severity}): {_turn(change)}", width, "    ", "      ")
            for word, said in (("before", change.before), ("after", change.after)):
                if said:
                    yield from wrap(f"{word}: {said.message}", width, "      ", "        ")
        if unread:
            turns = ", ".join(f"{count} {turn}" for turn, count in sorted(unread.items()))
            yield from wrap(f"not read before or not read now: {turns}", width, "    ", "      ")


def _unread(said: Said | None) -> bool:
    """Whether a finding says only that its server was not read: dozens of these are one thing to know."""
    return said is not None and said.message == UNREAD


def _turn(change: FindingChange) -> str:
    return " → ".join(said.outcome if said else "not checked" for said in (change.before, change.after))


def _meaning(path: str) -> str:
    if path == OUTCOME:
        return " (whether the server was read)"
    return f" ({CATALOGUE[path].meaning})" if path in CATALOGUE else ""


def _what_changed(change: FactChange) -> list[str]:
    """One line from before to after; of lists only the rows that are gone, changed or new."""
    before, after = (side.value if side and side.unknown is None else None for side in (change.before, change.after))
    if isinstance(before, dict) and isinstance(after, dict):
        return [_fields(before, after)]
    if not (isinstance(before, list) and isinstance(after, list)):
        return [f"{_side(change.before, change.unit)} → {_side(change.after, change.unit)}"]
    gone, new = _named(_without(before, after)), _named(_without(after, before))
    same: list[str] = []
    for name in sorted(gone.keys() & new.keys()):
        was, now = gone[name], new[name]
        if len(was) == len(now) == 1 and isinstance(was[0], dict) and isinstance(now[0], dict):
            same.append(f"{name}: {_fields(was.pop(), now.pop())}")
    lost = [f"gone: {_row(row)}" for name in sorted(gone) for row in gone[name]]
    return same + lost + [f"new: {_row(row)}" for name in sorted(new) for row in new[name]]


def _fields(before: dict[str, Any], after: dict[str, Any]) -> str:
    """The fields of a row that changed."""
    return ", ".join(
        f"{_word(key)} {_amount(before.get(key), _row_unit(key))} → {_amount(after.get(key), _row_unit(key))}"
        for key in before | after
        if before.get(key) != after.get(key)
    )


def _summary(change: FactChange) -> str:
    lines = _what_changed(change)
    return "; ".join(lines) if len(lines) <= 3 else "; ".join(lines[:3]) + f" and {len(lines) - 3} more"


def _without(rows: list[Any], others: list[Any]) -> list[Any]:
    """The rows that are not among the others, each as often as it is there more often."""
    left = Counter(map(canonical, rows)) - Counter(map(canonical, others))
    return [json.loads(row) for row in sorted(left.elements())]


def _named(rows: list[Any]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for row in rows:
        found.setdefault(_name(row), []).append(row)
    return found


def _name(row: Any) -> str:
    """What people call a row by; a port belongs to the name of what listens on it."""
    if not isinstance(row, dict):
        return str(row)
    name = next((str(row[key]) for key in NAMED_BY if row.get(key)), "")
    return f"{name}, port {row['port']}" if "port" in row else name


def _row(row: Any) -> str:
    if not isinstance(row, dict):
        return str(row)
    return ", ".join(
        f"{_word(key)} {_amount(value, _row_unit(key))}" for key, value in row.items() if value is not None
    )


def _word(key: str) -> str:
    return key.removesuffix("_kib").replace("_", " ")


def _row_unit(key: str) -> str | None:
    return "KiB" if key.endswith("kib") else None


def _side(side: Side | None, unit: str | None) -> str:
    if side is None:
        return "not collected"
    return f"unknown ({side.unknown})" if side.unknown is not None else _amount(side.value, unit)


def _amount(value: Any, unit: str | None) -> str:
    """A value with its unit, KiB in the unit that people compare in.

    >>> _amount(3_500_000, "KiB")
    '3.3 GiB'
    """
    if unit == "KiB" and isinstance(value, int | float):
        return f"{value / 1024 / 1024:.1f} GiB" if abs(value) >= 1024 * 1024 else f"{value / 1024:.1f} MiB"
    if isinstance(value, list):
        return ", ".join(map(_row, value)) or "none"
    if isinstance(value, dict):
        return _row(value)
    if value is None or value == "":
        return "nothing"
    words = {True: "yes", False: "no"}[value] if isinstance(value, bool) else value
    return f"{words} {unit}" if unit else str(words)
