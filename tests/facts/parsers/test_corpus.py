"""Outputs of real hosts that no one here wrote, in the folder that PMX_CORPUS names: every row is read or reported.

Where another project's reading lies beside an output (`.json`), ours is the same.
"""

import json
import os
import re
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import pytest

from checker.facts.parsers import identity, mounts, network, platform, storage
from checker.facts.parsers.parsed import filled

CORPUS = os.environ.get("PMX_CORPUS")
FAMILIES = {
    "df": r"(.*_)?df(-.*)?(\.out)?",
    "mount": r"(.*_)?mount(-.*)?(\.out)?",
    "ifconfig": r"(.*_)?ifconfig([-_].*)?(\.out)?",
    "netstat": r"netstat_in",
    "id": r".*_id\.out",
    "uname": r".*_uname-a\.out",
    "hostname": r"hostname",
    "release": r"os_release_.*",
}
NOT_ASKED = ("solaris_filesystems", "aix_filesystems")  # sysdef and /etc/vfs: no section of the probe prints them

pytestmark = pytest.mark.skipif(CORPUS is None, reason="corpus: PMX_CORPUS names no folder of recorded outputs")


def outputs() -> list[Path]:
    files = (path for path in Path(CORPUS or "/nonexistent").rglob("*") if path.is_file())
    return sorted(path for path in files if path.suffix not in (".json", ".md"))


def of(family: str) -> list[Any]:
    found = [path for path in outputs() if re.fullmatch(FAMILIES[family], path.name)]
    return [pytest.param(path, id=f"{path.parent.name}-{path.name}") for path in found]


def lines(path: Path) -> list[str]:
    return path.read_text().split("\n")


def expected(path: Path) -> Any:
    beside = path.with_suffix(".json")
    return json.loads(beside.read_text()) if beside.exists() else None


def test_no_output_of_the_folder_is_left_aside() -> None:
    names = {path.name for path in outputs()} - set(NOT_ASKED)
    assert names
    assert [name for name in sorted(names) if not any(re.fullmatch(form, name) for form in FAMILIES.values())] == []


@pytest.mark.parametrize("path", of("df"))
def test_every_row_of_df_is_read(path: Path) -> None:
    read = storage.space(lines(path))
    rows = [line for line in filled(lines(path)) if not line.startswith("Filesystem") and not line[0].isspace()]
    assert len(read.value) + len(read.unread) == len(rows) > 0
    assert read.unread == ()
    others = expected(path)
    if others is not None:
        assert [(row.device, row.mount_point, row.total_kib, row.available_kib, row.type) for row in read.value] == [
            (
                row["filesystem"],
                row["mounted_on"],
                blocks(row) * size(row) // 1024,
                row["available"] * size(row) // 1024,
                row.get("type", ""),
            )
            for row in others
        ]


def size(row: dict[str, Any]) -> int:
    return 512 if "512_blocks" in row else 1024


def blocks(row: dict[str, Any]) -> int:
    (name,) = {"512_blocks", "1k_blocks", "1024_blocks"} & row.keys()
    return int(row[name])


@pytest.mark.parametrize("path", of("df"))
def test_every_row_with_free_inodes_is_read_as_such(path: Path) -> None:
    read = storage.inodes(lines(path))
    counted = "ifree" in lines(path)[0]
    rows = [line for line in filled(lines(path)) if not line.startswith("Filesystem")]
    assert len(read.value if counted else read.unread) == len(rows)
    others = expected(path)
    if counted and others is not None:
        assert [(row.mount_point, row.total, row.available) for row in read.value] == [
            (row["mounted_on"], row["iused"] + row["ifree"], row["ifree"]) for row in others
        ]


@pytest.mark.parametrize("path", of("mount"))
def test_every_row_of_the_mount_table_is_read(path: Path) -> None:
    read = mounts.mounts(lines(path))
    rows = [line for line in filled(lines(path)) if not line.startswith(("  node  ", "------"))]
    assert len(read.value) + len(read.unread) == len(rows) > 0
    assert read.unread == ()
    others = expected(path)
    if others is not None:
        # of a network mount the other reading leaves out the host that stands before the colon
        assert [
            (row.device.rpartition(":")[2], row.mount_point, row.type, list(row.options)) for row in read.value
        ] == [(row["filesystem"], row["mount_point"], row["type"], row["options"]) for row in others]


@pytest.mark.parametrize("path", of("ifconfig"))
def test_every_address_of_ifconfig_is_read(path: Path) -> None:
    read = network.own(lines(path), "ifconfig -a")
    rows = [line for line in lines(path) if line.split()[:1] in (["inet"], ["inet6"])]
    assert len(read.value) + len(read.unread) == len(rows)
    assert read.unread == ()
    others = expected(path)
    if others is not None:
        wanted = {
            (interface["name"], str(ip_address(row["address"])), prefix(row["mask"]))
            for interface in others
            for row in (*interface.get("ipv4", ()), *interface.get("ipv6", ()))
        }
        assert {(row.address.interface, row.address.address, row.address.prefix) for row in read.value} == wanted


def prefix(mask: str | int) -> int:
    return mask if isinstance(mask, int) else ip_network(f"0.0.0.0/{mask}").prefixlen


@pytest.mark.parametrize("path", of("netstat"))
def test_every_address_of_netstat_is_read(path: Path) -> None:
    read = network.own(lines(path), "netstat -in")
    rows = [line for line in filled(lines(path))[1:] if line.split()[2][:5] != "link#"]
    assert len(read.value) == len(rows) > 0
    assert read.unread == ()
    assert all(row.address.address in line for row, line in zip(read.value, rows, strict=True))


@pytest.mark.parametrize("path", of("id"))
def test_the_user_id_is_read(path: Path) -> None:
    assert identity.euid(lines(path)).value == expected(path)["uid"]["id"]


@pytest.mark.parametrize("path", of("uname"))
def test_the_words_of_uname_are_read(path: Path) -> None:
    words, others = path.read_text().split(), expected(path)
    asked = [words[0], words[2], words[-1]]  # what -s, -r and -m print one by one
    read = [platform.line(asked, number).value for number in range(3)]
    assert read == [others["kernel_name"], others["kernel_release"], others["machine"]]


@pytest.mark.parametrize("path", of("hostname"))
def test_the_host_name_is_read(path: Path) -> None:
    assert identity.hostname(lines(path), None).value == path.read_text().strip()


@pytest.mark.parametrize("path", of("release"))
def test_the_release_is_the_first_line_of_its_file(path: Path) -> None:
    assert platform.distribution(lines(path)).value == lines(path)[0].strip()
