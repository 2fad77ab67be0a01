"""A YAML file as a tree that knows where each part stands; scalars stay the text that the operator wrote.

YAML would turn 0031337 into 13023 and 1:30 into 90, forget the lines, and take the last of two equal keys.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import yaml

from checker.errors import Fault
from checker.inputs.yaml_scan import explained, scan
from checker.text_file import place_after, shown

MAX_DEPTH = 32  # the deepest declared value stands six deep; what walks the tree may thus recurse
MAX_NODES = 200_000  # with every alias written out: a hundred for each of 2000 servers

TOO_DEEP = f"nested deeper than {MAX_DEPTH} levels: expected a flatter file"
TOO_MANY = f"more than {MAX_NODES} values, aliases written out: expected fewer"

LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml where PyYAML was built with it: 20 times faster
UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Scalar:
    """A text, or None where nothing, `~` or a plain `null` is written; line and column count from 1."""

    text: str | None
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list; `size` counts its nodes with aliases written out, `height` how deep they go."""

    items: tuple["Node", ...]
    line: int
    column: int
    size: int
    height: int


@dataclass(frozen=True, slots=True)
class Mapping:
    """Keys as text, each with its place and its value; `size` and `height` as for a list.
    `partial`: some of its keys were there but could not be read."""

    entries: dict[str, tuple[Scalar, "Node"]]
    line: int
    column: int
    size: int
    height: int
    partial: bool = False


Node = Scalar | Sequence | Mapping


@dataclass(frozen=True)
class Source:
    """What could be read of a file (root None: nothing), and the faults. `cut`: a fault ended the reading early."""

    root: Node | None
    faults: tuple[Fault, ...]
    cut: bool


@dataclass
class _Open:
    """A list or mapping whose end has not come yet."""

    is_mapping: bool
    line: int
    column: int
    anchor: str | None
    items: list[Node] = field(default_factory=list)
    entries: dict[str, tuple[Scalar, Node]] = field(default_factory=dict)
    key: Node | None = None
    partial: bool = False

    def close(self) -> Sequence | Mapping:
        children = [value for _, value in self.entries.values()] if self.is_mapping else self.items
        size = 1 + len(self.entries) + sum(_size(child) for child in children)
        height = 1 + max((_height(child) for child in children), default=0)
        shape = (self.line, self.column, size, height)
        return Mapping(self.entries, *shape, self.partial) if self.is_mapping else Sequence(tuple(self.items), *shape)


class _Cut(Exception):
    """Reading cannot go on behind this place."""

    def __init__(self, message: str, line: int, column: int):
        self.message, self.line, self.column = message, line, column


def parse(text: str, name: str) -> Source:
    """The tree of a YAML text and every fault of its form, a cut last; `name` is how the faults call the file."""
    cut_at: _Cut | None = None
    bounds = scan(text, 2 * MAX_DEPTH, MAX_NODES)  # twice: that the first is too deep is told below, at its place
    if bounds.deep is not None:
        cut_at = _Cut(TOO_DEEP, *place_after(text[: bounds.deep]))
        text = text[: bounds.deep]
    elif bounds.many is not None:
        cut_at = _Cut(TOO_MANY, *place_after(text[: bounds.many]))
        text = text[: bounds.many - cut_at.column + 1]  # whole lines only: half a value would be a second fault
    if wrong := UNPRINTABLE.search(text):
        cut_at = _Cut(f"control character {shown(wrong.group())}: expected plain text",
                      *place_after(text[: wrong.start()]))  # fmt: skip
        text = text[: wrong.start() - cut_at.column + 1]
    faults: list[Fault] = []
    builder = _Builder()
    try:
        for event in yaml.parse(text, Loader=LOADER):
            faults += [Fault(name, *fault) for fault in builder.take(event)]
    except _Cut as cut:
        cut_at = cut
    except yaml.MarkedYAMLError as error:
        if not (cut_at and _at_end(error, text)):  # else it is we who took the end away
            cut_at = _stopped(error, text, builder)
    except (yaml.YAMLError, ValueError):
        cut_at = cut_at or _Cut("cannot be read as YAML: expected 'key: value' lines", 1, 1)
    if cut_at:
        builder.close_all()
        last = Fault(name, cut_at.line, cut_at.column, cut_at.message)
        faults = [*(fault for fault in faults if fault < last), last]
    elif builder.root is None or (isinstance(builder.root, Scalar) and not builder.root.text):
        faults.append(Fault(name, None, None, "is empty: expected a deployment"))
        return Source(None, tuple(faults), cut=True)
    return Source(builder.root, tuple(faults), cut=cut_at is not None)


