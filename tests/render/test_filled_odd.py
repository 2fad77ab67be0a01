"""Filled PDFs as odd programs leave them: read for what they show, or refused in one line."""

import os
import sys
from pathlib import Path

import pytest

from checker.errors import InputError
from runbook.cli.main import main
from runbook.render.read_back import read


def pdf(path: Path, *fields: str, trailer: str = "") -> Path:
    """A runbook with these form fields, each the inside of a dictionary."""
    numbers = range(5, 5 + len(fields))
    named = " ".join(f"{number} 0 R" for number in numbers)
    objects = [
        "<< /Keywords (pmx-preflight, plan 3f2a, volume 1) >>",
        f"<< /Type /Catalog /Pages 3 0 R /AcroForm << /Fields [ {named} ] >> >>",
        "<< /Type /Pages /Count 1 /Kids [ 4 0 R ] >>",
        f"<< /Type /Page /Parent 3 0 R /MediaBox [ 0 0 9 9 ] /Annots [ {named} ] >>",
        *(f"<< /Type /Annot /Subtype /Widget /Rect [ 0 0 0 0 ] {field} >>" for field in fields),
    ]
    content, places = b"%PDF-1.7\n", []
    for number, inside in enumerate(objects, start=1):
        places.append(len(content))
        content += f"{number} 0 obj\n{inside}\nendobj\n".encode("latin-1")
    rows = "".join(f"{place:010} 00000 n \n" for place in places)
    end = f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{rows}"
    end += (
        f"trailer\n<< /Size {len(objects) + 1} /Root 2 0 R /Info 1 0 R {trailer} >>\nstartxref\n{len(content)}\n%%EOF\n"
    )
    path.write_bytes(content + end.encode())
    return path


@pytest.mark.parametrize(
    ("inside", "ticked"),
    [
        ("/AS /on", True),
        ("/AS /on /V /Off", True),
        ("/AS /Off /V /on", False),
        ("/AS /Off", False),
        ("/V /on", True),
        ("/V /Off", False),
        ("/V (No)", False),
        ("/V (on)", False),
        ("/V 1", False),
        ("/V null", False),
        ("", False),
        ("/AS 1 /V /on", True),
    ],
)
def test_a_box_is_ticked_as_it_shows(tmp_path: Path, inside: str, ticked: bool) -> None:
    assert read([pdf(tmp_path / "x.pdf", f"/T (db1.stop/box) /FT /Btn {inside}")]).fields == {"db1.stop/box": ticked}


@pytest.mark.parametrize(
    ("inside", "said"),
    [
        ("(14:02 )", "14:02"),
        ("<FEFF00e9>", "é"),
        ("<9f9f>", "\ufffd\ufffd"),
        ("null", ""),
        ("12", "12"),
        ("[ 1 ]", "[1]"),
    ],
)
def test_a_blank_reads_as_text_whatever_was_put_there(tmp_path: Path, inside: str, said: str) -> None:
    assert read([pdf(tmp_path / "x.pdf", f"/T (db1.stop/done) /FT /Tx /V {inside}")]).fields == {"db1.stop/done": said}


@pytest.mark.parametrize("name", ["null", "5", "<646231008f9d>", "[ (a) ]", "<< >>", "true"])
@pytest.mark.parametrize("kind", ["/Btn", "/Tx"])
def test_a_field_that_no_text_names_is_refused_in_one_line(tmp_path: Path, name: str, kind: str) -> None:
    path = pdf(tmp_path / "x.pdf", "/T (db1.stop/box) /FT /Btn /AS /on", f"/T {name} /FT {kind} /V /on")
    with pytest.raises(InputError) as refused:
        read([path])
    (line,) = refused.value.lines
    assert line.startswith(f"{path}: ") and ("named by no text" in line or "damaged" in line)


# a file of it each: its front matter, a volume of sheets, and what is none of its own
FIRST_EDITION = [("board/fields/1", True), ("sheet-db1/actual/1", True), ("sheet-db1/counts/3", True),
                 ("gates/gates/1.13/2", True), ("board/board/db1/3", False), ("sheet-db1/fields/1", False)]  # fmt: skip


@pytest.mark.parametrize(("name", "earlier"), FIRST_EDITION)
def test_a_set_of_the_first_edition_is_told_with_what_is_filled_in_it(
    tmp_path: Path, name: str, earlier: bool, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    own = (
        "/T (db1.stop/box) /FT /Btn /AS /on",
        "/T (db1.stop/done) /FT /Tx /V (14:02\\033[2J)",
        f"/T ({name}) /FT /Tx",
    )
    path = pdf(tmp_path / "x.pdf", *own)
    monkeypatch.setattr(sys, "argv", ["pmx-preflight", "read", str(path)])
    with pytest.raises(SystemExit) as ended:
        main()
    said, told = capsys.readouterr()
    assert (ended.value.code or 0) == (2 if earlier else 0)
    assert bool(said) != earlier
    if earlier:
        listed = "2 fields filled (db1.stop/box, db1.stop/done 14:02"
        for words in (
            f"{path}: a set of the first edition",
            "plan 3f2a",
            listed,
            "Read it by eye, or with the program",
        ):
            assert words in " ".join(told.split())
        assert "\x1b" not in told


def test_an_empty_set_of_the_first_edition_is_told_too(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no field filled"):
        read([pdf(tmp_path / "x.pdf", "/T (sheet-mx1/counts/1) /FT /Tx", "/T (mx1.stop/box) /FT /Btn /AS /Off")])


@pytest.mark.parametrize("encryption", ["/V 9", "/Filter /Standard /V 9 /R 9", "/Filter /Odd /V 1", "/V (x)", ""])
def test_a_pdf_that_is_locked_in_an_unknown_way_is_refused_in_one_line(tmp_path: Path, encryption: str) -> None:
    path = pdf(tmp_path / "x.pdf", "/T (a/box) /FT /Btn", trailer=f"/Encrypt << {encryption} >> /ID [ (a) (a) ]")
    with pytest.raises(InputError, match="locked") as refused:
        read([path])
    assert len(refused.value.lines) == 1


def test_a_pipe_and_a_device_are_no_filled_runbook(tmp_path: Path) -> None:
    pipe = tmp_path / "x.pdf"
    os.mkfifo(pipe)
    for path in (pipe, Path("/dev/zero"), tmp_path):
        with pytest.raises(InputError, match=r"is a (device|directory)"):
            read([path])
