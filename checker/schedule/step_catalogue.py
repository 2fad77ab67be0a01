"""The catalogue of steps: all that is known of each form of thing that people do stands in its row.

The schedule takes kind, block, minutes and lead from here, the plan demands, basis and notices. The words stand in
`templates/words/steps.toml`, a table for each form.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal, get_args

from checker.inputs.minutes import ProcedureKind, Work
from checker.values import BasisKind

StepKind = Literal[
    "notice", "recheck", "drain", "dump", "stop", "backup", "upgrade", "migrate", "start", "verify", "test", "gate",
    "complete", "hold", "support", "record",
]  # fmt: skip
Sheet = Literal["A", "B", "C", "D"]  # the blocks of a server's sheet
Around = Literal["P", "N", "H", "Z", "E"]  # the days before, a night's opening, a hand-over, a pause, the end
Block = Literal[Sheet, Around]
Repeatable = Literal["yes", "no", "unknown"]
# What can be so before and after a step. Of the server that it is done on, but where it is said otherwise.
State = Literal[
    "on-5", "on-6", "product-up", "product-down",
    "intake-open", "intake-for-tester", "intake-closed",  # of its Mail Transfer Agent: for whom it takes mail
    "in-path", "out-of-path",  # of the step
    "in-paths", "out-of-paths",  # of all that bring it mail
    "jobs-run", "jobs-held", "dumped", "backed-up", "tested", "complete",
    "database-up", "database-down",  # that of the deployment
    "others-carry",  # another Mail Filter has mail
    "previous-complete",  # the server before it
    "all-serve", "all-on-6",  # every server: complete or untouched; complete
    "identity-frozen", "identity-free", "publishing-frozen", "publishing-free",
]  # fmt: skip
Sent = Literal["two-weeks", "two-days", "one-hour", "start", "pause", "resumed", "finished"]
Form = Literal[
    "measure-space", "identity-changes", "notice-two-weeks", "support", "notice-two-days", "recheck-two-days",
    "recheck-one-hour", "notice-one-hour",
    "go", "identity-freeze", "publishing-freeze", "notice-start", "renew-backup", "recheck-reopen", "go-again",
    "pause", "notice-pause", "hand-over",
    "retry", "recheck-after", "identity-free", "publishing-free", "notice-resumed", "notice-finished", "finished",
    "interlock", "guard", "recheck", "carriers", "hold-jobs",
    "drain-mta", "drain-filter", "out-mx", "out-lb", "out-smarthost", "connections", "intake", "flush",
    "product-queue", "queue-empty", "dump", "stop", "counts-before", "backup",
    "upgrade", "migrate",
    "start-csm", "start-look", "verify", "definitions", "old-queue", "product-queue-after", "counts-after",
    "intake-tester", "test", "test-each", "back", "soak", "release-jobs",
    "gate-phase-1", "gate-first-mail-filter", "gate-first-mta", "complete",
]  # fmt: skip

# How long before the first window the preparation is done: ours, as change boards usually ask.
TWO_WEEKS = timedelta(days=14)
TWO_DAYS = timedelta(days=2)
ONE_HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Row:
    """A form of step. `minutes`: whose figure it takes; `lead`: how long before the first window it is done.

    `demands` (V-ids) are served on every server, those `by_phase` on one with a role of that phase as well. `basis`:
    whose statement it is; vendor: the page says so; ours: we add it, and print it as ours. `lines`: the list of the
    site's procedure whose lines take its place; `blank`: only the site knows how, and where it has no line there is a
    blank. `notice`: what is sent with it. `decides`: somebody signs that it goes on; no block of steps surrounds it.
    `repeatable` is said of our own words: nobody knows it of a blank, and the site says it of its lines. `before`:
    what must hold for it to be begun, `after`: what holds when it is done, each where a server can be so (`states.py`).
    """

    form: Form
    kind: StepKind
    block: Block
    minutes: Work
    demands: tuple[str, ...] = ()
    basis: BasisKind = "ours"
    lead: timedelta | None = None
    lines: ProcedureKind | None = None
    blank: bool = False
    by_phase: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    notice: Sent | None = None
    decides: bool = False
    repeatable: Repeatable = "yes"
    before: tuple[State, ...] = ()
    after: tuple[State, ...] = ()

    def serves(self, phases: Iterable[int]) -> tuple[str, ...]:
        """The demands that it serves on a server with roles of these phases, in the vendor's order."""
        return tuple(sorted({*self.demands, *(id for phase in phases for id in self.by_phase.get(phase, ()))}))


