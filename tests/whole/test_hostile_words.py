"""A host whose every word is hostile: it is read or reported as unread, and on no page does anything of it live.

And what is secret on a host stays there, whichever way a host is made to say it.
"""

import io
import json
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema
import pytest
from lab.hosts import HostSpec
from lab.lab import HEAD, Host, Lab, lab, missing
from lab.trees import CANARIES
from markdown_it import MarkdownIt
from printed_samples import printed
from pypdf import PdfReader

from runbook.cli.formats import FORMATS
from runbook.cli.main import main

REASON = missing()
pytestmark = [pytest.mark.lab, pytest.mark.skipif(REASON is not None, reason=REASON or "")]

MARKUP = (
    "<script>alert(7001*7)</script><img src=x onerror=alert(1)>\"'--></style>",
    "{{ 7001*7 }}{% if 7001 %}{# gone #}",
    "[a](javascript:x) ![i](http://e.example/i) <http://e.example> **b** `c` | d | # e",
)
WORDS = {
    "markup": "7001" + " ".join(MARKUP),
    "terminal": "7001\x1b[2J\x1b]0;owned\x07\x1b]8;;http://e.example\x1b\\here\x9b31m\x7f\0\u202egnp\u2066\u2028\ufeffend",
    "long": "7001" + "x" * 10_000,
}
TRACE = "7001"  # by which a host's words are known again
EVALUATED = "49007"
# nothing that a terminal, a browser or an eye obeys; a line end is ours
OBEYED = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
OUR_COLOURS = re.compile(r"\x1b\[(?:0|1;3[123])m")
FRAMES = "@done 0\n@end platform.release 0 0\n|not a row\n@probe 1 0000000000000000\n"
LONGEST = 1000  # characters of any text in a facts file: a name has 400, and a reason can quote it


def command(*arguments: object, codes: tuple[int, ...] = (0,), **environment: str) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, "-m", "runbook", *map(str, arguments)]
    environ = {**os.environ, "COLUMNS": "100", **environment}
    done = subprocess.run(
        argv, capture_output=True, encoding="utf-8", timeout=240, stdin=subprocess.DEVNULL, env=environ
    )
    assert done.returncode in codes, f"exit {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done


Command = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """The command in this process: what differs between the formats is the writing, and no start of Python."""

    def run(*arguments: object, codes: tuple[int, ...] = (0,)) -> subprocess.CompletedProcess[str]:
        argv = [sys.executable, "-m", "runbook", *map(str, arguments)]
        monkeypatch.setenv("COLUMNS", "100")
        monkeypatch.setattr(sys, "argv", ["pmx-preflight", *argv[3:]])
        code = 0
        try:
            main()
        except SystemExit as end:
            code = int(end.code or 0)
        said = capsys.readouterr()
        assert code in codes, f"exit {code}\n{said.out}\n{said.err}"
        return subprocess.CompletedProcess(argv, code, said.out, said.err)

    return run


def spoken(word: str) -> HostSpec:
    """A host that says its words wherever it is asked for a name."""
    said = WORDS[word] + "\n"
    names = {"uname -s": "Linux\n", "uname -n": said, "uname -r": said, "uname -m": said, "hostname": said}
    roles = ("database", "csm") if word == "markup" else ("mail-filter",)
    return HostSpec(word, roles, replay=names, banner=said, noisy=True)


