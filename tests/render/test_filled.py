"""A filled PDF is read back: by form-aware tools filled, complete, and nothing of what is not ours."""

import io
import json
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from printed_samples import book, edition, pdf
from pypdf import PdfReader, PdfWriter
from pypdf.generic import NameObject, TextStringObject

from checker.errors import InputError
from runbook.render.pdf import attach, to_pdf
from runbook.render.read_back import read, to_json


@cache
def archived() -> bytes:
    """A sheet of the archive edition."""
    sheets = tuple(part for part in book("harbour-mail").parts if part.kind == "sheet")
    files = (attach("plan.json", "The plan", ["{}"]),)
    return to_pdf(replace(book("harbour-mail"), parts=sheets), archive=True, attached=files)


def printed() -> bytes:
    return pdf("harbour-mail")[0]


def filled(path: Path, values: dict[str, str], source: bytes | None = None, drawn: bool = False) -> Path:
    """The runbook after a form-aware program has saved it; `drawn`: as it looks, which is slow and on some pages."""
    writer = PdfWriter(clone_from=io.BytesIO(source or printed()))
    for number, page in enumerate(writer.pages):
        if drawn and number % 5 == 0:
            writer.update_page_form_field_values(page, values, auto_regenerate=False)
            continue
        for field in (each.get_object() for each in page.get("/Annots", [])):
            value = values.get(str(field.get("/T")))
            if value is not None:
                box = field.get("/FT") == "/Btn"
                field[NameObject("/V")] = NameObject(value) if box else TextStringObject(value)
                if box:
                    field[NameObject("/AS")] = NameObject(value)
    writer.write(path)
    return path


@pytest.fixture(scope="module")
def fields(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bool | str]:
    """The fields of a runbook that nobody has filled."""
    path = tmp_path_factory.mktemp("empty") / "empty.pdf"
    path.write_bytes(printed())
    return read([path]).fields


def test_every_step_box_is_a_field_and_every_gate_can_be_signed(fields: dict[str, bool | str]) -> None:
    plan = edition("harbour-mail").plan
    boxes = {name.removesuffix("/box") for name in fields if name.endswith("/box")}
    assert boxes == {step.id for step in plan.steps if not step.gate or step.form == "interlock"}
    gates = {name.removesuffix("/go") for name in fields if name.endswith("/go")}
    assert gates == {step.id for step in plan.steps if step.gate and step.form != "interlock"}
    assert not any(fields.values())


def test_a_filled_runbook_reads_back_complete(tmp_path: Path, fields: dict[str, bool | str]) -> None:
    values = {name: "/on" if value is False else f"seen: {name} ✓ – é" for name, value in fields.items()}
    found = read([filled(tmp_path / "full.pdf", values, drawn=True)])
    assert found.missing == ()
    assert found.fields == {name: value == "/on" or value for name, value in values.items()}
    assert found.plan == edition("harbour-mail").plan.digest
    assert json.loads(to_json(found))["fields"] == found.fields


def test_what_is_missing_is_named(tmp_path: Path, fields: dict[str, bool | str]) -> None:
    left = {"mail.guard/box", "mail.upgrade/done", "night1.go/go", "night1.go/signature", "night1.go/2/name"}
    values = {name: "/on" if value is False else "x" for name, value in fields.items()
              if name not in left and not name.endswith("/no-go")}  # fmt: skip
    assert left <= fields.keys()
    assert set(read([filled(tmp_path / "part.pdf", values)]).missing) == left


def test_a_no_go_is_a_decision_too(tmp_path: Path) -> None:
    found = read([filled(tmp_path / "x.pdf", {"night1.go/no-go": "/on"})])
    assert not [name for name in found.missing if name == "night1.go/go"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "not a PDF, damaged, or locked"),
        (b"%PDF-1.7\nnothing\n%%EOF\n", "not a PDF, damaged, or locked"),
        (b"\x00" * 5000, "not a PDF, damaged, or locked"),
    ],
)
def test_what_is_damaged_or_foreign_is_refused_in_one_line(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "x.pdf"
    path.write_bytes(content)
    with pytest.raises(InputError, match=said) as refused:
        read([path])
    assert len(refused.value.lines) == 1 and str(path) in refused.value.lines[0]


def test_another_programs_pdf_and_an_archive_edition_are_told_apart(tmp_path: Path) -> None:
    writer = PdfWriter()
    writer.add_blank_page(100, 100)
    writer.write(tmp_path / "other.pdf")
    with pytest.raises(InputError, match="not a runbook of pmx-preflight"):
        read([tmp_path / "other.pdf"])
    (tmp_path / "archive.pdf").write_bytes(archived())
    with pytest.raises(InputError, match="no form fields"):
        read([tmp_path / "archive.pdf"])


def test_a_cut_runbook_never_reads_as_a_whole_one(tmp_path: Path, fields: dict[str, bool | str]) -> None:
    path = tmp_path / "cut.pdf"
    for cut in range(1, 20):
        path.write_bytes(printed()[: len(printed()) * cut // 20])
        try:
            assert read([path]).fields == fields
        except InputError as refused:
            assert len(refused.lines) == 1


def test_volumes_of_different_plans_are_not_mixed_and_none_is_named_twice(tmp_path: Path) -> None:
    one, other = tmp_path / "1.pdf", tmp_path / "2.pdf"
    one.write_bytes(printed())
    other.write_bytes(to_pdf(replace(book("county-mail"), parts=book("county-mail").parts[:1])))
    with pytest.raises(InputError, match="different plans"):
        read([one, other])
    with pytest.raises(InputError, match="is given twice"):
        read([one, one])


def test_a_document_that_was_printed_alone_is_read_beside_another(tmp_path: Path) -> None:
    whole, paths = book("harbour-mail"), [tmp_path / "board.pdf", tmp_path / "night.pdf"]
    for at, (document, path) in enumerate(zip(whole.documents[:2], paths, strict=True)):
        own = tuple(part for part in whole.parts if part.document == document[0])[: 1 + at]
        path.write_bytes(to_pdf(replace(whole, parts=own, documents=(document,))))
    said = read(paths)
    assert said.volumes == ("board front", "night front")
    assert {name.partition("/")[0] for name in said.fields} >= {"decision", "cover"}


def test_the_archive_edition_has_no_field_and_keeps_its_attachments() -> None:
    reader = PdfReader(io.BytesIO(archived()))
    assert not reader.get_fields()
    assert reader.attachments == {"plan.json": [b"{}"]}
    assert "pdfaid:part" in (reader.xmp_metadata.stream.get_data().decode() if reader.xmp_metadata else "")
