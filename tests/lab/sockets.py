"""What listens on the lab's ports, well-behaved or hostile. Runs as a program inside a host's namespaces.

    sockets.py UID [BEHAVIOUR ADDRESS PORT PROCESS]…

It returns when every port is open, and leaves one process for each.
"""

import contextlib
import os
import socket
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path


def silent(peer: socket.socket) -> None:
    """Reads whatever comes and never answers."""
    while peer.recv(65536):
        pass


def postgres(peer: socket.socket) -> None:
    """As a PostgreSQL that is up and lets nobody in: enough for pg_isready."""
    while asked := peer.recv(65536):
        wants_encryption = len(asked) == 8
        refusal = b"SFATAL\0C28000\0Mno pg_hba.conf entry\0\0"
        peer.sendall(b"N" if wants_encryption else b"E" + (len(refusal) + 4).to_bytes(4, "big") + refusal)


def drip(peer: socket.socket) -> None:
    """A byte now and then, of a banner line that never ends.

    Not one each second: ssh counts whole seconds to the end of its patience, and a byte that comes just as they are
    over makes it wait for ever.
    """
    while True:
        peer.sendall(b"S")
        time.sleep(1.3)


def banner_then_silence(peer: socket.socket) -> None:
    peer.sendall(b"SSH-2.0-OpenSSH_9.2\r\n")
    silent(peer)


def endless_banner(peer: socket.socket) -> None:
    while True:
        peer.sendall(b"All access to this system is monitored.\r\n" * 100)


BEHAVIOURS: dict[str, Callable[[socket.socket], None]] = {
    "silent": silent,
    "postgres": postgres,
    "drip": drip,
    "banner-then-silence": banner_then_silence,
    "endless-banner": endless_banner,
}


def converse(behave: Callable[[socket.socket], None], peer: socket.socket) -> None:
    with peer, contextlib.suppress(OSError):
        behave(peer)


def serve(listening: socket.socket, behave: Callable[[socket.socket], None]) -> None:
    while True:
        peer, _ = listening.accept()
        threading.Thread(target=converse, args=(behave, peer), daemon=True).start()


def main() -> None:
    uid, words = int(sys.argv[1]), sys.argv[2:]
    opened = []
    for behaviour, address, port, process in zip(*[iter(words)] * 4, strict=True):
        opened.append((socket.create_server((address, int(port))), BEHAVIOURS[behaviour], process))
    for listening, behave, process in opened:
        if os.fork() == 0:
            for other, _, _ in opened:
                if other is not listening:
                    other.close()
            Path("/proc/self/comm").write_text(process)  # as root still: afterwards it may not be written
            os.setgid(uid)
            os.setuid(uid)
            serve(listening, behave)


if __name__ == "__main__":
    main()
