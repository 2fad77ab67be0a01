"""Keyed pseudonyms: without the key nobody leads one back, and with it the same text has the same one each time."""

import hashlib
import hmac
import re
from collections.abc import Callable
from functools import cached_property
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from runbook.redaction.kept_words import LABELS, PLACES, SUFFIXES, WORDS

DIGITS = 6  # of 1,000 names two share the first six hexadecimal digits once in thirty times; then both have more
IN_ANY_CASE = ("host", "w")  # kinds of names and words that are compared so
LONGEST_NAME = 63  # of a server, as the deployment file takes it
# Networks that mean the same everywhere: an address stays inside, and none from outside comes in.
COMMON = tuple(
    ip_network(text)
    for text in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16",
        "224.0.0.0/4", "240.0.0.0/4", "::/8", "fc00::/7", "fe80::/10", "ff00::/8",
    )
)  # fmt: skip
WHOLE = tuple(ip_network(text) for text in ("0.0.0.0/32", "127.0.0.0/8", "255.255.255.255/32", "::/127"))
BOOT_SCRIPT = re.compile(r"([SK][0-9]{2})(.+)")  # as S99pmx in /etc/rc3.d
DOMAIN = re.compile(r"[\w-]+(?:\.[\w-]+)*\.?")
PIECE = re.compile(
    r"(?:[0-9A-Fa-f]{0,4}:){2,7}[0-9A-Fa-f.]*|/[^\s'\"`;|&<>(){}$:,=*?\[\]\\]+|\w+(?:[.@-]\w+)*"
)  # an IPv6 address, a path, or a word
SHORT_OPTION = re.compile(r"[rRfvicelxugICh]{1,3}")


