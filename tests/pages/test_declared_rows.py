"""What a page shows of what is declared, as its words list it: ours, or a site's own."""

from pathlib import Path
from typing import Any

import pytest
from printed_samples import edition

from checker.checks.judge import judge
from checker.errors import InputError
from checker.inputs.deployment import Deployment
from runbook.pages.page_model import Blank, Cell, Drifting, lasting
from runbook.pages.sources import Edition, declared_rows
from runbook.plan.planning import build
from runbook.resources import resource
from runbook.words import load_words


def shown(place: Path, *rows: str, **change: Any) -> dict[str, Cell]:
    """The rows of a decision page whose words list these, of the sample with another change."""
    place.mkdir(exist_ok=True)
    (place / "words").mkdir(exist_ok=True)
    listed = ",\n".join(f"    '{row}'" for row in rows)
    (place / "words" / "pages.toml").write_text(f"[decision]\ndeclared = [\n{listed}\n]\n")
    made = edition("county-mail")
    said = made.deployment.model_dump(mode="json")
    site = Deployment.model_validate({**said, "change": {**said["change"], **change}})
    words = load_words(resource("templates"), place)
    report = judge(site, {}, made.now, "change", now_given=True)
    return dict(declared_rows(Edition(site, {}, report, build(site, {}, words), words), "decision"))


def test_a_site_lists_any_declared_field_in_its_words_and_what_lasts_of_it_is_known(tmp_path: Path) -> None:
    found = shown(
        tmp_path,
        "Change: {{ change.number }}, revision {{ change.revision }}",
        "Chair: {{ change.chair }}, within {{ change.answer_minutes }} minutes",
        "Media: {{ deployment.media.path }}",
        number="CHG1",
        chair="A. Example",
    )
    assert found["Change"] == "CHG1, revision 1" and lasting(found["Change"]) == "CHG1, revision 1"
    assert found["Chair"] == "A. Example, within 10 minutes" and lasting(found["Chair"]) == ", within 10 minutes"
    assert list(found) == ["Change", "Chair", "Media"]


def test_what_is_not_declared_is_a_line_to_write_on_and_so_is_all_below_it(tmp_path: Path) -> None:
    found = shown(tmp_path, "Deputy: {{ change.deputy }}", "Longer until: {{ change.extended.until }}", deputy=None)
    assert [type(cell) for cell in found.values()] == [Blank, Blank]


def test_a_row_that_comes_and_goes_with_a_name_voids_no_page(tmp_path: Path) -> None:
    row = "Deputy: {% if change.deputy %}{{ change.deputy }}{% else %}nobody{% endif %}"
    cells = [shown(tmp_path, row, deputy=name)["Deputy"] for name in (None, "B. Example")]
    assert cells == ["nobody", "B. Example"]
    assert [lasting(cell) for cell in cells] == ["nobody", "nobody"]


@pytest.mark.parametrize("hostile", ["{{ 7 * 7 }}", "{% raw %}", "a: b: c", "<script>alert(1)</script>"])
def test_what_is_declared_is_printed_as_it_is_whatever_it_looks_like(hostile: str, tmp_path: Path) -> None:
    (cell,) = shown(tmp_path, "Change: {{ change.number }}", number=hostile).values()
    assert isinstance(cell, Drifting) and cell == hostile == lasting(cell)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("Owner: {{ change.ovner }}", "ovner"),
        ("{{ change.number }}", "expected a label"),
        ("A label", "expected a label"),
    ],
)
def test_a_row_of_a_site_that_says_nothing_that_is_declared_is_told_with_its_place(
    row: str, said: str, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match=said) as refused:
        shown(tmp_path, row)
    assert str(refused.value).startswith(f"{tmp_path / 'words' / 'pages.toml'}:2: [decision] declared: ")
