"""A set with every kind of part and every kind of block, and what can be seen of it in HTML."""

from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any, get_args

from runbook.pages.page_model import (  # fmt: skip
    Blank,
    Box,
    Bullets,
    Caution,
    Document,
    Fields,
    Figure,
    Gate,
    Heading,
    Paragraph,
    Part,
    Runbook,
    Signatures,
    SiteText,
    StepRow,
    Steps,
    Table,
)

SERVERS = ("pmx-db1", "pmx-mx1", "pmx-mx2")
LONG_COMMAND = "/opt/pmx6/bin/pmx-some-long-command --with-an-option=/var/opt/pmx6/quarantine " * 3 + "--last"


def step(server: str, number: str, **changes: Any) -> StepRow:
    """A step with everything that a step can have; its words carry its number and server."""
    mark = f"{server}-{number}end".replace(".", "x")
    row = StepRow(
        id=f"{server}/{number}",
        number=number,
        kind="stop",
        title=f"Stop the milter on {server}, as step {number} says",
        text=f"Stop it and wait until its queue is empty; textmark {mark}.",
        site_text="Log in as **root**, then:\n\n1. become `pmx`\n2. type <host> as shown",
        command=f"/etc/init.d/pmx stop {mark}",
        blank=None,
        expect=f"no process named pmx; expectmark {mark}",
        measured="12 processes",
        if_not=f"wait 5 minutes, then go to the way back; ifnotmark {mark}",
        again=None,
        starts="22:10",
        basis="V",
        options=(),
        caution=None,
    )
    return replace(row, **changes)


def sheet(server: str, place: int) -> Part:
    """A server's sheet: guard, fields, four blocks of steps, a gate, signatures."""
    before = tuple(step(server, f"{place}.{n}", measured=None, starts=None) for n in range(1, 4))
    stop = (
        step(server, f"{place}.4", caution="Mail waits in the queues of the senders from here on."),
        step(server, f"{place}.5", command=None, blank="command from your licensed copy", again="Do not repeat."),
        step(server, f"{place}.6", command=LONG_COMMAND, text="A long one. " * 40),
        step(server, f"{place}.7", expect=None, if_not=None, measured=None, site_text=None, text=""),
    )
    upgrade = (
        step(server, f"{place}.9", options=("Database & Quarantine", "Logs", "Reports")),
        step(server, f"{place}.10", command="first --line\nsecond --line\n\nfourth `with` ``ticks``"),
    )
    return Part(
        id=f"sheet-{server}",
        kind="sheet",
        title=f"Sheet {place}: {server}",
        server=server,
        sheet=f"sheet {place} of 3",
        blocks=(
            Caution("STOP", f"unless the prompt shows {server}."),
            Fields(
                (
                    ("Host name seen", Blank("", 24)),
                    ("Roles", "Mail Filter"),
                    ("Sheet before", (Box("signed"), Blank("time", 6))),
                )
            ),
            Steps("A", "Before", "15 min", before),
            Steps("B", "Stop and back up", "40 min", stop),
            Gate(
                f"{server}/gate",
                f"{place}.8",
                "Backup is complete",
                (("Files in the backup", "48,211"), ("Free space on /var is at least 5 GiB", "11.2 GiB")),
                "change manager",
                "start the product again and go to the backout card",
                "5 min",
                "O",
            ),
            Steps("C", "Upgrade and migrate", "60 min", upgrade),
            Signatures(("Done by", "Checked by")),
        ),
    )


def example(stamp: str | None = "DRAFT WITHOUT FACTS") -> Runbook:
    """A set with every kind of part and every kind of block."""
    decision = Part(
        "decision",
        "Decision",
        (
            Paragraph("Upgrade the mail filters of acme-mail in one night.", "lead"),
            Fields((("Verdict", "NOT-CLEARED: 2 blockers unknown, 3 warnings"), ("Rehearsal", Blank("by", 20)))),
            Table(
                "Three exits",
                ("Exit", "Last moment", "Why"),
                (("go", "22:30", "minutes of the vendor"), ("hold", "01:15", "ours"), ("back", "unknown", "no time")),
            ),
            Bullets(("Mail for example.net waits", "The quarantine cannot be read")),
            Bullets(("first", "second"), ordered=True),
            Signatures(("Change manager", "Service owner")),
        ),
        "decision",
        one_page=True,
        document="board",
    )
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 60"><rect x="10" y="10" width="200" height="20"/>'
        '<text x="10" y="50" font-family="IBM Plex Sans" font-size="10">22:00</text></svg>'
    )
    timeline = Part(
        "timeline",
        "Interruption timeline",
        (
            Figure(svg, "Inbound mail waits from 22:10 to 01:00", "Who misses what"),
            Table("Interruptions", ("Service", "From", "Until"), (("inbound mail", "22:10", "01:00"),)),
        ),
        document="board",
    )
    boxes = tuple((server, *(((Box(), Blank("", 4)),) * 4)) for server in SERVERS)
    board = Part(
        "board",
        "Coordinator's board",
        (Table("Where each server is", ("Server", "Out", "Stopped", "Upgraded", "Back"), boxes, kind="board"),),
        "board",
        one_page=True,
    )
    others = (
        Part("blockers", "Blockers", (Table("What failed", ("Host", "Observed"), ()),), document="board"),
        Part("slip", "Go / no-go slip", (Paragraph("Staple this to the set."),), one_page=True),
        Part(
            "order",
            "Order and why",
            (Heading("Phase 1", "phase-1"), Paragraph("The database first.")),
            document="board",
        ),
        Part("gates", "Gates", (Caution("NOTE", "Every gate needs a second person."),), document="board"),
        Part("exits", "Hold and back", (Caution("CAUTION", "The vendor documents no way back."),)),
        Part("night", "The night", (Paragraph("Read the steps aloud.", "note"),)),
        Part("comms", "Communications", (SiteText("Dear all,\n\n**mail waits** tonight."),), document="notices"),
        Part(
            "appendix",
            "Appendix",
            (Table("Facts", ("Fact", "Value"), (("kernel", "a\nb"),) * 90),),
            document="evidence",
        ),
    )
    sheets = tuple(sheet(server, place) for place, server in enumerate(SERVERS, start=1))
    parts = (decision, timeline, board, *others[:-2], *sheets, *others[-2:])
    return Runbook(
        title="Upgrade acme-mail to PureMessage 6",
        deployment="acme-mail",
        verdict="NOT-CLEARED",
        stamp=stamp,
        change="CHG0031337",
        revision="1",
        plan_digest="3f2a9c1be07d4418",
        facts_id="none",
        made="2026-11-20 10:00 Europe/Berlin",
        tool="pmx-preflight 0.1.0",
        language="en",
        parts=tuple(part for document in get_args(Document) for part in parts if part.document == document),
    )


class Seen(HTMLParser):
    """The elements with the names of their attributes, the text, and where links and images point."""

    def __init__(self, text: str):
        super().__init__()
        self.elements: list[tuple[str, tuple[str, ...]]] = []
        self.text = ""
        self.targets: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, tuple(name for name, _ in attrs)))
        self.targets += [value or "" for name, value in attrs if name in {"href", "src"}]

    def handle_data(self, data: str) -> None:
        self.text += data


def every_step(book: Runbook) -> Iterator[StepRow]:
    for part in book.parts:
        for block in part.blocks:
            if isinstance(block, Steps):
                yield from block.steps
