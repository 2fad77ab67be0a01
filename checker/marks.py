"""By what a file is known as one that we wrote and nobody has changed since: a mark in a fixed place, per kind of file.

What people fill in, edit or tick (pages, lists, reports, a PDF) carries a seal, a comment with the digest of all else
in the file: changed by anybody it is no longer ours. What machines read is JSON of ours by its own keys.
"""

import hashlib
import json
import re
from pathlib import Path
from typing import Literal

from checker.text_file import MIB, read_bytes

Kind = Literal[
    "facts", "report", "plan", "filled", "probe",
    "console", "todo", "junit", "markdown", "html", "pdf", "about", "script", "playbook", "kit",
]  # fmt: skip
TOOL = "pmx-preflight"
LARGEST = 256 * MIB  # what we write ourselves: the PDF of 500 servers is a tenth of it

# The keys that each kind of our JSON has, and no other kind of it.
KEYS: dict[Kind, frozenset[str]] = {
    "facts": frozenset({"server", "facts"}),
    "report": frozenset({"verdict", "findings"}),
    "plan": frozenset({"digest", "steps"}),
    "filled": frozenset({"plan", "fields"}),
}
COMMENTS: dict[Kind, str] = {
    "console": "# {}",
    "todo": "# {}",
    "playbook": "# {}",
    "about": "<!-- {} -->",
    "markdown": "<!-- {} -->",
    "html": "<!-- {} -->",
    "junit": "<!-- {} -->",
    "pdf": "%{}",
}
# How the others begin: they are sent to hosts, or come from there, and hold nothing but what was sent.
BEGINNINGS: dict[Kind, re.Pattern[bytes]] = {
    "probe": re.compile(rb"@probe 1 [0-9a-f]{16}\r?\n"),
    "script": re.compile(rb"#!/bin/sh\n.*\n# The pmx-preflight probe: ", re.DOTALL),
    "kit": re.compile(rb"pmx-preflight-kit/?\0"),
}
PDF_END = b"startxref\n"  # behind it stands where the cross-reference is; nothing may follow that


def sealed(kind: Kind, content: bytes) -> bytes:
    """The content with the seal of its kind (COMMENTS)."""
    before, behind = _parted(kind, content)
    return before + _seal(kind, before + behind) + behind


def is_ours(path: Path, kind: Kind) -> bool:
    """Whether a file is one that we wrote, of this kind, and unchanged; InputError when it cannot be read."""
    content = read_bytes(path, LARGEST, "a file of ours")
    if kind in KEYS:
        return _is_json(kind, content)
    if kind in BEGINNINGS:
        return BEGINNINGS[kind].match(content) is not None
    before, behind = _parted(kind, content)
    length = len(_seal(kind, b""))
    return before[-length:] == _seal(kind, before[:-length] + behind)


def _parted(kind: Kind, content: bytes) -> tuple[bytes, bytes]:
    """What stands before the seal, and what behind it."""
    if kind != "pdf":
        return content, b""
    before, keyword, behind = content.rpartition(PDF_END)
    return before, keyword + behind


def _seal(kind: Kind, rest: bytes) -> bytes:
    return (COMMENTS[kind].format(f"{TOOL} {kind} sha256 {hashlib.sha256(rest).hexdigest()}") + "\n").encode()


def _is_json(kind: Kind, content: bytes) -> bool:
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        return False
    return isinstance(found, dict) and found.get("tool") == TOOL and found.keys() >= KEYS[kind]
