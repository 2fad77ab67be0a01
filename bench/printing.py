"""What printing the set costs against one WeasyPrint document of the same HTML; exits 1 when a promise is broken.

The contenders take turns (A B C A B C …), so that a busy machine slows all of them. Everybody has the same two cores,
the same page model and the same templates. The one document gets its HTML ready-made: the start of the command, the
check, the plan and the templates are in our time alone, which favours it. Exit 2: not all of it could be measured.
"""

import argparse
import filecmp
import io
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import contents
from fleet import load
from printers import ONE, Contender, Cost, affordable, beside, one_document, ours, run

CORES = 2
# ours divided by the one document, by servers
WALL_PROMISES = {25: 0.50, 200: 0.37, 500: 0.33}
CHANGED_PROMISES = {500: 0.05}
AGAIN_PROMISES = {60: 0.15}  # the CPU of the set with one changed server, divided by that of the whole set
CHROMIUM_PROMISES = {25: 1.5}  # ours divided by Chromium, which gives neither form fields nor heads that change
MEMORY_PROMISES = {25: 250, 60: 250, 500: 250}  # MB of our largest process
LONG_SECONDS = 60  # one beside that took longer has had its turn

Round = dict[str, Cost]


def main() -> int:
    """Prints the figures and each promise; returns 0 when all are kept, 1 when one is broken, 2 when one is unknown."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sizes", nargs="*", type=int, default=[25, 60, 200, 500], metavar="N", help="servers")
    parser.add_argument("--rounds", type=int, default=3, choices=range(1, 16), metavar="N")
    parser.add_argument("--limit", type=float, default=1500, metavar="SECONDS", help="of one run of one contender")
    parser.add_argument(
        "--ablation", nargs="?", type=int, const=25, metavar="N", help="what each element of a page costs, instead"
    )
    given = parser.parse_args()
    if min([*given.sizes, 1 if given.ablation is None else given.ablation]) < 1:
        parser.error("at least one server")
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(line_buffering=True)  # a run takes minutes
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # else what was started would go on
    cores = sorted(os.sched_getaffinity(0))[:CORES]
    os.sched_setaffinity(0, cores)  # every contender inherits it
    Path("/proc/self/oom_score_adj").write_text("1000")  # where memory runs out, nobody else's process is to go
    print(f"{len(cores)} cores for everybody; {load()}")
    if given.ablation:
        import ablation

        return ablation.compare(given.ablation, given.rounds)
    if len(cores) < CORES:
        print(f"what is promised is promised for {CORES} cores", file=sys.stderr)
        return 2
    kept: list[bool | None] = []
    for servers in given.sizes:
        with tempfile.TemporaryDirectory(prefix="printing-") as folder:
            kept += compare(Path(folder), servers, given.rounds, given.limit)
        print(load())
    return 1 if False in kept else 2 if None in kept else 0


def compare(folder: Path, servers: int, rounds: int, limit: float) -> list[bool | None]:
    """Runs the rounds of one size, prints all figures; what is said of its promises comes back."""
    print(f"\n{servers} servers")
    if subprocess.run([sys.executable, contents.__file__, str(folder), str(servers)]).returncode:
        return [None]
    content = contents.read(folder)
    # not timed: looking takes time from the one looked at
    looked = ours("looked at", content.runbook, folder / "ours", content.mark, folder / "kept", look=True)
    if not (first := run(looked, servers, limit)) or first.stopped:
        return [None]
    contenders = [
        ours("ours", content.runbook, folder / "ours", content.mark, None),
        ours("changed", content.runbook_moved, folder / "changed", content.mark, folder / "cache"),
        *affordable([one_document(content, folder / "one")], servers),
    ]
    peers = affordable(beside(content, folder), servers)
    done: list[Round] = []
    for number in range(1, rounds + 1):
        print(f"round {number} of {rounds}")
        shutil.rmtree(folder / "cache", ignore_errors=True)
        shutil.copytree(folder / "kept", folder / "cache")
        costs = one_round([*contenders, *peers], servers, limit, done)
        if {"ours", "changed"} <= costs.keys():
            print(f"  changed: less space on {content.moved}, {printed_again(folder)}")
        peers = [peer for peer in peers if (cost := costs.get(peer.name)) and cost.wall <= LONG_SECONDS]
        done.append(costs)
    return judge(done, servers)


def one_round(contenders: Sequence[Contender], servers: int, limit: float, done: Sequence[Round]) -> Round:
    """What each cost; who was stopped at the limit once is not waited for again."""
    costs = {}
    for contender in contenders:
        before = done[-1].get(contender.name) if done else None
        cost = before if before and before.stopped else run(contender, servers, limit)
        if cost:
            costs[contender.name] = cost
    return costs


def printed_again(folder: Path) -> str:
    """In how many files of the set the bytes differ after the change, and what the cache did not hold."""
    files = [path.name for path in (folder / "changed").glob("*.pdf")]
    same, _, _ = filecmp.cmpfiles(folder / "ours", folder / "changed", files, shallow=False)
    kept, cache = ({path.name for path in (folder / it).rglob("*") if path.is_file()} for it in ("kept", "cache"))
    return f"{len(files) - len(same)} of {len(files)} files printed again, {len(cache - kept)} new in the cache"


def judge(done: Sequence[Round], servers: int) -> list[bool | None]:
    """Prints all ratios of the rounds; what is said of the promises comes back."""
    print(f"ratios with {servers} servers")
    kept: list[bool | None] = []
    for name, promises in (("ours", WALL_PROMISES), ("changed", CHANGED_PROMISES)):
        most = promises.get(servers)
        said = promise(f"wall, {name} / one document", *walls(done, name, ONE), most)
        kept += [] if most is None else [said]
    counting = [costs for costs in done if "ours" in costs and ONE in costs and not costs[ONE].stopped]
    promise("CPU, ours / one document", [costs["ours"].cpu / costs[ONE].cpu for costs in counting])
    promise("largest process, ours / one document", [costs["ours"].process / costs[ONE].process for costs in counting])
    both = [(costs["changed"], costs["ours"]) for costs in done if {"changed", "ours"} <= costs.keys()]
    again = AGAIN_PROMISES.get(servers)
    said = promise("CPU, changed / ours", [changed.cpu / whole.cpu for changed, whole in both], most=again)
    kept += [] if again is None else [said]
    for name, peer, promises in (("ours", "Chromium", CHROMIUM_PROMISES), ("ours", "Typst", {})):
        most = promises.get(servers)
        if most is not None or any(peer in costs for costs in done):
            said = promise(f"wall, {name} / {peer}", *walls(done, name, peer), most)
            kept += [] if most is None else [said]
    if servers in MEMORY_PROMISES:
        most = MEMORY_PROMISES[servers]
        peaks = [costs["ours"].process / most for costs in done if "ours" in costs and not costs["ours"].stopped]
        kept.append(promise(f"our largest process / {most} MB", sorted(peaks)[-1:], most=1))
    return kept


def walls(done: Sequence[Round], name: str, peer: str) -> tuple[list[float], bool]:
    """The ratios of the rounds that count, and whether they are only known to be at most that."""
    both = [(costs[name], costs[peer]) for costs in done if {name, peer} <= costs.keys() and not costs[name].stopped]
    return [own.wall / other.wall for own, other in both], any(other.stopped for _, other in both)


def promise(what: str, ratios: Sequence[float], bounded: bool = False, most: float | None = None) -> bool | None:
    """Prints the ratios, and what is promised of their median; None when that is not known."""
    if not ratios:
        print(f"  {what:38}  not measured")
        return None
    median = statistics.median(ratios)
    kept = most is None or median <= most or (None if bounded else False)
    said = {True: "kept", False: "BROKEN", None: "not known"}[kept]
    word = "" if most is None else f"  promised at most {most}: {said}"
    at_most = "at most " if bounded else ""
    print(f"  {what:38}  {at_most}{median:.3f} ({min(ratios):.3f} to {max(ratios):.3f}){word}")
    return kept


if __name__ == "__main__":
    sys.exit(main())
