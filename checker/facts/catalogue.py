"""Every fact that is known of a host, each in one row: its meaning, unit, commands by platform, and parser."""

from collections.abc import Iterator, Mapping
from typing import Any

from checker.facts import fact_values as v
from checker.facts.fact import Command, Fact, Platform
from checker.facts.parsers import (
    crontabs,
    identity,
    leases,
    mounts,
    network,
    platform,
    puremessage,
    routes,
    sockets,
    storage,
)
from checker.inputs.deployment import PARTS, Part

NEW_PARTS: tuple[Part, ...] = ("quarantine", "database")  # what is counted again in the new tree

LISTED = (Command("ls -la PATH/."),)
DF_PLACE = (Command("df -Pk PATH"), Command("df -k PATH", ("Solaris",)))
SUMMED = (Command("nice du -kx PATH/., summed"),)
COUNTED = (Command("nice find PATH/. -xdev -type f, counted"),)
ADDED_UP = (Command("of the same find, or its ls -ln: each in blocks of 4 KiB, summed"),)
PMDB_CONF = (Command("sed: these keys only"),)
LOOKED_UP = (  # getent says with 2 that there is no such name, nslookup with 1 and in words
    Command("getent hosts NAME", ("Linux", "Solaris", "FreeBSD", "OpenBSD"), fine=(0, 2)),
    Command("nslookup NAME", fine=(0, 1)),
)
PORT_ASKED = (Command("nc -z"), Command("ncat -z"), Command("pg_isready"))
BSD: tuple[Platform, ...] = ("FreeBSD", "OpenBSD", "macOS")

# fmt: off
HOSTNAME: Fact[str] = Fact(
    "identity.hostname", str, "the running host name",
    commands=(Command("uname -n"), Command("hostname")), sections=("identity.nodename", "identity.hostname"),
    parse=lambda said, host: identity.hostname(said.lines, host.spoken))
CONFIGURED_HOSTNAME: Fact[str] = Fact(
    "identity.configured_hostname", str, "the name a reboot would give",
    commands=(
        Command("/etc/hostname", ("Linux",)), Command("/etc/nodename", ("Solaris",)),
        Command("/etc/HOSTNAME", ("Linux",)), Command("/etc/myname", ("OpenBSD",)),
        Command("HOSTNAME= of /etc/sysconfig/network", ("Linux",)),
        Command("hostname= of /etc/conf.d/hostname", ("Linux",)),
        Command("hostname= of /etc/rc.conf and /etc/rc.conf.local", ("FreeBSD",)),
        Command("HOSTNAME= of /etc/rc.config.d/netconf", ("HP-UX",)),
        Command("lsattr -El inet0 -a hostname", ("AIX",)),
        Command("svcprop -p config/nodename svc:/system/identity:node", ("Solaris",)),
    ),
    prints="`FILE:line` for the lines that hold it, in each platform's place",
    parse=lambda said, host: identity.configured_hostname(said.lines, host.system, host.release))
ADDRESSES: Fact[tuple[v.Address, ...]] = Fact(
    "identity.addresses", tuple[v.Address, ...], "addresses on interfaces",
    commands=(
        Command("ip -o addr show", ("Linux",)),
        Command("ifconfig -a", ("Linux", "Solaris", "AIX", *BSD)), Command("netstat -in"),
    ),
    table=True, nothing="it names no address", parse=lambda said, host: network.addresses(said.lines, said.command))
LEASES: Fact[tuple[v.Lease, ...]] = Fact(
    "identity.leases", tuple[v.Lease, ...], "addresses leased from DHCP",
    commands=(
        Command("lease files of dhclient, NetworkManager and systemd-networkd", ("Linux", "FreeBSD")),
        Command("dhcpinfo", ("Solaris",)),
    ),
    sections=("identity.leases", "identity.addresses"),
    prints="lines with interface, fixed-address and expire of the lease files, `FILE:line`",
    parse=leases.lent)
