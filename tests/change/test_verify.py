"""Whether a package is as it was written: what was changed since is named, and what changes nothing is none."""

import json
import random
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from sample_package import written

from checker.errors import InputError
from runbook.change.manifest import NAME, read_manifest
from runbook.change.proof.as_text import PROVES, to_text
from runbook.change.proof.verifying import verify_package
from runbook.cli.main import main

# of a thousand, as many as take a second
TIMES = pytest.mark.parametrize("times", [20, pytest.param(1000, marks=pytest.mark.large)])


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(written(), tmp_path / "package"))


@pytest.fixture
def verify(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str]]:
    """The command: its exit code, and what it prints."""

    def command(*arguments: object) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["pmx-preflight", "verify", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        return int(ended.value.code or 0), capsys.readouterr().out

    return command


def test_a_package_as_it_was_written_is_intact_and_says_what_it_was_made_from() -> None:
    found, manifest = verify_package(written()), read_manifest(written())
    assert (found.intact, found.files) == (True, len(manifest.files))
    assert found.origin
    assert (found.origin.plan, found.origin.facts, found.origin.declared) == (
        manifest.plan, manifest.facts, manifest.declared
    )  # fmt: skip
    assert to_text(found).splitlines()[0] == f"INTACT: {written()}: {len(manifest.files)} files as written"
    assert to_text(found).splitlines()[-1] == PROVES


@TIMES
def test_a_changed_byte_of_any_file_is_found_and_named(copy: Path, times: int) -> None:
    chance = random.Random(14)
    names = [NAME, *read_manifest(copy).files]
    for name in (*names[:2], *chance.choices(names, k=times - 2)):
        content = (copy / name).read_bytes()
        at = chance.randrange(len(content))
        (copy / name).write_bytes(content[:at] + bytes([content[at] ^ chance.randrange(1, 256)]) + content[at + 1 :])
        found = verify_package(copy)
        assert (found.intact, found.changed, found.missing, found.added) == (False, (name,), (), ()), at
        assert name in to_text(found)
        (copy / name).write_bytes(content)
    assert verify_package(copy).intact


def test_what_was_taken_out_or_put_in_is_named(copy: Path) -> None:
    (copy / "night.pdf").rename(copy / "change" / "night-filled.pdf")
    (copy / "report.xml").write_bytes(b"")
    found = verify_package(copy)
    assert (found.changed, found.missing, found.added) == (
        ("report.xml",),
        ("night.pdf",),
        ("change/night-filled.pdf",),
    )
    assert to_text(found).startswith(
        f"NOT INTACT: {copy}\n  changed: report.xml\n  missing: night.pdf\n  added: change/night-filled.pdf\n"
    )


def test_of_a_package_whose_manifest_was_changed_no_other_file_is_vouched_for(copy: Path) -> None:
    text = (copy / NAME).read_text()
    (copy / NAME).write_text(text.replace("# revision: 1", "# revision: 2"))
    found = verify_package(copy)
    assert (found.intact, found.changed, found.origin) == (False, (NAME,), None)
    assert "it proves nothing of the other files" in to_text(found)


def test_names_of_files_cannot_steer_a_terminal(copy: Path) -> None:
    (copy / "a\x1b[2Jb\nINTACT").write_text("")
    assert "\x1b" not in to_text(verify_package(copy))
    assert "\nINTACT" not in to_text(verify_package(copy))


def test_a_directory_without_manifest_is_no_package(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="has no MANIFEST, so it is no package"):
        verify_package(tmp_path)


def test_the_command_says_it_by_its_exit_code_for_people_and_machines(
    copy: Path, verify: Callable[..., tuple[int, str]]
) -> None:
    assert verify(copy) == (0, to_text(verify_package(copy)))
    (copy / "plan.json").write_text("{}")
    code, out = verify(copy, "--format", "json")
    told = json.loads(out)
    assert (code, told["intact"], told["changed"]) == (1, False, ["plan.json"])
    assert told == verify_package(copy).model_dump(mode="json")
    assert verify(copy / "change")[0] == 2
