"""The report as JUnit XML: what counts now and fails is a failure, what is unknown an error, and the verdict a case."""

from collections.abc import Iterator
from datetime import UTC
from typing import Literal
from xml.etree import ElementTree as ET

from checker.legible import visible
from checker.outputs import by_subject, not_due
from checker.report import Finding, Report, stops, wording

Result = Literal["passed", "failure", "error", "skipped"]
DEPLOYMENT = "deployment"
VERDICT = "verdict"  # a name that no check has


def to_junit(report: Report) -> str:
    """JUnit XML: a suite for the deployment and one per server, a case per finding, time 0 at the report's now.

    Only what can hold the verdict back fails or errs; an open finding that does not is told in its suite's output. The
    suite of the deployment has what was left out on request, as skipped, and the verdict, which fails unless it is GO:
    a run is red exactly where the command's exit code is not 0.
    """
    root = ET.Element("testsuites")
    for number, (server, findings) in enumerate(by_subject(report).items()):
        root.append(_suite(report, number, server, findings))
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def result(finding: Finding, strict: bool) -> Result:
    """What a finding is to JUnit: passed, failure, error (could not look, or awaits a person) or skipped."""
    if not finding.due or finding.outcome in ("not-applicable", "waived"):
        return "skipped"
    if not stops(finding, strict) or finding.outcome == "pass":
        return "passed"
    return "failure" if finding.outcome == "fail" else "error"


def _suite(report: Report, number: int, server: str | None, findings: list[Finding]) -> ET.Element:
    name = visible(server or DEPLOYMENT)
    cases = [_case(report, finding, name) for finding in findings]
    if server is None:
        cases += [*_left_out(report), _verdict(report)]
    suite = ET.Element(
        "testsuite",
        name=name,
        package=visible(report.deployment),
        id=str(number),
        hostname=name if server else "localhost",
        timestamp=report.now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S"),
        tests=str(len(cases)),
        failures=_count(cases, "failure"),
        errors=_count(cases, "error"),
        skipped=_count(cases, "skipped"),
        time="0",
    )
    properties = ET.SubElement(suite, "properties")
    if server is None:
        for key, value in _about(report):
            ET.SubElement(properties, "property", name=key, value=visible(value))
    suite.extend(cases)
    ET.SubElement(suite, "system-out").text = "\n".join(_told(report, server, findings))
    ET.SubElement(suite, "system-err")
    return suite


def _count(cases: list[ET.Element], said: Result) -> str:
    return str(sum(case.find(said) is not None for case in cases))


def _left_out(report: Report) -> Iterator[ET.Element]:
    for check in report.skipped:
        case = ET.Element("testcase", name=visible(check), classname=DEPLOYMENT, time="0")
        ET.SubElement(case, "skipped", message="left out on request (--only or --skip)")
        yield case


def _verdict(report: Report) -> ET.Element:
    case = ET.Element("testcase", name=VERDICT, classname=DEPLOYMENT, time="0")
    if report.verdict != "GO":
        left_out = f"; left out on request: {', '.join(report.skipped)}" if report.skipped else ""
        ET.SubElement(case, "failure", message=visible(f"{wording(report)}{left_out}"), type=report.verdict)
    return case


def _about(report: Report) -> Iterator[tuple[str, str]]:
    yield "tool", f"{report.tool} {report.tool_version}"
    yield "rules", report.rules_version
    yield "stage", report.stage
    yield "verdict", wording(report)
    yield "rehearsal", "yes" if report.rehearsal else "no"
    yield "now_given", "yes" if report.now_given else "no"
    yield "deployment_digest", report.deployment_digest
    yield "facts_id", report.facts_id or "none"
    yield "left_out", ", ".join(report.skipped) or "none"


def _case(report: Report, finding: Finding, name: str) -> ET.Element:
    case = ET.Element("testcase", name=visible(finding.check), classname=name, time="0")
    said = result(finding, report.strict)
    if said in ("failure", "error"):
        child = ET.SubElement(case, said, message=_message(finding), type=finding.outcome)
        child.text = "\n".join(_details(finding))
    elif said == "skipped":
        ET.SubElement(case, said, message=_reason(report, finding))
    return case


def _message(finding: Finding) -> str:
    said = {"unknown": "unknown: ", "manual": "awaits a person: "}.get(finding.outcome, "")
    return visible(f"{said}{finding.message}")


def _details(finding: Finding) -> Iterator[str]:
    yield _message(finding)
    yield from (visible(f"observed: {line}") for line in finding.observed)
    if finding.expected:
        yield visible(f"expected: {finding.expected}")
    yield from (visible(f"remedy: {line}") for line in finding.remedy)


def _reason(report: Report, finding: Finding) -> str:
    if finding.outcome == "not-applicable":
        return visible(f"not applicable: {finding.message}")
    if finding.outcome == "waived" and (waiver := finding.waiver):
        terms = f"waived by {waiver.by} ({waiver.ticket}) until {waiver.until}: {waiver.reason}"
        return visible(f"{terms}; {finding.message}")
    if finding.outcome == "waived":
        return visible(f"waived: {finding.message}")
    return visible(f"{not_due(finding, report, None)}; {finding.outcome} so far: {finding.message}")


def _told(report: Report, server: str | None, findings: list[Finding]) -> Iterator[str]:
    if server in report.not_judged:
        yield f"not checked: left out of this report{', except its identity (V07)' if findings else ''}"
    for finding in findings:
        if finding.outcome != "pass" and result(finding, report.strict) == "passed":
            yield visible(f"{finding.check} ({finding.severity}, {finding.outcome}): {finding.message}")
