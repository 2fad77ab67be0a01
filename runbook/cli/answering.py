"""What `answer` asks and prints, and what `waive` prints: lines for the deployment file, which neither ever edits."""

from collections.abc import Callable, Mapping
from typing import Any, get_args, get_origin, get_type_hints

from pydantic import TypeAdapter, ValidationError

from checker.checks import BY_ID
from checker.errors import InputError
from checker.inputs.answer_text import choices, takes_a_list, written, yaml_text
from checker.inputs.answers import KINDS, Answer, Ended, own_fields
from checker.report import Report
from checker.text_file import nearest

Ask = Callable[[str], str | None]  # a question to its answer, without its line end; None where nobody answers any more


def known_check(check: str, choices_: Mapping[str, object]) -> None:
    """InputError, with a suggestion, where a check is not among these."""
    if check not in BY_ID and check not in choices_:
        near = nearest(check, choices_ or BY_ID)
        raise InputError(f"unknown check {check}" + (f"; did you mean {near}?" if near else "; see `rules`"))


def answer(check: str, server: str | None, ask: Ask, tell: Callable[[str], None]) -> str:
    """The lines of an answer, each field asked and judged. InputError where the check takes none, or nobody answers."""
    known_check(check, KINDS)
    if check not in KINDS:
        raise InputError(f"check {check} takes no answer: expected one of {', '.join(KINDS)}")
    kind = KINDS[check]
    if server and not kind.by_server:
        raise InputError(f"check {check} is for the whole deployment: expected no --server")
    while True:
        said = {
            name: text for name in (*own_fields(kind), "by", "at", "note") if (text := _field(kind, name, ask, tell))
        }
        try:
            kind.model_validate({name: value for name, (value, _) in said.items()})
        except ValidationError as wrong:
            tell(f"{check} {_words(wrong)}: please enter the fields again")
            continue
        lines = {name: line for name, (_, line) in said.items()}
        if server:
            own = {name: lines.pop(name) for name in own_fields(kind) if name in lines}
            lines["servers"] = f"{{{written(yaml_text(server), own)}}}"
        return f"answers:\n  {written(check, lines)}\n"


def _field(kind: type[Answer], name: str, ask: Ask, tell: Callable[[str], None]) -> tuple[Any, str] | None:
    """A field's value and its text in the file; None where it is left out."""
    if name == "ended":
        return _ended(ask)
    hint = get_type_hints(kind, include_extras=True)[name]
    if get_origin(get_type_hints(kind)[name]) is dict:
        return None  # figures by kind of work are not dictated
    question = f"{name}: {_description(hint)}"
    question += f" ({'/'.join(words)})" if (words := choices(kind, name)) else ""
    question += ", separated by commas" if takes_a_list(kind, name) else ""
    question += "" if kind.model_fields[name].is_required() else " (empty: none)"
    while True:
        text = _heard(ask, f"{question}? ")
        if not text and not kind.model_fields[name].is_required():
            return None
        value: Any = [part.strip() for part in text.strip("[]").split(",")] if takes_a_list(kind, name) else text
        try:
            TypeAdapter(hint).validate_python(value)
        except ValidationError as wrong:
            tell(f"{name} {_words(wrong)}")
            continue
        line = f"[{', '.join(value)}]" if takes_a_list(kind, name) else text if words else yaml_text(text)
        return value, line


def _ended(ask: Ask) -> tuple[Any, str] | None:
    accepted = _heard(ask, "ended: if support has ended for good, who accepts it (empty: it has not ended)? ")
    if not accepted:
        return None
    value = {"accepted_by": accepted, "ticket": _heard(ask, "ticket: the ticket number? ")}
    Ended.model_validate(value)
    return value, f"{{{', '.join(f'{name}: {yaml_text(text)}' for name, text in value.items())}}}"


def _heard(ask: Ask, question: str) -> str:
    text = ask(question)
    if text is None:
        raise InputError("the input ended before the last question: nothing was printed")
    return text.strip()


def _description(hint: Any) -> str:
    for part in (hint, *get_args(hint)):
        for note in getattr(part, "__metadata__", ()):
            if getattr(note, "description", None):
                return str(note.description).rstrip("?")
    return ""


def _words(wrong: ValidationError) -> str:
    first = wrong.errors(include_url=False, include_input=False)[0]
    said = first.get("ctx", {}).get("error")
    return str(said) if said else f"is not valid ({first['msg'].lower()})"


def waivers(check: str, report: Report, server: str | None) -> str:
    """The lines that would waive what a check has failed on. InputError where nothing of it can be waived."""
    known_check(check, BY_ID)
    if not BY_ID[check].waivable:
        raise InputError(f"check {check} cannot be waived: expected its cause to be removed")
    found = [finding for finding in report.findings if finding.check == check and server in (None, finding.server)]
    lines = [finding.to_waive for finding in found if finding.to_waive]
    if not lines:
        outcomes = ", ".join(dict.fromkeys(f"{each.server or 'deployment'}: {each.outcome}" for each in found))
        raise InputError(f"check {check} has no failure to waive ({outcomes or 'not checked on this server'})")
    return "".join(["waivers:\n", *(f"  {line}\n" for line in lines)])
