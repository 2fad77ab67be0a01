"""A new revision says what it changes: what is printed again, what is sent again, which fields are amended."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from digested_plans import composed

from checker.errors import InputError
from checker.inputs.deployment import Deployment
from checker.marks import MANIFEST
from runbook.change.amendment import Earlier, amendment, earlier, revised
from runbook.change.letters import letters, plain_letter
from runbook.change.manifest import Manifest
from runbook.change.record import Record
from runbook.change.record_files import record_files
from runbook.change.servicenow import servicenow
from runbook.pages.page_model import Bullets, Table
from runbook.words import Words

Deploy = Callable[..., Deployment]
WINDOW = {"start": "2026-12-05T20:00", "end": "2026-12-06T20:00"}
LATER = {"start": "2026-12-05T21:00", "end": "2026-12-06T20:00"}


def record(deploy: Deploy, words: Words, window: dict[str, str] = WINDOW, **change: Any) -> Record:
    declared = {"number": "CHG1", "timezone": "UTC", "windows": [window], **change}
    return Record(composed(deploy("database csm", "mta mail-filter", change=declared), {}, words))


def before(of: Record) -> Earlier:
    notices = {letter.name: plain_letter(letter) for letter in letters(of.edition)}
    return Earlier(1, of.edition.plan, servicenow(of), notices)


def told(new: Record, old: Earlier) -> tuple[tuple[str, ...], tuple[str, ...], list[str]]:
    """What is printed again, what is sent again, and the fields."""
    printed, sent = (block.items for block in amendment(new, old).blocks if isinstance(block, Bullets))
    (table,) = (block for block in amendment(new, old).blocks if isinstance(block, Table))
    return printed, sent, [str(row[0]) for row in table.rows]


def test_of_what_is_the_same_nothing_is_sent_or_amended(deploy: Deploy, words: Words) -> None:
    printed, sent, fields = told(record(deploy, words), before(record(deploy, words)))
    assert "no printed page changed" in printed[0]
    assert sent == ("None.",)
    assert fields == []


def test_a_moved_window_is_sent_again_and_amended(deploy: Deploy, words: Words) -> None:
    new = record(deploy, words, LATER, revision=2)
    printed, sent, fields = told(new, before(record(deploy, words)))
    assert "print again" in printed[1]
    names = [line.partition(":")[0] for line in sent]
    for moment, again in (("-two-weeks-", True), ("-two-days-", True), ("-start-", True), ("-resumed-", False)):
        of_it = [letter.name for letter in letters(new.edition) if moment in letter.name]
        assert of_it
        assert all((name in names) is again for name in of_it)
    assert "change_request.start_date" in fields
    assert "change_request.end_date" not in fields
    assert any(name.endswith("planned_start_date") for name in fields)


def test_a_notice_whose_words_are_the_same_is_not_sent_again(deploy: Deploy, words: Words) -> None:
    new = record(deploy, words, contacts=[{"role": "coordinator", "name": "Z. Other", "phone": "1"}], revision=2)
    _, sent, _ = told(new, before(record(deploy, words)))
    names = {line.partition(":")[0] for line in sent}
    every = {letter.name for letter in letters(new.edition)}
    assert set() < names < every
    assert all("Z. Other" in plain_letter(letter) for letter in letters(new.edition) if letter.name in names)


def test_the_next_revision_is_another_page_in_the_same_series(deploy: Deploy, words: Words) -> None:
    old = record(deploy, words).edition.deployment
    assert revised(old, 2).change.revision == 2
    assert revised(old, 2).change.model_copy(update={"revision": 1}) == old.change


def test_what_is_no_package_or_of_another_version_is_no_earlier_one(
    deploy: Deploy, words: Words, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match="MANIFEST"):
        earlier(tmp_path)
    manifest = Manifest("a", "CHG1", "1", "p", "f", "d", "0.1.0", "r", {})
    (tmp_path / "MANIFEST").write_bytes(MANIFEST.sealed(manifest.text().encode()))
    (tmp_path / "change").mkdir()
    (tmp_path / "change" / "servicenow.json").write_text("{}")
    with pytest.raises(InputError, match="another version"):
        earlier(tmp_path)
    files = dict(record_files(record(deploy, words)))
    (tmp_path / "change" / "servicenow.json").write_text(files["change/servicenow.json"])
    with pytest.raises(InputError, match=r"plan\.json"):
        earlier(tmp_path)
