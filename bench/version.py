"""How much longer `pmx-preflight --version` takes than importing typer alone; exits 1 when the promise is broken.

The command line needs typer whatever it does, so that import is the floor; what is above it is ours.
CPU time, not the clock on the wall: it hardly changes when the machine is busy.
"""

import argparse
import resource
import statistics
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

PROMISE = 1.6
FEWEST_RUNS = 9  # the median of fewer still moves by several percent

FLOOR = (sys.executable, "-c", "import typer")
OURS = (str(Path(sys.executable).with_name("pmx-preflight")), "--version")


def cpu_seconds(command: Sequence[str]) -> float:
    """User and system seconds of one run of the command; raises CalledProcessError when it fails."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def medians(ours: Sequence[str], floor: Sequence[str], runs: int) -> tuple[float, float]:
    """The median CPU seconds of both commands, run in turns so that a busy machine slows both."""
    for command in (ours, floor):
        cpu_seconds(command)  # the first run may still compile modules
    pairs = [(cpu_seconds(ours), cpu_seconds(floor)) for _ in range(runs)]
    first, second = zip(*pairs, strict=True)
    return statistics.median(first), statistics.median(second)


def main() -> int:
    """Prints the ratio; returns 0 when it keeps the promise, else 1."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=15, help=f"of each command, at least {FEWEST_RUNS}")
    parser.add_argument("command", nargs="*", default=OURS, help="measured instead of pmx-preflight --version")
    given = parser.parse_args()
    ours, floor = medians(given.command, FLOOR, max(given.runs, FEWEST_RUNS))
    ratio = ours / floor
    print(f"ours {ours * 1000:.0f} ms, import typer {floor * 1000:.0f} ms of CPU")
    print(f"ratio {ratio:.2f}, promised at most {PROMISE}")
    return 0 if ratio <= PROMISE else 1


if __name__ == "__main__":
    sys.exit(main())
