"""The probe cannot harm: it sets nothing, writes nothing, tells no secret, leaves nothing running, and always ends."""

import os
import random
import re
import select
import shutil
import signal
import subprocess
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from this_machine import open_place

from checker.facts.parsers.protocol import Output, parse
from checker.facts.probe.script import script
from checker.inputs.deployment import Deployment, Paths
from checker.inputs.deployment_file import load

SAMPLE = Path(__file__).parents[3] / "samples" / "this-host.yaml"
SETTER = Path(__file__).parent / "fakes" / "setter"
SYSTEM = "/usr/xpg4/bin:/usr/bin:/bin:/usr/sbin:/sbin"
CANARY = "s3cr3t-canary"
SHELLS = {
    "dash": ["dash", "-s"],
    "bash": ["bash", "-s"],
    "busybox sh": ["busybox", "sh", "-s"],
    "mksh": ["mksh", "-s"],
    "ksh93": ["ksh93", "-s"],
    "yash": ["yash", "-s"],
    "zsh --emulate sh": ["zsh", "--emulate", "sh", "-s"],
    "posh": ["posh"],
}
PACKAGES = {"ksh93": "ksh93u+m"}
in_every_shell = pytest.mark.parametrize("name", SHELLS)
SETTERS = (
    "hostname", "domainname", "nisdomainname", "uname", "hostnamectl", "killall", "pkill", "ifconfig", "ip", "route",
    "date", "timedatectl", "mount", "umount", "rm", "mv", "cp", "touch", "mkdir", "mktemp", "rmdir", "ln", "tee", "dd",
    "install", "truncate", "chmod", "chown", "chgrp", "reboot", "shutdown", "halt", "init", "svcadm", "svccfg",
    "systemctl", "service", "crontab", "at", "sysctl", "su", "sudo", "doas", "passwd", "useradd", "pmx", "postqueue",
    "postsuper", "newaliases", "setfacl", "swapon", "ss", "logger", "mail", "sendmail", "chsh",
)  # fmt: skip
READING = re.compile(
    r"hostname |uname -[snrm]|ip (-o addr show|(-6 )?route show default)|date -u \+.*|ss -l?tn"  # on this Linux
)


place = pytest.fixture(open_place)


@pytest.fixture
def fakes(place: Path) -> Path:
    directory = place / "fakes"
    directory.mkdir()
    return directory


@pytest.fixture
def lab(place: Path) -> Deployment:
    root = place / "lab" / "pmx"
    for folder in ("var/qdir/cur", "var/log", "etc/pmx.d", "postfix", "postgres", "bin"):
        (root / folder).mkdir(parents=True)
    for number in range(5):
        (root / f"var/qdir/cur/{number}").write_bytes(b"m" * 5000)
    paths = Paths(source=str(root), target=f"{root}6", backup=str(place))
    return load(SAMPLE).model_copy(update={"paths": paths})


def shell(name: str) -> list[str]:
    argv = SHELLS[name]
    if shutil.which(argv[0]) is None:
        pytest.skip(f"needs the Debian package {PACKAGES.get(argv[0], argv[0])}")
    return argv


def text_of(lab: Deployment, fakes: Path | None = None, deadline: float = 50) -> str:
    """The script, with a directory of fakes before the system's own commands."""
    text = script(lab, lab.servers[0], deadline)
    line = f"PATH={SYSTEM}\n"
    assert text.count(line) == 1
    return text if fakes is None else text.replace(line, f"PATH={fakes}:{SYSTEM}\n")


def fake(fakes: Path, name: str, body: str) -> None:
    (fakes / name).write_text(f"#!/bin/sh\n{body}\n")
    (fakes / name).chmod(0o755)


def run(name: str, text: str, **env: str) -> Output:
    done = subprocess.run(
        shell(name),
        input=text.encode(),
        capture_output=True,
        env={"PATH": "/usr/bin:/bin"} | env,
        timeout=60,
        check=True,
    )
    return parse(done.stdout.decode(errors="backslashreplace"))


