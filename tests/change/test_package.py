"""The package of a change: one directory that holds what a submission asks for, whole, and known by its manifest."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from printed_samples import SAMPLES, edition
from pypdf import PdfReader
from sample_package import NAME, run, written

from checker.errors import InputError
from runbook.change.calendars import calendars
from runbook.change.letters import letter_files
from runbook.change.manifest import Manifest, altered, read_manifest
from runbook.change.package import check_place
from runbook.change.record import Record
from runbook.change.tasks import Task
from runbook.pages.sources import Edition

HELD = {
    "change.pdf", "night.pdf", "help-desk.pdf", "evidence.pdf", "runbook.html", "runbook.md",
    "report.json", "report.xml", "report.html", "plan.json", "MANIFEST",
    "deployment.json", "facts.json", "baseline.json",
    "change/servicenow.json", "change/change.md", "change/change.html", "change/servers.csv", "change/review.md",
    "change/TODO.md",
}  # fmt: skip


def with_tasks(name: str) -> tuple[Edition, tuple[Task, ...]]:
    made = edition(name)
    return made, Record(made).tasks


@pytest.fixture(scope="module")
def package() -> Path:
    return written()


@pytest.fixture
def copy(package: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(package, tmp_path / "package"))


def test_a_package_holds_every_document_report_and_plan_and_nothing_else(package: Path) -> None:
    found = {path.relative_to(package).as_posix() for path in package.rglob("*") if path.is_file()}
    sent = {name for name in found if name.startswith(("notices/", "calendar/"))}
    assert found - sent == HELD
    assert sent == {name for name, _ in (*letter_files(Record(edition(NAME))), *calendars(*with_tasks(NAME)))}
    assert [path.name for path in package.parent.iterdir()] == ["package"]


def test_the_manifest_is_read_by_the_usual_tool(package: Path) -> None:
    done = subprocess.run(["sha256sum", "--check", "--strict", "MANIFEST"], cwd=package, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count(": OK") == len([path for path in package.rglob("*") if path.is_file()]) - 1


def test_the_manifest_says_what_the_files_say_of_themselves(package: Path) -> None:
    manifest, report = read_manifest(package), json.loads((package / "report.json").read_text())
    plan = json.loads((package / "plan.json").read_text())
    assert (manifest.plan, manifest.deployment) == (plan["digest"], NAME)
    assert (manifest.facts, manifest.declared) == (report["facts_id"], report["deployment_digest"])
    assert (manifest.tool, manifest.rules) == (report["tool_version"], report["rules_version"])
    assert f"#     baseline: {report['facts_id']}\n" in (package / "MANIFEST").read_text()


def test_facts_plan_and_report_are_attached_to_the_evidence_alone(package: Path) -> None:
    attached = {path.name: sorted(PdfReader(path).attachments) for path in package.glob("*.pdf")}
    assert attached.pop("evidence.pdf") == ["facts.json", "plan.json", "report.json"]
    assert set(map(tuple, attached.values())) == {()}


@pytest.mark.parametrize("name", sorted(HELD - {"MANIFEST"}))
def test_a_changed_byte_is_found_and_named(copy: Path, name: str) -> None:
    manifest, content = read_manifest(copy), bytearray((copy / name).read_bytes())
    content[len(content) // 2] ^= 1
    (copy / name).write_bytes(content)
    assert altered(copy, manifest).changed == (name,)
    with pytest.raises(InputError, match=rf"{name} was changed: keep it under another name"):
        check_place(copy)


def test_what_was_taken_out_or_put_in_is_named_and_never_lost(copy: Path) -> None:
    (copy / "night.pdf").rename(copy / "night-filled.pdf")
    done = run("package", "-o", copy)
    assert done.returncode == 2
    assert "night.pdf is missing; night-filled.pdf was put there by somebody else" in done.stderr
    assert (copy / "night-filled.pdf").is_file()


def test_a_link_is_no_file_of_a_package_whatever_it_leads_to(copy: Path, package: Path) -> None:
    (copy / "runbook.md").unlink()
    (copy / "runbook.md").symlink_to(package / "runbook.md")
    assert altered(copy, read_manifest(copy)).changed == ("runbook.md",)


@pytest.mark.parametrize("change", ["a line", "a sum", "no seal"])
def test_a_manifest_that_somebody_changed_vouches_for_nothing(copy: Path, change: str) -> None:
    path = copy / "MANIFEST"
    text = path.read_text()
    lines = text.splitlines(keepends=True)
    path.write_text({
        "a line": text.replace("# revision: 1", "# revision: 2"),
        "a sum": text.replace(next(iter(read_manifest(copy).files.values())), "0" * 64),
        "no seal": "".join(lines[:-1]),
    }[change])  # fmt: skip
    with pytest.raises(InputError, match="was changed since it was written"):
        read_manifest(copy)


def test_a_directory_that_is_no_package_is_refused_and_kept(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("mine")
    done = run("package", "-o", tmp_path)
    assert done.returncode == 2
    assert "is there, and is no package of ours" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_an_empty_directory_is_taken(tmp_path: Path) -> None:
    check_place(tmp_path)


def test_a_package_does_not_take_the_place_of_what_it_is_made_from(tmp_path: Path) -> None:
    shutil.copytree(SAMPLES / NAME, tmp_path / NAME)
    done = subprocess.run(
        [sys.executable, "-m", "runbook", "package", "deployment.yaml", "--facts", "facts", "-o", "../harbour-mail"],
        cwd=tmp_path / NAME, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 2
    assert "which this command reads: name another directory" in done.stderr


@pytest.mark.large
def test_the_same_inputs_give_the_same_package_and_it_is_replaced(package: Path, tmp_path: Path) -> None:
    for _ in range(2):
        assert run("package", "-o", tmp_path / "again").returncode == 0
    assert read_manifest(tmp_path / "again") == read_manifest(package)


def test_a_manifest_is_read_as_it_was_written() -> None:
    manifest = Manifest("a", "CHG1", "2", "p", "f", "d", "0.1.0", "r", {"b/c d.txt": "0" * 64})
    assert "0" * 64 + "  b/c d.txt\n" in manifest.text()


def test_with_strict_what_the_form_lacks_is_refused_line_by_line_and_nothing_is_written(tmp_path: Path) -> None:
    done = run("package", "--strict", "-o", tmp_path / "package")
    assert done.returncode == 2
    assert "change.assignment_group is not declared: Group that does the work" in done.stderr
    assert not (tmp_path / "package").exists()


@pytest.mark.large
def test_a_revision_follows_the_package_that_is_there_and_says_so(copy: Path) -> None:
    done = run("package", "--revise", "-o", copy)
    assert done.returncode == 0, done.stderr
    assert read_manifest(copy).revision == "2"
    assert "declare it in" in done.stderr
    assert "Revision 2, which follows revision 1" in (copy / "change" / "amendment.md").read_text()


def test_a_revision_of_nothing_is_refused(tmp_path: Path) -> None:
    done = run("package", "--revise", "-o", tmp_path / "package")
    assert done.returncode == 2
    assert "MANIFEST" in done.stderr
