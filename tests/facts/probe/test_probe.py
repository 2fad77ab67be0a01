"""The probe in every shell that a host may have: whole, the same everywhere, and unmoved by the user's environment."""

import os
import random
import re
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from this_machine import open_place

from checker.facts.parsers.protocol import Damaged, Output, parse
from checker.facts.probe import sections
from checker.facts.probe.script import BANK, about, digest, quoted, script, template
from checker.facts.what_was_asked import asked_of
from checker.facts.what_was_asked import said as told
from checker.inputs.deployment import Deployment, Paths, Probe
from checker.inputs.deployment_file import load

SAMPLE = Path(__file__).parents[3] / "samples" / "this-host.yaml"
PATH_LINE = "PATH=/usr/xpg4/bin:/usr/bin:/bin:/usr/sbin:/sbin\n"
NOBODY = 65534
CLEAN = {"PATH": "/usr/bin:/bin"}
# how each is started with a script on its standard input, and the Debian package that has it
SHELLS = {
    "dash": (["dash", "-s"], "dash"),
    "bash": (["bash", "-s"], "bash"),
    "bash --posix": (["bash", "--posix", "-s"], "bash"),
    "busybox sh": (["busybox", "sh", "-s"], "busybox"),
    "mksh": (["mksh", "-s"], "mksh"),
    "ksh93": (["ksh93", "-s"], "ksh93u+m"),
    "yash": (["yash", "-s"], "yash"),
    "zsh --emulate sh": (["zsh", "--emulate", "sh", "-s"], "zsh"),
    "posh": (["posh"], "posh"),  # knows no -s
}
in_every_shell = pytest.mark.parametrize("name", SHELLS)
DRIFTING = re.compile(
    r"storage\.(space|inodes|source-mount)|(target|backup|parts\..*)\.mount_point|processes|platform\.clock"
    r"|ports\.listening|puremessage\.(database_peers|database_port)|identity\.(addresses|lookup)"
)


def needed(program: str, package: str) -> str:
    """The program's path; the test is skipped where it is not installed."""
    found = shutil.which(program)
    if found is None:
        pytest.skip(f"needs the Debian package {package}")
    return found


def ran(
    name: str, text: str, env: dict[str, str] = CLEAN, user: int | None = None, cwd: str = "/"
) -> subprocess.CompletedProcess[bytes]:
    """The script streamed to a shell."""
    argv, package = SHELLS[name]
    needed(argv[0], package)
    who: dict[str, Any] = {} if user is None else {"user": user, "group": user, "extra_groups": []}
    return subprocess.run(
        argv, input=text.encode(), capture_output=True, env=env, cwd=cwd, timeout=60, check=False, **who
    )


def output(name: str, text: str, env: dict[str, str] = CLEAN, user: int | None = None) -> Output:
    done = ran(name, text, env, user)
    assert (done.returncode, done.stderr) == (0, b"")
    return parse(done.stdout.decode())


def said(of: Output, name: str) -> tuple[str, ...]:
    """The lines of a section that must be there."""
    section = of.get(name)
    assert section is not None, f"no section {name}"
    return section.lines


place = pytest.fixture(scope="module")(open_place)


@pytest.fixture(scope="module")
def lab(place: Path) -> Deployment:
    """A deployment whose 5.6.1 tree stands here, with a quarantine, logs, queue, configuration, and no database."""
    root = place / "lab/pmx"
    for folder in ("var/qdir/cur/01", "var/qdir/new", "var/log", "etc/pmx.d", "postfix/var/spool/deferred", "bin"):
        (root / folder).mkdir(parents=True)
    for number in range(30):
        (root / f"var/qdir/cur/01/{number}").write_bytes(b"m" * 5000)
    (root / "var/log/message_log").write_text("a line\n")
    (root / "postfix/var/spool/deferred/A1").write_text("a message")
    (root / "etc/pmx.conf").write_text("log_dir = __DEFAULT__\n<milter Policy>\n  port = 10025\n</milter>\n")
    (root / "etc/pmx.d/pmdb.conf").write_text("type = Pg\nhost = db1.example.net\nport = 5432\nuser = pmx\n")
    (root / "current").symlink_to("var")
    (root / "bin/pmx").write_text("#!/bin/sh\necho all services run: $1\n")
    (root / "bin/pmx").chmod(0o755)
    return at(place / "lab", backup=str(place))