def together(text: str, at_once: int = len(SHELLS)) -> list[tuple[str, Output]]:
    """The output in every shell, so many at the same time, and nothing of them left."""
    mark = str(uuid.uuid4())
    names = [name for name in SHELLS if shell(name)]
    with ThreadPoolExecutor(at_once) as pool:
        outputs = list(pool.map(lambda name: run(name, text, PMX_TEST_MARK=mark), names))
    assert gone(mark, within=2)
    return list(zip(names, outputs, strict=True))


def said(of: Output, name: str) -> tuple[str, ...]:
    section = of.get(name)
    assert section is not None, f"no section {name}"
    return section.lines


def marked(mark: str) -> list[int]:
    """The processes that were started with this mark in their environment, whoever their parent is now."""
    found = []
    for process in Path("/proc").iterdir():
        try:
            if process.name.isdigit() and mark.encode() in (process / "environ").read_bytes():
                found.append(int(process.name))
        except OSError:
            continue  # ended between two looks
    return found


def gone(mark: str, within: float) -> bool:
    """Whether the last of them ends within so many seconds."""
    until = time.monotonic() + within
    while marked(mark):
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


def tree(root: Path) -> list[tuple[str, int, int, int, float]]:
    states = ((path, path.lstat()) for path in sorted(root.rglob("*")))
    return [(str(path), state.st_mode, state.st_uid, state.st_size, state.st_mtime) for path, state in states]


@in_every_shell
def test_no_command_is_called_in_a_form_that_sets(name: str, lab: Deployment, place: Path, fakes: Path) -> None:
    for setter in SETTERS:
        (fakes / setter).symlink_to(SETTER)
    record = place / "record"
    record.write_text("")
    seen = run(name, text_of(lab, fakes), FAKES_RECORD=str(record))
    calls = record.read_text().splitlines()
    assert "uname -n" in calls and "hostname " in calls  # the fakes did stand in the way
    assert [call for call in calls if not READING.fullmatch(call)] == []
    assert said(seen, "identity.nodename") == (os.uname().nodename,)


@in_every_shell
def test_nothing_is_opened_for_writing_and_no_foreign_process_is_signalled(
    name: str, lab: Deployment, place: Path
) -> None:
    if shutil.which("strace") is None:
        pytest.skip("needs the Debian package strace")
    before = tree(place / "lab")
    traced = (
        "%file,kill,tkill,tgkill,sethostname,setdomainname,clock_settime,settimeofday,reboot,fchmod,fchown,%process"
    )
    log = place / "strace"
    argv = ["strace", "-f", "-qq", "--seccomp-bpf", "-e", f"trace={traced}", "-e", "signal=none", "-o", str(log)]
    subprocess.run(
        [*argv, *shell(name)], input=text_of(lab).encode(), stdout=subprocess.DEVNULL, env={"PATH": "/bin"}, check=True
    )
    lines = log.read_text(errors="replace").splitlines()
    assert any("execve(" in line and "du" in line for line in lines)
    writing = re.compile(r"O_WRONLY|O_RDWR|O_CREAT|O_TRUNC|O_APPEND")
    changing = re.compile(
        r"\d+ +(unlink|rename|mkdir|rmdir|mknod|link|symlink|chmod|fchmod|chown|lchown|fchown|truncate|utime|utimensat"
        r"|futimesat|creat|setxattr|mount|umount2?|sethostname|setdomainname|clock_settime|settimeofday|reboot)(at2?)?\("
    )
    # ksh93 keeps what a command substitution catches in shared memory
    ignored = re.compile(r'"/dev/(null|tty|shm/sf[^/"]+)"|fchmod\(\d+, 0[24]00\b')
    opened = [line for line in lines if writing.search(line) and not ignored.search(line)]
    assert opened == []
    assert [line for line in lines if changing.match(line) and not ignored.search(line)] == []
    ours = {line.split()[0] for line in lines} | {line.split()[-1] for line in lines if re.search("fork|clone", line)}
    signals = [re.match(r"\d+ +t?g?kill\((-?\d+), (SIG\w+)", line) for line in lines]
    assert {found[1] for found in signals if found} <= ours
    assert tree(place / "lab") == before


