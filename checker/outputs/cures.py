"""What would make the verdict GO, in a few lines."""

from collections.abc import Iterator

from checker.report import Report

MOST = 8  # with the line above and the one below no more than ten: a longer list is not read at a terminal


def cure_lines(report: Report) -> Iterator[str]:
    """At most ten lines; none where nobody looked for a cure, and where the verdict is GO."""
    cure = report.cure
    if cure is None:
        return
    if cure.changes:
        these = "this change" if len(cure.changes) == 1 else f"these {len(cure.changes)} changes"
        proof = "no fewer would do" if cure.smallest else "the smallest set that was found"
        yield f"Would be GO with {these} ({proof}):"
        lines = [change.words for change in cure.changes]
    elif cure.nothing_cures:
        yield "No change of a fact, an answer or a declared value is known that makes it GO:"
        lines = [f"{each.check} ({each.server or 'deployment'}): {each.why}" for each in cure.nothing_cures]
    else:
        yield f"No change that would make it GO is named: {cure.why_not}."
        return
    yield from lines[:MOST]
    if len(lines) > MOST:
        yield f"and {len(lines) - MOST} more: all are in the report as JSON"
