"""Facts of the machine that this runs on: the same probe that every host is asked with, and psutil beside it."""

import asyncio
from datetime import datetime

from checker.errors import InputError
from checker.facts.collect import local_psutil, probed
from checker.facts.collect.endings import classify
from checker.facts.collect.outcomes import OK
from checker.facts.collect.ssh import ask
from checker.facts.host_facts import HostFacts, Known
from checker.facts.probe.script import PROBE_SHARE, script
from checker.inputs.deployment import Deployment, Server
from checker.signals import ended_by_signals
from checker.text_file import nearest


@ended_by_signals()
def collect(server: Server, deployment: Deployment, now: datetime, timeout: float = 60.0) -> tuple[HostFacts, str]:
    """Every fact of this machine, taken as the named server of the deployment, and the probe's raw output.

    `timeout` is the seconds that the probe may take. Programs, ports and memory are psutil's where it can see them;
    where the two disagree, the unread rows say so.
    """
    ending = asyncio.run(ask(["sh", "-s"], script(deployment, server, timeout * PROBE_SHARE), timeout))
    verdict = classify(ending, ())
    if verdict.word != OK:
        # what ssh calls a silence after the banner is here nothing but time
        word = "timed out" if ending.why == "deadline" else verdict.word
        nothing = HostFacts(
            server=server.name, via="local", outcome=word, collected_at=now, facts={}, detail=verdict.detail
        )
        return nothing, ending.output
    facts = probed.facts_from(ending.output, via="local", server=server, deployment=deployment, collected_at=now)
    if not facts.reached:
        return facts, ending.output
    own = local_psutil.seen()
    better = {fact.path: own[fact.path] for fact in local_psutil.PREFERRED if isinstance(own[fact.path], Known)}
    rows = (*facts.unread_rows, *local_psutil.disagreements(facts.facts, own))
    return facts.model_copy(update={"facts": {**facts.facts, **better}, "unread_rows": rows}), ending.output


def choose_server(deployment: Deployment, name: str | None, running_hostname: str) -> Server:
    """The server of the deployment that this machine is; InputError where that cannot be told.

    The one named; else the one whose declared host name (or, without one, whose name) is this machine's, first in
    full and then by its first label; else the only one there is.
    """
    servers = deployment.servers
    if name is not None:
        return _named(deployment, name)
    for same in (_same_name, _same_label):
        found = [server for server in servers if same(server.hostname or server.name, running_hostname)]
        if len(found) == 1:
            return found[0]
        if found:
            who = ", ".join(server.name for server in found)
            raise InputError(f"this machine is {running_hostname}, which can be {who}: name one with --server NAME")
    if len(servers) == 1:
        return servers[0]
    raise InputError(
        f"this machine is {running_hostname}, and no server of {deployment.deployment} is declared with that name: "
        "name it with --server NAME"
    )


def _named(deployment: Deployment, name: str) -> Server:
    names = [server.name for server in deployment.servers]
    if name in names:
        return deployment.server(name)
    near = nearest(name, names)
    hint = f"did you mean {near}?" if near else f"there is {', '.join(names[:10])}{' …' if len(names) > 10 else ''}"
    raise InputError(f"no server {name} in {deployment.deployment}: {hint}")


def _same_name(declared: str, running: str) -> bool:
    return declared.lower() == running.lower()


def _same_label(declared: str, running: str) -> bool:
    return _same_name(declared.partition(".")[0], running.partition(".")[0])
