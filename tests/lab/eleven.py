"""A site of eleven servers as old sites are: root and sudo, noisy logins, csh, much and little mail."""

from lab.hosts import HostSpec, Tree

ELEVEN = (
    HostSpec("db1", roles=("database", "csm"), tree=Tree(messages=120)),
    *(HostSpec(f"mta{n}", roles=("mta",), first=n == 1, privilege="sudo", tree=Tree(queued=n)) for n in range(1, 5)),
    HostSpec("filter1", roles=("mail-filter",), noisy=True, banner="All access is monitored.\n"),
    HostSpec("filter2", roles=("mail-filter",), privilege="sudo", shell="/bin/csh", noisy=True),
    HostSpec("filter3", roles=("mail-filter",), shell="/bin/sh"),
    HostSpec("filter4", roles=("mail-filter",), tree=Tree(messages=400)),
    HostSpec("web1", roles=("euwi", "gwi")),
    HostSpec("web2", roles=("euwi", "gwi"), privilege="sudo"),
)
