"""Whether a package is as it was written, made from this deployment and these facts, and what has moved since."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

from checker.checks.judge import deployment_digest
from checker.errors import InputError
from checker.facts.diff import Difference, diff_facts
from checker.facts.host_facts import HostFacts, facts_id
from checker.inputs.deployment import Deployment
from checker.marks import MANIFEST, is_ours
from checker.values import Value
from runbook.change.manifest import NAME, Altered, Manifest, Origin, altered, read_manifest
from runbook.change.proof.effect import Effect, effect
from runbook.change.proof.made_from import BASELINE, OF_ALL, read_sources
from runbook.change.proof.moved import Moved, moved_deployment, moved_facts
from runbook.change.signed import Approval
from runbook.words import Words


class Compared(Value):
    """A deployment or facts beside those of the package: whether they are the same, and else every value that moved.

    `untold`: why it cannot be told what moved, or even whether anything did (`same` is null then). Of facts
    `difference` says what `diff` does, and `moved` how, when and why they were collected otherwise.
    """

    same: bool | None
    moved: tuple[Moved, ...] = ()
    difference: Difference | None = None
    untold: str | None = None


class Verified(Value):
    """What `verify` found. `changed`, `missing` and `added` are names of files of the package.

    `origin` is null where its manifest was changed: it then proves nothing. What was not asked for is null.
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
    deployment: Compared | None = None
    facts: Compared | None = None
    effect: Effect | None = None
    approval: Approval | None = None

    @property
    def same(self) -> bool:
        """Whether nothing was found that differs."""
        unmoved = all(each is None or each.same for each in (self.deployment, self.facts))
        return self.intact and unmoved and (self.approval is None or self.approval.approved)


def verify_package(
    directory: Path,
    words: Words | None = None,
    deployment: Deployment | None = None,
    facts: Mapping[str, HostFacts] | None = None,
) -> Verified:
    """What was changed, taken out of or put into a package since, and what has moved beside a deployment and facts.

    `words` are those that steps are told in; needed where something is compared. InputError where it is no package, or
    cannot be read.
    """
    if not (directory / NAME).is_file():
        raise InputError(f"{directory}: has no {NAME}, so it is no package: expected a directory that `package` wrote")
    if not is_ours(directory / NAME, MANIFEST):
        lost = Compared(same=None, untold=f"{NAME} was changed")
        return Verified(
            of="package", name=str(directory), intact=False, changed=(NAME,),
            deployment=lost if deployment else None, facts=None if facts is None else lost,
        )  # fmt: skip
    manifest = read_manifest(directory)
    found = altered(directory, manifest)
    verified = Verified(
        of="package",
        name=str(directory),
        intact=not found,
        origin=manifest.origin,
        files=len(manifest.files),
        changed=found.changed,
        missing=found.missing,
        added=found.added,
    )
    if words is None or (deployment is None and facts is None):
        return verified
    untold = _unreadable(manifest, found)
    if untold:
        return verified.model_copy(update=_by_digest(manifest, deployment, facts, untold))
    return verified.model_copy(update=_by_meaning(directory, manifest, words, deployment, facts))


def schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of what `verify --format json` writes."""
    draft = "https://json-schema.org/draft/2020-12/schema"
    return {"$schema": draft, **Verified.model_json_schema(mode="serialization")}


def _unreadable(manifest: Manifest, found: Altered) -> str:
    """Why the package does not say what it was made from; empty where it does."""
    names = (*OF_ALL, *((BASELINE,) if BASELINE in manifest.files else ()))
    lost = [name for name in names if name in (*found.changed, *found.missing) or name not in manifest.files]
    return f"{', '.join(lost)} of the package changed or missing" if lost else ""


def _by_digest(
    manifest: Manifest, deployment: Deployment | None, facts: Mapping[str, HostFacts] | None, untold: str
) -> dict[str, Compared]:
    told = {}
    if deployment:
        declared = deployment_digest(deployment, manifest.tool, manifest.rules)
        told["deployment"] = Compared(same=declared == manifest.declared, untold=untold)
    if facts is not None:
        told["facts"] = Compared(same=(facts_id(facts) or "") == manifest.facts, untold=untold)
    return told


def _by_meaning(
    directory: Path,
    manifest: Manifest,
    words: Words,
    deployment: Deployment | None,
    facts: Mapping[str, HostFacts] | None,
) -> dict[str, Compared | Effect]:
    old, report = read_sources(directory, BASELINE in manifest.files)
    told: dict[str, Compared | Effect] = {}
    new = old
    if deployment:
        moved = moved_deployment(old.deployment, deployment)
        told["deployment"] = Compared(same=not moved, moved=moved)
        new = replace(new, deployment=deployment)
    if facts is not None:
        difference = diff_facts(old.facts, facts)
        moved = moved_facts(old.facts, facts, difference)
        told["facts"] = Compared(same=not (moved or difference.any), moved=moved, difference=difference)
        new = replace(new, facts=facts)
    if any(isinstance(each, Compared) and not each.same for each in told.values()):
        told["effect"] = effect(old, new, report, words)
    return told
