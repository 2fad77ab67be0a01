"""By what a file is known as one that we wrote and nobody has changed since: a mark in a fixed place, per kind of file.

What people fill in, edit or tick (pages, lists, reports, a PDF) carries a seal, a comment with the digest of all else
in the file: changed by anybody it is no longer ours. What machines read is JSON of ours by its own keys. What is sent
to hosts, or comes from there, holds nothing but what was sent, and is known by how it begins.
"""

import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path

from checker.text_file import MIB, read_bytes

TOOL = "pmx-preflight"
LARGEST = 256 * MIB  # what we write ourselves: the PDF of 500 servers is a tenth of it


@dataclass(frozen=True)
class Json:
    """A kind of JSON of ours, by the keys that it has, and no other kind."""

    name: str
    keys: frozenset[str]

    def is_known(self, content: bytes) -> bool:
        """Whether this is what we write of this kind."""
        try:
            found = json.loads(content)
        except (ValueError, RecursionError):
            return False
        return isinstance(found, dict) and found.get("tool") == TOOL and found.keys() >= self.keys


@dataclass(frozen=True)
class Sealed:
    """A kind of file with a seal: a comment ({} is what it says) at the end, or before the last `closing` line."""

    name: str
    comment: str
    closing: bytes = b""

    def is_known(self, content: bytes) -> bool:
        """Whether the seal is there, and is that of all else in the content."""
        before, behind = self._parted(content)
        length = len(self._seal(b""))
        return before[-length:] == self._seal(before[:-length] + behind)

    def sealed(self, content: bytes) -> bytes:
        """The content with its seal."""
        before, behind = self._parted(content)
        return before + self._seal(before + behind) + behind

    def _parted(self, content: bytes) -> tuple[bytes, bytes]:
        """What stands before the seal, and what behind it."""
        if not self.closing:
            return content, b""
        before, closing, behind = content.rpartition(self.closing)
        return before, closing + behind

    def _seal(self, rest: bytes) -> bytes:
        return (self.comment.format(f"{TOOL} {self.name} sha256 {hashlib.sha256(rest).hexdigest()}") + "\n").encode()


@dataclass(frozen=True)
class Begun:
    """A kind of file by how it begins."""

    name: str
    beginning: re.Pattern[bytes]

    def is_known(self, content: bytes) -> bool:
        """Whether the content begins so."""
        return self.beginning.match(content) is not None


Kind = Json | Sealed | Begun
# The kinds of file but for those of a report, which its formats declare.
FACTS = Json("facts", frozenset({"server", "facts"}))
PLAN = Json("plan", frozenset({"digest", "steps"}))
FILLED = Json("filled", frozenset({"plan", "fields"}))
MARKDOWN = Sealed("markdown", "<!-- {} -->")
HTML = Sealed("html", "<!-- {} -->")
PDF = Sealed("pdf", "%{}", closing=b"startxref\n")  # behind it stands where the cross-reference is, and nothing more
ABOUT = Sealed("about", "<!-- {} -->")
MANIFEST = Sealed("manifest", "# {}")
PLAYBOOK = Sealed("playbook", "# {}")
PROBE = Begun("probe", re.compile(rb"@probe 1 [0-9a-f]{16}\r?\n"))
SCRIPT = Begun("script", re.compile(rb"#!/bin/sh\n.*\n# The pmx-preflight probe: ", re.DOTALL))
KIT = Begun("kit", re.compile(rb"pmx-preflight-kit/?\0"))


def is_ours(path: Path, kind: Kind) -> bool:
    """Whether a file is one that we wrote, of this kind, and unchanged; InputError when it cannot be read."""
    return kind.is_known(read_bytes(path, LARGEST, "a file of ours"))
