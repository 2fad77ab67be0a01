"""Whether a package is as it was written, and what it says that it was made from: a frozen value, and its words."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

from checker.errors import InputError
from checker.legible import several, visible
from checker.marks import MANIFEST, is_ours
from checker.values import Value
from runbook.change.manifest import NAME, altered, read_manifest
from runbook.change.signed import Approval, to_line

PROVES = "A digest tells whether it was changed since it was written, and never who wrote it."


class Origin(Value):
    """What something says that it was made from, and by which version; nobody has signed it.

    `declared` is the digest of the deployment with the version of the tool and of its rules.
    """

    deployment: str
    change: str
    revision: str
    plan: str
    facts: str
    declared: str
    tool_version: str
    rules_version: str


class Verified(Value):
    """What `verify` found. `changed`, `missing` and `added` are names of files of the package.

    `origin` is null where its manifest was changed: it then proves nothing. `approval` is null where none was asked.
    """

    tool: Literal["pmx-preflight"] = "pmx-preflight"
    schema_version: Literal[1] = 1
    of: Literal["package"]
    name: str
    intact: bool
    origin: Origin | None = None
    files: int = 0
    changed: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    approval: Approval | None = None

    @property
    def same(self) -> bool:
        """Whether nothing was found that differs."""
        return self.intact and (self.approval is None or self.approval.approved)


def verify_package(directory: Path) -> Verified:
    """What was changed, taken out of or put into a package since; InputError where it is none, or cannot be read."""
    if not (directory / NAME).is_file():
        raise InputError(f"{directory}: has no {NAME}, so it is no package: expected a directory that `package` wrote")
    if not is_ours(directory / NAME, MANIFEST):
        return Verified(of="package", name=str(directory), intact=False, changed=(NAME,))
    manifest = read_manifest(directory)
    found = altered(directory, manifest)
    return Verified(
        of="package",
        name=str(directory),
        intact=not found,
        origin=Origin(
            deployment=manifest.deployment, change=manifest.change, revision=manifest.revision, plan=manifest.plan,
            facts=manifest.facts, declared=manifest.declared, tool_version=manifest.tool, rules_version=manifest.rules,
        ),
        files=len(manifest.files),
        changed=found.changed,
        missing=found.missing,
        added=found.added,
    )  # fmt: skip


def to_text(found: Verified) -> str:
    """What was found, for people; what files are called is shown, never obeyed."""
    return "".join(f"{visible(line)}\n" for line in _lines(found))


def schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of what `verify --format json` writes."""
    draft = "https://json-schema.org/draft/2020-12/schema"
    return {"$schema": draft, **Verified.model_json_schema(mode="serialization")}


def _lines(found: Verified) -> Iterator[str]:
    if found.intact:
        yield f"INTACT: {found.name}: {several(found.files, 'file')} as written"
    elif found.changed == (NAME,):
        yield f"NOT INTACT: {found.name}: {NAME} was changed, or is not ours: it proves nothing of the other files"
    else:
        yield f"NOT INTACT: {found.name}"
        for word, names in (("changed", found.changed), ("missing", found.missing), ("added", found.added)):
            yield from (f"  {word}: {name}" for name in names)
    if found.origin:
        of = found.origin
        yield f"Made from deployment {of.deployment} ({of.declared}) and facts {of.facts or 'none'}"
        yield f"  plan {of.plan}, change {of.change}, revision {of.revision}"
        yield f"  by pmx-preflight {of.tool_version}, rules {of.rules_version}"
    if found.approval:
        yield to_line(found.approval)
    yield PROVES
