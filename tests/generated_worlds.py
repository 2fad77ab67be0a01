"""Whole worlds from a seed: healthy variations on top of each other, and in half of them one thing that is wrong.

A world goes through files and the command itself. What must come of it is known from how it was made: by the thing
that is wrong (its row in the single-fault table), else GO.
"""

import json
import random
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

from single_faults import NEVER, facts, hosts, options, people, well
from single_faults.fields import _field, _window
from worlds import World, healthy

from checker.report import STAGES, Stage

Change = Callable[[World], object]
SAMPLES = (*["county-mail"] * 3, "library-mail", "harbour-mail", "museum-mail", "university-mail")


class Thing(NamedTuple):
    """A change, the part of a site that it touches, and the stages at which it ends the GO."""

    part: str
    name: str
    change: Change
    ends: tuple[Stage, ...]
    stages: tuple[Stage, ...] = STAGES


class Made(NamedTuple):
    """A world, its name, and the exit codes that are right."""

    name: str
    world: World
    right: frozenset[int]


PARTS = {  # of the healthy variations: two of one part would undo each other
    "two equal volumes of their own": "disk",
    "a size counted in part, and a dated figure that fits": "disk",
    "a sparse log": "logs",
    "400 GiB free, and no figure for the installation": "disk",
    "ZFS, one pool": "disk",
    "a new file system for version 6": "disk",
    "a backup that was declared after collecting, at the first stage": "disk",
    "short names in the baseline, full names now": "names",
    "names in capitals": "names",
    "a baseline of the same evening": "baseline",
    "root by pfexec, named by a person": "root",
    "carried by hand": "collected",
    "the vendor's support has ended": "support",
    "the database by its address": "database",
    "one night more than is needed": "windows",
    "one mail server filters, the other delivers": "roles",
    "no path declared": "paths",
    "no outbound path declared": "paths",
    "a watchdog in cron": "starters",
    "the product's own postgres link": "tree",
}
VARIATIONS = [
    Thing(PARTS.get(name, name), name, change, NEVER, stages)
    for name, change, stages in well.VARIATIONS
    if name != "the sample itself"
]
TOUCHES = {  # of what the table has: which part of a site each thing touches, where a variation may touch it as well
    "read without root": "root", "a KiB of room": "disk", "less than no room": "disk", "mounted read-only": "disk",
    "a landing place without a file system": "disk", "a quarantine of a terabyte": "disk",
    "a size seen neither now nor before": "disk", "another name": "names", "another configured name": "names",
    "the database's name leads nowhere": "database", "version 6 names no database": "database",
    "its database's name leads nowhere": "database", "a web interface": "roles", "nothing listens": "roles",
    "the agent does not listen": "roles",
}  # fmt: skip
WRONG = [
    *(Thing(TOUCHES.get(name, "?"), name, change, ends) for name, change, ends, _ in facts.SAYS_OTHERWISE if ends),
    *(
        Thing("collected", f"{server} {outcome}", hosts._not_read(server, outcome), STAGES)
        for server in ("db1", "mx1", "mx2")
        for outcome in ("connection refused", "timed out", "login refused")
    ),
    *(
        Thing("collected", f"{server} a year old", hosts._age(hosts._all_of(server), timedelta(days=365)),
              ("two-days", "one-hour", "server", "after"))
        for server in ("db1", "mx1", "mx2")
    ),
    Thing("baseline", "no baseline", lambda w: setattr(w, "baseline", None), ("one-hour", "server", "after")),
    Thing("baseline", "the facts as baseline", hosts._facts_themselves, ("one-hour", "server", "after")),
    Thing("asked", "another target was asked for", hosts._asked("paths.target", "/srv/pmx6"), STAGES),
    Thing("asked", "another deployment was asked", hosts._asked("deployment", "the-lab"), STAGES),
    Thing("done", "--server mx1", options._named("mx1"), ("one-hour", "server")),
    Thing("done", "--server mx2", options._named("mx2"), ("one-hour", "server")),
    Thing("windows", "a window of last year", options._from_now(-timedelta(days=365)), STAGES[:4]),
    Thing("windows", "a window in a week", options._from_now(timedelta(days=7)), ("one-hour", "server")),
    Thing("windows", "a window of an hour", _window("2026-12-05T22:00", "2026-12-05T23:00"), STAGES[:4]),
    Thing("support", "no support", people.said("support-line", confirmed="no"), STAGES[1:4]),
    Thing("root", "nobody becomes root", people._root(confirmed="no"), STAGES[1:4]),
    Thing("backup", "a failed backup", people.said("backup-evidence", result="failed"), ("server",)),
    Thing("backup", "a backup of 2024", people.said("backup-evidence", finished="2024-01-01T03:00"), ("server",)),
    Thing("version", "version 5.5", people.said("source-version", version="5.5"), STAGES[:4]),
    Thing("media", "media not opened", people.said("install-media", opened="no"), STAGES[1:4]),
    Thing("addresses", "another address declared", _field("servers/1/addresses", ["192.0.2.77"]), STAGES[:4]),
    Thing("migration", "other options on one", _field("servers/1/migration", {"options": ["Logs"]}), STAGES[:4]),
    Thing("disk", "an installation of a TiB", _field("disk/installation_kib", str(1024**3)), STAGES[1:4]),
    Thing("left out", "--skip reachable", lambda w: setattr(w, "skip", ("reachable",)), STAGES[:4]),
    Thing("left out", "--only window-fits", lambda w: setattr(w, "only", ("window-fits",)), STAGES),
    Thing("left out", "--rehearsal", lambda w: w.more.update(rehearsal=True), STAGES),
]  # fmt: skip
GO, NOT, REFUSED = frozenset({0}), frozenset({1, 3}), frozenset({2})
SLIPS = [
    Thing("slip", "a server of no name", _field("servers/0/name", ""), STAGES),
    Thing("slip", "a role that is not there", _field("servers/0/roles", ["database", "scm"]), STAGES),
    Thing("slip", "the target inside the source", _field("paths/target", "/opt/pmx/v6"), STAGES),
    Thing("slip", "a window that ends before it begins", _window("2026-12-06T06:00", "2026-12-05T22:00"), STAGES),
    Thing("slip", "an unknown key", _field("windows", "x"), STAGES),
    Thing("slip", "free text as an answer",
          _field("answers/source-version", {"value": "x", "by": "A", "at": "2026-12-01"}), STAGES),
]  # fmt: skip


