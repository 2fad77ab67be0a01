"""The names of the files that a run was given, as they are typed into a shell again."""

import os
import shlex
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

DEPLOYMENT, FACTS, APPROVED = "DEPLOYMENT.yaml", "FACTS", "APPROVED-FACTS"  # where no name was given
INVENTORY, ANSWERS = "INVENTORY", "ANSWERS"  # of Ansible, and of the probe by hand: no run is given these
# how facts are collected again in the way in which these were, and what for that has no name yet; else by ssh
WAYS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "local": (" --via local", ()),
    "ansible": (f" --via ansible --inventory {INVENTORY}", (INVENTORY,)),
    "files": (f" --from-files {ANSWERS}", (ANSWERS,)),
}
SAFE = frozenset(range(0x21, 0x7F)) - frozenset(b"'\\")  # bytes that stand for themselves between $' and '


ASKED = " --stage "  # behind it a command names no file: what is asked, of which server, and who is finished


@dataclass(frozen=True)
class GivenFiles:
    """What stands in commands for the deployment file, the directory of facts and that of the approved ones.

    `unnamed`: what stands in them for a name that was not given. `directory`: where the names hold; None where none is
    relative. `way`: the options by which facts are collected again.
    """

    deployment: str = DEPLOYMENT
    facts: str = FACTS
    baseline: str = APPROVED
    unnamed: tuple[str, ...] = (DEPLOYMENT, FACTS, APPROVED)
    directory: str | None = None
    way: str = ""


NONE_GIVEN = GivenFiles()


def given_files(
    deployment: Path, facts: Path | None, baseline: Path | None, directory: Path, ways: Collection[str] = ()
) -> GivenFiles:
    """The names of these files as they are typed in the directory of the deployment file, if all lie below it.

    Otherwise in the directory in which the runbook is made, and absolute where they do not lie below that. `ways`: in
    which the facts came. Facts that are the baseline too are named as if they had not been given: a collection would
    write over it.
    """
    if facts and baseline and os.path.normpath(directory / facts) == os.path.normpath(directory / baseline):
        facts = None
    given = ((deployment, DEPLOYMENT), (facts, FACTS), (baseline, APPROVED))
    files = [_placed(path, directory) if path else None for path, _ in given]
    beside = _placed(deployment, directory).parent
    place = beside if all(file is None or file.is_relative_to(beside) for file in files) else directory
    way, needed = WAYS.get(next(iter(ways)), ("", ())) if len(set(ways)) == 1 else ("", ())
    said = [_seen_from(file, place) if file else label for file, (_, label) in zip(files, given, strict=True)]
    return GivenFiles(
        deployment=said[0],
        facts=said[1],
        baseline=said[2],
        unnamed=(*(label for path, label in given if path is None), *needed),
        directory=typed(place) if any(file and file.is_relative_to(place) for file in files) else None,
        way=way,
    )


def _placed(path: Path, directory: Path) -> Path:
    """The path from the root. Steps up from the directory are taken, as no link is in it; others may cross one."""
    while path.parts[:1] == ("..",):
        directory, path = directory.parent, Path(*path.parts[1:])
    return directory / path


def _seen_from(file: Path, place: Path) -> str:
    return typed(file.relative_to(place) if file.is_relative_to(place) else file)


def asked(command: str) -> str:
    """What the commands of a check ask, without the files that they name; all of it where they are none of ours."""
    before, mark, question = command.rpartition(ASKED)
    return mark + question if mark else before + question


def typed(path: Path) -> str:
    """A path as one word of a shell's, and never as an option; what no eye can read is written as bytes.

    Bytes are for bash, ksh and zsh: POSIX before 2024 has no way to type them.
    """
    name = f"./{path}" if str(path).startswith("-") else str(path)
    if name.isprintable() and "  " not in name:
        return shlex.quote(name)
    return "$'" + "".join(chr(byte) if byte in SAFE else f"\\x{byte:02x}" for byte in os.fsencode(name)) + "'"
