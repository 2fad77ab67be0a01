"""A first deployment file from an Ansible inventory: what it says is taken over, what it cannot say is a TODO."""

import json
import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from checker.errors import InputError
from checker.facts.collect import ansible
from checker.inputs.answer_text import yaml_text
from checker.inputs.deployment import ROLES, Role
from checker.inputs.scalars import LABEL, NAME
from checker.signals import ended_by_signals
from checker.text_file import file_label

LIMIT = 300.0  # seconds; an inventory that asks a cloud can be slow
MOST = 2000  # servers that a deployment may have
LISTED = 40  # names in a comment
# words of a group's name, as sites call them; `web` alone means both interfaces
WORDS: Mapping[str, tuple[Role, ...]] = {
    **dict.fromkeys(("database", "databases", "db", "dbs", "pmdb", "postgres", "postgresql", "pgsql"), ("database",)),
    **dict.fromkeys(("csm", "csms"), ("csm",)),
    **dict.fromkeys(("mta", "mtas", "postfix", "sendmail", "mx", "relay", "relays", "smtp"), ("mta",)),
    **dict.fromkeys(("filter", "filters", "mailfilter", "mailfilters", "milter", "milters"), ("mail-filter",)),
    **dict.fromkeys(("euwi", "enduser"), ("euwi",)),
    **dict.fromkeys(("gwi",), ("gwi",)),
}
WEB = ("web", "www", "webs")
PRODUCT = ("pmx", "puremessage", "sophos")
OURS = {"all", "ungrouped"}
# what a deployment has no word for, and ssh's own configuration has
FOR_SSH_CONFIG = (
    "ansible_ssh_common_args", "ansible_ssh_extra_args", "ansible_ssh_private_key_file", "ansible_private_key_file",
)  # fmt: skip
BY_SSH = ("", "ssh", "smart", "paramiko", "paramiko_ssh", "ansible.builtin.ssh", "ansible.builtin.paramiko_ssh")
BY_SUDO = ("", "sudo", "ansible.builtin.sudo")
UNREAD = "\0"  # in place of a value that is a template or was in a vault: it is not looked at, and not printed


@dataclass(frozen=True)
class Host:
    """A host of the inventory: its groups, and of its variables only those that say how it is reached."""

    name: str
    groups: tuple[str, ...]
    address: str
    user: str
    become: str
    port: str
    connection: str = ""
    become_method: str = ""
    become_user: str = ""
    further: tuple[str, ...] = ()  # names of variables that say how it is reached, and that no deployment can say

    @property
    def becomes(self) -> bool:
        return self.become.lower() in ("true", "yes", "1")

    @property
    def roles(self) -> tuple[Role, ...]:
        held = {role for group in self.groups for role in roles_of(group)}
        return tuple(role for role in ROLES if role in held)


def deployment_from(inventory: Path) -> str:
    """A commented deployment file with the hosts of an inventory; it loads once its TODO lines are filled."""
    hosts, groups = _read(inventory)
    # a group such as `pmx_db` is one part of the product, and says nothing of the other parts
    mail = [group for group in groups if set(_words(group)) & set(PRODUCT) and not roles_of(group)]
    meant = [host for host in hosts if not mail or set(host.groups) & set(mail)]
    known = [host for host in meant if host.roles]
    taken = known or meant
    if len(taken) > MOST:
        raise InputError(
            f"{file_label(inventory)}: {len(taken)} hosts, and a deployment has at most {MOST} servers: "
            "name an inventory that holds only those of PureMessage"
        )
    left = [host for host in hosts if host not in taken]
    strange = [group for group in groups if group not in OURS and not roles_of(group)]
    return "".join(line + "\n" for line in _lines(file_label(inventory), taken, left, strange, mail))


