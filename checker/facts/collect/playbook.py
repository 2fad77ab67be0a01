"""The playbook: the probe for any Ansible or AWX, with no Python on the hosts and no fact gathering."""

import json
from collections.abc import Mapping
from importlib.resources import files

from checker.facts.collect.from_files import named
from checker.facts.probe.script import script
from checker.inputs.deployment import Deployment, Server

INDENT = " " * 8


def playbook(deployment: Deployment, deadline: float = 50) -> str:
    """A playbook that runs each server's probe with `raw` and brings back what `collect --from-files` reads."""
    probes: dict[str, str] = {}  # the text of a probe, and the name that it has in the playbook
    of_server: dict[str, str] = {}
    for server in deployment.servers:
        of_server[server.name] = probes.setdefault(script(deployment, server, deadline), f"probe{len(probes) + 1}")
    shipped = (files("checker.facts.collect") / "kit_files" / "playbook.yml").read_text(encoding="utf-8")
    filled = {
        "@DEPLOYMENT@": deployment.deployment,
        "      @NAMES@": _mapping({name: server.name for name, server in known_as(deployment).items()}),
        "      @PROBE_OF@": _mapping(of_server),
        "      @PROBES@": "\n".join(_block(name, text) for text, name in probes.items()),
    }
    # line by line: a probe that is filled in is not looked through for the next word
    return "".join(_filled(line, filled) + "\n" for line in shipped.splitlines())


def known_as(deployment: Deployment) -> dict[str, Server]:
    """The servers by every word that an inventory may have for them, in small letters: name, host name, address."""
    by_address = {
        address: server
        for server in deployment.servers
        for address in server.addresses
        if address not in server.floating
    }
    by_ssh = {server.ssh.host.lower(): server for server in deployment.servers if server.ssh.host}
    return {**by_address, **by_ssh, **named(deployment)}


def _filled(line: str, filled: Mapping[str, str]) -> str:
    for word, text in filled.items():
        if word in line:
            return line.replace(word, text)
    return line


def _mapping(words: Mapping[str, str]) -> str:
    return "\n".join(f"      {json.dumps(key)}: {json.dumps(words[key])}" for key in sorted(words))


def _block(name: str, text: str) -> str:
    """A probe as a literal block, which Ansible is told not to take for a template."""
    lines = [(INDENT + line).rstrip(" ") if not line.strip() else INDENT + line for line in text.splitlines()]
    return "\n".join((f"      {name}: !unsafe |2", *lines))
