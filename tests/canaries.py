"""A deployment and facts with a word in every kind of place that tells of a site, and the search for these words."""

import json
import re
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

from printed_samples import NOW, SAMPLES
from pypdf import PdfReader
from pypdf.generic import StreamObject

NAME = "harbour-mail"
WORDS = (
    "host", "domain", "site", "person", "mail", "contract", "change", "ticket", "ci", "path", "text", "command", "user",
    "note", "reason", "waiver", "answer", "channel", "service", "group", "field", "option", "become", "window", "owner",
    "mailpath", "approver", "authority", "media", "expect", "role",
)  # fmt: skip
MARK = "zqx"
PHONE, CASE, ADDRESS, SIXTH = "99887766", "77665544", "203.0.113.77", "2001:db8:77::5"
SOUGHT = (*(f"{MARK}{word}" for word in WORDS), PHONE, CASE, ADDRESS, SIXTH)


def z(word: str) -> str:
    assert word in WORDS
    return MARK + word


def with_canaries(place: Path) -> list[str]:
    """The arguments of a command that is given a deployment and facts full of them."""
    (place / "given" / "facts").mkdir(parents=True)
    host, name = f"{z('host')}1", f"{z('host')}1.{z('domain')}.com"
    declared: dict[str, Any] = {
        "deployment": z("site"),
        "change": {
            "number": z("change"), "timezone": "Europe/Berlin",
            "windows": [{"start": "2026-12-05T22:00", "end": "2026-12-06T08:00", "number": z("window")}],
            "contacts": [{"role": f"coordinator {z('role')}", "name": z("person"), "phone": f"+49 30 {PHONE}",
                          "email": f"{z('mail')}@{z('domain')}.com"}],
            "support": {"phone": f"+44 {PHONE}", "contract": z("contract"), "case": CASE},
            "channels": {"users": z("channel")}, "chair": z("person"), "deputy": z("person"),
            "service": z("service"), "assignment_group": z("group"), "requested_by": z("person"),
            "approvers": [z("approver")], "authority": z("authority"), "reason": z("reason"),
            "fields": {f"u_{z('field')}": z("field")},
            "extended": None,
        },
        "paths": {"backup": f"/{z('path')}/pmx"},
        "media": {"path": f"/srv/{z('media')}"},
        "migration": {"script": "yes", "options": [f"Database {z('option')}", "Logs"]},
        "mail_paths": [{"name": z("mailpath"), "via": "mx", "members": [host], "direction": "both"}],
        "procedure": {
            "source": z("note"),
            "upgrade": [{"text": f"Run {z('text')} on {host}", "command": f"/opt/{z('path')}/{z('command')} {ADDRESS}",
                         "expect": z("expect"), "if_not": z("text")}],
        },
        "owners": {"source-version": z("owner")},
        "answers": {
            "source-version": {"version": "5.6.1", "by": z("answer"), "at": "2026-12-01", "note": z("note")},
            "support-line": {"ended": {"accepted_by": z("person"), "ticket": z("ticket")}, "by": z("answer"),
                             "at": "2026-12-01"},
        },
        "waivers": [{"check": "old-paths", "server": host, "observed": z("waiver"), "reason": z("reason"),
                     "by": z("person"), "ticket": z("ticket"), "until": "2026-12-07"}],
        "servers": [{"name": host, "hostname": name, "addresses": [ADDRESS, SIXTH], "ci": f"{z('ci')} one",
                     "roles": ["database", "csm", "mta", "mail-filter", "euwi"],
                     "ssh": {"host": host, "user": z("user"), "become": ["sudo", "-u", z("become")]}}],
    }  # fmt: skip
    (place / "given" / "deployment.yaml").write_text(json.dumps(declared))
    facts = json.loads((SAMPLES / NAME / "facts" / "mail.json").read_text())
    facts |= {"server": host, "unread_rows": [f"{z('text')} {ADDRESS}"], "detail": z("text"), "try_line": f"ssh {name}"}
    facts["asked"] |= {"deployment": z("site"), "paths.backup": f"/{z('path')}/pmx"}
    for path, value in _seen(host, name).items():
        facts["facts"][path] = {"value": value, "unit": None, "how": f"cat /{z('path')}"}
    facts["facts"]["platform.cpus"] = {"unknown": f"{z('text')}: {ADDRESS} on {name}", "partial": None}
    facts["facts"]["of.a.newer.edition"] = {"value": z("text"), "unit": None, "how": z("text")}
    (place / "given" / "facts" / f"{host}.json").write_text(json.dumps(facts))
    given = place / "given"
    return [
        str(given / "deployment.yaml"), "--facts", str(given / "facts"), "--stage", "server", "--now", NOW[NAME],
    ]  # fmt: skip


