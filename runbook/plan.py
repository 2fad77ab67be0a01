"""The plan's values: order, phases, numbered steps with their times, interruptions, the way back. A JSON contract."""

from typing import Literal

from pydantic import AwareDatetime

from checker.deployment import Role
from checker.values import Basis, Value, digest
from checker.work import StepKind


class StepMinutes(Value):
    """Minutes that a step takes: low, likely, high, and on what ground."""

    low: int
    likely: int
    high: int
    basis: Basis


class Step(Value):
    """One thing that a person does. `starts_at` is by likely minutes, `latest_at` by high ones, both in UTC.

    `blank` labels a line to write the command on, where only the site's copy of the procedure knows it.
    """

    id: str
    number: str
    server: str | None
    night: int | None
    block: str
    form: str
    kind: StepKind
    title: str
    text: str
    site_text: str | None = None
    command: str | None = None
    blank: str | None = None
    expect: str | None = None
    measured: str | None = None
    if_not: str | None = None
    caution: str | None = None
    options: tuple[str, ...] = ()
    repeatable: Literal["yes", "no", "unknown"]
    basis: Basis
    demands: tuple[str, ...]
    gate: bool
    minutes: StepMinutes
    starts_at: AwareDatetime | None = None
    latest_at: AwareDatetime | None = None
    ends_at: AwareDatetime | None = None


class Place(Value):
    """A server's place in the order: why it stands there, and its steps."""

    server: str
    roles: tuple[Role, ...]
    reason: str
    steps: tuple[str, ...]


class Phase(Value):
    """One of the vendor's three phases and the servers upgraded in it."""

    id: int
    title: str
    servers: tuple[Place, ...]


class Interruption(Value):
    """Who misses what, from which step to which; earliest start and latest end, in UTC, where times are known.

    `key` is its kind: rows of one kind are summed up on the decision page. `desk` is what the help desk says of it.
    """

    key: str
    service: str
    audience: str
    path: str | None = None
    server: str | None = None
    impact: Literal["down", "reduced", "degraded", "unknown"]
    words: str
    desk: str | None = None
    cause: str
    from_step: str
    until_step: str
    starts_at: AwareDatetime | None = None
    ends_at: AwareDatetime | None = None
    basis: Basis
    demands: tuple[str, ...]


class TurnBack(Value):
    """What is known of going back: to which gate it is cheap, why no time is printed, what is lost."""

    gate: str | None
    last_moment: AwareDatetime | None = None
    why: str
    lost: tuple[str, ...]


class NightPlan(Value):
    """One window and what is planned inside it; times in UTC, minutes by high estimates."""

    number: int
    start: AwareDatetime
    end: AwareDatetime
    servers: tuple[str, ...]
    low: int
    likely: int
    high: int
    overrun: int


class Plan(Value):
    """The whole night, or nights. `digest` holds no measured number and no time: it names the printed set."""

    schema_version: Literal[1] = 1
    tool: Literal["pmx-preflight"] = "pmx-preflight"
    deployment: str
    digest: str
    order: tuple[str, ...]
    collisions: tuple[tuple[str, str], ...]
    nights: tuple[NightPlan, ...]
    phases: tuple[Phase, ...]
    steps: tuple[Step, ...]
    interruptions: tuple[Interruption, ...]
    turn_back: TurnBack
    assumptions: tuple[str, ...]

    def of(self, server: str) -> tuple[Step, ...]:
        """The steps of one server, in execution order."""
        return tuple(step for step in self.steps if step.server == server)

    def blanks(self) -> tuple[Step, ...]:
        """The steps whose command only the site's copy of the procedure knows."""
        return tuple(step for step in self.steps if step.blank is not None)


UNPRINTED = {"measured", "starts_at", "latest_at", "ends_at", "minutes", "night"}


def plan_digest(declared: object, order: tuple[str, ...], steps: tuple[Step, ...]) -> str:
    """The digest that stands on every page: declarations, order and steps, without measured numbers and times."""
    return digest([declared, order, [step.model_dump(mode="json", exclude=UNPRINTED) for step in steps]])
