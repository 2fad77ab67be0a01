"""The notices as they are sent: the same words as text, page and draft, with nothing that opens as already sent."""

from collections.abc import Callable
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from html.parser import HTMLParser
from pathlib import Path

import pytest
from digested_plans import composed
from printed_samples import edition

from checker.inputs.deployment import Deployment
from runbook.change.letters import letter_files, letters
from runbook.change.record import Record
from runbook.resources import resource
from runbook.words import Words, load_words

Deploy = Callable[..., Deployment]
WINDOW = [{"start": "2026-12-05T20:00", "end": "2026-12-06T20:00"}]
PRODUCT = ("PureMessage", "Sophos", "MTA", "Mail Filter", "CSM", "EUWI")
OUTSIDE = ("users", "group-admins", "mail-partners", "infrastructure", "help-desk")


class Words_(HTMLParser):  # noqa: N801 - the name of what it collects is taken
    """The words of a page, without its markup."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []

    def handle_data(self, data: str) -> None:
        self.said += data.split()


def words_of(page: str) -> list[str]:
    reader = Words_()
    reader.feed(page)
    return reader.said


@pytest.fixture(scope="module")
def county() -> dict[str, str | bytes]:
    return dict(letter_files(Record(edition("county-mail"))))


def mail(content: str | bytes) -> EmailMessage:
    assert isinstance(content, bytes)
    found = message_from_bytes(content, policy=default)
    assert isinstance(found, EmailMessage)
    assert not found.defects
    return found


def body(found: EmailMessage, kind: str) -> str:
    part = found.get_body((kind,))
    assert part is not None
    return str(part.get_content())


def test_each_notice_says_the_same_as_text_as_page_and_as_draft(county: dict[str, str | bytes]) -> None:
    drafts = 0
    for letter in letters(edition("county-mail")):
        text, page = (str(county[f"notices/{letter.name}.{kind}"]) for kind in ("txt", "html"))
        subject, _, rest = text.partition("\n\n")
        assert subject == letter.subject
        # the page says its subject twice: as its title and as its head
        said = [word for word in rest.split() if word != "-"]
        assert words_of(page) == [*subject.split(), *subject.split(), *said]
        if letter.mailed:
            drafts += 1
            found = mail(county[f"notices/{letter.name}.eml"])
            assert found["Subject"] == subject
            assert body(found, "plain").split() == rest.split()
            assert body(found, "html").splitlines() == page.splitlines()
    assert drafts > 10


def test_a_draft_opens_as_a_draft_and_was_never_sent(county: dict[str, str | bytes]) -> None:
    for name, content in county.items():
        if name.endswith(".eml"):
            found = mail(content)
            assert found["X-Unsent"] == "1"
            assert not {"date", "message-id", "from", "to", "cc", "bcc"} & {key.lower() for key in found}


def test_what_does_not_go_by_mail_has_no_draft(deploy: Deploy, words: Words) -> None:
    change = {"number": "CHG1", "timezone": "UTC", "windows": WINDOW, "channels": {"users": "intranet page"}}
    made = composed(deploy("database csm mta mail-filter euwi gwi", change=change), {}, words)
    files = dict(letter_files(Record(made)))
    for letter in letters(made):
        assert (f"notices/{letter.name}.eml" in files) is letter.mailed
        assert f"notices/{letter.name}.txt" in files
    assert not [name for name in files if name.endswith("-users.eml")]
    assert [
        letter for letter in letters(made) if letter.name.endswith("-start-infrastructure") and not letter.mailed
    ], "one server carries all mail, and while it stops a mail would wait in its queue"


def test_a_subject_names_service_and_time_and_nothing_of_the_product(county: dict[str, str | bytes]) -> None:
    for letter in letters(edition("county-mail")):
        assert ":" in letter.subject
        if letter.name.endswith(OUTSIDE):
            assert not [word for word in PRODUCT if word in letter.subject], letter.subject
        if letter.name.endswith(("users", "group-admins", "mail-partners")):
            assert not [word for word in PRODUCT if word in letter.text], letter.text
        assert "\n" not in letter.subject
        assert len(letter.subject) <= 200


def test_the_index_names_every_notice_with_when_to_whom_and_its_files(county: dict[str, str | bytes]) -> None:
    index = str(county["notices/INDEX.md"])
    for letter in letters(edition("county-mail")):
        row = next(line for line in index.splitlines() if f"| {letter.name} |" in line)
        assert letter.when in row
        assert letter.to in row
        assert letter.subject.replace("____________", "") in row.replace("____________", "")
    for occasion in ("postponed", "on-hold", "rolled-back"):
        assert f"notices/{occasion}.txt" in county
    assert "delete the calendar entry" in str(county["notices/postponed.txt"])


def test_the_same_notice_has_the_same_bytes() -> None:
    made = Record(edition("county-mail"))
    assert dict(letter_files(made)) == dict(letter_files(made))


def test_there_are_at_most_ten_texts_to_maintain() -> None:
    table = load_words(resource("templates"), None).tables["notices"]
    assert len([key for key, fields in table.items() if "subject" in fields and key != "unplanned"]) <= 10


def test_hostile_words_are_harmless_in_the_page_and_the_draft(deploy: Deploy, words: Words, tmp_path: Path) -> None:
    nasty = "<script>alert(1)</script>"
    change = {"number": nasty, "timezone": "UTC", "windows": WINDOW,
              "contacts": [{"role": "coordinator", "name": nasty, "phone": nasty}]}  # fmt: skip
    made = composed(deploy("database csm euwi gwi", change=change), {}, words)
    for name, content in letter_files(Record(made)):
        if name.endswith(".html"):
            assert "<script" not in str(content)
        if name.endswith(".eml"):
            assert "<script" not in body(mail(content), "html")
