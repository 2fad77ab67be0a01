"""The names that sections had before they were called after the facts that they bring.

A kit or a playbook that went out with an earlier probe comes back with these, and so does a raw output that was kept.
"""

from collections.abc import Mapping
from dataclasses import replace

from checker.facts.catalogue import NEW_PARTS
from checker.facts.parsers.protocol import Output
from checker.inputs.deployment import PARTS

FORMER_NAMES: Mapping[str, str] = {
    "identity.configured": "identity.configured_hostname",
    "identity.routes": "identity.default_route_addresses",
    "identity.machine-id": "identity.machine_id",
    "identity.host-keys": "identity.host_keys",
    "identity.hosts-file": "identity.hosts_file",
    "privilege.id": "privilege.euid",
    "storage.target-mount": "target.mount_point",
    "storage.backup-mount": "backup.mount_point",
    **{
        f"storage.{kind}-{part}": f"parts.{part}.{fact}"
        for part in PARTS
        for kind, fact in (
            ("mount", "mount_point"),
            ("size", "kib"),
            ("files", "files"),
            ("apparent", "apparent_kib"),
        )
    },
    **{
        f"storage.{kind}-new-{part}": f"target.parts.{part}.{fact}"
        for part in NEW_PARTS
        for kind, fact in (("size", "kib"), ("files", "files"))
    },
    "platform.release": "platform.distribution",
    "platform.memory": "memory.total_kib",
    "platform.limits": "limits.open_files",
    "platform.processes": "processes",
    "puremessage.source": "source.entries",
    "puremessage.target": "target.entries",
    "puremessage.pmdb-conf": "puremessage.database_target",
    "puremessage.new-pmdb-conf": "target.database_target",
    "puremessage.filters": "puremessage.filter_lines",
    "puremessage.own-queues": "puremessage.own_queues",
    "puremessage.listening": "ports.listening",
    "puremessage.peers": "puremessage.database_peers",
    "puremessage.database-lookup": "puremessage.database_lookup",
    "puremessage.database-port": "puremessage.database_port",
    "puremessage.new-database-lookup": "target.database_lookup",
    "puremessage.new-database-port": "target.database_port",
    "puremessage.starters": "starters",
    "puremessage.new-starters": "target.starters",
    "puremessage.old-paths": "puremessage.old_paths",
}


def with_todays_names(output: Output) -> Output:
    """An output of whichever probe, its sections by the names that they have today."""
    if not FORMER_NAMES.keys() & output.sections.keys():
        return output
    named = ((FORMER_NAMES.get(name, name), section) for name, section in output.sections.items())
    return replace(output, sections={name: replace(section, name=name) for name, section in named})
