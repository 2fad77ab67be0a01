"""`answer` asks and prints what the file takes; `waive` prints what waives. Both print, and edit nothing."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from checker.checks import BY_ID
from checker.errors import InputError
from checker.inputs.answers import KINDS
from checker.inputs.deployment_file import load
from runbook.cli import answering
from runbook.cli.explaining import explain
from runbook.cli.main import app

ROOT = Path(__file__).parents[2]
HEAD = """deployment: acme-mail
change: {number: C1, timezone: Europe/Berlin, windows: [{start: 2026-12-05T22:00, end: 2026-12-06T04:00}]}
servers: [{name: db1, roles: [database, csm]}, {name: mx1, roles: [mta, mail-filter]}]
"""
SAID = {
    "source-version": ["5.6.1 (build 2065439)"],
    "install-media": ["/srv/media/pmx6.tar", "", "yes"],
    "root-access": ["yes", "A. Example", 'su -, "safe": no. 4'],
    "support-line": ["no", "C. Example", "CHG1"],
    "database-csm-together": ["01234567", "no"],
    "restore-tested": ["complete", "database, quarantine", "bk1:/pmx", "2026-12-01T03:00"],
    "backup-evidence": ["complete", "database, quarantine, logs", "bk1:/pmx", "2026-12-04T03:00"],
    "rehearsal": ["failed", "2026-11-14"],
    "queue-drained": ["yes", "0"],
    "notices-sent": ["1, 2, 3", "C. Example"],
    "after-database-reachable": ["no", ""],
    "identity-persistent": ["mx1.example.net", "/etc/rc.config"],
    "identity-unchanged": ["no", ""],
}


def asked(check: str, *said: str, server: str | None = None) -> tuple[str, list[str]]:
    """What is printed for these answers, and what was told beside the questions."""
    told: list[str] = []
    lines: Iterator[str] = iter(said)
    printed = answering.answer(check, server, lambda _: next(lines, None), told.append)
    assert next(lines, None) is None, "a question fewer than there are answers"
    return printed, told


@pytest.mark.parametrize("check", KINDS)
def test_what_answer_prints_is_read_by_the_file(tmp_path: Path, check: str) -> None:
    path = tmp_path / "d.yaml"
    for server in (None, "mx1") if KINDS[check].by_server else (None,):
        printed, told = asked(check, *SAID[check], "A. Example", "2026-12-04", "seen: yes", server=server)
        path.write_text(HEAD + printed)
        answers = load(path).answers
        own, others = answers.to(KINDS[check], server), answers.to(KINDS[check], "db1")
        assert own is not None and own.by == "A. Example" and (own.note or server) and not told
        assert (others is None) == bool(server)


def test_what_is_not_understood_is_asked_again() -> None:
    printed, told = asked("source-version", "about 5.6.1", "5.6.1", "A", "yesterday", "2026-12-04", "")
    assert printed == 'answers:\n  source-version: {version: "5.6.1", by: A, at: 2026-12-04}\n'
    assert [line.split()[0] for line in told] == ["version", "at"]


def test_a_yes_that_nobody_stands_for_is_asked_again_as_a_whole() -> None:
    printed, told = asked(
        "root-access", *("yes", "", "", "A", "2026-12-04", ""), *("no", "", "", "A", "2026-12-04", "")
    )
    assert "confirmed: no" in printed and told == [
        "root-access is yes without 'who' and 'how': please enter the fields again"
    ]


@pytest.mark.parametrize(
    ("check", "server", "said", "words"),
    [
        ("source-version", None, (), "the input ended"),
        ("source-versoin", None, (), "did you mean source-version"),
        ("disk-space", None, (), "disk-space takes no answer"),
        ("support-line", "mx1", (), "expected no --server"),
    ],
)
def test_what_cannot_be_answered_is_refused_in_one_line(
    check: str, server: str | None, said: tuple[str, ...], words: str
) -> None:
    with pytest.raises(InputError, match=words):
        asked(check, *said, server=server)


@pytest.mark.parametrize("check", BY_ID)
def test_explain_says_how_to_answer_and_how_to_waive(check: str) -> None:
    text = explain(check)
    assert ("pmx-preflight answer" in text) == (check in KINDS)
    assert ("pmx-preflight waive" in text) == BY_ID[check].waivable


NO_GO = [f"{ROOT}/samples/no-go/deployment.yaml", "--facts", f"{ROOT}/samples/no-go/facts", "--stage", "server",
         "--now", "2026-12-05T21:45+01:00"]  # fmt: skip


def test_the_commands_print_what_is_to_be_pasted() -> None:
    run = CliRunner().invoke
    done = run(app, ["waive", "target-absent", *NO_GO, "--server", "db1"])
    assert done.exit_code == 0
    observed = '"/opt/pmx6 already holds bin, etc"'
    fields = f"check: target-absent, server: db1, observed: {observed}, reason: …, by: …, ticket: …, until: 2026-12-06"
    assert done.stdout == f"waivers:\n  - {{{fields}}}\n"
    for argv, words in (
        (["waive", "disk-space", *NO_GO], "cannot be waived"),
        (["waive", "target-absent", *NO_GO, "--server", "mx1"], "no failure to waive"),
        (["waive", "target-absnt", *NO_GO], "unknown check target-absnt"),
    ):
        failed = run(app, argv)
        assert isinstance(failed.exception, InputError) and words in str(failed.exception.lines), argv
    said = run(app, ["answer", "source-version", "--server", "mx1"], input="5.6.1\nA. Example\n2026-12-04\n\n")
    assert said.stdout.endswith('servers: {mx1: {version: "5.6.1"}}}\n')