DEFAULT_ROUTE: Fact[tuple[str, ...]] = Fact(
    "identity.default_route_addresses", tuple[str, ...], "own addresses used towards the default route",
    commands=(
        Command("ip route show default; ip -6 route show default", ("Linux",)),
        Command("netstat -rn, default rows"),
    ),
    table=True,  # without IPv6 the second of two looks fails
    parse=lambda said, host: routes.default_route(said.lines, said.command, host.own))
MACHINE_ID: Fact[str] = Fact(
    "identity.machine_id", str, "the operating system's machine id",
    commands=(Command("/etc/machine-id", ("Linux",)), Command("/var/lib/dbus/machine-id", ("Linux", "FreeBSD"))),
    parse=lambda said, _: identity.machine_id(said.lines))
HOST_KEYS: Fact[tuple[str, ...]] = Fact(
    "identity.host_keys", tuple[str, ...], "fingerprints of SSH host keys",
    commands=(Command("ssh_host_*_key.pub in sshd's places"),),
    prints="the public keys", parse=lambda said, _: identity.host_keys(said.lines))
EUID: Fact[int] = Fact(
    "privilege.euid", int, "effective user id that the facts were read with",
    commands=(Command("id"),), parse=lambda said, _: identity.euid(said.lines))
SPACE: Fact[tuple[v.Space, ...]] = Fact(
    "storage.space", tuple[v.Space, ...], "file systems and their space", "KiB", True,
    commands=(
        Command("df -Pkl", ("Linux", "AIX", *BSD)), Command("df -kl", ("Solaris",)), Command("bdf -l", ("HP-UX",)),
        Command("df -k"),
    ),
    table=True, nothing="it has no row of a file system",
    parse=lambda said, host: storage.space(said.lines, host.types))
OWN_ROWS: Fact[tuple[v.OwnRow, ...]] = Fact(
    "storage.own_rows", tuple[v.OwnRow, ...], "places whose own row of df differs from their file system's",
    "KiB", True)
INODES: Fact[tuple[v.Inodes, ...]] = Fact(
    "storage.inodes", tuple[v.Inodes, ...], "inodes of file systems", None, True,
    commands=(
        Command("df -Pil", ("Linux",)), Command("df -i", ("AIX", *BSD)), Command("df -o i", ("Solaris",)),
        Command("bdf -i -l", ("HP-UX",)),
    ),
    table=True, parse=lambda said, _: storage.inodes(said.lines))
MOUNTS: Fact[tuple[v.Mount, ...]] = Fact(
    "storage.mounts", tuple[v.Mount, ...], "the mount table",
    commands=(
        Command("/proc/mounts", ("Linux",)), Command("mount -v", ("Solaris",)),
        Command("mount"),
    ),
    table=True, nothing="it has no row of a mount", parse=lambda said, host: mounts.typed(said.lines, host.types))
SOURCE_ENTRIES: Fact[tuple[v.Entry, ...] | None] = Fact(
    "source.entries", tuple[v.Entry, ...] | None,
    "the entries directly under the 5.6.1 root; null when it is absent", commands=LISTED,
    parse=lambda said, host: puremessage.entries(said.lines, host.deployment.paths.source, host.mount_points))
TARGET_ENTRIES: Fact[tuple[v.Entry, ...] | None] = Fact(
    "target.entries", tuple[v.Entry, ...] | None,
    "the entries directly under the version 6 root; null when absent", commands=LISTED,
    parse=lambda said, host: puremessage.entries(said.lines, host.deployment.paths.target, host.mount_points))
TARGET_MOUNT: Fact[str] = Fact(
    "target.mount_point", str, "the mount point of the version 6 root", commands=DF_PLACE,
    parse=lambda said, _: storage.mount_point(said.lines))
BACKUP_MOUNT: Fact[str] = Fact(
    "backup.mount_point", str, "the mount point of the site's backup", commands=DF_PLACE,
    parse=lambda said, _: storage.mount_point(said.lines))
