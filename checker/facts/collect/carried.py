"""Probe outputs as they arrive in files: cut apart, and told whether they are as they left the host.

@host NAME [ALIAS]           written by the kit and the playbook: whose output follows, and the inventory's name
@asked-at TIME BY            when by the clock of the machine that asked, and by `kit` or `playbook`
@probe 1 …  …  @done …       the output itself; by hand it comes alone, and the file's name says whose it is
@cksum CRC LENGTH            or `@sha256 HEX`: the seal over everything from @host to @done
@failed STATUS               instead of the seal, where there is no whole output: ssh's status, -SECONDS where it
                             was stopped, + where it was too much; ssh's own words follow, after `|`
@carried BASE64              all of that in one word, for logs that change lines
"""

import base64
import codecs
import hashlib
import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from checker.facts.collect.endings import Ending
from checker.facts.parsers.protocol import PROBE

HOST = re.compile(rb"@host (\S+)(?: (.*))?")
ASKED_AT = re.compile(rb"@asked-at (20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ) (kit|playbook)")
FIRST = re.compile(PROBE.pattern.encode())
SEAL = re.compile(rb"@cksum (\d{1,10}) (\d{1,10})|@sha256 ([0-9a-f]{64})")
FAILED = re.compile(rb"@failed (?:(\d{1,3})|-(\d{1,6})|\+)")
TOKEN = re.compile(rb"@carried ([A-Za-z0-9+/]+={0,2})")
WIDE = {
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
OURS = (b"@host ", b"@probe 1 ")
# a host's own lines hold these so rarely that asking again costs less than reading a changed value
REWRITTEN = re.compile(rb"=3D|&(?:amp|lt|gt|quot|nbsp|#\d+);")
CAUSES = (
    (re.compile(r"^(?:> ?)+@(?:probe|begin|host) ", re.MULTILINE), "its lines are quoted with '>'"),
    (re.compile(r"^[ \t\xa0]+@(?:probe|begin|host) ", re.MULTILINE), "its lines are indented"),
    (re.compile(r"=3D|=\n(?=[^|@])"), "it is still in a mail's quoted-printable form"),
    (re.compile(r"&(?:amp|lt|gt|quot|nbsp|#\d+);|<br ?/?>"), "it was turned into HTML"),
    (re.compile(r"\x1b\["), "a terminal's colours are in it"),
)  # fmt: skip
ANEW = "copy the file itself, as an attachment or in an archive"


@dataclass(frozen=True)
class Piece:
    """One server's output in a file. Its text has as many lines before it as the file, so that line numbers fit."""

    server: str | None
    line: int
    text: str  # without line ends at its end, so that what was cut is told from what was changed
    damage: str | None = None
    failed: Ending | None = None
    alias: str | None = None
    asked_at: tuple[str, str] | None = None  # the time as it stands there, and who wrote it

    @property
    def raw(self) -> str:
        """The text as the host printed it."""
        text = self.text.strip("\n")
        return (text if self.server is None else text.partition("\n")[2]) + "\n"


def pieces(data: bytes) -> tuple[Piece, ...]:
    """The outputs that a file's bytes hold, each once; ValueError, in words, when they are no text."""
    plain = as_utf8(data)
    packed = [piece for token in TOKEN.findall(plain) for piece in _cut(_unpacked(token))]
    found = [piece for piece in _cut(plain) if not packed or piece.server or "@probe 1 " in piece.text]
    return tuple(dict.fromkeys(packed + found))


def as_utf8(data: bytes) -> bytes:
    """The bytes of a text without its byte order mark, and as UTF-8 where the mark says that they are wider."""
    for mark, encoding in WIDE.items():
        if data.startswith(mark):
            try:
                return data.decode(encoding).encode("utf-8", "backslashreplace")
            except UnicodeDecodeError:
                raise ValueError(f"begins as {encoding.upper()} but is not valid: copy it again") from None
    if data.startswith(OURS):
        return data.replace(b"\0", b"\\x00")  # what a host printed: damage of this one's output, if it is any
    if b"\0" in data:
        raise ValueError("is a binary file (it holds NUL bytes): expected the text that the probe printed")
    return data.removeprefix(codecs.BOM_UTF8)


def cause(text: str) -> str:
    """What most likely happened to a damaged text, and how to carry it so that it does not."""
    seen = [words for sign, words in CAUSES if sign.search(text)]
    return f" ({seen[0]}; {ANEW})" if seen else ""


def cksum(data: bytes) -> int:
    """The checksum of POSIX `cksum`, which every system has: CRC-32 from the highest bit, over data and length."""
    length = len(data).to_bytes((len(data).bit_length() + 7) // 8, "little")
    mirrored = zlib.crc32((data + length).translate(_MIRROR), 0xFFFFFFFF)
    return int(f"{mirrored:032b}"[::-1], 2)


def sealed(server: str, text: str) -> str:
    """A server's whole output as the kit and the playbook leave it."""
    body = f"@host {server}\n{text}"
    return f"{body}@cksum {cksum(body.encode())} {len(body.encode())}\n"


_MIRROR = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))