def roles_of(group: str) -> tuple[Role, ...]:
    """The roles that a group's name says; none where it says none."""
    words = _words(group)
    said = {role for word in words for role in WORDS.get(word, ())}
    if not said and set(words) & set(WEB):
        said = {"euwi", "gwi"}
    return tuple(role for role in ROLES if role in said)


def _words(group: str) -> list[str]:
    return re.findall("[a-z]+", group.lower())


@ended_by_signals()
def _read(inventory: Path) -> tuple[list[Host], list[str]]:
    ansible.check_inventory(inventory)
    program = ansible.find("ansible-inventory")
    with tempfile.TemporaryDirectory(prefix="pmx-preflight-") as directory:
        # variables may hold what a vault kept: they go to a private file, and only a few names are looked at
        said = Path(directory) / "inventory.json"
        argv = [program, "-i", str(inventory.absolute()), "--list", "--output", str(said)]
        # the hosts of a source that it cannot read would be left out without a word
        whole = {"ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED": "1"}
        try:
            words = ansible.run(argv, Path(directory) / "words", LIMIT, whole)
        except ansible.Stopped as stopped:
            raise InputError(f"{file_label(inventory)}: {stopped}") from None
        try:
            listed = json.loads(said.read_bytes())
        except (OSError, ValueError):
            raise InputError(f"{file_label(inventory)}: Ansible cannot read it: {ansible.error(words)}") from None
    variables = listed.pop("_meta", {}).get("hostvars", {})
    above = {name: set(_ancestors(name, listed)) | {name} for name in listed}
    groups_of: dict[str, set[str]] = {}
    for group, content in listed.items():
        for name in content.get("hosts", ()):
            groups_of.setdefault(name, set()).update(above[group])
    if not groups_of:
        raise InputError(f"{file_label(inventory)}: Ansible finds no host in it{ansible.because(words)}")
    groups = sorted(name for name in listed if name not in OURS)
    hosts = [_host(name, tuple(sorted(within - OURS)), variables.get(name, {})) for name, within in groups_of.items()]
    return hosts, groups


def _ancestors(name: str, groups: Mapping[str, Any], seen: frozenset[str] = frozenset()) -> Iterator[str]:
    for parent, content in groups.items():
        if name in content.get("children", ()) and parent not in seen:
            yield parent
            yield from _ancestors(parent, groups, seen | {parent})


def _host(name: str, groups: tuple[str, ...], variables: Mapping[str, Any]) -> Host:
    def said(*keys: str) -> str:
        found = next((variables[key] for key in keys if variables.get(key) is not None), "")
        readable = isinstance(found, str | int | bool) and "{{" not in str(found) and "{%" not in str(found)
        return str(found) if readable else UNREAD

    return Host(
        name, groups, said("ansible_host", "ansible_ssh_host"), said("ansible_user", "ansible_ssh_user"),
        said("ansible_become"), said("ansible_port", "ansible_ssh_port"), said("ansible_connection"),
        said("ansible_become_method"), said("ansible_become_user"),
        tuple(key for key in FOR_SSH_CONFIG if said(key)),
    )  # fmt: skip


def _lines(source: str, hosts: Iterable[Host], left: list[Host], strange: list[str], mail: list[str]) -> Iterator[str]:
    yield f"# Made from the Ansible inventory {source}. It names the servers, not what the upgrade"
    yield "# needs: fill in every line with TODO, and check each role. `pmx-preflight check` says what is missing."
    yield "deployment: TODO                      # a short name for it, such as acme-mail"
    yield "change:"
    yield "  number: TODO                        # the number of the change record"
    yield "  timezone: TODO                      # of the place where the windows are, such as Europe/Berlin"
    yield "  windows: [{start: TODO, end: TODO}] # local times, such as 2026-12-05T22:00; one pair for each night"
    yield "paths: {source: /opt/pmx, target: /opt/pmx6}   # where 5.6.1 is, and where 6 will be"
    yield "servers:"
    taken: set[str] = set()
    for host in hosts:
        yield from _server(host, taken)
    if left:
        outside = f", or they are not in {_comment(', '.join(mail))}" if mail else ""
        yield f"# Hosts that were left out: none of their groups names a role{outside}:"
        yield from _listed(host.name for host in left)
    if strange:
        yield "# Groups whose names contain no role:"
        yield from _listed(strange)


