"""What can be told of a YAML text before any parser reads it: how deep it goes, where it stands open, what is wrong.

Parsers differ in what they bear and in their words, and both change with their releases; neither decides here.
"""

import re
from dataclasses import dataclass, field

from checker.text_file import LINE_END, place_after

BREAK = "\r\n\x85\u2028\u2029"
GAP = re.compile(rf"[ \t]*(?:#[^{BREAK}]*)?")
MARKER = re.compile(rf"(?:---|\.\.\.)(?=[ \t{BREAK}]|\Z)")
INDICATOR = re.compile(rf"[-?:](?=[ \t{BREAK}]|\Z)")
FLOW_INDICATOR = re.compile(rf"[?:](?=[ \t{BREAK},\[\]{{}}]|\Z)|:")  # behind a quoted key a ':' needs no blank
PROPERTY = re.compile(rf"[&*!][^ \t{BREAK},\[\]{{}}]*")  # an anchor, an alias or a tag
QUOTED = {"'": re.compile(r"'(?:[^']|'')*'"), '"': re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)}
ESCAPE = re.compile(
    rf'\\(?!\\|[0abt\tnvfre "/N_LP{BREAK}]|x[0-9a-fA-F]{{2}}|u[0-9a-fA-F]{{4}}|U[0-9a-fA-F]{{8}})|(\\\\)', re.DOTALL
)
BLOCK_TEXT = re.compile(rf"[|>](?:[-+]?([1-9])?[-+]?)[ \t]*(?:\#[^{BREAK}]*)?(?:\r\n|[{BREAK}]|\Z)")
PLAIN = re.compile(rf"(?:[^:#{BREAK}]|:(?![ \t{BREAK}]|\Z)|(?<![ \t])\#)*")
FLOW_PLAIN = re.compile(rf"(?:[^:#,\[\]{{}}{BREAK}]|:(?![ \t{BREAK},\[\]{{}}]|\Z)|(?<![ \t])\#)*")
CLOSES = {"[": "]", "{": "}"}


@dataclass
class Scan:
    """How far a text was read, and where: offsets into it. `deep`: the value that stands deeper than was allowed;
    `many`: the one that was one too many; `quote`: the one that is never closed; `escape`: the first unknown one."""

    flow: list[int] = field(default_factory=list)  # the '[' and '{' that are open at the end
    deep: int | None = None
    many: int | None = None
    quote: int | None = None
    escape: int | None = None


def scan(text: str, most_deep: int, most: int) -> Scan:
    """Reads a text as YAML's scanner does, up to its end, a quote without end, or where it goes beyond a bound.

    A list on the indentation of its key does not count as deeper; so a bound never falls before the parser's.
    """
    found = Scan()
    indents: list[int] = []
    at = line = values = 0  # the offset, that of the line's begin, and the values so far
    key: int | None = None  # where what may be a key of this line begins

    def deeper(column: int) -> bool:
        if not indents or column > indents[-1]:
            indents.append(column)
        return len(indents) + len(found.flow) > most_deep

    while True:
        at = GAP.match(text, at).end()  # type: ignore[union-attr] # it matches nothing too
        if at >= len(text):
            return found
        char = text[at]
        if char in BREAK:
            at += 2 if text.startswith("\r\n", at) else 1
            line, key = at, None
            continue
        column = at - line
        if column == 0 and (MARKER.match(text, at) or (char == "%" and not found.flow)):
            indents, found.flow = [], []
            at = _line_end(text, at) if char == "%" else at + 3
            continue
        while not found.flow and indents and indents[-1] > column:
            indents.pop()
        if found.flow and (indicator := FLOW_INDICATOR.match(text, at)):
            at = indicator.end()
        elif not found.flow and (indicator := INDICATOR.match(text, at)):
            begin = at if char != ":" or key is None else key
            if deeper(begin - line):
                found.deep = begin
                return found
            at, key = indicator.end(), None
        elif char in ",]}":
            if char != "," and found.flow:
                found.flow.pop()
            at += 1
        else:
            key = at if key is None else key
            values += char not in "&!"
            if values > most:
                found.many = at
                return found
            if char in CLOSES:
                found.flow.append(at)
                if len(indents) + len(found.flow) > most_deep:
                    found.deep = at
                    return found
                at += 1
            elif char in QUOTED:
                quoted = QUOTED[char].match(text, at)
                if char == '"' and found.escape is None:
                    found.escape = _unknown_escape(text, at, quoted.end() if quoted else len(text))
                if quoted is None:
                    found.quote = at
                    return found
                begin, at = at, quoted.end()
                if (last := _last_break(text, begin, at)) is not None:
                    line, key = last, None
            elif word := PROPERTY.match(text, at):
                at = word.end()
            elif not found.flow and (header := BLOCK_TEXT.match(text, at)):
                at = line = _behind_block_text(text, header, indents[-1] if indents else -1)
                key = None
            else:
                at, broken = _behind_plain(text, at, bool(found.flow), indents[-1] if indents else -1)
                if broken is not None:
                    line, key = broken, None


def _line_end(text: str, at: int) -> int:
    found = LINE_END.search(text, at)
    return found.start() if found else len(text)


