"""The rules of writer's guides (DOE-STD-1029, NUREG-0899) for a sentence, and every sentence that is shipped."""

import re
from collections.abc import Callable, Iterator

from runbook.words import Words

Where = tuple[str, str, str]  # file, key, field


def several(text: str) -> frozenset[str]:
    return frozenset(text.split())


VERBS = several("""
    Announce Check Close Compare Confirm Decide Declare Disable Drain Dump End Flush Hand Hold Log List Make Measure
    Migrate Open Point Put Record Release Reschedule Send Start Stop Take Test Update Upgrade Verify Watch
""")
# verbs that only begin a sentence below a title: how, and what to do if not
BELOW = several("""
    Agree Ask Call Change Continue Count Delete Enable Enter Find Give Keep Leave Let Move
    Note Read Reject Remove Repeat Retry Save Sign See Stay Tell Undo Wait Work Write
""")
# what follows "and", "or", a comma or a colon in a title: each joins things or circumstances, none is a second action
JOINED = several("address as database monitoring no-go policy ports virus")
# what makes a condition one that can be seen, where it is not a number
STATES = several("""
    GO agree answer answers are arrive arrives carry closed confirmed explained flows grows has have held
    is listed named names out passed present run runs says shows shrinks
""")
NO_STATE = re.compile(r"\b(?:checked|done|ok|okay|fine|correct|normal|verified|successful)\b", re.IGNORECASE)
# the fixed words, and names: of products, protocols, units and places of the set
CAPITALS = several("STOP HOLD GO NO-GO CAUTION CSM DHCP DNS IP MX SMTP TTL UNIX")
NEVER = re.compile(
    r"\b(?:should|shall|ensure|make sure|kindly|obviously|simply|just)\b|\bverify that\b.*\bis checked\b"
    r"|(?<![*\w])\*(?![*\s])|(?<!\w)_[^\W_]", re.IGNORECASE
)  # fmt: skip
DRAWN = re.compile(r"\[ ?\]|[☐☑□]|_{2,}|\.{4,}|__:__")
NEGATION = re.compile(r"\b(?:not|no|never|nothing|nobody|none|neither|cannot|without)\b", re.IGNORECASE)
UNDONE = re.compile(r"\bun(?!der|i|less\b|til\b)\w+", re.IGNORECASE)
VENDORS = re.compile(r"\bpmx[-_][\w-]+|\bpmx [a-z]|/opt/pmx\S*|(?<!\S)--?[a-z][\w-]*")


def clauses(text: str) -> list[str]:
    """The parts of a sentence that could each be said alone."""
    return [part.strip() for part in re.split(r"[.;:,?]+(?:\s+|$)|[()|–“”]+", text) if part.strip()]


def first(text: str) -> str:
    return re.split(r"[^\w-]", text.lstrip("\"'“*"), maxsplit=1)[0]


def pieces(text: str) -> list[str]:
    """The clauses, and what "and" or "or" joins in them."""
    return [piece for part in clauses(text) for piece in re.split(r"\b(?:and|or|but|then)\b ", part)]


def second_action(title: str) -> list[str]:
    """The words in a title that may begin another action than its first; what is called out is not done."""
    own = re.sub(r'"[^"]*"', "", title)
    return [word for word in joined(own) if word not in JOINED] + re.findall(r";|\bthen\b", own)


def joined(title: str) -> list[str]:
    return re.findall(r"(?:\b(?:and|or)|[,:–]) +([\w-]+)", title)


def hidden_action(caution: str) -> list[str]:
    """What a caution orders: any part that begins with a verb which steps begin with; "No …" and "Do not …" forbid."""
    return [part for part in pieces(caution) if first(part).capitalize() in VERBS | BELOW]


def stateless(condition: str) -> list[str]:
    """The parts of a condition that name neither a number nor a state, or that only say that somebody has looked."""
    parts = [part.strip() for part in condition.split(";")]
    return [
        part for part in parts
        if NO_STATE.search(part) or first(part) in VERBS | BELOW
        or not (re.search(r"\d", part) or STATES & set(re.findall(r"[\w-]+", part)))
    ]  # fmt: skip


def twice_negated(text: str) -> list[str]:
    """The parts that say no to a no: what "and" joins may each be negated."""
    found = [(part, list(NEGATION.finditer(part))) for part in pieces(text)]
    return [part for part, negated in found if len(negated) > 1 or (negated and UNDONE.search(part, negated[0].end()))]


def shouted(text: str) -> list[str]:
    """Words in capitals that are neither fixed words nor names."""
    words = re.findall(r"(?<![\w-])[A-Z][A-Z-]*[A-Z](?![\w-])", re.sub(r"{.*?}", "", text))
    return [word for word in words if word not in CAPITALS]


def shipped(words: Words) -> Iterator[tuple[Where, str]]:
    """Every shipped sentence as it stands in its file, lists one by one, and further ones as what they are of."""
    for file, table in words.tables.items():
        for key, fields in table.items():
            shortest_last = sorted(fields, key=len, reverse=True)
            of = {name: field for field in shortest_last for name in words.sentences(file, key, field)}
            for name, value in fields.items():
                for sentence in value if isinstance(value, list) else [value]:
                    yield (file, key, of[name]), sentence


def bare(source: str) -> str:
    """A sentence with its alternatives one after the other, and for each value what it falls back to."""
    said = re.sub(r"{{(.*?)}}", lambda value: " ".join(re.findall(r"'([^']*)'", value[1])) or "X", source)
    return " ".join(re.sub(r"{%.*?%}", "", re.sub(r"{% el.*?%}", " | ", said)).split())


def faults(
    words: Words, rule: Callable[[str], object], *fields: str, files: tuple[str, ...] = ()
) -> dict[Where, object]:
    """What a rule finds in the shipped sentences of some fields or files, all alternatives of each."""
    return {
        where: found for where, sentence in shipped(words)
        if (not files or where[0] in files) and (not fields or where[2] in fields)
        if (found := rule(bare(sentence)))
    }  # fmt: skip