PART_KIB: dict[Part, Fact[int]] = {part: Fact(
    f"parts.{part}.kib", int, f"disk used by the {part} of 5.6.1", "KiB", True, commands=SUMMED,
    parse=lambda said, _: storage.number(said.lines)) for part in PARTS}
PART_APPARENT_KIB: dict[Part, Fact[int]] = {part: Fact(
    f"parts.{part}.apparent_kib", int, f"bytes in the {part} of 5.6.1, each file in blocks of 4 KiB", "KiB", True,
    commands=ADDED_UP,
    parse=lambda said, _: storage.number(said.lines)) for part in PARTS}
PART_FILES: dict[Part, Fact[int]] = {part: Fact(
    f"parts.{part}.files", int, f"files in the {part} of 5.6.1", "files", True, commands=COUNTED,
    parse=lambda said, _: storage.number(said.lines)) for part in PARTS}
PART_MOUNT: dict[Part, Fact[str]] = {part: Fact(
    f"parts.{part}.mount_point", str, f"the mount point that the {part} of 5.6.1 is on", commands=DF_PLACE,
    parse=lambda said, _: storage.mount_point(said.lines)) for part in PARTS}
NEW_PART_KIB: dict[Part, Fact[int]] = {part: Fact(
    f"target.parts.{part}.kib", int, f"disk used by the {part} of version 6", "KiB", True, commands=SUMMED,
    parse=lambda said, _: storage.number(said.lines)) for part in NEW_PARTS}
NEW_PART_FILES: dict[Part, Fact[int]] = {part: Fact(
    f"target.parts.{part}.files", int, f"files in the {part} of version 6", "files", True, commands=COUNTED,
    parse=lambda said, _: storage.number(said.lines)) for part in NEW_PARTS}
NEW_DATABASE_TARGET: Fact[v.DatabaseTarget] = Fact(
    "target.database_target", v.DatabaseTarget, "the database that the pmdb.conf of version 6 names",
    commands=PMDB_CONF,
    prints="type host port dbname database name; never user, password or dsn",
    parse=lambda said, _: puremessage.database_target(said.lines))
NEW_DATABASE_LOOKUP: Fact[tuple[str, ...]] = Fact(
    "target.database_lookup", tuple[str, ...], "addresses its database's name resolves to; empty: none",
    commands=LOOKED_UP, prints="5 s at most",
    parse=lambda said, _: identity.looked_up(said.lines, said.command))
NEW_DATABASE_PORT: Fact[bool] = Fact(
    "target.database_port", bool, "whether its database's port answers", None, True,
    commands=PORT_ASKED, prints="`open` or `closed`, 5 s at most",
    parse=lambda said, _: puremessage.port_answers(said.lines))
NEW_STARTERS: Fact[tuple[str, ...]] = Fact(
    "target.starters", tuple[str, ...], "what names the version 6 root at boot",
    commands=(Command("grep -l of init, cron, SMF"),),
    prints="a path a line, once the root is there", parse=lambda said, _: identity.texts(said.lines))

LOOKUP: Fact[tuple[str, ...]] = Fact(
    "identity.lookup", tuple[str, ...], "addresses its own name resolves to",
    commands=LOOKED_UP, prints="5 s at most", parse=lambda said, _: identity.looked_up(said.lines, said.command))
HOSTS_FILE: Fact[tuple[str, ...]] = Fact(
    "identity.hosts_file", tuple[str, ...], "lines of /etc/hosts with its names",
    commands=(Command("/etc/hosts"),),
    parse=lambda said, _: identity.texts(said.lines))
DATABASE_TARGET: Fact[v.DatabaseTarget] = Fact(
    "puremessage.database_target", v.DatabaseTarget, "the database that pmdb.conf names",
    commands=PMDB_CONF,
    prints="allowed keys of etc/pmx.d/pmdb.conf: type host port dbname database name; never user, password or dsn",
    parse=lambda said, _: puremessage.database_target(said.lines))
