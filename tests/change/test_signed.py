"""Whether a package was approved: by whom, at which time, for which files; and what is said where it was not."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sample_package import written

from checker.errors import InputError
from checker.files import write_whole
from checker.marks import MANIFEST
from runbook.change.approval import ROLE, Signing, files_of
from runbook.change.manifest import Manifest, read_manifest
from runbook.change.package import approve
from runbook.change.signed import Approval, approval_of, to_line
from runbook.cli.main import main

NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)
NAME = "anna@example.net"
SIGNING = ("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "")
Verify = Callable[..., tuple[int, str]]


@pytest.fixture(scope="module")
def anna(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("anna")
    subprocess.run([*SIGNING, "-f", str(place / "key")], check=True)
    public = (place / "key.pub").read_text()
    (place / "signers").write_text(f'{NAME} namespaces="pmx-preflight-board",valid-before="20261231Z" {public}')
    return place


@pytest.fixture
def package(tmp_path: Path, anna: Path) -> Path:
    made = Path(shutil.copytree(written(), tmp_path / "package"))
    sealed(made, approve(made, read_manifest(made), Signing(anna / "key", NAME, ROLE, NOW)))
    return made


@pytest.fixture
def verify(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Verify:
    """The command: its exit code, and what it prints."""

    def command(*arguments: object) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["pmx-preflight", "verify", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        printed = capsys.readouterr()
        return int(ended.value.code or 0), printed.out + printed.err

    return command


def sealed(package: Path, manifest: Manifest) -> None:
    write_whole(package / "MANIFEST", [manifest.text()], MANIFEST)


def found(package: Path, anna: Path, given: Path | None = None) -> Approval:
    return approval_of(package, anna / "signers", NOW, given)


def test_an_approval_names_who_has_signed_and_ends_well(package: Path, anna: Path, verify: Verify) -> None:
    code, out = verify(package, "--signers", anna / "signers", "--now", "2026-12-01T12:00Z")
    assert code == 0
    assert f"\nAPPROVED (board): by {NAME} as {ROLE}; signed 2026-12-01T12:00:00+00:00" in out


def test_an_expired_signer_ends_with_1_for_people_and_machines(package: Path, anna: Path, verify: Verify) -> None:
    code, out = verify(package, "--signers", anna / "signers", "--now", "2026-12-31T00:00:01Z", "--format", "json")
    told = json.loads(out)
    assert (code, told["intact"], told["approval"]["approved"]) == (1, True, False)
    assert told["approval"]["why"] == "expired"
    code, out = verify(package, "--signers", anna / "signers", "--now", "2026-12-31T01:00:01+01:00")
    assert code == 1
    assert f"is signed with a key of {NAME} that is no longer valid at 2026-12-31 00:00:01 UTC" in out


def test_without_a_list_of_signers_no_approval_is_judged(package: Path, anna: Path, verify: Verify) -> None:
    assert "APPROVED" not in verify(package)[1]
    code, out = verify(package, "--now", "2026-12-01T12:00Z")
    assert (code, "say who may sign with --signers FILE" in out) == (2, True)
    code, out = verify(package, "--signers", anna / "signers", "--now", "2026-12-01T12:00")
    assert (code, "has no time zone" in out) == (2, True)


def test_a_package_that_nobody_signed_is_not_approved(anna: Path) -> None:
    assert found(written(), anna).why == "unsigned"


@pytest.mark.parametrize("name", ["night.pdf", "MANIFEST", files_of("board")[0], files_of("board")[1]])
def test_a_changed_byte_of_a_signed_package_is_not_approved(package: Path, anna: Path, name: str) -> None:
    content = bytearray((package / name).read_bytes())
    content[len(content) // 2] ^= 1
    (package / name).write_bytes(content)
    assert found(package, anna).why in {"other-files", "changed", "not-a-signature", "other-namespace"}
    assert not found(package, anna).approved


def test_a_file_that_was_changed_and_sealed_again_is_not_approved(package: Path, anna: Path) -> None:
    manifest = read_manifest(package)
    (package / "night.pdf").write_bytes(b"%PDF-1.7 another night")
    (package / "approval" / "more.txt").write_text("and more")
    files = {**manifest.files, "approval/more.txt": ""}
    for name in ("night.pdf", "approval/more.txt"):
        done = subprocess.run(["sha256sum", package / name], capture_output=True, text=True, check=True)
        files[name] = done.stdout[:64]
    sealed(package, Manifest(**{**manifest.__dict__, "files": files}))
    assert found(package, anna).why == "other-files"


def test_a_signature_that_was_moved_to_another_package_approves_nothing(
    package: Path, tmp_path: Path, anna: Path
) -> None:
    other = Path(shutil.copytree(written(), tmp_path / "other"))
    manifest = read_manifest(other)
    sealed(other, Manifest(**{**manifest.__dict__, "plan": "another", "revision": "7"}))
    told = found(other, anna, package / files_of("board")[0])
    assert told.why == "other-package"
    assert "approves another package: revision 1, here 7; plan digest " in told.text


def test_an_upgrade_of_ours_is_told_as_the_same_plan_in_other_words(package: Path, tmp_path: Path, anna: Path) -> None:
    other = Path(shutil.copytree(written(), tmp_path / "other"))
    sealed(other, Manifest(**{**read_manifest(other).__dict__, "tool": "9.9.9", "declared": "another"}))
    told = found(other, anna, package / files_of("board")[0])
    assert told.why == "same-plan"
    assert "same plan, other words: pmx-preflight 0.1.0, here 9.9.9" in told.text


def test_a_statement_that_is_not_there_is_an_input_error(package: Path, anna: Path) -> None:
    with pytest.raises(InputError, match="no such file: expected the statement of an approval"):
        found(package, anna, package / "none.json")


def test_what_is_told_cannot_steer_a_terminal() -> None:
    told = Approval(approved=False, kind="board", why="unsigned", text="a\x1b[2J\nAPPROVED")
    assert to_line(told) == "NOT APPROVED (board): a\\x1b[2J\\nAPPROVED"
