"""The page docs/facts.md: every fact, its unit, whether it drifts, its commands by platform, who reads it."""

from collections.abc import Sequence

from checker.checks.rules import read_by
from checker.facts.catalogue import CATALOGUE
from checker.facts.collect.local_psutil import PREFERRED
from checker.facts.fact import Fact, by_platform

HEAD = """\
# Facts

What is known of a server, by the path that it has in `DIR/<server>.json`. A fact is a value with the command that said
it, or unknown with the reason; a sum or count that stopped half-way is unknown with its lower bound as `partial`.

**Frozen** facts do not change by themselves before the night: a change is news. **Drifting** ones do, and are measured
again. Every collector (`--via ssh`, `--via ansible`, `--via local`, `--from-files`) reads the output of the same probe
and can know every fact; *psutil* means that `--via local` uses the machine's own calls instead.

The probe reads a fact by the first of its commands or files that the host has; behind those that only some platforms
have, or use for it, these are named.

A check that reads a fact may be decided by it. Where it is unknown and nothing else shows it, that check is unknown.
The sizes of parts are also read for the minutes of the nights, by the rates of a rehearsal. A fact that no check reads
stands on the pages and in `diff` alone.

| fact | meaning | unit | kind | by | checks that read it |
|---|---|---|---|---|---|
"""


def facts_page() -> str:
    """The page as Markdown, one row for each fact of the catalogue in its order."""
    readers = read_by()
    return HEAD + "".join(f"| {' | '.join(_row(fact, readers[fact.path]))} |\n" for fact in CATALOGUE.values())


def _row(fact: Fact[object], checks: Sequence[str]) -> tuple[str, ...]:
    kind = "drifting" if fact.drifting else "frozen"
    ways = by_platform(fact.commands) or "the rows of df for each place"
    local = "; local: psutil" if fact in PREFERRED else ""
    return f"`{fact.path}`", fact.meaning, fact.unit or "", kind, ways + local, ", ".join(checks)
