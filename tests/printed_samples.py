"""The samples as they come out of the printer, each printed once for all test files of a process."""

import io
import re
import subprocess
from functools import cache
from pathlib import Path

import pytest
from pypdf import PdfReader

from runbook.cli import common_arguments, pipeline
from runbook.pages.page_model import Runbook
from runbook.pages.sources import Edition
from runbook.pages.whole_set import compose
from runbook.plan.given_files import given_files
from runbook.plan.plan_model import Step
from runbook.render.pdf import to_pdf

SAMPLES = Path(__file__).parent.parent / "samples"
NOW = {
    "harbour-mail": "2026-12-05T20:45+01:00",
    "county-mail": "2026-12-05T20:45+01:00",
    "no-go": "2026-12-05T21:45+01:00",
    "university-mail": "2026-12-05T19:15+01:00",
}
LOWER = 0.9  # of a page's height: the title of a part that begins it stands above
EVERY = pytest.mark.parametrize("name", NOW)
# The shortest is printed each time (pages of several servers in test_pdf), all of them in test-all.
PRINTED = pytest.mark.parametrize(
    "name", [name if name == "harbour-mail" else pytest.param(name, marks=pytest.mark.large) for name in NOW]
)


@cache
def edition(name: str, *, draft: bool = False) -> Edition:
    deployment = common_arguments.read_deployment(SAMPLES / name / "deployment.yaml")
    facts = {} if draft else pipeline.load_facts(SAMPLES / name / "facts")
    now = common_arguments.parse_time(NOW[name], deployment)
    before = SAMPLES / name / "baseline"
    baseline = pipeline.load_facts(before) if before.is_dir() and not draft else None
    question = pipeline.Question(stage="change" if draft else "server")
    given = given_files(Path("deployment.yaml"), None if draft else Path("facts"), before if baseline else None,
                        SAMPLES / name)  # fmt: skip
    report = pipeline.report(deployment, facts, now, question, baseline)
    return pipeline.edition(deployment, facts, report, files=given)


@cache
def book(name: str, *, draft: bool = False) -> Runbook:
    return compose(edition(name, draft=draft))


def steps(name: str) -> list[Step]:
    """The plan's steps that are ticked; its gates are signed."""
    return [step for step in edition(name).plan.steps if not step.gate or step.form == "interlock"]


def printed(pdf: bytes) -> list[str]:
    """The text of every page, in the order in which it was laid out, without its spaces."""
    done = subprocess.run(["pdftotext", "-raw", "-", "-"], input=pdf, capture_output=True, check=True)
    return [squeezed(page) for page in done.stdout.decode().split("\f")[:-1]]


@cache
def pdf(name: str) -> tuple[bytes, list[str]]:
    made = to_pdf(book(name), made_at=edition(name).now)
    return made, printed(made)


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


def extents(made: bytes) -> dict[str, range]:
    """The pages of every part, by its title in the outline."""
    reader = PdfReader(io.BytesIO(made))
    tops = [entry for entry in reader.outline if not isinstance(entry, list)]
    starts = [(str(top.title), reader.get_destination_page_number(top) or 0) for top in tops]
    # what begins further down ends its page together with the part before it
    below = [float(top.top or 0) < LOWER * float(reader.pages[at].mediabox.height)
             for top, (_, at) in zip(tops, starts, strict=True)]  # fmt: skip
    ends = [*(at + flows for (_, at), flows in zip(starts[1:], below[1:], strict=True)), len(reader.pages)]
    return {title: range(at, max(end, at + 1)) for (title, at), end in zip(starts, ends, strict=True)}
