"""An approval is a signature by real keys of ssh-keygen: what holds is told, and each that does not by its reason."""

import os
import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from printed_samples import SAMPLES
from sample_package import run, written

from checker.errors import InputError
from checker.files import write_whole
from checker.marks import MANIFEST
from runbook.change.approval import (
    ROLE,
    Approved,
    Refused,
    SamePlan,
    Signing,
    Statement,
    check,
    covered,
    files_of,
    namespace,
    of_package,
    sign,
    signing,
    statement_of,
)
from runbook.change.manifest import Manifest, altered, read_manifest
from runbook.change.package import approve
from runbook.cli.main import main

NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
FILES = {"night.pdf": "1" * 64, "change/TODO.md": "2" * 64}
PACKAGE = Manifest("acme", "CHG1", "2", "plan1", "facts1", "declared1", "0.1.0", "rules1", FILES)
NAME = "anna@example.net"


def key(place: Path, kind: str = "ed25519", passphrase: str = "") -> Path:
    path = place / kind
    size = ["-b", "2048"] if kind == "rsa" else []
    subprocess.run(["ssh-keygen", "-q", "-t", kind, *size, "-N", passphrase, "-C", "", "-f", str(path)], check=True)
    return path


def signers(place: Path, key: Path, options: str = "", name: str = NAME) -> Path:
    path = place / "signers"
    public = key.with_suffix(".pub").read_text()
    path.write_text(f"# those who may approve\n{name} {options} {public}")
    return path


