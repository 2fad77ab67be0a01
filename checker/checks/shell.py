"""What a command of the shell would do, as far as its words tell: the simple commands in it, and the dangerous ones."""

import re
import shlex
from collections.abc import Iterator

WRAPPERS = frozenset({
    "sudo", "doas", "pfexec", "pbrun", "env", "nohup", "time", "nice", "exec", "xargs",
    "if", "then", "else", "elif", "while", "until", "do", "!", "{",
})  # fmt: skip
WITH_VALUE = frozenset({"-u", "-g", "-I", "-C", "-h"})  # options of the wrappers that take the next word
SHELLS = frozenset({"sh", "bash", "ksh", "zsh", "dash", "su", "runuser"})
SSH_WITH_VALUE = frozenset(f"-{letter}" for letter in "bcDEFIiJLlmOopQRSWw")
ASSIGNED = re.compile(r"[A-Za-z_]\w*=.*|-.*|\d+", re.DOTALL)
HARMLESS_DEVICES = re.compile(r"/dev/(?:null|stdout|stderr|tty|zero|fd/\d+)")
SCRATCH = re.compile(r"/(?:var/)?tmp/(?!.*\.\./)[^/*\s].*")
IP_SETS = frozenset({"add", "a", "del", "delete", "d", "flush", "f", "change", "replace", "set"})


def _words(text: str) -> list[str]:
    """The words and operators of a text; a text whose quotes do not close is cut at its blanks."""
    try:
        lexer = shlex.shlex(text.replace("\\\n", " ").replace("\n", " ; "), posix=True, punctuation_chars=True)
        lexer.whitespace_split = True
        lexer.commenters = ""
        return list(lexer)
    except ValueError:
        return text.split()


def commands(text: str) -> Iterator[list[str]]:
    """The simple commands in a text, each with its words, without sudo and the like; those that a shell or ssh is
    given to run as well. A redirection is two words of its command: `>` and its target."""
    simple: list[str] = []
    for word in (*_words(text), ";"):
        if word and set(word) <= set(";|&()") and "\n" not in word:
            yield from _inside(simple)
            simple = []
        else:
            simple.append(word)


def _inside(words: list[str]) -> Iterator[list[str]]:
    while words and (words[0] in WRAPPERS or ASSIGNED.fullmatch(words[0])):
        skipped = 2 if words[0] in WITH_VALUE else 1
        words = words[skipped:]
    if not words:
        return
    yield words
    name, rest = _name(words), words[1:]
    if name in SHELLS:
        for place, word in enumerate(rest[:-1]):
            if re.fullmatch("-[a-z]*c", word):
                yield from commands(rest[place + 1])
    elif name == "ssh":
        while rest and rest[0].startswith("-"):
            rest = rest[2 if rest[0] in SSH_WITH_VALUE else 1 :]
        yield from commands(" ".join(rest[1:]))
    elif name == "find":
        for place, word in enumerate(rest):
            if word in ("-exec", "-execdir", "-ok", "-okdir"):
                yield from _inside(rest[place + 1 :])


def _name(words: list[str]) -> str:
    return words[0].rpartition("/")[2]


def dangers(words: list[str]) -> Iterator[str]:
    """What a simple command does that is rarely meant that night: destroys, stops the machine, changes its identity."""
    operands: list[str] = []
    options: list[str] = []
    rest = iter(words[1:])
    for word in rest:
        if "<" in word or (">" in word and set(word) <= set("<>&|")):
            target = next(rest, "")
            if operands and operands[-1].isdigit():  # the number of a file descriptor, as in 2>/dev/null
                operands.pop()
            if ">" in word and target.startswith("/dev/") and not HARMLESS_DEVICES.fullmatch(target):
                yield f"writes to the device {target}"
        else:
            (options if word.startswith("-") else operands).append(word)
    name = _name(words)
    if said := _destroys(name, options, operands) or _stops(name, operands) or _renames(name, options, operands):
        yield said


def _destroys(name: str, options: list[str], operands: list[str]) -> str | None:
    recursive = any(option == "--recursive" or re.fullmatch("-[A-Za-z]*[rR][A-Za-z]*", option) for option in options)
    if name == "rm" and recursive and not (operands and all(SCRATCH.fullmatch(operand) for operand in operands)):
        return "rm -r deletes whole directories"
    if name in ("mkfs", "newfs") or name.startswith("mkfs."):
        return f"{name} overwrites the existing file system"
    if name == "dd":
        for operand in operands:
            if operand.startswith("of=") and not HARMLESS_DEVICES.fullmatch(operand[3:]):
                return f"dd {operand} overwrites what is there"
    return None


def _stops(name: str, operands: list[str]) -> str | None:
    if name in ("shutdown", "reboot", "halt", "poweroff"):
        return f"{name} stops the whole machine"
    if name in ("init", "telinit") and operands[:1] in (["0"], ["6"]):
        return f"{name} {operands[0]} stops the whole machine"
    if name == "systemctl" and operands[:1] in (["reboot"], ["poweroff"], ["halt"]):
        return f"systemctl {operands[0]} stops the whole machine"
    return None


def _renames(name: str, options: list[str], operands: list[str]) -> str | None:
    frozen = "no name or address may change from the first upgrade step to the last migration (V07)"
    if name == "hostname" and (operands or {"-F", "-b", "--file", "--boot"} & set(options)):
        return f"hostname with an argument sets the host name: {frozen}"
    if name == "hostnamectl" and (operands[:1] == ["set-hostname"] or (operands[:1] == ["hostname"] and operands[1:])):
        return f"hostnamectl sets the host name: {frozen}"
    if name == "ifconfig" and set(operands[1:]) - {"inet", "inet6"}:
        return f"ifconfig sets the interface {operands[0]}: {frozen}"
    of_addresses = operands[:1] and "address".startswith(operands[0])
    of_links = operands[:1] and "link".startswith(operands[0])
    if name == "ip" and (of_addresses or of_links) and set(operands[1:2]) & IP_SETS:
        return f"ip {' '.join(operands[:2])} sets an interface: {frozen}"
    if name == "ipadm" and re.match("(?:create|delete|set|down|up|disable|enable)-", (operands or [""])[0]):
        return f"ipadm {operands[0]} sets an interface: {frozen}"
    return None
