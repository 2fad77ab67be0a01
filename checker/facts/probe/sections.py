"""The sections of the probe: what each asks, and with which of a platform's own commands. The contract between the
script and its parsers, and the source of the page "what it reads, what it runs, what it never does".

A section stands in the output only where the host has a command for it; one that the probe's limits stopped ends with
status `-`, with the lines that it had. Two lines are the probe's own: `absent` where a path is not there, and
`refused WHY` where one may not look or a link leads nowhere. A size or a count is `total N`, or `partial N` (a lower
bound) when it was stopped or something was refused.
"""

from dataclasses import dataclass
from typing import Literal

Family = Literal["asked", "identity", "privilege", "storage", "platform", "puremessage"]


@dataclass(frozen=True)
class Asked:
    """One section: its name, its family, what it is for, and the commands that may stand behind it."""

    name: str
    family: Family
    purpose: str
    commands: tuple[str, ...]


PARTS = ("quarantine", "logs", "database", "configuration", "queue")
NEW_PARTS = ("quarantine", "database")  # what is counted again in the new tree

SECTIONS: tuple[Asked, ...] = (
    Asked(
        "asked",
        "asked",
        "the deployment's name, its paths and `pmx_status` as they were sent, and the digest of this script: "
        "`NAME VALUE`, no value where none is",
        ("printf",),
    ),
    Asked("identity.nodename", "identity", "the running name", ("uname -n",)),
    Asked("identity.hostname", "identity", "the running name, as the other command says it", ("hostname",)),
    Asked(
        "identity.configured",
        "identity",
        "the name that a reboot gives: `FILE:line` for the lines that hold it, in each platform's place",
        (
            "/etc/hostname",
            "/etc/nodename",
            "/etc/HOSTNAME",
            "/etc/myname",
            "HOSTNAME= of /etc/sysconfig/network",
            "hostname= of /etc/rc.conf and /etc/rc.conf.local",
            "HOSTNAME= of /etc/rc.config.d/netconf",
            "lsattr -El inet0 -a hostname",
            "svcprop -p config/nodename svc:/system/identity:node",
        ),
    ),
    Asked(
        "identity.addresses", "identity", "addresses on interfaces", ("ip -o addr show", "ifconfig -a", "netstat -in")
    ),
    Asked(
        "identity.routes",
        "identity",
        "the default route",
        ("ip route show default; ip -6 route show default", "netstat -rn, default rows"),
    ),
    Asked(
        "identity.leases",
        "identity",
        "what DHCP lends: lines with interface, fixed-address and expire of the lease files, `FILE:line`",
        ("lease files of dhclient, NetworkManager and systemd-networkd; dhcpinfo",),
    ),
    Asked("identity.machine-id", "identity", "the machine id", ("/etc/machine-id", "/var/lib/dbus/machine-id")),
    Asked("identity.host-keys", "identity", "public SSH host keys", ("ssh_host_*_key.pub in sshd's places",)),
    Asked("identity.hosts-file", "identity", "lines of /etc/hosts with its own names", ("/etc/hosts",)),
    Asked("identity.lookup", "identity", "its own name looked up, 5 s at most", ("getent hosts NAME", "nslookup NAME")),
    Asked("privilege.id", "privilege", "who the probe runs as", ("id",)),
    Asked("storage.space", "storage", "file systems and their room", ("df -Pkl", "df -kl", "df -k", "bdf -l")),
    Asked("storage.types", "storage", "file system types, where df and mount do not say", ("df -n", "lsfs")),
    Asked("storage.inodes", "storage", "inodes", ("df -Pil", "df -i", "df -o i", "bdf -i -l")),
    Asked("storage.mounts", "storage", "the mount table", ("/proc/mounts", "mount -v", "mount")),
    Asked("storage.source-mount", "storage", "what the 5.6.1 root lands on", ("df -Pk PATH", "df -k PATH")),
    Asked("storage.target-mount", "storage", "what the version 6 root lands on", ("df -Pk PATH", "df -k PATH")),
    Asked("storage.backup-mount", "storage", "what the site's backup lands on", ("df -Pk PATH", "df -k PATH")),
    *(
        Asked(f"storage.{kind}-{part}", "storage", f"{words} the {part} of 5.6.1", commands)
        for part in PARTS
        for kind, words, commands in (
            ("mount", "what carries", ("df -Pk PATH", "df -k PATH")),
            ("size", "disk used by", ("nice du -kx PATH/., summed",)),
            ("files", "files in", ("nice find PATH/. -xdev -type f, counted",)),
            (
                "apparent",
                "bytes in the files of",
                ("of the same find, or its ls -ln: each in blocks of 4 KiB, summed",),
            ),
        )
    ),
    *(
        Asked(f"storage.{kind}-new-{part}", "storage", f"{words} the {part} of version 6, once it is there", commands)
        for part in NEW_PARTS
        for kind, words, commands in (
            ("size", "disk used by", ("nice du -kx PATH/., summed",)),
            ("files", "files in", ("nice find PATH/. -xdev -type f, counted",)),
        )
    ),
    Asked(
        "platform.uname", "platform", "system, release, machine: one line each", ("uname -s", "uname -r", "uname -m")
    ),
    Asked(
        "platform.release", "platform", "the distribution", ("/etc/os-release", "/etc/redhat-release", "/etc/release")
    ),
    Asked(
        "platform.cpus",
        "platform",
        "processors online",
        ("getconf _NPROCESSORS_ONLN", "psrinfo", "lsdev -Cc processor"),
    ),
    Asked(
        "platform.memory",
        "platform",
        "memory",
        ("/proc/meminfo", "prtconf", "sysctl hw.physmem", "lsattr -El sys0 -a realmem"),
    ),
    Asked("platform.limits", "platform", "open files: soft, then hard, one line each", ("ulimit -Sn", "ulimit -Hn")),
    Asked("platform.clock", "platform", "the time in UTC", ("date -u '+%Y-%m-%dT%H:%M:%SZ'",)),
    Asked("platform.processes", "platform", "running programs: user and name", ("ps -A -o user= -o comm=",)),
    Asked(
        "platform.cron",
        "platform",
        "when cron runs something: `FILE:FIELDS` with the five time fields or a nickname as @daily, and "
        "`FILE:CRON_TZ=ZONE`; never the command",
        ("time fields of /etc/crontab, /etc/cron.d and the users' cron tables",),
    ),
    Asked("puremessage.source", "puremessage", "what stands directly under the 5.6.1 root", ("ls -la PATH/.",)),
    Asked("puremessage.target", "puremessage", "what stands directly under the version 6 root", ("ls -la PATH/.",)),
    Asked(
        "puremessage.manifest",
        "puremessage",
        "per part that was counted to the end: name, files, KiB, newest time or `-`; a line each",
        ("the sums above", "newest times of find -printf"),
    ),
    Asked(
        "puremessage.pmx-conf",
        "puremessage",
        "allowed keys of etc/pmx.conf: quarantine_dir log_dir run_dir quarantine_type pmx_db mail_sender port",
        ("sed: these keys only",),
    ),
    Asked(
        "puremessage.pmdb-conf",
        "puremessage",
        "allowed keys of etc/pmx.d/pmdb.conf: type host port dbname database name; never user, password or dsn",
        ("sed: these keys only",),
    ),
    Asked(
        "puremessage.new-pmdb-conf",
        "puremessage",
        "the same keys of the new tree's etc/pmx.d/pmdb.conf, once it is there",
        ("sed: these keys only",),
    ),
    Asked(
        "puremessage.status",
        "puremessage",
        "the product's own word, only where the deployment allows it",
        ("pmx status",),
    ),
    Asked(
        "puremessage.mta",
        "puremessage",
        "kind of mail transfer agent: a word a line",
        ("bundled postfix, sendmail, …",),
    ),
    Asked(
        "puremessage.filters",
        "puremessage",
        "sendmail's filter lines, with their flags",
        ("sendmail.cf", "sendmail.mc"),
    ),
    Asked(
        "puremessage.queues",
        "puremessage",
        "messages in the bundled postfix's queue of 5.6.1 and of version 6: `old N PATH`, `new N PATH`, `absent` for N "
        "where no queue is there",
        ("queue_directory of its main.cf", "nice find PATH/. -xdev, counted"),
    ),
    Asked(
        "puremessage.own-queues",
        "puremessage",
        "messages in the queues of the system's own mail transfer agents: `postfix N PATH`, `sendmail N PATH` (its qf "
        "files), `absent` for N where no queue is there",
        ("queue_directory of main.cf; QueueDirectory of sendmail.cf", "nice find PATH/. -xdev, counted"),
    ),
    Asked("puremessage.listening", "puremessage", "TCP listeners", ("ss -ltn", "netstat -an")),
    Asked("puremessage.peers", "puremessage", "peers on the database port", ("ss -tn", "netstat -an")),
    Asked(
        "puremessage.database-lookup",
        "puremessage",
        "the database's name of pmdb.conf looked up, 5 s at most",
        ("getent hosts NAME", "nslookup NAME"),
    ),
    Asked(
        "puremessage.database-port",
        "puremessage",
        "whether the database's port answers: `open` or `closed`, 5 s at most; absent where no tool is there",
        ("nc -z", "ncat -z", "pg_isready"),
    ),
    Asked(
        "puremessage.new-database-lookup",
        "puremessage",
        "the database's name of the new pmdb.conf looked up, 5 s at most",
        ("getent hosts NAME", "nslookup NAME"),
    ),
    Asked(
        "puremessage.new-database-port",
        "puremessage",
        "whether the database's port of the new pmdb.conf answers: `open` or `closed`, 5 s at most",
        ("nc -z", "ncat -z", "pg_isready"),
    ),
    Asked(
        "puremessage.starters",
        "puremessage",
        "what starts the product: a path a line",
        ("ls, grep -l of init, cron, SMF",),
    ),
    Asked(
        "puremessage.new-starters",
        "puremessage",
        "what names the version 6 root in the same places, once it is there: a path a line",
        ("grep -l of init, cron, SMF",),
    ),
    Asked(
        "puremessage.old-paths",
        "puremessage",
        "files outside the tree that name the old path: `COUNT PATH`",
        ("grep -c in cron, aliases, scripts, monitors",),
    ),
)
NAMES: frozenset[str] = frozenset(asked.name for asked in SECTIONS)
