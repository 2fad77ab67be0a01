"""A host's own files, laid over the machine's root: accounts, sshd, names, commands, PureMessage; and its start."""

import os
import shlex
import subprocess
from collections.abc import Sequence
from pathlib import Path

from lab.hostile import BEHAVIOURS
from lab.hosts import ADMIN, Disk, HostSpec
from lab.trees import PMX_UID, plant

# what the machine has here must not show through
HIDDEN = (
    "boot", "etc/cron.d", "etc/cron.daily", "etc/cron.hourly", "etc/init.d", "etc/ssh", "etc/sudoers.d",
    "etc/systemd/system", "etc/mail", "home", "media", "mnt", "opt", "root", "run", "srv", "tmp", "usr/local",
    "var/lib/dhcp", "var/log", "var/mail", "var/spool", "var/tmp",
)  # fmt: skip
PASSWD = """\
root:x:0:0:root:/root:{root_shell}
daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin
mail:x:8:8:mail:/var/mail:/usr/sbin/nologin
sshd:x:101:65534::/run/sshd:/usr/sbin/nologin
admin:x:1000:1000::/home/admin:{admin_shell}
pmx:x:{pmx}:{pmx}::/opt/pmx/home:/bin/sh
nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin
"""
GROUP = "root:x:0:\ndaemon:x:1:\ntty:x:5:\nmail:x:8:\nsudo:x:27:\nadmin:x:1000:\npmx:x:{pmx}:\nnogroup:x:65534:\n"
# lab.hosts.PASSWORD, as `openssl passwd -6` writes it
ADMIN_HASH = "$6$labsalt$7q5WcrqGiXe9t4NqzUCXSjXviufqgcnDIUsslgol0pBGXuN9KAvjtVPw4MwK4zK3.kVyl/JkP6hwBZrvg2QOW/"
SUDOERS = {
    "sudo": f"{ADMIN} ALL=(ALL) NOPASSWD: ALL\n",
    "sudo-password": f"{ADMIN} ALL=(ALL) ALL\n",
}
SSHD = """\
ListenAddress {address}
HostKey /etc/ssh/ssh_host_ed25519_key
AuthorizedKeysFile /etc/ssh/authorized_keys
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
UsePAM no
UseDNS no
PrintMotd no
PrintLastLog no
PidFile none
Subsystem sftp internal-sftp
"""
PAM = "auth required pam_unix.so\naccount required pam_permit.so\nsession required pam_permit.so\n"
# dirty on purpose: what an administrator's own files print comes before the answer
NOISE = "echo 'You have mail.'\necho '@done 0'\n"

INIT = """\
set -eu
read -r outside rest </proc/self/stat # the number by which the machine knows this process
hostname {full_name}
mkdir {private}/{name}
mount -t tmpfs -o mode=755,size=1g tmpfs {private}/{name}
cd {private}/{name}
mkdir upper work root
mount -t overlay -o lowerdir={lower},upperdir=$PWD/upper,workdir=$PWD/work overlay root
cd root
mount -t proc proc proc
mount -t sysfs -o ro sysfs sys
mount -t tmpfs -o mode=755 tmpfs dev
mknod -m 666 dev/null c 1 3
mknod -m 666 dev/zero c 1 5
mknod -m 666 dev/full c 1 7
mknod -m 666 dev/random c 1 8
mknod -m 666 dev/urandom c 1 9
mknod -m 666 dev/tty c 5 0
mkdir dev/pts dev/shm
mount -t devpts -o newinstance,ptmxmode=666,mode=620 devpts dev/pts
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
{disk}
cp -a {layer}.opt/. opt/
{damage}
{sockets}
pivot_root . .
umount -l .
echo "lab: process $outside"
{server}
"""


def write_layer(layer: Path, spec: HostSpec, address: str, hosts: str, database: str, client_key: str) -> str:
    """Writes the host's files, with what goes to its /opt beside them; the public host key comes back."""
    for folder in HIDDEN:
        place = layer / folder
        place.mkdir(parents=True)
        os.setxattr(place, "trusted.overlay.opaque", b"y")
    for folder in ("tmp", "var/tmp"):
        (layer / folder).chmod(0o1777)
    (layer / "run/sshd").mkdir(mode=0o755)
    (layer / "home/admin").mkdir()
    os.chown(layer / "home/admin", 1000, 1000)
    for folder in ("usr/local/bin", "usr/local/sbin"):
        (layer / folder).mkdir()
    _names(layer / "etc", spec, hosts)
    _accounts(layer / "etc", spec)
    _commands(layer / "usr/bin", spec)
    if spec.noisy:
        for name in (".bashrc", ".cshrc"):
            (layer / spec_home(spec) / name).write_text(NOISE)
    if spec.tree:
        plant(layer, spec, spec.tree, database)
    (layer / "opt").rename(layer.with_suffix(".opt"))
    (layer / "opt").mkdir()
    os.setxattr(layer / "opt", "trusted.overlay.opaque", b"y")
    return _sshd(layer / "etc/ssh", spec, address, client_key)


def spec_home(spec: HostSpec) -> str:
    return "root" if spec.user == "root" else f"home/{spec.user}"