@in_every_shell
def test_no_process_is_left_when_it_has_ended(name: str, lab: Deployment) -> None:
    mark = f"PMX_TEST_MARK={uuid.uuid4()}"
    run(name, text_of(lab), PMX_TEST_MARK=mark.partition("=")[2])
    assert gone(mark, within=2)


def test_a_du_that_hangs_is_stopped_by_its_own_limit_and_its_part_is_kept(lab: Deployment, fakes: Path) -> None:
    # the child that it leaves holding the output is the worst case
    rows = "\n".join(f"printf '{size}\\t%s\\n' \"$2/{row}\"" for size, row in ((8, "a/b"), (20, "a"), (4, "c")))
    fake(fakes, "du", f'case $2 in */qdir/.) {rows}\nsleep 1000\n: ;; *) exec /usr/bin/du "$@" ;; esac')
    text = text_of(lab, fakes)
    limit = next(line for line in text.splitlines() if "part_seconds=" in line)
    for name, seen in together(text.replace(limit, "part_seconds=3")):
        hung = seen.sections["parts.quarantine.kib"]
        assert hung.stopped and hung.lines == ("partial 24",), name
        assert said(seen, "parts.quarantine.files") == ("total 5",), name
        assert said(seen, "parts.logs.kib")[0].startswith("total "), name


def test_the_deadline_ends_a_quick_command_that_hangs_and_the_output_is_still_whole(
    lab: Deployment, fakes: Path
) -> None:
    fake(fakes, "id", "echo uid=0; sleep 1000; :")
    # four seconds after it there is no more mercy, and a busy machine has to bring all of them to their end by then
    for name, seen in together(text_of(lab, fakes, deadline=4), at_once=3):
        assert seen.sections["identity.nodename"].status == 0, name
        assert seen.sections["privilege.euid"].stopped, name
        assert said(seen, "privilege.euid") == ("uid=0",), name
        assert all(seen.sections[section].stopped for section in ("platform.clock", "storage.space")), name


def test_signals_of_the_clock_at_any_moment_change_nothing(lab: Deployment, fakes: Path) -> None:
    fake(fakes, "sleep", 'case $1 in 1) exec /bin/sleep 0.02 ;; esac; exec /bin/sleep "$1"')
    faster = text_of(lab, fakes, deadline=2000).replace("    left=$2\n", "    left=${2}000\n")
    for name in SHELLS:
        ended = {section.name: section.status for section in run(name, faster).sections.values()}
        assert {section: status for section, status in ended.items() if status != 0} == {}, name


def test_an_endless_output_is_cut_and_marked_as_a_part(lab: Deployment, fakes: Path) -> None:
    fake(fakes, "id", "yes 'uid=0(root) and more than anybody wants to read' | head -c 100000000")
    fake(
        fakes, "uname", "case $1 in -n) echo mx1 ;; -s) echo Linux ;; *) head -c 300000 /dev/zero | tr '\\0' x ;; esac"
    )
    seen = run("dash", text_of(lab, fakes))
    assert seen.sections["privilege.euid"].stopped
    assert len(said(seen, "privilege.euid")) == 2000
    assert seen.sections["platform.uname"].stopped
    assert len(seen.sections["platform.uname"].text) <= 200_000
    assert said(seen, "parts.quarantine.files") == ("total 5",)