def _seen(host: str, name: str) -> dict[str, Any]:
    """Facts with words in them, by their paths."""
    folder, file = f"/{z('path')}/data", f"/etc/cron.d/{z('path')}"
    return {
        "identity.hostname": name, "identity.configured_hostname": host,
        "identity.addresses": [{"address": ADDRESS, "prefix": 24, "interface": z("text"), "scope": "global"}],
        "identity.leases": [{"address": ADDRESS, "interface": z("text"), "ends": None}],
        "identity.default_route_addresses": [ADDRESS, SIXTH], "identity.lookup": [ADDRESS],
        "identity.machine_id": z("text"), "identity.host_keys": [f"SHA256:{z('text')}"],
        "identity.hosts_file": [f"{ADDRESS} {name} {host} # {z('note')}"],
        "storage.mounts": [{"mount_point": folder, "device": f"{z('host')}:/{z('path')}", "type": "nfs",
                            "options": ["rw", f"addr={ADDRESS}", f"username={z('user')}"]}],
        "storage.space": [{"mount_point": folder, "device": f"/dev/mapper/{z('path')}", "type": "ext4",
                           "total_kib": 9, "available_kib": 5}],
        "source.entries": [{"name": z("path"), "kind": "link", "target": folder}], "backup.mount_point": folder,
        "puremessage.database_target": {"kind": z("text"), "host": name, "port": 5432, "name": z("text")},
        "puremessage.database_peers": [ADDRESS], "puremessage.mta": [z("text")],
        "puremessage.filter_lines": [{"name": z("text"), "flags": "T"}],
        "puremessage.own_queues": [{"kind": z("text"), "path": folder, "messages": 0}],
        "puremessage.old_paths": [{"path": folder, "count": 2}], "puremessage.status": [f"{z('text')} is running"],
        "processes": [{"name": z("command"), "user": z("user"), "count": 1}],
        "ports.listening": [{"address": ADDRESS, "port": 25, "process": z("command")}],
        "platform.cron": [{"file": file, "times": "0 3 * * *", "user": z("user"), "zone": None}],
        "starters": [file, f"svc:/{z('text')}"],
    }  # fmt: skip


def found_in(directory: Path) -> list[tuple[str, str]]:
    """Each of the words that is in a file below a directory, or in its name, however it is packed there."""
    found = []
    for path in sorted(directory.rglob("*")):
        name = path.relative_to(directory).as_posix()
        pieces = [name, *(_pieces(path) if path.is_file() else ())]
        found += [(name, word) for word in SOUGHT if any(word in piece.lower() for piece in pieces)]
    return found


def _pieces(path: Path) -> list[str]:
    """The texts in a file: as it is, without breaks within words, and what is packed in it."""
    content = path.read_bytes()
    pieces = [content.decode(errors="replace")]
    if path.suffix == ".pdf":
        reader = PdfReader(path)
        pieces += [page.extract_text() for page in reader.pages]
        pieces += [each.decode(errors="replace") for named in reader.attachments.values() for each in named]
        for number in range(1, len(reader.xref[0]) + 1 if reader.xref else 1):
            each = reader.get_object(number)
            pieces.append(repr(each))
            if isinstance(each, StreamObject):
                pieces.append(each.get_data().decode("latin-1"))
        pieces += [piece.replace("\n", "").replace(" ", "") for piece in pieces[1:]]
    if path.suffix == ".eml":
        mail = message_from_bytes(content, policy=default)
        pieces += [str(value) for value in mail.values()]
        pieces += [part.get_content() for part in mail.walk() if part.get_content_maintype() == "text"]
    if path.suffix == ".ics":
        pieces.append(re.sub(r"\r?\n ", "", pieces[0]))
    return pieces
