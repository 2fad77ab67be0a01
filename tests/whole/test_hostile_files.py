"""Files of hostile words: a PDF, a whole set, an earlier plan and a filled PDF; nothing in one of them is obeyed."""

import base64
import copy
import io
import itertools
import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from functools import reduce
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import large
import pytest
import yaml
from hostile import EVALUATED, EVERY_WORD, OBEYED, PLAIN, WORDS, Page, book, in_turn, part, sections, squeezed
from leaves import leaves
from printed_samples import printed
from pypdf import PdfReader, PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, NameObject, NumberObject, TextStringObject

from checker.checks import BY_ID
from checker.errors import InputError
from checker.inputs.deployment import PROCEDURE_KINDS
from checker.outputs.json_text import OBEYED as IN_JSON
from runbook.cli import common_arguments
from runbook.plan import what_changed
from runbook.render.escaping import cleaned
from runbook.render.html import to_html
from runbook.render.pdf import attach, to_pdf
from runbook.render.read_back import read, to_json


def objects(reader: PdfReader) -> Iterator[DictionaryObject]:
    """Every dictionary of a PDF, those inside others too."""

    def inside(value: Any) -> Iterator[DictionaryObject]:
        if isinstance(value, DictionaryObject):
            yield value
        held = (
            value.values() if isinstance(value, DictionaryObject) else value if isinstance(value, ArrayObject) else ()
        )
        for one in held:
            if not isinstance(one, IndirectObject):
                yield from inside(one)

    for number in range(1, int(str(reader.trailer["/Size"]))):
        yield from inside(reader.get_object(number))


ACTING = {
    "/JS",
    "/JavaScript",
    "/OpenAction",
    "/AA",
    "/URI",
    "/Launch",
    "/F",
    "/Win",
    "/SubmitForm",
    "/RichMedia",
    "/XFA",
}


def pdf_is_dead(content: bytes, path: Path, attached: set[str]) -> PdfReader:
    path.write_bytes(content)
    checked = subprocess.run(["qpdf", "--check", path], capture_output=True, text=True)
    assert (checked.returncode, checked.stderr) == (0, "")
    reader = PdfReader(io.BytesIO(content))
    files = [it for it in objects(reader) if it.get("/Type") == "/Filespec"]
    assert {str(it["/UF"]) for it in files} == set(reader.attachments) == attached
    for found in objects(reader):
        if found.get("/Type") != "/Filespec" and set(found) != {"/F"}:  # a file that is carried inside, and where it is
            assert not ACTING & ({name for name in found if found[name] != NumberObject(4)} | {found.get("/S")}), found
        if found.get("/Type") == "/Action" or found.get("/Subtype") == "/Link":
            assert found.get("/S") in (None, "/GoTo") and "/A" not in found, found
    ElementTree.fromstring(reader.trailer["/Root"]["/Metadata"].get_data())  # type: ignore[index]
    return reader


def test_a_pdf_of_hostile_words_is_sound_acts_on_nothing_and_reads_back(tmp_path: Path) -> None:
    words = [text[:120] for text in WORDS.values()]
    parts = tuple(in_turn(part(number), words, 5 * number, site=True) for number in range(6))
    made = to_pdf(replace(book(), parts=parts))
    pdf_is_dead(made, tmp_path / "x.pdf", set())
    text = "".join(printed(made))
    for word in words:
        if word.isascii() and word.isprintable():
            assert text.count(squeezed(word)) >= 10, word
    assert EVALUATED not in text
    names = {str(e.get("name")) for e in Page(to_html(replace(book(), parts=parts))).elements if e.tag == "input"}
    fields_read = read([tmp_path / "x.pdf"]).fields
    assert {squeezed(name) for name in fields_read} == {squeezed(name) for name in names} - {squeezed("None")}
    assert len(fields_read) > 20 * len(parts)


@pytest.mark.parametrize("archive", [False, True])
def test_what_stands_on_every_page_and_in_the_metadata_of_a_pdf_is_dead(tmp_path: Path, archive: bool) -> None:
    names = ("title", "deployment", "stamp", "change", "revision", "tool", "facts_id", "language")
    attached = (attach("facts.json", cleaned(EVERY_WORD), [EVERY_WORD.encode(errors="replace").decode()]),)
    made = to_pdf(
        replace(book(), **dict[str, Any](dict.fromkeys(names, EVERY_WORD))), archive=archive, attached=attached
    )
    reader = pdf_is_dead(made, tmp_path / "x.pdf", {"facts.json"})
    assert reader.metadata is not None
    assert squeezed(str(reader.metadata.title)) == squeezed(cleaned(EVERY_WORD))
    assert str(reader.metadata["/Keywords"]) == "pmx-preflight, plan 3f2a"


DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)  # hundreds of files are written


def loaded(path: Path, declared: Any) -> bool:
    path.write_text(yaml.dump(declared, Dumper=DUMPER, sort_keys=False, allow_unicode=True))
    try:
        common_arguments.read_deployment(path)
    except InputError:
        return False
    return True


