"""What `check` and `runbook -o PLAN.json` cost for ten times as many servers; exits 1 when a promise is broken.

The peer of each number of servers is a tenth of it, measured in the same minute. All take turns (10, 100, 1,000, and
again), so that a busy machine slows all of them. CPU, not the clock on the wall; the start of Python counts for all.
"""

import argparse
import io
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from fleet import load

TESTS = Path(__file__).parents[1] / "tests"
OURS = str(Path(sys.executable).with_name("pmx-preflight"))
SIZES = (10, 100, 1000)
COMMANDS = {"check": ("check", "report.json", "--format", "json"), "plan": ("runbook", "plan.json")}
GIVEN = ["--facts", "facts", "--baseline", "baseline", "--stage", "server", "--now", "2026-12-05T18:15:00+00:00"]
# CPU of 1,000 servers divided by that of 100: ten times as much, and what sorting and colder caches cost
PROMISES = {"check": 11.0, "plan": 12.0}
FINDING_MS = 0.3  # of CPU for each finding of the largest check, start included
PEAK_MB = {"check": 250, "plan": 250}
# in a process of its own: one that is started takes over the peak memory of who starts it
MADE = (
    "import sys; sys.path.insert(0, sys.argv[1]); import large; large.site(large.Path(sys.argv[2]), int(sys.argv[3]))"
)


@dataclass(frozen=True)
class Cost:
    """One run: seconds of CPU, user and system, and the highest memory in MB."""

    cpu: float
    peak: float


def main() -> int:
    """Prints the figures and each promise; returns 0 when all are kept, else 1."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sizes", nargs="*", type=int, default=SIZES, metavar="N", help="servers, the least first")
    parser.add_argument("--rounds", type=int, default=3, choices=range(1, 16), metavar="N")
    given = parser.parse_args()
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(line_buffering=True)  # a run takes minutes
    with tempfile.TemporaryDirectory(prefix="linear-") as name:
        place = Path(name)
        for size in given.sizes:
            (place / str(size)).mkdir()
            subprocess.run([sys.executable, "-c", MADE, TESTS, place / str(size), str(size)], check=True)
        print(f"deployments of {', '.join(map(str, given.sizes))} servers made; {load()}")
        costs: dict[tuple[str, int], list[Cost]] = {}
        for number in range(1, given.rounds + 1):
            for size in given.sizes:
                for what in PROMISES:
                    cost = run(what, place / str(size))
                    costs.setdefault((what, size), []).append(cost)
                    print(f"round {number}  {what:5} of {size:4}  {cost.cpu:6.2f} s CPU  {cost.peak:4.0f} MB")
        findings = len(json.loads((place / str(given.sizes[-1]) / "report.json").read_bytes())["findings"])
    return 0 if all(kept(costs, given.sizes, findings)) else 1


def run(what: str, site: Path) -> Cost:
    """One command in the directory of a deployment, as on the evening itself; CalledProcessError where it is no GO."""
    name, output, *form = COMMANDS[what]
    (site / output).unlink(missing_ok=True)  # else it is looked at first, whether it is ours
    words = [OURS, name, "deployment.yaml", *GIVEN, "-o", output, *form]
    process = subprocess.Popen(words, cwd=site, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, words)
    return Cost(used.ru_utime + used.ru_stime, used.ru_maxrss / 1000)


def kept(costs: dict[tuple[str, int], list[Cost]], sizes: Sequence[int], findings: int) -> list[bool]:
    """Prints each ratio with what is promised of it; whether each promise is kept."""
    said = []
    for what, most in PROMISES.items():
        for less, more in pairwise(sizes):
            both = zip(costs[what, less], costs[what, more], strict=True)
            ratios = [large.cpu / small.cpu for small, large in both]
            median = statistics.median(ratios)
            line = f"{what}: CPU of {more} servers / of {less}  {median:.2f} ({min(ratios):.2f} to {max(ratios):.2f})"
            said.append(promise(line, median, most if (less, more) == SIZES[-2:] else None))
        peak = max(cost.peak for cost in costs[what, sizes[-1]])
        most_mb = PEAK_MB[what] if sizes[-1] <= SIZES[-1] else None
        said.append(promise(f"{what}: highest memory of {sizes[-1]} servers, MB  {peak:.0f}", peak, most_mb))
    each = 1000 * statistics.median(cost.cpu for cost in costs["check", sizes[-1]]) / findings
    line = f"check: ms of CPU for each of {findings} findings  {each:.2f}"
    said.append(promise(line, each, FINDING_MS if sizes[-1] == SIZES[-1] else None))
    return said


def promise(line: str, seen: float, most: float | None) -> bool:
    """Prints a line with what is promised; whether it is kept."""
    good = most is None or seen <= most
    print(line + ("" if most is None else f"  promised at most {most:g}: {'kept' if good else 'BROKEN'}"))
    return good


if __name__ == "__main__":
    sys.exit(main())
