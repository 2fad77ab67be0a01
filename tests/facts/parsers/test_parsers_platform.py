"""The machine, its memory and limits, what runs: each platform's own words and units."""

from datetime import UTC, datetime

import pytest

from checker.facts.fact_values import Limit, Process
from checker.facts.parsers import platform
from checker.facts.parsers.parsed import NotRead


def test_the_lines_of_uname_stand_for_one_fact_each() -> None:
    rows = ["SunOS", "5.10", "sun4v"]
    assert [platform.line(rows, number).value for number in range(3)] == rows
    with pytest.raises(NotRead, match="2 lines"):
        platform.line(rows[:2], 2)
    assert platform.line([*rows, "more"], 0).unread == ("more",)


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (['NAME="Debian GNU/Linux"', 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"'], "Debian GNU/Linux 12 (bookworm)"),
        (["PRETTY_NAME=Plain"], "Plain"),
        (["CentOS release 6.10 (Final)"], "CentOS release 6.10 (Final)"),
        (["        Oracle Solaris 10 1/13 s10x_u11wos_24a X86", "Copyright (c) 1983"],
         "Oracle Solaris 10 1/13 s10x_u11wos_24a X86"),
    ],
)  # fmt: skip
def test_the_distribution_is_named_as_its_own_file_names_it(rows: list[str], expected: str) -> None:
    assert platform.distribution(rows).value == expected


def test_an_os_release_without_a_name_names_nothing() -> None:
    with pytest.raises(NotRead):
        platform.distribution(["ID=x", "VERSION_ID=1"])


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (["4"], 4),
        (["hw.ncpu: 8"], 8),
        (
            [
                "0\ton-line   since 11/12/2026 04:40:01",
                "1\toff-line  since 11/12/2026 04:40:01",
                "2\ton-line   since x",
            ],
            2,
        ),
        (["proc0 Available 00-00 Processor", "proc2 Defined   00-02 Processor"], 1),
    ],
)
def test_processors_online_are_counted(rows: list[str], expected: int) -> None:
    read = platform.cpus(rows)
    assert (read.value, read.unread) == (expected, ())


def test_processors_in_unknown_words_are_not_counted() -> None:
    with pytest.raises(NotRead):
        platform.cpus(["many"])
    assert platform.cpus(["0 on-line since x", "what?"]).unread == ("what?",)


@pytest.mark.parametrize(
    ("row", "command", "expected"),
    [
        ("MemTotal:        8167848 kB", "grep MemTotal: /proc/meminfo", 8167848),
        ("Memory size: 4096 Megabytes", "prtconf", 4096 * 1024),
        ("Memory size: 2 Gigabytes", "prtconf", 2 * 1024 * 1024),
        ("hw.physmem: 17179869184", "sysctl hw.physmem", 16 * 1024 * 1024),
        ("hw.physmem=2147483648", "sysctl hw.physmem", 2 * 1024 * 1024),
        ("realmem 4194304 Amount of usable physical memory in Kbytes False", "lsattr -El sys0 -a realmem", 4194304),
    ],
)
def test_memory_is_read_in_the_unit_that_the_command_prints(row: str, command: str, expected: int) -> None:
    assert platform.memory([row], command).value == expected


def test_a_number_without_a_unit_is_no_memory() -> None:
    with pytest.raises(NotRead):
        platform.memory(["4096"], "prtconf")


def test_limits_are_numbers_or_unlimited() -> None:
    assert platform.open_files(["1024", "unlimited"]).value == Limit(soft=1024, hard=None)
    for rows in (["1024"], ["1024", "many"], []):
        with pytest.raises(NotRead):
            platform.open_files(rows)


def test_the_clock_is_in_utc() -> None:
    assert platform.clock(["2026-12-03T09:30:00Z"]).value == datetime(2026, 12, 3, 9, 30, tzinfo=UTC)
    with pytest.raises(NotRead):
        platform.clock(["Thu Dec  3 09:30:00 CET 2026"])


def test_processes_are_counted_by_name_and_owner() -> None:
    rows = ["    root /usr/lib/postfix/master", "    root master", " postfix qmgr", " root  my program"]
    assert platform.processes(rows).value == (
        Process(name="master", user="root", count=2),
        Process(name="my program", user="root", count=1),
        Process(name="qmgr", user="postfix", count=1),
    )
    assert platform.processes(["root"]).unread == ("root",)