DATABASE_LOOKUP: Fact[tuple[str, ...]] = Fact(
    "puremessage.database_lookup", tuple[str, ...], "addresses the database's name resolves to; empty: none",
    commands=LOOKED_UP, prints="the name of pmdb.conf, 5 s at most",
    parse=lambda said, _: identity.looked_up(said.lines, said.command))
DATABASE_PORT: Fact[bool] = Fact(
    "puremessage.database_port", bool, "whether the database's port answers", None, True,
    commands=PORT_ASKED,
    prints="`open` or `closed`, 5 s at most; absent where no tool is there",
    parse=lambda said, _: puremessage.port_answers(said.lines))
PEERS: Fact[tuple[str, ...]] = Fact(
    "puremessage.database_peers", tuple[str, ...], "addresses connected to the database port here", None, True,
    commands=(Command("ss -tn", ("Linux",)), Command("netstat -an")),
    parse=lambda said, host: sockets.peers(said.lines, host.database_port))
MTA: Fact[tuple[str, ...]] = Fact(
    "puremessage.mta", tuple[str, ...], "kinds of mail transfer agent that are installed",
    commands=(Command("bundled postfix, sendmail, …"),), prints="a word a line",
    parse=lambda said, _: identity.texts(said.lines))
FILTER_LINES: Fact[tuple[v.FilterLine, ...]] = Fact(
    "puremessage.filter_lines", tuple[v.FilterLine, ...], "sendmail's mail filters and their flags",
    commands=(Command("sendmail.cf"), Command("sendmail.mc")),
    parse=lambda said, _: puremessage.filters(said.lines))
QUEUE_OLD: Fact[int] = Fact(
    "puremessage.queue_old", int, "messages in the queue of 5.6.1", "messages", True,
    commands=(Command("queue_directory of its main.cf"), Command("nice find PATH/. -xdev, counted")),
    sections=("puremessage.queues",), prints="`old N PATH`, `absent` for N where no queue of the bundled postfix is",
    parse=lambda said, host: puremessage.queue(said.lines, "old", host.mount_points))
QUEUE_NEW: Fact[int] = Fact(
    "puremessage.queue_new", int, "messages in the queue of version 6", "messages", True,
    commands=QUEUE_OLD.commands, sections=("puremessage.queues",), prints="`new N PATH`, likewise",
    parse=lambda said, host: puremessage.queue(said.lines, "new", host.mount_points))
OWN_QUEUES: Fact[tuple[v.MailQueue, ...]] = Fact(
    "puremessage.own_queues", tuple[v.MailQueue, ...], "queues of the system's own Postfix and sendmail; null messages "
    "where no queue is there", None, True,
    commands=(
        Command("queue_directory of main.cf; QueueDirectory of sendmail.cf"), Command("nice find PATH/. -xdev, counted")
    ),
    prints="`postfix N PATH`, `sendmail N PATH` (its qf files), `absent` for N where no queue is there",
    parse=lambda said, host: puremessage.own_queues(said.lines, host.mount_points))
OLD_PATHS: Fact[tuple[v.PathHits, ...]] = Fact(
    "puremessage.old_paths", tuple[v.PathHits, ...], "files outside the installation that name the 5.6.1 path",
    commands=(Command("grep -c in cron, aliases, scripts, monitors"),),
    prints="`COUNT PATH`", parse=lambda said, _: puremessage.old_paths(said.lines))
MANIFEST: Fact[tuple[v.PartManifest, ...]] = Fact(
    "puremessage.manifest", tuple[v.PartManifest, ...], "counts, bytes and newest times of the parts", None, True,
    commands=(Command("the sums above"), Command("newest times of find -printf")),
    prints="per part that was counted to the end: name, files, KiB, newest time or `-`; a line each",
    parse=lambda said, _: puremessage.manifest(said.lines))
STATUS: Fact[tuple[str, ...]] = Fact(
    "puremessage.status", tuple[str, ...], "what pmx status printed", None, True,
    commands=(Command("pmx status"),), prints="only where the deployment allows it",
    parse=lambda said, _: identity.texts(said.lines))

