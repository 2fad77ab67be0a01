"""Deployments of any number of servers, with the facts of their invented hosts."""

import math
import sys
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from checker.facts import facts_store
from checker.facts.host_facts import HostFacts
from checker.inputs.deployment import Deployment
from checker.inputs.deployment_file import load
from runbook.cli import pipeline
from runbook.pages.sources import Edition

SAMPLES = Path(__file__).parent.parent / "samples"
sys.path.insert(0, str(SAMPLES))

from regenerate import Invented, facts, hosts_of  # noqa: E402

NOW = datetime(2026, 12, 5, 18, 15, tzinfo=UTC)
BEFORE = datetime(2026, 12, 3, 9, 0, tzinfo=UTC)  # when the baseline was taken
FIRST_NIGHT = date(2026, 12, 5)
ROOM = 100 * 1024 * 1024  # KiB: for the errors logged while 200 servers wait for their Database, 40 nights
A_NIGHT = 5  # servers that surely fit in a window of the sample


def declared(count: int) -> dict[str, Any]:
    """The sample of eleven servers with another number of them: one Database with CSM, agents, filters, interfaces.

    A single server holds every role.
    """
    sample = load(SAMPLES / "university-mail" / "deployment.yaml").model_dump(mode="json", exclude_unset=True)
    rest = count - 1
    webs = rest // 5
    agents = (rest - webs) * 2 // 5
    filters = rest - webs - agents
    kinds = (("mta", agents, ["mta"]), ("filter", filters, ["mail-filter"]), ("web", webs, ["euwi", "gwi"]))
    roles = ["database", "csm"] if rest else ["database", "csm", "mta", "mail-filter", "euwi", "gwi"]
    named = [("db1", roles), *((f"{kind}{at}", held) for kind, many, held in kinds for at in range(1, many + 1))]
    servers = [
        {
            "name": name,
            "hostname": f"{name}.mail.example.net",
            "addresses": [f"198.18.{at >> 8}.{at & 255}"],
            "roles": held,
        }
        for at, (name, held) in enumerate(named, start=1)
    ]
    ways = {"inbound": ("mx", "mta"), "filter-pool": ("lb", "mail-filter")}
    paths = [
        {"name": name, "via": via, "members": [server["name"] for server in servers if role in server["roles"]]}
        for name, (via, role) in ways.items()
    ]
    nights = [FIRST_NIGHT + timedelta(days=day) for day in range(math.ceil(count / A_NIGHT) + 1)]
    windows = [{"start": f"{day}T19:30", "end": f"{day + timedelta(days=1)}T09:00"} for day in nights]
    return sample | {
        "deployment": f"servers-{count}",
        "change": sample["change"] | {"windows": windows},
        "servers": servers,
        "mail_paths": [path for path in paths if path["members"]],
    }


def hosts(deployment: Deployment, available_kib: dict[str, int] | None = None) -> dict[str, HostFacts]:
    """What the hosts say a quarter of an hour before; `available_kib` by server, where it is not what it was."""
    return _hosts(deployment, NOW - timedelta(minutes=15), available_kib)


def _hosts(deployment: Deployment, at: datetime, available_kib: dict[str, int] | None = None) -> dict[str, HostFacts]:
    invented: dict[str, Invented] = hosts_of(deployment, at)
    moved, room = available_kib or {}, ROOM * max(1, -(-len(deployment.servers) // 200))
    return {name: facts(replace(host, available_kib=moved.get(name, room))) for name, host in invented.items()}


def edition(count: int, available_kib: dict[str, int] | None = None) -> Edition:
    """The edition of so many servers, right before the first one is touched: it is a GO."""
    deployment = Deployment.model_validate(declared(count))
    found = hosts(deployment, available_kib)
    report = pipeline.report(deployment, found, NOW, pipeline.Question(stage="server"), _hosts(deployment, BEFORE))
    return pipeline.edition(deployment, found, report)


def written(directory: Path, count: int, available_kib: dict[str, int] | None = None) -> list[str]:
    """The deployment and its facts as files; what `runbook` is to be called with comes back, but for the outputs."""
    path, place = directory / "deployment.yaml", directory / "facts"
    path.write_text(yaml.safe_dump(declared(count), sort_keys=False, allow_unicode=True))
    for host in hosts(Deployment.model_validate(declared(count)), available_kib).values():
        facts_store.save(place, host, force=True)
    return ["runbook", str(path), "--facts", str(place), "--stage", "server", "--now", NOW.isoformat()]


def site(directory: Path, count: int) -> None:
    """The same, with the baseline that was taken two days before."""
    written(directory, count)
    for host in _hosts(Deployment.model_validate(declared(count)), BEFORE).values():
        facts_store.save(directory / "baseline", host, force=True)
