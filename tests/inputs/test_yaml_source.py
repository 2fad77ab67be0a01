"""YAML read as text with places: nothing is converted, nothing is lost, nothing can grow without end."""

import time
import tracemalloc
from typing import Any

import pytest
import yaml

from checker.inputs import yaml_source
from checker.inputs.yaml_source import MAX_DEPTH, Mapping, Scalar, child, parse, plain


@pytest.fixture(params=["CSafeLoader", "SafeLoader"], autouse=True)
def loader(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test twice: with libyaml, and with the parser that PyYAML has where it was built without."""
    if not hasattr(yaml, request.param):
        pytest.skip("corpus: PyYAML was built without libyaml")
    monkeypatch.setattr(yaml_source, "LOADER", getattr(yaml, request.param))


def value(text: str) -> object:
    source = parse(text, "f")
    assert source.faults == () and source.root is not None
    return plain(source.root)


def told(text: str) -> list[tuple[int | None, int | None]]:
    return [(fault.line, fault.column) for fault in parse(text, "f").faults]


@pytest.mark.parametrize(
    "scalar", ["0031337", "1:30", "yes", "off", "1_000", "0x10", "1e3", "2026-12-05", ".inf", "5.6.1", "=", "nul"]
)
def test_a_plain_value_stays_the_text_that_is_written(scalar: str) -> None:
    assert value(f"a: {scalar}") == {"a": scalar}


def test_only_nothing_a_tilde_and_a_plain_null_are_nothing() -> None:
    assert value("[~, null, Null, NULL, ]") == [None, None, None, None]
    assert value("a:\nb: ''\nc: 'null'\nd: \"~\"\n") == {"a": None, "b": "", "c": "null", "d": "~"}


def test_every_part_knows_its_place() -> None:
    root = parse("a: 1\nb:\n  - c: [x, 'y']\n", "f").root
    assert isinstance(root, Mapping)
    assert child(root, "a") == Scalar("1", 1, 4)
    key, items = root.entries["b"]
    assert (key.line, key.column) == (2, 1) and (items.line, items.column) == (3, 3)


def test_an_alias_is_its_anchor_s_value_at_the_alias_s_place() -> None:
    root = parse("a: &x {k: v}\nb: *x\n", "f").root
    assert root is not None and plain(root) == {"a": {"k": "v"}, "b": {"k": "v"}}
    alias = child(root, "b")
    assert alias is not None and (alias.line, alias.column) == (2, 4)


def test_an_anchor_may_be_given_anew() -> None:
    assert value("[&x a, *x, &x b, *x]") == ["a", "a", "b", "b"]


def test_the_first_of_two_equal_keys_is_named_and_kept() -> None:
    source = parse("a: 1\nb: 2\na: 3\n", "f")
    assert [str(fault) for fault in source.faults] == [
        "f:3:1: key 'a' is given twice, first on line 1: expected it once"
    ]
    assert source.root is not None and plain(source.root) == {"a": "1", "b": "2"}


def test_what_stands_before_a_syntax_fault_is_kept() -> None:
    source = parse("a: 1\nb: {c: 2}\nd: [x\ne: 3\n", "f")
    assert source.cut and told("a: 1\nb: {c: 2}\nd: [x\ne: 3\n") == [(3, 4)]
    assert source.root is not None and child(source.root, "b", "c") == Scalar("2", 2, 8)


def test_what_a_missing_bracket_swallows_is_no_second_fault() -> None:
    assert told("a: [x, {p}: 1\nb: 2\n") == [(1, 4)]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_control_character_is_told_at_its_place_whatever_the_line_ends(end: str) -> None:
    assert told(f"a: 1{end}b: x\x1b{end}") == [(2, 5)]


@pytest.mark.parametrize("opening", ["[", "{", "'", '"'])
def test_a_control_character_inside_a_bracket_or_quote_is_told_rather_than_a_missing_end(opening: str) -> None:
    assert told(f"a: {opening}x\n  y\x07") == [(2, 4)]


def test_a_merge_key_is_refused_but_its_text_in_quotes_is_a_key() -> None:
    assert told("a: &a {x: y}\nb: {<<: *a}\n") == [(2, 5)]
    assert value("{'<<': x}") == {"<<": "x"}


def test_as_deep_as_allowed_is_read_and_one_deeper_is_not() -> None:
    deep = "[" * (MAX_DEPTH - 1) + "x" + "]" * (MAX_DEPTH - 1)
    assert told(deep) == []
    assert told(f"[{deep}]") == [(1, MAX_DEPTH + 1)]


def test_aliases_cannot_make_it_deeper_than_allowed() -> None:
    half = "[" * 20 + "]" * 20
    assert told(f"a: &a {half}\nb: [*a]\n") == []
    assert told(f"a: &a {half}\nb: {'[' * 20}*a{']' * 20}\n") == [(2, 24)]


def test_exploding_aliases_are_refused_in_little_time_and_memory() -> None:
    text = "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 50)}]\n" for n in range(1, 30))
    tracemalloc.start()
    start = time.process_time()
    source = parse(text, "f")
    spent = time.process_time() - start
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert source.cut and "aliases written out" in source.faults[-1].message
    assert spent < 2 and peak < 5_000_000


@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "? ", "!x [", "&a ["])
def test_endless_nesting_is_refused_and_does_not_exhaust_the_stack(opening: str) -> None:
    assert "nested deeper" in parse(opening * 200_000, "f").faults[-1].message


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("a: 'x\nb: 1\n", (1, 4), "quote that opens here is not closed"),
        ('a: "x\nb: 1\n', (1, 4), "quote that opens here is not closed"),
        ("a: [x\nb: 1\n", (1, 4), "a '[' is not closed"),
        ("a: {x: [y]\nb: 1\n", (1, 4), "a '{' is not closed"),
        ("a: [x}\n", (1, 4), "a '[' is not closed"),
        ("a: [x, , y]\n", (1, 8), "a value is missing"),
        ("a: @x\n", (1, 4), "cannot begin a value"),
        ("a: `x`\n", (1, 4), "cannot begin a value"),
        ("a: %x\n", (1, 4), "cannot begin a value"),
        ('a: "\\q"\n', (1, 5), "unknown escape"),
        ('a: "\\xg1"\n', (1, 5), "unknown escape"),
        ("a: b: c\n", (1, 5), "a ':' in a wrong place"),
        ("a: - b\n", (1, 4), "a '- ' in a wrong place"),
        ("a: 1\n\tb: 1\n", (2, 1), "a tab in the indentation"),
        ("a:\n\tb: 1\n", (2, 1), "a tab in the indentation"),
        ("a: 1\nb\nc: 1\n", (2, 1), "neither 'key: value' nor '- item'"),
        ("a:\n  b: 1\n c: 1\n", (3, 2), "expected a key at the same indentation"),
        ("a:\n  - b\n  c: 1\n", (3, 3), "expected another '- item'"),
        ("a: 1\n...\nb: 1\n", (3, 1), "text after the end of the document"),
        ("a: !x!y z\n", (1, 4), "tags (!) are not supported"),
    ],
)
def test_a_fault_is_told_in_our_words_at_its_place_whatever_the_parser_says(
    text: str, place: tuple[int, int], words: str
) -> None:
    (fault,) = parse(text, "f").faults
    assert words in fault.message
    assert (fault.line, fault.column) == place


@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "? ", "!x [", "&a [", "a:\n"])
def test_endless_nesting_never_reaches_the_parser(opening: str, monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[str] = []
    real = yaml.parse

    def keep(text: str, Loader: Any) -> Any:  # noqa: N803
        given.append(text)
        return real(text, Loader)

    monkeypatch.setattr(yaml, "parse", keep)
    lines = "".join(" " * depth + "a:\n" for depth in range(500)) if opening == "a:\n" else opening * 200_000
    assert "nested deeper" in parse(lines, "f").faults[-1].message
    assert sum(map(len, given)) < 65 * 65, "at most twice as deep as is allowed"


@pytest.mark.parametrize(
    "text",
    [
        "# " + "[" * 500 + "\na: 1\n",
        "a: x" + "[" * 500 + "\n",
        "a: it's " + "[" * 500 + "\n",
        "a: x\n  [" + "[" * 500 + "\n",
        "a: x\n  'tis [[\nb: " + "[]\n",
        "a: '" + "[" * 500 + "'\n",
        'a: "\\"' + "{" * 500 + '"\n',
        "a: |\n  " + "[" * 500 + "\n  - - -\nb: 1\n",
        "a: >-\n    " + "- " * 500 + "\n",
        "a:\n- |2\n    " + "[" * 500 + "\n- b\n",
        "a: [x\n  'y]\n",
        "".join(f"k{n}: [a, {{b: c}}]\n" for n in range(500)),
        "".join(f"- - - x{n}\n" for n in range(500)),
    ],
)
def test_brackets_in_text_and_one_after_the_other_are_no_depth(text: str) -> None:
    assert parse(text, "f").faults == ()
