"""Are the choices for the change made, the same on every server, and recorded?"""

from collections import Counter
from difflib import get_close_matches

from checker.checks.mechanism import Case, Word, asked, check, failed, passed, said_by, unseen
from checker.inputs import answer_text
from checker.inputs.answers import SupportLine
from checker.inputs.deployment import Deployment, Server
from checker.legible import several
from checker.report import Measure
from checker.schedule.common_tasks import blanks
from checker.schedule.order import database_server, order


def _options(deployment: Deployment, server: Server) -> dict[str, str]:
    return {" ".join(option.casefold().split()): option for option in deployment.options_on(server)}


def _difference(deployment: Deployment, server: Server, measure: Server) -> str | None:
    if deployment.migrates(server) != deployment.migrates(measure):
        says = {True: "uses the migration script", False: "does not use it", None: "does not say"}
        return (
            f"{server.name}: {says[deployment.migrates(server)]}; {measure.name}: {says[deployment.migrates(measure)]}"
        )
    own, wanted = _options(deployment, server), _options(deployment, measure)
    if own.keys() == wanted.keys():
        return None
    lacks, extra = sorted(wanted.keys() - own.keys()), sorted(own.keys() - wanted.keys())
    parts = [f"lacks {wanted[option]!r}" for option in lacks]
    for option in extra:
        near = get_close_matches(option, lacks, 1, 0.8)
        parts.append(f"has {own[option]!r}" + (f" (a spelling of {wanted[near[0]]!r}?)" if near else ""))
    return f"{server.name}: {', '.join(parts)}"


@check(
    "migration-options-consistent",
    "The same migration options are chosen on every server",
    subject="deployment",
    severity="blocker",
    stages=("change", "server"),
    demands=("V06", "V16", "V19", "V22"),
    waivable=False,
    remedy=(
        "Choose one set of options, write it under migration.options, and remove it from the servers. "
        "What is migrated on the Database server is migrated on all.",
    ),
)
def migration_options_consistent(case: Case) -> Word:
    """Compared with the Database server's choice; order, case and blanks do not matter."""
    deployment = case.deployment
    ordered = order(deployment.servers)
    measure = database_server(deployment) or ordered[0]
    different = [line for server in ordered if (line := _difference(deployment, server, measure))]
    expected = f"as on {measure.name}: {', '.join(deployment.options_on(measure)) or 'no options'}"
    if different:
        return failed(
            f"different from {measure.name}: {len(different)} of {several(len(ordered), 'server')}",
            *different,
            expected=expected,
        )
    script, options = deployment.migrates(measure), deployment.options_on(measure)
    if script is None:
        return unseen(
            "not declared: whether the migration script is used",
            expected="migration: {script: true, options: […]} or migration: {script: false}",
            remedy=("Write migration.script: true or false into the deployment file.",),
        )
    if not script:
        if options:
            return failed("options are listed, but migration.script is false", *options, expected="one or the other")
        return passed("no server uses the migration script")
    if not options:
        return unseen(
            "the migration script is used, but its options are not declared",
            expected="migration.options, word for word as the vendor's procedure names them",
            remedy=("Write the options into migration.options, as your copy of the vendor's procedure names them.",),
        )
    return passed(
        f"the same {several(len(options), 'option')} on {several(len(ordered), 'server')}", *options, expected=expected
    )


@check(
    "procedure-complete",
    "The site's procedure has the commands for every step",
    subject="deployment",
    severity="blocker",
    stages=("two-days",),
    demands=("V05", "V16", "V23"),
    remedy=(
        "Copy the commands and prompts of the vendor's single-server procedure, from your licensed copy, "
        "into the procedure section.",
    ),
)
def procedure_complete(case: Case) -> Word:
    """The vendor's commands are not known to us: what the site does not give is missing on the sheet."""
    open_steps = [(server, kind) for server, kind in blanks(case.deployment) if server is not None]
    if not open_steps:
        source = case.deployment.procedure.source or "an unnamed source"
        return passed(f"all commands are there, copied from {source}")
    by_kind = Counter(kind for _, kind in dict.fromkeys(open_steps))
    return failed(
        several(len(open_steps), "command") + " missing from the procedure",
        *(f"{kind}: missing on {several(count, 'server')}" for kind, count in by_kind.items()),
        expected="a line under procedure for each kind of step and role",
        measure=Measure(value=len(open_steps), unit="blanks", worse="more"),
    )


@check(
    "support-line",
    "The vendor's support line is confirmed",
    subject="deployment",
    severity="blocker",
    stages=("two-days",),
    demands=("V10",),
    remedy=(
        "Call Sophos Technical Support, open a case for the night, and write change.support: phone, contract or case.",
        answer_text.remedy("support-line"),
        "If support has ended for good: {support-line: {ended: {accepted_by: …, ticket: …}, by: …, at: …}}.",
    ),
)
def support_line(case: Case) -> Word:
    """A call is the only remedy that the vendor names: it must work at night, on a valid contract."""
    support = case.deployment.change.support
    declared = (("phone", support.phone), ("contract", support.contract), ("case", support.case))
    reach = [f"{key}: {value}" for key, value in declared if value]
    hours = (f"hours: {support.hours}",) if support.hours else ()
    expected = "a phone, contract or case, and an answer that the line is confirmed for the window"
    answer = case.answer(SupportLine)
    if answer and answer.ended:
        return passed(
            f"support has ended for good: accepted by {answer.ended.accepted_by}, {answer.ended.ticket}",
            said_by(answer),
            expected=expected,
        )
    if answer and not answer.confirmed:
        return failed(
            "the vendor's support is not available during the window", *reach, said_by(answer), expected=expected
        )
    if not reach:
        return asked("no phone, contract or case is declared", expected=expected)
    if not answer:
        return asked("the support line is not confirmed for the window", *reach, *hours, expected=expected)
    return passed("declared and confirmed", *reach, *hours, said_by(answer), expected=expected)
