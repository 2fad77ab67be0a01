"""The words for how asking a server ended: what to do about each, and by which lines of ssh it is known."""

import re
from dataclasses import dataclass

OK = "ok"
NOT_TRIED = "not tried: "  # followed by the reason


@dataclass(frozen=True)
class Outcome:
    """A word, what to do when it is met, and the lines of ssh's own by which it is known."""

    word: str
    remedy: str
    signs: tuple[re.Pattern[str], ...] = ()


def _outcome(word: str, remedy: str, *signs: str) -> Outcome:
    return Outcome(word, remedy, tuple(re.compile(sign, re.MULTILINE) for sign in signs))


# The first that fits wins. Signs are tied to the beginning of ssh's own lines: a login banner may say anything.
BY_SSH: tuple[Outcome, ...] = (
    _outcome(
        "host key changed",
        "First find out why the host's key changed: a rebuilt host, a moved address, or an attack on the connection. "
        "When its administrator confirms the new fingerprint, remove the old line with `ssh-keygen -R HOST`, "
        "log in once by hand and compare.",
        r"^(?:\S+ )?[Hh]ost key for .* has changed and you have requested strict checking\.",
        r"^@? *WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!.*",
        r"^@? *WARNING: REVOKED HOST KEY DETECTED!.*",
        r"^Host key .* is revoked.*",
    ),
    _outcome(
        "host key unknown",
        "Log in once by hand, compare the fingerprint with the one that the host's administrator gives, and accept "
        "it; or add the key to known_hosts from a source that you trust.",
        r"^No .*host key is known for .*",
        r"^Host key verification failed\.",
    ),
    _outcome(
        "no common algorithm",
        "This ssh and the host have no algorithm in common, usually an old host and a new client. Allow what the host "
        "offers for this host alone, in ~/.ssh/config (KexAlgorithms, HostKeyAlgorithms, Ciphers, each with `+`). "
        "Where ssh says `error in libcrypto`, this machine's own crypto policy forbids SHA-1: ask from another "
        "machine, or run the probe on the host and bring its output.",
        r"^(?:\S+: )?[Nn]o matching (?:key exchange method|host key type|cipher|mac|MAC|comp\w*) .*",
        r"^Unable to negotiate .*",
        r"^(?!Load key ).*: error in libcrypto.*",
        r"^Bad server host key: Invalid key length.*",
        r"^(?!Load key ).*: (?:Invalid key length|DH GEX group out of range)$",
        r"^\S+: no mutual signature (?:algorithm|supported).*",
        r"^Protocol major versions differ: .*",
    ),
    _outcome(
        "too many authentication failures",
        "The agent offers more keys than the host allows. Name the right one in ~/.ssh/config with `IdentityFile` and "
        "`IdentitiesOnly yes` for this host.",
        r"^.*: ?(?:2: )?Too many authentication failures.*",
    ),
    _outcome(
        "permission denied",
        "The host knows neither this user nor this key. Verify the user (ssh.user of the server), that the key is in "
        "its authorized_keys, and that the agent runs and has the key (`ssh-add -l`). For a host before OpenSSH 7.2, "
        "`ssh -v` may say `no mutual signature algorithm`: then allow ssh-rsa for this host alone in ~/.ssh/config.",
        r"^(?:\S+: )?Permission denied \([a-z0-9,@.-]+\)\.",
        r"^Permission denied, please try again\.",
        r"^Password change required but no TTY available\.",
        r"^Your (?:account|password) has expired.*",
    ),
    _outcome(
        "name not found",
        "The name does not resolve. Correct ssh.host of the server, or add an address for it in DNS or ~/.ssh/config.",
        r"^ssh: Could not resolve hostname .*",
        r"^ssh: \S+: (?:Name or service not known|node name or service name not known|no address associated .*)",
        r"^channel \d+: open failed: connect failed: (?:Name or service not known|Temporary failure in name .*)",
    ),
    _outcome(
        "refused",
        "The machine answers, but no sshd listens there. Verify that sshd runs, that the port is right (`Port` in "
        "~/.ssh/config), and that no firewall rejects it.",
        r"^ssh: connect to (?:host|address) .*: Connection refused",
        r"^channel \d+: open failed: connect failed: Connection refused",
    ),
    _outcome(
        "no route",
        "This machine has no route to that address. Start the VPN, declare the jump host (`ProxyJump` in "
        "~/.ssh/config), or run this where the server can be reached.",
        r"^ssh: connect to (?:host|address) .*: (?:No route to host|Network is (?:unreachable|down)|Host is down)",
        r"^ssh: connect to (?:host|address) .*: (?:Permission denied|Operation not permitted|Can(?:no|')t assign .*)",
        r"^channel \d+: open failed: connect failed: (?:No route to host|Network is unreachable)",
    ),
    _outcome(
        "stuck before banner",
        "The connection is accepted, but ssh does not answer in time: an overloaded or hanging sshd, or another "
        "service on this port. Check the host's console.",
        r"^Connection timed out during banner exchange",
        r"^banner exchange: Connection to .*: (?:Connection timed out|Operation timed out)",
    ),
    _outcome(
        "not an ssh server",
        "Another service answers on this port. Correct `Port` or the host's address.",
        r"^.*kex_exchange_identification: (?:No SSH version received|banner line|invalid|client sent invalid).*",
        r"^ssh_exchange_identification: (?:No SSH version received|banner line|Invalid).*",
        r"^Bad remote protocol version identification: .*",
        r"^banner exchange: Connection to .*: invalid format.*",
    ),
    _outcome(
        "timed out",
        "No answer: the host is down, the address is wrong, or a firewall drops the packets on the way.",
        r"^ssh: connect to (?:host|address) .*: (?:Connection|Operation) timed out",
        r"^channel \d+: open failed: connect failed: Connection timed out",
        r"^Connection to .* timed out\.?",
        r"^Timeout, server .* not responding\.",
    ),
    _outcome(
        "closed",
        "The host or the jump host closed the connection. Its sshd allows too few logins at once (MaxStartups, try "
        "--jobs 5), blocks this address (hosts.deny, PerSourcePenalties, AllowUsers), or fails. See its log.",
        r"^channel \d+: open failed: .*",
        r"^(?:kex|ssh)_exchange_identification: .*",
        r"^(?:Connection|Read from) .*(?:closed|reset|Broken pipe).*",
        r"^(?:packet_write_\w+|client_loop|ssh_packet_\w+|ssh_dispatch_run_fatal): .*",
        r"^Received disconnect from .*",
        r"^Disconnected from .*",
        r"^(?:Corrupted MAC on input|Bad packet length).*",
    ),
)
ELSE: tuple[Outcome, ...] = (
    _outcome(
        "stuck after banner",
        "The host answers and then hangs before the probe starts: a full disk, a name server or file server that does "
        "not respond during login, a firewall that drops large packets (try a smaller MTU). Log in by hand with `ssh "
        "-v`.",
    ),
    _outcome(
        "not a shell",
        "The login works, but does not lead to a shell: a nologin account, a forced command in authorized_keys or "
        "sshd_config, or a menu. Use another user (ssh.user of the server).",
    ),
    _outcome(
        "become failed",
        "The login works, but becoming root does not: sudo asks for a password, does not allow it, requires a "
        "terminal, or is not installed. Allow the declared ssh.become without a password for this user, or remove it "
        "from the server: then facts that only root can read stay unknown.",
    ),
    _outcome(
        "incomplete",
        "The probe started, but its output is not complete. Collect from this server again, with a longer --timeout if "
        "it is slow or its directories are large. If the output was copied by hand, copy it again as a file, not as "
        "pasted text.",
    ),
    _outcome(
        "too much output",
        "The host printed far more than the probe does and was stopped. Find the login script (rc file) that prints "
        "without end.",
    ),
    _outcome(
        "probe failed",
        "The host's shell could not run the probe. Its message is beside the outcome. Run the line to try, then the "
        "probe by hand (`pmx-preflight probe`), and report both.",
    ),
    _outcome(
        "ssh failed",
        "ssh itself failed: an unknown option, or a fault in ~/.ssh/config or its permissions. Its message is beside "
        "the outcome.",
    ),
    _outcome("ssh not found", "Install the OpenSSH client, or name another with --ssh PROGRAM."),
    _outcome(
        "unreadable",
        "The probe's output could not be read. This is a bug of pmx-preflight: report it with the raw output.",
    ),
)
OUTCOMES: dict[str, Outcome] = {outcome.word: outcome for outcome in (*BY_SSH, *ELSE)}
TURNED_AWAY = frozenset({"permission denied", "too many authentication failures", "become failed"})
NOT_TRIED_REMEDY = "Remove the cause, then collect from the missing servers with `collect --only-failed`."


def remedy(outcome: str) -> str | None:
    """What to do about an outcome; None where there is nothing to do."""
    if outcome.startswith(NOT_TRIED):
        return NOT_TRIED_REMEDY
    return OUTCOMES[outcome].remedy if outcome in OUTCOMES else None
