"""A site's own templates that replace nothing, cannot be read or cannot be filled in are told with file and line."""

import os
from pathlib import Path

import pytest
from test_site_templates import placed, rendered

from checker.errors import InputError
from runbook.cli.main import main
from runbook.resources import resource
from runbook.site_check import MOST, check
from runbook.words import load_words

SHIPPED = resource("templates")


def refused(site: Path) -> list[str]:
    with pytest.raises(InputError) as said:
        check(site)
    return list(said.value.lines)


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("logo.png", "", "unknown file logo.png: it would replace nothing; did you mean style/logo.png?"),
        ("word/steps.toml", "", "would replace nothing; did you mean words/steps.toml?"),
        ("README", "ours", "unknown file README: it would replace nothing"),
        ("html/header.html", "ours", "unknown file html/header.html: it would replace nothing"),
        ("words/steps.toml", "[upgrdae]\ntitle = 'x'\n", ":1: unknown table [upgrdae]: it would"),
        ("words/steps.toml", "[upgrade]\n\ntilte = 'x'\n", ":3: unknown field tilte in [upgrade]"),
        ("words/steps.toml", "\nupgrade = 'x'\n", ":2: upgrade is a value: expected a table [upgrade] with fields"),
        ("words/steps.toml", "[upgrade]\ntitle = ['x']\n", ":2: [upgrade] title is a list of sentences: expected"),
        ("words/steps.toml", "[upgrade]\ntitle = 1\n", ":2: [upgrade] title is neither a sentence nor a list of them"),
        ("words/steps.toml", "[upgrade]\ntitle = x\n", ":2:9: Invalid value"),
        ("words/steps.toml", "[soak]\nwhen.expect_filter = []\n", "[soak] when: conditions cannot be replaced"),
        ("html/runbook.html", "a\n{% if %}\n", ":2: Expected an expression"),
    ],
)  # fmt: skip
def test_what_would_replace_nothing_or_is_broken_is_told(tmp_path: Path, name: str, text: str, said: str) -> None:
    path = placed(tmp_path, name, text)
    (line,) = refused(tmp_path)
    assert line.startswith(str(path)) and said in line


@pytest.mark.parametrize("name", ["words/steps.toml", "html/runbook.html", "style/base.css"])
def test_what_is_no_utf_8_is_told_with_line_and_column(tmp_path: Path, name: str) -> None:
    path = placed(tmp_path, name, "")
    path.write_bytes("one\ntwo ä\n".encode("latin-1"))
    assert refused(tmp_path)[0].startswith(f"{path}:2:5: is not UTF-8")


def test_all_faults_are_told_at_once_and_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    placed(tmp_path, "logo.png", "")
    placed(tmp_path, "words/steps.toml", "upgrade = 'x'\n")
    os.mkfifo(tmp_path / "words" / "pages.toml")
    assert len(refused(tmp_path)) == 3


def test_a_directory_that_is_none_or_far_too_full_is_told(tmp_path: Path) -> None:
    assert "no such directory" in refused(tmp_path / "nowhere")[0]
    file = placed(tmp_path, "file", "")
    assert "is not a directory" in refused(file)[0]
    for number in range(MOST):
        (tmp_path / f"{number}.txt").touch()
    assert f"more than {MOST} files" in refused(tmp_path)[0]


def test_what_lies_beside_the_templates_unseen_or_is_taken_in_by_one_is_no_fault(tmp_path: Path) -> None:
    placed(tmp_path, ".git/config", "x")
    placed(tmp_path, "words/steps.toml~", "x")
    placed(tmp_path, "html/header.html", "of this site")
    placed(tmp_path, "markdown/runbook.md", '{% include "html/header.html" %}')
    placed(tmp_path, "fonts/OFL.txt", "x")
    placed(tmp_path, "style/logo.png", "x")
    check(tmp_path)
    check(SHIPPED)
    check(None)


def test_what_fails_while_it_is_filled_in_is_told_with_file_and_line(tmp_path: Path) -> None:
    page = placed(tmp_path / "a", "markdown/runbook.md", "one\n{{ 1 / 0 }}\n")
    with pytest.raises(InputError, match="division by zero") as said:
        rendered(tmp_path / "a")
    assert str(said.value).startswith(f"{page}:2: ")
    words = placed(tmp_path / "b", "words/steps.toml", '[upgrade]\n# ours\ntitle = "{{ 1 / 0 }}"\n')
    with pytest.raises(InputError, match=r"\[upgrade\] title: division by zero") as said:
        load_words(SHIPPED, tmp_path / "b").say("steps", "upgrade", "title")
    assert str(said.value).startswith(f"{words}:3: ")


def test_the_command_refuses_them_before_it_makes_anything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    placed(tmp_path / "site", "logo.png", "")
    deployment = resource("samples") / "county-mail" / "deployment.yaml"
    for site in ("site", "nowhere"):
        argv = ["x", "runbook", str(deployment), "--templates", str(tmp_path / site), "-o", str(tmp_path / "x.md")]
        monkeypatch.setattr("sys.argv", argv)
        with pytest.raises(SystemExit) as ended:
            main()
        assert ended.value.code == 2 and len(capsys.readouterr().err.splitlines()) == 1
    assert not (tmp_path / "x.md").exists()