SYSTEM: Fact[str] = Fact(
    "platform.system", str, "the operating system's own name (uname -s)", commands=(Command("uname -s"),),
    sections=("platform.uname",), parse=lambda said, _: platform.line(said.lines, 0))
RELEASE: Fact[str] = Fact(
    "platform.release", str, "its release (uname -r)", commands=(Command("uname -r"),),
    sections=("platform.uname",), parse=lambda said, _: platform.line(said.lines, 1))
DISTRIBUTION: Fact[str] = Fact(
    "platform.distribution", str, "the distribution's name and version",
    commands=(
        Command("/etc/os-release", ("Linux", "FreeBSD")), Command("/etc/redhat-release", ("Linux",)),
        Command("/etc/SuSE-release", ("Linux",)), Command("/etc/release", ("Solaris",)),
    ),
    parse=lambda said, _: platform.distribution(said.lines))
MACHINE: Fact[str] = Fact(
    "platform.machine", str, "the processor's architecture (uname -m)", commands=(Command("uname -m"),),
    sections=("platform.uname",), parse=lambda said, _: platform.line(said.lines, 2))
CPUS: Fact[int] = Fact(
    "platform.cpus", int, "processors online",
    commands=(
        Command("getconf _NPROCESSORS_ONLN"), Command("psrinfo", ("Solaris",)),
        Command("lsdev -Cc processor", ("AIX",)),
    ),
    parse=lambda said, _: platform.cpus(said.lines))
MEMORY: Fact[int] = Fact(
    "memory.total_kib", int, "memory of the machine", "KiB",
    commands=(
        Command("/proc/meminfo", ("Linux",)), Command("prtconf", ("Solaris",)),
        Command("sysctl hw.physmem", BSD), Command("lsattr -El sys0 -a realmem", ("AIX",)),
    ),
    parse=lambda said, _: platform.memory(said.lines, said.command))
OPEN_FILES: Fact[v.Limit] = Fact(
    "limits.open_files", v.Limit, "open files a process may have",
    commands=(Command("ulimit -Sn"), Command("ulimit -Hn")),
    prints="soft, then hard, one line each", parse=lambda said, _: platform.open_files(said.lines))
PROCESSES: Fact[tuple[v.Process, ...]] = Fact(
    "processes", tuple[v.Process, ...], "running programs", None, True,
    commands=(
        Command("ps --ppid 2 -p 2 --deselect -o user= -o comm=", ("Linux",)), Command("ps -A -o user= -o comm=")
    ),
    table=True, prints="user and name",
    parse=lambda said, _: platform.processes(said.lines))
LISTENERS: Fact[tuple[v.Listener, ...]] = Fact(
    "ports.listening", tuple[v.Listener, ...], "TCP listeners", None, True,
    commands=(Command("ss -ltn", ("Linux",)), Command("netstat -an")),
    table=True, parse=lambda said, _: sockets.listeners(said.lines))
CRON: Fact[tuple[v.CronLine, ...]] = Fact(
    "platform.cron", tuple[v.CronLine, ...], "lines of cron tables: file and time fields, never the command",
    commands=(Command("time fields of /etc/crontab, /etc/cron.d and the users' cron tables"),),
    prints="`FILE:FIELDS` with the five time fields or a nickname as @daily, and `FILE:CRON_TZ=ZONE`",
    parse=lambda said, _: crontabs.cron(said.lines))
STARTERS: Fact[tuple[str, ...]] = Fact(
    "starters", tuple[str, ...], "what starts the product at boot or by time",
    commands=(Command("ls, grep -l of init, cron, SMF"),),
    prints="a path a line", parse=lambda said, _: identity.texts(said.lines))
# fmt: on


def _rows() -> Iterator[Fact[Any]]:
    for row in list(globals().values()):
        if isinstance(row, Fact):
            yield row
        elif isinstance(row, dict):
            yield from (part for part in row.values() if isinstance(part, Fact))


CATALOGUE: Mapping[str, Fact[Any]] = {fact.path: fact for fact in _rows()}
