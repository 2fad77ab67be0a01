"""The kinds of single values in a deployment file: how each is read from its text, and what is refused, in words."""

import re
from datetime import date, datetime
from ipaddress import ip_address
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, WithJsonSchema

from checker.legible import HIDDEN

NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_-]|\.(?!\.|$)){0,62}")
UNSEEN = re.compile(f"[{HIDDEN}]")
LABEL = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?")
VERSION = re.compile(
    r"(?:PureMessage |version |v)?(\d+(?:\.\d+){1,3})(?:\.\d+|[ -]\(?(?:build )?\d+\)?)?", re.IGNORECASE
)
FORM_FIELD = re.compile(r"u_[a-z0-9_]{1,78}")  # a form's own fields begin so, and take no name that is not theirs
CASE = re.compile(r"(?=[^0-9]*[0-9])[A-Za-z0-9#./-]+")  # the form of the vendor's numbers is not known to us
SHA256 = re.compile(r"[0-9a-f]{64}")
YEARS = "from 2000 to 2099"  # far from where the calendar ends: a time may be moved by any offset
DAY = r"20[0-9]{2}-[0-9]{2}-[0-9]{2}"
LOCAL_TIME = DAY + r"[T ][0-9]{2}:[0-9]{2}(:[0-9]{2})?(Z|[+-][0-9]{2}:[0-9]{2})?"


def _name(text: str) -> str:
    if not NAME.fullmatch(text):
        raise ValueError(
            "is not usable as a name: expected letters, digits, '.', '_' and '-', beginning with a letter or digit, "
            "at most 63 characters"
        )
    return text


def _hostname(text: str) -> str:
    if len(text) > 253 or not all(LABEL.fullmatch(label) for label in text.split(".")):
        raise ValueError("is not a host name: expected labels of letters, digits and '-' joined by dots")
    return text


def _address(text: str) -> str:
    try:
        if "%" in text:  # a scope may hold any text and means something on one machine only
            raise ValueError
        return str(ip_address(text))
    except ValueError:
        raise ValueError("is not an IP address: expected one such as 192.0.2.11 or 2001:db8::11") from None


def _name_or_address(text: str) -> str:
    return _address(text) if ":" in text else _name(text)


def _plain(text: str) -> str:
    if UNSEEN.search(text):
        raise ValueError("has control characters: expected plain text")
    if not text.strip():
        raise ValueError("is blank: expected some text")
    return text.strip()


def _line(text: str) -> str:
    return " ".join(_plain(text).split())


def _zone(text: str) -> str:
    try:
        ZoneInfo(text)
    except Exception:
        raise ValueError("is not a known time zone: expected an IANA zone such as Europe/Berlin") from None
    if ("/" not in text and text != "UTC") or text.startswith(("Etc/GMT", "posix/", "right/")):
        raise ValueError("is not the zone of a place: expected an IANA zone such as Europe/Berlin, or UTC")
    return text


def _path(text: str) -> str:
    if not text.startswith("/") or ".." in text.split("/") or "\n" in text or "\t" in text:
        raise ValueError("is not an absolute path: expected one such as /opt/pmx, without '..'")
    if any(part != part.strip() for part in text.split("/")):
        raise ValueError("has a blank at the beginning or end of a name: expected the path without it")
    return text.rstrip("/") or "/"


def _yes_no(value: object) -> object:
    words = {"true": True, "yes": True, "false": False, "no": False}
    if isinstance(value, str):
        if value.lower() not in words:
            raise ValueError("is not an answer: expected yes or no")
        return words[value.lower()]
    return value


def _local_time(value: object) -> object:
    if isinstance(value, str):
        if not re.fullmatch(LOCAL_TIME, value):
            raise ValueError(f"is not a time: expected YYYY-MM-DDTHH:MM, for example 2026-12-05T22:00, {YEARS}")
        try:
            return datetime.fromisoformat(value)
        except ValueError:
            raise ValueError("is not a time: there is no such day or hour; expected YYYY-MM-DDTHH:MM") from None
    return value


def _day(value: object) -> object:
    if isinstance(value, str):
        if not re.fullmatch(DAY, value):
            raise ValueError(f"is not a date: expected YYYY-MM-DD, for example 2026-11-20, {YEARS}")
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise ValueError("is not a date: there is no such day; expected YYYY-MM-DD") from None
    return value


def _version(text: str) -> str:
    if not VERSION.fullmatch(text):
        raise ValueError("is not a version: expected one such as 5.6.1, or 5.6.1 (build 2065439)")
    return text


def release_of(version: str) -> str:
    """A version without what stands behind it: `5.6.1` of `5.6.1.2065439` and of `5.6.1 (build 2065439)`."""
    found = VERSION.fullmatch(version)
    return ".".join(found[1].split(".")[:3]) if found else version


def _form_field(text: str) -> str:
    if not FORM_FIELD.fullmatch(text):
        raise ValueError("is not a field of a form's own: expected one such as u_site")
    return text


def _case(text: str) -> str:
    if not CASE.fullmatch(text):
        raise ValueError("is not a case number: expected it in one word, such as 01234567")
    return text


def _sha256(text: str) -> str:
    if not SHA256.fullmatch(text.lower()):
        raise ValueError("is not a SHA-256: expected 64 hexadecimal digits")
    return text.lower()


def _filled_in(text: str) -> str:
    if not text.strip(" ….?_"):
        raise ValueError("is not filled in: expected some text")
    return text


Text = Annotated[str, StringConstraints(max_length=500), AfterValidator(_line)]
LongText = Annotated[str, StringConstraints(max_length=4000), AfterValidator(_plain)]
Name = Annotated[str, StringConstraints(max_length=200), AfterValidator(_name)]
Hostname = Annotated[str, StringConstraints(max_length=300), AfterValidator(_hostname)]
Address = Annotated[str, StringConstraints(max_length=200), AfterValidator(_address)]
HostOrAddress = Annotated[str, StringConstraints(max_length=300), AfterValidator(_name_or_address)]
Path = Annotated[str, StringConstraints(max_length=1000), AfterValidator(_path), AfterValidator(_plain)]
YesNo = Annotated[bool, BeforeValidator(_yes_no)]
LocalTime = Annotated[
    datetime, BeforeValidator(_local_time), WithJsonSchema({"type": "string", "pattern": f"^{LOCAL_TIME}$"})
]
Zone = Annotated[str, StringConstraints(max_length=100), AfterValidator(_zone)]
Day = Annotated[date, BeforeValidator(_day)]
Kib = Annotated[int, Field(ge=0, le=2**53)]
FormField = Annotated[str, StringConstraints(max_length=80), AfterValidator(_form_field)]
Filled = Annotated[Text, AfterValidator(_filled_in)]
Version = Annotated[Text, AfterValidator(_version)]
CaseNumber = Annotated[Text, AfterValidator(_case)]
Sha256 = Annotated[str, StringConstraints(max_length=200), AfterValidator(_sha256)]
