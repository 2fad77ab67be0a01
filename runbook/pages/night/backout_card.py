"""The backout card: who decided it, what the vendor asks on the phone, and the servers, the last upgraded first."""

from collections.abc import Mapping

from checker.facts.catalogue import DISTRIBUTION
from checker.facts.host_facts import HostFacts, seen
from checker.inputs.deployment import role_names
from runbook.pages.page_model import Blank, Box, Caution, Cell, Drifting, Fields, Part, Signatures, Table
from runbook.pages.sources import Edition, speak


def way_back_card(edition: Edition) -> Part:
    """The card, for whichever gate or step it is called from."""
    say, deployment = speak(edition, "way-back", "exits"), edition.deployment
    lines = {field: edition.words.items("exits", "way-back", field) for field in ("items", "done", "sign", "head")}
    called = (say("called"), (Blank(width=8), Blank(say("finished"), 24)))
    queue = (Caution("CAUTION", say("queue")),) if deployment.holding("mta") else ()
    rows = tuple(_row(back.server, back.minutes) for back in reversed(edition.plan.turn_back.servers))
    caption = say("caption", several=len(rows) > 1)
    return Part("way-back", say("title"), (
        Caution("STOP", say("stop")),
        Signatures(lines["sign"]),
        Fields((called, *((line, Blank(width=48)) for line in lines["items"]))),
        Fields(_phone(edition), "phone"),
        *queue,
        Table(caption, lines["head"], rows, "way-back", keys=edition.plan.order[::-1]),
        Fields(((say("end"), tuple(Blank(line, 8) for line in lines["done"])),), "done"),
    ))  # fmt: skip


def _row(server: str, minutes: int | None) -> tuple[Cell, ...]:
    figure = Blank(width=5) if minutes is None else Drifting(str(minutes))
    return (server, Box(), *(Blank(width=5) for _ in range(4)), figure)


def _phone(edition: Edition) -> tuple[tuple[str, Cell], ...]:
    """What the vendor's support asks for first, as it is declared and was seen."""
    say, deployment, support = speak(edition, "phone", "exits"), edition.deployment, edition.deployment.change.support
    roles = {server.name: role_names(server.roles) for server in deployment.servers}
    databases = [server.name for server in deployment.holding("database")]
    options = deployment.migration.options
    alike: dict[tuple[str, ...], list[str]] = {}
    for name in edition.plan.order:
        alike.setdefault(roles[name], []).append(name)
    return (
        (say("case"), say("case-value", {"case": support.case, "contract": support.contract, "phone": support.phone})),
        (say("product"), say("product-value", source=deployment.paths.source, target=deployment.paths.target)),
        (say("platform"), Drifting(", ".join(platforms(edition.facts))) or Blank(width=24)),
        (say("roles"), "\n".join(f"{', '.join(names)}: {', '.join(held)}" for held, names in alike.items())),
        (say("migration"), (
            say("database-value", servers=databases) if databases else Blank(say("database"), 16),
            say("options-value", options=options) if options else Blank(say("options"), 24),
        )),
        (say("failed"), (Blank(say("server"), 12), Blank(say("step"), 8), Blank(say("message"), 24))),
    )  # fmt: skip


def platforms(facts: Mapping[str, HostFacts]) -> tuple[str, ...]:
    """The platforms that the servers named, each once."""
    return tuple(dict.fromkeys(said for host in facts.values() if (said := seen(host, DISTRIBUTION))))
