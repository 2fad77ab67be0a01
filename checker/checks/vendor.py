"""The demands of the vendor's multi-server upgrade page, V01 to V24, in our words and as data.

The page is Sophos' "upgrade a multi-server deployment" of the PureMessage for UNIX 6.4.4 documentation. The ids never
change: checks, steps, interruptions and notices name the demands that they serve.
"""

from typing import Literal

from checker.values import Value

Kind = Literal["check", "order", "step", "notice"]


class Demand(Value):
    """One demand: its id, our words for it, who can serve it, and how strongly the page puts it."""

    id: str
    text: str
    kind: tuple[Kind, ...]
    strength: str


def _demand(id: str, strength: str, kind: tuple[Kind, ...], text: str) -> Demand:
    return Demand(id=id, text=text, kind=kind, strength=strength)


DEMANDS: tuple[Demand, ...] = (
    _demand("V01", "must", ("check", "step"), "Every server is upgraded by somebody who is root there."),
    _demand(
        "V02",
        "must, with several servers",
        ("order", "check"),
        "Where there are several servers, their roles are upgraded in the order that the vendor gives.",
    ),
    _demand(
        "V03",
        "must, where data is migrated",
        ("check",),
        "Each server has disk space for the 5.6.1 data that will be migrated: quarantine, logs, reports and the like.",
    ),
    _demand(
        "V04",
        "recommended",
        ("check", "step"),
        "The space that the installation needs is measured on each server, as root, beforehand. The vendor's command "
        "for it is missing from the page, so it is never printed here.",
    ),
    _demand("V05", "must", ("step",), "Each server goes through the vendor's procedure for a single server."),
    _demand(
        "V06",
        "must, where the migration script is used",
        ("check", "step"),
        "The same migration options are chosen on every server; what is migrated on the Database server is migrated "
        "on all.",
    ),
    _demand(
        "V07",
        "must",
        ("check", "step", "notice"),
        "No server changes its host name or IP address from the first upgrade step until the last migration has "
        "ended; a change can leave the system beyond recovery.",
    ),
    _demand(
        "V08",
        "permitted",
        ("order", "check", "step"),
        "Where there are several Mail Filters, stopping one at a time is enough: the others continue to carry mail.",
    ),
    _demand(
        "V09",
        "fact, under V08's condition",
        ("notice",),
        "Under V08's condition mail flows throughout, but some resources, the End User and Groups Web Interfaces "
        "among them, are unavailable until the whole upgrade is complete.",
    ),
    _demand(
        "V10",
        "must",
        ("check", "step"),
        "When a step fails and it is not clear how to continue, Sophos Technical Support is called.",
    ),
    _demand(
        "V11",
        "must",
        ("order", "check"),
        "The order of roles: Database with CSM, then Mail Transfer Agent and Mail Filter, then End User Web Interface.",
    ),
    _demand("V12", "must", ("order", "check"), "The first server is the one that runs Database and CSM."),
    _demand(
        "V13",
        "fact",
        ("notice", "step"),
        "From the start of the Database upgrade the Mail Filters cannot use the database; errors in their logs are "
        "expected and leave the mail flow untouched.",
    ),
    _demand(
        "V14",
        "must",
        ("notice",),
        "Group administrators, who can no longer log in to the Groups Web Interface, are told beforehand.",
    ),
    _demand(
        "V15",
        "must",
        ("notice",),
        "Users, who can no longer log in to the End User Web Interface, are told beforehand.",
    ),
    _demand(
        "V16",
        "must, where data is migrated",
        ("order", "step"),
        "On the Database and CSM server the migration follows directly on the successful upgrade.",
    ),
    _demand(
        "V17",
        "fact",
        ("notice", "step"),
        "After the first phase no other server reaches the database until it has been upgraded, and migrated where "
        "wanted, itself.",
    ),
    _demand("V18", "must", ("order", "step"), "PureMessage is started on the CSM server before the second phase."),
    _demand(
        "V19",
        "must",
        ("order", "step"),
        "Mail Transfer Agent and Mail Filter servers are upgraded one at a time, each migrated directly after its "
        "own upgrade.",
    ),
    _demand(
        "V20",
        "fact",
        ("step",),
        "A server takes part in mail and database again only after its upgrade and migration: it is out of the mail "
        "for both.",
    ),
    _demand(
        "V21",
        "recommended",
        ("step",),
        "The first upgraded Mail Transfer Agent and Mail Filter server is tested before work on the next begins.",
    ),
    _demand(
        "V22",
        "must",
        ("order", "step"),
        "End User Web Interface servers are upgraded one at a time, each migrated directly after its own upgrade.",
    ),
    _demand(
        "V23",
        "must",
        ("check", "step"),
        "The installation prompt at the end of the single-server procedure comes on each server and is answered "
        "there, choosing the roles that the server already has.",
    ),
    _demand(
        "V24",
        "permitted",
        ("check", "step"),
        "Wanted changes of host names or addresses are made before or after V07's span.",
    ),
)
