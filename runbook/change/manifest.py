"""The list of a package: what it was made from, and every file in it with its sum, as `sha256sum -c` reads it."""

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from checker.errors import InputError
from checker.legible import visible
from checker.marks import LARGEST, MANIFEST
from checker.text_file import MIB, read_bytes
from checker.values import Value

NAME = "MANIFEST"
MOST = 4 * MIB  # a line takes 100 bytes: forty thousand files
MOST_FILES = 10_000  # of a package: of a thousand servers it has fewer than a thousand
TITLE = "# A change package of pmx-preflight. `sha256sum -c MANIFEST` finds what was changed since."
PASTE = (
    "# Once the board has approved these facts, paste under `change` of the deployment file:",
    "#     baseline: {facts}",
)
_HEAD = re.compile(r"# ([a-z-]+): (.*)")
_FILE = re.compile(r"([0-9a-f]{64})  (.+)")
KEYS = ("deployment", "change", "revision", "plan", "facts", "declared", "tool", "rules")


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


@dataclass(frozen=True)
class Manifest:
    """What a package was made from, and the sums of its files by their names within it.

    `plan` is the plan digest, `facts` the facts id, `declared` the digest of the deployment; `tool` and `rules` are
    the versions of what made it.
    """

    deployment: str
    change: str
    revision: str
    plan: str
    facts: str
    declared: str
    tool: str
    rules: str
    files: Mapping[str, str]

    @property
    def origin(self) -> Origin:
        """What it says without its files."""
        said = {key: getattr(self, key) for key in KEYS}
        return Origin(tool_version=said.pop("tool"), rules_version=said.pop("rules"), **said)

    def text(self) -> str:
        """The manifest as a file, without its seal."""
        head = (f"# {key}: {visible(getattr(self, key))}" for key in KEYS)
        paste = (line.format(facts=self.facts) for line in PASTE)
        sums = (f"{self.files[name]}  {name}" for name in sorted(self.files))
        return "".join(f"{line}\n" for line in (TITLE, *head, *paste, *sums))


@dataclass(frozen=True)
class Altered:
    """How a directory differs from its manifest: names of files, sorted."""

    changed: tuple[str, ...]
    missing: tuple[str, ...]
    added: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.changed or self.missing or self.added)


def read_manifest(directory: Path) -> Manifest:
    """The manifest of a package; InputError where there is none, or somebody changed it."""
    path = directory / NAME
    content = read_bytes(path, MOST, "the manifest of a package")
    if not MANIFEST.is_known(content):
        raise InputError(f"{path}: was changed since it was written, or is not ours: expected it as `package` wrote it")
    lines = content.decode().splitlines()
    head = {found[1]: found[2] for line in lines if (found := _HEAD.fullmatch(line))}
    files = {found[2]: found[1] for line in lines if (found := _FILE.fullmatch(line))}
    lacking = [key for key in KEYS if key not in head]
    if lacking:
        raise InputError(f"{path}: has no {', '.join(lacking)}: it is of another version of pmx-preflight")
    return Manifest(**{key: head[key] for key in KEYS}, files=files)


def sums(directory: Path) -> dict[str, str]:
    """The sum of every file below a directory by its name within it, but for the manifest's; InputError where unread.

    A link has none, whatever it leads to: it is no file of ours.
    """
    return {
        name: "a link" if (directory / name).is_symlink() else sum_of(directory / name)
        for name in sorted(_names(directory))
        if name != NAME
    }


def altered(directory: Path, manifest: Manifest) -> Altered:
    """What was changed, taken out of or put into a package since; InputError where it cannot be read."""
    found = sums(directory)
    return Altered(
        changed=tuple(name for name in manifest.files if name in found and found[name] != manifest.files[name]),
        missing=tuple(name for name in manifest.files if name not in found),
        added=tuple(name for name in found if name not in manifest.files),
    )


def sum_of(path: Path) -> str:
    """The SHA-256 of a file of a package, as the manifest has it; InputError where it cannot be read."""
    return hashlib.sha256(read_bytes(path, LARGEST, "a file of a package")).hexdigest()


def _names(directory: Path) -> Iterator[str]:
    """Everything below a directory that is no directory itself, by its name within it."""
    found = (path for path in directory.rglob("*") if path.is_symlink() or not path.is_dir())
    for path in islice(found, MOST_FILES):
        yield path.relative_to(directory).as_posix()