def hostile_deployment(path: Path) -> set[str]:
    """Every text that the loader lets through made hostile in a file; the names of those fields come back."""
    minutes = {"low": 1, "likely": 2, "high": 3}
    line = {"text": "x", "command": "x", "expect": "x", "if_not": "x", "minutes": minutes}
    by = {"by": "x", "at": "2026-11-20"}
    waivable = next(check.id for check in BY_ID.values() if check.waivable)
    declared = large.declared(1) | {
        "procedure": {"source": "x", **{str(kind): [dict(line)] for kind in PROCEDURE_KINDS}},
        "migration": {"script": True, "options": ["Database & Quarantine", "x"], "parts": {"x": ["logs"]}},
        "media": {"path": "/x"}, "owners": dict.fromkeys([next(iter(BY_ID))], "x"), "rehearsal": {"on": "2026-11-01", "by": "x", "result": "failed", "note": "x"},  # noqa: E501
        "answers": {
            "source-version": {"version": "5.6.1", "note": "x", **by},
            "root-access": {"confirmed": "yes", "who": "x", "how": "x", **by},
            "support-line": {"ended": {"accepted_by": "x", "ticket": "x"}, **by},
            "backup-evidence": {"result": "failed", "of": ["logs"], "where": "x", "finished": "2026-11-20T01:00", **by},
            "notices-sent": {"which": ["1"], "acknowledged_by": "x", **by},
        },
        "waivers": [{"check": waivable, **dict.fromkeys(("observed", "reason", "by", "ticket"), "x"), "until": "2027-01-01"}],  # noqa: E501
        "paths": {name: f"/{name}" for name in ("source", "target", "quarantine", "logs", "database", "backup")},
    }  # fmt: skip
    declared["change"] |= {
        "contacts": [{"role": "coordinator", "name": "x", "phone": "x", "email": "x"}],
        "channels": {"users": "x", "help-desk": "x"}, "chair": "x", "deputy": "x",
        "support": {"phone": "x", "contract": "x", "case": "x", "hours": "x"},
    }  # fmt: skip
    texts = itertools.cycle(re.sub(OBEYED, "", text.replace("\n", " "))[:90] for text in WORDS.values())
    done: set[str] = set()
    for *way, last in [place for place, value in leaves(declared) if isinstance(value, str)]:
        # a kind of field that has none yet may refuse one text and take another
        some = itertools.islice(texts, 1 if str(last) in done else 3)
        for form in (form for text in some for form in (text, "/" + text.replace("..", "."))):
            changed = copy.deepcopy(declared)
            reduce(lambda value, key: value[key], way, changed)[last] = form
            if loaded(path, changed):
                declared = changed
                done.add(str(last if isinstance(last, str) else way[-1]))
                break
    assert loaded(path, declared)
    return done


@pytest.mark.parametrize("printed", [False, pytest.param(True, marks=pytest.mark.large)])
def test_a_hostile_deployment_through_the_command_lives_in_none_of_its_files(tmp_path: Path, printed: bool) -> None:
    path = tmp_path / "deployment.yaml"
    assert hostile_deployment(path) >= {
        "text", "command", "expect", "if_not", "name", "role", "phone", "email", "users", "note", "who", "how", "by",
        "reason", "ticket", "observed", "options", "path", "source", "target", "quarantine", "number", "contract",
    }  # fmt: skip
    outputs = [tmp_path / f"set.{suffix}" for suffix in ("md", "html", "json")]
    pdfs = [tmp_path / "set.pdf", tmp_path / "evidence.pdf"] if printed else []
    earlier = tmp_path / "earlier" / "plan.json"
    earlier.parent.mkdir()
    before = sorted(tmp_path.iterdir())
    argv: list[str | Path] = [
        sys.executable,
        "-m",
        "runbook",
        "runbook",
        path,
        "--now",
        "2026-12-05T19:00+01:00",
        "--no-cache",
    ]
    told: tuple[list[str | Path], ...] = ([], ["--for", "evidence", "--previous", earlier])
    for number, extra in enumerate(told):
        named = [word for output in (*outputs, *pdfs[number : number + 1]) for word in ("-o", output)]
        ran = subprocess.run([*argv, "--force", *extra, *named], capture_output=True, text=True)
        assert ran.returncode == 0, ran.stderr
        assert not OBEYED.search(ran.stdout + ran.stderr)
        assert sorted(tmp_path.iterdir()) == sorted([*before, *outputs, *pdfs[: number + 1]])
        earlier.write_bytes(outputs[2].read_bytes())
        nothing_of_it_is_obeyed([output.read_text() for output in outputs], navigations=2 - number)
    for pdf, attached in zip(pdfs, (set[str](), {"facts.json", "plan.json", "report.json"}), strict=False):
        pdf_is_dead(pdf.read_bytes(), tmp_path / "x.pdf", attached)