def at(place: Path, **changes: str) -> Deployment:
    paths = Paths.model_validate({"source": f"{place}/pmx", "target": f"{place}/pmx6"} | changes)
    return load(SAMPLE).model_copy(update={"paths": paths})


def text_of(deployment: Deployment, deadline: float = 50) -> str:
    return script(deployment, deployment.servers[0], deadline)


@pytest.fixture(scope="module")
def outputs() -> dict[str, Output]:
    """The output by the name of the shell, each asked once."""
    return {}


def in_shell(outputs: dict[str, Output], lab: Deployment, name: str) -> Output:
    if name not in outputs:
        outputs[name] = output(name, text_of(lab))
    return outputs[name]


@in_every_shell
def test_every_shell_prints_the_whole_output_under_the_names_of_the_contract(
    name: str, lab: Deployment, outputs: dict[str, Output]
) -> None:
    seen = in_shell(outputs, lab, name)
    assert seen.digest == digest()
    assert set(seen.sections) <= sections.NAMES
    assert {"identity.nodename", "storage.space", "puremessage.manifest"} <= set(seen.sections)
    assert told(said(seen, "asked")) == asked_of(lab)
    assert [section.name for section in seen.sections.values() if section.stopped] == []
    assert all((section.status or 0) < 127 for section in seen.sections.values())


@in_every_shell
def test_what_does_not_drift_is_the_same_in_every_shell(name: str, lab: Deployment, outputs: dict[str, Output]) -> None:
    here, dash = in_shell(outputs, lab, name), in_shell(outputs, lab, "dash")
    # posh has no ulimit
    missing = {"limits.open_files"} if name == "posh" else set()
    assert list(here.sections) == [section for section in dash.sections if section not in missing]
    frozen = [dash.sections[section] for section in here.sections if not DRIFTING.fullmatch(section)]
    assert [here.sections[section.name] for section in frozen] == frozen


