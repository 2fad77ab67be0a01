"""Minutes: low, likely and high, each with its basis. The site's own figures come first, then a rehearsal's.

Then what a rehearsal moved in a minute, applied to what was measured; then the site's own planning figures; then ours.
Ours are planning figures for the things that people do with their hands. They are not the vendor's and not measured:
where one of them decides whether a plan fits its window, `window-fits` is unknown, never passed.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from math import ceil

from checker.facts.catalogue import PART_FILES, PART_KIB
from checker.inputs.deployment import PARTS, Deployment, ProcedureItem, Server
from checker.inputs.minutes import LONGEST, OURS, Minutes, ProcedureKind, RateKind, Rehearsal, Work
from checker.schedule.sizes import Sizes, chosen_parts
from checker.values import Basis

# Nobody but the site can know these three: they grow with its data and its machines.
DECISIVE: frozenset[Work] = frozenset({"backup", "upgrade", "migrate"})

# Low, likely and high in percent of what the rehearsed rate gives. Ours: no night is quicker than the rehearsal, and
# production's disks are shared with others who work at night.
SPREAD = (100, 125, 200)

# Seconds for a GB of database when 6.4.6 became 6.4.7 (documented): 80 s for 2 GB; 10 min for 8.5 GB is slower yet.
OTHER_UPGRADE_SECONDS = 40
OTHER_UPGRADE = "PureMessage Upgrade Guide (6.4.6 to 6.4.7)"


@dataclass(frozen=True)
class Estimate:
    """How long something takes, in minutes, and on what ground."""

    low: int
    likely: int
    high: int
    basis: Basis

    def __add__(self, other: "Estimate") -> "Estimate":
        weakest = self.basis if self.basis.kind == "ours" else other.basis
        return Estimate(self.low + other.low, self.likely + other.likely, self.high + other.high, weakest)


NOTHING = Estimate(0, 0, 0, Basis(kind="site"))


@cache
def ours(key: Work) -> Estimate:
    """Our planning figure for a kind of work, in minutes."""
    return Estimate(*OURS[key], basis=Basis(kind="ours", refs=(f"durations.{key}",)))


def planned(deployment: Deployment, key: Work) -> Estimate:
    """The site's own figure for a kind of work where the deployment has one, else ours; in minutes."""
    own = deployment.minutes.get(key)
    return stated(own, f"minutes.{key}") if own else ours(key)


@cache
def stated(minutes: Minutes, where: str) -> Estimate:
    """A figure of the site's own, in minutes."""
    return Estimate(minutes.low, minutes.likely, minutes.high, Basis(kind="site", refs=(where,)))


def complete_rehearsal(deployment: Deployment) -> Rehearsal | None:
    """The rehearsal whose minutes and rates count: a failed or partial one has not seen how long the whole takes."""
    tried = deployment.rehearsed
    return tried if tried and tried.result == "complete" else None


def by_rate(deployment: Deployment, server: Server, kind: ProcedureKind | RateKind, sizes: Sizes) -> Estimate | None:
    """Minutes of a backup, migration or restore, by what a server holds and what the rehearsal moved in a minute.

    By KiB of all its parts or by files of its quarantine, whichever takes longer; likely and high are SPREAD of that,
    and none is more than LONGEST.
    None where a size was not seen or the rate does not tell: files alone tell nothing of a database.
    """
    tried = complete_rehearsal(deployment)
    if tried is None or (kind != "backup" and kind != "migrate" and kind != "restore"):
        return None
    rate = tried.rates.get(kind)
    parts = chosen_parts(deployment, server) if kind == "migrate" else PARTS
    if rate is None or not parts:
        return None
    weighed = parts if rate.kib_per_minute else ()
    counted = [part for part in parts if part == "quarantine" and rate.files_per_minute]
    kib = [sizes.kib.get((server.name, part)) for part in weighed]
    files = [sizes.files.get((server.name, part)) for part in counted]
    if {*weighed, *counted} != {*parts} or None in kib or None in files:
        return None
    minutes = max(
        Fraction(sum(size or 0 for size in kib), rate.kib_per_minute or 1),
        Fraction(sum(count or 0 for count in files), rate.files_per_minute or 1),
    )
    low, likely, high = (min(max(1, ceil(minutes * percent / 100)), LONGEST) for percent in SPREAD)
    refs = [f"{server.name}:{PART_KIB[part].path}" for part in weighed]
    refs += [f"{server.name}:{PART_FILES[part].path}" for part in counted]
    return Estimate(low, likely, high, Basis(kind="measured", refs=(*refs, f"rehearsal.rates.{kind}")))


def best_documented(kib: int) -> Estimate:
    """Minutes that a database of so many KiB took at its best, documented for another upgrade. Never to be summed."""
    minutes = min(ceil(Fraction(kib * OTHER_UPGRADE_SECONDS, 1024 * 1024 * 60)), LONGEST)
    return Estimate(minutes, minutes, minutes, Basis(kind="documented", refs=(OTHER_UPGRADE,)))


def of_items(
    deployment: Deployment,
    kind: ProcedureKind,
    items: tuple[ProcedureItem, ...],
    rated: Estimate | None = None,
) -> tuple[Estimate, ...]:
    """Minutes for each line of the site's procedure of one kind, or one figure for its blank where there is none.

    A rehearsal's figure, or else what its rate gives (`rated`), the site's planning figure or ours, is for the whole
    kind: it stands on the first line that has no minutes of its own, and the others without take no more.
    """
    tried = complete_rehearsal(deployment)
    rehearsed = tried.minutes.get(kind) if tried else None
    figure = stated(rehearsed, f"rehearsal.minutes.{kind}") if rehearsed else rated or planned(deployment, kind)
    whole = iter([figure])
    lines = deployment.procedure.items(kind)
    return tuple(
        stated(item.minutes, f"procedure.{kind}[{lines.index(item)}]") if item.minutes else next(whole, NOTHING)
        for item in items
    ) or tuple(whole)


def total(estimates: Iterable[Estimate]) -> Estimate:
    """The sum of estimates; its basis is ours as soon as one of them is."""
    result = NOTHING
    for estimate in estimates:
        result = result + estimate
    return result
