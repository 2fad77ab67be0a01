"""What README says of the command, and CONTRIBUTING of make, is what they do."""

import re
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

import pytest
import typer

from checker.checks.vendor import DEMANDS
from checker.report import EXIT_CODES, STAGES
from runbook.cli.main import app
from runbook.exit_codes import Ended

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
COMMANDS: dict[str, Any] = typer.main.get_command(app).commands  # type: ignore[attr-defined]
# told once for all commands, below their table
GENERAL = {"--now", "--force"}


def table(head: str) -> list[tuple[str, str]]:
    """The rows of the table below this line, of two cells."""
    (rows,) = re.findall(rf"^\| {head} \|.*\n\|---\|---\|\n((?:\| .* \|\n)+)", README, re.M)
    cells = [re.split(r"(?<!\\) \| ", line[2:-2]) for line in rows.splitlines()]
    return [(left.replace("\\|", "|"), right.replace("\\|", "|")) for left, right in cells]


CALLS = {call.strip("`").split()[0]: (call.strip("`"), told) for call, told in table("command")}
CODES = {int(code): means for code, means in table("exit code")}


def options(of: str) -> set[str]:
    """The options that a text in backticks names."""
    return {option for words in re.findall(r"`([^`]+)`", of) for option in re.findall(r"(?<![\w-])--?[a-z-]+", words)}


def choices(command: str) -> dict[str, tuple[str, ...]]:
    """What each parameter of a command may be, where that is a list; by its options, or its place on the line."""
    hints = get_type_hints(COMMANDS[command].callback)
    found: dict[str, tuple[str, ...]] = {}
    for parameter in COMMANDS[command].params:
        for hint in (hints[parameter.name], *get_args(hints[parameter.name])):
            if get_origin(hint) is Literal:
                found |= dict.fromkeys(parameter.opts, get_args(hint))
    return found


def test_the_table_of_commands_has_each_command_once() -> None:
    assert len(table("command")) == len(CALLS)
    assert set(CALLS) == set(COMMANDS)


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_the_row_of_a_command_has_its_arguments_and_all_its_options_and_no_others(command: str) -> None:
    call, told = CALLS[command]
    line = re.sub(r"\[?--.*|-o .*", "", call).partition(" ")[2].strip()
    arguments = [each for each in COMMANDS[command].params if not each.opts[0].startswith("-")]
    named = [each.metavar or each.name.upper() for each in arguments]
    assert line == " ".join(
        name if each.required else f"[{name.strip('[]')}]" for name, each in zip(named, arguments, strict=True)
    )
    ours = [{*each.opts, *each.secondary_opts} for each in COMMANDS[command].params if each not in arguments]
    # a row may speak of the options of another command
    given = options(f"`{call}`") | (options(told) if command != "templates" else set())
    assert given <= set().union(*ours)
    assert [names for names in ours if not names & (given | GENERAL)] == []
    for each in COMMANDS[command].params:
        if each.required and each not in arguments:
            assert options(f"`{call}`") & set(each.opts), "what must be given stands in the call"


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_the_row_of_a_command_says_what_may_be_chosen(command: str) -> None:
    said = {
        option: tuple(words.split("|"))
        for option, words in re.findall(r"(--[a-z]+) ([a-z\d-]+(?:\|[a-z\d-]+)+)", " ".join(CALLS[command]))
    }
    may = choices(command)
    assert said == {option: may[option] for option in said}
    # the stages are told one by one in the text
    assert {option for option in may if option.startswith("--")} <= {*said, "--stage"}
    if "name" in may:
        assert tuple(re.findall(r"`([a-z]+)`", CALLS[command][1])) == may["name"]


def test_what_all_commands_share_is_told_below_their_table() -> None:
    assert README.index("| `schema NAME`") < min(README.index(f"`{option}") for option in GENERAL)


def test_the_table_of_exit_codes_has_each_code_and_no_other() -> None:
    assert list(CODES) == sorted({*EXIT_CODES.values(), *Ended})
    assert [code for verdict, code in EXIT_CODES.items() if not re.match(rf"{verdict}[:;]", CODES[code])] == []


@pytest.mark.parametrize("name", [name for name, command in COMMANDS.items() if "Exit " in str(command.help)])
def test_a_code_that_the_help_of_a_command_names_is_one_of_the_table_with_that_meaning(name: str) -> None:
    told = re.findall(r"(\d+): ([\w-]+)", COMMANDS[name].help)
    assert told
    for code, word in told:
        assert f"`{name}`:" in CODES[int(code)] or CODES[int(code)].startswith(word), (code, word)


def test_no_command_ends_with_a_number_that_has_no_name() -> None:
    for path in (ROOT / "runbook" / "cli").glob("*.py"):
        assert re.findall(r"\bExit\(\d+\)|^ +return \d+$", path.read_text(), re.M) == [], path.name


def test_the_stages_the_demands_and_the_samples_are_told_as_they_are() -> None:
    (told,) = re.findall(r"Each check falls due at a stage: (.*?)\.\n", README, re.S)
    assert tuple(re.findall(r"`([a-z-]+)`", told)) == STAGES
    assert f"the vendor's demands {DEMANDS[0].id} to {DEMANDS[-1].id} " in README
    (told,) = re.findall(r"\n## Samples\n(.*?)\n\n    ", README, re.S)
    samples = {path.parent.name for path in ROOT.glob("samples/*/deployment.yaml")} | {"this-host.yaml"}
    assert set(re.findall(r"`([\w.-]+)`", told)) == samples


def test_every_target_of_make_is_told_and_no_other() -> None:
    makefile, contributing = ((ROOT / name).read_text() for name in ("Makefile", "CONTRIBUTING.md"))
    (targets,) = re.findall(r"^\.PHONY: (.*)$", makefile, re.M)
    assert set(re.findall(r"(?:`|^ {4})make ([a-z-]+)", README + contributing, re.M)) == set(targets.split())
