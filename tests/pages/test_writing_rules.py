"""The rules that the shipped sentences are held to find what they forbid."""

from collections.abc import Callable

import pytest
from writing_rules import (
    DRAWN,
    NEVER,
    VENDORS,
    hidden_action,
    second_action,
    shouted,
    stateless,
    twice_negated,
)


@pytest.mark.parametrize(
    ("rule", "bad", "good"),
    [
        (second_action, "Stop the product and remove the tree", "Stop publishing and policy editing"),
        (second_action, "Drain mx1, close its intake", "Make a list, as root"),
        (second_action, "Close it; wait", 'Call out "a; b"'),
        (second_action, "Close it then wait", "Close it before mail comes"),
        (hidden_action, "From here no way back. Call the coordinator.", "No reboot; do not call it done."),
        (hidden_action, "The same options, and write them down.", "The same options, and no others."),
        (stateless, "Everything is checked", "Every service runs"),
        (stateless, "GO; OK", "GO; 0 messages"),
        (stateless, "Look at the log", "0 errors in the log"),
        (stateless, "A good feeling", "The queue shrinks"),
        (twice_negated, "Nothing passes unfiltered", "Nothing is lost, and nobody waits"),
        (twice_negated, "It is not unlikely", "No name and no address changes"),
        (shouted, "Mail is REJECTED", "HOLD: the CSM is NO-GO"),
        (NEVER.search, "The queue should be empty", "The queue is empty"),
        (NEVER.search, "the *new* tree", "the **new** tree, a * b"),
        (DRAWN.search, "Tick one: [ ] yes", "[OK] is a log line"),
        (DRAWN.search, "Held until ____", "out_lb"),
        (VENDORS.search, "run pmx-qman", "PureMessage runs"),
        (VENDORS.search, "the script with -f", "a follow-up"),
    ],
)  # fmt: skip
def test_each_rule_finds_what_it_forbids_and_nothing_else(rule: Callable[[str], object], bad: str, good: str) -> None:
    assert rule(bad) and not rule(good)