def _last_break(text: str, start: int, end: int) -> int | None:
    """Where the line begins that `end` is on, or None where that is the line of `start`."""
    ends = [found.end() for found in LINE_END.finditer(text, start, end)]
    return ends[-1] if ends else None


def _unknown_escape(text: str, start: int, end: int) -> int | None:
    return next((found.start() for found in ESCAPE.finditer(text, start, end) if not found[1]), None)


def _behind_block_text(text: str, header: re.Match[str], parent: int) -> int:
    """Where the first line begins that does not belong to the text below a '|' or '>'."""
    wanted = max(parent, 0) + int(header[1]) if header[1] else None
    at = header.end()
    while at < len(text):
        content = re.compile(" *").match(text, at).end()  # type: ignore[union-attr]
        blank = content >= len(text) or text[content] in BREAK
        if not blank:
            wanted = max(parent + 1, content - at) if wanted is None else wanted
            if content - at < wanted or MARKER.match(text, at):
                return at
        end = LINE_END.search(text, content)
        at = end.end() if end else len(text)
    return at


def _behind_plain(text: str, at: int, in_flow: bool, indent: int) -> tuple[int, int | None]:
    """The end of a text without quotes, which may go on over lines; and the begin of its last line if it does."""
    pattern = FLOW_PLAIN if in_flow else PLAIN
    line = None
    at = max(pattern.match(text, at).end(), at + 1)  # type: ignore[union-attr] # what begins it may be no part of one
    while True:
        at = pattern.match(text, at).end()  # type: ignore[union-attr]
        next_line = re.compile(rf"(?:[ \t]*(?:\r\n|[{BREAK}]))+").match(text, at)
        if next_line is None:
            return at, line
        begin = next_line.end()
        content = re.compile(r"[ \t]*").match(text, begin).end()  # type: ignore[union-attr]
        if content >= len(text) or text[content] == "#" or MARKER.match(text, begin):
            return at, line
        if not in_flow and content - begin <= indent:
            return at, line
        at, line = content, begin


def explained(text: str, line: int, column: int, key_line: int | None, inside: str) -> tuple[str, int, int]:
    """What is wrong where a parser stopped (from 1), and where: the message, its line and its column, from 1.

    `key_line` is the line on which the parser saw the construct begin that it could not end; `inside` says what is
    open there in blocks: "mapping", "list", "end" behind the whole document, or nothing.
    """
    lines = LINE_END.split(text)
    words = lines[line - 1] if line <= len(lines) else ""
    rest, before = words[column - 1 :], words[: column - 1]
    start = _offset(text, line) + column - 1
    opened = scan(text[:start], len(text) + 1, len(text) + 1).flow
    whole = scan(text, len(text) + 1, len(text) + 1)

    def at(offset: int, message: str) -> tuple[str, int, int]:
        return message, *place_after(text[:offset])

    if whole.escape is not None and whole.escape <= start:
        return at(whole.escape, "unknown escape in double quotes: expected '\\\\' for a backslash, or single quotes")
    if whole.quote is not None and whole.quote <= start:
        return at(whole.quote, "the quote that opens here is not closed: expected the same quote at its end")
    margin = re.compile(r"[ \t]*").match(words).end()  # type: ignore[union-attr]
    if "\t" in words[:margin] and column <= margin + 1:
        return "a tab in the indentation: expected blanks", line, words.index("\t") + 1
    if rest[:1] and rest[0] in "@`%":
        message = "this character cannot begin a value: expected quotes around text that begins with it"
        return message, line, column
    if rest[:1] == "!":
        message = "tags (!) are not supported: expected plain text, in quotes where it begins with '!'"
        return message, line, column
    if opened:
        bracket = text[opened[-1]]
        if rest[:1] == "," or rest[:1] == CLOSES[bracket]:
            return "a value is missing here: expected one before the bracket or the end", line, column
        return at(opened[-1], f"a '{bracket}' is not closed: expected ',' or '{CLOSES[bracket]}'")
    if inside == "end":
        return "text after the end of the document: expected one document", line, column
    if key_line and key_line < line and not re.search(r":(\s|$)|^\s*[-?]\s", lines[key_line - 1]):
        margin = len(lines[key_line - 1]) - len(lines[key_line - 1].lstrip())
        message = "a line that is neither 'key: value' nor '- item': expected a ':' and a blank after the key"
        return message, key_line, margin + 1
    if rest[:1] == ":":
        message = (
            "a ':' in a wrong place: expected quotes around text with ': ' in it, "
            "or the same indentation as the key before"
        )
        return message, line, column
    if re.match(r"-(\s|$)", rest) and before.strip():
        return "a '- ' in a wrong place: expected it on a line of its own", line, column
    if inside == "mapping":
        return "this does not fit the lines before it: expected a key at the same indentation", line, column
    if inside == "list":
        message = "this does not fit the list before it: expected another '- item', or less indentation"
        return message, line, column
    return "this is not YAML: expected 'key: value'", line, column


def _offset(text: str, line: int) -> int:
    """Where a line begins."""
    ends = [0, *(found.end() for found in LINE_END.finditer(text))]
    return ends[min(line, len(ends)) - 1]
