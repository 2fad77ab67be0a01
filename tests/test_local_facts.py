"""The local collector as a whole, and what it says of the machine and its programs."""

import json
import os
import subprocess
import time
from datetime import UTC, datetime
from pathlib import Path

import jsonschema
import pytest

from checker import facts_store
from checker.collect.local import choose_server, collect
from checker.collect.local_platform import distribution
from checker.collect.local_starters import starters_below
from checker.collect.looking import CouldNotLook, look, run
from checker.deployment import Paths
from checker.deployment_file import load
from checker.facts import (
    CATALOGUE,
    CPUS,
    EUID,
    LISTENERS,
    MEMORY,
    OPEN_FILES,
    PROCESSES,
    HostFacts,
    Known,
    Unknown,
    read,
)

NOW = datetime(2026, 12, 3, 9, 30, tzinfo=UTC)
SAMPLE = Path(__file__).parent.parent / "samples" / "this-host.yaml"


def output(*argv: str) -> str:
    return subprocess.run(
        argv, check=True, capture_output=True, text=True, env={**os.environ, "LC_ALL": "C"}, stdin=subprocess.DEVNULL
    ).stdout


def facts_at(root: Path | str, timeout: float = 60.0, **paths: str) -> HostFacts:
    """The facts of this machine with the product's trees under a root."""
    places = Paths.model_validate({"source": f"{root}/pmx", "target": f"{root}/pmx6", **paths})
    deployment = load(SAMPLE).model_copy(update={"paths": places})
    return collect(deployment.servers[0], deployment, NOW, timeout)


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
    facts = collect(server, deployment, NOW)
    assert (facts.server, facts.via, facts.outcome, facts.collected_at) == ("this-host", "local", "ok", NOW)
    assert read(facts, EUID) == os.geteuid()


def test_a_broken_look_hurts_no_other_fact() -> None:
    def broken() -> tuple[int, str]:
        raise ZeroDivisionError("nothing to divide")

    assert look(CPUS, broken) == {"platform.cpus": Unknown(unknown="ZeroDivisionError: nothing to divide")}
    assert look(MEMORY, lambda: (1024, "here"))["memory.total_kib"] == Known(value=1024, unit="KiB", how="here")


def test_a_look_that_never_returns_is_given_up(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")  # opening it waits for a writer, as a dead file server makes one wait
    begun = time.monotonic()
    found = look(MEMORY, lambda: (len((tmp_path / "pipe").read_bytes()), "pipe"), 0.2)
    assert found["memory.total_kib"] == Unknown(unknown="no answer within 0.2 s")
    assert time.monotonic() - begun < 5
    with (tmp_path / "pipe").open("wb"):
        pass  # lets the waiting reader go


def test_a_command_that_is_absent_fails_or_hangs_is_said_to(tmp_path: Path) -> None:
    with pytest.raises(CouldNotLook, match="`no-such-command` is not on this machine"):
        run(["no-such-command"])
    with pytest.raises(CouldNotLook, match=r"`ls /no/such/place` failed \(2\)"):
        run(["ls", "/no/such/place"])
    begun = time.monotonic()
    with pytest.raises(CouldNotLook, match=r"`tail -f /dev/null` .*0\.2 s"):
        run(["tail", "-f", "/dev/null"], 0.2)
    with pytest.raises(CouldNotLook, match="`yes` printed more than"):
        run(["yes"])
    assert time.monotonic() - begun < 5


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


def test_the_distribution_is_read_from_older_release_files_too(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc" / "redhat-release").write_text("\nRed Hat Enterprise Linux Server release 5.11 (Tikanga)\n")
    assert distribution(tmp_path)[0] == "Red Hat Enterprise Linux Server release 5.11 (Tikanga)"


def test_what_starts_the_product_is_named_and_nothing_else(tmp_path: Path) -> None:
    files = {
        "etc/init.d/pmx-milter": "#!/bin/sh\n",
        "etc/init.d/mailfilter": "#!/bin/sh\nexec /srv/puremessage/bin/start\n",
        "etc/init.d/pve-cluster": "#!/bin/sh\nexec /usr/bin/pmxcfs\n",
        "etc/init.d/pmx6": "#!/bin/sh\nexec /opt/pmx6/bin/start /srv/puremessage6\n",
        "etc/cron.d/preflight": "0 6 * * * root pmx-preflight check mail.yaml\n",
        "etc/systemd/system/mail.service": "[Service]\nUser=pmx\nExecStart=/bin/true\n",
        "var/spool/cron/crontabs/pmx": "0 * * * * true\n",
        "etc/crontab": "0 * * * * root /bin/true\n",
    }
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content)
    (tmp_path / "etc/rc3.d").mkdir()
    (tmp_path / "etc/rc3.d/S90pmx").symlink_to("../init.d/gone")
    (tmp_path / "etc/rc3.d/S91mail").symlink_to("../init.d/mailfilter")
    found, _ = starters_below(tmp_path, "/srv/puremessage")
    assert [str(Path(name).relative_to(tmp_path)) for name in found] == [
        "etc/init.d/mailfilter",
        "etc/init.d/pmx-milter",
        "etc/rc3.d/S90pmx",
        "etc/rc3.d/S91mail",
        "etc/systemd/system/mail.service",
        "var/spool/cron/crontabs/pmx",
    ]
