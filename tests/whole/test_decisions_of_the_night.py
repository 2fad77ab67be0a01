"""What is decided in the night itself: a window that is prolonged, a server that is left for later, a rehearsal."""

from datetime import timedelta

import pytest
from worlds import healthy

from checker.errors import InputError


@pytest.mark.parametrize(
    ("until", "fault"),
    [
        ("2026-12-06T06:00", "is inside a declared window"),
        ("2026-12-06T05:00", "is inside a declared window"),
        ("2026-12-05T21:00", "extends no window"),
        ("2026-12-06T06:01", None),
        ("2026-12-07T06:00", None),
        ("2026-12-07T06:01", "extends no window"),
    ],
)
def test_an_extension_ends_within_a_day_after_the_window(until: str, fault: str | None) -> None:
    world = healthy("server")
    world.deployment["change"]["extended"] = {"until": until, "by": "C. Chair", "ticket": "CHG3"}
    if fault is None:
        start, end = world.declared().change.lasting[0]
        assert end > world.declared().change.nights[0][1] and start == world.declared().change.nights[0][0]
    else:
        with pytest.raises(InputError, match=fault):
            world.declared()


def test_a_server_is_left_for_later_once_and_by_its_name() -> None:
    world = healthy("server")
    left = {"server": "mx2", "reason": "its disk", "by": "C. Chair", "ticket": "CHG2"}
    world.deployment["change"]["deferred"] = [left, left]
    with pytest.raises(InputError, match="declared twice"):
        world.declared()
    world.deployment["change"]["deferred"] = [{**left, "server": "mx9"}]
    with pytest.raises(InputError, match="unknown server 'mx9'"):
        world.declared()


def test_of_a_server_that_is_left_for_later_only_its_identity_is_asked() -> None:
    world = healthy("server")
    left = {"server": "mx2", "reason": "its disk", "by": "C. Chair", "ticket": "CHG2"}
    world.deployment["change"]["deferred"] = [left]
    world.value("mx2", "source.entries", None)
    report = world.judged()
    assert report.verdict == "GO"
    asked = {f.check for f in report.findings if f.server == "mx2" and f.outcome != "not-applicable"}
    assert asked and all(check.startswith("identity-") for check in asked)


def test_a_rehearsal_on_another_day_is_at_best_not_cleared() -> None:
    world = healthy("server")
    world.now -= timedelta(days=2)
    world.collected(world.now - timedelta(minutes=15))
    world.baseline = {name: {**host, "collected_at": (world.now - timedelta(days=1)).isoformat()}
                      for name, host in (world.baseline or {}).items()}  # fmt: skip
    assert world.judged().verdict == "NO-GO"
    world.more["rehearsal"] = True
    report = world.judged()
    held = [f.check for f in report.findings if f.due and f.severity == "blocker" and f.outcome in ("fail", "unknown")]
    assert (report.verdict, held) == ("NOT-CLEARED", [])
