"""Every way in which ssh can fail has one word and a remedy: words of several OpenSSH versions and platforms."""

import pytest

from checker.facts.collect.endings import Ending, classify, sanitised
from checker.facts.collect.outcomes import NOT_TRIED, OUTCOMES, remedy

BEGUN = "@probe 1 0123456789abcdef\n@begin identity.nodename uname -n\n"
CHANGED = """\
@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@\r
@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @\r
@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@\r
IT IS POSSIBLE THAT SOMEONE IS DOING SOMETHING NASTY!\r
{key} key for mx1 has changed and you have requested strict checking.\r
Host key verification failed.\r
"""
# what ssh wrote to stderr before it ended with 255
OF_SSH = (
    ("name not found", "ssh: Could not resolve hostname mx1: Name or service not known\r\n"),  # 5.3 to 9.9, glibc
    ("name not found", "ssh: Could not resolve hostname mx1: Temporary failure in name resolution\r\n"),
    ("name not found", "ssh: Could not resolve hostname mx1: nodename nor servname provided, or not known"),  # macOS
    ("name not found", "ssh: Could not resolve hostname mx1: Hostname and service name not provided or found"),  # AIX
    ("name not found", "ssh: mx1: node name or service name not known"),  # SunSSH
    (
        "name not found",
        "ssh: Could not resolve hostname jump: Name or service not known\r\n"
        "kex_exchange_identification: Connection closed by remote host\r\nConnection closed by UNKNOWN port 65535\r\n",
    ),
    ("refused", "ssh: connect to host mx1 port 22: Connection refused\r\n"),
    ("refused", "ssh: connect to address 192.0.2.1 port 22: Connection refused"),  # 3.x, 4.x
    (
        "refused",
        "channel 0: open failed: connect failed: Connection refused\r\nstdio forwarding failed\r\n"
        "Connection closed by UNKNOWN port 65535\r\n",
    ),
    ("no route", "ssh: connect to host mx1 port 22: No route to host\r\n"),
    ("no route", "ssh: connect to host 2001:db8::1 port 22: Network is unreachable\r\n"),
    ("no route", "ssh: connect to host mx1 port 22: Permission denied\r\n"),  # a firewall of this machine's own
    ("timed out", "ssh: connect to host mx1 port 22: Connection timed out\r\n"),
    ("timed out", "ssh: connect to host mx1 port 22: Operation timed out"),  # macOS, BSD
    ("timed out", "Timeout, server mx1 not responding.\r\n"),
    (
        "stuck before banner",
        "Connection timed out during banner exchange\r\nConnection to 192.0.2.1 port 22 timed out\r\n",
    ),
    ("stuck before banner", "Connection timed out during banner exchange\r\n"),  # 5.3 to 8.0
    (
        "not an ssh server",
        "kex_exchange_identification: No SSH version received in first 1024 lines from server\r\n"
        "banner exchange: Connection to 192.0.2.1 port 25: invalid format\r\n",
    ),
    ("not an ssh server", "kex_exchange_identification: banner line contains invalid characters\r\n"),
    (
        "no common algorithm",
        "Unable to negotiate with 192.0.2.1 port 22: no matching key exchange method found. "
        "Their offer: diffie-hellman-group-exchange-sha1,diffie-hellman-group1-sha1\r\n",
    ),
    (
        "no common algorithm",
        "Unable to negotiate with 192.0.2.1 port 22: no matching host key type found. Their offer: ssh-rsa,ssh-dss\r\n",
    ),
    ("no common algorithm", "no matching cipher found: client aes128-ctr server 3des-cbc,aes128-cbc\r\n"),  # 5.3
    ("no common algorithm", "Unable to negotiate a key exchange method\r\n"),  # 6.6
    (
        "no common algorithm",
        "ssh_dispatch_run_fatal: Connection to 192.0.2.1 port 22: error in libcrypto\r\n",
    ),  # RHEL 9
    ("no common algorithm", "Bad server host key: Invalid key length\r\n"),  # RHEL 9 against a 1024-bit RSA host key
    ("no common algorithm", "ssh_dispatch_run_fatal: Connection to 192.0.2.1 port 22: Invalid key length\r\n"),
    (
        "no common algorithm",
        "sign_and_send_pubkey: no mutual signature supported\r\nadmin@mx1: Permission denied (publickey).\r\n",  # 8.8
    ),
    (
        "no common algorithm",
        "sign_and_send_pubkey: signing failed for RSA: error in libcrypto\r\nadmin@mx1: Permission denied (publickey).",
    ),
    (
        "permission denied",
        'Load key "/home/admin/.ssh/id_rsa": error in libcrypto\r\nadmin@mx1: Permission denied (publickey).\r\n',
    ),
    ("no common algorithm", "Protocol major versions differ: 2 vs. 1\r\n"),
    ("host key changed", CHANGED.format(key="RSA host")),  # 5.3
    ("host key changed", CHANGED.format(key="Host")),  # 9.2
    ("host key unknown", "Host key verification failed.\r\n"),
    (
        "host key unknown",
        "No ED25519 host key is known for mx1 and you have requested strict checking.\r\n"
        "Host key verification failed.\r\n",
    ),
    ("permission denied", "Permission denied (publickey,gssapi-keyex,gssapi-with-mic,password).\r\n"),  # 5.3 to 7.4
    ("permission denied", "admin@mx1: Permission denied (publickey,password,keyboard-interactive).\r\n"),  # 7.5 on
    (
        "permission denied",
        "admin@jump: Permission denied (publickey).\r\nConnection closed by UNKNOWN port 65535\r\n",
    ),
    (
        "permission denied",
        'sign_and_send_pubkey: signing failed for ED25519 "key" from agent: agent refused operation\r\n'
        "admin@mx1: Permission denied (publickey).\r\n",
    ),
    (
        "too many authentication failures",
        "Received disconnect from 192.0.2.1 port 22:2: Too many authentication failures\r\n"
        "Disconnected from 192.0.2.1 port 22\r\n",
    ),
    (
        "too many authentication failures",
        "Received disconnect from 192.0.2.1: 2: Too many authentication failures for admin\r\n",  # 5.3
    ),
    ("closed", "ssh_exchange_identification: Connection closed by remote host\r\n"),  # before 8.0
    ("closed", "kex_exchange_identification: read: Connection reset by peer\r\nConnection reset by 192.0.2.1 port 22"),
    ("closed", "Connection closed by 192.0.2.1 port 22\r\n"),
    ("closed", "Connection to mx1 closed by remote host.\r\n"),
    ("closed", "client_loop: send disconnect: Broken pipe\r\n"),
    ("closed", "channel 0: open failed: administratively prohibited: open failed\r\nstdio forwarding failed\r\n"),
    ("ssh failed", "command-line: line 0: Bad configuration option: clearallforwarding\r\n"),
    ("ssh failed", "Bad owner or permissions on /home/admin/.ssh/config\r\n"),
    ("ssh failed", ""),
)


