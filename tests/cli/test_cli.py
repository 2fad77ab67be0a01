"""The command as a person meets it: exit codes, one line for each fault, files whole or not at all."""

import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import jsonschema
import pytest

from checker import __version__
from checker.checks import CHECKS
from checker.checks.vendor import DEMANDS
from checker.report import Report
from runbook.cli.main import main
from runbook.plan.plan_model import Plan
from runbook.resources import resource

SAMPLES = resource("samples")
MALFORMED = Path(__file__).parent.parent / "inputs" / "malformed"
EXPECTED = tomllib.loads((MALFORMED / "expected.toml").read_text())["faults"]
NAMES = ("harbour-mail", "library-mail", "county-mail", "museum-mail", "university-mail", "no-go")
VERDICTS = {"no-go": ("NO-GO", 1)}


class Run:
    """One run of the command in this process: exit code, stdout, stderr."""

    def __init__(self, code: int, out: str, err: str):
        self.code, self.out, self.err = code, out, err


Command = Callable[..., Run]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    def command(*arguments: object) -> Run:
        monkeypatch.setattr(sys, "argv", ["pmx-preflight", *map(str, arguments)])
        try:
            main()
            code = 0
        except SystemExit as end:
            code = int(end.code or 0)
        said = capsys.readouterr()
        return Run(code, said.out, said.err)

    return command


def real(*arguments: object, **more: object) -> subprocess.CompletedProcess[str]:
    """A run in a process of its own."""
    argv = [sys.executable, "-m", "runbook", *map(str, arguments)]
    return subprocess.run(argv, capture_output=True, text=True, timeout=120, check=False, **more)  # type: ignore[call-overload, no-any-return]


def tried(sample: str) -> list[str]:
    """The arguments that a sample's first line gives to `check`, with its files where they are."""
    line = (SAMPLES / sample / "deployment.yaml").read_text().splitlines()[0]
    words = line.removeprefix("# try: pmx-preflight ").split()
    return [str(SAMPLES.parent / word) if word.startswith("samples/") else word for word in words]