def test_twenty_probes_killed_at_any_moment_leave_nothing_after_their_deadline(lab: Deployment, fakes: Path) -> None:
    fake(fakes, "du", "sleep 1000; :")
    fake(fakes, "getent", "sleep 1000; :")
    text, chance, mark = text_of(lab, fakes, deadline=4).encode(), random.Random(20), str(uuid.uuid4())
    names = [name for name in SHELLS if shutil.which(SHELLS[name][0])]
    started: list[tuple[float, Callable[[], None], subprocess.Popen[bytes]]] = []
    for number in range(20):
        probe = subprocess.Popen(
            SHELLS[names[number % len(names)]],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={"PATH": "/usr/bin:/bin", "PMX_TEST_MARK": mark},
            start_new_session=True,
        )
        assert probe.stdin is not None and probe.stdout is not None
        probe.stdin.write(text)
        probe.stdin.close()
        end = chance.choice((signal.SIGTERM, signal.SIGHUP, signal.SIGKILL, None))
        kill = probe.stdout.close if end is None else lambda probe=probe, end=end: probe.send_signal(end)
        started.append((time.monotonic() + chance.uniform(0, 4), kill, probe))
    assert marked(mark)
    for moment, kill, _ in sorted(started, key=lambda row: row[0]):
        time.sleep(max(0.0, moment - time.monotonic()))  # the moment is what is tested
        kill()
    nothing_left = gone(mark, within=20)
    for _, _, probe in started:
        if probe.stdout and not probe.stdout.closed:
            probe.stdout.close()
        probe.wait(10)
    assert nothing_left


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGHUP], ids=lambda end: end.name)
@in_every_shell
def test_a_probe_that_is_told_to_end_takes_its_commands_along(
    name: str, end: signal.Signals, lab: Deployment, fakes: Path
) -> None:
    fifo = fakes / "reached"
    os.mkfifo(fifo)
    fake(fakes, "du", f"echo >{fifo}; sleep 1000; :")
    mark = str(uuid.uuid4())
    probe = subprocess.Popen(
        shell(name),
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        env={"PATH": "/usr/bin:/bin", "PMX_TEST_MARK": mark},
    )
    assert probe.stdin is not None
    probe.stdin.write(text_of(lab, fakes, deadline=5).encode())
    probe.stdin.close()
    reading = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
    assert select.select([reading], [], [], 60)[0], "du never ran"
    os.close(reading)
    probe.send_signal(end)
    probe.wait(10)
    # at once as a rule; a shell that loses the signal between two commands is ended by the probe's own clock
    assert gone(mark, within=12)


