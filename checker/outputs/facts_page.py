"""The page docs/facts.md: every fact, its unit, whether it drifts by itself, and which collectors can know it."""

from checker.facts.catalogue import CATALOGUE, Fact
from checker.facts.collect.local_psutil import PREFERRED

HEAD = """\
# Facts

What is known of a server, by the path that it has in `DIR/<server>.json`. A fact is a value with the command that said
it, or unknown with the reason; a sum or count that stopped half-way is unknown with its lower bound as `partial`.

**Frozen** facts do not change by themselves before the night: a change is news. **Drifting** ones do, and are measured
again. Every collector (`--via ssh`, `--via ansible`, `--via local`, `--from-files`) brings the output of the same probe
and can know every fact; *psutil* stands where `--via local` takes the machine's own calls instead.

| fact | meaning | unit | kind | known by |
|---|---|---|---|---|
"""


def facts_page() -> str:
    """The page as Markdown, one row for each fact of the catalogue in its order."""
    return HEAD + "".join(f"| {' | '.join(_row(fact))} |\n" for fact in CATALOGUE.values())


def _row(fact: Fact[object]) -> tuple[str, ...]:
    kind = "drifting" if fact.drifting else "frozen"
    collectors = "probe; local: psutil" if fact in PREFERRED else "probe"
    return f"`{fact.path}`", fact.meaning, fact.unit or "", kind, collectors
