"""Many servers asked at once, none of which can harm another: each has its deadline, and is saved as it ends."""

import asyncio
import contextlib
import resource
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from checker.errors import InputError
from checker.facts.collect import probed
from checker.facts.collect import ssh as asking
from checker.facts.collect.accounts import HEAD_START, Account, Door
from checker.facts.collect.endings import Diagnosis, Ending, classify
from checker.facts.collect.outcomes import NOT_TRIED, OK
from checker.facts.collect.progress import Progress, Standing
from checker.facts.collect.ssh_config import alike, plain
from checker.facts.host_facts import HostFacts
from checker.facts.probe.script import PROBE_SHARE, script
from checker.inputs.deployment import Deployment, Server
from checker.signals import ended_by_signals
from checker.text_file import MIB, read_bytes

THROUGH_BASTION = 8  # sshd's MaxStartups drops logins at random from the tenth that is not yet authenticated
DESCRIPTORS = 6  # of one ssh: its pipes, their other ends while it starts, and the one that tells its end
SPARE_DESCRIPTORS = 64
HEAD_SHARE = 1 / 6
TICK_SECONDS = 0.5

Save = Callable[[HostFacts, str | None], object]
Script = Callable[[Deployment, Server, float], str]


class Interrupted(KeyboardInterrupt):
    """The run was ended by a signal. `facts` has what was collected, and of the other servers that they were not."""

    def __init__(self, facts: dict[str, HostFacts]):
        super().__init__("interrupted")
        self.facts = facts


def collect(
    deployment: Deployment,
    servers: Sequence[Server],
    *,
    progress: Progress,
    now: Callable[[], datetime],
    save: Save = lambda facts, raw: None,
    jobs: int = 50,
    timeout: float = 60.0,
    run_timeout: float | None = None,
    ssh: str = "ssh",
    script: Script = script,
) -> dict[str, HostFacts]:
    """The facts of these servers over ssh, in their order; of one that failed the outcome, and no facts.

    `timeout` is the seconds that one server may take, `run_timeout` those of all. `save` is called with the facts and
    the raw output of each server as it ends, so that nothing is lost; it is not called for servers never asked.
    """
    run = _Run(deployment, tuple(servers), progress, now, save, at_once(jobs), timeout, run_timeout, ssh, script)
    try:
        asyncio.run(_all(run))
    except (KeyboardInterrupt, asyncio.CancelledError):
        raise Interrupted(_in_order(run, "interrupted")) from None
    return _in_order(run, "the run ended before")


def failed(servers: Iterable[Server], facts: Mapping[str, HostFacts]) -> tuple[Server, ...]:
    """The servers to ask again: those without facts, and those that were not reached."""
    return tuple(server for server in servers if server.name not in facts or not facts[server.name].reached)


@dataclass
class _Run:
    """One run's question, and what has come of it so far."""

    deployment: Deployment
    servers: tuple[Server, ...]
    progress: Progress
    now: Callable[[], datetime]
    save: Save
    jobs: int
    timeout: float
    run_timeout: float | None
    ssh: str
    script: Script
    started: float = field(default_factory=time.monotonic)
    facts: dict[str, HostFacts] = field(default_factory=dict)
    kept: dict[str, HostFacts] = field(default_factory=dict)  # written beside the loop, read when that has ended
    plain: dict[str, tuple[str, ...]] = field(default_factory=dict)  # options that a server's settings need
    since: dict[str, float] = field(default_factory=dict)

    def left(self) -> float:
        """Seconds that a server asked now may take."""
        if self.run_timeout is None:
            return self.timeout
        return min(self.timeout, self.started + self.run_timeout - time.monotonic())

    def show(self, news: HostFacts | None = None) -> None:
        at = time.monotonic()
        outcomes = {name: facts.outcome for name, facts in self.facts.items()}
        asked = {name: at - since for name, since in self.since.items()}
        self.progress(Standing(len(self.servers), outcomes, asked, news))

    def try_line(self, server: Server) -> str:
        return asking.try_line(server, self.ssh, self.plain.get(server.name, ()))

    def not_tried(self, server: Server, reason: str) -> HostFacts:
        return self.without_facts(server, NOT_TRIED + reason, None)

    def without_facts(self, server: Server, outcome: str, detail: str | None) -> HostFacts:
        return HostFacts(
            server=server.name, via="ssh", outcome=outcome, collected_at=self.now(), facts={}, detail=detail,
            try_line=self.try_line(server),
        )  # fmt: skip


