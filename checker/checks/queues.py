"""Mail that stands in queues: of every mail transfer agent that may carry it, seen by the probe or by a person.

A queue that was not seen is never an empty one. The bundled Postfix keeps its queue in the 5.6.1 tree, where nobody
delivers it once version 6 runs; that of the system's own Postfix or sendmail goes on by itself. Where the bundled
sendmail and JSMS keep theirs is not known to us, and no command of ours lists the product's own queue (pmx-queue).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from checker.checks.mechanism import Case, Host, Word, asked, check, failed, not_applicable, passed, said_by, unseen
from checker.facts.catalogue import MTA, OWN_QUEUES, QUEUE_NEW, QUEUE_OLD
from checker.facts.host_facts import NotSeen
from checker.inputs import answer_text
from checker.inputs.answers import Answer, QueueDrained
from checker.inputs.deployment import Deployment, Server
from checker.legible import several
from checker.schedule.durations import of_items, total
from checker.schedule.sizes import MEASURED
from checker.schedule.tasks import items_for

# Ours: what still stands in a queue waits mostly for a slow or refusing next hop, and leaves at about this pace.
MESSAGES_A_MINUTE = 60
BUNDLED_POSTFIX = "bundled-postfix"
# Of the product, or installed for nothing else; any other may be what the system sends its own mail with.
CHOSEN = (BUNDLED_POSTFIX, "bundled-sendmail", "jsms")
OLD, NEW = "5.6.1", "version 6"
PRODUCTS_OWN = "PureMessage's own queue (pmx-queue) is not counted here: list it by hand before the stop and afterwards"
QUEUED = (MTA, QUEUE_OLD, OWN_QUEUES)
QUEUED_AFTER = (*QUEUED, QUEUE_NEW, *MEASURED)  # an answer counts from the first night on, which minutes place


@dataclass(frozen=True)
class Queues:
    """What stands in queues: the messages by queue, and why those that nobody saw were not."""

    messages: Mapping[str, int]
    unseen: tuple[str, ...]

    @property
    def waiting(self) -> int:
        return sum(self.messages.values())

    @property
    def words(self) -> str:
        """What was counted, on one line."""
        counted = ", ".join(f"{count} in the queue of {name}" for name, count in self.messages.items())
        return counted or "not counted"

    @property
    def rows(self) -> tuple[str, ...]:
        """Each queue in words, with the one that only a person can list."""
        counted = (f"queue of {name}: {several(count, 'message')}" for name, count in self.messages.items())
        return (*counted, *self.unseen, PRODUCTS_OWN)


def carriers(kinds: Sequence[str]) -> tuple[str, ...]:
    """The mail transfer agents of a host that may carry its mail: the chosen ones, or else all that are there."""
    return tuple(kind for kind in kinds if kind in CHOSEN) or tuple(kinds)


def _count(host: Host, kind: str) -> int | str:
    """The messages in the queue of a mail transfer agent, or why they were not counted."""
    if kind not in (BUNDLED_POSTFIX, "postfix", "sendmail"):
        return "the place of its queue is not known to us"
    try:
        if kind == BUNDLED_POSTFIX:
            return host[QUEUE_OLD]
        rows = [row for row in host[OWN_QUEUES] if row.kind == kind]
    except NotSeen as unread:
        return str(unread)
    if not rows:
        return "not found"
    absent = [row.path for row in rows if row.messages is None]
    return f"absent: {absent[0]}" if absent else sum(row.messages or 0 for row in rows)


def queues(host: Host, kinds: Sequence[str]) -> Queues:
    """The queues of those of these agents that may carry mail, the bundled Postfix's in the tree of 5.6.1."""
    counts = {OLD if kind == BUNDLED_POSTFIX else kind: _count(host, kind) for kind in carriers(kinds)}
    return Queues(
        {name: count for name, count in counts.items() if isinstance(count, int)},
        (
            *(() if kinds else ("no mail transfer agent was found: the place of its queue is unknown",)),
            *(f"queue of {name}: {why}" for name, why in counts.items() if isinstance(why, str)),
        ),
    )


def queues_after(case: Case, server: Server, host: Host) -> Queues:
    """The queues of a finished server: those in which it may have left mail, and the bundled Postfix's of version 6.

    An agent that the baseline saw may have left mail, whatever has become of it since.
    """
    before = (case.before(server.name).get(MTA) if case.baseline is not None else None) or ()
    try:
        kinds = tuple(dict.fromkeys((*before, *host[MTA])))
    except NotSeen as unread:
        if not (host.facts and host.facts.reached):
            raise
        return Queues({}, (str(unread),))
    found = queues(host, kinds)
    if BUNDLED_POSTFIX not in kinds:
        return found
    try:
        return Queues({**found.messages, NEW: host[QUEUE_NEW]}, found.unseen)
    except NotSeen as unread:
        return Queues(found.messages, (*found.unseen, f"queue of {NEW}: {unread}"))


def too_early(case: Case, answer: Answer) -> str | None:
    """Why an answer says nothing of a finished server: it was given on a day before the first night."""
    begins = case.nights[0].start.astimezone(case.deployment.change.zone).date()
    return f"answered on {answer.at}, before the first night began ({begins})" if answer.at < begins else None


