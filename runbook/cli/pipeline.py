"""What each command does, without its options: the one place that runs the stages one after the other."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from checker.checks import BY_ID
from checker.checks.judge import judge
from checker.errors import InputError
from checker.facts import facts_store
from checker.facts.host_facts import HostFacts
from checker.facts.what_was_asked import still_asked
from checker.inputs.deployment import Deployment
from checker.report import Report, Stage
from runbook.change.proof.made_from import MadeFrom
from runbook.cli.common_arguments import known_names
from runbook.pages.sources import Edition
from runbook.pages.whole_set import digested
from runbook.plan.given_files import NONE_GIVEN, GivenFiles
from runbook.plan.plan_model import Plan
from runbook.plan.planning import build
from runbook.resources import resource
from runbook.words import load_words


@dataclass(frozen=True)
class Question:
    """What is asked of a deployment: at which stage, of which servers, with which checks.

    `rehearsal`: without the calendar. `now_given`: the time was said by a person, and read from no clock.
    """

    stage: Stage = "change"
    servers: tuple[str, ...] = ()
    done: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    strict: bool = False
    rehearsal: bool = False
    now_given: bool = False


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
            "declare the server, or remove its file"
        )
    return judge(
        deployment, facts, now, question.stage, baseline=baseline, done=question.done, servers=question.servers,
        only=question.only, skip=question.skip, strict=question.strict, rehearsal=question.rehearsal,
        now_given=question.now_given,
    )  # fmt: skip


def edition(
    deployment: Deployment,
    facts: Mapping[str, HostFacts],
    said: Report,
    templates: Path | None = None,
    previous: Plan | None = None,
    files: GivenFiles = NONE_GIVEN,
) -> Edition:
    """Everything that the pages are made from; `files` are named in the commands on them."""
    words = load_words(resource("templates"), templates)
    counting = still_asked(deployment, facts)
    return digested(Edition(deployment, counting, said, build(deployment, counting, words, files), words, previous))


def redacted(
    key: bytes,
    deployment: Deployment,
    facts: Mapping[str, HostFacts],
    baseline: Mapping[str, HostFacts] | None,
    now: datetime,
    question: Question,
) -> tuple[MadeFrom, Edition]:
    """What an outsider may see: deployment and facts by pseudonyms, and the edition that is judged and planned of them.

    InputError where that has another outcome.
    """
    from runbook.redaction import redacting

    names = redacting.pseudonyms_for(key, deployment)
    servers, done = (tuple(map(names.server, given)) for given in (question.servers, question.done))
    asked = replace(question, servers=servers, done=done)
    hidden, seen, before = redacting.redacted(
        names,
        (deployment, facts, baseline),
        lambda real: report(real[0], real[1], now, question, real[2]),
        lambda named: report(named[0], named[1], now, asked, named[2]),
    )
    said, again = report(deployment, facts, now, question, baseline), report(hidden, seen, now, asked, before)
    made, other = edition(deployment, facts, said), edition(hidden, seen, again)
    redacting.check_same(names, (said, again), (made.plan, other.plan))
    return MadeFrom(hidden, seen, before), other


def load_facts(directory: Path | None) -> dict[str, HostFacts]:
    """The facts of a directory; none where no directory is given."""
    return facts_store.load(directory) if directory else {}