class Pseudonyms:
    """The pseudonyms of one key; texts that differ, if only in letter case, never share one."""

    def __init__(self, key: bytes, names: frozenset[str] = frozenset()):
        """`names`: the names of servers, which in a text are names too; in lower case."""
        self._key, self._names = key, names
        self._given: dict[tuple[str, str], str] = {}
        self._taken: dict[str, str] = {}
        self._stems: dict[str, str] = {}

    def word(self, kind: str, text: str) -> str:
        """`kind-3f2a91` for a text. Where case is not compared, texts that differ in case alone still do so alone."""
        if (kind, text) not in self._given:
            plain = text.casefold() if kind in IN_ANY_CASE else text
            made = self._stem(kind, plain)
            if text != plain:
                made = self._cased(made, kind, text)
            self._given[kind, text] = made
            self._taken[made] = text
        return self._given[kind, text]

    def _stem(self, kind: str, plain: str) -> str:
        digest, digits = self._keyed(f"{kind}\0{plain}").hex(), DIGITS
        while self._stems.setdefault(made := f"{kind}-{digest[:digits]}", plain) != plain:
            digits += 2
        return made

    def _cased(self, made: str, kind: str, text: str) -> str:
        letters = [at for at, letter in enumerate(made) if letter.isalpha()]
        most = 2 ** len(letters) - 1
        chosen = int.from_bytes(self._keyed(f"case\0{kind}\0{text}")[:8])
        for more in range(most):
            pattern = 1 + (chosen + more) % most
            upper = {at for bit, at in enumerate(letters) if pattern >> bit & 1}
            cased = "".join(letter.upper() if at in upper else letter for at, letter in enumerate(made))
            if cased not in self._taken:
                return cased
        return self._stem(kind, f"{kind}\0{text}")  # more writings of one word than it has letters to tell them apart

    def _keyed(self, text: str) -> bytes:
        return hmac.digest(self._key, text.encode("utf-8", "surrogatepass"), hashlib.sha256)

    def host(self, text: str) -> str:
        """A host name label by label, an address as one: a short name stays the beginning of the full one."""
        if not text or text.casefold() in LABELS or text.startswith("/"):
            return self.path(text) if text.startswith("/") else text
        if (found := self._parsed(text.strip("[]"))) is not None:
            return text.replace(text.strip("[]"), self._mapped(found))
        if not DOMAIN.fullmatch(text):
            return self.word("host", text)
        return ".".join(self._label(label) for label in text.split("."))

    def server(self, text: str) -> str:
        """The name of a server, as a host name; as a whole where it has so many labels that it would be too long."""
        made = self.host(text)
        return made if len(made) <= LONGEST_NAME else self.word("host", text)

    def _label(self, label: str) -> str:
        return label if not label or label.casefold() in LABELS else self.word("host", label)

    def mail(self, text: str) -> str:
        """A mail address: who by a pseudonym, the domain as a host name."""
        local, at, domain = text.partition("@")
        if not at or not DOMAIN.fullmatch(domain):
            return self.word("mail", text)
        return f"{self.word('person', local)}@{self.host(domain)}"

    def address(self, text: str) -> str:
        """An address, with its prefix length or zone if it has one: two that share a network of any size still do."""
        found = self._parsed(text)
        return self.host(text) if found is None else self._mapped(found)

    def _parsed(self, text: str) -> tuple[IPv4Address | IPv6Address, str] | None:
        bare = re.split("[%/]", text, maxsplit=1)[0]
        try:
            return ip_address(bare), text[len(bare) :]
        except ValueError:
            return None

    def _mapped(self, found: tuple[IPv4Address | IPv6Address, str]) -> str:
        address, behind = found
        if isinstance(address, IPv6Address) and address.ipv4_mapped:
            made = f"::ffff:{self._moved(address.ipv4_mapped)}"
        else:
            made = str(self._moved(address))
        if behind.startswith("%"):
            return f"{made}%{self.interface(behind[1:])}"
        return made + (behind if behind[1:].isdigit() else "")

    def _moved(self, address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
        if any(address in network for network in WHOLE if network.version == address.version):
            return address
        size = address.max_prefixlen
        bits, made = f"{int(address):0{size}b}", ""
        for length in range(size):
            flip = self._flips(address.version, bits[:length])
            made += str(int(bits[length]) ^ flip)
        return type(address)(int(made, 2))

    def _flips(self, version: int, before: str) -> int:
        if before in self._fixed[version]:
            return 0
        return self._keyed(f"bit\0{version}\0{before}")[0] & 1

    @cached_property
    def _fixed(self) -> dict[int, frozenset[str]]:
        """The beginnings of addresses, in bits, behind which none is turned, by version."""
        return {
            version: frozenset(
                f"{int(network.network_address):0{network.max_prefixlen}b}"[:length]
                for network in COMMON
                if network.version == version
                for length in range(network.prefixlen)
            )
            for version in (4, 6)
        }

    def path(self, text: str) -> str:
        """A path component by component, those kept that every host or installation of the product has."""
        return "/".join(self._component(part) for part in text.split("/"))

    def _component(self, part: str) -> str:
        if part in PLACES or not part.strip("."):
            return part
        if boot := BOOT_SCRIPT.fullmatch(part):
            return boot[1] + self._component(boot[2])
        stem, dot, suffix = part.rpartition(".")
        if dot and stem and suffix in SUFFIXES:
            return f"{stem if stem in PLACES else self.word('dir', stem)}.{suffix}"
        return self.word("dir", part)

    def device(self, text: str) -> str:
        """What a file system lies on: a device, `HOST:PATH`, `//HOST/PATH`, or a pool's data set."""
        if text.startswith("//"):
            host, _, rest = text[2:].partition("/")
            return f"//{self.host(host)}/{self.path(rest)}"
        host, colon, rest = text.rpartition(":/")
        return f"{self.host(host)}:{self.path(f'/{rest}')}" if colon else self.path(text)

    def interface(self, text: str) -> str:
        """An interface, kept where its name is one that systems give."""
        usual = re.fullmatch(
            r"(?:lo|eth|en|ens|eno|enp\d+s|bond|hme|ce|bge|e1000g|net|igb|em|lan|vmx|vnet)\d*(?:[.:]\d+)?", text
        )
        return text if usual else self.word("if", text)

    def text(self, text: str) -> str:
        """A text word by word: paths, addresses and servers as such, words of `kept_words` kept, others by pseudonyms.

        What stands between the words stays, so that a command is read by a shell as before.
        """
        return PIECE.sub(lambda found: self._piece(found[0], text[: found.start()]), text)

    def _piece(self, piece: str, before: str) -> str:
        if (address := self._parsed(piece)) is not None:
            return self._mapped(address)
        if piece.startswith("/"):
            end = len(piece.rstrip(".:-"))
            return self.path(piece[:end]) + piece[end:]
        if piece.casefold() in self._names:
            return self.host(piece)
        if piece in WORDS or piece.lower() in WORDS or (piece.isdigit() and len(piece) == 1):
            return piece
        if before.endswith("-") and SHORT_OPTION.fullmatch(piece):
            return piece
        return self.word("w", piece)

    def hosts_line(self, text: str) -> str:
        """A line of a hosts file: an address and names; what stands behind a `#` is left out."""
        first, *names = text.partition("#")[0].split() or [""]
        return " ".join((self.address(first), *(self.host(name) for name in names)))

    def fingerprint(self, text: str) -> str:
        """The fingerprint of a key."""
        return f"SHA256:{self._keyed(f'fingerprint{chr(0)}{text}').hex()[:43]}"

    def hexadecimal(self, text: str) -> str:
        """An id of hexadecimal digits, as many as it has."""
        return self._keyed(f"id\0{text}").hex()[: max(len(text), 16)]

    def option(self, text: str) -> str:
        """An option of a mount: of what is behind a `=` only numbers are kept."""
        name, equals, value = text.partition("=")
        if not equals:
            return self.text(text)
        return f"{self.text(name)}={value if value.isdigit() and len(value) < 6 else self.host(value)}"

    def case(self, text: str) -> str:
        """A case number of the vendor, which has a digit in it."""
        return f"case-0{self.word('c', text)[2:]}"


Rule = Callable[[Pseudonyms, str], str]


def as_word(kind: str) -> Rule:
    """The rule that gives a text a pseudonym as a whole."""
    return lambda names, text: names.word(kind, text)