def _names(etc: Path, spec: HostSpec, hosts: str) -> None:
    (etc / "hostname").write_text((spec.configured_hostname or spec.full_name) + "\n")
    (etc / "hosts").write_text(hosts)
    (etc / "machine-id").write_text(spec.machine_id + "\n")
    (etc / "nsswitch.conf").write_text("passwd: files\ngroup: files\nshadow: files\nhosts: files\n")
    (etc / "resolv.conf").write_text("options timeout:1 attempts:1\n")


def _accounts(etc: Path, spec: HostSpec) -> None:
    shells = {"root_shell": "/bin/bash", "admin_shell": "/bin/bash", f"{spec.user}_shell": spec.shell}
    (etc / "passwd").write_text(PASSWD.format(pmx=PMX_UID, **shells))
    (etc / "group").write_text(GROUP.format(pmx=PMX_UID))
    (etc / "shadow").write_text(f"root:*:19000::::::\n{ADMIN}:{ADMIN_HASH}:19000::::::\nsshd:*:19000::::::\n")
    (etc / "shadow").chmod(0o600)
    (etc / "sudoers").write_text("Defaults !lecture\nroot ALL=(ALL) ALL\n" + SUDOERS.get(spec.privilege, ""))
    (etc / "sudoers").chmod(0o440)
    (etc / "pam.d").mkdir()
    (etc / "pam.d/sudo").write_text(PAM)


def _commands(place: Path, spec: HostSpec) -> None:
    place.mkdir(parents=True)
    cases: dict[str, list[str]] = {}
    for number, (line, output) in enumerate(spec.replay.items()):
        program, _, arguments = line.partition(" ")
        (place.parent / "share/replay").mkdir(parents=True, exist_ok=True)
        (place.parent / f"share/replay/{number}").write_text(output)
        cases.setdefault(program, []).append(f"{shlex.quote(arguments)}) exec cat /usr/share/replay/{number} ;;")
    for program, lines in cases.items():
        usage = f"*) echo '{program}: illegal option' >&2; exit 2 ;;"
        (place / program).write_text("\n".join(['#!/bin/sh\ncase "$*" in', *lines, usage, "esac\n"]))
        (place / program).chmod(0o755)
    for program in spec.absent:
        for folder in (place, place.with_name("sbin")):
            folder.mkdir(exist_ok=True)
            os.mknod(folder / program, 0o20000, os.makedev(0, 0))  # the overlay reads this as "there is none"


def _sshd(folder: Path, spec: HostSpec, address: str, client_key: str) -> str:
    key = folder / "ssh_host_ed25519_key"
    make_key(key, f"root@{spec.name}")
    (folder / "authorized_keys").write_text(client_key)
    config = SSHD.format(address=address)
    if spec.banner:
        (folder / "banner").write_text(spec.banner)
        config += "Banner /etc/ssh/banner\n"
    if spec.hostile and (forced := BEHAVIOURS[spec.hostile].forced):
        config += f"ForceCommand {forced}\n"
    (folder / "sshd_config").write_text(config)
    return key.with_suffix(".pub").read_text()


def make_key(path: Path, comment: str) -> None:
    command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", str(path)]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)


def init(spec: HostSpec, address: str, private: str, lower: str, sockets: Sequence[str]) -> str:
    """The script that makes a process with namespaces of its own this host, and ends as its sshd."""
    behaviour = BEHAVIOURS[spec.hostile] if spec.hostile else None
    words: list[object] = [0, behaviour.port, address, 22, "sshd"] if behaviour and behaviour.port else [PMX_UID]
    for listener in spec.listening:
        words += [listener.behaviour, listener.address, listener.port, listener.process]
    return INIT.format(
        name=spec.name,
        full_name=spec.full_name,
        private=private,
        layer=f"{private}/layers/{spec.name}",
        lower=f"{private}/layers/{spec.name}:{lower}",
        disk=_disk(spec.disk),
        damage=_damage(spec.disk),
        sockets=shlex.join([*sockets, *map(str, words)]) if len(words) > 1 else "",
        server="exec /usr/sbin/sshd -D -e" if not behaviour or behaviour.sshd else "exec sleep infinity",
    )


def _disk(disk: Disk) -> str:
    if disk.kind == "tmpfs":
        inodes = f",nr_inodes={disk.inodes}" if disk.inodes else ""
        return f"mount -t tmpfs -o mode=755,size={disk.size_kib}k{inodes} tmpfs opt"
    inodes = f"-N {disk.inodes}" if disk.inodes else ""
    make = f"truncate -s {disk.size_kib}k ../disk\nmkfs.ext4 -q -F {inodes} ../disk"
    return f"{make}\nmount -o loop ../disk opt\nchmod 755 opt"


def _damage(disk: Disk) -> str:
    lines = []
    if disk.full:
        lines.append("cat /dev/zero >opt/filler 2>/dev/null || true")
    if disk.inodes_used_up:
        one_more = "$(($(df --output=iavail opt | tail -n 1) + 1))"
        lines.append(f"mkdir opt/fillers\nseq {one_more} | (cd opt/fillers && xargs touch) 2>/dev/null || true")
    if disk.read_only:
        lines.append("mount -o remount,ro opt")
    return "\n".join(lines)