def nothing_of_it_is_obeyed(texts: list[str], navigations: int) -> None:
    """In Markdown, HTML and JSON of a set whose every declared text is hostile."""
    assert not [text for text in texts if OBEYED.search(text) or EVALUATED in text]
    flat = [it for section in sections(texts[0]) for it in section]
    assert {raw for _, _, raw in flat} <= {"", "<br>", "<!-- pmx-preflight"}
    assert not {"a", "img"} & {tag for _, tag, _ in flat}
    page = Page(texts[1])
    ours = {
        "script": 1,
        "style": 1,
        "form": 1,
        "template": 1,
        "button": 4,
        "nav": navigations,
        "iframe": 0,
        "base": 0,
        "svg": 0,
    }
    count = Counter(e.tag for e in page.elements)
    assert {tag: count[tag] for tag in ours} == ours
    assert {name for e in page.elements for name in e.attrib if name.startswith("on")} == set()
    assert {(e.tag, *e.attrib) for e in page.site} <= {(tag,) for tag in PLAIN}
    targets = [e.get(name) for e in page.elements for name in ("href", "src") if e.get(name)]
    assert all(
        str(target).startswith(("#part-", "#for-", "#all", "#pages", "data:image/svg+xml;base64,"))
        for target in targets
    )
    for picture in map(base64.b64decode, re.findall(r'<img src="data:image/svg\+xml;base64,([^"]+)"', page.raw)):
        assert {e.tag.partition("}")[2] for e in ElementTree.fromstring(picture).iter()} <= {
            "svg", "defs", "pattern", "path", "circle", "rect", "text",
        }  # fmt: skip
    assert EVALUATED not in page.text


SAVED = EVERY_WORD.encode(errors="replace").decode()  # no file has half a character


def test_an_earlier_plan_of_hostile_words_is_told_and_none_is_obeyed(tmp_path: Path) -> None:
    plan, path = large.edition(2).plan, tmp_path / "plan.json"
    names = {f"{place}{SAVED}": "x" for place in range(3)}
    steps = [step.model_copy(update={"title": SAVED}) for step in plan.steps]
    gone = steps[0].model_copy(update={"id": SAVED, "number": SAVED})
    old = plan.model_copy(update={"digest": SAVED, "order": tuple(names), "sheets": names, "steps": (*steps, gone)})
    path.write_text(json.dumps(old.model_dump(mode="json")))
    loaded = what_changed.earlier_plan(path)
    found = what_changed.changes(loaded, plan)
    told = what_changed.in_words(found, loaded.digest)
    assert len(found.gone) == 3 and len(found.steps) == len(plan.steps) + 1
    assert len(told.splitlines()) == 4 + len(found.steps)
    backwards = what_changed.in_words(what_changed.changes(plan.model_copy(update={"sheets": {}}), loaded), SAVED)
    same = what_changed.in_words(what_changed.changes(loaded, loaded), loaded.digest)
    for text in (told, backwards, same):
        assert not OBEYED.search(text) and "\\x1b[2J\\x1b]0;owned" in text


@pytest.mark.parametrize(
    "wrong", [{"deployment": SAVED}, {SAVED: 1}, {"steps": [{SAVED: 1}]}], ids=["deployment", "key", "step"]
)
def test_what_is_wrong_with_an_earlier_plan_is_told_and_not_obeyed(tmp_path: Path, wrong: dict[str, Any]) -> None:
    plan, path = large.edition(1).plan, tmp_path / "plan.json"
    path.write_text(json.dumps(plan.model_dump(mode="json") | wrong))
    with pytest.raises(InputError) as raised:
        what_changed.changes(what_changed.earlier_plan(path), plan)
    assert not OBEYED.search("".join(raised.value.lines))


def filled_in(path: Path, words: str, text: str) -> Path:
    """A filled PDF with these keywords, and the text in each field."""
    writer = PdfWriter(clone_from=io.BytesIO(to_pdf(book())))
    for page in writer.pages:
        for field in page.get("/Annots", []):
            if field.get_object().get("/FT") == "/Tx":
                field.get_object()[NameObject("/V")] = TextStringObject(text)
    writer.add_metadata({"/Keywords": words})
    writer.write(path)
    return path


def run(*paths: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "runbook", "read", *paths], capture_output=True, text=True)


def test_a_filled_pdf_of_hostile_words_is_read_and_none_is_obeyed(tmp_path: Path) -> None:
    hostile = re.sub(", ", "", SAVED)
    path = filled_in(tmp_path / "x.pdf", f"pmx-preflight, plan {hostile}, volume {hostile}", SAVED)
    other = filled_in(tmp_path / "y.pdf", f"pmx-preflight, plan {hostile}2", SAVED)
    found = read([path])
    assert len([text for text in found.fields.values() if "\x1b[2J\x1b]0;owned" in str(text)]) > 10
    done, mixed, twice = run(path), run(path, other), run(path, path)
    assert json.loads(done.stdout)["fields"] == found.fields and done.stdout == to_json(found)
    assert not re.search(r"[\x00-\x09\x0b-\x1f]", done.stdout) and not IN_JSON.search(done.stdout)
    assert [one.returncode for one in (done, mixed, twice)] == [0, 2, 2]
    for told in (done.stderr, mixed.stderr, twice.stderr):
        assert not OBEYED.search(told) and "\\x1b[2J\\x1b]0;owned" in told and len(told.splitlines()) == 1
