"""One server asked over a real ssh: whatever the host does, there is an outcome in time and nothing is left running."""

import asyncio
import json
import os
import re
import shlex
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from checker.facts.collect import ssh
from checker.facts.collect.endings import Diagnosis, Ending, classify
from checker.facts.collect.outcomes import remedy
from checker.inputs.deployment import Server

if TYPE_CHECKING:
    from collect.conftest import Lab

TIMEOUT = 15.0  # what works takes a third of a second, on a busy machine longer
SHORT = 3.0  # for what hangs
HEAD = "printf '@probe 1 0123456789abcdef\\n@begin identity.hostname hostname\\n'\n"
TAIL = "printf '|%s\\n@end identity.hostname 0 1\\n@done 1\\n' \"$(id -u)\"\n"
PROBE = HEAD + TAIL


def ask(lab: "Lab", server: Server, probe: str = PROBE, timeout: float = TIMEOUT) -> tuple[Ending, Diagnosis, float]:
    """What came of asking, the word for it, and the seconds it took."""
    began = time.monotonic()
    ending = asyncio.run(ssh.ask(ssh.command(server, lab.ssh, timeout), probe, timeout))
    took = time.monotonic() - began
    assert lab.clients() == []
    return ending, classify(ending, server.ssh.become), took


def ask_until(lab: "Lab", server: Server, word: str, probe: str = PROBE) -> Diagnosis:
    """The word for it, after SHORT; of a busy machine, where a login takes longer than that, after TIMEOUT."""
    for timeout in (SHORT, TIMEOUT):
        _, verdict, took = ask(lab, server, probe, timeout)
        assert took < timeout + 3
        if verdict.word == word:
            break
    return verdict


@pytest.mark.parametrize("name", ["good", "noisy", "behind"])
def test_a_host_with_a_shell_is_asked(lab: "Lab", name: str) -> None:
    ending, verdict, took = ask(lab, lab.server(name))
    assert verdict.word == "ok", ending
    assert ending.output.endswith("@done 1\n")
    assert took < TIMEOUT


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("unknown", "host key unknown"),
        ("changed", "host key changed"),
        ("denied", "permission denied"),
        ("few-tries", "too many authentication failures"),
        ("closed", "refused"),
        ("nameless", "name not found"),
        ("vanishing", "timed out"),
        ("silent", "stuck before banner"),
        ("banner-only", "stuck after banner"),
        ("endless-banner", "not an ssh server"),
        ("old", "no common algorithm"),
        ("no-shell", "not a shell"),
        ("speechless", "not a shell"),
    ],
)
def test_a_host_that_cannot_be_asked_has_its_own_outcome_in_time(lab: "Lab", name: str, word: str) -> None:
    verdict = ask_until(lab, lab.server(name), word)
    assert verdict.word == word
    assert verdict.detail
    assert remedy(word)


def test_a_host_that_drips_is_stuck_in_time(lab: "Lab") -> None:
    # one byte a second: ssh's own limit sees it or not, by the millisecond in which a byte falls
    _, verdict, took = ask(lab, lab.server("drip"), timeout=SHORT)
    assert verdict.word in ("stuck before banner", "stuck after banner")
    assert took < SHORT + 3


@pytest.mark.parametrize(
    ("probe", "word"),
    [
        (HEAD + "sleep 60\n", "incomplete"),
        (HEAD + "trap '' TERM HUP PIPE; while :; do sleep 1; done\n", "incomplete"),
        (HEAD + "exit 3\n", "incomplete"),
        (HEAD + "kill -9 $PPID\n", "incomplete"),
        ("if then\n", "probe failed"),
        (HEAD + "head -c 100000000 /dev/zero\n", "too much output"),
        (HEAD + "head -c 100000000 /dev/zero >&2\n", "too much output"),
        # in long lines: of short ones a busy machine prints too few before the deadline
        ("while :; do printf 'Welcome%07000d\\n' 0; done\n", "too much output"),
    ],
)
def test_a_probe_that_does_not_end_well_is_never_passed(lab: "Lab", probe: str, word: str) -> None:
    assert ask_until(lab, lab.server("good"), word, probe).word == word


