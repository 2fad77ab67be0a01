"""Does the site's own procedure hold traps? Its commands are checked as text: nothing is run, nothing is changed.

Only what a person will type is read as a command: `command`, and what the text puts between backticks. Prose is read
for the names of servers alone, so that "do not reboot" is no remark.
"""

import re
import shlex
from collections import defaultdict
from collections.abc import Iterator, Mapping

from checker.checks.mechanism import Case, Word, check, failed, not_applicable, passed
from checker.checks.shell import commands, dangers
from checker.inputs.deployment import PROCEDURE_KINDS, ROLES, Deployment, Paths, ProcedureItem, Server, role_names
from checker.inputs.minutes import ProcedureKind
from checker.legible import several
from checker.schedule.order import order
from checker.schedule.tasks import tasks_by_server

OF_THE_OLD: frozenset[ProcedureKind] = frozenset({"drain", "dump", "stop", "backup"})
OF_THE_NEW: frozenset[ProcedureKind] = frozenset({"start", "verify", "test"})
SAYS_OLD = re.compile(r"\b(?:old|previous|before|compare[ds]?|5\.6(?:\.1)?)\b", re.IGNORECASE)
SAYS_NEW = re.compile(r"\b(?:new|absent|empty|version 6|not there)\b", re.IGNORECASE)
WORD = re.compile(r"[\w.:-]+")
CODE = re.compile(r"`([^`]+)`")
QUOTED = re.compile(r"'[^']*'|\"(?:\\.|[^\"\\])*\"")  # a pasted character inside a string of the shell is data
PASTED = re.compile("[“”„‟‘’‚‛«»‹›\u00a0\u2007\u202f\u200b]|(?<!\\S)[–—]+(?=\\w)")
PASTED_AS = dict.fromkeys("\u00a0\u2007\u202f", "a no-break space") | {"\u200b": "a space of no width"}
NOT_SERVERS = frozenset({"pmx", "pmx6"})  # the product's own users and directories (its manual)


# The other kinds are done on every server: a line of theirs is left over only where nobody has its roles.
NOT_DONE: Mapping[str, str] = {
    "drain": "none of these servers carries mail",
    "test": "none of these servers carries mail",
    "dump": "none of these servers is a Database Server",
    "migrate": "the migration script is used on none of these servers",
}


def typed(item: ProcedureItem) -> tuple[str, ...]:
    """What of a line a person will type: its command, and what its text puts between backticks."""
    return ((item.command,) if item.command else ()) + tuple(CODE.findall(item.text))


def _marks(deployment: Deployment) -> dict[str, str]:
    """Every name and address that means one server. Words such as `mail` or `one` also mean other things; a floating
    address means several servers."""
    marks: dict[str, str] = {}
    for server in deployment.servers:
        label = (server.hostname or "").partition(".")[0]
        names = [name for name in (server.name, label) if re.search(r"\d", name) and re.search("[A-Za-z]", name)]
        names += [server.hostname] if server.hostname and "." in server.hostname else []
        for mark in (*names, *(set(server.addresses) - set(server.floating))):
            if mark.casefold() not in NOT_SERVERS:
                marks.setdefault(mark.casefold(), server.name)
    return marks


def _named(text: str, marks: dict[str, str]) -> set[str]:
    """The servers that a text names as whole words: `db1` is neither in `db1.sql` nor in `db1-old` nor in another
    domain's `db1.example.com`; a port may follow."""
    words = {word.rstrip(".:-") for word in WORD.findall(text.casefold())}
    return {marks[word] for word in words | {word.partition(":")[0] for word in words} if word in marks}


def _sheets(deployment: Deployment) -> tuple[dict[tuple[str, ProcedureItem], list[Server]], dict[str, list[Server]]]:
    """The servers on whose sheets each line of a kind stands, and those whose sheets have a blank for a kind."""
    lines: dict[tuple[str, ProcedureItem], list[Server]] = defaultdict(list)
    blank: dict[str, list[Server]] = defaultdict(list)
    tasks = tasks_by_server(deployment)
    for server in order(deployment.servers):
        for task in tasks[server.name]:
            if task.item is not None:
                lines[task.kind, task.item].append(server)
            elif task.blank:
                blank[task.kind].append(server)
    return lines, blank


def _others(kind: ProcedureKind, named: set[str], on: list[Server], deployment: Deployment) -> list[str]:
    """The named servers where the line is done on others too. A test message takes its way through several servers;
    from the upgrade on every server is told where Database and CSM are; a Mail Transfer Agent may name the filters
    that it feeds: none of these is a remark."""
    if kind == "test":
        return []
    told = set() if kind in OF_THE_OLD else {server.name for server in deployment.holding("database", "csm")}
    return sorted(
        name for name in named - told if any(server.name != name and name not in server.feeds for server in on)
    )


