"""Is the machine of the documented size? Notes only: the documented figures are of 2009."""

from checker.checks.mechanism import Case, Host, Word, check, failed, passed
from checker.facts.catalogue import DISTRIBUTION, MEMORY, OPEN_FILES, RELEASE, SYSTEM
from checker.inputs.deployment import Server

MEMORY_KIB = 2 * 1024 * 1024  # documented minimum for testing or tiny volume, 5.5 "Memory and CPU Requirements"
DESCRIPTORS = 1024  # documented there: at least 1024 open files, or ten times the concurrency limit
# named in the vendor's pages of 5.x and 6; the list of releases is not known to us, FreeBSD is not confirmed for 6
NAMED = {"Linux": "Linux", "SunOS": "Solaris", "FreeBSD": "FreeBSD"}


@check(
    "platform-known",
    "The operating system is one that the vendor names",
    subject="server",
    severity="info",
    stages=("change",),
    reads=(SYSTEM, RELEASE, DISTRIBUTION),
    remedy=(
        "Check the vendor's list of platforms for version 6 in your own copy: the releases that it names are unknown "
        "to us.",
    ),
)
def platform_known(case: Case, server: Server, host: Host) -> Word:
    """By uname: Linux, Solaris or FreeBSD; the releases that version 6 supports are not known to us."""
    system, release = host[SYSTEM], host[RELEASE]
    distribution = host.get(DISTRIBUTION)
    seen = f"{system} {release}" + (f" ({distribution})" if distribution else "")
    expected = "Linux, Solaris or FreeBSD"
    if system not in NAMED:
        return failed(f"{seen}: not named on the vendor's pages that we know", seen, expected=expected)
    return passed(
        f"{seen}: {NAMED[system]} is named by the vendor; check its release in the vendor's list", expected=expected
    )


@check(
    "memory",
    "The machine has the documented memory",
    subject="server",
    severity="info",
    stages=("change",),
    reads=(MEMORY,),
    remedy=("No action is required: the figure is from 2009 and for tiny volumes. Compare it with your own load.",),
)
def memory(case: Case, server: Server, host: Host) -> Word:
    """At least 2 GiB (documented for 5.5)."""
    total = host[MEMORY]
    seen = f"{total / 1024 / 1024:.1f} GiB"
    # firmware and kernel keep a few percent of what the machine was bought with
    if total < MEMORY_KIB * 0.9:
        return failed(f"{seen} of memory", seen, expected="2 GiB or more")
    return passed(f"{seen} of memory", seen, expected="2 GiB or more")


@check(
    "descriptors",
    "Processes may open the documented number of files",
    subject="server",
    severity="info",
    stages=("change",),
    reads=(OPEN_FILES,),
    remedy=(
        "No action is required: a login session's limit is not that of the service. Check the limit of the service.",
    ),
)
def descriptors(case: Case, server: Server, host: Host) -> Word:
    """At least 1024 open files (documented for 5.5); a session's limit says little about a service's."""
    limit = host[OPEN_FILES].hard
    seen = "unlimited" if limit is None else str(limit)
    if limit is not None and limit < DESCRIPTORS:
        return failed(f"at most {seen} open files", seen, expected=f"{DESCRIPTORS} or more")
    return passed(f"{seen} open files", seen, expected=f"{DESCRIPTORS} or more")
