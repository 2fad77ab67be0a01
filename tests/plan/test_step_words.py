"""Every step has its words, no words are left over, and they read whole for every pattern of servers."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import get_args

from checker.checks.vendor import DEMANDS
from checker.inputs.deployment import ROLE_NAMES, ROLES, Deployment
from checker.schedule.step_catalogue import FORMS, ROWS, SHEET, Around, Sheet
from runbook.plan.conditions import KNOWN, NOT, Circumstance
from runbook.plan.demands_served import serving
from runbook.plan.plan_model import Plan
from runbook.plan.planning import build
from runbook.resources import resource
from runbook.words import Words, load_words

Plans = tuple[tuple[Deployment, Plan], ...]
Deploy = Callable[..., Deployment]

# what a value that is missing, empty or not filled in leaves behind
TORN = re.compile(r"None|Undefined|\[\]|\(\)|\{|\}|  |^ | $|: ?$| [.,;:)]|\( |,,|;;|: [.;,]|, \.")


# whose title says all that is done
NO_TEXT = {"counts-after", "counts-before", "product-queue-after", "start-look", "verify"}


def sentences(plan: Plan) -> Iterator[tuple[str, str]]:
    """Every sentence of a plan that our words made, with where it stands."""
    for step in plan.steps:
        for field in ("title", "text", "blank", "caution"):
            yield f"{step.form}.{field}", getattr(step, field) or ""
        if step.basis.kind != "site":
            yield f"{step.form}.command", step.command or ""
            yield f"{step.form}.expect", step.expect or ""
            yield f"{step.form}.if_not", step.if_not or ""
    for row in plan.interruptions:
        for field in ("service", "audience", "cause", "words", "desk"):
            yield f"{row.key}.{field}", getattr(row, field)
    yield "turn-back.why", plan.turn_back.why
    for line in (*plan.turn_back.lost, *plan.assumptions):
        yield "plan", line


def test_every_form_of_step_has_words_and_no_words_are_left_over(words: Words) -> None:
    assert set(words.tables["steps"]) == set(FORMS)
    for form in FORMS:
        missing = {"title", "text", "expect", "if_not"} - set(words.tables["steps"][form])
        assert missing == set(), form


def test_a_form_has_words_for_its_blank_where_its_row_says_that_it_may_have_one(words: Words) -> None:
    labelled = {form for form, fields in words.tables["steps"].items() if "blank" in fields}
    assert labelled == {row.form for row in ROWS if row.blank}


def test_every_block_of_steps_has_its_heading(words: Words) -> None:
    pages = words.tables["pages"]
    assert {key.removeprefix("night-") for key in pages if key.startswith("night-")} == set(get_args(Around))
    headed = {field.removeprefix("block-") for field in pages["sheet"] if field.startswith("block-")}
    assert headed - {"end"} == set(get_args(Sheet))  # "end": the completion call, below all of them


def test_the_words_of_steps_have_no_field_that_nothing_prints(words: Words) -> None:
    printed = ("title", "text", "expect", "if_not", "caution", "command", "blank", "options")
    for form, fields in words.tables["steps"].items():
        assert set(fields) == {name for field in printed for name in words.sentences("steps", form, field)}, form


def test_a_condition_is_of_a_sentence_that_is_there_and_is_one_that_we_know(words: Words) -> None:
    used = set[str]()
    for (file, key), when in words.when.items():
        assert set(when) <= set(words.tables[file][key]), (file, key)
        used |= {condition.removeprefix(NOT) for conditions in when.values() for condition in conditions}
    assert used <= set(KNOWN)
    assert set(get_args(Circumstance)) <= used, "a circumstance that no sentence depends on"


def test_every_form_of_step_and_every_row_of_words_is_used_by_some_plan(worded: Plans, words: Words) -> None:
    steps = {step.form for _, plan in worded for step in plan.steps}
    by_facts = {key for key, fields in words.tables["interruptions"].items() if "rejected" in fields}
    rows = {(row.key, row.impact) for _, plan in worded for row in plan.interruptions if row.key not in by_facts}
    assert steps == set(FORMS)
    impacts = {"down", "reduced", "degraded", "unknown"}
    assert rows == {
        (key, impact)
        for key, fields in words.tables["interruptions"].items()
        for impact in impacts & set(fields)
        if key not in by_facts
    }


def test_the_forms_of_the_blocks_of_a_sheet_are_those_that_some_sheet_has(worded: Plans) -> None:
    on_sheets = {step.form for _, plan in worded for name in plan.order for step in plan.of(name)}
    assert on_sheets == {form for form, row in FORMS.items() if row.block in SHEET}


def test_a_blank_has_a_label_of_its_own_wherever_only_the_sites_copy_knows(worded: Plans, words: Words) -> None:
    for _, plan in worded:
        for step in plan.blanks():
            assert words.tables["steps"][step.form].get("blank"), step.form
            assert step.command is None, step.form


def test_no_sentence_of_a_plan_is_torn(worded: Plans) -> None:
    """But for those that end with what stands below them: boxes, or a command."""
    torn = {(where, said) for _, plan in worded for where, said in sentences(plan) if TORN.search(said)}
    assert {where for where, said in torn if not said.endswith(" Admin workstation:")} <= {"migrate.text"}
    assert {said for where, said in torn if where == "migrate.text"} <= {"Exactly these options:"}


def test_a_role_is_named_as_the_vendors_installer_names_it_and_never_by_the_files_short_word(worded: Plans) -> None:
    assert tuple(ROLE_NAMES) == ROLES
    shortened = re.compile(r"(?<![\w-])(csm|mta|mail-filter|euwi|gwi)(?![\w-])")
    for _, plan in worded:
        assert {said for _, said in sentences(plan) if shortened.search(said)} == set()
    assert any("Central Server Manager (CSM)" in said for _, plan in worded for _, said in sentences(plan))


def test_every_step_has_a_title_an_expectation_what_if_not_and_a_text_but_where_the_title_says_all(
    worded: Plans,
) -> None:
    for deployment, plan in worded:
        for step in plan.steps:
            assert step.title and step.expect and step.if_not, (step.id, deployment.servers)
            assert step.text or step.form in NO_TEXT, step.id


def test_the_sites_line_says_its_own_and_ours_fill_what_it_leaves_out(deploy: Deploy, words: Words) -> None:
    lines = [
        {"text": "Ours", "command": "rm -i it", "expect": "gone", "if_not": "cry", "repeatable": "no"},
        {"text": "B"},
    ]
    own, bare = (
        step for step in build(deploy("csm", procedure={"stop": lines}), {}, words).steps if step.kind == "stop"
    )
    assert (own.site_text, own.command, own.expect, own.if_not) == ("Ours", "rm -i it", "gone", "cry")
    assert (own.repeatable, own.blank, own.basis.kind, own.basis.refs) == ("no", None, "site", ("procedure.stop",))
    ours = words.tables["steps"]["stop"]
    assert (bare.site_text, bare.command, bare.expect, bare.if_not) == ("B", None, ours["expect"], ours["if_not"])
    assert bare.repeatable == "unknown"


def test_a_step_with_a_blank_is_never_said_to_be_repeatable(worded: Plans) -> None:
    for _, plan in worded:
        assert {step.repeatable for step in plan.blanks()} == {"unknown"}
        assert {step.repeatable for step in plan.steps if step.kind in ("upgrade", "migrate")} <= {"unknown"}


def test_the_options_of_each_server_are_read_out_in_its_migration_step(deploy: Deploy, words: Words) -> None:
    deployment = deploy("database csm", "mta", migration={"script": True, "options": ["Logs", "Reports"]})
    for step in build(deployment, {}, words).steps:
        if step.form == "migrate":
            assert (step.text, step.options) == ("Exactly these options:", ("Logs", "Reports"))


def test_an_undeclared_migration_is_a_blank_that_says_so(deploy: Deploy, words: Words) -> None:
    step = next(step for step in build(deploy("database csm"), {}, words).steps if step.form == "migrate")
    assert "(not declared)" in step.text and "is not declared: decide it once" in step.text


def test_assumptions_are_those_that_this_deployment_rests_on(deploy: Deploy, words: Words) -> None:
    def said(*roles: str) -> str:
        return " ".join(build(deploy(*roles), {}, words).assumptions)

    assert "upgraded once" in said("database csm", "mta euwi")
    assert "upgraded once" in said("database csm", "mta euwi", "mta")
    assert "upgraded once" not in said("database csm", "mta")
    assert "upgraded once" not in said("database csm mta euwi")
    for sentence, so, not_so in (
        ("are signed before the next server", ("database csm", "mta"), ("database csm mta",)),
        ("The test before a gate", ("database csm", "mta", "mta"), ("database csm", "gwi")),
        ("The web interfaces count", ("database csm", "gwi"), ("database csm", "mta")),
        ("Phases 2 and 3", ("database csm", "mta"), ("database", "csm")),
    ):
        assert sentence in said(*so), sentence
        assert sentence not in said(*not_so), sentence
    assert "no path is documented" in said("database", "csm")
    assert "no path is documented" not in said("database csm", "csm database")


def test_the_demands_that_forms_serve_are_the_vendors() -> None:
    known = {demand.id for demand in DEMANDS}
    assert {demand for demands in serving().values() for demand in demands} <= known
    assert set(serving()) == {f"step {form}" for form in FORMS}


def test_a_sites_sentence_is_said_where_ours_would_be(deploy: Deploy, tmp_path: Path) -> None:
    (tmp_path / "words").mkdir()
    (tmp_path / "words" / "steps.toml").write_text("[test]\ntext = 'Ours first.'\ntext_filter = 'And a bad one.'\n")
    words = load_words(resource("templates"), tmp_path)
    plan = build(deploy("database csm", "mta", "mta mail-filter", "euwi"), {}, words)
    texts = [step.text for step in plan.steps if step.form == "test"]
    assert texts == [
        "Ours first. Send one clean message.",
        "Ours first. Send one clean message. And a bad one.",
    ]


def test_what_a_step_does_is_not_said_where_the_sites_own_line_says_it(deploy: Deploy, words: Words) -> None:
    lines = {"procedure": {"test": [{"text": "Send what we always send", "command": "ours"}]}}
    for declared, said in (({}, True), (lines, False)):
        plan = build(deploy("database csm", "mail-filter", "mail-filter", **declared), {}, words)
        steps = [step for step in plan.steps if step.form == "test"]
        assert steps and all(bool(step.site_text) != said for step in steps)
        assert {"Send one clean message." in step.text for step in steps} == {said}
        assert any("Send one for the quarantine" in step.text for step in steps) == said
        assert all("Through this server alone" in step.text for step in steps)


def test_where_there_is_one_mail_filter_nothing_is_said_of_several(deploy: Deploy) -> None:
    one, two = (build(deploy("database csm", *["mail-filter"] * count), {}, Words({}, Path())) for count in (1, 2))
    assert {step.form for step in one.steps if "V08" in step.demands} == set()
    assert "drain-filter" in {step.form for step in two.steps if "V08" in step.demands}
    for step in (*one.steps, *two.steps):
        assert bool(step.basis.refs) == (step.basis.kind == "vendor"), step.id


def test_a_filter_is_said_to_go_on_without_the_database_where_one_goes_on(deploy: Deploy, words: Words) -> None:
    def lost(*roles: str) -> str:
        return " ".join(build(deploy(*roles), {}, words).turn_back.lost)

    assert "on 5.6.1 has mail" in lost("database csm", "mail-filter")
    assert "on 5.6.1 has mail" not in lost("database csm mail-filter", "mta", "gwi")