def test_the_ssh_of_a_jump_host_ends_too(lab: "Lab") -> None:
    assert ask_until(lab, lab.server("behind"), "incomplete", HEAD + "sleep 60\n").word == "incomplete"


def test_a_helper_that_will_not_end_is_ended(lab: "Lab") -> None:
    _, verdict, took = ask(lab, lab.server("stubborn"), timeout=1.0)
    assert verdict.word.startswith("stuck")
    assert took < 1.0 + 3


def test_the_section_that_hangs_is_named(lab: "Lab") -> None:
    verdict = ask_until(lab, lab.server("good"), "incomplete", HEAD + "sleep 60\n")
    assert re.fullmatch(r"stopped after (3|15) s, in section identity\.hostname", verdict.detail or "")


def test_a_background_job_that_holds_the_output_delays_nothing(lab: "Lab") -> None:
    _, verdict, took = ask(lab, lab.server("good"), "sleep 60 &\n" + PROBE)
    assert verdict.word == "ok"
    assert took < TIMEOUT


def test_a_probe_larger_than_any_buffer_arrives_whole(lab: "Lab") -> None:
    ending, verdict, _ = ask(lab, lab.server("good"), ("#" * 127 + "\n") * 20_000 + PROBE)
    assert verdict.word == "ok", ending


def test_the_login_is_known_to_work_before_the_probe_has_ended(lab: "Lab") -> None:
    answered: list[bool] = []
    argv = ssh.command(lab.server("good"), lab.ssh)
    ending = asyncio.run(ssh.ask(argv, HEAD + "sleep 60\n", TIMEOUT / 2, lambda: answered.append(True)))
    assert answered == [True]
    assert ending.why == "deadline"


@pytest.mark.parametrize(
    ("sudo", "word"),
    [
        ('#!/bin/sh\n[ "$1" = -n ] && shift && exec "$@"\n', "ok"),
        ("#!/bin/sh\necho 'sudo: a password is required' >&2; exit 1\n", "become failed"),
        (
            "#!/bin/sh\necho 'Sorry, user admin is not allowed to execute /bin/sh as root.' >&2; exit 1\n",
            "become failed",
        ),
        ("#!/bin/sh\nprintf '[sudo] password for admin: ' >&2; read -r line; sleep 60\n", "become failed"),
        (None, "become failed"),
    ],
)
def test_becoming_root_works_or_says_that_it_does_not(lab: "Lab", tmp_path: Path, sudo: str | None, word: str) -> None:
    program = tmp_path / "with 'blanks' $HOME; and more" / "sudo"
    program.parent.mkdir()
    if sudo:
        program.write_text(sudo)
        program.chmod(0o755)
    assert ask_until(lab, lab.server("good", become=[str(program), "-n"]), word).word == word


def test_a_missing_ssh_is_told(tmp_path: Path) -> None:
    ending = asyncio.run(ssh.ask([str(tmp_path / "ssh"), "-T"], PROBE, TIMEOUT))
    verdict = classify(ending)
    assert verdict == Diagnosis("ssh not found", f"{tmp_path / 'ssh'}: No such file or directory")