@pytest.fixture(scope="module")
def anna(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return key(tmp_path_factory.mktemp("anna"))


@pytest.fixture(scope="module")
def bert(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return key(tmp_path_factory.mktemp("bert"), "ecdsa")


def said(by: Path, name: str = NAME) -> bytes:
    return statement_of("board", PACKAGE, Signing(by, name, ROLE, NOW)).content()


def judged(
    by: Path, listed: Path, now: datetime = NOW, purpose: str = "pmx-preflight-board", name: str = NAME
) -> Approved | Refused:
    content = said(by, name)
    return check(content, sign(content, by, purpose), listed, now, "board")


def why(found: Approved | SamePlan | Refused) -> str:
    assert isinstance(found, Refused), found
    return found.why


@pytest.mark.parametrize("kind", ["ed25519", "ecdsa", "rsa"])
def test_a_signature_by_a_key_of_the_list_holds_and_says_what_was_signed(tmp_path: Path, kind: str) -> None:
    by = key(tmp_path, kind)
    found = judged(by, signers(tmp_path, by, 'namespaces="pmx-preflight-board"'))
    assert isinstance(found, Approved)
    statement = found.statement
    assert (statement.name, statement.role, statement.at) == (NAME, ROLE, "2026-12-01T12:00:00+00:00")
    assert of_package(statement, PACKAGE, PACKAGE.text()) == found


def test_the_signature_is_read_by_the_usual_tool_alone(tmp_path: Path, anna: Path) -> None:
    (tmp_path / "sig").write_bytes(sign(said(anna), anna, namespace("board")))
    done = subprocess.run(
        ["ssh-keygen", "-Y", "verify", "-f", signers(tmp_path, anna), "-I", NAME, "-n", "pmx-preflight-board",
         "-s", tmp_path / "sig"],
        input=said(anna), capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_a_signature_for_something_else_approves_nothing(tmp_path: Path, anna: Path) -> None:
    listed = signers(tmp_path, anna)
    assert why(judged(anna, listed, purpose="pmx-preflight-gate")) == "other-namespace"
    assert why(judged(anna, listed, purpose="file")) == "other-namespace"
    assert why(judged(anna, signers(tmp_path, anna, 'namespaces="file,git"'))) == "not-for-this-namespace"


def test_a_statement_of_one_kind_is_none_of_another_whatever_it_is_signed_for(tmp_path: Path, anna: Path) -> None:
    signature = sign(said(anna), anna, "pmx-preflight-gate")
    assert why(check(said(anna), signature, signers(tmp_path, anna), NOW, "gate")) == "not-a-statement"


def test_another_key_is_refused_and_told_whose_it_is(tmp_path: Path, anna: Path, bert: Path) -> None:
    assert why(judged(bert, signers(tmp_path, anna))) == "unknown-signer"
    found = judged(bert, signers(tmp_path, bert, name="bert@example.net"))
    assert why(found) == "unknown-signer"
    assert isinstance(found, Refused)
    assert found.text.endswith("has it under bert@example.net.")


def test_a_list_without_signers_lets_nobody_approve(tmp_path: Path, anna: Path) -> None:
    (tmp_path / "signers").write_text("")
    assert why(judged(anna, tmp_path / "signers")) == "unknown-signer"


def test_a_changed_byte_of_the_statement_is_refused(tmp_path: Path, anna: Path) -> None:
    content, listed = said(anna), signers(tmp_path, anna)
    signature = sign(content, anna, namespace("board"))
    for at in (0, content.index(b"CHG1"), len(content) - 1):
        changed = content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]
        assert why(check(changed, signature, listed, NOW, "board")) == "changed", at


def test_a_missing_or_unreadable_signature_is_told_as_such(tmp_path: Path, anna: Path) -> None:
    content, listed = said(anna), signers(tmp_path, anna)
    assert why(check(content, None, listed, NOW, "board")) == "unsigned"
    for signature in (b"", b"\x1b[2J", sign(content, anna, namespace("board"))[:80]):
        found = check(content, signature, listed, NOW, "board")
        assert why(found) == "not-a-signature"
        assert isinstance(found, Refused)
        assert "\x1b" not in found.text


def test_a_signer_may_from_his_first_second_to_his_last(tmp_path: Path, anna: Path) -> None:
    first, last = NOW - timedelta(days=30), NOW + timedelta(days=30)
    options = f'valid-after="{first:%Y%m%d%H%M%SZ}",valid-before="{last:%Y%m%d%H%M%SZ}"'
    listed = signers(tmp_path, anna, options)
    assert why(judged(anna, listed, first - SECOND)) == "not-yet-valid"
    assert isinstance(judged(anna, listed, first), Approved)
    assert isinstance(judged(anna, listed, last), Approved)
    assert why(judged(anna, listed, last + SECOND)) == "expired"


def test_a_signer_with_an_old_line_and_a_new_one_may_sign_by_the_new_one(tmp_path: Path, anna: Path) -> None:
    old = signers(tmp_path, anna, 'valid-before="20200101Z"').read_text()
    listed = signers(tmp_path, anna)
    listed.write_text(old + listed.read_text())
    assert isinstance(judged(anna, listed), Approved)


def test_a_list_of_signers_that_cannot_be_read_is_an_input_error(tmp_path: Path, anna: Path) -> None:
    with pytest.raises(InputError, match=r"signers \(.*bad options: invalid \"valid-before\" time\)"):
        judged(anna, signers(tmp_path, anna, 'valid-before="soon"'))
    with pytest.raises(InputError, match="nowhere: no such file: expected a list of signers"):
        judged(anna, tmp_path / "nowhere")
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(InputError, match="pipe"):
        judged(anna, tmp_path / "pipe")


def test_hostile_words_of_a_signer_are_shown_and_never_obeyed(tmp_path: Path, anna: Path, bert: Path) -> None:
    listed = signers(tmp_path, anna)
    for name in (rb"anna\u0000", rb"anna\u202e"):
        content = said(anna).replace(NAME.encode(), name)
        found = check(content, sign(content, anna, namespace("board")), listed, NOW, "board")
        assert why(found) == "not-a-statement"
    found = judged(bert, signers(tmp_path, bert, name="bert\x1b[2J"))
    assert isinstance(found, Refused)
    assert found.text.endswith("has it under bert\\x1b[2J.")


@pytest.mark.parametrize("other", [
    replace(PACKAGE, plan="plan2"), replace(PACKAGE, revision="3"), replace(PACKAGE, facts="facts2"),
    replace(PACKAGE, deployment="other", tool="0.2.0"), replace(PACKAGE, change="CHG\x1b2"),
])  # fmt: skip
def test_the_approval_of_one_package_is_none_of_another(anna: Path, other: Manifest) -> None:
    found = of_package(Statement.model_validate_json(said(anna)), other, other.text())
    assert why(found) == "other-package"
    assert isinstance(found, Refused)
    assert "\x1b" not in found.text
    assert ", here " in found.text


def test_an_upgrade_of_ours_is_the_same_plan_in_other_words(anna: Path) -> None:
    other = replace(PACKAGE, tool="0.2.0", declared="declared2", files=FILES | {"night.pdf": "3" * 64})
    found = of_package(Statement.model_validate_json(said(anna)), other, other.text())
    assert isinstance(found, SamePlan)
    assert found.text.startswith("same plan, other words: pmx-preflight 0.1.0, here 0.2.0; ")


@pytest.mark.parametrize("listed", [
    PACKAGE.text().replace("1" * 64, "3" * 64), f"{'4' * 64}  approval/more.pdf\n{PACKAGE.text()}",
    PACKAGE.text().replace("# Once the board", "# Before the board"),
])  # fmt: skip
def test_a_signature_vouches_for_every_file_and_every_line_of_the_manifest(anna: Path, listed: str) -> None:
    found = of_package(Statement.model_validate_json(said(anna)), PACKAGE, listed)
    assert why(found) == "other-files"


def test_the_lines_of_the_approval_itself_are_not_covered_by_it() -> None:
    both = replace(PACKAGE, files=FILES | dict.fromkeys(files_of("board"), "5" * 64))
    assert covered(both.text()) == covered(PACKAGE.text())


def test_a_key_that_cannot_sign_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    monkeypatch.setattr("sys.stdin", None)
    locked = key(tmp_path, passphrase="secret")
    with pytest.raises(InputError, match="needs its passphrase, and there is no terminal to ask on"):
        sign(b"x", locked, "file")
    (tmp_path / "only.pub").write_text(locked.with_suffix(".pub").read_text())
    with pytest.raises(InputError, match=r"only.pub: is a public key, and ssh-agent does not hold"):
        sign(b"x", tmp_path / "only.pub", "file")
    with pytest.raises(InputError, match="signers: ssh-keygen did not sign with this key"):
        sign(b"x", signers(tmp_path, locked), "file")
    open_key = key(tmp_path, "ecdsa")
    open_key.chmod(0o644)
    with pytest.raises(InputError, match="others can read this private key"):
        sign(b"x", open_key, "file")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(InputError, match="ssh-keygen is not installed"):
        sign(b"x", locked, "file")


def test_what_is_given_for_a_signature_is_complete_or_refused(anna: Path) -> None:
    assert signing(None, None, None, NOW) is None
    assert signing(anna, NAME, None, NOW) == Signing(anna, NAME, ROLE, NOW)
    for key, name, role, message in (
        (None, NAME, None, "give the key with --sign KEY"),
        (anna, None, None, "--sign needs --signer NAME"),
        (anna, "a\nb", None, "--signer 'a"),
        (anna / "none", NAME, None, "no such file: expected a private key"),
    ):
        with pytest.raises(InputError, match=message):
            signing(key, name, role, NOW)


def vouched(package: Path, by: Path, place: Path) -> Statement:
    """The statement of a signed package, which is found to be of these files."""
    content, signature = ((package / name).read_bytes() for name in files_of("board"))
    found = check(content, signature, signers(place, by), NOW, "board")
    assert isinstance(found, Approved)
    text = (package / "MANIFEST").read_text()
    assert MANIFEST.is_known(text.encode())
    listed = "".join(text.splitlines(keepends=True)[:-1])
    assert of_package(found.statement, read_manifest(package), listed) == found
    assert not altered(package, read_manifest(package))
    return found.statement


def test_the_approval_of_a_package_vouches_for_its_files_and_is_one_of_them(tmp_path: Path, anna: Path) -> None:
    package = Path(shutil.copytree(written(), tmp_path / "package"))
    manifest = approve(package, read_manifest(package), Signing(anna, NAME, ROLE, NOW))
    assert {*manifest.files} - {*read_manifest(package).files} == {*files_of("board")}
    write_whole(package / "MANIFEST", [manifest.text()], MANIFEST)
    assert vouched(package, anna, tmp_path).plan == manifest.plan


@pytest.mark.large
def test_a_package_is_signed_as_it_is_written(tmp_path: Path, anna: Path) -> None:
    package = tmp_path / "package"
    done = run("package", "-o", package, "--sign", anna, "--signer", NAME, "--role", "CAB chair")
    assert done.returncode == 0, done.stderr
    assert vouched(package, anna, tmp_path).role == "CAB chair"


def test_where_nothing_can_be_signed_no_package_is_left(
    tmp_path: Path, anna: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    sample = SAMPLES / "harbour-mail"
    given = [sample / "deployment.yaml", "--facts", sample / "facts", "-o", tmp_path / "package", "--signer", NAME]
    monkeypatch.setattr(
        sys, "argv", ["pmx-preflight", "package", *map(str, given), "--sign", str(signers(tmp_path, anna))]
    )
    with pytest.raises(SystemExit, match="2"):
        main()
    assert "ssh-keygen did not sign with this key" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["signers"]