@in_every_shell
def test_what_drifts_stays_within_what_a_minute_can_change(
    name: str, lab: Deployment, outputs: dict[str, Output], place: Path
) -> None:
    seen = in_shell(outputs, lab, name)
    clock = datetime.strptime(said(seen, "platform.clock")[0], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    assert abs(datetime.now(UTC) - clock) < timedelta(minutes=5)
    available = int(said(seen, "storage.source-mount")[-1].split()[3])
    state = os.statvfs(place)
    assert abs(available - state.f_bavail * state.f_frsize // 1024) < 4 * 1024 * 1024


def test_sizes_and_counts_are_those_of_the_tree(lab: Deployment, outputs: dict[str, Output], place: Path) -> None:
    seen = in_shell(outputs, lab, "dash")
    du = subprocess.run(["du", "-skx", f"{place}/lab/pmx/var/qdir"], capture_output=True, text=True, check=True)
    assert said(seen, "parts.quarantine.kib") == (f"total {du.stdout.split()[0]}",)
    assert said(seen, "parts.quarantine.files") == ("total 30",)
    assert re.fullmatch(r"total \d+", said(seen, "parts.quarantine.apparent_kib")[0])
    for kind in ("kib", "files", "apparent_kib"):
        assert said(seen, f"parts.database.{kind}") == ("absent",)
    assert said(seen, "puremessage.queues") == (
        f"old 1 {place}/lab/pmx/postfix", f"new absent {place}/lab/pmx6/postfix",
    )  # fmt: skip
    assert said(seen, "target.entries") == ("absent",)
    assert any(line.endswith(" current -> var") for line in said(seen, "source.entries"))


def test_the_manifest_has_files_kib_and_the_newest_time_of_every_part(
    lab: Deployment, outputs: dict[str, Output]
) -> None:
    rows = [line.split() for line in said(in_shell(outputs, lab, "dash"), "puremessage.manifest")]
    assert [row[:2] for row in rows] == [
        ["quarantine", "30"], ["logs", "1"], ["database", "0"], ["configuration", "2"], ["queue", "1"],
    ]  # fmt: skip
    assert all(re.fullmatch(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ", row[3]) for row in rows if row[1] != "0")


def test_a_place_that_is_not_made_yet_lands_on_the_mount_of_the_nearest_directory(
    lab: Deployment, outputs: dict[str, Output]
) -> None:
    seen = in_shell(outputs, lab, "dash")
    assert said(seen, "target.mount_point")[-1].split()[-1] == said(seen, "storage.source-mount")[-1].split()[-1]


def test_only_what_is_declared_is_asked(lab: Deployment, place: Path) -> None:
    without = output("dash", text_of(at(place)))
    assert without.get("backup.mount_point") is None
    assert without.get("puremessage.status") is None
    allowed = lab.model_copy(update={"probe": Probe(pmx_status=True)})
    assert said(output("dash", text_of(allowed)), "puremessage.status") == ("all services run: status",)


def test_a_link_that_leads_nowhere_is_not_taken_for_an_absent_part(place: Path) -> None:
    (place / "linked").mkdir()
    (place / "linked/qdir").symlink_to("/not/mounted")
    seen = output("dash", text_of(at(place, quarantine=f"{place}/linked/qdir")))
    refused = f"refused {place}/linked/qdir: a link that leads nowhere"
    assert said(seen, "parts.quarantine.kib") == (refused, "partial 0")
    assert said(seen, "parts.quarantine.mount_point") == (refused,)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_what_an_ordinary_user_may_not_see_is_refused_and_never_absent(place: Path) -> None:
    for folder in ("closed/var/qdir/cur", "closed/var/log/old", "closed/etc"):
        (place / folder).mkdir(parents=True)
    (place / "closed/var/qdir").chmod(0o700)
    (place / "closed/var/log/old").chmod(0o700)
    (place / "closed/etc").chmod(0o700)
    seen = output("dash", text_of(at(place, source=f"{place}/closed")), user=NOBODY)
    assert re.search(r"uid=65534\b", said(seen, "privilege.euid")[0])
    for closed in ("parts.quarantine.kib", "parts.quarantine.files", "puremessage.database_target"):
        assert said(seen, closed)[0].startswith("refused ")
    refused, size = said(seen, "parts.logs.kib")
    assert refused.startswith("refused ") and f"{place}/closed/var/log/./old" in refused
    assert re.fullmatch(r"partial \d+", size)


@in_every_shell
def test_paths_with_any_character_are_read_as_they_are(name: str, place: Path) -> None:
    strange = place / name.replace(" ", "_") / 'it\'s a "$(id >/tmp/hurt)" `id` $HOME \\n * ; & | <x> [a] ü'
    (strange / "var/qdir").mkdir(parents=True)
    # yash reads a script by the locale that it was started in
    for number in range(3):
        (strange / f"var/qdir/a message {number}").write_text("")
    seen = output(name, text_of(at(place, source=str(strange))), CLEAN | {"LC_ALL": "C.UTF-8"})
    assert said(seen, "parts.quarantine.files") == ("total 3",)
    assert said(seen, "parts.quarantine.kib")[0].startswith("total ")
    assert seen.sections["parts.quarantine.kib"].command == f"nice du -kx {strange}/var/qdir/."
    assert not Path("/tmp/hurt").exists()


@in_every_shell
def test_a_hostile_environment_changes_nothing(
    name: str, lab: Deployment, outputs: dict[str, Output], place: Path
) -> None:
    calm = in_shell(outputs, lab, name)
    bad = place / f"bad-{name.replace(' ', '_')}"
    bad.mkdir()
    for command in ("awk", "df", "ls", "uname", "cat", "sed", "sh", "ps", "sleep", "kill"):
        (bad / command).write_text("#!/bin/sh\necho hostile\n")
        (bad / command).chmod(0o755)
    (bad / "rc").write_text("echo hostile >&2\nalias cat='echo hostile'\n")
    hostile = {
        "PATH": f"{bad}:/usr/bin:/bin",
        "IFS": "am/-. ",
        "ENV": f"{bad}/rc",
        "BASH_ENV": f"{bad}/rc",
        "CDPATH": "/etc:/usr",
        "LANG": "de_DE.UTF-8",
        "LC_ALL": "de_DE.UTF-8",
        "LC_NUMERIC": "de_DE.UTF-8",
        "TZ": "Asia/Kathmandu",
        "POSIXLY_CORRECT": "1",
        "BLOCKSIZE": "512",
        "DF_BLOCK_SIZE": "1M",
        "DU_BLOCK_SIZE": "1M",
        "BLOCK_SIZE": "1M",
        "TIME_STYLE": "full-iso",
        "QUOTING_STYLE": "c",
        "PS_FORMAT": "args",
        "BASH_FUNC_uname%%": "() { echo hostile; }",
        "BASH_FUNC_df%%": "() { echo hostile; }",
        "BASH_FUNC_main%%": "() { echo hostile; }",
        "over": "1",
        "status": "7",
        "address": "192.0.2.1",
        "token": "@end",
        "PMX_SOURCE": "/nowhere",
        "PMX_DIGEST": "ffffffffffffffff",
    }
    done = ran(name, text_of(lab), hostile)
    seen = parse(done.stdout.decode())
    frozen = [section for section in calm.sections.values() if not DRIFTING.fullmatch(section.name)]
    assert [seen.sections[section.name] for section in frozen] == frozen
    assert b"hostile" not in done.stdout


def test_a_banner_before_the_output_does_no_harm(lab: Deployment) -> None:
    done = ran("dash", "echo '*** welcome @probe ***'; echo '@done 7'\n" + text_of(lab))
    assert parse(done.stdout.decode()).digest == digest()


@pytest.mark.parametrize("argv", [["tcsh", "-f"], ["tcsh", "-fc", "sh -s"], ["csh", "-f"]], ids=" ".join)
def test_csh_hands_the_script_over(argv: list[str], lab: Deployment) -> None:
    needed(argv[0], "tcsh")
    done = subprocess.run(argv, input=text_of(lab).encode(), capture_output=True, env=CLEAN, timeout=60, check=False)
    assert said(parse(done.stdout.decode()), "parts.quarantine.files") == ("total 30",)


def test_a_shell_that_hands_over_may_have_read_ahead_to_anywhere_in_the_bank(lab: Deployment) -> None:
    text = text_of(lab)
    first = text.index(BANK)
    assert text[:first].count("\n") == 3
    last = first + len(BANK)
    for start in [first, last, *random.Random(5).choices(range(first, last), k=4)]:
        assert parse(ran("dash", text[start:]).stdout.decode()).digest == digest()


def test_the_script_also_runs_as_a_file(lab: Deployment, place: Path) -> None:
    file = place / "probe.sh"
    file.write_text(text_of(lab))
    done = subprocess.run(["sh", str(file)], capture_output=True, env=CLEAN, timeout=60, check=True)
    assert parse(done.stdout.decode()).digest == digest()


@in_every_shell
def test_a_script_that_was_cut_does_nothing(name: str, lab: Deployment) -> None:
    text = text_of(lab)
    start = text.index(BANK) + len(BANK)
    end = len(text) - len("}\n")
    # behind every word, which may be a command's name, and anywhere
    words = [found.end() for found in re.finditer(r"^[a-z_]+", text[start:], re.MULTILINE)]
    chance = random.Random(name)
    cuts = [end, *(start + cut for cut in chance.choices(words, k=6)), *chance.choices(range(start, end), k=6)]
    for cut in cuts:
        assert ran(name, text[:cut]).stdout == b"", f"cut at {cut}"


def test_an_output_that_was_cut_anywhere_is_refused(lab: Deployment, outputs: dict[str, Output]) -> None:
    text = ran("dash", text_of(lab)).stdout.decode()
    whole = len(text.rstrip("\n"))
    for cut in [0, whole - 1, *random.Random(7).choices(range(whole), k=50)]:
        with pytest.raises(Damaged):
            parse(text[:cut])


def test_shellcheck_has_nothing_to_say(place: Path) -> None:
    program = needed("shellcheck", "shellcheck")
    done = subprocess.run([program, "-s", "sh", "-"], input=template(), capture_output=True, text=True, check=False)
    assert done.stdout == ""


def test_the_script_has_none_of_the_traps_of_old_shells() -> None:
    assert template().isascii()
    code = "\n".join(line for line in template().splitlines()[3:] if not line.lstrip().startswith("#"))
    for trap in (
        r"<<",
        r"\[\[",
        r"^\s*function \w+\s*(\(\))?\s*{",  # ksh's; with a parameter it is awk's
        r"^\s*local ",
        r"echo -",
        r"\$'",
        r"<\s*/proc/sys",  # read by single bytes these end early
        r"\bsudo\b",
        r"mktemp",
    ):
        assert not re.search(trap, code, re.MULTILINE), trap
    assert template().count(PATH_LINE) == 1


def test_parameters_are_single_words_whatever_they_hold() -> None:
    for text in ("", "a b", "it's", "$(id)`id`", "\\", "''", '"', "* ?", "#;&|<>"):
        done = subprocess.run(["sh", "-c", f"printf %s {quoted(text)}"], capture_output=True, text=True, check=True)
        assert done.stdout == text


def test_the_page_about_the_probe_names_every_command_and_the_digest() -> None:
    page = about()
    assert digest() in page
    for asked in (row for _, rows in sections.ASKED for row in rows):
        assert asked.purpose in page
        assert all(f"`{command.words}`" in page for command in asked.commands)
