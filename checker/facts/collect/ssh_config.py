"""Whether an administrator's ssh_config tells servers apart. Where it does not, ssh is asked for its settings once."""

import re
from collections.abc import Collection, Iterable, Mapping

LINE = re.compile(r"\s*([A-Za-z0-9]+)(?:\s*=\s*|\s+)(.*?)\s*")
READ = re.compile(r"^debug1: Reading configuration data (.+)$", re.MULTILINE)
# who logs in, with what, through which other host, and to which command
TELLING = frozenset(
    {
        "user", "identityfile", "identityagent", "identitiesonly", "certificatefile", "pkcs11provider",
        "securitykeyprovider", "proxyjump", "proxycommand", "proxyusefdpass",
        "remotecommand", "sessiontype", "stdinnull",
    }
)  # fmt: skip
# What a host's settings may say that runs something else than the probe, or lets it hear nothing: the value that does
# not, and the option that sets it. An ssh that does not show one of them (`ssh -G`) knows no such option.
PLAIN = {
    "remotecommand": ("none", "RemoteCommand=none"),
    "sessiontype": ("default", "SessionType=default"),
    "stdinnull": ("no", "StdinNull=no"),
}
WILD = frozenset("*?!")


def plain(said: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """The options that make a host with these settings run the command it is given, with what it is sent."""
    return tuple(option for key, (fine, option) in PLAIN.items() if said.get(key, (fine,))[0].lower() != fine)


def files_read(messages: str) -> tuple[str, ...]:
    """The files that `ssh -v` says it has read."""
    return tuple(dict.fromkeys(path.strip() for path in READ.findall(messages)))


def alike(texts: Iterable[str], hosts: Collection[str]) -> bool:
    """Whether these files say the same of all these hosts, in all that tells accounts and jump hosts apart.

    False wherever that cannot be seen from the text alone: then ssh itself is asked of every host.
    """
    said: dict[str, list[tuple[str, str]]] = {host: [] for host in hosts}
    for text in texts:
        patterns: list[str] = ["*"]
        for line in text.splitlines():
            found = LINE.fullmatch(line)
            if not found or line.lstrip().startswith("#"):
                continue
            keyword, value = found[1].lower(), found[2]
            if keyword == "host":
                patterns = value.replace('"', " ").split()
            elif keyword == "match" or (keyword == "canonicalizehostname" and value.lower() != "no"):
                return False
            elif patterns == ["*"]:
                continue
            elif keyword == "include" or (keyword in TELLING and WILD & set("".join(patterns))):
                return False
            elif keyword in TELLING:
                for host in set(patterns) & said.keys():
                    said[host].append((keyword, value))
    return len({tuple(rows) for rows in said.values()}) <= 1
