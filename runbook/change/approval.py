"""An approval that can be checked offline: a statement, signed by OpenSSH's ssh-keygen with the key of who approves.

Everything that is secret stays with ssh-keygen: it reads the key, asks for its passphrase, or asks the agent.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal, get_args

from pydantic import ValidationError

from checker.errors import InputError
from checker.inputs.scalars import Text
from checker.legible import visible
from checker.outputs.json_text import escaped, pieces
from checker.text_file import MIB, file_label, read_bytes
from checker.values import Value
from runbook.change.manifest import Manifest
from runbook.pages.times import utc

Kind = Literal["board", "gate", "evidence"]
KINDS: tuple[Kind, ...] = get_args(Kind)
PROGRAM = "ssh-keygen"
MISSING = f"{PROGRAM} is not installed: it is part of OpenSSH's client; install that first"
SIGNATURE = ".sig"  # what ssh-keygen puts behind the name of what it signs
SECONDS = "%Y%m%d%H%M%SZ"  # as ssh-keygen takes a time
ROLE = "change authority"  # the field's word for who approves a change, where no other is given
MOST = MIB  # of a statement, a signature or the list of signers: each takes a kilobyte, a list of many a hundred
Why = Literal[
    "unsigned", "not-a-signature", "other-namespace", "changed", "unknown-signer", "expired", "not-yet-valid",
    "not-for-this-namespace", "not-a-statement", "other-package", "other-files",
]  # fmt: skip
TOLD = {
    "deployment": "deployment", "change": "change", "revision": "revision", "plan": "plan digest",
    "facts": "facts", "tool_version": "pmx-preflight", "rules_version": "rules", "declared": "deployment digest",
    "manifest": "files",
}  # fmt: skip # of a statement, what may differ from a package, by the word for it
UPGRADED = {"tool_version", "rules_version"}  # the digest of the deployment is of both, and differs with them


class Statement(Value):
    """What is signed: who approves what, in which role and when, by the words of the signer himself.

    `manifest` is the SHA-256 of the list of the package's files, so the signature vouches for every one of them.
    `plan` is the plan digest, `declared` the digest of the deployment, `facts` the facts id.
    """

    tool: Literal["pmx-preflight"] = "pmx-preflight"
    schema_version: Literal[1] = 1
    kind: Kind
    deployment: str
    change: str
    revision: str
    plan: str
    declared: str
    facts: str
    tool_version: str
    rules_version: str
    manifest: str
    role: Text
    name: Text
    at: str

    def content(self) -> bytes:
        """The bytes that are signed."""
        return "".join(map(escaped, pieces(self))).encode()


@dataclass(frozen=True)
class Signing:
    """With which key, under which name of the list of signers, in which role and when something is signed."""

    key: Path
    name: str
    role: str
    at: datetime


@dataclass(frozen=True)
class Approved:
    """A signature that holds, and what was signed."""

    statement: Statement


@dataclass(frozen=True)
class SamePlan:
    """A signature that holds, of the same plan as another release of ours words it; `text` says what differs."""

    statement: Statement
    text: str


@dataclass(frozen=True)
class Refused:
    """A signature that does not hold: why, in a word for machines and in a line for people."""

    why: Why
    text: str


def signing(key: Path | None, name: str | None, role: str | None, at: datetime) -> Signing | None:
    """What is asked for by the options of a command, if anything; InputError where one lacks another, or is no text."""
    if key is None:
        if name is not None or role is not None:
            raise InputError("--signer and --role say who signs: give the key with --sign KEY too")
        return None
    if not name or not name.strip():
        raise InputError("--sign needs --signer NAME: your name as the list of allowed signers has it")
    for option, text in (("--signer", name), ("--role", role or ROLE)):
        if visible(text) != text or len(text) > 500:
            raise InputError(f"{option} {visible(text)[:60]!r}: expected a line of at most 500 characters")
    _check_key(key)
    if not _asked():
        sign(b"", key, namespace("board"))  # what cannot be signed is told before anything is printed
    return Signing(key, name, role or ROLE, at)


def namespace(kind: Kind) -> str:
    """What a signature is for: one that was made for something else approves nothing."""
    return f"pmx-preflight-{kind}"


def files_of(kind: Kind) -> tuple[str, str]:
    """The names of a statement and its signature within a package."""
    return f"approval/{kind}.json", f"approval/{kind}.json{SIGNATURE}"


def covered(manifest: str) -> str:
    """The SHA-256 of a manifest's lines (without its seal), but for those of the approvals that vouch for it."""
    own = {f"  {name}" for kind in KINDS for name in files_of(kind)}
    lines = [line for line in manifest.splitlines() if line[64:] not in own]
    return hashlib.sha256("".join(f"{line}\n" for line in lines).encode()).hexdigest()