def _server(host: Host, taken: set[str]) -> Iterator[str]:
    name = host.name
    if not NAME.fullmatch(name) or name.lower() in taken:
        yield f"  # {_comment(name)}: left out, because it is not a valid server name or is used already"
        return
    taken.add(name.lower())
    yield f"  - name: {yaml_text(name)}"
    hostname = next((word for word in (name, host.address) if "." in word and _is_hostname(word)), None)
    if hostname:
        yield f"    hostname: {yaml_text(hostname)}"
    if address := next((word for word in (host.address, name) if _is_address(word)), None):
        yield f"    addresses: [{yaml_text(address)}]   # how Ansible reaches it: also the one that mail reaches?"
    if host.roles:
        said_by = _comment(", ".join(group for group in host.groups if roles_of(group)))
        yield f"    roles: [{', '.join(host.roles)}]   # from {said_by}"
    else:
        yield f"    roles: [TODO]   # of {', '.join(ROLES)}; its groups: {_comment(', '.join(host.groups) or 'none')}"
    yield from _ssh(host)


def _ssh(host: Host) -> Iterator[str]:
    parts = []
    if _is_address(host.address) or _is_hostname(host.address):
        parts.append(f"host: {yaml_text(host.address)}")
    if NAME.fullmatch(host.user):
        parts.append(f"user: {yaml_text(host.user)}")
    plainly = host.become_method in BY_SUDO and host.become_user in ("", "root")
    if host.becomes and plainly:
        parts.append("become: [sudo, -n]")
    if parts:
        yield f"    ssh: {{{', '.join(parts)}}}"
    if host.port.isdigit() and host.port != "22":
        yield f"    # port {_comment(host.port)}: give it in ~/.ssh/config"
    yield from (f"    # TODO: {words}" for words in _unsaid(host, plainly))


def _unsaid(host: Host, plainly: bool) -> Iterator[str]:
    """What the inventory says of how a host is reached and the deployment does not yet, without its values."""
    if host.address and not (_is_address(host.address) or _is_hostname(host.address)):
        yield "ssh: {host: …}, because ansible_host is a template or not a name"
    if host.user and not NAME.fullmatch(host.user):
        yield "ssh: {user: …}, because ansible_user is a template or not a name"
    if host.connection not in BY_SSH:
        yield "Ansible does not use ssh for it (ansible_connection): use --via ansible, or declare how ssh reaches it"
    if host.becomes and not plainly:
        yield "ssh: {become: […]}, the words that lead to root without a question: the inventory does not use sudo"
    elif host.become == UNREAD:
        yield "ssh: {become: […]}, if this host is entered without root: ansible_become is a template"
    if host.port == UNREAD:
        yield "ansible_port is a template: give the port in ~/.ssh/config"
    yield from (f"{key} of the inventory: give it in ~/.ssh/config" for key in host.further)


def _is_address(word: str) -> bool:
    try:
        return "%" not in word and bool(ip_address(word))
    except ValueError:
        return False


def _is_hostname(word: str) -> bool:
    return bool(word) and not _is_address(word) and all(LABEL.fullmatch(label) for label in word.split("."))


def _comment(text: str) -> str:
    return "".join(letter if letter.isprintable() else "?" for letter in text)[:200]


def _listed(names: Iterable[str]) -> Iterator[str]:
    all_names = [_comment(name) for name in names]
    for start in range(0, min(len(all_names), LISTED), 8):
        yield "#   " + ", ".join(all_names[start : min(start + 8, LISTED)])
    if len(all_names) > LISTED:
        yield f"#   and {len(all_names) - LISTED} more"