@pytest.mark.parametrize(("word", "said"), OF_SSH)
def test_the_words_of_ssh_lead_to_one_outcome(word: str, said: str) -> None:
    verdict = classify(Ending("ended", 255, "", said))
    assert verdict.word == word
    assert verdict.detail
    assert "\r" not in verdict.detail


BECOME = ("sudo", "-n")
OF_HOSTS = (
    ("become failed", 1, "sudo: a password is required\n"),
    ("become failed", 1, "sudo: sorry, you must have a tty to run sudo\n"),  # requiretty of RHEL 5 and 6
    ("become failed", 1, "admin is not in the sudoers file.  This incident will be reported.\n"),
    ("become failed", 1, "Sorry, user admin is not allowed to execute '/bin/sh -s' as root on mx1.\n"),
    ("become failed", 127, "sh: line 1: sudo: command not found\n"),
    ("become failed", 127, "bash: sudo: Kommando nicht gefunden.\n"),
    ("become failed", 1, "sudo: /etc/sudoers is world writable\n"),
    ("not a shell", 1, "This account is currently not available.\n"),
    ("not a shell", 1, ""),
    ("not a shell", 127, "rbash: sh: command not found\n"),
    ("probe failed", 2, "sh: 12: Syntax error: end of file unexpected\n"),
    ("probe failed", 1, "Badly placed ()'s.\n"),
    ("probe failed", 1, "sh: fork: retry: Resource temporarily unavailable\n"),
)


@pytest.mark.parametrize(("word", "status", "said"), OF_HOSTS)
def test_a_login_that_runs_no_probe_says_why(word: str, status: int, said: str) -> None:
    assert classify(Ending("ended", status, "", said), BECOME).word == word


def test_sudo_is_not_blamed_where_it_is_not_asked() -> None:
    assert classify(Ending("ended", 1, "", "Last login by sudo: yesterday\n")).word == "not a shell"


@pytest.mark.parametrize("said", ["ssh: connect to host sudo port 22: Connection refused\r\n"])
def test_sudo_is_not_blamed_for_what_ssh_says(said: str) -> None:
    assert classify(Ending("ended", 255, "", said), BECOME).word == "refused"


def test_a_prompt_that_waits_is_a_failed_become_and_not_a_stuck_host() -> None:
    assert classify(Ending("deadline", None, "", "[sudo] password for admin: ", 60), BECOME).word == "become failed"


def test_a_banner_cannot_pass_for_words_of_ssh() -> None:
    banner = "Unauthorised access is answered by: Connection refused, Permission denied (no key).\r\n"
    assert classify(Ending("ended", 255, "", banner + "Connection closed by 192.0.2.1 port 22\r\n")).word == "closed"


def test_what_had_begun_is_incomplete_however_it_ended() -> None:
    lost = classify(Ending("ended", 255, BEGUN, "Connection to mx1 closed by remote host.\r\n"))
    late = classify(Ending("deadline", None, BEGUN, "", 60))
    assert lost.word == late.word == "incomplete"
    assert lost.detail == (
        "ended in section identity.nodename, exit status 255: Connection to mx1 closed by remote host."
    )
    assert late.detail == "stopped after 60 s, in section identity.nodename"


def test_a_whole_output_is_ok_whatever_the_exit_status() -> None:
    assert classify(Ending("whole", 255, BEGUN, "Connection reset by 192.0.2.1 port 22")).word == "ok"


def test_silence_until_the_deadline_is_told_with_its_seconds() -> None:
    verdict = classify(Ending("deadline", None, "", "** WARNING: connection is not using a post-quantum …\n", 60))
    assert (verdict.word, verdict.detail) == ("stuck after banner", "no answer within 60 s")


def test_each_outcome_has_a_remedy_of_its_own() -> None:
    remedies = [remedy(word) for word in OUTCOMES]
    assert all(it and it.endswith(".") for it in remedies)
    assert len(set(remedies)) == len(remedies)
    assert remedy(NOT_TRIED + "permission denied")
    assert remedy("ok") is None


def test_words_of_a_host_cannot_drive_the_terminal() -> None:
    said = sanitised("\x1b]0;owned\x07 \x1b[2J no\r\n" + "x" * 1000)
    assert "\x1b" not in said and "\n" not in said and "\r" not in said
    assert len(said) == 300
