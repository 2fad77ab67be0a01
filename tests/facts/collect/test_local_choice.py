"""Which server of a deployment this machine is."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from checker.errors import InputError
from checker.facts.collect.local import choose_server
from checker.inputs.deployment import Deployment
from checker.inputs.deployment_file import load

NOW = datetime(2026, 12, 3, 9, 30, tzinfo=UTC)
SAMPLE = Path(__file__).parents[3] / "samples" / "this-host.yaml"


def with_servers(*servers: tuple[str, str | None]) -> Deployment:
    rows = [{"name": name, "hostname": hostname, "roles": ["mta"]} for name, hostname in servers]
    return Deployment.model_validate({**load(SAMPLE).model_dump(), "servers": rows})


@pytest.mark.parametrize(
    ("running", "chosen"),
    [
        ("mail1.example.net", "mx1"),
        ("MAIL1", "mx1"),
        ("mail1.other.example", "mx1"),
        ("mx2", "mx2"),
        ("mx2.example.net", "mx2"),
        ("mail3.b.example", "mx3b"),
    ],
)
def test_this_machine_is_the_server_that_is_declared_with_its_name(running: str, chosen: str) -> None:
    deployment = with_servers(
        ("mx1", "mail1.example.net"), ("mx2", None), ("mx3a", "mail3.a.example"), ("mx3b", "mail3.b.example")
    )
    assert choose_server(deployment, None, running).name == chosen


def test_a_name_given_by_hand_decides() -> None:
    assert choose_server(with_servers(("mx1", None), ("mx2", None)), "mx2", "mx1").name == "mx2"


def test_a_misspelled_name_gets_the_one_that_was_meant() -> None:
    with pytest.raises(InputError, match=r"no server pmx-bd1 in this-host: did you mean pmx-db1\?"):
        choose_server(with_servers(("pmx-db1", None), ("mx2", None)), "pmx-bd1", "mx1")


def test_a_machine_that_no_server_is_or_that_two_can_be_must_be_named() -> None:
    two = with_servers(("a", "mail.a.example"), ("b", "mail.b.example"))
    for running, words in (("laptop", "no server of this-host is declared"), ("mail", "can be a, b")):
        with pytest.raises(InputError, match=rf"{words}.*--server NAME"):
            choose_server(two, None, running)


def test_the_only_server_is_taken_whatever_the_machine_is_called() -> None:
    assert choose_server(with_servers(("pmx", "pmx.example.net")), None, "laptop").name == "pmx"
