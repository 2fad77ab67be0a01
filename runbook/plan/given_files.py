"""The names of the files that a run was given, as they are typed into a shell again."""

import os
import shlex
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

DEPLOYMENT, FACTS, APPROVED = "DEPLOYMENT.yaml", "FACTS", "APPROVED-FACTS"  # where no name was given
INVENTORY, ANSWERS = "INVENTORY", "ANSWERS"  # of Ansible, and of the probe by hand: no runbook is made with these
# how facts are collected again in the way in which these were, and what for that has no name yet; else by ssh
WAYS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "local": (" --via local", ()),
    "ansible": (f" --via ansible --inventory {INVENTORY}", (INVENTORY,)),
    "files": (f" --from-files {ANSWERS}", (ANSWERS,)),
}
SAFE = frozenset(range(0x21, 0x7F)) - frozenset(b"'\\")  # bytes that stand for themselves between $' and '


@dataclass(frozen=True)
class GivenFiles:
    """What stands in commands for the deployment file, the directory of facts and that of the approved ones.

    `unnamed`: those of them that stand for a name that was not given. `directory`: where the names hold; None where
    none is relative. `way`: the options by which facts are collected again.
    """

    deployment: str = DEPLOYMENT
    facts: str = FACTS
    baseline: str = APPROVED
    inventory: str = INVENTORY
    answers: str = ANSWERS
    unnamed: tuple[str, ...] = (DEPLOYMENT, FACTS, APPROVED)
    directory: str | None = None
    way: str = ""


NONE_GIVEN = GivenFiles()


def given_files(
    deployment: Path, facts: Path | None, baseline: Path | None, directory: Path, ways: Collection[str] = ()
) -> GivenFiles:
    """The names of these files as they are typed in this directory; `ways`: in which the facts came.

    Facts that are the baseline too are named as if they had not been given: a collection would write over it.
    """
    if facts and baseline and os.path.normpath(directory / facts) == os.path.normpath(directory / baseline):
        facts = None
    names = ((deployment, DEPLOYMENT), (facts, FACTS), (baseline, APPROVED))
    relative = any(path is not None and not path.is_absolute() for path, _ in names)
    way, needed = WAYS.get(next(iter(ways)), ("", ())) if len(set(ways)) == 1 else ("", ())
    said = [label if path is None else typed(path) for path, label in names]
    return GivenFiles(
        deployment=said[0],
        facts=said[1],
        baseline=said[2],
        unnamed=(*(label for path, label in names if path is None), *needed),
        directory=typed(directory) if relative else None,
        way=way,
    )


def typed(path: Path) -> str:
    """A path as one word of a shell's, and never as an option; what no eye can read is written as bytes.

    Bytes are for bash, ksh and zsh: POSIX before 2024 has no way to type them.
    """
    name = f"./{path}" if str(path).startswith("-") else str(path)
    if name.isprintable() and "  " not in name:
        return shlex.quote(name)
    return "$'" + "".join(chr(byte) if byte in SAFE else f"\\x{byte:02x}" for byte in os.fsencode(name)) + "'"
