"""Facts from a probe's output, in whichever way it was carried here."""

import re
from datetime import datetime

from checker.facts.collect.endings import sanitised
from checker.facts.collect.guarded_look import reason
from checker.facts.host_facts import Asked, HostFacts
from checker.facts.parsers import protocol
from checker.facts.probe import reading
from checker.facts.what_was_asked import paths_of, said, script_said
from checker.inputs.deployment import Deployment, Server

OWN = re.compile(r"^@probe 1 [0-9a-f]{16}\r?$.*?(?:^@done \d+\r?$\n?|\Z)", re.MULTILINE | re.DOTALL)


def raw(text: str) -> str | None:
    """What of an output is the probe's own, to be kept; None where it never began.

    What a login prints around it can be anything, also the passwords in its environment.
    """
    found = OWN.search(text)
    return found[0] if found else None


def facts_from(text: str, *, via: str, server: Server, deployment: Deployment, collected_at: datetime) -> HostFacts:
    """The facts of a server as its probe's output has them; of a damaged one none, and what is wrong with it."""
    nothing = HostFacts(server=server.name, via=via, outcome="incomplete", collected_at=collected_at, facts={})
    try:
        output = protocol.parse(text)
    except protocol.Damaged as damaged:
        return nothing.model_copy(update={"detail": str(damaged)})
    except Exception as error:
        return unreadable(nothing, error)
    section = output.get("asked")
    asked = said(section.lines) if section else None
    try:
        facts, unread, clock = reading.facts_of(output, _as_asked(deployment, asked), server)
    except Exception as error:
        # one host's odd output must not cost the other hosts' facts; the raw text is kept and can be read again
        return unreadable(nothing, error).model_copy(update={"probe_digest": output.digest})
    return nothing.model_copy(
        update={
            "outcome": "ok",
            "host_clock": clock,
            "probe_digest": output.digest,
            "asked": asked,
            "script_digest": script_said(section.lines) if section else None,
            "facts": dict(facts),
            "unread_rows": tuple(unread),
        }
    )


def unreadable(nothing: HostFacts, error: Exception) -> HostFacts:
    """The facts of a server, none, whose output broke our own reading of it: it costs this server's alone."""
    return nothing.model_copy(update={"outcome": "unreadable", "detail": sanitised(reason(error))})


def _as_asked(deployment: Deployment, asked: Asked | None) -> Deployment:
    """The deployment with the paths that were asked for: carried output is read as what it was then."""
    paths = paths_of(asked) if asked else None
    return deployment.model_copy(update={"paths": paths}) if paths else deployment
