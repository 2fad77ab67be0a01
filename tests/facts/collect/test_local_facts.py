"""The local collector as a whole, and what it says of the machine and its programs."""

import json
import os
import time
from pathlib import Path

import jsonschema
from this_machine import NOW, SAMPLE, facts_at, output

from checker.facts import facts_store
from checker.facts.catalogue import CATALOGUE, CPUS, EUID, LISTENERS, MEMORY, OPEN_FILES, PROCESSES
from checker.facts.collect.guarded_look import look
from checker.facts.collect.local import choose_server, collect
from checker.facts.host_facts import Known, Unknown, read
from checker.facts.probe.script import PROBE_SHARE, script
from checker.facts.what_was_asked import asked_of
from checker.inputs.deployment_file import load


def test_every_fact_of_the_catalogue_is_a_value_or_an_explained_unknown(tmp_path: Path) -> None:
    facts = facts_at(tmp_path)
    assert set(facts.facts) == set(CATALOGUE)
    for path, fact in facts.facts.items():
        if isinstance(fact, Known):
            read(facts, CATALOGUE[path])
            assert fact.how
            assert fact.unit == CATALOGUE[path].unit
        else:
            assert len(fact.unknown) > 5


def test_what_was_collected_comes_back_from_the_facts_directory_and_fits_its_schema(tmp_path: Path) -> None:
    facts = facts_at(tmp_path)
    written = facts_store.save(tmp_path / "facts", facts)
    assert facts_store.load(tmp_path / "facts") == {"this-host": facts}
    jsonschema.validate(json.loads(written.read_text()), facts_store.schema())


def test_the_sample_for_this_machine_collects_without_an_installation(tmp_path: Path) -> None:
    deployment = load(SAMPLE)
    server = choose_server(deployment, None, os.uname().nodename)
    facts, raw = collect(server, deployment, NOW)
    assert raw.startswith("@probe 1 ")
    assert (facts.server, facts.via, facts.outcome, facts.collected_at) == ("this-host", "local", "ok", NOW)
    assert read(facts, EUID) == os.geteuid()
    assert facts.asked == asked_of(deployment)
    assert facts.script_digest and f"PMX_SCRIPT='{facts.script_digest}'" in script(deployment, server, 60 * PROBE_SHARE)


def test_a_look_that_never_returns_is_given_up(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")  # opening it waits for a writer, as a dead file server makes one wait
    begun = time.monotonic()
    found = look(MEMORY, lambda: (len((tmp_path / "pipe").read_bytes()), "pipe"), 0.2)
    assert found["memory.total_kib"] == Unknown(unknown="no answer within 0.2 s")
    assert time.monotonic() - begun < 5
    with (tmp_path / "pipe").open("wb"):
        pass  # lets the waiting reader go


def test_memory_processors_and_limits_are_what_the_machine_says() -> None:
    facts = facts_at("/nowhere")
    kib = dict(line.split(":") for line in Path("/proc/meminfo").read_text().splitlines())["MemTotal"]
    assert read(facts, MEMORY) == int(kib.split()[0])
    assert read(facts, CPUS) == int(output("getconf", "_NPROCESSORS_ONLN"))
    soft, hard = (output("sh", "-c", f"ulimit {flag} -n").strip() for flag in ("-S", "-H"))
    limit = read(facts, OPEN_FILES)
    assert [str(value) if value is not None else "unlimited" for value in (limit.soft, limit.hard)] == [soft, hard]


def test_a_program_that_runs_and_listens_is_seen_with_its_port() -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as server:
        facts = facts_at("/nowhere")
        port = server.getsockname()[1]
    mine = Path("/proc/self/comm").read_text().strip()
    assert [row.process for row in read(facts, LISTENERS) if row.port == port] == [mine]
    assert mine in {row.name for row in read(facts, PROCESSES)}
