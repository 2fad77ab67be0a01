"""The names of a run's files in its commands: a shell takes them as they are, and no page is void for them."""

import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from digested_plans import composed
from hostile import EVALUATED, WORDS

from checker.inputs.deployment import Deployment
from runbook.pages.page_model import Drifting, StepRow, Steps
from runbook.pages.sources import Edition
from runbook.pages.whole_set import compose
from runbook.plan.given_files import NONE_GIVEN, given_files, typed
from runbook.plan.planning import build
from runbook.plan.what_changed import changes
from runbook.words import Words

Deploy = Callable[..., Deployment]
HERE = Path("/srv/change")
WINDOWS = [{"start": f"2026-12-{day:02}T20:00", "end": f"2026-12-{day + 1:02}T08:00"} for day in (5, 7)]
TWO_NIGHTS = {"number": "1", "timezone": "Europe/Berlin", "windows": WINDOWS}
GIVEN = given_files(Path("acme mail.yaml"), Path("facts"), Path("approved"), HERE)
RECHECKS = ("recheck-two-days", "recheck-one-hour", "recheck-reopen", "recheck", "recheck-after")
ODD = (
    "plain", "acme mail.yaml", "two  spaces", " first and last ", "it's", 'a "b"', "$(touch x)`x`;x&x|x>x", "~", "*",
    "-o", "--facts", "#x", "a\nb", "tab\there", "\x1b]0;owned\x07", "ü.yaml", "\udcff.yaml", "no\u00a0break", "\u202ex",
    "back\\slash", "{{ 7001*49 }}", "'\n'",
    *(text for text in WORDS.values() if not {"\0", "\ud800"} & set(text) and len(text) < 300),
)  # fmt: skip


def test_a_shell_takes_each_name_as_it_is() -> None:
    names = list(map(Path, ODD))
    asked = f"printf '%s\\0' {' '.join(map(typed, names))}"
    said = subprocess.run(["bash", "-c", asked], capture_output=True, check=True).stdout.split(b"\0")[:-1]
    given = [str(name).encode(errors="surrogateescape") for name in names]
    assert [each.removeprefix(b"./") for each in said] == given
    assert not any(each.startswith(b"-") for each in said), "a name is no option"


def test_a_name_in_a_command_is_one_line_of_readable_letters() -> None:
    for name in ODD:
        word = typed(Path(name))
        assert word.isprintable() and word == " ".join(word.split()), name


def rechecks(made: Edition) -> list[StepRow]:
    blocks = [block for part in compose(made).parts for block in part.blocks if isinstance(block, Steps)]
    return [row for block in blocks for row in block.steps if row.id.rpartition(".")[2] in RECHECKS]


def test_every_check_of_the_night_says_where_it_is_asked_and_collects_first(deploy: Deploy, words: Words) -> None:
    rows = rechecks(composed(deploy("database csm", "mta", change=TWO_NIGHTS), {}, words, GIVEN))
    assert [row.number for row in rows] == ["P.6", "P.7", "1.2", "N2.2", "2.3", "E.2"]
    for row in rows:
        collect, check = (row.command or "").split("\n")
        assert collect == "pmx-preflight collect 'acme mail.yaml' -o facts"
        assert check.startswith("pmx-preflight check 'acme mail.yaml' --facts facts ")
        assert (" --baseline approved " in check) == (row.id != "prepare.recheck-two-days")
        assert row.text.endswith("Admin workstation, in /srv/change:")
        assert "FACTS" not in row.text


def test_a_name_that_was_not_given_is_explained_two_days_before_and_recalled_afterwards(
    deploy: Deploy, words: Words
) -> None:
    files = given_files(HERE / "acme.yaml", Path("facts"), None, HERE)
    first, *others = rechecks(composed(deploy("database csm", "mta"), {}, words, files))
    assert first.text.startswith("After GO, copy facts to APPROVED-FACTS: the approved facts. Admin")
    assert all("APPROVED-FACTS: as chosen two days before." in row.text for row in others)
    assert all("--baseline APPROVED-FACTS " in (row.command or "") for row in others)
    first, *others = rechecks(composed(deploy("database csm", "mta"), {}, words, NONE_GIVEN))
    for told in ("DEPLOYMENT.yaml stands for", "FACTS stands for", "copy FACTS to APPROVED-FACTS"):
        assert told in first.text
    assert all("DEPLOYMENT.yaml, FACTS, APPROVED-FACTS: as chosen" in row.text for row in others)


@pytest.mark.parametrize("baseline", ["approved", "./approved", "x/../approved", "/srv/change/approved"])
def test_nothing_is_collected_over_the_baseline(baseline: str) -> None:
    files = given_files(Path("acme.yaml"), Path("approved"), Path(baseline), HERE)
    assert files.facts == "FACTS" and files.unnamed == ("FACTS",)


@pytest.mark.parametrize(
    ("ways", "options", "explained"),
    [
        ((), "", ""),
        (("ssh",), "", ""),
        (("local",), " --via local", ""),
        (("ansible",), " --via ansible --inventory INVENTORY", "INVENTORY stands for your Ansible inventory."),
        (("files",), " --from-files ANSWERS", "ANSWERS stands for the outputs of the probe, copied here once more."),
        (("ssh", "files"), "", ""),
    ],
)
def test_facts_are_collected_again_in_the_way_in_which_they_came(
    deploy: Deploy, words: Words, ways: tuple[str, ...], options: str, explained: str
) -> None:
    files = given_files(HERE / "acme.yaml", HERE / "facts", HERE / "approved", HERE, ways)
    plan = build(deploy("database csm"), {}, words, files)
    steps = [step for step in plan.steps if step.form in RECHECKS]
    collect = f"pmx-preflight collect acme.yaml -o facts{options}"
    assert {(step.command or "").split("\n")[0] for step in steps} == {collect}
    assert steps[0].text == f"{explained} Admin workstation, in {HERE}:".strip()
    recalled = f"{explained.split()[0]}: as chosen" if explained else "Admin"
    assert steps[2].text.startswith(recalled)


