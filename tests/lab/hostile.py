"""Hosts that must not hurt whoever asks them: how each of them is built."""

from dataclasses import dataclass

from lab.hosts import Hostility

FIRST_BYTES = 500  # of the answer, before the host goes wrong in its midst
FLOOD = 100 * 1024 * 1024

AS_ASKED = '/bin/sh -c "$SSH_ORIGINAL_COMMAND"'


@dataclass(frozen=True)
class Behaviour:
    """`exists`: there is such a host. `port`: what answers on port 22 in sshd's stead. `forced`: run at every login."""

    exists: bool = True
    sshd: bool = False
    port: str | None = None
    forced: str | None = None


BEHAVIOURS: dict[Hostility, Behaviour] = {
    "refused": Behaviour(),
    "unknown-name": Behaviour(exists=False),
    "no-route": Behaviour(exists=False),
    "vanish": Behaviour(exists=False),
    "silent": Behaviour(port="silent"),
    "drip": Behaviour(port="drip"),
    "banner-then-silence": Behaviour(port="banner-then-silence"),
    "endless-banner": Behaviour(port="endless-banner"),
    "hang": Behaviour(sshd=True, forced=f"{AS_ASKED} | head -c {FIRST_BYTES}; exec sleep infinity"),
    "flood": Behaviour(sshd=True, forced=f"yes 'more than anybody asked for' | head -c {FLOOD}"),
    "holds-stdout": Behaviour(sshd=True, forced=f"sleep infinity & exec {AS_ASKED}"),
    "changed-key": Behaviour(sshd=True),
    "network-gone": Behaviour(
        sshd=True, forced=f"{AS_ASKED} | head -c {FIRST_BYTES}; ip link set eth0 down; exec sleep infinity"
    ),
}
