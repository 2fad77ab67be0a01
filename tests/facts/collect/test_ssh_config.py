"""ssh is asked for each server's settings unless its configuration plainly makes no difference between them."""

import subprocess
from itertools import product
from pathlib import Path

import pytest

from checker.facts.collect.ssh_config import PLAIN, alike, files_read, plain

HOSTS = ("mx1", "mx2", "db1")
SAME = (
    "",
    "User root\nIdentityFile ~/.ssh/pmx\n",
    "Host *\n  User root\n  ProxyJump bastion\n",
    "Host mx1\n  HostName 192.0.2.1\nHost mx2\n  HostName 192.0.2.2\n  Port 2222\n",
    "Host mx1\n  User root\nHost mx2\n  User root\nHost db1\n  User=root\n",
    "Host mx1 mx2 db1\n  ProxyJump bastion\n",
    "Host other\n  ProxyCommand nc bastion 22\n",
    "# Match all\nCanonicalizeHostname no\n",
)
DIFFERENT = (
    "Host mx1\n  ProxyJump bastion\n",
    "Host mx1\n  User root\nHost mx2\n  User admin\nHost db1\n  User root\n",
    "Host mx*\n  User admin\n",
    "Host !db1 *\n  User admin\n",
    "Match host mx1\n  User admin\n",
    "Host mx1\n  Include more\n",
    "CanonicalizeHostname yes\n",
    "host MX1 mx1\nuser admin\n",
    'Host "mx1"\n\tProxyJump=bastion\n',
    "Host mx1\n  RemoteCommand tmux\n",
    "Host mx1\n  SessionType none\n",
    "Host mx1\n  StdinNull yes\n",
)


@pytest.mark.parametrize("text", SAME)
def test_what_is_the_same_for_all_is_seen(text: str) -> None:
    assert alike([text], HOSTS)


@pytest.mark.parametrize("text", DIFFERENT)
def test_what_may_differ_is_never_taken_for_the_same(text: str) -> None:
    assert not alike([text], HOSTS)
    for same in SAME:
        assert not alike([same, text], HOSTS) and not alike([text, same], HOSTS)


def test_ssh_itself_agrees(tmp_path: Path) -> None:
    telling = ("user ", "identityfile ", "proxyjump ", "proxycommand ")
    for number, text in enumerate((*SAME, *DIFFERENT)):
        path = tmp_path / f"config{number}"
        path.write_text(text)
        answers = set()
        for host in HOSTS:
            asked = subprocess.run(
                ["ssh", "-v", "-G", "-F", str(path), host], capture_output=True, text=True, check=True
            )
            answers.add(tuple(line for line in asked.stdout.splitlines() if line.startswith(telling)))
            assert files_read(asked.stderr) == (str(path),)
        if alike([text], HOSTS):
            assert len(answers) == 1, text


def test_every_small_configuration_that_is_called_alike_gives_every_host_the_same(tmp_path: Path) -> None:
    blocks = ("Host mx1\n", "Host mx1 mx2\n", "Host *\n", "Host mx?\n", "")
    lines = ("User a\n", "User b\n", "Port 22\n")
    called = 0
    for first, one, second, other in product(blocks, lines, blocks, lines):
        text = first + one + second + other
        if not alike([text], ("mx1", "mx2")):
            continue
        called += 1
        if called % 5:
            continue  # a process each: a fifth of them is enough
        path = tmp_path / "config"
        path.write_text(text)
        users = {
            next(
                line
                for line in subprocess.run(
                    ["ssh", "-G", "-F", str(path), host], capture_output=True, text=True, check=True
                ).stdout.splitlines()
                if line.startswith("user ")
            )
            for host in ("mx1", "mx2")
        }
        assert len(users) == 1, text
    assert called > 50


def test_only_what_ssh_shows_and_what_would_do_harm_is_overridden() -> None:
    assert plain({}) == ()  # an older ssh, which knows none of it
    assert plain({key: (fine,) for key, (fine, _) in PLAIN.items()}) == ()
    assert plain({"remotecommand": ("tmux attach",), "stdinnull": ("yes",)}) == ("RemoteCommand=none", "StdinNull=no")
    assert plain({"sessiontype": ("subsystem",)}) == ("SessionType=default",)
