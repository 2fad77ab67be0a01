"""Whether a package was approved: its statement and signature, by a list of signers, at a time, for these files."""

from datetime import datetime
from pathlib import Path

from checker.legible import visible
from checker.marks import MANIFEST
from checker.text_file import read_bytes
from checker.values import Value
from runbook.change.approval import MOST, SIGNATURE, Approved, Kind, Refused, check, files_of, of_package
from runbook.change.manifest import MOST as LONGEST_MANIFEST
from runbook.change.manifest import NAME, altered, read_manifest


class Approval(Value):
    """What became of an approval. `why` is null where it holds, else a word for machines; `text` says it to people.

    `name`, `role` and `at` are the signer's own words, null where no signer of the list has signed them.
    """

    approved: bool
    kind: Kind
    why: str | None
    text: str
    name: str | None = None
    role: str | None = None
    at: str | None = None


def approval_of(
    directory: Path, signers: Path, now: datetime, given: Path | None = None, kind: Kind = "board"
) -> Approval:
    """Whether a package was approved, by the statement in it or by one `given`, whose signature lies beside it.

    InputError where the list of signers, a given statement or the package cannot be read, or ssh-keygen is missing.
    """
    path = given or directory / files_of(kind)[0]
    if given is None and not path.is_file():
        return Approval(approved=False, kind=kind, why="unsigned", text=f"{path} is not there: it was not signed")
    statement = read_bytes(path, MOST, "the statement of an approval")
    beside = path.with_name(path.name + SIGNATURE)
    signature = read_bytes(beside, MOST, "the signature of an approval") if beside.is_file() else None
    found = check(statement, signature, signers, now, kind)
    if isinstance(found, Refused):
        return Approval(approved=False, kind=kind, why=found.why, text=f"{path} {found.text}")
    said = found.statement
    told = Approval(approved=False, kind=kind, why=None, text="", name=said.name, role=said.role, at=said.at)
    sealed = read_bytes(directory / NAME, LONGEST_MANIFEST, "the manifest of a package")
    if not MANIFEST.is_known(sealed) or altered(directory, manifest := read_manifest(directory)):
        text = f"{path} is signed by {said.name}, but the package is not as it was written"
        return told.model_copy(update={"why": "other-files", "text": text})
    placed = of_package(said, manifest, "".join(sealed.decode().splitlines(keepends=True)[:-1]))
    if isinstance(placed, Approved):
        text = f"by {said.name} as {said.role}; signed {said.at}, by the signer's own words"
        return told.model_copy(update={"approved": True, "text": text})
    why = placed.why if isinstance(placed, Refused) else "same-plan"
    return told.model_copy(update={"why": why, "text": f"{path} {placed.text}"})


def to_line(found: Approval) -> str:
    """What was found, in a line."""
    return visible(f"{'APPROVED' if found.approved else 'NOT APPROVED'} ({found.kind}): {found.text}")
