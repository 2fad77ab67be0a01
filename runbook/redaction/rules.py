"""How each text of a deployment and of facts is redacted: a row by its place, without the numbers in lists.

A text without a row gets a pseudonym as a whole: what is forgotten is hidden, and not shown.
"""

from collections.abc import Mapping

from checker.inputs.deployment import PARTS, PROCEDURE_KINDS, Paths
from runbook.redaction.pseudonyms import Pseudonyms, Rule, as_word

SERVER, HOST, MAIL = Pseudonyms.server, Pseudonyms.host, Pseudonyms.mail
ADDRESS, PATH, TEXT = Pseudonyms.address, Pseudonyms.path, Pseudonyms.text
PERSON, TICKET, NOTE, USER = (as_word(kind) for kind in ("person", "ticket", "note", "user"))


def kept(names: Pseudonyms, text: str) -> str:
    """The rule of what says nothing of the site: a choice of ours, a figure, a time, a version."""
    return text


def configuration_item(names: Pseudonyms, text: str) -> str:
    """The rule of what the configuration database calls a server, mostly its host name."""
    return names.host(text) if " " not in text else names.word("ci", text)


def path_name(names: Pseudonyms, text: str) -> str:
    """The rule of a mail path's name, which may be its direction, and may become the name of a file."""
    return text if text.casefold() in ("inbound", "outbound", "both") else names.server(text)


def form_field(names: Pseudonyms, text: str) -> str:
    """The rule of a field's name in the form of a change record."""
    return "u_" + names.word("field", text).partition("-")[2].lower()


def user(names: Pseudonyms, text: str) -> str:
    """The rule of a user of a host: those that every system or the product has are kept."""
    return text if names.text(text) == text else names.word("user", text)


KEY = "*key"  # the place of a mapping's own keys
DEPLOYMENT: Mapping[str, Rule] = {
    "deployment": as_word("deployment"),
    "change.number": as_word("change"), "change.timezone": kept,
    "change.windows.number": as_word("change"),
    "change.contacts.role": TEXT, "change.contacts.name": PERSON, "change.contacts.phone": as_word("phone"),
    "change.contacts.email": MAIL,
    "change.support.phone": as_word("phone"), "change.support.contract": as_word("contract"),
    "change.support.case": as_word("case"), "change.support.hours": TEXT,
    "change.channels.*key": kept, "change.channels.*": TEXT,
    "change.chair": PERSON, "change.deputy": PERSON, "change.baseline": Pseudonyms.hexadecimal,
    "change.type": TEXT, "change.service": as_word("service"), "change.assignment_group": as_word("group"),
    "change.requested_by": PERSON, "change.approvers": PERSON, "change.authority": as_word("board"),
    "change.risk": TEXT, "change.impact": TEXT, "change.reason": NOTE,
    "change.fields.*key": form_field, "change.fields.*": NOTE,
    "change.extended.by": PERSON, "change.extended.ticket": TICKET,
    "change.deferred.server": SERVER, "change.deferred.reason": NOTE, "change.deferred.by": PERSON,
    "change.deferred.ticket": TICKET, "change.deferred.case": Pseudonyms.case,
    **{f"paths.{name}": PATH for name in Paths.model_fields},
    "disk.installation_kib.*key": SERVER, "disk.sizes.*key": SERVER, "disk.sizes.*.by": PERSON,
    "migration.options": TEXT, "migration.parts.*key": TEXT, "migration.parts.*": kept,
    "mail_paths.name": path_name, "mail_paths.via": kept, "mail_paths.members": SERVER, "mail_paths.direction": kept,
    "procedure.source": NOTE,
    **{f"procedure.{kind}.{field}": rule
       for kind in PROCEDURE_KINDS
       for rule, fields in ((TEXT, ("text", "command", "expect", "if_not")), (kept, ("repeatable", "roles")))
       for field in fields},
    "media.path": PATH, "media.sha256": kept,
    "minutes.*key": kept,
    "rehearsal.by": PERSON, "rehearsal.note": NOTE, "rehearsal.result": kept, "rehearsal.minutes.*key": kept,
    "rehearsal.rates.*key": kept,
    "owners.*key": kept, "owners.*": PERSON,
    "waivers.check": kept, "waivers.server": SERVER, "waivers.observed": NOTE, "waivers.at_most": kept,
    "waivers.at_least": kept, "waivers.reason": NOTE, "waivers.by": PERSON, "waivers.ticket": TICKET,
    "servers.name": SERVER, "servers.hostname": HOST, "servers.addresses": ADDRESS, "servers.roles": kept,
    "servers.floating": ADDRESS, "servers.migration.options": TEXT, "servers.feeds": SERVER,
    "servers.ci": configuration_item, "servers.ssh.host": SERVER, "servers.ssh.user": user, "servers.ssh.become": TEXT,
}  # fmt: skip
# Of every answer by the name of its field, as all of them have them; `servers` holds the same by server.
ANSWERS: Mapping[str, Rule] = {
    "by": PERSON, "note": NOTE, "who": PERSON, "how": NOTE, "where": NOTE, "path": PATH, "case": Pseudonyms.case,
    "configured": HOST, "acknowledged_by": PERSON, "accepted_by": PERSON, "ticket": TICKET, "version": kept,
    "sha256": kept, "of": kept, "result": kept, KEY: kept,
}  # fmt: skip

