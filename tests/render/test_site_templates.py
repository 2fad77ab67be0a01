"""A site's own templates, styles and words: every one can be replaced, and a broken one is told at its place."""

import base64
from pathlib import Path

import pytest
from test_volumes import book

from checker.errors import InputError
from runbook.cli.templates import listing
from runbook.render.html import to_html
from runbook.render.markdown import to_markdown
from runbook.resources import resource
from runbook.words import load_words

SHIPPED = resource("templates")
PAGES = ("html/runbook.html", "markdown/runbook.md", "style/base.css", "style/screen.css", "style/tables.css")
WORDS = sorted(path.name for path in (SHIPPED / "words").glob("*.toml"))


def placed(site: Path, name: str, text: str) -> Path:
    path = site / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def rendered(site: Path) -> str:
    return to_html(book(1), templates=site) + to_markdown(book(1), templates=site)


def test_everything_that_can_be_replaced_is_listed_with_what_it_gets() -> None:
    rows = dict(line.split(maxsplit=1) for line in listing().splitlines()[3:])
    shipped = {
        str(path.relative_to(SHIPPED)) for path in SHIPPED.rglob("*") if path.is_file() and path.suffix != ".txt"
    }
    assert rows.keys() == shipped
    assert "book" in rows["html/runbook.html"] and "style" in rows["html/runbook.html"]
    assert "Steps" in rows["html/blocks.html"] and "Gate" in rows["markdown/blocks.md"]
    assert "upgrade" in rows["words/steps.toml"]


@pytest.mark.parametrize("name", PAGES)
def test_every_page_and_style_can_be_replaced(name: str, tmp_path: Path) -> None:
    placed(tmp_path, name, (SHIPPED / name).read_text() + "\n/* of this site */\n")
    assert "/* of this site */" in rendered(tmp_path).replace("\\", "")


def test_a_font_and_the_script_can_be_replaced(tmp_path: Path) -> None:
    placed(tmp_path, "fonts/IBMPlexMono-Bold.woff2", "a font of this site")
    placed(tmp_path, "html/ticks.js", "/* a script of this site */")
    made = to_html(book(1), templates=tmp_path)
    assert base64.b64encode(b"a font of this site").decode() in made
    assert "/* a script of this site */" in made


PICTURES = {
    "logo.svg": (
        b'<svg xmlns="http://www.w3.org/2000/svg"/>',
        b"<svg>\n<path></svg>",
        "logo.svg:2: not an SVG picture",
    ),
    "logo.png": (b"\x89PNG\r\n\x1a\n and so on", b"GIF89a", "logo.png: not a PNG picture"),
}


@pytest.mark.parametrize("name", PICTURES)
def test_a_sites_logo_stands_before_the_title_and_another_file_is_told(name: str, tmp_path: Path) -> None:
    good, bad, said = PICTURES[name]
    path = placed(tmp_path, f"style/{name}", "")
    path.write_bytes(good)
    assert f"base64,{base64.b64encode(good).decode()}" in to_html(book(1), templates=tmp_path)
    path.write_bytes(bad)
    with pytest.raises(InputError) as wrong:
        to_html(book(1), templates=tmp_path)
    assert said in str(wrong.value)


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        pytest.param("one\ntwo {{ nobody_gives_this }}\n", 2, "nobody_gives_this", id="a name that is not given"),
        pytest.param("one\ntwo\n{% if %}\n", 3, "", id="wrong syntax"),
    ],
)
def test_what_is_wrong_is_told_with_file_and_line(name: str, text: str, line: int, said: str, tmp_path: Path) -> None:
    path = placed(tmp_path, name, text)
    with pytest.raises(InputError) as refused:
        rendered(tmp_path)
    assert str(refused.value).startswith(f"{path}:{line}: ")
    assert said in str(refused.value)


@pytest.mark.parametrize("name", WORDS)
def test_one_sentence_can_be_replaced_and_the_others_stay(name: str, tmp_path: Path) -> None:
    ours = load_words(SHIPPED)
    table = ours.tables[Path(name).stem]
    key, field = next(
        (key, field) for key, fields in table.items() for field in fields if isinstance(fields[field], str)
    )
    placed(tmp_path, f"words/{name}", f'[{key}]\n{field} = "Of this site."\n')
    theirs = load_words(SHIPPED, tmp_path)
    assert theirs.say(Path(name).stem, key, field) == "Of this site."
    changed = {**table, key: {**table[key], field: "Of this site."}}
    assert theirs.tables == {**ours.tables, Path(name).stem: changed}
