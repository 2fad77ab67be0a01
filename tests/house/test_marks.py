"""What of ours is replaced without being told: what we wrote, of the same kind, and nobody has changed since."""

import hashlib
import io
import json
import sys
from pathlib import Path
from typing import get_args

import pytest
from printed_samples import edition
from pypdf import PdfWriter

from checker import marks
from checker.marks import Json, Kind, Sealed, is_ours
from runbook.cli.formats import FORMATS, FormatName
from runbook.cli.main import main
from runbook.render.writing import Form, write
from runbook.resources import resource

SAMPLES = resource("samples")
ONE = SAMPLES / "harbour-mail" / "deployment.yaml"
THREE, FACTS = SAMPLES / "county-mail" / "deployment.yaml", SAMPLES / "county-mail" / "facts"
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


DECLARED: list[Kind] = [
    *(found for found in vars(marks).values() if isinstance(found, Kind)),
    *(form.kind for form in FORMATS.values()),
]
KINDS = {kind.name: kind for kind in DECLARED}
WRITERS: dict[str, tuple[object, ...]] = {
    **{form.kind.name: ("check", THREE, "--facts", FACTS, *NOW, "--format", name) for name, form in FORMATS.items()},
    "script": ("probe", THREE),
    "about": ("probe", "--about"),
    "kit": ("probe", "--kit", THREE),
    "playbook": ("probe", "--playbook", THREE),
    "markdown": ("runbook", ONE, *NOW),
    "html": ("runbook", ONE, *NOW),
    "plan": ("runbook", ONE, *NOW),
}
ENDINGS = {"markdown": ".md", "html": ".html", "plan": ".json"}
# By what each kind was known from the first release on: files of it lie at sites, and are replaced there.
KEYS = {
    "facts": ("server", "facts"),
    "report": ("verdict", "findings"),
    "plan": ("digest", "steps"),
    "filled": ("plan", "fields"),
}
SEALS = {
    **dict.fromkeys(("console", "todo", "playbook", "manifest"), "# {}\n"),
    **dict.fromkeys(("about", "markdown", "html", "junit"), "<!-- {} -->\n"),
}
PDF = "9 0 obj\n%{}\nstartxref\n9\n%%EOF\n"
BEGINNINGS = {
    "probe": b"@probe 1 0123456789abcdef\n",
    "script": b"#!/bin/sh\n# SPDX\n# The pmx-preflight probe: it reads",
    "kit": b"pmx-preflight-kit/\0",
}


def known_as(path: Path) -> list[str]:
    return [name for name, kind in KINDS.items() if is_ours(path, kind)]


def earlier() -> dict[str, bytes]:
    """A file of each kind, as earlier releases wrote it."""
    digest = hashlib.sha256(b"text\n").hexdigest()
    pdf = hashlib.sha256(PDF.replace("%{}\n", "").encode()).hexdigest()
    return {
        **{name: json.dumps({"tool": "pmx-preflight", **dict.fromkeys(keys)}).encode() for name, keys in KEYS.items()},
        **{
            name: f"text\n{seal.format(f'pmx-preflight {name} sha256 {digest}')}".encode()
            for name, seal in SEALS.items()
        },
        "pdf": PDF.format(f"pmx-preflight pdf sha256 {pdf}").encode(),
        **BEGINNINGS,
    }


def test_each_kind_of_file_has_a_name_of_its_own() -> None:
    assert len(KINDS) == len(DECLARED)
    assert set(get_args(FormatName)) == FORMATS.keys()


@pytest.mark.parametrize("name", earlier())
def test_what_earlier_releases_wrote_is_known_by_what_it_was(name: str, tmp_path: Path) -> None:
    path = tmp_path / "written"
    path.write_bytes(earlier()[name])
    assert known_as(path) == [name]


@pytest.mark.parametrize("name", WRITERS)
def test_each_kind_of_file_is_known_as_ours_until_somebody_edits_it(name: str, tmp_path: Path) -> None:
    path = tmp_path / f"written{ENDINGS.get(name, '')}"
    assert run(*WRITERS[name], "-o", path) == 0
    written = path.read_bytes()
    assert known_as(path) == [name]
    assert run(*WRITERS[name], "-o", path) == 0, "ours is replaced without being told"
    assert path.read_bytes() == written, "the same bytes"
    if isinstance(KINDS[name], Sealed):
        path.write_bytes(written.replace(b"e", b"E", 1))
        assert run(*WRITERS[name], "-o", path) == 2
        path.write_bytes(written + b"my own note\n")
        assert run(*WRITERS[name], "-o", path) == 2
        assert path.read_bytes() == written + b"my own note\n"


@pytest.mark.parametrize("name", WRITERS)
def test_a_file_that_only_speaks_of_us_is_not_ours(name: str, tmp_path: Path) -> None:
    path = tmp_path / f"notes{ENDINGS.get(name, '')}"
    notes = 'pmx-preflight\n<!-- pmx-preflight plan 3f2a -->\n{"tool": "pmx-preflight"}\n# pmx-preflight\n'
    path.write_text(notes)
    assert run(*WRITERS[name], "-o", path) == 2
    assert path.read_text() == notes


@pytest.mark.parametrize("kind", [kind for kind in DECLARED if isinstance(kind, Json)], ids=lambda kind: kind.name)
def test_json_of_one_kind_never_stands_for_another(kind: Json, tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_text(json.dumps({"tool": "pmx-preflight", **dict.fromkeys(kind.keys, 1)}))
    assert known_as(path) == [kind.name]
    for damaged in (path.read_text()[:-1], "[" * 100_000, "[]", path.read_text().replace("pmx-", "px-")):
        path.write_text(damaged)
        assert known_as(path) == []


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
        ((*check, "-o", deployment, "--force"), "is an input of this command"),
        ((*check, "-o", tmp_path / "facts" / ".." / "d.yaml", "--force"), "is an input of this command"),
        ((*check, "-o", facts / "db1.json", "--format", "json", "--force"), "is an input of this command"),
        ((*check, "-o", linked, "--format", "json", "--force"), "is an input of this command"),
        ((*check, "-o", other / "db1.json", "--format", "json"), "not a report file that pmx-preflight wrote"),
        (("runbook", deployment, "-o", other / "db1.json"), "not a plan file that pmx-preflight wrote"),
        (("probe", deployment, "-o", deployment, "--force"), "is an input of this command"),
        (("read", facts / "db1.json", "-o", facts / "db1.json", "--force"), "is an input of this command"),
        (("init", "--from-ansible", deployment, "-o", deployment), "never overwritten"),
    ):
        assert run(*arguments) == 2, arguments
        assert words in capsys.readouterr().err
    assert {path: path.read_bytes() for path in before} == before


def test_a_pdf_that_was_filled_in_is_the_night_s_record_and_no_longer_ours(tmp_path: Path) -> None:
    path = tmp_path / "night.pdf"
    write(edition("harbour-mail"), [path], Form(only_slip=True))
    assert is_ours(path, marks.PDF)
    written = path.read_bytes()
    for incremental in (False, True):
        writer = PdfWriter(io.BytesIO(written), incremental=True) if incremental else PdfWriter(clone_from=path)
        writer.add_metadata({"/Author": "A. Example"})
        writer.write(path)
        assert not is_ours(path, marks.PDF), "saved by a program for forms"
    for changed in (written + b"\n", written[:-1], written.replace(b"obj", b"OBJ", 1)):
        path.write_bytes(changed)
        assert not is_ours(path, marks.PDF)