def _mentions(path: str, text: str, but: str) -> bool:
    """Whether a text names this tree, as a whole word and not as a part of the other tree's path."""
    places = re.finditer(rf"(?<![\w./-]){re.escape(path)}(?![\w-]|\.\w)", text)
    inside = but.startswith(f"{path}/")
    return any(not (inside and text.startswith(but, place.start())) for place in places)


def _tree(kind: ProcedureKind, item: ProcedureItem, paths: Paths) -> str | None:
    """A tree that is not the one of this kind. A line that names both compares them, and one that says `old` or `new`
    means it: neither is a remark."""
    text, words = "\n".join(typed(item)), f"{item.text} {item.expect or ''}"
    old, new = _mentions(paths.source, text, paths.target), _mentions(paths.target, text, paths.source)
    if kind in OF_THE_NEW and old and not new and not SAYS_OLD.search(words):
        return f"uses the 5.6.1 path {paths.source}, but after the upgrade the path is {paths.target}"
    if kind in OF_THE_OLD and new and not old and not SAYS_NEW.search(words):
        return f"uses the version 6 path {paths.target}, which does not exist yet"
    return None


def _unbalanced(text: str) -> bool:
    """Whether the shell would wait for a closing quote. Here-documents and $'…' have rules of their own: silent."""
    if "<<" in text or "$'" in text:
        return False
    try:
        shlex.split(text, comments=True)
    except ValueError:
        return True
    return False


def _remarks(kind: ProcedureKind, item: ProcedureItem, deployment: Deployment) -> Iterator[str]:
    if tree := _tree(kind, item, deployment.paths):
        yield tree
    for text in typed(item):
        if _unbalanced(text):
            yield "a quote is not closed, or nothing follows its last backslash"
        if "\n" in text.replace("\\\n", ""):
            yield "a line break inside the command: the part before it runs at once (write one line for each command)"
        for character in sorted(set(PASTED.findall(QUOTED.sub("", text)))):
            yield f"{PASTED_AS.get(character, character)} as a word processor writes it: the shell reads it as a letter"
        for words in commands(text):
            yield from dangers(words)


def _lacking(deployment: Deployment, blank: dict[str, list[Server]]) -> Iterator[str]:
    """Kinds that have lines, but none for some server; a kind without any line is told by procedure-complete."""
    for kind in PROCEDURE_KINDS:
        if deployment.procedure.items(kind) and (servers := blank[kind]):
            roles = ", ".join(role_names(role for role in ROLES if any(server.has(role) for server in servers)))
            yield f"procedure.{kind}: no line for {roles} ({', '.join(server.name for server in servers)})"


def _unused(done_on: Mapping[tuple[str, ProcedureItem], list[Server]], deployment: Deployment) -> Iterator[str]:
    """Lines that stand on no sheet: whoever wrote one counts on what nobody will do."""
    for kind in PROCEDURE_KINDS:
        for index, item in enumerate(deployment.procedure.items(kind)):
            if (kind, item) not in done_on:
                held = not item.roles or deployment.holding(*item.roles)
                why = NOT_DONE[kind] if held else f"no server is declared as {' or '.join(role_names(item.roles))}"
                yield f"procedure.{kind}[{index}]: printed on no sheet: {why}"


@check(
    "procedure-lint",
    "The site's own commands have no known trap",
    subject="deployment",
    severity="warning",
    stages=("change",),
    demands=("V05", "V07"),
    remedy=(
        "Check each line named here (the first line is 0). Correct it under procedure, or leave it if it is intended: "
        "this tool changes nothing.",
    ),
)
def procedure_lint(case: Case) -> Word:
    """Commands are printed on the sheets of all servers of a role: what is true of one alone is a trap on the next."""
    deployment, procedure = case.deployment, case.deployment.procedure
    lines = [(kind, index, item) for kind in PROCEDURE_KINDS for index, item in enumerate(procedure.items(kind))]
    if not lines:
        return not_applicable("the deployment has no procedure")
    marks, (done_on, blank) = _marks(deployment), _sheets(deployment)
    found: list[str] = []
    for kind, index, item in lines:
        named = _named(f"{item.text}\n{item.command or ''}", marks)
        others = _others(kind, named, done_on.get((kind, item), []), deployment)
        remarks = [f"names {name}, but is used on other servers too" for name in others]
        remarks += _remarks(kind, item, deployment)
        found += [f"procedure.{kind}[{index}]: {remark}" for remark in dict.fromkeys(remarks)]
    found += [*_unused(done_on, deployment), *_lacking(deployment, blank)]
    expected = "commands that are right on every server on which they are used"
    if found:
        return failed(
            f"{several(len(found), 'remark')} on {several(len(lines), 'line')} of the procedure",
            *found,
            expected=expected,
        )
    return passed(f"{several(len(lines), 'line')} of the procedure checked", expected=expected)
