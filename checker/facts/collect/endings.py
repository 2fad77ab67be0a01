"""How asking a server ended, in one word of the list of outcomes, by the probe's marks, ssh's words and its status."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from checker.facts.collect.outcomes import BY_SSH, OK
from checker.inputs.scalars import UNSEEN

Why = Literal["whole", "ended", "deadline", "too much output", "not started"]
LONGEST_DETAIL = 300
BEGUN = re.compile(r"^@probe 1 [0-9a-f]{16}\r?$", re.MULTILINE)
SECTION = re.compile(r"^@begin ([a-z][a-z0-9._-]*) ", re.MULTILINE)
BECOME = re.compile(
    r"(?:[Pp]assword (?:is required|for|attempt)|[Pp]assword:|sudoers|not allowed to|may not run|"
    r"must have a tty|terminal is required|Sorry, try again|Authentication fail)",
)
SHELL_COMPLAINS = re.compile(
    r"^.*(?:[Ss]yntax error|unexpected|[Uu]nmatched|Badly placed|[Bb]ad substitution|[Uu]ndefined variable|"
    r"not an identifier|No space left|Cannot fork|Resource temporarily unavailable|cannot create).*",
    re.MULTILINE,
)
SSH_FAILED = 255
# a failing login script may print the very line with its database's password
SECRET = re.compile(
    r"((?:pass\w*|pwd|secret|token|credentials?|api[-_]?key) ?[=:] ?|://[^\s/:@]+:)[^\s@]+", re.IGNORECASE
)
CHATTER = re.compile(r"^(?:\*\* |Warning: Permanently added|Pseudo-terminal will not|Killed by signal|debug\d: )")


@dataclass(frozen=True)
class Ending:
    """What one ssh left behind. `status` is its exit status where it ended by itself."""

    why: Why
    status: int | None
    output: str
    errors: str
    timeout: float = 0.0


@dataclass(frozen=True)
class Diagnosis:
    """The word for an ending, and the transport's own words for it, fit for a terminal."""

    word: str
    detail: str | None = None


def classify(ending: Ending, become: tuple[str, ...] = ()) -> Diagnosis:
    """The word for an ending: by the probe's own marks first, then by how ssh ended and what it said.

    Never raises: what breaks the reading of one server's words costs this server alone.
    """
    try:
        return _classify(ending, become)
    except Exception as error:
        return Diagnosis("unreadable", f"{type(error).__name__}: {sanitised(str(error))}")


def _classify(ending: Ending, become: tuple[str, ...]) -> Diagnosis:
    if ending.why == "not started":
        return Diagnosis("ssh not found", sanitised(ending.errors))
    if ending.why == "whole":
        return Diagnosis(OK)
    if ending.why == "too much output":
        return Diagnosis("too much output", "more than 1 MiB on stdout or 64 KiB on stderr")
    if BEGUN.search(ending.output):
        return Diagnosis("incomplete", _where(ending))
    if become and (said := _about_become(ending, become)):
        return Diagnosis("become failed", sanitised(said))
    if ending.why == "deadline" or ending.status == SSH_FAILED or (ending.status or 0) < 0:
        return _of_ssh(ending)
    if complaint := SHELL_COMPLAINS.search(ending.errors):
        return Diagnosis("probe failed", sanitised(complaint[0]))
    said = _last_line(ending.errors) or _last_line(ending.output)
    return Diagnosis("not a shell", sanitised(said or f"exit status {ending.status}, no message"))


def sanitised(text: str) -> str:
    """A host's words in one bounded line that cannot drive a terminal, without what is named a secret in them."""
    line = SECRET.sub(r"\1…", " ".join(UNSEEN.sub("?", text.replace("\r", "")).split()))
    return line if len(line) <= LONGEST_DETAIL else line[: LONGEST_DETAIL - 1] + "…"


def _of_ssh(ending: Ending) -> Diagnosis:
    for outcome in BY_SSH:
        for sign in outcome.signs:
            if found := sign.search(ending.errors.replace("\r", "")):
                return Diagnosis(outcome.word, sanitised(found[0].strip("@ ")))
    said = _last_line(ending.errors)
    if ending.why == "deadline":
        return Diagnosis("stuck after banner", sanitised(f"no answer within {ending.timeout:g} s{_quoted(said)}"))
    return Diagnosis("ssh failed", sanitised(said or f"exit status {ending.status}, no message"))


def _where(ending: Ending) -> str:
    sections = SECTION.findall(ending.output)
    where = f"in section {sections[-1]}" if sections else "before the first section"
    if ending.why == "deadline":
        return f"stopped after {ending.timeout:g} s, {where}"
    return sanitised(f"ended {where}, exit status {ending.status}{_quoted(_last_line(ending.errors))}")


def _about_become(ending: Ending, become: tuple[str, ...]) -> str | None:
    if ending.status == SSH_FAILED and _of_ssh(ending).word != "ssh failed":
        return None
    program = re.escape(become[0].rpartition("/")[2])
    # never the whole line: before these words a prompt of the site's own may stand
    said = re.search(rf"\b{program}: .*", ending.errors) or BECOME.search(ending.errors)
    said = said or re.search(rf"\b{program}\b.*", ending.errors)
    return said[0] if said else None


def _last_line(text: str) -> str | None:
    return next(_lines_from_the_end(text), None)


def _lines_from_the_end(text: str) -> Iterator[str]:
    return (line for line in reversed(text.replace("\r", "").split("\n")) if line.strip() and not CHATTER.match(line))


def _quoted(said: str | None) -> str:
    return f": {said}" if said else ""
