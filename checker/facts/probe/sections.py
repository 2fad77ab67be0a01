"""The sections of the probe: what each asks, and with which of a platform's own commands. They are those of the facts'
rows, and a few that serve other facts. The contract between the script and its parsers, and the source of the page
"what it reads, what it runs, what it never does".

A section stands in the output only where the host has a command for it; one that the probe's limits stopped ends with
status `-`, with the lines that it had. Two lines are the probe's own: `absent` where a path is not there, and
`refused WHY` where one may not look or a link leads nowhere. A size or a count is `total N`, or `partial N` (a lower
bound) when it was stopped or something was refused.
"""

from dataclasses import dataclass
from datetime import datetime

from checker.facts.catalogue import CATALOGUE, DF_PLACE
from checker.facts.fact import Command, Fact
from checker.facts.parsers import platform


@dataclass(frozen=True)
class SectionAsked:
    """One thing that is asked: what for, the commands that may stand behind it, and the sections that may hold it."""

    names: tuple[str, ...]
    purpose: str
    commands: tuple[Command, ...]

    @property
    def name(self) -> str:
        return self.names[0]


CLOCK: Fact[datetime] = Fact(
    "host_clock",
    datetime,
    "the time in UTC",
    commands=(Command("date -u '+%Y-%m-%dT%H:%M:%SZ'"),),
    sections=("platform.clock",),
    parse=lambda said, _: platform.clock(said.lines),
)
DECLARED = SectionAsked(
    ("asked",),
    "the deployment's name, its paths and `pmx_status` as they were sent, and the digest of this script: "
    "`NAME VALUE`, no value where none is",
    (Command("printf"),),
)
SOURCE_MOUNT = SectionAsked(("storage.source-mount",), "the mount point that the 5.6.1 root lands on", DF_PLACE)
TYPES = SectionAsked(
    ("storage.types",),
    "file system types, where df and mount do not say",
    (Command("df -n", ("Solaris",)), Command("lsfs", ("AIX",))),
)
PMX_CONF = SectionAsked(
    ("puremessage.pmx-conf",),
    "allowed keys of etc/pmx.conf: quarantine_dir log_dir run_dir quarantine_type pmx_db mail_sender port",
    (Command("sed: these keys only"),),
)


def _of(fact: Fact[object]) -> SectionAsked:
    purpose = f"{fact.meaning}; {fact.prints}" if fact.prints else fact.meaning
    return SectionAsked(fact.asked_as, purpose, fact.commands)


ASKED: tuple[tuple[str, tuple[SectionAsked, ...]], ...] = tuple(
    (
        heading,
        (*besides, *(_of(fact) for path, fact in CATALOGUE.items() if path.partition(".")[0] in kinds and fact.parse)),
    )
    for heading, kinds, besides in (
        ("Asked", (), (DECLARED,)),
        ("Identity", ("identity", "privilege"), ()),
        ("Storage", ("storage", "parts", "backup"), (TYPES, SOURCE_MOUNT)),
        ("Platform", ("platform", "memory", "limits", "processes", "ports"), (_of(CLOCK),)),
        ("PureMessage", ("puremessage", "source", "target", "starters"), (PMX_CONF,)),
    )
)
NAMES: frozenset[str] = frozenset(name for _, asked in ASKED for row in asked for name in row.names)
