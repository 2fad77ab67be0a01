"""What a host of the lab is: its name, its roles, how it is entered, and what is wrong with it."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Privilege = Literal["root", "sudo", "sudo-password", "none"]
Hostility = Literal[
    "refused", "unknown-name", "no-route", "vanish",
    "silent", "drip", "banner-then-silence", "endless-banner",
    "hang", "flood", "holds-stdout", "changed-key", "network-gone",
]  # fmt: skip

DOMAIN = "mail.example.net"
PASSWORD = "lab-password"  # of the user who may use sudo with a password
ADMIN = "admin"
GIB = 1024 * 1024  # KiB


@dataclass(frozen=True)
class Disk:
    """The file system on /opt. `full` leaves no block to an ordinary writer, `inodes_used_up` no inode."""

    kind: Literal["tmpfs", "ext4"] = "tmpfs"
    size_kib: int = 8 * GIB
    inodes: int | None = None
    full: bool = False
    inodes_used_up: bool = False
    read_only: bool = False


@dataclass(frozen=True)
class Tree:
    """What stands in /opt/pmx, and what names it outside. `filter_flags` are those of sendmail's filter line."""

    messages: int = 20
    queued: int = 2
    mta: Literal["postfix", "sendmail", "none"] = "postfix"
    filter_flags: str = "T"
    starter: bool = True
    cron: bool = True
    target: Literal["absent", "empty", "populated"] = "absent"


@dataclass(frozen=True)
class Listener:
    """A TCP port with a process behind it that accepts; what it says then is a behaviour of sockets.py."""

    port: int
    process: str
    address: str = "0.0.0.0"
    behaviour: str = "silent"


MANAGER = Listener(18080, "pmx-manager")
ROLE_LISTENERS: dict[str, tuple[Listener, ...]] = {
    "database": (Listener(5432, "postgres", behaviour="postgres"),),
    "csm": (),
    "mta": (Listener(25, "master"), Listener(10026, "master", "127.0.0.1")),
    "mail-filter": (Listener(10025, "pmx-milter", "127.0.0.1"),),
    "euwi": (Listener(28443, "pmx-httpd-rpc"), Listener(28080, "pmx-httpd-rpc")),
    "gwi": (),
}


@dataclass(frozen=True)
class HostSpec:
    """One host to build. All but the name has a value of a healthy host that is entered as root with a key.

    `replay` maps a command line to what it shall print, as `{"uname -s": "SunOS\\n"}`: that program is replaced, and
    fails on every other argument. `absent` names programs that are taken away. `tree` None: no PureMessage there.
    """

    name: str
    roles: tuple[str, ...] = ("mail-filter",)
    first: bool = False
    privilege: Privilege = "root"
    address: str | None = None
    hostname: str | None = None
    configured_hostname: str | None = None
    disk: Disk = Disk()
    tree: Tree | None = Tree()
    listeners: tuple[Listener, ...] | None = None
    banner: str | None = None
    noisy: bool = False
    shell: str = "/bin/bash"
    replay: Mapping[str, str] = field(default_factory=dict)
    absent: tuple[str, ...] = ()
    hostile: Hostility | None = None

    @property
    def full_name(self) -> str:
        return self.hostname or f"{self.name}.{DOMAIN}"

    @property
    def user(self) -> str:
        return "root" if self.privilege == "root" else ADMIN

    @property
    def machine_id(self) -> str:
        return hashlib.md5(self.name.encode(), usedforsecurity=False).hexdigest()

    @property
    def listening(self) -> tuple[Listener, ...]:
        """The listeners given, else those that a healthy server of these roles has, each port once."""
        if self.listeners is not None or self.tree is None:
            return self.listeners or ()
        expected = [MANAGER, *(listener for role in self.roles for listener in ROLE_LISTENERS[role])]
        return tuple({listener.port: listener for listener in expected}.values())