ROWS: tuple[Row, ...] = (  # in the days before: as it falls due, and done in this order
    Row("measure-space", "record", "P", "record", ("V04",), "vendor", TWO_WEEKS, blank=True),
    Row("identity-changes", "recheck", "P", "recheck", ("V24",), "vendor", TWO_WEEKS),
    Row("notice-two-weeks", "notice", "P", "notice", ("V07", "V14", "V15"), "vendor", TWO_WEEKS, notice="two-weeks"),
    Row("support", "support", "P", "support", ("V10",), "vendor", TWO_DAYS),
    Row("notice-two-days", "notice", "P", "notice", ("V09", "V13", "V17"), "vendor", TWO_DAYS, notice="two-days"),
    Row("recheck-two-days", "recheck", "P", "recheck", lead=TWO_DAYS),
    Row("recheck-one-hour", "recheck", "P", "recheck", ("V07",), lead=ONE_HOUR),
    Row("notice-one-hour", "notice", "P", "notice", lead=ONE_HOUR, notice="one-hour"),
    Row("go", "gate", "N", "gate", ("V02",), decides=True,
        before=("all-serve", "identity-free")),
    Row("identity-freeze", "hold", "N", "hold", ("V07",), "vendor",
        before=("identity-free",), after=("identity-frozen",)),
    Row("publishing-freeze", "hold", "N", "hold",
        before=("publishing-free",), after=("publishing-frozen",)),
    Row("notice-start", "notice", "N", "notice", ("V07", "V09"), "vendor", notice="start",
        before=("identity-frozen", "publishing-frozen", "all-serve")),
    Row("renew-backup", "record", "N", "record",
        before=("identity-frozen", "all-serve")),
    Row("recheck-reopen", "recheck", "N", "recheck", ("V07",),
        before=("identity-frozen", "all-serve")),
    Row("go-again", "gate", "N", "gate", decides=True,
        before=("identity-frozen", "publishing-frozen", "all-serve")),
    Row("pause", "hold", "Z", "hold", ("V07", "V09"),
        before=("identity-frozen", "publishing-frozen", "all-serve")),
    Row("notice-pause", "notice", "Z", "notice", ("V09",), "vendor", notice="pause",
        before=("all-serve",)),
    Row("hand-over", "hold", "H", "hand-over",
        before=("all-serve",)),
    Row("retry", "verify", "E", "retry", ("V20",),
        before=("all-serve", "all-on-6")),
    Row("recheck-after", "recheck", "E", "recheck", ("V20",),
        before=("all-serve", "all-on-6")),
    Row("identity-free", "hold", "E", "hold", ("V07", "V24"), "vendor",
        before=("identity-frozen", "all-on-6"), after=("identity-free",)),
    Row("publishing-free", "hold", "E", "hold",
        before=("publishing-frozen", "all-on-6"), after=("publishing-free",)),
    Row("notice-resumed", "notice", "E", "notice", ("V09",), "vendor", notice="resumed",
        before=("all-serve", "all-on-6", "publishing-free")),
    Row("notice-finished", "notice", "E", "notice", ("V24",), "vendor", notice="finished",
        before=("identity-free", "all-on-6")),
    Row("finished", "complete", "E", "call",
        before=("all-serve", "all-on-6", "identity-free", "publishing-free")),
    Row("interlock", "gate", "A", "interlock", ("V11", "V19", "V22"), "vendor",
        before=("previous-complete",)),
    Row("guard", "recheck", "A", "guard", ("V01",), "vendor",
        before=("on-5", "product-up", "in-paths", "intake-open", "identity-frozen", "publishing-frozen")),
    Row("recheck", "recheck", "A", "recheck", ("V03", "V07"),
        before=("on-5", "product-up", "in-paths", "intake-open")),
    Row("carriers", "verify", "A", "carriers", ("V08",), "vendor",
        before=("others-carry",)),
    Row("hold-jobs", "hold", "A", "jobs",
        before=("jobs-run",), after=("jobs-held",)),
    Row("drain-mta", "drain", "B", "drain", ("V08",), lines="drain", blank=True,
        before=("product-up", "in-paths", "intake-open"), after=("out-of-paths", "intake-closed")),
    Row("drain-filter", "drain", "B", "drain", ("V08",), "vendor", lines="drain", blank=True,
        before=("product-up", "in-paths"), after=("out-of-paths",)),
    Row("out-mx", "drain", "B", "pool", ("V08",), blank=True,
        before=("product-up", "in-path"), after=("out-of-path",)),
    Row("out-lb", "drain", "B", "pool", ("V08",), blank=True,
        before=("product-up", "in-path"), after=("out-of-path",)),
    Row("out-smarthost", "drain", "B", "pool", ("V08",), blank=True,
        before=("product-up", "in-path"), after=("out-of-path",)),
    Row("connections", "verify", "B", "connections", ("V08",),
        before=("product-up", "out-of-paths")),
    Row("intake", "drain", "B", "intake", blank=True,
        before=("product-up", "out-of-paths", "intake-open"), after=("intake-closed",)),
    Row("flush", "drain", "B", "flush", blank=True,
        before=("product-up", "intake-closed")),
    Row("product-queue", "verify", "B", "queue",
        before=("on-5", "product-up", "out-of-paths", "intake-closed")),
    Row("queue-empty", "verify", "B", "queue",
        before=("on-5", "product-up", "intake-closed")),
    Row("dump", "dump", "B", "dump", lines="dump", blank=True,
        before=("on-5", "product-up", "database-up", "intake-closed"), after=("dumped",)),
    Row("stop", "stop", "B", "stop", ("V08", "V13"), "vendor", lines="stop", blank=True,
        before=("product-up", "jobs-held", "out-of-paths", "intake-closed", "dumped"),
        after=("product-down", "database-down")),
    Row("counts-before", "record", "B", "counts",
        before=("on-5", "product-down")),
    Row("backup", "backup", "B", "backup", lines="backup", blank=True,
        before=("on-5", "product-down"), after=("backed-up",)),
    Row("upgrade", "upgrade", "C", "upgrade", ("V01", "V05", "V23"), "vendor", lines="upgrade", blank=True,
        by_phase={1: ("V11", "V12"), 2: ("V11", "V19"), 3: ("V11", "V22")},
        before=("on-5", "product-down", "jobs-held", "out-of-paths", "intake-closed",
                "backed-up", "identity-frozen", "publishing-frozen"),
        after=("on-6",)),
    Row("migrate", "migrate", "C", "migrate", ("V06",), "vendor", lines="migrate", blank=True,
        by_phase={1: ("V16",), 2: ("V19",), 3: ("V22",)},
        before=("on-6", "jobs-held", "out-of-paths", "identity-frozen")),
    Row("start-csm", "start", "D", "start", ("V18",), "vendor", lines="start", blank=True,
        before=("on-6",), after=("product-up", "database-up")),
    Row("start-look", "start", "D", "start", ("V20",), lines="start", blank=True,
        before=("on-6",), after=("product-up", "database-up")),
    Row("verify", "verify", "D", "verify", ("V17", "V20"), lines="verify", blank=True,
        before=("on-6", "product-up", "database-up")),
    Row("definitions", "start", "D", "definitions",
        before=("on-6", "product-up", "out-of-paths")),
    Row("old-queue", "verify", "D", "queue",
        before=("on-6",)),
    Row("product-queue-after", "verify", "D", "queue",
        before=("on-6", "product-up")),
    Row("counts-after", "record", "D", "counts",
        before=("on-6", "product-up")),
    Row("intake-tester", "start", "D", "intake",
        before=("on-6", "product-up", "out-of-paths", "intake-closed"), after=("intake-for-tester",)),
    Row("test", "test", "D", "test", ("V21",), "vendor", lines="test", blank=True,
        before=("on-6", "product-up", "database-up", "out-of-paths", "intake-for-tester"), after=("tested",)),
    Row("test-each", "test", "D", "test", ("V20",), lines="test", blank=True,
        before=("on-6", "product-up", "database-up", "out-of-paths", "intake-for-tester"), after=("tested",)),
    Row("back", "start", "D", "back", ("V08", "V20"),
        before=("on-6", "product-up", "out-of-paths", "intake-for-tester", "tested"),
        after=("in-paths", "intake-open")),
    Row("soak", "verify", "D", "soak", ("V21",),
        before=("on-6", "product-up", "in-paths", "intake-open", "tested")),
    Row("release-jobs", "hold", "D", "jobs",
        before=("on-6", "product-up", "jobs-held"), after=("jobs-run",)),
    Row("gate-phase-1", "gate", "D", "gate", ("V17", "V18"), decides=True,
        before=("on-6", "product-up", "database-up", "in-paths", "intake-open", "jobs-run")),
    Row("gate-first-mail-filter", "gate", "D", "gate", ("V21",), decides=True,
        before=("on-6", "product-up", "in-paths", "tested")),
    Row("gate-first-mta", "gate", "D", "gate", ("V21",), decides=True,
        before=("on-6", "product-up", "in-paths", "intake-open", "tested")),
    Row("complete", "complete", "D", "call",
        before=("on-6", "product-up", "in-paths", "intake-open", "jobs-run"), after=("complete",)),
)  # fmt: skip

FORMS: Mapping[Form, Row] = {row.form: row for row in ROWS}
LEADS: Mapping[Form, timedelta] = {row.form: row.lead for row in ROWS if row.lead is not None}
SHEET: tuple[Sheet, ...] = get_args(Sheet)