def statement_of(kind: Kind, manifest: Manifest, given: Signing) -> Statement:
    """The statement by which somebody approves a package."""
    return Statement(
        kind=kind, **manifest.origin.model_dump(), manifest=covered(manifest.text()), role=given.role,
        name=given.name, at=given.at.astimezone(UTC).isoformat(timespec="seconds"),
    )  # fmt: skip


def sign(statement: bytes, key: Path, purpose: str) -> bytes:
    """The signature of a statement for a namespace; InputError where the key cannot sign, or ssh-keygen is missing."""
    _check_key(key)
    with TemporaryDirectory() as place:
        path = Path(place) / "statement"
        path.write_bytes(statement)
        # the statement is given as a file, because ssh-keygen asks for a passphrase where its input is a terminal
        asked = _asked()
        done = _run("-q", "-Y", "sign", "-f", os.fsencode(key), "-n", purpose, str(path), heard=not asked)
        if done.returncode == 0:
            return path.with_name(path.name + SIGNATURE).read_bytes()
    words = done.stderr.decode(errors="replace") if done.stderr else ""
    label = file_label(key)
    if "incorrect passphrase" in words and not asked:
        raise InputError(
            f"{label}: needs its passphrase, and there is no terminal to ask on: "
            "sign in a terminal, or add the key to ssh-agent first"
        )
    if "are too open" in words:
        raise InputError(f"{label}: others can read this private key, so {PROGRAM} refuses it: chmod 600, then sign")
    if "No private key found for public key" in words:
        raise InputError(f"{label}: is a public key, and ssh-agent does not hold its private key: ssh-add it, or name "
                         "the private key")  # fmt: skip
    told = ": see its words above" if asked else f"{_last(words)}: expected a private key of OpenSSH"
    raise InputError(f"{label}: {PROGRAM} did not sign with this key{told}")


def check(statement: bytes, signature: bytes | None, signers: Path, now: datetime, kind: Kind) -> Approved | Refused:
    """Whether a statement of this kind was signed by a signer of the list who may, and whose line is valid now.

    The list is an `allowed_signers` file of OpenSSH. InputError where it cannot be read, or ssh-keygen is missing.
    """
    listed = read_bytes(signers, MOST, "a list of signers, as ssh-keygen calls allowed_signers")
    if signature is None:
        return Refused("unsigned", "is not signed")
    try:
        said = Statement.model_validate_json(statement)
    except ValidationError:
        said = None
    with TemporaryDirectory() as directory:
        place = Path(directory)
        (place / "signers").write_bytes(listed)  # a copy: what is judged is what was read, and a pipe is not waited for
        (place / "sig").write_bytes(signature)
        valid = _run("-Y", "check-novalidate", "-n", namespace(kind), "-s", str(place / "sig"), given=statement)
        if valid.returncode:
            return _not_valid(valid.stderr.decode(errors="replace"), kind)
        if said is None or said.kind != kind:
            return Refused("not-a-statement", f"is signed, but is no statement of kind {kind} that this release knows")
        at = f"verify-time={utc(now, SECONDS)}"
        whose = ("-f", str(place / "signers"), "-s", str(place / "sig"), "-O", at)
        found = _run("-Y", "verify", *whose, "-I", said.name, "-n", namespace(kind), given=statement)
        if found.returncode == 0:
            return Approved(said)
        others = _run("-Y", "find-principals", *whose).stdout.decode(errors="replace").split("\n")[0]
    return _not_listed(found.stderr.decode(errors="replace"), others, said, signers, kind, now)


