"""What the demo's PDF costs against the first edition's: CPU, medians of turns; exits 1 when the promise is broken.

Both editions print the same three servers from the same kind of facts with their own command, each from a checkout with
an environment of its own. What counts is the PDF alone: the CPU of `runbook -o X.pdf` less that of `runbook -o X.json`,
which has the start, the check and the plan. The first edition is set up below `out/`, once, or found with --first.
"""

import argparse
import io
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from fleet import load
from version import cpu_seconds

ROOT = Path(__file__).parents[1]
COMMIT = "da103f4"  # the first edition
PROMISE = 0.45  # ours divided by the first edition's
NOW = "2026-12-05T20:45+01:00"  # of both demos


@dataclass(frozen=True)
class Edition:
    """A checkout with its environment; the sample of its demo, which has facts and may have a baseline."""

    checkout: Path
    sample: str

    def command(self, output: Path) -> list[str]:
        sample = self.checkout / "samples" / self.sample
        words = [self.checkout / ".venv" / "bin" / "pmx-preflight", "runbook", sample / "deployment.yaml"]
        words += ["--facts", sample / "facts", "--stage", "server", "--now", NOW, "--no-cache", "--force", "-o", output]
        if (sample / "baseline").is_dir():
            words += ["--baseline", sample / "baseline"]
        return [str(word) for word in words]


def main() -> int:
    """Prints each turn and the ratio; returns 0 when the promise is kept, 1 when broken, 2 when unknown."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5, choices=range(1, 16), metavar="N")
    parser.add_argument("--first", type=Path, metavar="DIR", help=f"a checkout of {COMMIT} with its .venv")
    given = parser.parse_args()
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(line_buffering=True)
    try:
        first = given.first or set_up(ROOT / "out" / "first-edition")
        editions = {"ours": Edition(ROOT, "county-mail"), "first": Edition(first, "three")}
        with tempfile.TemporaryDirectory(prefix="first-edition-") as folder:
            ratios = measured(editions, Path(folder), given.rounds)
    except (OSError, subprocess.CalledProcessError) as error:
        print(error, (getattr(error, "stderr", None) or b"").decode(errors="replace"), file=sys.stderr)
        return 2
    median = statistics.median(ratios)
    said = "kept" if median <= PROMISE else "BROKEN"
    print(f"CPU of the PDF, ours / first edition  {median:.3f} ({min(ratios):.3f} to {max(ratios):.3f})")
    print(f"promised at most {PROMISE}: {said}")
    return 0 if median <= PROMISE else 1


def measured(editions: dict[str, Edition], folder: Path, rounds: int) -> Sequence[float]:
    """The ratio of each round, all of them in turns; a first round, in which modules are compiled, does not count."""
    ratios = []
    for number in range(rounds + 1):
        costs = {}
        for name, edition in editions.items():
            whole, plan = (cpu_seconds(edition.command(folder / f"{name}.{kind}")) for kind in ("pdf", "json"))
            costs[name] = whole - plan
            print(f"round {number}  {name:5}  {whole:6.2f} s CPU with the PDF, {plan:5.2f} s with the plan alone")
        if number:
            ratios.append(costs["ours"] / costs["first"])
    print(load())
    return ratios


def set_up(place: Path) -> Path:
    """A worktree of the first edition with what it needs, made where it is not there yet."""
    if not place.is_dir():
        place.parent.mkdir(exist_ok=True)
        subprocess.run(["git", "-C", ROOT, "worktree", "add", "--detach", place, COMMIT], check=True)
    if not (place / ".venv" / "bin" / "pmx-preflight").is_file():
        subprocess.run(["make", "-C", place, ".venv/.installed"], check=True)
    return place


if __name__ == "__main__":
    sys.exit(main())
