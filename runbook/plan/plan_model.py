"""The plan's values: order, phases, numbered steps with their times, interruptions, the way back. A JSON contract."""

from datetime import datetime, timedelta
from functools import cached_property
from typing import Annotated, Literal

from pydantic import AwareDatetime, GetPydanticSchema

from checker.inputs.deployment import Role
from checker.schedule.step_catalogue import FORMS, Block, Form, Repeatable, State, StepKind
from checker.values import Basis, Value, grouped

# In the contract a text: the plan of an earlier edition, read for comparison, may have what the catalogue lacks by now.
TEXT = GetPydanticSchema(lambda _, handler: handler(str))


class StepMinutes(Value):
    """Minutes that a step takes: low, likely, high, and on what ground."""

    low: int
    likely: int
    high: int
    basis: Basis


class Step(Value):
    """One thing that a person does. `starts_at` is by likely minutes, `latest_at` by high ones, both in UTC.

    `blank` labels a line to write the command on, where only the site's copy of the procedure knows it. `path` is the
    mail path that the step takes a server out of; one step puts it back into all. `before`: what must hold for it to be
    begun, `after`: what holds when it is done; of a server, where it is one's, else of the deployment.
    """

    id: str
    number: str
    server: str | None
    path: str | None = None
    night: int | None
    block: Annotated[Block, TEXT]
    form: Annotated[Form, TEXT]
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
    repeatable: Repeatable
    basis: Basis
    demands: tuple[str, ...]
    gate: bool
    before: tuple[Annotated[State, TEXT], ...] = ()
    after: tuple[Annotated[State, TEXT], ...] = ()
    minutes: StepMinutes
    starts_at: AwareDatetime | None = None
    latest_at: AwareDatetime | None = None
    ends_at: AwareDatetime | None = None

    @property
    def decides(self) -> bool:
        """Whether it is a gate at which somebody decides and signs; an interlock only looks at what was signed."""
        return FORMS[self.form].decides


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
    `fate`: where a stopped filter is the cause, what becomes of mail (rejected, unfiltered, unknown, deferred, queued).
    """

    key: str
    service: str
    audience: str
    path: str | None = None
    server: str | None = None
    impact: Literal["down", "reduced", "degraded", "unknown"]
    words: str
    fate: str | None = None
    desk: str | None = None
    cause: str
    from_step: str
    until_step: str
    starts_at: AwareDatetime | None = None
    ends_at: AwareDatetime | None = None
    basis: Basis
    demands: tuple[str, ...]


class Back(Value):
    """Last moments around one server, in UTC. `begin_by`: begun by then, it still ends in its window by high minutes.

    `minutes`: going back with it and every server before it, None without a rehearsed rate; `back_by`: begun by then,
    the way back still ends in the same window.
    """

    server: str
    night: int
    begin_by: AwareDatetime
    minutes: int | None
    back_by: AwareDatetime | None


class TurnBack(Value):
    """What is known of going back: to which gate it is cheap, from which step on it costs mail, why and what is lost.

    `last_moment`: of going back at that gate (without one, at the point of no return) inside its window.
    """

    gate: str | None
    point: str
    last_moment: AwareDatetime | None = None
    why: str
    lost: tuple[str, ...]
    servers: tuple[Back, ...]


class Pause(Value):
    """What stays down between the windows of two nights, for how many minutes. A statement of ours.

    `hours`: the same, begun ones counted. `minutes` is null in a plan that was written before there was this field.
    Identity and publishing stay frozen as well. `web`: servers whose web interfaces nobody can log in to;
    `without_database`: Mail Filters that carry mail without the database.
    """

    hours: int
    minutes: int | None = None
    until: AwareDatetime
    web: tuple[str, ...]
    without_database: tuple[str, ...]


class NightPlan(Value):
    """One window and what is planned inside it; times in UTC, minutes by high estimates.

    `pause`: the price of the days until the next night; none after the last one.
    """

    number: int
    start: AwareDatetime
    end: AwareDatetime
    servers: tuple[str, ...]
    low: int
    likely: int
    high: int
    overrun: int
    pause: Pause | None = None

    @property
    def ends(self) -> datetime:
        """When its last step ends by the longest durations, in UTC."""
        return self.start + timedelta(minutes=self.high)


class Plan(Value):
    """The whole night, or nights. `digest` names the printed set; `sheets`: a digest for each server's sheet.

    `documents`: one for each printed document, without its sheets. All are over what lasts of the composed pages,
    without measured numbers and derived times; empty before that. `directory`: where the commands of the checks are
    run, as it is typed; None where they name no file of it.
    """

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
    sheets: dict[str, str]
    documents: dict[str, str] = {}
    directory: str | None = None

    def of(self, server: str) -> tuple[Step, ...]:
        """The steps of one server, in execution order."""
        return self._of.get(server, ())

    @cached_property
    def _of(self) -> dict[str | None, tuple[Step, ...]]:
        return grouped(self.steps, lambda step: step.server)

    def step(self, id: str) -> Step:
        """The step of that id."""
        return self.steps[self.at[id]]

    @cached_property
    def place(self) -> dict[str, int]:
        """Each server's place in the order, from 0, by its name."""
        return {name: place for place, name in enumerate(self.order)}

    @cached_property
    def at(self) -> dict[str, int]:
        """Each step's place among the steps, by its id."""
        return {step.id: place for place, step in enumerate(self.steps)}

    def blanks(self) -> tuple[Step, ...]:
        """The steps whose command only the site's copy of the procedure knows."""
        return tuple(step for step in self.steps if step.blank is not None)