def of_package(said: Statement, manifest: Manifest, listed: str) -> Approved | SamePlan | Refused:
    """Whether what was signed is this package, by its manifest and its text (`listed`) without the seal.

    An upgrade of ours writes other files of the same plan: those nobody has approved, and yet they plan the same.
    """
    here = statement_of(said.kind, manifest, Signing(Path(), said.name, said.role, datetime.now(UTC)))
    here = here.model_copy(update={"manifest": covered(listed)})
    differs = [name for name in TOLD if getattr(said, name) != getattr(here, name)]
    if not differs:
        return Approved(said)
    told = "; ".join(
        f"{TOLD[name]} {visible(getattr(said, name))}, here {visible(getattr(here, name))}"
        for name in differs
        if name != "manifest"
    )
    if set(differs) <= UPGRADED | {"declared", "manifest"} and set(differs) & UPGRADED:
        return SamePlan(said, f"same plan, other words: {told}. Read what changed, then have this package signed")
    if not told:
        return Refused("other-files", "approves the same plan with other files: one was changed after it was signed")
    return Refused("other-package", f"approves another package: {told}")


def _asked() -> bool:
    """Whether there is a terminal on which ssh-keygen can ask for a passphrase."""
    return sys.stdin is not None and sys.stdin.isatty()


def _check_key(key: Path) -> None:
    if not key.is_file():
        raise InputError(
            f"{file_label(key)}: no such file: expected a private key of OpenSSH, or the public one of one in ssh-agent"
        )
    if shutil.which(PROGRAM) is None:
        raise InputError(MISSING)


def _not_valid(words: str, kind: Kind) -> Refused:
    if "namespace does not match" in words:
        return Refused("other-namespace", f"is signed, but not for {namespace(kind)}: it approves something else")
    if "incorrect signature" in words:
        return Refused("changed", "was changed since it was signed, or the signature is of something else")
    return Refused("not-a-signature", f"has no signature that {PROGRAM} can read{_last(words)}")


def _not_listed(words: str, others: str, said: Statement, signers: Path, kind: Kind, now: datetime) -> Refused:
    label, name, at = file_label(signers), visible(said.name), f"{utc(now)} UTC"
    if "bad options" in words:
        raise InputError(f"{label}{_last(words)}: expected lines as ssh-keygen(1) tells allowed signers")
    if "key has expired" in words:
        return Refused("expired", f"is signed with a key of {name} that is no longer valid at {at}, by {label}")
    if "key is not yet valid" in words:
        return Refused("not-yet-valid", f"is signed with a key of {name} that is not yet valid at {at}, by {label}")
    if "not permitted for use in signature namespace" in words:
        return Refused(
            "not-for-this-namespace", f"is signed by {name}, whose key may not sign {namespace(kind)} by {label}"
        )
    owner = f" {label} has it under {visible(others)}." if others else ""
    return Refused("unknown-signer", f"is signed with a key that is not {name}'s in {label}.{owner}")


def _last(words: str) -> str:
    """The last line of what ssh-keygen said, to be put behind a statement of ours."""
    lines = [line.strip() for line in words.splitlines() if line.strip()]
    return f" ({visible(lines[-1])})" if lines else ""


def _run(*arguments: str | bytes, given: bytes | None = None, heard: bool = True) -> subprocess.CompletedProcess[bytes]:
    """What ssh-keygen answers, in its own words; unheard, it speaks to the terminal."""
    try:
        return subprocess.run(
            [PROGRAM, *arguments],
            input=given,
            stdin=None if given is not None or not heard else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE if heard else None,
            env=os.environ | {"LC_ALL": "C"},
            check=False,
        )
    except FileNotFoundError:
        raise InputError(MISSING) from None