def _unpacked(token: bytes) -> bytes:
    # what was cut off is missed by the seal; the part that is there still says whose it was
    letters = token.rstrip(b"=")
    letters = letters[:-1] if len(letters) % 4 == 1 else letters
    return base64.b64decode(letters + b"=" * (-len(letters) % 4))


def _cut(data: bytes) -> Iterator[Piece]:
    # no way of carrying is trusted with a carriage return: mail adds them, and terminals too
    lines = data.replace(b"\r", b"").split(b"\n")
    starts = [index for index, line in enumerate(lines) if HOST.fullmatch(line)]
    before = lines[: starts[0]] if starts else lines
    if not starts or any(FIRST.fullmatch(line) for line in before):
        yield _piece(before, 0)
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=False):
        yield _piece(lines[start:end], start)


def _piece(lines: Sequence[bytes], start: int) -> Piece:
    host = HOST.fullmatch(lines[0])
    end = next((index for index, line in enumerate(lines) if SEAL.fullmatch(line) or FAILED.fullmatch(line)), None)
    body = lines if end is None else lines[:end]
    last = b"" if end is None else lines[end]
    text = "\n" * start + _text(body)
    failed = None
    if ended := FAILED.fullmatch(last):
        said = [line[1:] for line in lines[len(body) + 1 :] if line.startswith(b"|")]
        failed = _ending(ended, _text(body[1:] if host else body), _text(said))
    return Piece(
        server=host[1].decode("utf-8", "backslashreplace") if host else None,
        line=start + 1,
        text=text,
        damage=_damage(body, last, start),
        failed=failed,
        alias=host[2].decode("utf-8", "backslashreplace") if host and host[2] else None,
        asked_at=_asked_at(body) if host else None,
    )


def _asked_at(body: Sequence[bytes]) -> tuple[str, str] | None:
    for line in body:
        if FIRST.fullmatch(line):
            break
        if told := ASKED_AT.fullmatch(line):
            return told[1].decode(), told[2].decode()
    return None


def _ending(ended: re.Match[bytes], output: str, errors: str) -> Ending:
    if ended[1]:
        return Ending("ended", int(ended[1]), output, errors)
    if ended[2]:
        return Ending("deadline", None, output, errors, float(ended[2]))
    return Ending("too much output", None, output, errors)


def _damage(body: Sequence[bytes], last: bytes, start: int) -> str | None:
    """What is wrong with a piece although each of its lines may be one of the probe's."""
    begins = [index for index, line in enumerate(body) if FIRST.fullmatch(line)]
    if len(begins) > 1:
        return f"line {start + begins[1] + 1}: a second output begins here: unknown which one counts"
    if seal := SEAL.fullmatch(last):
        whole = b"".join(line + b"\n" for line in body)
        fits = (
            hashlib.sha256(whole).hexdigest().encode() == seal[3]
            if seal[3]
            else (cksum(whole), len(whole)) == (int(seal[1]), int(seal[2]))
        )
        return None if fits else f"line {start + len(body) + 1}: the checksum does not match the lines before it"
    if body and HOST.fullmatch(body[0]):
        return f"line {start + 1}: the checksum at the end of this output is missing"
    changed = next((index for index, line in enumerate(body) if line.startswith(b"|") and REWRITTEN.search(line)), None)
    return None if changed is None else f"line {start + changed + 1} was changed in transfer"


def _text(lines: Sequence[bytes]) -> str:
    return b"\n".join(lines).decode("utf-8", "backslashreplace").rstrip("\n")