class _Builder:
    """Builds the tree from the events without recursion, so that no nesting can exhaust the stack."""

    def __init__(self) -> None:
        self.root: Node | None = None
        self.open: list[_Open] = []
        self.anchors: dict[str, Node] = {}
        self.nodes = 0
        self.documents = 0

    def take(self, event: Any) -> Iterator[tuple[int, int, str]]:
        """Takes one event; gives (line, column, message) of what is wrong there, or raises _Cut."""
        line, column = event.start_mark.line + 1, event.start_mark.column + 1
        if isinstance(event, yaml.DocumentStartEvent):
            self.documents += 1
            if self.documents > 1:
                raise _Cut("a second document begins: expected one document per file", line, column)
        elif isinstance(event, yaml.CollectionEndEvent):
            yield from self.add(self.open.pop())
        elif isinstance(event, yaml.AliasEvent):
            anchor = str(event.anchor)
            target = self.anchors.get(anchor)
            if target is None:
                raise _Cut(f"alias {shown('*' + anchor)} has no anchor before it: expected '&' there", line, column)
            self.grow(_size(target), _height(target), line, column)
            yield from self.put(replace(target, line=line, column=column), plain=False)
        elif isinstance(event, yaml.NodeEvent):
            self.grow(1, 1, line, column)
            tag = getattr(event, "tag", None)
            if tag is not None:
                short = tag.replace("tag:yaml.org,2002:", "!!")
                yield line, column, f"tag {shown(short)} is not supported: expected plain text, in quotes where needed"
            if isinstance(event, yaml.ScalarEvent):
                plain = not event.style
                empty = plain and event.value in ("", "~", "null", "Null", "NULL")
                node = Scalar(None if empty else event.value, line, column)
                self.anchors.update({event.anchor: node} if event.anchor else {})
                yield from self.put(node, plain)
            else:
                self.open.append(_Open(isinstance(event, yaml.MappingStartEvent), line, column, event.anchor))

    def grow(self, size: int, height: int, line: int, column: int) -> None:
        self.nodes += size
        if self.nodes > MAX_NODES:
            raise _Cut(TOO_MANY, line, column)
        if len(self.open) + height > MAX_DEPTH:
            raise _Cut(TOO_DEEP, line, column)

    def add(self, done: _Open) -> Iterator[tuple[int, int, str]]:
        node = done.close()
        self.anchors.update({done.anchor: node} if done.anchor else {})
        return self.put(node, plain=False)

    def put(self, node: Node, plain: bool) -> Iterator[tuple[int, int, str]]:
        """Puts a finished node where it belongs: into the list, as a key, as a key's value, or at the root."""
        if not self.open:
            self.root = node
            return
        parent = self.open[-1]
        if not parent.is_mapping:
            parent.items.append(node)
        elif parent.key is None:
            parent.key = node
            if message := _wrong_key(node, plain) or _given_before(node, parent.entries):
                parent.partial |= _wrong_key(node, plain) is not None
                parent.key = Sequence((), node.line, node.column, 1, 1)  # a key that takes its value with it
                yield node.line, node.column, message
        else:
            key, parent.key = parent.key, None
            if isinstance(key, Scalar) and key.text is not None:
                parent.entries[key.text] = (key, node)

    def close_all(self) -> None:
        """Ends what is still open, as it stands; what was there of it is kept."""
        while self.open:
            for _ in self.add(self.open.pop()):
                pass  # a key that is none only because its list or mapping was not finished


def _wrong_key(key: Node, plain: bool) -> str | None:
    if not isinstance(key, Scalar):
        return "a list or mapping as a key: expected plain text; put quotes around text that begins with '[' or '{'"
    if key.text is None:
        return "an empty key: expected its name before the ':'"
    if plain and key.text == "<<":
        return "merge keys (<<) are not supported: expected the keys written out"
    return None


def _given_before(key: Node, entries: dict[str, tuple[Scalar, Node]]) -> str | None:
    if isinstance(key, Scalar) and key.text in entries:
        first = entries[key.text][0]
        return f"key {shown(key.text)} is given twice, first on line {first.line}: expected it once"
    return None


def _at_end(error: yaml.MarkedYAMLError, text: str) -> bool:
    mark = error.problem_mark
    return mark is not None and (mark.line + 1, mark.column + 1) >= place_after(text)


def _stopped(error: yaml.MarkedYAMLError, text: str, builder: _Builder) -> _Cut:
    """Where the parser stopped, in our words: its own change with its releases."""
    mark = error.problem_mark or error.context_mark
    if mark is None:
        return _Cut("cannot be read as YAML: expected 'key: value' lines", 1, 1)
    inside = ("mapping" if builder.open[-1].is_mapping else "list") if builder.open else "end" if builder.root else ""
    begun = error.context_mark.line + 1 if error.context_mark else None
    return _Cut(*explained(text, mark.line + 1, mark.column + 1, begun, inside))


def _size(node: Node) -> int:
    return 1 if isinstance(node, Scalar) else node.size


def _height(node: Node) -> int:
    return 1 if isinstance(node, Scalar) else node.height


def plain(node: Node) -> Any:
    """The tree as Python's dict, list, str and None, for a model to read."""
    if isinstance(node, Scalar):
        return node.text
    if isinstance(node, Sequence):
        return [plain(item) for item in node.items]
    return {key: plain(value) for key, (_, value) in node.entries.items()}


def items(node: Node | None) -> tuple[Node, ...]:
    """The items of a list; none where the file has no list."""
    return node.items if isinstance(node, Sequence) else ()


def last_nodes(root: Node) -> Iterator[Node]:
    """The root, the last value in it, the last in that, and so on: what may be unfinished where a file was cut."""
    node: Node | None = root
    while node:
        yield node
        if isinstance(node, Mapping):
            node = next(reversed(node.entries.values()), (None, None))[1]
        else:
            node = items(node)[-1] if items(node) else None


def child(node: Node | None, *keys: str) -> Node | None:
    """The value below these keys, or None where the file has none."""
    for key in keys:
        if not isinstance(node, Mapping) or key not in node.entries:
            return None
        node = node.entries[key][1]
    return node