def most_waiting(deployment: Deployment, server: Server) -> tuple[int, str]:
    """The messages that leave a queue in the likely minutes of this server's drain, and the same in words."""
    minutes = total(of_items(deployment, "drain", items_for(deployment, server, "drain"))).likely
    most = minutes * MESSAGES_A_MINUTE
    return most, f"at most {most} (drain: {several(minutes, 'minute')}, at {MESSAGES_A_MINUTE} messages a minute)"


@check(
    "queue-depth",
    "The queue can be drained in the minutes planned for it",
    subject="server",
    severity="warning",
    stages=("one-hour", "server"),
    demands=("V20",),
    reads=QUEUED,
    remedy=(
        "Find out what the messages wait for, and let the queue empty before the window. Mail that remains in the "
        "queue of 5.6.1 does not move to version 6 by itself. If a queue could not be counted, list it by its agent's "
        "own command.",
    ),
)
def queue_depth(case: Case, server: Server, host: Host) -> Word:
    """Messages in the queues of its mail transfer agent, against what leaves in the likely minutes of its drain."""
    if not server.has("mta"):
        return not_applicable("only a Mail Transfer Agent has this queue")
    found = queues(host, host[MTA])
    most, expected = most_waiting(case.deployment, server)
    words = f"{several(found.waiting, 'message')} in the queue"
    if found.waiting > most:
        return failed(f"{words}, {expected}", *found.rows, expected=expected)
    if found.unseen:
        return unseen(f"not counted: {'; '.join(found.unseen)}", *found.rows, expected=expected)
    return passed(words, *found.rows, expected=expected)


@check(
    "queue-drained",
    "A queue that no machine can count is empty",
    subject="server",
    severity="blocker",
    stages=("after",),
    demands=("V20",),
    reads=QUEUED_AFTER,
    remedy=(
        "List the queue of 5.6.1 by its agent's own command. If mail remains there, decide with the coordinator how "
        "it is delivered before this server is signed off.",
        answer_text.remedy("queue-drained"),
    ),
)
def queue_drained(case: Case, server: Server, host: Host) -> Word:
    """The 5.6.1 queue of an agent whose queue the probe cannot count, as a person listed it in the night or later."""
    expected = "answered: drained, none left"
    if not server.has("mta"):
        return not_applicable("only a Mail Transfer Agent has this queue")
    found = queues_after(case, server, host)
    if not found.unseen:
        return not_applicable("its queue was counted: see after-queue")
    answer = case.answer(QueueDrained, server.name)
    if answer is None:
        return asked(
            f"not recorded whether its queue is empty: {'; '.join(found.unseen)}", *found.rows, expected=expected
        )
    if early := too_early(case, answer):
        return asked(early, *found.rows, said_by(answer), expected=expected)
    if not answer.confirmed or answer.left:
        left = "mail" if answer.left is None else several(answer.left, "message")
        return failed(f"a person found {left} in the queue of 5.6.1", *found.rows, said_by(answer), expected=expected)
    return passed("a person verified that the queue of 5.6.1 is empty", *found.rows, said_by(answer), expected=expected)


def drained(case: Case, server: Server) -> bool:
    """Whether a person has seen this server's old queue empty since the first night began."""
    answer = case.answer(QueueDrained, server.name)
    return answer is not None and answer.confirmed and not answer.left and too_early(case, answer) is None


@check(
    "after-queue",
    "Mail leaves again, and the queue of 5.6.1 is empty",
    subject="server",
    severity="blocker",
    stages=("after",),
    demands=("V20",),
    reads=QUEUED_AFTER,
    remedy=(
        "Nobody delivers mail in the queue of 5.6.1 now. Decide with the coordinator how it is delivered before this "
        "server is signed off. If the new queue is long, find out what the messages wait for. If a queue could not be "
        "counted, list it by its agent's own command, and answer queue-drained.",
    ),
)
def after_queue(case: Case, server: Server, host: Host) -> Word:
    """None in the queue of 5.6.1; in others at most what a drain takes out; for one not counted see queue-drained."""
    if not server.has("mta"):
        return not_applicable("only a Mail Transfer Agent has this queue")
    most, why = most_waiting(case.deployment, server)
    expected = f"none in the queue of 5.6.1; in any other {why}"
    found = queues_after(case, server, host)
    left, others = found.messages.get(OLD), [(name, count) for name, count in found.messages.items() if name != OLD]
    wrong = [f"{several(left, 'message')} left in the queue of 5.6.1"] if left else []
    wrong += [f"{several(count, 'message')} in the queue of {name}, {why}" for name, count in others if count > most]
    if wrong:
        return failed("; ".join(wrong), *found.rows, expected=expected)
    if found.unseen and not drained(case, server):
        return unseen(f"not counted: {'; '.join(found.unseen)}", *found.rows, expected=expected)
    by = ", as verified by a person (queue-drained)" if found.unseen else ""
    new = "".join(f"; {several(count, 'message')} in the queue of {name}" for name, count in others)
    return passed(f"the queue of 5.6.1 is empty{by}{new}", *found.rows, expected=expected)
