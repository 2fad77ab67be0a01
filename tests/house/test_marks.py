"""What of ours is replaced without being told: what we wrote, of the same kind, and nobody has changed since."""

import io
import json
import sys
from pathlib import Path
from typing import get_args

import pytest
from printed_samples import edition
from pypdf import PdfWriter

from checker.marks import BEGINNINGS, COMMENTS, KEYS, Kind, is_ours
from runbook.cli.formats import FORMATS, FormatName
from runbook.cli.main import main
from runbook.render.writing import Form, write
from runbook.resources import resource

SAMPLES = resource("samples")
ONE = SAMPLES / "one" / "deployment.yaml"
THREE, FACTS = SAMPLES / "three" / "deployment.yaml", SAMPLES / "three" / "facts"
NOW = ("--now", "2026-12-05T20:45+01:00")


def run(*arguments: object) -> int:
    """The command's exit code."""
    before, sys.argv = sys.argv, ["pmx-preflight", *map(str, arguments)]
    try:
        main()
    except SystemExit as ended:
        return int(ended.code or 0)
    finally:
        sys.argv = before
    return 0


WRITERS: dict[Kind, tuple[object, ...]] = {
    **{form.kind: ("check", THREE, "--facts", FACTS, *NOW, "--format", name) for name, form in FORMATS.items()},
    "script": ("probe", THREE),
    "about": ("probe", "--about"),
    "kit": ("probe", "--kit", THREE),
    "playbook": ("probe", "--playbook", THREE),
    "markdown": ("runbook", ONE, *NOW),
    "html": ("runbook", ONE, *NOW),
    "plan": ("runbook", ONE, *NOW),
}
ENDINGS = {"markdown": ".md", "html": ".html", "plan": ".json"}
EDITED = COMMENTS.keys() & WRITERS.keys()


def test_each_kind_of_file_is_known_in_one_way() -> None:
    assert sorted([*KEYS, *COMMENTS, *BEGINNINGS]) == sorted(get_args(Kind))
    assert set(get_args(FormatName)) == FORMATS.keys()


@pytest.mark.parametrize("kind", WRITERS)
def test_each_kind_of_file_is_known_as_ours_until_somebody_edits_it(kind: Kind, tmp_path: Path) -> None:
    path = tmp_path / f"written{ENDINGS.get(kind, '')}"
    assert run(*WRITERS[kind], "-o", path) == 0
    written = path.read_bytes()
    assert [other for other in (*WRITERS, "facts", "filled", "probe", "pdf") if is_ours(path, other)] == [kind]
    assert run(*WRITERS[kind], "-o", path) == 0, "ours is replaced without being told"
    assert path.read_bytes() == written, "the same bytes"
    if kind in EDITED:
        path.write_bytes(written.replace(b"e", b"E", 1))
        assert run(*WRITERS[kind], "-o", path) == 2
        path.write_bytes(written + b"my own note\n")
        assert run(*WRITERS[kind], "-o", path) == 2
        assert path.read_bytes() == written + b"my own note\n"


@pytest.mark.parametrize("kind", WRITERS)
def test_a_file_that_only_speaks_of_us_is_not_ours(kind: Kind, tmp_path: Path) -> None:
    path = tmp_path / f"notes{ENDINGS.get(kind, '')}"
    notes = 'pmx-preflight\n<!-- pmx-preflight plan 3f2a -->\n{"tool": "pmx-preflight"}\n# pmx-preflight\n'
    path.write_text(notes)
    assert run(*WRITERS[kind], "-o", path) == 2
    assert path.read_text() == notes


@pytest.mark.parametrize("kind", KEYS)
def test_json_of_one_kind_never_stands_for_another(kind: Kind, tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_text(json.dumps({"tool": "pmx-preflight", **dict.fromkeys(KEYS[kind], 1)}))
    assert [other for other in KEYS if is_ours(path, other)] == [kind]
    for damaged in (path.read_text()[:-1], "[" * 100_000, "[]", path.read_text().replace("pmx-", "px-")):
        path.write_text(damaged)
        assert not any(is_ours(path, other) for other in KEYS)


def test_a_report_does_not_replace_a_facts_file_and_no_output_what_the_command_reads(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    deployment, facts, other = tmp_path / "d.yaml", tmp_path / "facts", tmp_path / "other"
    deployment.write_bytes(THREE.read_bytes())
    for place in (facts, other):
        place.mkdir()
        (place / "db1.json").write_bytes((FACTS / "db1.json").read_bytes())
    linked = tmp_path / "linked.json"
    linked.hardlink_to(facts / "db1.json")
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    check = ("check", deployment, "--facts", facts, *NOW)
    for arguments, words in (
        ((*check, "-o", deployment, "--force"), "is what this command reads"),
        ((*check, "-o", tmp_path / "facts" / ".." / "d.yaml", "--force"), "is what this command reads"),
        ((*check, "-o", facts / "db1.json", "--format", "json", "--force"), "is what this command reads"),
        ((*check, "-o", linked, "--format", "json", "--force"), "is what this command reads"),
        ((*check, "-o", other / "db1.json", "--format", "json"), "no report as pmx-preflight wrote it"),
        (("runbook", deployment, "-o", other / "db1.json"), "no plan as pmx-preflight wrote it"),
        (("probe", deployment, "-o", deployment, "--force"), "is what this command reads"),
        (("read", facts / "db1.json", "-o", facts / "db1.json", "--force"), "is what this command reads"),
        (("init", "--from-ansible", deployment, "-o", deployment), "never overwritten"),
    ):
        assert run(*arguments) == 2, arguments
        assert words in capsys.readouterr().err
    assert {path: path.read_bytes() for path in before} == before


def test_a_pdf_that_was_filled_in_is_the_night_s_record_and_no_longer_ours(tmp_path: Path) -> None:
    path = tmp_path / "night.pdf"
    write(edition("one"), [path], Form(only_slip=True))
    assert is_ours(path, "pdf")
    written = path.read_bytes()
    for incremental in (False, True):
        writer = PdfWriter(io.BytesIO(written), incremental=True) if incremental else PdfWriter(clone_from=path)
        writer.add_metadata({"/Author": "A. Example"})
        writer.write(path)
        assert not is_ours(path, "pdf"), "saved by a program for forms"
    for changed in (written + b"\n", written[:-1], written.replace(b"obj", b"OBJ", 1)):
        path.write_bytes(changed)
        assert not is_ours(path, "pdf")