HOST_FACTS: Mapping[str, Rule] = {
    "tool": kept, "server": SERVER, "via": TEXT, "outcome": TEXT, "probe_digest": kept, "script_digest": kept,
    "asked.*key": kept, "asked.deployment": as_word("deployment"),
    **{f"asked.paths.{name}": PATH for name in Paths.model_fields},
    "unread_rows": TEXT, "detail": TEXT, "try_line": TEXT,
}  # fmt: skip
# Where only figures are seen, a row says so: a new fact has a row before it is shown.
FACTS: Mapping[str, Rule] = {
    "identity.hostname": HOST, "identity.configured_hostname": HOST,
    "identity.addresses.address": ADDRESS, "identity.addresses.interface": Pseudonyms.interface,
    "identity.addresses.scope": kept,
    "identity.leases.address": ADDRESS, "identity.leases.interface": Pseudonyms.interface, "identity.leases.ends": kept,
    "identity.default_route_addresses": ADDRESS, "identity.machine_id": Pseudonyms.hexadecimal,
    "identity.host_keys": Pseudonyms.fingerprint, "privilege.euid": kept,
    "storage.space.mount_point": PATH, "storage.space.device": Pseudonyms.device, "storage.space.type": kept,
    "storage.own_rows.place": kept, "storage.own_rows.mount_point": PATH,
    "storage.inodes.mount_point": PATH,
    "storage.mounts.mount_point": PATH, "storage.mounts.device": Pseudonyms.device, "storage.mounts.type": kept,
    "storage.mounts.options": Pseudonyms.option,
    **{f"{root}.entries.{field}": rule for root in ("source", "target")
       for field, rule in (("name", PATH), ("kind", kept), ("target", PATH))},
    "target.mount_point": PATH, "backup.mount_point": PATH,
    **{f"parts.{part}.{field}": rule for part in PARTS
       for field, rule in (("kib", kept), ("apparent_kib", kept), ("files", kept), ("mount_point", PATH))},
    **{f"target.parts.{part}.{field}": kept for part in ("quarantine", "database") for field in ("kib", "files")},
    **{f"{place}.database_target.{field}": rule for place in ("target", "puremessage")
       for field, rule in (("kind", TEXT), ("host", HOST), ("name", TEXT))},
    "target.database_lookup": ADDRESS, "puremessage.database_lookup": ADDRESS,
    "target.database_port": kept, "puremessage.database_port": kept,
    "target.starters": TEXT, "starters": TEXT,
    "identity.lookup": ADDRESS, "identity.hosts_file": Pseudonyms.hosts_line,
    "puremessage.database_peers": ADDRESS, "puremessage.mta": TEXT,
    "puremessage.filter_lines.name": TEXT, "puremessage.filter_lines.flags": kept,
    "puremessage.queue_old": kept, "puremessage.queue_new": kept,
    "puremessage.own_queues.kind": TEXT, "puremessage.own_queues.path": PATH,
    "puremessage.old_paths.path": PATH,
    "puremessage.manifest.part": kept, "puremessage.manifest.newest": kept,
    "puremessage.status": TEXT,
    "platform.system": kept, "platform.release": kept, "platform.distribution": kept, "platform.machine": kept,
    "platform.cpus": kept, "memory.total_kib": kept, "limits.open_files": kept,
    "processes.name": user, "processes.user": user,
    "ports.listening.address": ADDRESS, "ports.listening.process": user,
    "platform.cron.file": PATH, "platform.cron.times": kept, "platform.cron.user": user, "platform.cron.zone": kept,
}  # fmt: skip
