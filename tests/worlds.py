"""Healthy worlds for each stage, made from the samples, to be changed by one thing and judged as the command does.

A world is what a person hands to `check`: the deployment file with every scalar as text, facts and baseline as their
files have them, and the options. A change is a function that takes the world and changes it in place.
"""

import copy
import functools
import json
import runpy
import tempfile
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from checker.checks import BY_ID
from checker.errors import InputError
from checker.facts.host_facts import HostFacts
from checker.inputs.deployment import Deployment
from checker.inputs.deployment_file import load
from checker.report import Finding, Report, Stage
from runbook.cli import pipeline
from runbook.resources import resource

SAMPLES = resource("samples")
COLLECTED: Callable[..., dict[str, HostFacts]] = runpy.run_path(str(SAMPLES / "regenerate.py"))["collected"]
KNOWN = {id: check.waivable for id, check in BY_ID.items()}
GIB = 1024 * 1024
BEFORE = datetime(2026, 12, 3, 9, 0, tzinfo=UTC)  # when the baseline of every world was taken
AGE = timedelta(minutes=15)  # of the facts
DAYTIME, EVENING = datetime(2026, 12, 4, 11, 0, tzinfo=UTC), datetime(2026, 12, 5, 18, 15, tzinfo=UTC)
MOMENTS: dict[str, dict[Stage, datetime]] = {
    sample: {
        "change": DAYTIME,
        "two-days": DAYTIME,
        "one-hour": evening,
        "server": evening,
        "after": evening + timedelta(hours=9),
    }
    for sample, evening in (
        ("harbour-mail", EVENING + timedelta(hours=2)),
        ("library-mail", EVENING + timedelta(hours=2)),
        ("county-mail", EVENING + timedelta(hours=2)),
        ("museum-mail", EVENING + timedelta(hours=2)),
        ("university-mail", EVENING),
    )
}


@dataclass
class World:
    """All that decides a verdict. `done`, `servers`, `only`, `skip` are names as on the command line."""

    deployment: dict[str, Any]
    facts: dict[str, dict[str, Any]]
    baseline: dict[str, dict[str, Any]] | None
    now: datetime
    stage: Stage
    done: tuple[str, ...] = ()
    servers: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    strict: bool = False
    more: dict[str, Any] = field(default_factory=dict)  # further fields of the question

    def server(self, name: str) -> dict[str, Any]:
        """A server as it is declared."""
        found: dict[str, Any] = next(each for each in self.deployment["servers"] if each["name"] == name)
        return found

    def value(self, server: str, path: str, value: Any) -> None:
        """A fact that says something else."""
        self.facts[server]["facts"][path] = {"value": value, "unit": None, "how": "changed by this test"}

    def unknown(self, server: str, path: str, partial: Any = None) -> None:
        """A fact that nobody could see."""
        self.facts[server]["facts"][path] = {"unknown": "permission denied", "partial": partial}

    def seen(self, server: str, path: str) -> Any:
        """A fact's value, to be changed in place."""
        return self.facts[server]["facts"][path]["value"]

    def then(self, server: str, path: str, value: Any) -> None:
        """A fact of the baseline that said something else."""
        assert self.baseline is not None
        self.baseline[server]["facts"][path] = {"value": value, "unit": None, "how": "changed by this test"}

    def path(self, key: str, value: str) -> None:
        """Another declared place, about which the servers were asked."""
        self.deployment["paths"][key] = value
        for hosts in (self.facts, self.baseline or {}):
            for host in hosts.values():
                if host.get("asked"):
                    host["asked"][f"paths.{key}"] = value

    def space(self, server: str, *rows: tuple[str, str, str, float, float]) -> None:
        """File systems as (mount point, device, type, total GiB, available GiB), and the mount table to them."""
        self.value(server, "storage.space", [
            {"mount_point": point, "device": device, "type": kind, "total_kib": int(total * GIB),
             "available_kib": int(available * GIB)}
            for point, device, kind, total, available in rows
        ])  # fmt: skip
        self.value(server, "storage.mounts", [
            {"mount_point": point, "device": device, "type": kind, "options": ["rw"]}
            for point, device, kind, _, _ in rows
        ])  # fmt: skip

    def available(self, server: str, kib: float, mount_point: str = "/opt") -> None:
        """Another room on a file system, in KiB."""
        for row in self.seen(server, "storage.space"):
            if row["mount_point"] == mount_point:
                row["available_kib"] = int(kib)

    def collected(self, at: datetime, *servers: str) -> None:
        """The facts of these servers (none named: of all) were collected at another time, by clocks that agree."""
        for name in servers or tuple(self.facts):
            host = self.facts[name]
            ahead = datetime.fromisoformat(host["host_clock"]) - datetime.fromisoformat(host["collected_at"])
            host["collected_at"], host["host_clock"] = at.isoformat(), (at + ahead).isoformat()

    def declared(self) -> Deployment:
        """The deployment as it is read from its file; InputError with its faults."""
        return read(json.dumps(self.deployment, sort_keys=True))

    def judged(self) -> Report:
        """The report that the command makes of this world; InputError where it would end with 2."""
        question = pipeline.Question(
            stage=self.stage, servers=self.servers, done=self.done, only=self.only, skip=self.skip,
            strict=self.strict, **self.more,
        )  # fmt: skip
        before = None if self.baseline is None else hosts(self.baseline)
        return pipeline.report(self.declared(), hosts(self.facts), self.now, question, before)

    def outcome(self) -> str:
        """The verdict, or `fault` where the input is refused."""
        try:
            return self.judged().verdict
        except InputError:
            return "fault"


