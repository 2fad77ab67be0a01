"""Reports that no deployment gave: of findings in a few words, and of any text that a host may send."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from checker.report import OUTCOMES, SEVERITIES, STAGES, Finding, Report, Stage, WaivedBy, counts, verdict
from checker.values import Basis

NOW = datetime(2026, 11, 25, 9, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")


def finding(check: str, server: str | None = "mx2", **said: Any) -> Finding:
    usual = {
        "severity": "blocker",
        "stages": ("change",),
        "due": True,
        "outcome": "fail",
        "message": f"{check} said so",
    }
    return Finding(check=check, server=server, basis=Basis(kind="ours"), **{**usual, **said})


def later(check: str, stage: Stage, days: int, **said: Any) -> Finding:
    return finding(check, **{"stages": (stage,), "due": False, "due_at": NOW + timedelta(days=days), **said})


def report_of(*findings: Finding, **said: Any) -> Report:
    strict, skipped = said.get("strict", False), said.get("skipped", ())
    usual = {
        "tool_version": "1.0",
        "rules_version": "1",
        "deployment": "acme-mail",
        "stage": "change",
        "now": NOW,
        "deployment_digest": "0123456789abcdef",
        "facts_id": "fedcba9876543210",
        "verdict": verdict(findings, strict, bool(skipped)),
        "counts": counts(findings),
        "servers": ("mx1", "mx2"),
        "findings": findings,
    }
    return Report(**{**usual, **said})


# Text as hosts may send it: any character, and more often those that terminals, XML and JSON trip over.
TRICKY = "ab \t\r\n\x00\x07\x1b\x7f\x85\x9b\u00a0\u00ad\u061c\u0301\u2028\u202e\u2066\ufeff\ufffe\uffff漢[]<>&\"'\\"
text = st.one_of(
    st.text(max_size=120),
    st.text(alphabet=TRICKY, max_size=60),
    st.lists(st.text(alphabet="abcxyz%/.", min_size=1, max_size=30), max_size=40).map(" ".join),
)
names = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_-]{0,20}", fullmatch=True)
moments = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))
waivers = st.builds(WaivedBy, by=text, ticket=text, reason=text, until=text)
stages = st.lists(st.sampled_from(STAGES), max_size=3, unique=True).map(lambda s: tuple(sorted(s, key=STAGES.index)))


@st.composite
def reports(draw: st.DrawFn) -> Report:
    servers = tuple(draw(st.lists(names, max_size=4, unique=True)))
    subjects = st.sampled_from((None, *servers))
    known = st.builds(
        Finding,
        check=names,
        server=subjects,
        severity=st.sampled_from(SEVERITIES),
        stages=stages,
        due=st.booleans(),
        due_at=st.none() | moments,
        owner=st.none() | names,
        outcome=st.sampled_from(OUTCOMES),
        message=text,
        observed=st.lists(text, max_size=2).map(tuple),
        expected=text,
        remedy=st.lists(text, max_size=2).map(tuple),
        basis=st.just(Basis(kind="vendor", refs=("V07",))),
        demands=st.just(("V07",)),
        waiver=st.none() | waivers,
    )
    findings = draw(st.lists(known, max_size=8, unique_by=lambda f: (f.check, f.server)))
    return report_of(
        *findings,
        servers=servers,
        stage=draw(st.sampled_from(STAGES)),
        strict=draw(st.booleans()),
        skipped=tuple(draw(st.lists(names, max_size=2))),
        not_judged=tuple(draw(st.lists(st.sampled_from(servers), unique=True))) if servers else (),
        facts_id=draw(st.none() | st.just("fedcba9876543210")),
    )


widths = st.integers(40, 200)