def made(seed: int) -> Made:
    """The world of a seed."""
    dice = random.Random(seed)
    stage = dice.choice(STAGES)
    sample = dice.choice(SAMPLES)
    world = healthy(stage, sample)
    things: list[Thing] = []
    if sample == "county-mail":
        kind = dice.random()
        pool = WRONG if kind < 0.5 else SLIPS if kind < 0.6 else []
        fault = dice.choice([thing for thing in pool if stage in thing.ends]) if pool else None
        taken = {fault.part} if fault else set()
        for thing in dice.sample(VARIATIONS, dice.randint(0, 4)):
            if stage in thing.stages and thing.part not in taken:
                things.append(thing)
                taken.add(thing.part)
        things += [fault] if fault else []
    for thing in things:
        thing.change(world)
    wrong = next((thing for thing in things if thing.ends), None)
    right = GO if wrong is None else REFUSED if wrong.part == "slip" else NOT
    name = f"{seed}: {sample}, {stage}: {'; '.join(thing.name for thing in things) or 'as it is'}"
    return Made(name, world, right)


def arguments(world: World, place: Path) -> list[str]:
    """The files of a world, and what `check` is called with."""
    place.mkdir(parents=True, exist_ok=True)
    file = place / "deployment.yaml"
    file.write_text(json.dumps(world.deployment, ensure_ascii=False, indent=1), encoding="utf-8")
    given = ["check", str(file), "--stage", world.stage, "--now", world.now.isoformat()]
    for option, found in (("facts", world.facts), ("baseline", world.baseline)):
        if found is not None:
            (place / option).mkdir()
            for name, host in found.items():
                (place / option / f"{name}.json").write_text(json.dumps(host), encoding="utf-8")
            given += [f"--{option}", str(place / option)]
    for option, values in (("done", world.done), ("server", world.servers), ("only", world.only), ("skip", world.skip)):
        given += [text for value in values for text in (f"--{option}", value)]
    return given + [f"--{name}" for name, value in world.more.items() if value] + ["--strict"] * world.strict