def poison(hosts: Lab, host: Host) -> None:
    """Puts its words wherever a host can have any: files, names of files, mounts, processes, configuration."""
    word = WORDS[host.spec.name]
    name = word.replace("/", "_").replace("\0", "0")[:200]  # as a file may be called
    files = {
        "etc/hostname": word,
        "etc/os-release": f'{FRAMES}PRETTY_NAME="{word}"\n',
        "etc/machine-id": word,
        "etc/ssh/ssh_host_rsa_key.pub": f"ssh-rsa AAAA {word}\n{word}\n",
        "etc/mail/sendmail.cf": f"X{word}, S=inet:3366@localhost, F={word}\nXpmx, S={word}\n",
        "etc/mail/sendmail.mc": f"INPUT_MAIL_FILTER(`{word}', `S={word}')dnl\n",
        "var/lib/dhcp/dhclient.leases": f'  interface "{word}";\n  fixed-address {word};\n',
        "opt/pmx/etc/pmx.conf": f"quarantine_dir = {word}\nlog_dir = {word}\npmx_db = {word}\nport = {word}\n",
        "opt/pmx/etc/pmx.d/pmdb.conf": f"type = pg\nhost = {word}\nport = {word}\ndbname = {word}\n",
        "opt/pmx/bin/pmx": "#!/bin/sh\ncat /opt/pmx/words\n",
        "opt/pmx/words": f"{FRAMES}refused {word}\nabsent {word}\n{word}\n",
        "root/.bashrc": "tail -n 1 /opt/pmx/words; echo '@done 0'; cat /opt/pmx/words >&2\n",
        f"opt/pmx/{name}": "",
        f"opt/pmx6/{name}": "",
        f"etc/cron.d/{name}": "5 * * * * pmx /opt/pmx/bin/pmx\n",
        f"etc/init.d/pmx-{name}": "exec /opt/pmx/bin/pmx\n",
    }
    for path, text in files.items():
        place = host.root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.unlink(missing_ok=True)  # os-release is a link
        place.write_text(text)
    (host.root / "opt/pmx/bin/pmx").chmod(0o755)
    (host.root / "etc/hosts").write_text(f"{host.address} {host.spec.full_name} {word}\n")
    hosts.run(host.spec.name, ["mkdir", f"/mnt/{name}"])
    hosts.run(host.spec.name, ["mount", "-t", "tmpfs", "-o", "size=64k", name, f"/mnt/{name}"])
    hosts.run(host.spec.name, ["cp", "/bin/sleep", f"/tmp/{name}"])
    hosts.run(host.spec.name, ["sh", "-c", '"$0" infinity >/dev/null 2>&1 </dev/null &', f"/tmp/{name}"])


