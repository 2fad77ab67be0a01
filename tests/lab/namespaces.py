"""The shell that a lab lives in: alone with its network, mounts and processes, for as long as its stdin is open."""

import contextlib
import fcntl
import os
import select
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

PREFIX = "pmx-lab-"
SECONDS = 60.0  # for any one thing to happen; a healthy lab needs a hundredth of that
SEPARATE = ("unshare", "--net", "--mount", "--pid", "--fork", "--kill-child")


class LabError(Exception):
    """The lab could not be built; the message says what failed."""


class Shell:
    """A shell that is the first process of its namespaces: when it ends, the kernel removes all that is in them."""

    def __init__(self, folder: Path):
        environ = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "PMX_LAB": str(folder)}
        self.errors = folder / "errors"
        with self.errors.open("w") as errors:
            self.process = subprocess.Popen(
                [*SEPARATE, "sh"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                env=environ,
                start_new_session=True,
            )
        # should this process be killed, its end of the pipe closes, and the shell clears up
        self._say(f"trap 'umount -l {folder}/private; rm -rf --one-file-system {folder}' EXIT")

    @property
    def pid(self) -> int:
        return self.process.pid

    def run(self, script: str) -> None:
        """Runs a script there; LabError when one of its commands fails."""
        assert self.process.stdout
        self._say(f"(set -e\n{script}\n) </dev/null\necho $?")
        ready, _, _ = select.select([self.process.stdout], [], [], SECONDS)
        status = self.process.stdout.readline().strip().decode() if ready else "no answer"
        if status != "0":
            raise LabError(f"{self.errors.read_text() or script} ({status or 'the shell has ended'})")

    def _say(self, text: str) -> None:
        assert self.process.stdin
        with contextlib.suppress(BrokenPipeError):  # it has ended: seen when its answer is read
            self.process.stdin.write(f"{text}\n".encode())
            self.process.stdin.flush()

    def close(self) -> None:
        """Ends everything in the namespaces and waits until it is gone."""
        assert self.process.stdin and self.process.stdout
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()
        try:
            self.process.wait(SECONDS)
        finally:
            self.process.kill()
            self.process.wait()
            self.process.stdout.close()


@contextlib.contextmanager
def shell() -> Iterator[tuple[Shell, Path]]:
    """A shell in namespaces of its own, and a folder that both sides see; its `private` is seen from inside only."""
    sweep()
    unlocked = Path(tempfile.mkdtemp(prefix=f".{PREFIX}"))
    with (unlocked / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        folder = unlocked.rename(unlocked.with_name(unlocked.name[1:]))  # locked before another lab can sweep it
        try:
            inside = Shell(folder)
            try:
                (folder / "private").mkdir()
                inside.run(f"mount -t tmpfs -o mode=755 tmpfs {folder}/private")
                yield inside, folder
            finally:
                inside.close()
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def sweep() -> None:
    """Removes the folders of labs whose shell was killed too: nobody holds their lock any more."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError), (folder / "lock").open() as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)


def wait_until(happened: Callable[[], bool], deadline: float) -> None:
    """Asks again and again until the answer is true; LabError when the deadline passes."""
    while not happened():
        if time.monotonic() > deadline:
            raise LabError(f"not within {SECONDS:g} s: {happened}")
        time.sleep(0.005)


def missing() -> str | None:
    """Why no lab can be built here; None where it can."""
    if os.geteuid() != 0:
        return "needs namespaces: root only"
    needed = "mount -t tmpfs tmpfs /mnt && mknod /mnt/null c 1 3 && : >/mnt/null && ip link add type veth"
    try:
        done = subprocess.run([*SEPARATE, "sh", "-c", needed], capture_output=True, text=True)
    except OSError as error:
        return f"needs namespaces: {error}"
    return f"needs namespaces: {done.stderr.strip()}" if done.returncode else None
