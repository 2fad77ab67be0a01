"""Was the server read, can people become root on it, and does it hold 5.6.1 and not yet version 6?"""

from checker.checks.mechanism import REMEDY_UNREAD, Case, Host, Word, asked, check, failed, passed, said_by, unseen
from checker.facts.catalogue import EUID, SOURCE_ENTRIES, TARGET_ENTRIES
from checker.facts.fact_values import Entry
from checker.inputs import answer_text
from checker.inputs.answers import RootAccess, SourceVersion
from checker.inputs.deployment import Server
from checker.inputs.scalars import release_of


def holds_something(entries: tuple[Entry, ...] | None) -> bool:
    """Whether a directory is there and holds more than a new file system does."""
    return any(entry.name != "lost+found" for entry in entries or ())


def _listing(entries: tuple[Entry, ...] | None) -> str:
    names = sorted(entry.name for entry in entries or ())
    return ", ".join(names[:8]) + (f" and {len(names) - 8} more" if len(names) > 8 else "")


@check(
    "reachable",
    "The server answered",
    subject="server",
    severity="blocker",
    stages=("change",),
    demands=("V01",),
    reads=("outcome",),
    waivable=False,
    remedy=REMEDY_UNREAD,
)
def reachable(case: Case, server: Server, host: Host) -> Word:
    """A server that was not asked is never passed."""
    if host.facts is None:
        return unseen("no facts were collected from this server")
    case.note(f"{server.name}:outcome")
    if not host.facts.reached:
        return unseen(f"the server was not read: {host.facts.outcome}", f"via {host.facts.via}")
    return passed(f"read via {host.facts.via}")


@check(
    "root-access",
    "The upgrade can be done as root",
    subject="server",
    severity="blocker",
    stages=("two-days",),
    demands=("V01",),
    reads=(EUID,),
    remedy=(
        "Name the person who becomes root on this server during the window.",
        answer_text.remedy("root-access"),
    ),
)
def root_access(case: Case, server: Server, host: Host) -> Word:
    """Facts read as root prove it; where root asks for a password, a person answers who will type it."""
    answer = case.answer(RootAccess, server.name)
    euid = host.get(EUID) if answer else host[EUID]
    seen = "effective user id unknown" if euid is None else f"effective user id {euid}"
    if answer and not answer.confirmed:
        return failed(
            "nobody can become root on this server during the window",
            seen,
            said_by(answer),
            expected="root (user id 0)",
        )
    if euid == 0:
        return passed("the facts were read as root", seen, expected="root")
    if answer:
        return passed(f"{answer.who} becomes root: {answer.how}", seen, said_by(answer), expected="root")
    return asked(
        "not recorded: who becomes root on this server, and how (the facts were read without root)",
        seen,
        expected="root (user id 0)",
    )


@check(
    "source-present",
    "The 5.6.1 installation is present",
    subject="server",
    severity="blocker",
    stages=("change",),
    demands=("V05",),
    reads=(SOURCE_ENTRIES,),
    waivable=False,
    remedy=("Verify that this is the right server and that paths.source is right. Correct the deployment file.",),
)
def source_present(case: Case, server: Server, host: Host) -> Word:
    """A server without the 5.6.1 installation is not one of the servers to upgrade, or the path is wrong."""
    entries, source = host[SOURCE_ENTRIES], case.deployment.paths.source
    if not holds_something(entries):
        state = "is absent" if entries is None else "is empty"
        return failed(f"{source} {state}", expected=f"{source} with the product in it")
    return passed(f"{source} holds {_listing(entries)}")


@check(
    "source-version",
    "The installed version is 5.6.1",
    subject="server",
    severity="blocker",
    stages=("change",),
    demands=("V05",),
    remedy=(
        "Read the version on the server as your documentation says.",
        answer_text.remedy("source-version"),
    ),
)
def source_version(case: Case, server: Server, host: Host) -> Word:
    """The command that shows the installed version is not known to us, so only a person's answer counts."""
    answer = case.answer(SourceVersion, server.name)
    if not answer:
        return asked("not recorded: the installed version", expected="5.6.1")
    if release_of(answer.version) != "5.6.1":
        return failed(
            f"the installed version is {answer.version}: only 5.6.1 can be upgraded to version 6",
            said_by(answer),
            expected="5.6.1",
            remedy=("Upgrade this server to 5.6.1 first, or correct the answer.",),
        )
    return passed(f"read on the server: {answer.version}", said_by(answer), expected="5.6.1")


@check(
    "target-absent",
    "Version 6 is not installed yet",
    subject="server",
    severity="blocker",
    stages=("two-days", "server"),
    demands=("V05",),
    reads=(TARGET_ENTRIES,),
    remedy=(
        "If this server is already upgraded, name it with --done. If an earlier attempt left these files, remove "
        "nothing: the coordinator decides.",
    ),
)
def target_absent(case: Case, server: Server, host: Host) -> Word:
    """An absent or empty directory and a new file system mounted there pass; a directory with content fails."""
    entries, target = host[TARGET_ENTRIES], case.deployment.paths.target
    if holds_something(entries):
        return failed(f"{target} already holds {_listing(entries)}", expected=f"{target} absent or empty")
    return passed(f"{target} {'is absent' if entries is None else 'is empty'}")


@check(
    "tree-links",
    "Nothing directly under the install root was moved or linked",
    subject="server",
    severity="warning",
    stages=("two-days",),
    demands=("V05",),
    reads=(SOURCE_ENTRIES,),
    remedy=("Ask Sophos Technical Support before the night: updates may fail on a moved directory.",),
)
def tree_links(case: Case, server: Server, host: Host) -> Word:
    """Directories directly under the root hold programs; the product's own `postgres` link is fine."""
    entries = host[SOURCE_ENTRIES] or ()
    moved = [
        f"{entry.name} → {entry.target or 'a file system of its own'}"
        for entry in entries
        if entry.kind in ("link", "mount") and not _products_own(entry)
    ]
    if moved:
        return failed(
            f"moved or linked directly under {case.deployment.paths.source}: {', '.join(moved)}",
            expected="plain directories, apart from the product's own postgres link",
        )
    return passed("nothing directly under the root is moved or linked")


def _products_own(entry: Entry) -> bool:
    return entry.kind == "link" and entry.name == "postgres" and "etc/alternatives" in (entry.target or "")
