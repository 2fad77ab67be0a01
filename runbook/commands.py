"""What each command does, without its options: the one place that runs the stages one after the other."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from checker import facts_store, files
from checker.checks import BY_ID
from checker.checks.judge import judge
from checker.deployment import Deployment
from checker.errors import InputError
from checker.facts import HostFacts
from checker.outputs import console, junit, machine, todo
from checker.report import Report, Stage
from runbook.compose import compose
from runbook.edition import Edition
from runbook.front import slip
from runbook.given import known_names
from runbook.html import Paper, to_html
from runbook.markdown import to_markdown
from runbook.pages import Runbook
from runbook.pdf import to_pdf
from runbook.plan import Plan
from runbook.planning import build
from runbook.resources import resource
from runbook.words import load as load_words

SUFFIXES = (".md", ".html", ".pdf", ".json")


@dataclass(frozen=True)
class Question:
    """What is asked of a deployment: at which stage, of which servers, with which checks."""

    stage: Stage = "change"
    servers: tuple[str, ...] = ()
    done: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    strict: bool = False


def check_question(deployment: Deployment, question: Question) -> None:
    """InputError, before anybody is contacted, where the question names a server or a check that there is not."""
    names = [server.name for server in deployment.servers]
    known_names("--server", question.servers, names)
    known_names("--done", question.done, names)
    known_names("--only", question.only, list(BY_ID))
    known_names("--skip", question.skip, list(BY_ID))


def report(
    deployment: Deployment,
    facts: Mapping[str, HostFacts],
    now: datetime,
    question: Question,
    baseline: Mapping[str, HostFacts] | None = None,
) -> Report:
    """The report; InputError where the question names a server or a check that there is not."""
    check_question(deployment, question)
    names = [server.name for server in deployment.servers]
    strangers = [name for name in facts if name not in names]
    if strangers:
        raise InputError(
            f"facts of {', '.join(strangers)}, which {deployment.deployment} does not declare: "
            "declare the server, or take its file away"
        )
    return judge(
        deployment, facts, now, question.stage, baseline=baseline, done=question.done, servers=question.servers,
        only=question.only, skip=question.skip, strict=question.strict,
    )  # fmt: skip


def rendered_report(said: Report, form: str, deployment: Deployment, width: int, colour: bool) -> str:
    """A report as text in one of the forms: console, json, junit, todo; KeyError for another."""
    zone = deployment.change.zone
    forms: dict[str, Callable[[], str]] = {
        "console": lambda: console.render(said, width=width, colour=colour, zone=zone),
        "json": lambda: machine.to_json(said),
        "junit": lambda: junit.to_junit(said),
        "todo": lambda: todo.render(said, zone=zone),
    }
    return forms[form]()


def edition(
    deployment: Deployment, facts: Mapping[str, HostFacts], said: Report, templates: Path | None = None
) -> Edition:
    """Everything that the pages are made from."""
    words = load_words(resource("templates"), templates)
    return Edition(deployment, facts, said, build(deployment, facts, words), words)


def plan_text(plan: Plan) -> str:
    """The plan as JSON, sorted, with a line end."""
    import json

    return json.dumps(plan.model_dump(mode="json"), indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def check_outputs(outputs: Sequence[Path], force: bool) -> None:
    """InputError before anything is contacted or made, where an output cannot be written or is not ours."""
    if not outputs:
        raise InputError("nothing to write: name at least one file with -o, ending in .md, .html, .pdf or .json")
    for path in outputs:
        if path.suffix not in SUFFIXES:
            raise InputError(f"{path}: the ending says what is written: expected {', '.join(SUFFIXES)}")
        if [other.resolve() for other in outputs].count(path.resolve()) > 1:
            raise InputError(f"{path}: named twice")
        files.check_writable(path, force)


def write_pages(
    made: Edition, outputs: Sequence[Path], *, paper: Paper, force: bool, only_slip: bool = False,
    templates: Path | None = None,
) -> Runbook:  # fmt: skip
    """Write the set in every form that the outputs' endings name. All are rendered before the first is written."""
    book = compose(made)
    if only_slip:
        book = Runbook(**{**book.__dict__, "parts": (slip(made),)})
    renderings: dict[str, Callable[[], str | bytes]] = {
        ".md": lambda: to_markdown(book, templates=templates),
        ".html": lambda: to_html(book, paper=paper, templates=templates),
        ".pdf": lambda: to_pdf(book, paper=paper, made_at=made.now, templates=templates),
        ".json": lambda: plan_text(made.plan),
    }
    ready = [(path, renderings[path.suffix]()) for path in outputs]
    for path, data in ready:
        files.write_whole(path, data, force=force)
    return book


def load_facts(directory: Path | None) -> dict[str, HostFacts]:
    """The facts of a directory; none where no directory is given."""
    return facts_store.load(directory) if directory else {}