@pytest.mark.parametrize(
    ("given", "names", "directory"),
    [
        (("a.yaml", "facts", "before"), ("a.yaml", "facts", "before"), "/srv/change"),
        (("/srv/change/a.yaml", "/srv/change/f", "before"), ("a.yaml", "f", "before"), "/srv/change"),
        (("/srv/change/a.yaml", "f", "/mnt/b"), ("a.yaml", "f", "/mnt/b"), "/srv/change"),
        (("conf/a.yaml", "f", "/srv/change/b/c"), ("conf/a.yaml", "f", "b/c"), "/srv/change"),
        (("x/a.yaml", "x/f", "./x/b"), ("a.yaml", "f", "b"), "/srv/change/x"),
        (("/else/where/a.yaml", "/else/where/f", "/else/where/y/b"), ("a.yaml", "f", "y/b"), "/else/where"),
        (("../other/a.yaml", "../other/f", "../other/b"), ("a.yaml", "f", "b"), "/srv/other"),
        (("../a.yaml", "f", "b"), ("a.yaml", "change/f", "change/b"), "/srv"),
        (("a.yaml", "../f", "x/../b"), ("a.yaml", "/srv/f", "x/../b"), "/srv/change"),
        (("x/../a.yaml", "f", "b"), ("x/../a.yaml", "f", "b"), "/srv/change"),
        (("/else/a.yaml", "/mnt/f", "/mnt/b"), ("/else/a.yaml", "/mnt/f", "/mnt/b"), None),
        (("/else/a.yaml", "/mnt/f", None), ("/else/a.yaml", "/mnt/f", "APPROVED-FACTS"), None),
        (("x y/-a.yaml", "x y/ü", None), ("./-a.yaml", "'ü'", "APPROVED-FACTS"), "'/srv/change/x y'"),
    ],
)  # fmt: skip
def test_names_are_short_in_the_one_directory_that_is_named(
    given: tuple[str | None, ...], names: tuple[str, str, str], directory: str | None
) -> None:
    deployment, facts, baseline = (Path(name) if name else None for name in given)
    assert deployment is not None
    files = given_files(deployment, facts, baseline, HERE)
    assert (files.deployment, files.facts, files.baseline, files.directory) == (*names, directory)


@pytest.mark.parametrize("way", [Path("a.yaml"), HERE / "a.yaml", Path("sub/a.yaml"), Path("../x/a.yaml")])
def test_the_directory_stands_on_the_cover_and_beside_each_check(deploy: Deploy, words: Words, way: Path) -> None:
    files = given_files(way, way.with_name("facts"), None, HERE)
    made = composed(deploy("database csm", "mta", change=TWO_NIGHTS), {}, words, files)
    named = {part.id for part in compose(made).parts if f"in {files.directory}" in repr(part)}
    rows = rechecks(made)
    assert "cover" in named and rows and all(f"Admin workstation, in {files.directory}:" in row.text for row in rows)


def test_other_files_void_no_page_and_another_server_does(deploy: Deploy, words: Words) -> None:
    elsewhere = given_files(Path("b.yaml"), Path("/else/where --stage x"), None, Path("/"))
    plans = [composed(deploy("database csm", "mta", "mta"), {}, words, each).plan
             for each in (NONE_GIVEN, GIVEN, elsewhere)]  # fmt: skip
    assert len({(plan.digest, *plan.sheets.values(), *plan.documents.values()) for plan in plans}) == 1
    assert len({step.command for plan in plans for step in plan.steps if step.form == "recheck-after"}) == 3
    asked = {row.command.lasting for files in (NONE_GIVEN, GIVEN, elsewhere)
             for row in rechecks(composed(deploy("database csm", "mta"), {}, words, files))
             if isinstance(row.command, Drifting) and row.id == "s2.recheck"}  # fmt: skip
    assert len(asked) == 1 and asked.pop().endswith(" --stage server --server s2 --done s1")
    found = changes(plans[0], plans[1])
    assert found.same and not found.steps, "other names of files are no change of a step"
    asks = {step.id: step.model_copy(update={"command": f"{step.command} --done s9"}) for step in plans[1].steps}
    other = plans[1].model_copy(update={"steps": tuple(
        asks[step.id] if step.form == "recheck-after" else step for step in plans[1].steps)})  # fmt: skip
    assert [line.rpartition("(")[2] for line in changes(plans[0], other).steps] == ["text, command)"]


def test_a_hostile_name_is_data_in_every_command(deploy: Deploy, words: Words) -> None:
    for name in ODD:
        files = replace(NONE_GIVEN, deployment=typed(Path(name)), directory=typed(HERE / name))
        plan = build(deploy("database csm"), {}, words, files)
        commands = [step.command for step in plan.steps if step.form in RECHECKS]
        assert all(command and command.count("\n") == 1 for command in commands), name
        assert EVALUATED not in "".join(map(str, commands)), name
