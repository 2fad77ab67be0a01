"""What a login holds stays on the host, wherever it stands: a canary in each place that the probe looks at."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from this_machine import open_place

from checker.facts.fact_values import DatabaseTarget, FilterLine
from checker.facts.parsers import puremessage
from checker.facts.parsers.protocol import Output, parse
from checker.facts.probe.script import script
from checker.inputs.deployment import Deployment, Paths
from checker.inputs.deployment_file import load

SAMPLE = Path(__file__).parents[3] / "samples" / "this-host.yaml"
SYSTEM = "/usr/xpg4/bin:/usr/bin:/bin:/usr/sbin:/sbin"
CANARY = "s3cr3t-canary"
OTHERS = ("/proc/mounts", "/etc/hosts", "/etc/mail/sendmail.cf", "/etc/sendmail.cf", "/etc/mail/sendmail.mc",
          "/etc/sysconfig/network", "/etc/hostname")  # fmt: skip
place = pytest.fixture(open_place)


@pytest.fixture
def lab(place: Path) -> Deployment:
    root = place / "pmx"
    (root / "etc/pmx.d").mkdir(parents=True)
    paths = Paths(source=str(root), target=f"{root}6", backup=str(place))
    return load(SAMPLE).model_copy(update={"paths": paths})


def asked(lab: Deployment, here: Path, shell: str = "dash", awk: str | None = None) -> Output:
    """The output of a host whose files in OTHERS are those in a directory, and whose commands are its fakes first."""
    text = script(lab, lab.servers[0]).replace(f"PATH={SYSTEM}\n", f"PATH={here}/bin:{SYSTEM}\n")
    (here / "bin").mkdir(exist_ok=True)
    if awk:
        (here / "bin/nawk").symlink_to(shutil.which(awk) or pytest.skip(f"needs {awk}"))
    for path in OTHERS:
        text = text.replace(path, str(here / path.rpartition("/")[2]))
    done = subprocess.run([shell, "-s"], input=text.encode(), capture_output=True, timeout=60, check=True)
    assert CANARY not in done.stdout.decode()
    return parse(done.stdout.decode())


def said(output: Output, name: str) -> tuple[str, ...]:
    section = output.get(name)
    assert section is not None
    return section.lines


MOUNTS = f"""\
//admin:{CANARY}@nas/share /mnt/cifs cifs rw,username=admin,password={CANARY},credentials=/etc/{CANARY} 0 0
https://admin:{CANARY}/with@both@dav.example.net/pmx /mnt/dav fuse rw,uid=0 0 0
https://store.example.net/pmx?sv=2026&sig={CANARY} /mnt/blob fuse rw 0 0
s3fs#AKIA0000:{CANARY}@bucket /mnt/s3 fuse rw 0 0
admin:{CANARY}@nas:/export /mnt/sshfs fuse.sshfs rw 0 0
10.0.0.1:6789:/ /mnt/ceph ceph rw,name=admin,secret={CANARY},acl 0 0
nas:/tank/pmx@monday /backup nfs ro,vers=3,addr=192.0.2.9 0 0
/dev/sdb1 /opt ext4 rw,relatime 0 0
"""


@pytest.mark.parametrize("awk", [None, "busybox", "mawk", "gawk", "original-awk"])
def test_mount_sources_and_options_hold_no_login(lab: Deployment, place: Path, awk: str | None) -> None:
    (place / "mounts").write_text(MOUNTS)
    if awk == "busybox":  # known by the name that it is called by
        (place / "bin").mkdir()
        (place / "bin/nawk").write_text('#!/bin/sh\nexec busybox awk "$@"\n')
        (place / "bin/nawk").chmod(0o755)
    seen = said(asked(lab, place, awk=None if awk == "busybox" else awk), "storage.mounts")
    assert seen == (
        "//...@nas/share /mnt/cifs cifs rw,username=admin,password=...,credentials=... 0 0",
        "https://...@dav.example.net/pmx /mnt/dav fuse rw,uid=0 0 0",
        "https://store.example.net/pmx?... /mnt/blob fuse rw 0 0",
        "...@bucket /mnt/s3 fuse rw 0 0",
        "...@nas:/export /mnt/sshfs fuse.sshfs rw 0 0",
        "10.0.0.1:6789:/ /mnt/ceph ceph rw,name=admin,secret=...,acl 0 0",
        "nas:/tank/pmx@monday /backup nfs ro,vers=3,addr=192.0.2.9 0 0",
        "/dev/sdb1 /opt ext4 rw,relatime 0 0",
    )


def test_tables_of_file_systems_hold_no_login(lab: Deployment, place: Path) -> None:
    (place / "bin").mkdir()
    head = "Filesystem 1024-blocks Used Available Capacity Mounted on"
    (place / "bin/df").write_text(f"#!/bin/sh\necho '{head}'\necho '//admin:{CANARY}@nas/share 100 50 50 50% /mnt'\n")
    (place / "bin/df").chmod(0o755)
    output = asked(lab, place)
    for name in ("storage.space", "storage.inodes", "storage.source-mount", "backup.mount_point"):
        assert said(output, name) == (head, "//...@nas/share 100 50 50 50% /mnt")


def test_targets_of_links_hold_no_login(lab: Deployment, place: Path) -> None:
    root = Path(lab.paths.source)
    for number, target in enumerate(
        (f"https://admin:{CANARY}@files.example.net/pmx", f"admin:{CANARY}@nas", f"x?token={CANARY}",
         f"/run/pmx/secret={CANARY}")
    ):  # fmt: skip
        (root / f"link{number}").symlink_to(target)
    (root / "postgres").symlink_to("/etc/alternatives/pmx-postgres")
    rows = said(asked(lab, place), "source.entries")
    targets = {row.partition(" -> ")[2] for row in rows if " -> " in row}
    assert targets == {
        "https://...@files.example.net/pmx", "...@nas", "x?token=...", "/run/pmx/secret=...",
        "/etc/alternatives/pmx-postgres",
    }  # fmt: skip


@pytest.mark.parametrize("key", ["host", "name", "type", "dbname", "database", "port"])
@pytest.mark.parametrize(
    "value",
    [f"db1:5432:pmx:admin:{CANARY}", f"*:*:*:*:{CANARY}", f"admin:{CANARY}@db1", f"Pg:dbname=pmx;password={CANARY}",
     f"db1:{CANARY}", f'"db1:5432:pmx:admin:{CANARY}"', f"db1/{CANARY}:x", f"::1:5432:{CANARY}"],
)  # fmt: skip
def test_a_line_of_a_pgpass_in_place_of_a_value_stays_on_the_host(
    lab: Deployment, place: Path, key: str, value: str
) -> None:
    file = place / "pmdb.conf"
    file.write_text(f"{key} = {value}\n")
    assert allowed(place, file, key) == ()


def allowed(place: Path, file: Path, *keys: str) -> tuple[str, ...]:
    """What the function of that name lets through of a file."""
    text = script(load(SAMPLE), load(SAMPLE).servers[0])
    functions = text[text.index("allowed() {") : text.index("# Where a pmdb.conf says")]
    call = f"tab=$(printf '\\t')\n{functions}\nallowed {file} {' '.join(keys)}\n"
    done = subprocess.run(["dash", "-c", call], capture_output=True, text=True, check=True, timeout=60)
    return tuple(done.stdout.splitlines())


@pytest.mark.parametrize(
    "value", ["db1.example.net", "192.0.2.11", "2001:db8::11", "::1", "2001:db8:0:0:0:0:0:11", "/var/run/postgresql"]
)
def test_a_host_by_name_or_address_is_read(place: Path, value: str) -> None:
    file = place / "pmdb.conf"
    file.write_text(f"host = {value}\n")
    assert allowed(place, file, "host") == (f"host = {value}",)
    assert puremessage.database_target((f"host = {value}",)).value == DatabaseTarget(host=value)


def test_of_pmx_conf_only_values_of_their_own_characters_leave_the_host(lab: Deployment, place: Path) -> None:
    (Path(lab.paths.source) / "etc/pmx.conf").write_text(
        f"pmx_db = db1:5432:pmx:admin:{CANARY}\npmx_db = pgsql\nlog_dir = /var/log/pmx\nquarantine_dir = x:{CANARY}\n"
        f"run_dir = ftp://{CANARY}\nmail_sender = a:{CANARY}@example.net\nquarantine_type = a/{CANARY}\n"
    )
    assert said(asked(lab, place), "puremessage.pmx-conf") == ("pmx_db = pgsql", "log_dir = /var/log/pmx")


def test_comments_behind_a_hosts_names_stay_on_the_host(lab: Deployment, place: Path) -> None:
    node = os.uname().nodename
    (place / "hosts").write_text(
        f"# 192.0.2.1 {node} {CANARY}\n192.0.2.21 {node} alias # the password is {CANARY}\n192.0.2.22 other#{node}\n"
        f"192.0.2.23 x{node}\n"
    )
    (place / "hostname").write_text(f"{node} # {CANARY}\n")
    (place / "network").write_text(f"HOSTNAME={node}\t#{CANARY}\n")
    output = asked(lab, place)
    assert said(output, "identity.hosts_file") == (f"192.0.2.21 {node} alias ",)
    assert {f"{place}/hostname:{node}", f"{place}/network:HOSTNAME={node}"} <= set(
        said(output, "identity.configured_hostname")
    )


def test_of_sendmails_filters_only_names_and_flags_leave_the_host(lab: Deployment, place: Path) -> None:
    (place / "sendmail.cf").write_text(
        f"Xpmx, S=inet:10025@localhost, F=T, T=S:1m\nXopen, S=local:/run/{CANARY}\nX{CANARY} is the password\n"
        f"Xpmx2,F=R,S=inet:{CANARY}@localhost\nO UserDatabaseSpec={CANARY}\n"
    )
    output = asked(lab, place)
    assert said(output, "puremessage.filter_lines") == (
        "Xpmx, F=T", "Xopen, F=", "a line of another form: not read", "Xpmx2, F=R",
    )  # fmt: skip
    read = puremessage.filters(said(output, "puremessage.filter_lines"))
    assert read.value == tuple(
        FilterLine(name=name, flags=flag) for name, flag in (("pmx", "T"), ("open", ""), ("pmx2", "R"))
    )
    assert len(read.unread) == 1
    (place / "sendmail.cf").unlink()
    (place / "sendmail.mc").write_text(
        f"dnl INPUT_MAIL_FILTER(`old', `S=inet:1@localhost, F=R')\n# MAIL_FILTER(`{CANARY}', `')\n"
        f"INPUT_MAIL_FILTER(`pmx', `S=inet:10025@localhost, F=T')dnl {CANARY}\n"
        f"MAIL_FILTER(`open', `S=local:/run/{CANARY}')\ndefine(`confINPUT_MAIL_FILTERS', `pmx, {CANARY}')\n"
    )
    assert said(asked(lab, place), "puremessage.filter_lines") == ("Xpmx, F=T", "Xopen, F=")
