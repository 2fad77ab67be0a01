"""Who prints in `printing.py`, with what command, and one run of one of them measured."""

import importlib.util
import math
import os
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from contents import Content
from fleet import Memory, started

OURS = str(Path(sys.executable).with_name("pmx-preflight"))
ONE = "one document"
# MB of all processes of one: at least, and more for each server; somewhat above what was seen with 5, 12 and 25
MEMORY = {ONE: (200, 32), "Chromium": (550, 38), "Typst": (120, 16)}
LOOK_SECONDS = 0.05
ENDS = 4096  # bytes at a PDF's end in which our mark stands
TYPST = """
import sys, typst
source, output, fonts = sys.argv[1:]
typst.compile(source, output=output, font_paths=[fonts], ignore_system_fonts=True, pdf_standards="ua-1")
"""
COUNT = "import sys, pypdf; print(sum(pypdf.PdfReader(path).get_num_pages() for path in sys.argv[1:]))"


@dataclass(frozen=True)
class Contender:
    """It writes PDFs into `out`, in each of which `mark` stands.

    `look` at its memory all the while, which takes time from it. It `waits` for its own processes: else their CPU is
    not known.
    """

    name: str
    command: Sequence[str]
    out: Path
    mark: str = ""
    look: bool = False
    waits: bool = True
    environ: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Cost:
    """One run: seconds on the wall and of CPU, MB of its largest process; no more is known where it was `stopped`."""

    wall: float
    cpu: float = math.nan
    process: float = math.nan
    stopped: bool = False


def ours(
    name: str, arguments: Sequence[str], out: Path, mark: str, cache: Path | None, look: bool = False
) -> Contender:
    """The real command, keeping its volumes in `cache`, or nowhere."""
    command = [OURS, *arguments, "-o", str(out / "set.pdf"), *([] if cache else ["--no-cache"])]
    return Contender(name, command, out, mark, look=look, environ={"XDG_CACHE_HOME": str(cache)} if cache else {})


def one_document(content: Content, out: Path) -> Contender:
    """One PDF by WeasyPrint of the ready HTML."""
    script = Path(__file__).with_name("one_document.py")
    return Contender(ONE, [sys.executable, str(script), content.html, str(out / "set.pdf")], out)


def beside(content: Content, folder: Path) -> list[Contender]:
    """Those of whom nothing is promised, as far as they are installed; a line says who is not."""
    found = []
    if chromium := shutil.which("chromium"):
        out = folder / "chromium"
        flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"]
        flags += [f"--user-data-dir={out}/profile", "--no-pdf-header-footer", f"--print-to-pdf={out}/set.pdf"]
        found.append(
            Contender("Chromium", [chromium, *flags, Path(content.html).as_uri()], out, look=True, waits=False)
        )
    else:
        print("Chromium is not installed: left out")
    if importlib.util.find_spec("typst"):
        out = folder / "typst"
        command = [sys.executable, "-c", TYPST, content.typst, str(out / "set.pdf"), content.fonts]
        found.append(Contender("Typst", command, out, look=True))
    else:
        print("Typst is not installed (pip install typst): left out")
    return found


def affordable(contenders: Sequence[Contender], servers: int) -> list[Contender]:
    """Those for whom the available memory is enough; a line says for whom it is not."""
    rows = dict(line.split(":", 1) for line in Path("/proc/meminfo").read_text().splitlines())
    available = int(rows["MemAvailable"].split()[0]) * 1024 / 1e6
    found = []
    for one in contenders:
        least, each = MEMORY[one.name]
        if (need := least + each * servers) <= available:
            found.append(one)
        else:
            print(f"{one.name} would need about {need} MB, and {available:.0f} MB are available: left out")
    return found


def run(contender: Contender, servers: int, limit: float) -> Cost | None:
    """One run into an empty folder, told in a line; None when not all of it was printed."""
    shutil.rmtree(contender.out, ignore_errors=True)
    contender.out.mkdir()
    memory, usage = Memory(), None
    with (contender.out / "said").open("wb") as said:
        began = time.monotonic()
        with started(contender.command, env=os.environ | contender.environ, stdout=said, stderr=said) as process:
            ended = select.poll()
            ended.register(watch := os.pidfd_open(process.pid), select.POLLIN)
            while (left := began + limit - time.monotonic()) > 0:
                if contender.look:
                    memory.look(process.pid)
                if ended.poll(1000 * min(left, LOOK_SECONDS if contender.look else left)):
                    _, status, usage = os.wait4(process.pid, 0)  # with all of its descendants that it waited for
                    process.returncode = os.waitstatus_to_exitcode(status)
                    break
            wall = time.monotonic() - began
            os.close(watch)
    if usage is None:
        print(f"  {contender.name:14} {wall:8.2f} s, stopped at the limit")
        return Cost(wall, stopped=True)
    files = sorted(contender.out.glob("*.pdf"))
    whole = process.returncode == 0 and files and all(_ends_with_mark(path, contender.mark) for path in files)
    pages = _pages(files) if whole else 0
    if pages < servers:
        words = (contender.out / "said").read_text(errors="replace").strip()[-500:]
        print(f"  {contender.name:14} exit {process.returncode}, {pages} pages in {len(files)} files: {words}")
        return None
    # of descendants that nobody waited for, as of Chromium's, only looking tells
    largest = max(usage.ru_maxrss, memory.process) * 1024 / 1e6
    tree = memory.tree * 1024 / 1e6
    cpu = usage.ru_utime + usage.ru_stime if contender.waits else math.nan
    print(
        f"  {contender.name:14} {wall:8.2f} s {f'{cpu:8.2f} s CPU' if contender.waits else 14 * ' '}"
        f" {largest:6.0f} MB in one process{f', {tree:.0f} MB in all' if contender.look else ''}"
        f"  {pages} pages in {len(files)} {'file' if len(files) == 1 else 'files'}"
    )
    return Cost(wall, cpu, largest)


def _ends_with_mark(path: Path, mark: str) -> bool:
    return mark.encode() in path.read_bytes()[-ENDS:]


def _pages(files: Sequence[Path]) -> int:
    """Counted apart, so that this process stays small."""
    counted = subprocess.run([sys.executable, "-c", COUNT, *map(str, files)], capture_output=True, text=True)
    return int(counted.stdout) if counted.returncode == 0 else 0