async def _all(run: _Run) -> None:
    doors = defaultdict[Account, Door](lambda: Door(min(HEAD_START, run.timeout * HEAD_SHARE)))
    bastions = defaultdict[str | None, asyncio.Semaphore](lambda: asyncio.Semaphore(THROUGH_BASTION))
    room = asyncio.Semaphore(run.jobs)
    loop, main = asyncio.get_running_loop(), asyncio.current_task()
    assert main is not None

    hosts = [asking.host_of(server) for server in run.servers]
    settings = defaultdict[str | None, _Settings](lambda: _Settings(hosts, run.ssh))

    async def one(server: Server) -> None:
        async with room:
            said = await settings[server.ssh.user].of(server)
        account, run.plain[server.name] = _account(server, said), plain(said)
        door = doors[account]
        through = bastions[account.bastion] if account.bastion else contextlib.nullcontext()
        async with door.passage(server.name), through, room:
            if door.shut:
                facts = run.not_tried(server, f"{door.shut}, on several servers in a row")
            elif run.left() <= 0:
                facts = run.not_tried(server, "the time limit of the run was reached")
            else:
                facts, ending = None, await _ask(run, server, lambda: door.answered(server.name))
                at, verdict = run.now(), classify(ending, server.ssh.become)
                door.ended(verdict.word)
        if facts is None:
            # beside the loop, which has others to listen to: a disk takes its time to say that a file is safe
            facts = await asyncio.shield(asyncio.to_thread(_keep, run, server, ending.output, verdict, at))
        run.facts[server.name] = facts
        run.show(facts)

    async def tick() -> None:
        while True:
            run.show()
            await asyncio.sleep(TICK_SECONDS)

    ticking = asyncio.create_task(tick())
    tasks = [asyncio.create_task(one(server)) for server in run.servers]
    with ended_by_signals(lambda: loop.call_soon_threadsafe(main.cancel)):
        try:
            for task in asyncio.as_completed(tasks):
                await task
        finally:
            for task in (*tasks, ticking):
                task.cancel()
            await asyncio.gather(*tasks, ticking, return_exceptions=True)
            run.show()


async def _ask(run: _Run, server: Server, answered: Callable[[], None]) -> Ending:
    timeout = run.left()
    probe = run.script(run.deployment, server, timeout * PROBE_SHARE)
    run.since[server.name] = time.monotonic()
    try:
        return await asking.ask(
            asking.command(server, run.ssh, timeout, run.plain[server.name]), probe, timeout, answered
        )
    finally:
        del run.since[server.name]


def _keep(run: _Run, server: Server, output: str, verdict: Diagnosis, at: datetime) -> HostFacts:
    """Reads and saves what a server said; noted here, because who waits for it may be cancelled meanwhile."""
    if verdict.word != OK:
        facts = run.without_facts(server, verdict.word, verdict.detail)
    else:
        facts = probed.facts_from(output, via="ssh", server=server, deployment=run.deployment, collected_at=at)
        if not facts.reached:
            facts = facts.model_copy(update={"try_line": run.try_line(server)})
    run.save(facts, probed.raw(output))
    run.kept[server.name] = facts
    return facts


class _Settings:
    """What ssh_config says of the servers of one declared user: asked once where it tells none apart."""

    def __init__(self, hosts: Sequence[str], ssh: str) -> None:
        self._hosts, self._ssh = hosts, ssh
        self._first = asyncio.Lock()
        self._same: bool | None = None
        self._said: dict[str, tuple[str, ...]] = {}

    async def of(self, server: Server) -> dict[str, tuple[str, ...]]:
        async with self._first:
            if self._same is None:
                self._said, files = await asking.settings(server, self._ssh)
                self._same = bool(files) and _alike(files, self._hosts)
                return self._said
        return self._said if self._same else (await asking.settings(server, self._ssh))[0]


def _alike(files: Sequence[str], hosts: Sequence[str]) -> bool:
    try:
        texts = [read_bytes(Path(file).expanduser(), MIB, "ssh settings").decode(errors="replace") for file in files]
        return alike(texts, hosts)
    except InputError:
        return False


def _account(server: Server, said: Mapping[str, tuple[str, ...]]) -> Account:
    proxies = (*said.get("proxyjump", ()), *said.get("proxycommand", ()))
    keys = (*said.get("identityfile", ()), *said.get("identityagent", ()), *said.get("certificatefile", ()))
    user = server.ssh.user or "".join(said.get("user", ()))
    bastion = next((proxy for proxy in proxies if proxy != "none"), None)
    return Account(user, keys, server.ssh.become, bastion)


def at_once(jobs: int) -> int:
    """How many can be asked at once with the file descriptors that this process may have."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return jobs
    return max(1, min(jobs, (soft - SPARE_DESCRIPTORS) // DESCRIPTORS))


def _in_order(run: _Run, reason: str) -> dict[str, HostFacts]:
    there = run.facts | run.kept
    return {server.name: there.get(server.name) or run.not_tried(server, reason) for server in run.servers}
