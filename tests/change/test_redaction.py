"""What outsiders see: nobody finds a name in it, and it is judged and ordered as what it was made from."""

import random
import stat
import sys
from collections.abc import Iterator
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path
from types import NoneType
from typing import Any, get_args, get_origin

import pytest
from canaries import SOUGHT, found_in, with_canaries
from printed_samples import NOW, PRINTED, SAMPLES
from pydantic import BaseModel

from checker.errors import InputError
from checker.facts.catalogue import CATALOGUE
from checker.inputs.answers import KINDS
from checker.inputs.deployment import Deployment
from checker.inputs.waivers import Waiver
from checker.report import Report
from runbook.cli import common_arguments, pipeline
from runbook.cli.main import main
from runbook.redaction import redacting, rules, secret
from runbook.redaction.pseudonyms import Pseudonyms

KEY = b"k" * 32
LABELS = ["mx1", "MX1", "Mx1", "mx-1", "mx1.", "mx11", "mxl", "mx1.example.net", "MX1.example.net", "mx1.Example.net"]


def texts(annotation: Any, place: str) -> Iterator[str]:
    """The places at which a type has texts."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        for name, field in annotation.model_fields.items():
            yield from texts(field.annotation, f"{place}.{name}" if place else name)
    elif get_origin(annotation) is dict:
        key, value = get_args(annotation)
        yield from texts(key, f"{place}.*key")
        yield from texts(value, f"{place}.*")
    elif annotation is str:
        yield place
    else:
        for inner in get_args(annotation):
            inside = str if isinstance(inner, str) else inner
            yield from texts(inside, place) if inside not in (NoneType, ...) else ()


def test_each_fact_and_each_text_in_one_has_its_rule() -> None:
    told = {*rules.FACTS}
    assert [path for path in CATALOGUE if not any(row == path or row.startswith(f"{path}.") for row in told)] == []
    places = {place for path, fact in CATALOGUE.items() for place in texts(fact.type, path)}
    assert sorted(places - {*rules.FACTS}) == []


def test_each_text_of_a_deployment_has_its_rule() -> None:
    places = {place for place in texts(Deployment, "") if not place.startswith("answers")}
    assert sorted(places - {*rules.DEPLOYMENT}) == []
    asked = {place.rpartition(".")[2] for kind in KINDS.values() for place in texts(kind, "")} - {"*key"}
    assert sorted(asked - {*rules.ANSWERS}) == []


def test_what_is_written_nearly_alike_has_other_pseudonyms() -> None:
    chance = random.Random(7)
    names = Pseudonyms(KEY)
    words = {*LABELS, "mx1-a", "mx_1"}
    for _ in range(500):
        word = "".join(chance.choice("aAbB.-1") for _ in range(chance.randrange(1, 7))).strip(".-")
        words |= {word} if word and ".." not in word else set()
    for rule in (names.host, names.path, names.text, lambda word: names.word("person", word)):
        assert len({rule(word) for word in words}) == len(words)
    assert names.host("MX1").casefold() == names.host("mx1").casefold()  # one host, as host names compare
    assert names.host("mx1.example.net").startswith(names.host("mx1") + ".")


def test_addresses_share_the_networks_that_they_shared_and_no_more() -> None:
    chance, names = random.Random(8), Pseudonyms(KEY)
    given = [str(ip_address(chance.getrandbits(size))) for size in (32, 128) for _ in range(20)]
    given += ["192.0.2.1", "192.0.2.2", "192.0.2.129", "10.1.2.3", "10.1.2.4", "192.168.7.7", "fe80::1", "fc00::2"]
    pairs = [(ip_address(text), ip_address(names.address(text))) for text in given]
    for real, made in pairs:
        for other, its in pairs:
            if real.version == other.version:
                assert (int(real) ^ int(other)).bit_length() == (int(made) ^ int(its)).bit_length()
        assert (real.is_loopback, real.is_multicast) == (made.is_loopback, made.is_multicast)
        assert real.is_link_local == made.is_link_local
    assert names.address("127.0.0.1") == "127.0.0.1"
    assert names.address("::ffff:192.0.2.1").partition("ffff:")[2] == names.address("192.0.2.1")
    assert names.address("fe80::1%eth0").endswith("%eth0")


def test_of_a_path_only_what_every_installation_has_is_kept() -> None:
    names = Pseudonyms(KEY)
    made = names.path("/opt/pmx/acme/var/log").split("/")
    assert (made[:3], made[4:]) == (["", "opt", "pmx"], ["var", "log"])
    assert "acme" not in made[3]
    assert names.path("/etc/rc3.d/S99acme").startswith("/etc/rc3.d/S99dir-")


@pytest.mark.parametrize("command", [
    "rm -rf /opt/pmx", "sudo shutdown -h now", "echo 'not closed", "dd if=/dev/zero of=/dev/sda", "ssh mx1 'reboot'",
])  # fmt: skip
def test_what_a_command_does_is_still_seen_in_it(command: str) -> None:
    from checker.checks.shell import commands, dangers

    made = Pseudonyms(KEY, frozenset({"mx1"})).text(command)
    said = [[bool(danger) for words in commands(each) for danger in dangers(words)] for each in (command, made)]
    assert said[0] == said[1]
    assert made.count("'") == command.count("'")


@PRINTED
def test_a_sample_has_the_same_verdict_outcomes_and_order(name: str) -> None:
    deployment = common_arguments.read_deployment(SAMPLES / name / "deployment.yaml")
    facts = pipeline.load_facts(SAMPLES / name / "facts")
    before = SAMPLES / name / "baseline"
    baseline = pipeline.load_facts(before) if before.is_dir() else None
    now = common_arguments.parse_time(NOW[name], deployment)
    question = pipeline.Question(stage="server")
    said = pipeline.report(deployment, facts, now, question, baseline)
    _, made = pipeline.redacted(KEY, deployment, facts, baseline, now, question)
    assert (made.report.verdict, made.report.counts) == (said.verdict, said.counts)
    names = redacting.pseudonyms_for(KEY, deployment)
    assert made.report.servers == tuple(names.server(server) for server in said.servers)
    assert set(made.report.servers).isdisjoint(said.servers)


def test_what_is_waived_by_its_printed_line_stays_waived() -> None:
    deployment = common_arguments.read_deployment(SAMPLES / "no-go" / "deployment.yaml")
    facts, names = pipeline.load_facts(SAMPLES / "no-go" / "facts"), redacting.pseudonyms_for(KEY, deployment)
    now = common_arguments.parse_time(NOW["no-go"], deployment)
    question = pipeline.Question(only=("identity-declared", "undeclared-peer", "target-absent"), stage="server")

    def judged(given: redacting.Inputs) -> Report:
        return pipeline.report(given[0], given[1], now, question, given[2])

    finding, observed = next(
        (each, line)
        for each in judged((deployment, facts, None)).findings
        for line in (each.message, *each.observed)
        if each.to_waive and any(server.name in line or server.addresses[0] in line for server in deployment.servers)
    )
    waiver = Waiver(
        check=finding.check, server=finding.server, observed=observed, reason="known", by="A. Example",
        ticket="CHG1", until=now.date() + timedelta(days=9),
    )  # fmt: skip
    waived = deployment.model_copy(update={"waivers": (waiver,)})
    made = redacting.redacted(names, (waived, facts, None), judged, judged)
    outcomes = {(each.check, each.server): each.outcome for each in judged(made).findings}
    assert outcomes[finding.check, finding.server and names.server(finding.server)] == "waived"
    assert made[0].waivers[0].observed != observed


def bundle(monkeypatch: pytest.MonkeyPatch, *arguments: object, command: str = "support-bundle") -> int:
    monkeypatch.setattr(sys, "argv", ["pmx-preflight", command, *map(str, arguments)])
    with pytest.raises(SystemExit) as ended:
        main()
    return int(ended.value.code or 0)


def contents(directory: Path) -> dict[str, bytes]:
    return {path.relative_to(directory).as_posix(): path.read_bytes() for path in directory.rglob("*.*")}


def test_no_canary_is_in_a_bundle(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    key = tmp_path / "a.key"
    assert bundle(monkeypatch, *with_canaries(tmp_path), "-o", tmp_path / "bundle", "--key", key) == 0
    made = contents(tmp_path / "bundle")
    assert {"report.json", "plan.json", "versions.json"} < set(made)
    assert found_in(tmp_path / "bundle") == []
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert not any(secret.key_of(key)[0].hex().encode() in each for each in made.values())


def test_no_canary_is_in_a_redacted_deployment_whatever_is_printed_of_it(tmp_path: Path) -> None:
    deployment = common_arguments.read_deployment(Path(with_canaries(tmp_path)[0]))
    made = redacting.redacted_deployment(redacting.pseudonyms_for(KEY, deployment), deployment)
    assert [word for word in SOUGHT if word in made.model_dump_json().lower()] == []


@pytest.mark.large
def test_one_key_makes_the_same_bundle_each_time_and_another_key_another(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    given = with_canaries(tmp_path)
    for name, key in (("one", "a.key"), ("again", "a.key"), ("other", "b.key")):
        assert bundle(monkeypatch, *given, "-o", tmp_path / name, "--key", tmp_path / key) == 0
    one, again, other = (contents(tmp_path / name) for name in ("one", "again", "other"))
    assert one == again
    assert set(one) & set(other) == {"report.json", "plan.json", "versions.json", "README.txt"}


def test_one_key_gives_the_same_names_each_time_and_another_key_others() -> None:
    one, again, other = (
        {rule(Pseudonyms(key), text) for rule in (Pseudonyms.host, Pseudonyms.path, Pseudonyms.text) for text in LABELS}
        for key in (KEY, KEY, b"o" * 32)
    )
    assert one == again
    assert one.isdisjoint(other)


def test_a_canary_is_found_where_nothing_is_redacted(tmp_path: Path) -> None:
    deployment, _, facts, *_ = with_canaries(tmp_path)
    assert len(SOUGHT) >= 12
    assert {word for _, word in found_in(Path(deployment).parent)} == {*SOUGHT}
    assert found_in(Path(facts)) != []


@pytest.mark.large
def test_no_canary_is_in_a_redacted_package(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    given = with_canaries(tmp_path)
    more = ("--redact", "--key", tmp_path / "a.key", "--no-cache")
    assert bundle(monkeypatch, *given, "-o", tmp_path / "package", *more, command="package") == 0
    assert found_in(tmp_path / "package") == []
    assert bundle(monkeypatch, *given, "-o", tmp_path / "real", "--no-cache", command="package") == 0
    assert found_in(tmp_path / "real") != []


def test_what_would_be_judged_otherwise_is_refused() -> None:
    deployment = common_arguments.read_deployment(SAMPLES / "harbour-mail" / "deployment.yaml")
    facts = pipeline.load_facts(SAMPLES / "harbour-mail" / "facts")
    now = common_arguments.parse_time(NOW["harbour-mail"], deployment)
    one, other = (pipeline.report(deployment, seen, now, pipeline.Question()) for seen in (facts, {}))
    plan = pipeline.edition(deployment, facts, one).plan
    names = redacting.pseudonyms_for(KEY, deployment)
    with pytest.raises(InputError, match=r"would be judged otherwise, so nothing was written: .*reachable"):
        redacting.check_same(names, (one, other), (plan, plan))


def test_a_key_that_others_may_read_or_that_is_none_is_refused(tmp_path: Path) -> None:
    key, is_new = secret.key_of(tmp_path / "key")
    assert (is_new, secret.key_of(tmp_path / "key")) == (True, (key, False))
    (tmp_path / "key").chmod(0o640)
    with pytest.raises(InputError, match="others may read this key"):
        secret.key_of(tmp_path / "key")
    (tmp_path / "mine").write_text("a poem")
    with pytest.raises(InputError, match="is no key"):
        secret.key_of(tmp_path / "mine")


def test_the_key_never_lies_in_what_is_sent_and_nothing_that_is_there_is_replaced(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = with_canaries(tmp_path)
    (tmp_path / "out").mkdir()
    assert bundle(monkeypatch, *given, "-o", tmp_path / "out", "--key", tmp_path / "out" / "key") == 2
    (tmp_path / "out" / "mine").write_text("mine")
    assert bundle(monkeypatch, *given, "-o", tmp_path / "out", "--key", tmp_path / "key") == 2
    told = capsys.readouterr().err
    assert "would be sent with" in told
    assert "holds something already" in told
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["mine"]