def texts(value: Any) -> Iterator[str]:
    """Every text inside a JSON value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner)


@pytest.mark.parametrize("forms", [("md", "html"), pytest.param(("md", "html", "pdf"), marks=pytest.mark.large)])
def test_the_words_of_a_hostile_host_reach_every_page_and_live_on_none(
    tmp_path: Path, forms: tuple[str, ...], here: Command
) -> None:
    deployment, place = tmp_path / "deployment.yaml", tmp_path / "facts"
    with lab([spoken(word) for word in WORDS]) as hosts:
        for word in WORDS:
            poison(hosts, hosts.hosts[word])
        deployment.write_text(hosts.deployment_yaml(HEAD + "probe: {pmx_status: true}\n"))
        said = command("collect", deployment, "-o", place, "--ssh", hosts.ssh, "--timeout", 120)
    obeys_nothing(said.stderr)
    for word in WORDS:
        they_are_facts_or_said_to_be_unread(json.loads((place / f"{word}.json").read_text()))
    with_facts = (deployment, "--facts", place)
    the_reports_are_whole(with_facts, here)
    written = [tmp_path / f"runbook.{suffix}" for suffix in forms]
    command("runbook", *with_facts, *(word for path in written for word in ("-o", path)))
    the_markdown_is_plain(written[0].read_text())
    the_html_is_plain(written[1].read_text())
    for path in written[2:]:
        the_pdf_is_plain(path.read_bytes())


def they_are_facts_or_said_to_be_unread(seen: dict[str, Any]) -> None:
    assert seen["outcome"] == "ok", seen
    assert len(seen["facts"]) > 50
    for path, fact in seen["facts"].items():
        assert "value" in fact or fact["unknown"], path
        assert "a bug of this tool" not in str(fact), fact
    for text in texts(seen):
        assert not OBEYED.search(text), text
        assert len(text) <= LONGEST, text
    telling = {path for path, fact in seen["facts"].items() if TRACE in json.dumps(fact)}
    assert telling >= {"identity.hostname", "platform.release", "platform.distribution", "puremessage.status"}
    assert telling >= {"source.entries", "target.entries", "starters", "processes"}
    # df takes a device with a colon for a file server's and leaves it out; the mount table has it, or it is unread
    unread = any(row.startswith("storage.mounts: ") and TRACE in row for row in seen["unread_rows"])
    assert "storage.mounts" in telling or unread


def obeys_nothing(text: str) -> None:
    found = OBEYED.search(text)
    assert found is None, text[max(0, found.start() - 200) : found.end() + 50]
    assert EVALUATED not in text


def the_reports_are_whole(with_facts: tuple[object, ...], here: Command) -> None:
    # said once, or the minute may change between the two
    asked = ("check", *with_facts, "--stage", "server", "--now", datetime.now(UTC).isoformat())
    coloured = command(*asked, codes=(1, 3), FORCE_COLOR="1", NO_COLOR="").stdout
    plain = command(*asked, codes=(1, 3), NO_COLOR="1").stdout
    assert "\x1b[" in coloured
    assert OUR_COLOURS.sub("", coloured) == plain
    assert TRACE in plain
    obeys_nothing(plain)
    for form in FORMATS.keys() - {"console", "json"}:
        obeys_nothing(here(*asked, "--format", form, codes=(1, 3)).stdout)

    report = json.loads(here(*asked, "--format", "json", codes=(1, 3)).stdout)
    jsonschema.validate(report, json.loads(here("schema", "report").stdout))
    assert [row for row in report["findings"] if row["crashed"]] == []
    junit = here(*asked, "--format", "junit", codes=(1, 3)).stdout
    assert len(list(ElementTree.fromstring(junit).iter("testcase"))) == len(report["findings"]) + 1


def the_markdown_is_plain(text: str) -> None:
    obeys_nothing(text)
    assert TRACE in text
    tokens = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(text)
    flat = [inner for token in tokens for inner in (token, *(token.children or []))]
    assert not {"link_open", "image"} & {token.type for token in flat}
    elements = {token.content.strip() for token in flat if token.type in ("html_inline", "html_block")}
    plan, seal = r"<!-- pmx-preflight plan \w{16} -->", r"<!-- pmx-preflight markdown sha256 [0-9a-f]{64} -->"
    assert all(it == "<br>" or re.fullmatch(f"{plan}(?:{seal})?", it) for it in elements), elements


class Page(HTMLParser):
    """What a browser would make of it: elements, where they point, what they run, and the text."""

    def __init__(self, text: str):
        super().__init__()
        self.elements: Counter[str] = Counter()
        self.runs: list[str] = []
        self.targets: list[str] = []
        self.text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements[tag] += 1
        self.runs += [name for name, _ in attrs if name.startswith("on")]
        self.targets += [value or "" for name, value in attrs if name in ("href", "src", "action", "data", "srcdoc")]

    def handle_data(self, data: str) -> None:
        self.text += data


def the_html_is_plain(text: str) -> None:
    obeys_nothing(text)
    page = Page(text)
    assert not set(page.elements) & {"iframe", "object", "embed", "link", "base"}
    ours = {"script": 1, "form": 1, "button": 4}  # the boxes' own script, its buttons and the guard before a sheet
    assert {tag: page.elements[tag] for tag in ours} == ours
    assert page.runs == []
    assert all(target.startswith(("#", "data:image/svg+xml;base64,", "data:font/")) for target in page.targets)
    assert "<script>alert(7001*7)" in page.text
    assert "{{ 7001*7 }}" in page.text


def the_pdf_is_plain(content: bytes) -> None:
    reader = PdfReader(io.BytesIO(content))
    text = "".join(printed(content))
    assert "alert(7001*7)" in text
    assert "{{7001*7}}" in text
    assert EVALUATED not in text
    assert not {"/OpenAction", "/AA"} & set(reader.trailer["/Root"])  # type: ignore[call-overload]
    for page in reader.pages:
        for reference in page.get("/Annots") or ():
            annotation = reference.get_object()
            assert not {"/A", "/AA"} & set(annotation), annotation  # neither a link to a place outside nor a script


SECRETS = (
    *CANARIES,
    "canary-environment-1d07", "canary-said-at-login-52c8", "canary-sudo-prompt-9a61", "canary-sudo-insult-4be3",
    "canary-error-of-a-command-c015", "canary-error-of-a-shell-7f22", "canary-address-6d90",
)  # fmt: skip
SAYS_ALL = """\
export PMX_DB_PASSWORD=canary-environment-1d07
env
echo "connect failed: dbi:Pg:host=db1;password=canary-said-at-login-52c8" >&2
"""
ENDS = """\
env
echo "canary-said-at-login-52c8"
echo "cannot open postgres://pmx:canary-address-6d90@db1/pmx: PASSWORD=canary-error-of-a-shell-7f22" >&2
exit 1
"""
FAILS = """\
#!/bin/sh
echo "${0##*/}: lost connection, password = canary-error-of-a-command-c015" >&2
exit 2
"""
SUDOERS = """\
Defaults !lecture, passprompt="canary-sudo-prompt-9a61 for %p, password: ", badpass_message="canary-sudo-insult-4be3"
root ALL=(ALL) ALL
admin ALL=(ALL) ALL
"""


def test_what_is_secret_on_a_host_is_in_nothing_that_leaves_it(tmp_path: Path, here: Command) -> None:
    deployment, place = tmp_path / "deployment.yaml", tmp_path / "facts"
    names = ("says-all", "ends", "fails")
    specs = [HostSpec("db1", roles=("database", "csm")), *(HostSpec(name) for name in names)]
    asking = [HostSpec(name, privilege="sudo-password") for name in ("asks-nobody", "reads-stdin")]
    with lab([*specs, *asking]) as hosts:
        (hosts.hosts["says-all"].root / "root/.bashrc").write_text(SAYS_ALL)
        (hosts.hosts["ends"].root / "root/.bashrc").write_text(ENDS)
        for program in ("df", "find", "ss"):
            failing = hosts.hosts["fails"].root / "usr/bin" / program
            failing.unlink()
            failing.write_text(FAILS)
            failing.chmod(0o755)
        for spec in asking:
            sudoers = hosts.hosts[spec.name].root / "etc/sudoers"
            sudoers.write_text(SUDOERS)
            sudoers.chmod(0o440)
        text = hosts.deployment_yaml()
        begun, name, end = text.rpartition("{name: reads-stdin")
        # the wrong way to become root, but a way that people write: sudo prompts, and takes the probe for a password
        deployment.write_text(begun + name + end.replace("[sudo, -n]", "[sudo, -S]"))
        said = [command("collect", deployment, "-o", place, "--ssh", hosts.ssh, "--timeout", 60, codes=(3,))]
        planted = hosts.run("db1", ["grep", "-rhoE", "canary-[a-z0-9-]+", "/opt", "/etc/cron.d"]).stdout
        assert set(planted.split()) == set(CANARIES)
    outcomes = {path.stem: json.loads(path.read_text())["outcome"] for path in place.glob("*.json")}
    assert outcomes == {
        **dict.fromkeys(("db1", "says-all", "fails"), "ok"),
        "ends": "not a shell",
        **dict.fromkeys(("asks-nobody", "reads-stdin"), "become failed"),
    }
    with_facts = (deployment, "--facts", place)
    for form in FORMATS:
        said.append(here("check", *with_facts, "--format", form, codes=(1, 3)))
    pages = [tmp_path / f"runbook.{suffix}" for suffix in ("md", "html", "json")]
    said.append(command("runbook", *with_facts, *(word for path in pages for word in ("-o", path))))
    written = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert {path.suffix for path in written} == {".yaml", ".json", ".probe", ".md", ".html"}
    everything = {str(path): path.read_text() for path in written}
    everything |= {f"{done.args[3:5]} {kind}": getattr(done, kind) for done in said for kind in ("stdout", "stderr")}
    assert {
        where: found for where, text in everything.items() if (found := re.findall("canary-[a-z0-9-]+", text))
    } == {}
    assert set(re.findall("canary-[a-z0-9-]+", SAYS_ALL + ENDS + FAILS + SUDOERS)) | set(CANARIES) == set(SECRETS)
