"""The notices as files that are sent as they are: text, HTML, a draft for the mail program, a line for chat."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

from markupsafe import escape

from runbook.change.record import Record
from runbook.pages.notices.texts import notices
from runbook.pages.notices.unplanned import unplanned_notices
from runbook.pages.page_model import Blank, Cell, Paragraph, Part, Table
from runbook.pages.sources import Edition, speak
from runbook.render.escaping import cleaned
from runbook.render.site_markdown import site_html, site_text_lines

LINE = 900  # characters: a folded subject is read with a blank before it; 998 are allowed (RFC 5322)


@dataclass(frozen=True)
class Letter:
    """One notice to be sent. `name`: of its files, without their endings. `mailed`: a draft for a mail program."""

    name: str
    number: str
    when: str
    to: str
    channel: str
    subject: str
    text: str
    mailed: bool


def letters(made: Edition) -> Iterator[Letter]:
    """Every notice by its number, then those that nobody plans; nothing in them is obeyed by what shows them."""
    return map(cleaned, _written(made))


def _written(made: Edition) -> Iterator[Letter]:
    for each in notices(made.deployment, made.plan, made.words):
        telling, step = each.told.telling, each.told.step
        night = f"night{step.night}-" if step is not None and step.night else ""
        yield Letter(
            name=f"{each.told.number:02}-{night}{telling.moment}-{telling.audience}",
            number=str(each.told.number),
            when=each.when,
            to=each.to,
            channel=each.channel,
            subject=each.subject,
            text=each.text,
            mailed=each.mailed,
        )
    for other in unplanned_notices(made.deployment, made.plan, made.words):
        yield Letter(other.occasion, "–", other.when, other.to, other.channel, other.subject, other.text, other.mailed)


def letter_files(record: Record, templates: Path | None = None) -> Iterator[tuple[str, str | bytes]]:
    """Each file of the notices, its name within the package and its content."""
    every = tuple(letters(record.edition))
    for each in every:
        yield f"notices/{each.name}.txt", plain_letter(each)
        yield f"notices/{each.name}.html", page(each, record.book.language)
        if each.mailed:
            yield f"notices/{each.name}.eml", draft(each, record.book.language)
    yield "notices/INDEX.md", record.page(index(every, record.edition), templates)


def page(letter: Letter, language: str) -> str:
    """A notice as a page of its own, to be pasted."""
    subject = escape(letter.subject)
    return (
        f'<!DOCTYPE html>\n<html lang="{language}">\n<head><meta charset="utf-8"><title>{subject}</title></head>\n'
        f"<body>\n<h1>{subject}</h1>\n{site_html(letter.text)}\n</body>\n</html>\n"
    )


def plain_letter(letter: Letter) -> str:
    """A notice as plain text, below its subject."""
    return f"{letter.subject}\n\n{_plain(letter)}\n"


def _plain(letter: Letter) -> str:
    return "\n".join(site_text_lines(letter.text))


def draft(letter: Letter, language: str) -> bytes:
    """A notice as a mail that opens as a draft; who sends it fills in the recipients."""
    mail = EmailMessage(policy=SMTP.clone(max_line_length=LINE))
    mail["Subject"] = letter.subject
    mail["X-Unsent"] = "1"
    mail.set_content(_plain(letter))
    mail.add_alternative(page(letter, language), subtype="html")
    # between parts stands what would else be drawn by lot, and the same notice would have other bytes each time
    mail.set_boundary(f"=_{hashlib.sha256(letter.text.encode()).hexdigest()[:32]}")
    return mail.as_bytes()


def index(every: tuple[Letter, ...], made: Edition) -> Part:
    """Which notice is sent when, to whom and by what; its subject is the line for chat and a status page."""
    say = speak(made, "letters", "change")
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (each.number, each.when, each.to, each.channel, each.subject, each.name, Blank(width=8), Blank(width=8))
        for each in every
    )
    head = made.words.items("change", "letters", "head")
    return Part("index", say("title"), (Paragraph(say("text")), Table(say("caption"), head, rows)))