def test_the_line_to_try_shows_the_same_failure(lab: "Lab") -> None:
    server = lab.server("denied", user="somebody")
    line = ssh.try_line(server, lab.ssh)
    assert line == f"{lab.ssh} -o BatchMode=yes -l somebody -- denied true"
    tried = subprocess.run(shlex.split(line), capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert tried.returncode == 255
    assert "somebody@127.0.0.1: Permission denied (publickey)." in tried.stderr


def test_the_line_to_try_becomes_root_where_the_probe_does(lab: "Lab") -> None:
    assert ssh.try_line(lab.server("good", become=["sudo", "-n"])) == "ssh -o BatchMode=yes -- good 'sudo -n true'"


def test_no_question_is_asked_on_the_way(lab: "Lab", tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = tmp_path / "asked"
    askpass = tmp_path / "askpass"
    askpass.write_text(f"#!/bin/sh\ntouch {asked}\n")
    askpass.chmod(0o755)
    for name, value in {"SSH_ASKPASS": askpass, "SSH_ASKPASS_REQUIRE": "force", "DISPLAY": ":0"}.items():
        monkeypatch.setenv(name, str(value))
    asker = tmp_path / "ssh"
    # as a jump host's own ssh is started: without BatchMode
    asker.write_text(f'#!/bin/sh\nexec {lab.ssh} -o BatchMode=no "$@"\n')
    asker.chmod(0o755)
    ending = asyncio.run(ssh.ask(ssh.command(lab.server("unknown"), str(asker), TIMEOUT), PROBE, TIMEOUT))
    assert classify(ending).word == "host key unknown"
    assert not asked.exists()


TELLS = """#!/bin/sh
(: </dev/tty) 2>/dev/null && echo can ask || echo cannot ask
[ "$(ps -o pgid= -p $$)" -eq $$ ] && echo a group of its own
"""
ASKS = """
import asyncio, os, sys
from checker.facts.collect import ssh
print("terminal", "yes" if os.isatty(0) else "no")
print(asyncio.run(ssh.ask([sys.argv[1]], "", 30.0)).output)
"""


@pytest.mark.parametrize("terminal", ["yes", "no"])
def test_an_ssh_is_a_group_of_its_own_without_a_terminal(tmp_path: Path, terminal: str) -> None:
    tells = tmp_path / "ssh"
    tells.write_text(TELLS)
    tells.chmod(0o755)
    argv = [sys.executable, "-c", ASKS, str(tells)]
    if terminal == "yes":
        argv = ["script", "--quiet", "--return", "--command", shlex.join(argv), "/dev/null"]
    done = subprocess.run(
        argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, start_new_session=True
    )
    assert done.stdout.split() == f"terminal {terminal} cannot ask a group of its own".split(), done.stderr


def test_the_settings_of_ssh_are_known(lab: "Lab") -> None:
    said, files = asyncio.run(ssh.settings(lab.server("behind", user="somebody"), lab.ssh))
    assert said["proxyjump"] == ("good",)
    assert said["user"] == ("somebody",)
    assert said["identityfile"] == (f"{lab.root}/key",)
    assert files and all(Path(file).is_file() for file in files)


def test_an_ssh_that_cannot_tell_its_settings_tells_none(lab: "Lab") -> None:
    assert asyncio.run(ssh.settings(lab.server("good"), "/bin/false")) == ({}, ())


def test_a_host_is_never_read_as_an_option(lab: "Lab") -> None:
    odd = lab.server("good").model_copy(update={"name": "-oProxyCommand=touch /tmp/x"})
    with pytest.raises(ValueError, match="option of ssh"):
        ssh.command(odd)


def test_checking_of_host_keys_is_left_as_the_user_has_it(lab: "Lab") -> None:
    words = " ".join(ssh.command(lab.server("good", user="admin", become=["sudo", "-n"])))
    assert "HostKey" not in words and "KnownHosts" not in words
    assert words.endswith("-l admin -- good sudo -n sh -s")
    assert "BatchMode=yes" in words and "ConnectTimeout=10" in words


MEMORY = """
import asyncio, json, resource, sys
from checker.facts.collect import ssh
argv, probe = json.loads(sys.argv[1])
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
ending = asyncio.run(ssh.ask(argv, probe, 10))
print(ending.why, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


@pytest.mark.parametrize("to", ["", ">&2"])
def test_a_flood_is_not_kept(lab: "Lab", to: str) -> None:
    flood: list[Any] = [ssh.command(lab.server("good"), lab.ssh), f"head -c 100000000 /dev/zero {to}\n"]
    done = subprocess.run(
        [sys.executable, "-c", MEMORY, json.dumps(flood)], capture_output=True, text=True, check=True, env=os.environ
    )
    why, kib = done.stdout.rsplit(maxsplit=1)
    assert why == "too much output"
    assert int(kib) < 30 * 1024