@pytest.mark.parametrize(
    ("case", "command"),  # both read a file in the same way, so one of them is asked of a few
    [(case, ("check", "--via", "local")) for case in sorted(EXPECTED)]
    + [(case, ("runbook", "-o", "out.md")) for case in sorted(EXPECTED)[::16]],
    ids=lambda value: value if isinstance(value, str) else value[0],
)
def test_a_malformed_file_gives_one_line_for_each_fault_and_contacts_nobody(
    case: str, command: tuple[str, ...], run: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path = MALFORMED / f"{case}.yaml"
    said = run(command[0], path, *command[1:])
    assert said.code == 2
    assert said.out == ""
    lines = said.err.splitlines()
    assert len(lines) == len(EXPECTED[case]), said.err
    for line, (number, column, *parts) in zip(lines, EXPECTED[case], strict=True):
        place = f"{path.name}:{number}:{column}: " if number else f"{path.name}: "
        assert place in line
        assert all(part in line for part in parts)
    assert "Traceback" not in said.err
    assert list(tmp_path.iterdir()) == [], "no file is left behind"


def test_there_are_at_least_sixty_malformed_files() -> None:
    assert len(EXPECTED) >= 60
    assert {path.stem for path in MALFORMED.glob("*.yaml")} == set(EXPECTED)


@pytest.mark.parametrize("sample", NAMES)
def test_every_sample_says_what_its_first_line_promises(sample: str, run: Command) -> None:
    verdict, code = VERDICTS.get(sample, ("GO", 0))
    said = run(*tried(sample))
    assert said.code == code, said.out + said.err
    assert said.out.startswith(f"{verdict}: {sample}")
    assert said.err == ""


@pytest.mark.parametrize("sample", NAMES)
def test_json_junit_and_todo_speak_of_the_same_findings(sample: str, run: Command) -> None:
    written = run(*tried(sample), "--format", "json").out
    report = Report.model_validate_json(written)
    jsonschema.validate(json.loads(written), json.loads(run("schema", "report").out))
    suites = ElementTree.fromstring(run(*tried(sample), "--format", "junit").out)
    cases = list(suites.iter("testcase"))
    assert len(cases) == len(report.findings) + len(report.skipped) + 1, "and the verdict"
    todo = run(*tried(sample), "--format", "todo").out
    open_ = [f for f in report.findings if f.outcome in ("fail", "unknown", "manual") and f.severity != "info"]
    assert ("Nothing is open." in todo) == (not open_)


def test_an_output_goes_to_a_file_that_is_whole_and_private(run: Command, tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    said = run(*tried("county-mail"), "--format", "json", "-o", path)
    assert (said.code, said.out) == (0, "")
    assert json.loads(path.read_text())["verdict"] == "GO"
    assert path.stat().st_mode & 0o777 == 0o600
    assert run(*tried("county-mail"), "--format", "json", "-o", path).code == 0, "ours may be written again"


def test_a_file_that_is_not_ours_is_not_overwritten_without_being_told(run: Command, tmp_path: Path) -> None:
    path = tmp_path / "runbook.md"
    path.write_text("my own notes\n")
    deployment = SAMPLES / "county-mail" / "deployment.yaml"
    said = run("runbook", deployment, "-o", path)
    assert said.code == 2 and "--force" in said.err
    assert path.read_text() == "my own notes\n"
    assert run("runbook", deployment, "-o", path, "--force").code == 0
    assert "my own notes" not in path.read_text()


def test_a_draft_without_facts_is_complete_and_contacts_nobody(run: Command, tmp_path: Path) -> None:
    path = tmp_path / "draft.md"
    said = run(
        "runbook", SAMPLES / "university-mail" / "deployment.yaml", "-o", path, "--now", "2026-11-20T10:00+01:00"
    )
    assert said.code == 0
    text = path.read_text()
    assert "NOT-CLEARED" in text and "DRAFT WITHOUT FACTS" in text
    assert all(f"{number} {name}" in text for number, name in ((1, "db1"), (2, "mta1"), (11, "web2")))
    asked = run("runbook", SAMPLES / "university-mail" / "deployment.yaml", "-o", path, "--require-go")
    assert asked.code == 3


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["check", "nowhere.yaml", "--via", "local"], "nowhere.yaml"),
        (["check", "DEPLOYMENT", "--facts", "FACTS", "--via", "local"], "cannot be combined"),
        (["check", "DEPLOYMENT", "--via", "ansible"], "--inventory"),
        (["collect", "DEPLOYMENT", "-o", "facts", "--server", "mx9"], "did you mean mx"),
        (["collect", "DEPLOYMENT", "-o", "facts", "--from-files", "nowhere"], "nowhere"),
        (["diff", "FACTS", "DEPLOYMENT"], "two fact directories, or two reports"),
        (["probe", "--about", "--kit", "DEPLOYMENT"], "expected one of them"),
        (["init", "-o", "DEPLOYMENT", "--from-ansible", "nowhere"], "never overwritten"),
        (["check", "DEPLOYMENT", "--facts", "nowhere"], "nowhere"),
        (["check", "DEPLOYMENT", "--facts", "FACTS", "--server", "mx9"], "did you mean mx"),
        (["check", "DEPLOYMENT", "--facts", "FACTS", "--done", "db"], "--done db"),
        (["check", "DEPLOYMENT", "--facts", "FACTS", "--skip", "disk-spice"], "did you mean disk-space"),
        (["check", "DEPLOYMENT", "--facts", "FACTS", "--only", "x"], "--only x"),
        (["check", "DEPLOYMENT", "--facts", "FACTS", "--now", "tomorrow"], "2026-12-05T21:45+01:00"),
        (["check", "DEPLOYMENT", "--facts", "FACTS", "--format", "xml"], "--format"),
        (["check", "DEPLOYMENT", "--facts", "FACTS", "--stage", "later"], "--stage"),
        (["check", "DEPLOYMENT", "--facts", "FACTS", "-o", "missing/report"], "missing"),
        (["runbook", "DEPLOYMENT", "-o", "out.doc"], ".md, .html, .pdf"),
        (["runbook", "DEPLOYMENT", "-o", "a.md", "-o", "a.md"], "twice"),
        (["runbook", "DEPLOYMENT", "-o", "missing/out.md"], "missing"),
        (["runbook", "DEPLOYMENT", "-o", "a.md", "--for", "auditor"], "evidence"),
        (["runbook", "DEPLOYMENT", "-o", "a.md", "--for", "night", "--slip"], "leave --for out"),
        (["explain", "disk-spice"], "did you mean disk-space"),
        (["check", "--no-such-option"], "--no-such-option"),
        (["no-such-command"], "no-such-command"),
    ],
)
def test_wrong_usage_ends_with_two_and_one_clear_message(
    arguments: list[str], words: str, run: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    places = {"DEPLOYMENT": SAMPLES / "county-mail" / "deployment.yaml", "FACTS": SAMPLES / "county-mail" / "facts"}
    said = run(*(places.get(word, word) for word in arguments))
    assert said.code == 2
    assert words in said.err and "Traceback" not in said.err
    assert list(tmp_path.iterdir()) == []


def test_facts_of_a_server_that_is_not_declared_are_refused(run: Command) -> None:
    said = run("check", SAMPLES / "county-mail" / "deployment.yaml", "--facts", SAMPLES / "university-mail" / "facts")
    assert said.code == 2 and "filter1" in said.err


def test_this_host_is_checked_by_its_own_facts(run: Command, tmp_path: Path) -> None:
    said = run("check", SAMPLES / "this-host.yaml", "--via", "local", "--format", "json", "--timeout", "5")
    report = json.loads(said.out)
    assert said.code == {"GO": 0, "NO-GO": 1, "NOT-CLEARED": 3}[report["verdict"]]
    reachable = next(f for f in report["findings"] if f["check"] == "reachable")
    assert reachable["outcome"] == "pass"
    collected = run("collect", SAMPLES / "this-host.yaml", "--via", "local", "-o", tmp_path / "facts")
    assert collected.code == 0 and collected.out == ""
    facts = json.loads((tmp_path / "facts" / "this-host.json").read_text())
    assert facts["facts"]["identity.hostname"]["value"] == os.uname().nodename
    jsonschema.validate(facts, json.loads(run("schema", "facts").out))


def test_rules_show_every_demand_served_and_every_check(run: Command) -> None:
    rules = json.loads(run("rules", "--format", "json").out)
    assert [demand["id"] for demand in rules["demands"]] == [f"V{number:02}" for number in range(1, 25)]
    assert all(demand["served_by"] for demand in rules["demands"])
    assert [check["id"] for check in rules["checks"]] == [check.id for check in CHECKS]
    text = run("rules").out
    assert all(demand.id in text for demand in DEMANDS) and all(check.id in text for check in CHECKS)


def test_explain_says_which_facts_a_check_reads(run: Command) -> None:
    def reads(check: str) -> str:
        lines: list[str] = run("explain", check).out.splitlines()
        return next(line for line in lines if line.startswith("  reads ")).split(maxsplit=1)[1]

    assert reads("disk-mounted-read-write") == "storage.mounts, target.mount_point, backup.mount_point"
    assert reads("window-clock-change") == "parts.*.kib, parts.*.files, platform.cron", "a family as one"
    assert reads("roles-observed").startswith("parts.database.files, "), "and one of a family by its name"
    assert reads("clocks-agree") == "what its clock said then (host_clock)"
    assert reads("roles-complete") == "no fact of a server: the deployment file decides"


def test_explain_knows_every_check_every_demand_and_every_step(run: Command) -> None:
    for check in CHECKS:
        said = run("explain", check.id)
        assert said.code == 0 and check.title in said.out and check.remedy[0] in said.out
    for demand in DEMANDS:
        assert demand.text in run("explain", demand.id.lower()).out
    assert "V21" in run("explain", "test").out


@pytest.mark.parametrize("sample", NAMES)
def test_the_plan_and_the_sample_follow_their_schemas(sample: str, run: Command, tmp_path: Path) -> None:
    import yaml

    path = tmp_path / "plan.json"
    assert run("runbook", SAMPLES / sample / "deployment.yaml", "-o", path).code == 0
    written = json.loads(path.read_text())
    jsonschema.validate(written, json.loads(run("schema", "plan").out))
    assert Plan.model_validate(written).order[0] == written["order"][0]
    declared = yaml.load((SAMPLES / sample / "deployment.yaml").read_text(), yaml.BaseLoader)
    assert set(declared) <= set(json.loads(run("schema", "deployment").out)["properties"])


def test_the_version_and_a_usage_error_come_from_a_real_process(tmp_path: Path) -> None:
    said = real("--version", cwd=tmp_path)
    assert (said.returncode, said.stdout, said.stderr) == (0, f"pmx-preflight {__version__}\n", "")
    assert real("check", cwd=tmp_path).returncode == 2
    assert real("--help", cwd=tmp_path).returncode == 0


def test_the_same_inputs_give_the_same_bytes_under_any_hash_seed(tmp_path: Path) -> None:
    written = []
    for seed in ("0", "4711"):
        out = tmp_path / seed
        out.mkdir()
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        arguments = [*tried("no-go")[1:2], "--facts", SAMPLES / "no-go" / "facts", "--now", "2026-12-05T21:45+01:00"]
        made = real("runbook", *arguments, *(f"-o{out}/r.{end}" for end in ("md", "html", "json")), env=environment)
        assert made.returncode == 0, made.stderr
        report = real(*tried("no-go"), "--format", "json", env=environment)
        written.append([*((out / f"r.{end}").read_bytes() for end in ("md", "html", "json")), report.stdout])
    assert written[0] == written[1]


def test_the_report_fits_a_narrow_terminal_and_obeys_no_color() -> None:
    environment = {**os.environ, "COLUMNS": "60", "FORCE_COLOR": "1", "NO_COLOR": ""}
    coloured = real(*tried("no-go"), env=environment)
    assert "\x1b[" in coloured.stdout
    plain = real(*tried("no-go"), env={**environment, "NO_COLOR": "1"})
    assert "\x1b" not in plain.stdout
    wide = [line for line in plain.stdout.splitlines() if len(line) > 60]
    assert [line for line in wide if len(line.split()) > 1] == []  # but a checksum, which must be compared whole
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured.stdout) == plain.stdout


def test_an_interrupted_command_ends_with_130() -> None:
    script = (
        "import sys, runbook.cli.common_arguments as c, signal, os\n"
        "c.read_deployment = lambda path: os.kill(os.getpid(), signal.SIGINT) or signal.pause()\n"
        "from runbook.cli.main import main\n"
        "sys.argv = ['pmx-preflight', 'check', 'x', '--via', 'local']\n"
        "main()\n"
    )
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 130
    assert "Traceback" not in ended.stderr


def test_a_bug_of_ours_ends_with_70_and_asks_to_be_reported() -> None:
    script = (
        "import sys, runbook.cli.common_arguments as c\n"
        "c.read_deployment = lambda path: 1 / 0\n"
        "from runbook.cli.main import main\n"
        "sys.argv = ['pmx-preflight', 'check', 'x', '--via', 'local']\n"
        "main()\n"
    )
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 70
    assert "bug of pmx-preflight" in ended.stderr
