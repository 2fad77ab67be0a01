"""The list of what is open: each with its date, its owner and the line that answers it."""

from hypothesis import given
from invented_reports import BERLIN, finding, later, report_of, reports

from checker.inputs.answer_text import to_fill_in
from checker.outputs import todo
from checker.report import STAGES, Report


@given(reports())
def test_the_list_has_one_box_for_each_open_blocker_and_warning(report: Report) -> None:
    stage = STAGES.index(report.stage)
    asked = [f for f in report.findings if f.due or (f.stages and STAGES.index(f.stages[0]) > stage)]
    still_open = [f for f in asked if f.outcome in ("fail", "unknown", "manual") and f.severity != "info"]
    shown = todo.render(report, zone=BERLIN)
    owners = [line.removeprefix("    owner: ") for line in shown.splitlines() if line.startswith("    owner: ")]
    assert shown.count("\n[ ] ") == len(still_open)
    assert sorted(owners) == sorted(f.owner or "____" for f in still_open)
    assert ("Nothing is open." in shown) == (not still_open)


def test_the_list_goes_by_date_from_now_on_in_the_zone_of_the_change() -> None:
    report = report_of(
        later("backup-evidence", "server", 10, outcome="manual"),
        later("disk-space", "two-days", 8, remedy=("free space on /opt", "or look again"), owner="A. Example"),
        finding("reachable", "mx1", outcome="unknown"),
        finding("memory", severity="info"),
        later("clocks-agree", "one-hour", 0, due_at=None, severity="warning"),
    )
    assert todo.render(report, zone=BERLIN) == (
        "acme-mail: 4 open at stage change, 2026-11-25 10:00 CET (09:00 UTC)\n"
        "\n"
        "Now\n"
        "[ ] mx1: reachable (blocker, unknown): reachable said so\n"
        "    owner: ____\n"
        "\n"
        "By 2026-12-03 10:00 CET (09:00 UTC)\n"
        "[ ] mx2: disk-space (blocker, fail): disk-space said so\n"
        "    do: free space on /opt\n"
        "    owner: A. Example\n"
        "\n"
        "By 2026-12-05 10:00 CET (09:00 UTC)\n"
        "[ ] mx2: backup-evidence (blocker, manual): backup-evidence said so\n"
        f"    answer: {to_fill_in('backup-evidence')}\n"
        "    owner: ____\n"
        "\n"
        "No date known\n"
        "[ ] mx2: clocks-agree (warning, fail): clocks-agree said so\n"
        "    owner: ____\n"
        "\n"
        "pmx-preflight 1.0, rules 1, deployment 0123456789abcdef, facts fedcba9876543210\n"
    )


def test_the_list_has_blockers_before_warnings_that_fall_due_together() -> None:
    shown = todo.render(report_of(finding("a", severity="warning"), finding("z")), zone=None)
    assert shown.index("mx2: z (blocker") < shown.index("mx2: a (warning")
