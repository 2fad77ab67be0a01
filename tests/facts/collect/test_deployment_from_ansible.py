"""The site's own Ansible as a source for a first deployment file. All of it is real."""

import json
from pathlib import Path
from typing import Any

import pytest

from checker.errors import InputError
from checker.facts.collect import deployment_from_ansible
from checker.inputs import deployment_file


@pytest.mark.parametrize(
    ("content", "words"),
    [("not: [an inventory", "Ansible"), ("", "Ansible"), (None, "no such inventory")],
)
def test_an_inventory_that_ansible_cannot_read_is_refused_in_ansibles_words(
    tmp_path: Path, content: str | None, words: str
) -> None:
    broken = tmp_path / "inventory.yml"
    if content is not None:
        broken.write_text(content)
    with pytest.raises(InputError, match=words):
        deployment_from_ansible.deployment_from(broken)


INVENTORY = {
    "all": {
        "children": {
            "puremessage": {
                "children": {
                    "pmx_database": {"hosts": {"db1.example.net": {"ansible_host": "192.0.2.11"}}},
                    "csm": {"hosts": {"db1.example.net": {}}},
                    "pmx-mail_filter": {
                        "hosts": {"mx1": {"ansible_host": "mx1.example.net"}, "mx2": {"ansible_user": "admin"}},
                        "vars": {"ansible_become": True, "ansible_become_password": "Secret-of-the-vault"},
                    },
                    "postfix": {"hosts": {"mx1": {}}},
                    "web": {"hosts": {"web1": {"ansible_host": "2001:db8::41", "ansible_port": 2222}}},
                    "spares": {"hosts": {"spare1": {}}},
                }
            },
            "oracle_db": {"hosts": {"ora1": {}}},
        }
    }
}


def written(directory: Path, content: object) -> str:
    source = directory / "inventory.yml"
    source.write_text(json.dumps(content))
    return deployment_from_ansible.deployment_from(source)


def filled(text: str) -> str:
    for line, value in (
        ("deployment: TODO", "deployment: acme-mail"),
        ("number: TODO", "number: CHG1"),
        ("timezone: TODO", "timezone: Europe/Berlin"),
        ("start: TODO, end: TODO", "start: 2026-12-05T22:00, end: 2026-12-06T04:00"),
        ("roles: [TODO]", "roles: [mta]"),
    ):
        text = text.replace(line, value)
    return text


def test_a_deployment_made_from_an_inventory_loads_when_its_todos_are_filled(tmp_path: Path) -> None:
    text = written(tmp_path, INVENTORY)
    (tmp_path / "deployment.yaml").write_text(filled(text))
    made = deployment_file.load(tmp_path / "deployment.yaml")
    assert {server.name: server.roles for server in made.servers} == {
        "db1.example.net": ("database", "csm"), "mx1": ("mta", "mail-filter"), "mx2": ("mail-filter",),
        "web1": ("euwi", "gwi"),
    }  # fmt: skip
    assert made.server("db1.example.net").hostname == "db1.example.net"
    assert made.server("db1.example.net").addresses == ("192.0.2.11",)
    assert made.server("mx1").hostname == "mx1.example.net"
    assert (made.server("mx2").ssh.user, made.server("mx2").ssh.become) == ("admin", ("sudo", "-n"))
    assert made.server("web1").addresses == ("2001:db8::41",)


def test_what_an_inventory_says_and_was_not_understood_is_told_in_comments(tmp_path: Path) -> None:
    text = written(tmp_path, INVENTORY)
    comments = "".join(line for line in text.splitlines() if line.startswith("#"))
    assert "ora1, spare1" in comments and "spares" in comments
    assert "port 2222" in text
    assert "roles: [database, csm]   # from csm, pmx_database" in text


def test_an_inventory_that_ansible_reads_only_in_part_is_a_fault(tmp_path: Path) -> None:
    sources = tmp_path / "sources"
    sources.mkdir()
    (sources / "01.ini").write_text("[database]\ndb1\n[csm]\ndb1\n")
    (sources / "02").write_text("[mta]\nmx1\nmx2 ansible_host=\n  - broken\n")
    with pytest.raises(InputError, match=r"Completely failed to parse inventory source .*02"):
        deployment_from_ansible.deployment_from(sources)


def test_how_a_host_is_reached_that_no_deployment_can_say_is_a_todo_without_its_value(tmp_path: Path) -> None:
    ways = {
        "templates": {"ansible_host": "{{ secret }}", "ansible_user": "{{ secret }}", "ansible_port": "{{ secret }}",
                      "ansible_become": "{{ secret }}"},
        "vault": {"ansible_user": {"__ansible_vault": "secret"}},
        "by-su": {"ansible_become": True, "ansible_become_method": "su"},
        "another": {"ansible_become": True, "ansible_become_user": "pmx"},
        "here": {"ansible_connection": "local", "ansible_ssh_common_args": "-J secret"},
        "plain": {"ansible_become": True, "ansible_become_method": "sudo", "ansible_become_user": "root"},
        "no-root": {"ansible_become": False, "ansible_become_method": "su"},
    }  # fmt: skip
    text = written(tmp_path, {"all": {"children": {"mta": {"hosts": ways}}}})
    assert "secret" not in text
    of = {block.split("\n")[0]: block for block in text.split("  - name: ")[1:]}
    assert [word in of["templates"] for word in ("ansible_host", "ansible_user", "ansible_port", "ansible_become")]
    assert of["templates"].count("# TODO") == 4
    assert "ansible_user" in of["vault"] and of["vault"].count("# TODO") == 1
    for name in ("by-su", "another"):
        assert "without a question" in of[name] and "become: [sudo" not in of[name]
    assert "ansible_connection" in of["here"] and "ansible_ssh_common_args" in of["here"]
    assert "become: [sudo, -n]" in of["plain"] and "TODO" not in of["plain"] + of["no-root"]


def test_no_secret_of_an_inventory_gets_into_the_deployment_file(tmp_path: Path) -> None:
    assert "Secret-of-the-vault" not in written(tmp_path, INVENTORY)


def test_an_inventory_without_a_known_group_still_gives_every_host(tmp_path: Path) -> None:
    hosts: dict[str, Any] = {name: {} for name in ("no", "10", "café", "UPPER", "upper", "x" * 70)}
    text = written(tmp_path, {"all": {"hosts": hosts}})
    (tmp_path / "deployment.yaml").write_text(filled(text))
    made = deployment_file.load(tmp_path / "deployment.yaml")
    assert [server.name for server in made.servers] == ["no", "10", "UPPER"]
    assert text.count("left out, because") == 3


@pytest.mark.parametrize(
    ("group", "roles"),
    [
        ("databases", ["database"]), ("pmx-db", ["database"]), ("DB01", ["database"]), ("postgresql", ["database"]),
        ("csm", ["csm"]), ("database_csm", ["database", "csm"]), ("mta", ["mta"]), ("sendmail", ["mta"]),
        ("mail_filter", ["mail-filter"]), ("mailfilters", ["mail-filter"]), ("euwi", ["euwi"]), ("gwi", ["gwi"]),
        ("web", ["euwi", "gwi"]), ("web_euwi", ["euwi"]), ("mail", []), ("dbus", []), ("webproxy", []), ("linux", []),
    ],
)  # fmt: skip
def test_the_names_of_groups_say_roles(group: str, roles: list[str]) -> None:
    assert list(deployment_from_ansible.roles_of(group)) == roles
