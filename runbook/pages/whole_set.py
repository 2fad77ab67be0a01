"""The whole set from one edition, a document for each reader; and the digests of what is printed."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import chain
from typing import get_args

from checker import __version__
from checker.report import wording
from checker.values import canonical, digest_of_text
from runbook.pages.board.backout import backout_part
from runbook.pages.board.decision import decision
from runbook.pages.board.impact import impact_part, interruptions_part
from runbook.pages.board.order_and_gates import order_and_gates
from runbook.pages.evidence import checks_part, demands_part, facts_part, minutes_part
from runbook.pages.help_desk import help_desk_back, help_desk_card
from runbook.pages.night.backout_card import way_back_card
from runbook.pages.night.cover import boards, cover
from runbook.pages.night.hold_and_back import exits_part
from runbook.pages.night.night_pages import around, hand_over
from runbook.pages.night.sheet import sheet
from runbook.pages.notices.communications import communications
from runbook.pages.page_model import PRINTED, Document, Part, Runbook, lasting
from runbook.pages.sources import Edition


def _stamp(edition: Edition) -> str | None:
    if not edition.facts:
        return edition.say("set", "draft")
    missing, verdict = len(edition.plan.order) - len(edition.read), edition.report.verdict
    if missing and verdict != "NO-GO":
        return edition.say("set", "partial", count=missing)
    return None if verdict == "GO" else edition.say("set", "not-go", verdict=verdict)


def compose(edition: Edition, documents: Iterable[Document] = get_args(Document)) -> Runbook:
    """The frozen page model of these documents of an edition: everything that any page of them says."""
    return _book(edition, tuple(_parts(edition, documents)))


def _board_paper(edition: Edition) -> Iterator[Part | None]:
    yield from (*decision(edition), impact_part(edition), order_and_gates(edition))
    yield backout_part(edition)


def _night_book(edition: Edition) -> Iterator[Part | None]:
    yield from (cover(edition), *boards(edition), exits_part(edition), way_back_card(edition))
    yield around(edition, "P", None)
    for night in edition.plan.nights:
        yield around(edition, "N", night.number)
        for name in night.servers:
            yield from (sheet(edition, name), hand_over(edition, name))
        yield from (around(edition, "Z", night.number), around(edition, "E", night.number))


def _help_desk_card(edition: Edition) -> Iterator[Part | None]:
    yield from (help_desk_card(edition), help_desk_back(edition))


def _evidence(edition: Edition) -> Iterator[Part | None]:
    yield from (interruptions_part(edition), facts_part(edition), checks_part(edition))
    yield from (minutes_part(edition), demands_part(edition))


def _notices(edition: Edition) -> Iterator[Part | None]:
    yield communications(edition)


# what each document holds, one after the other; None where an edition has none of it
DOCUMENTS: dict[Document, Callable[[Edition], Iterator[Part | None]]] = {
    "board": _board_paper,
    "night": _night_book,
    "help-desk": _help_desk_card,
    "evidence": _evidence,
    "notices": _notices,
}


def _parts(edition: Edition, documents: Iterable[Document] = get_args(Document)) -> Iterator[Part]:
    """Every part, one after the other, each of the document in which it stands."""
    for document in documents:
        yield from (replace(part, document=document) for part in DOCUMENTS[document](edition) if part is not None)


def _book(edition: Edition, parts: tuple[Part, ...]) -> Runbook:
    plan, change = edition.plan, edition.deployment.change
    return Runbook(
        title=edition.say("set", "title", deployment=edition.deployment.deployment),
        deployment=edition.deployment.deployment,
        verdict=wording(edition.report),
        stamp=_stamp(edition),
        change=change.number,
        revision=str(change.revision),
        plan_digest=plan.digest,
        facts_id=edition.report.facts_id or edition.say("set", "no-facts"),
        made=edition.report.now.strftime("%Y-%m-%d %H:%M UTC"),
        tool=f"pmx-preflight {__version__}",
        language="en",
        parts=parts,
        documents=tuple((each, edition.say("documents", each)) for each in dict.fromkeys(p.document for p in parts)),
    )


def digested(edition: Edition) -> Edition:
    """The edition with the digests of its pages in its plan: while a digest is the same, what is printed of it is good.

    They are taken from what lasts of the composed pages, with what stands at the head of each and the zone that all
    times are told in; the plan's also from all that is declared and lasts. What drifts, when it was made and by which
    release has no part in them.
    """
    alone, change = replace(edition, previous=None), edition.deployment.change
    book = _book(alone, ())
    head = [book.title, book.deployment, book.change, book.revision, change.timezone, edition.words.around]
    every, declared = canonical(head), canonical(alone.lasting)
    sheets: dict[str, str] = {}
    others: dict[Document, list[str]] = {}

    def pages() -> Iterator[str]:
        """What lasts of each part as soon as it is composed: that of a thousand servers is larger than all else."""
        texts = ((part, canonical(said)) for part in _parts(alone) if (said := lasting(part)) is not None)
        for number, (part, text) in enumerate(texts):
            if part.kind == "sheet" and part.server is not None:
                sheets[part.server] = digest_of_text([f"[{every},{text}]"])
            elif part.document in PRINTED:
                others.setdefault(part.document, []).append(digest_of_text([f"[{every},{text}]"]))
            yield f",{text}" if number else text

    digest = digest_of_text(chain([f"[{every},{declared},["], pages(), ["]]"]))
    documents = {document: digest_of_text(each) for document, each in others.items()}
    plan = edition.plan.model_copy(update={"digest": digest, "sheets": sheets, "documents": documents})
    return replace(edition, plan=plan)