def test_a_probe_whose_output_nobody_reads_ends_after_its_deadline(lab: Deployment, fakes: Path) -> None:
    fake(fakes, "id", "yes 'uid=0(root) and more than anybody wants to read, by far more' | head -1900")
    mark = str(uuid.uuid4())
    probe = subprocess.Popen(
        ["dash", "-s"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={"PATH": "/usr/bin:/bin", "PMX_TEST_MARK": mark},
    )
    assert probe.stdin is not None and probe.stdout is not None
    probe.stdin.write(text_of(lab, fakes, deadline=2).encode())
    probe.stdin.close()
    ended = gone(mark, within=15)
    probe.stdout.close()
    probe.wait(10)
    assert ended


@in_every_shell
def test_no_secret_leaves_the_host(name: str, lab: Deployment) -> None:
    etc = Path(lab.paths.source) / "etc"
    pmdb = f"""\
# the password is {CANARY}
type = Pg   # {CANARY}
host = db1.example.net password={CANARY}
host = pmx:{CANARY}@db2.example.net
host = "db3 {CANARY}"
host: {CANARY}@db4
name = dbi:Pg:dbname=pmx;password={CANARY}
database = pmx_quarantine;password={CANARY}
dbname = pmx user=pmx passwd='{CANARY}'
port = 5432
user = {CANARY}
password = {CANARY}
passwd={CANARY}
dsn = dbi:Pg:host=db1;password={CANARY}
connect = host=db1 password={CANARY}
connect_string {CANARY}
hostpassword = {CANARY}
"""
    (etc / "pmx.d/pmdb.conf").write_text(pmdb)
    (etc / "pmx.conf").write_text(
        f"password = {CANARY}\npmx_db = dbi:Pg:password={CANARY}\npmx_db = postgres://pmx:{CANARY}@db1/pmx\n"
        f"mail_sender = \"{CANARY} <pmx@example.net>\"\nlog_dir = /var/log # {CANARY}\nport = 10025 {CANARY}\n"
    )  # fmt: skip
    secrets = dict.fromkeys(("PGPASSWORD", "PMX_PASSWORD", "DSN", "DATABASE_URL", "AWS_SECRET_ACCESS_KEY"), CANARY)
    seen = run(name, text_of(lab), **secrets)
    assert not any(CANARY in section.text + section.command for section in seen.sections.values())
    assert said(seen, "puremessage.database_target") == (
        "type = Pg", "host = db1.example.net", "database = pmx_quarantine", "dbname = pmx", "port = 5432",
    )  # fmt: skip
    assert said(seen, "puremessage.pmx-conf") == ("log_dir = /var/log", "port = 10025")


def test_what_solaris_10_lacks_is_not_needed(lab: Deployment, fakes: Path) -> None:
    refuse = 'echo "illegal option" >&2; exit 2'
    fake(fakes, "timeout", refuse)
    fake(fakes, "date", f'case $* in *%s*|-d*|--*) {refuse} ;; esac; exec /bin/date "$@"')
    fake(fakes, "id", f'case $* in -*) {refuse} ;; esac; exec /usr/bin/id "$@"')
    fake(fakes, "grep", f'case $1 in -*q*|-*F*|-*o*|-*r*|--*) {refuse} ;; esac; exec /bin/grep "$@"')
    fake(
        fakes,
        "df",
        f'case $* in *P*) {refuse} ;; -n) echo "/ : ufs" ;; -o*) echo iused ;; *) exec /bin/df "$@" ;; esac',
    )
    fake(fakes, "find", f'case $* in *-printf*|*-maxdepth*) {refuse} ;; esac; exec /usr/bin/find "$@"')
    fake(fakes, "ps", f'case $* in *--*) {refuse} ;; esac; exec /bin/ps "$@"')
    fake(fakes, "getconf", refuse)
    fake(fakes, "psrinfo", 'echo "0	on-line   since 11/02/2026 10:00:00"')
    fake(fakes, "uname", "case $1 in -s) echo SunOS ;; -n) echo mx1 ;; -r) echo 5.10 ;; -m) echo sun4v ;; esac")
    fake(fakes, "awk", "echo 'awk: bailing out' >&2; exit 2")  # the one of 1977; nawk is the one to use
    seen = run("mksh", text_of(lab, fakes))
    assert [section.name for section in seen.sections.values() if section.stopped] == []
    assert seen.sections["storage.space"].command == "df -kl"
    assert said(seen, "storage.types") == ("/ : ufs",)
    assert said(seen, "storage.inodes") == ("iused",)
    assert said(seen, "platform.cpus")[0].startswith("0\ton-line")
    assert said(seen, "parts.quarantine.files") == ("total 5",)
    assert said(seen, "parts.quarantine.apparent_kib") == ("total 40",), "five of 5000 bytes, by ls"
    assert said(seen, "puremessage.manifest")[0].endswith(" -")
    assert re.match(r"uid=\d", said(seen, "privilege.euid")[0])


def test_a_host_without_ps_is_probed_too(lab: Deployment, place: Path) -> None:
    bare = place / "bare"
    bare.mkdir()
    for command in ("awk", "cat", "date", "df", "find", "getconf", "grep", "id", "ls", "nice", "sed", "sh", "sleep",
                    "sort", "tail", "uname"):  # fmt: skip
        real = shutil.which(command)
        assert real is not None
        (bare / command).symlink_to(real)
    fake(bare, "du", "sleep 1000; :")
    text = text_of(lab, deadline=3).replace(f"PATH={SYSTEM}\n", f"PATH={bare}\n")
    mark = str(uuid.uuid4())
    seen = run("dash", text, PMX_TEST_MARK=mark)
    assert seen.get("processes") is None and seen.get("identity.addresses") is None
    assert seen.sections["parts.configuration.kib"].stopped
    assert gone(mark, within=2)