Change = Callable[[World], None]


@functools.lru_cache(maxsize=64)
def read(text: str) -> Deployment:
    """The deployment of a file with this text (JSON is YAML); InputError with its faults."""
    with tempfile.TemporaryDirectory() as place:
        file = Path(place, "deployment.yaml")
        file.write_text(text, encoding="utf-8")
        return load(file, KNOWN)


def hosts(files: Mapping[str, Mapping[str, Any]]) -> dict[str, HostFacts]:
    """The facts of these files."""
    return {name: HostFacts.model_validate(content) for name, content in files.items()}


@functools.cache
def _file(sample: str) -> str:
    return json.dumps(yaml.load((SAMPLES / sample / "deployment.yaml").read_text(encoding="utf-8"), yaml.BaseLoader))


@functools.lru_cache(maxsize=64)
def _hosts(sample: str, at: datetime, done: frozenset[str]) -> str:
    return json.dumps({name: host.model_dump(mode="json") for name, host in COLLECTED(sample, at, done).items()})


def names(sample: str = "county-mail") -> list[str]:
    """The servers of a sample, in the order of its file."""
    return [server["name"] for server in json.loads(_file(sample))["servers"]]


def healthy(stage: Stage, sample: str = "county-mail", done: Collection[str] | None = None) -> World:
    """A world that is GO at a stage: at `after` with all servers done, by their facts as well, else with none."""
    now = MOMENTS[sample][stage]
    finished = frozenset((names(sample) if stage == "after" else ()) if done is None else done)
    return World(
        deployment=json.loads(_file(sample)),
        facts=json.loads(_hosts(sample, now - AGE, finished)),
        baseline=json.loads(_hosts(sample, BEFORE, frozenset())),
        now=now,
        stage=stage,
        done=tuple(name for name in names(sample) if name in finished),
    )


def changed(world: World, *changes: Change) -> World:
    """A world of its own with these changes."""
    other = copy.deepcopy(world)
    for change in changes:
        change(other)
    return other


def finding(report: Report, check: str, server: str | None = None) -> Finding:
    """What a check says of a subject."""
    return next(found for found in report.findings if (found.check, found.server) == (check, server))
