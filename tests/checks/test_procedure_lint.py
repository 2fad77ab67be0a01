"""The site's own commands are looked over: each trap is named with its line, and harmless lines are left in peace."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from checker.checks import BY_ID
from checker.checks.judge import ask
from checker.checks.mechanism import Case, Word
from checker.checks.shell import commands, dangers
from checker.inputs.deployment import PROCEDURE_KINDS, Deployment
from checker.inputs.deployment_file import load
from runbook.resources import resource

NOW = datetime(2026, 12, 5, 19, 45, tzinfo=UTC)
Deploy = Callable[..., Deployment]
SERVERS: list[dict[str, Any]] = [
    {"name": "db1", "hostname": "db1.example.net", "addresses": ["192.0.2.11"], "roles": ["database", "csm"]},
    {"name": "mail", "hostname": "mail.example.net", "addresses": ["192.0.2.20", "192.0.2.99", "2001:db8::1"],
     "floating": ["192.0.2.99"], "roles": ["mta"], "feeds": ["mx2"]},
    {"name": "mx2", "hostname": "mx2.example.net", "addresses": ["192.0.2.22"], "roles": ["mail-filter"]},
    {"name": "mx3", "hostname": "mx3.example.net", "addresses": ["192.0.2.23"], "roles": ["mail-filter"]},
    {"name": "web1", "roles": ["euwi", "gwi"]},
]  # fmt: skip


def lint(deployment: Deployment) -> Word:
    return ask(BY_ID["procedure-lint"], Case(deployment, {}, None, NOW, "change"), None)


def of(deploy: Deploy, kind: str, command: str | None = None, text: str = "Do it", **changes: Any) -> tuple[str, ...]:
    """The remarks on one line of a kind, after a harmless one."""
    item = {"text": text, "command": command, "roles": changes.pop("roles", [])} | changes.pop("item", {})
    procedure = {kind: [{"text": "Look first", "command": "site-pmx look"}, item]}
    found = lint(deploy("database csm", servers=SERVERS, procedure=procedure, migration={"script": True}, **changes))
    assert (found.outcome == "fail") == bool(found.observed)
    assert all(line.startswith(f"procedure.{kind}[1]: ") for line in found.observed), found.observed
    return tuple(line.split(": ", 1)[1] for line in found.observed)


@pytest.mark.parametrize("kind", ["drain", "dump", "stop", "backup", "upgrade", "migrate", "start", "verify"])
@pytest.mark.parametrize(
    "command",
    ["site-pmx x mx2", "site-pmx x --on=MX2.example.net", "ssh root@192.0.2.22 site-pmx x", "cp x /save/mx2/",
     "site-pmx x mx2:25", "site-pmx x mail.example.net", "site-pmx x [2001:db8::1]:25"],
)  # fmt: skip
def test_a_line_that_names_one_server_and_is_done_on_others_is_remarked_on(
    deploy: Deploy, kind: str, command: str
) -> None:
    (remark,) = of(deploy, kind, command)
    name = "mail" if "mail" in command or "2001" in command else "mx2"
    assert remark == f"names {name}, but is used on other servers too"
    assert of(deploy, kind, None, text=f"By hand: {command}") == (remark,)


@pytest.mark.parametrize(
    ("kind", "command"),
    [
        ("stop", "site-pmx mx2.sql mymx2 mx2.example.com mx22 mx2-old 192.0.2.221 192.0.2.2 2001:db8::1:5"),
        ("stop", "site-pmx stop mail"),  # a server's name that is also a word
        ("drain", "site-pool withdraw 192.0.2.99"),  # floating: of several servers
        ("upgrade", "site-pmx upgrade --csm db1.example.net"),
        ("migrate", "site-pmx migrate --database 192.0.2.11"),
        ("verify", "site-pmx verify db1:5432"),
        ("test", "site-pmx send --through mx2"),
    ],
)
def test_what_only_looks_like_another_server_or_is_meant_is_no_remark(deploy: Deploy, kind: str, command: str) -> None:
    assert of(deploy, kind, command) == ()


def test_a_line_that_is_done_on_the_named_server_alone_is_no_remark(deploy: Deploy) -> None:
    assert of(deploy, "verify", "site-pmx verify db1", roles=["database"]) == ()
    # only the Mail Transfer Agent that feeds this filter does it
    both = [{"text": "x", "command": "site-pmx unhook mx2", "roles": ["mta"]}, {"text": "others"}]
    assert lint(deploy("database csm", servers=SERVERS, procedure={"drain": both})).outcome == "pass"
    assert of(deploy, "stop", "site-pmx stop db1") != (), "the Database server must not be stopped from elsewhere"


def test_the_old_tree_is_remarked_on_after_the_upgrade_and_the_new_one_before_it(deploy: Deploy) -> None:
    for kind in PROCEDURE_KINDS:
        old, new = (bool(of(deploy, kind, f"{tree}/bin/x --now")) for tree in ("/opt/pmx", "/opt/pmx6"))
        assert old == (kind in ("start", "verify", "test")), kind
        assert new == (kind in ("drain", "dump", "stop", "backup")), kind


@pytest.mark.parametrize(
    ("command", "text"),
    [
        ("diff -r /opt/pmx/etc /opt/pmx6/etc", "Do it"),
        ("/opt/pmx/postfix/sbin/postqueue -p", "Look into the old queue again"),
        ("ls /opt/pmx-saved /opt/pmx7 /mnt/opt/pmx /opt/pmx.tar", "Do it"),
        ("site-pmx verify", "Nothing of /opt/pmx runs any more"),
    ],
)
def test_a_comparison_and_a_look_at_the_old_tree_that_says_so_are_no_remarks(
    deploy: Deploy, command: str, text: str
) -> None:
    assert of(deploy, "verify", command, text=text) == ()


def test_a_tree_inside_the_other_one_is_told_apart(deploy: Deploy) -> None:
    for source, target in (("/opt/pmx", "/opt/pmx/six"), ("/opt/all/five", "/opt/all")):
        paths = {"source": source, "target": target}
        assert of(deploy, "start", f"{target}/bin/x", paths=paths) == ()
        assert of(deploy, "stop", f"{source}/bin/x", paths=paths) == ()
        assert len(of(deploy, "start", f"{source}/bin/x", paths=paths)) == 1
        assert len(of(deploy, "stop", f"{target}/bin/x", paths=paths)) == 1


@pytest.mark.parametrize("command", ["echo 'x", 'echo "x', "echo it's", "echo \"a' b", "echo x\\"])
def test_quotes_that_do_not_close_are_remarked_on(deploy: Deploy, command: str) -> None:
    (remark,) = of(deploy, "stop", command)
    assert "not closed" in remark


@pytest.mark.parametrize(
    "command",
    ["echo \"it's\"", "echo 'say \"x\"'", 'echo "a \\" b"', "echo x # don't", "echo $'don\\'t'", "echo it\\'s",
     "echo ''"],
)  # fmt: skip
def test_quotes_that_close_are_no_remarks(deploy: Deploy, command: str) -> None:
    assert of(deploy, "stop", command) == ()


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("rm -r /opt/x", "rm -r"),
        ("cd /opt && sudo -n -u root rm -fR x", "rm -r"),
        ("/bin/rm --recursive x", "rm -r"),
        ("rm -rf /tmp/../opt", "rm -r"),
        ("rm -rf /tmp/a /opt/b", "rm -r"),
        ("find /opt -name x -exec rm -rf {} \\;", "rm -r"),
        ("ls | xargs -n 1 rm -rf", "rm -r"),
        ("sh -c 'cd /x; rm -rf y'", "rm -r"),
        ("su - pmx -c 'rm -r y'", "rm -r"),
        ("if true; then mkfs -t ext4 /dev/sdc1; fi", "mkfs"),
        ("mkfs.xfs /dev/sdc1", "mkfs.xfs"),
        ("newfs /dev/rdsk/c0t0d0s7", "newfs"),
        ("dd if=/dev/zero of=/dev/sdb bs=1M", "dd of="),
        ("echo x > /dev/sda", "the device /dev/sda"),
        ("cat x >>/dev/mem", "the device /dev/mem"),
        ("shutdown -r now", "shutdown"),
        ("X=1 nohup /sbin/reboot", "reboot"),
        ("ssh -o BatchMode=yes pool reboot", "reboot"),
        ("init 6", "init 6"),
        ("telinit 0", "telinit 0"),
        ("systemctl --no-wall reboot", "systemctl reboot"),
        ("hostname new.example.net", "(V07)"),
        ("hostname -F /etc/hostname", "(V07)"),
        ("hostnamectl set-hostname x", "(V07)"),
        ("ifconfig eth0 192.0.2.1 netmask 255.255.255.0", "(V07)"),
        ("ifconfig bge0:1 plumb", "(V07)"),
        ("ip addr add 192.0.2.1/24 dev eth0", "(V07)"),
        ("ip a d 192.0.2.1/24 dev eth0", "(V07)"),
        ("ip -4 link set eth0 down", "(V07)"),
        ("ipadm create-addr -T static net0/v4", "(V07)"),
    ],
)
def test_destructive_words_are_remarked_on_in_a_command_and_between_backticks(
    deploy: Deploy, command: str, words: str
) -> None:
    said = of(deploy, "backup", command)
    assert len(said) == 1 and all(word in said[0] for word in words.split(" the device ")[-1:]), said
    if "`" not in command:
        assert of(deploy, "backup", None, text=f"Type `{command}` there") == said


@pytest.mark.parametrize(
    "command",
    [
        "rm -f x.pid", "rm x", "rm -rf /tmp/pmx-work /var/tmp/x", "echo rm -r x", "man reboot", "site-pmx reboot-check",
        "ls >/dev/null 2>&1", "site-pmx x 2>/dev/null >&2", "dd if=/dev/sda of=/dev/null", "echo 'do; reboot' | logger",
        "hostname", "hostname -f", "hostname 2>/dev/null", "test $(hostname) = x", "init", "init q",
        "hostnamectl", "hostnamectl status", "ifconfig", "ifconfig -a", "ifconfig eth0", "ifconfig bge0 inet",
        "ifconfig -a | grep inet", "ip addr", "ip a s", "ip -br addr show dev eth0", "ip link show", "ip route",
        "ipadm show-addr", "systemctl status pmx", "find /opt -name reboot", "grep shutdown /var/log/messages",
        "site-pmx save \\\n  --all", "echo 'he said “x”'", "echo 'a – b'", "grep a–b x", "cat /dev/null > x.log",
    ],
)  # fmt: skip
def test_commands_that_only_look_alike_are_no_remarks(deploy: Deploy, command: str) -> None:
    assert of(deploy, "backup", command) == ()


def test_prose_that_warns_of_a_danger_is_no_remark(deploy: Deploy) -> None:
    text = "Don’t reboot, don't rm -r anything; no “hostname x”, and leave /opt/pmx6 alone"
    for kind in PROCEDURE_KINDS:
        assert of(deploy, kind, None, text=text) == ()


def test_line_breaks_and_what_was_pasted_from_a_document_are_remarked_on(deploy: Deploy) -> None:
    (remark,) = of(deploy, "stop", "cd /root\n./install")
    assert "line break" in remark
    for pasted, words in (
        ("“a”", "“ as"),
        ("‘a’", "‘ as"),
        ("a\u00a0b", "no-break"),
        ("x –a", "– as"),
        ("x\u200b", "no width"),
    ):
        remarks = of(deploy, "stop", f"site-pmx {pasted}")
        assert any(words in remark for remark in remarks), (pasted, remarks)


def test_a_kind_that_leaves_out_a_role_that_somebody_holds_is_remarked_on(deploy: Deploy) -> None:
    def said(kind: str, *roles: str) -> tuple[str, ...]:
        procedure = {kind: [{"text": "x", "roles": list(roles)}]}
        return lint(deploy("", servers=SERVERS, procedure=procedure, migration={"script": True})).observed

    assert said("upgrade", "database", "mta") == (
        "procedure.upgrade: no line for Mail Filter, End User Web Interface, Groups Web Interface (mx2, mx3, web1)",
    )
    assert said("upgrade") == said("drain", "mta", "mail-filter") == ()
    assert said("upgrade", "csm", "mta", "mail-filter", "gwi") == (), "each server has a line by one of its roles"


def test_a_line_that_stands_on_no_sheet_is_told_with_why(deploy: Deploy) -> None:
    def said(kind: str, *servers: str, migrates: bool = True, **item: Any) -> tuple[str, ...]:
        procedure = {kind: [{"text": "for all"}, {"text": "x"} | item]}
        return lint(deploy(*servers, procedure=procedure, migration={"script": migrates})).observed

    assert said("test", "database csm", "mta mail-filter") == ()
    assert said("test", "database csm mta mail-filter euwi") == (), "a single server is tested too"
    assert said("stop", "database csm", "mta", roles=["mail-filter", "gwi"]) == (
        "procedure.stop[1]: printed on no sheet: no server is declared as Mail Filter or Groups Web Interface",
    )
    for kind in ("test", "drain"):
        assert said(kind, "database csm", "mta", roles=["database"]) == (
            f"procedure.{kind}[1]: printed on no sheet: none of these servers carries mail",
        )
    nowhere = tuple(
        f"procedure.migrate[{index}]: printed on no sheet: the migration script is used on none of these servers"
        for index in (0, 1)
    )
    assert said("migrate", "database csm", "mta", migrates=False) == nowhere
    assert said("migrate", "database csm", "mta") == ()


def test_without_a_procedure_the_question_does_not_arise(deploy: Deploy) -> None:
    assert lint(deploy("database csm", "mta mail-filter")).outcome == "not-applicable"


def test_the_samples_hold_no_trap_but_those_that_are_planted() -> None:
    for path in sorted(resource("samples").glob("*/deployment.yaml")):
        assert lint(load(path)).outcome == ("fail" if path.parent.name == "no-go" else "pass"), path


WORD = st.from_regex(r"[a-z]{2,9}(?:-[a-z]{2,9})?", fullmatch=True)
ARGUMENT = (
    WORD | WORD.map("--{}".format) | WORD.map("'{}'".format) | WORD.map('"{}"'.format) | WORD.map("/srv/{}".format)
)
HARMLESS = st.builds(
    lambda words, joined: joined.join(f"site-{' '.join(each)}" for each in words),
    st.lists(st.lists(ARGUMENT, min_size=1, max_size=4).map(lambda a: [a[0].strip("-/'\"").replace("/", ""), *a[1:]]),
             min_size=1, max_size=3),
    st.sampled_from([" && ", "; ", " | ", " >/dev/null 2>&1; "]),
)  # fmt: skip


@given(kind=st.sampled_from(PROCEDURE_KINDS), command=HARMLESS, text=st.lists(WORD, min_size=1).map(" ".join))
@settings(max_examples=2 * settings().max_examples, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_harmless_lines_are_never_remarked_on(deploy: Deploy, kind: str, command: str, text: str) -> None:
    assert of(deploy, kind, command, text=text) == ()


@given(st.text(max_size=60) | HARMLESS)
def test_any_text_is_looked_over_without_breaking(deploy_text: str) -> None:
    for words in commands(deploy_text):
        list(dangers(words))


@given(before=HARMLESS, after=HARMLESS, joined=st.sampled_from(["; ", " && ", " | ", "\n", " || "]))
@settings(max_examples=2 * settings().max_examples)
def test_no_harmless_company_hides_a_dangerous_command(before: str, after: str, joined: str) -> None:
    text = joined.join((before, "rm -rf /opt/x", after))
    assert [said for words in commands(text) for said in dangers(words)] == ["rm -r deletes whole directories"]
