"""``noonward.policy.yaml``."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from noonward.policy import yaml
from noonward.policy.problems import Span

TEXT = """\
kind: appliance/v1   # a comment
"quoted key": 'it''s'
load: {power: 3 kW, phases: [L1, L2]}
timers:
  - start: "30 22 * * *"
    for: 2 h
  - {}
note: |
  two
  lines
empty:
"""


def test_text_becomes_plain_data():
    assert yaml.read(TEXT).data == {
        "kind": "appliance/v1",
        "quoted key": "it's",
        "load": {"power": "3 kW", "phases": ["L1", "L2"]},
        "timers": [{"start": "30 22 * * *", "for": "2 h"}, {}],
        "note": "two\nlines\n",
        "empty": None,
    }


@pytest.mark.parametrize(
    ("path", "key", "value"),
    [
        (("kind",), Span(1, 1, 1, 5), Span(1, 7, 1, 19)),
        (("quoted key",), Span(2, 1, 2, 13), Span(2, 15, 2, 22)),
        (("load",), Span(3, 1, 3, 5), Span(3, 7, 3, 38)),
        (("load", "power"), Span(3, 8, 3, 13), Span(3, 15, 3, 19)),
        (("load", "phases", 1), None, Span(3, 34, 3, 36)),
        (("timers", 0), None, Span(5, 5, 7, 3)),
        (("timers", 0, "for"), Span(6, 5, 6, 8), Span(6, 10, 6, 13)),
        (("timers", 1), None, Span(7, 5, 7, 7)),
        (("note",), Span(8, 1, 8, 5), Span(8, 7, 11, 1)),
    ],
)
def test_every_key_and_value_has_its_place(path, key, value):
    tree = yaml.read(TEXT)
    assert (tree.keys.get(path), tree.values[path]) == (key, value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("true", True), ("False", False), ("null", None), ("~", None), ("", None), ("0", 0), ("-3", -3), ("+3", 3),
        ("3.5", 3.5), ("1e3", 1000.0), (".5", 0.5), ("3 kW", "3 kW"), ("on", "on"), ("NO", "NO"), ("22:00", "22:00"),
        ("2026-01-01", "2026-01-01"), ("014", 14), ("0x1F", "0x1F"), ("1_000", "1_000"), (".inf", ".inf"), (".nan", ".nan"),
        ('"3"', "3"), ("'true'", "true"), ("9" * 25, 1e25), ("9" * 400, "9" * 400),
    ],
)  # fmt: skip
def test_only_json_scalars_are_not_text(text, value):
    read = yaml.read(f"x: {text}\ny: 1").data["x"]
    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize(
    ("text", "here", "there"),
    [
        ("on", "text", "true or false"),
        ("No", "text", "true or false"),
        ("y", "text", "true or false"),
        ("22:00", "text", "a number in base 60"),
        ("1:30", "text", "a number in base 60"),
        ("2026-01-01", "text", "a date"),
        ("2026-01-01 10:00:00", "text", "a date"),
        ("1_000", "text", "a number"),
        ("0x1F", "text", "a number"),
        ("0b11", "text", "a number"),
        (".inf", "text", "a number"),
        ("=", "text", "a special key"),
        ("014", "14", "an octal number"),
        ("08", "8", "text"),
        ("1e3", "1000", "text"),
        ("-.5", "-0.5", "text"),
    ],
)
def test_what_a_yaml_1_1_reader_takes_for_something_else_is_told(text, here, there):
    (warning,) = yaml.read(f"x: {text}").warnings
    assert warning.message == f"`{text}` is {here} here, but YAML 1.1 readers take it for {there}"
    assert (warning.code, warning.hint) == ("Y011", "put it in quotes")
    assert yaml.read(f'x: "{text}"').warnings == []


@pytest.mark.parametrize(
    "text", ["3 kW", "06:00", "release", "30 22 * * *", "1.5e+3", "true", "0", "00.5", "one", "oN", "2026-01-01 10:00"]
)
def test_what_every_reader_takes_alike_is_not_told(text):
    assert yaml.read(f"x: {text}").warnings == []


@given(
    st.one_of(
        st.text(alphabet="0123456789:.-+_eExobn~ ", min_size=1, max_size=8),
        st.sampled_from(["yes", "Off", "null", "TRUE", "tRue", "<<", ".NaN", "+.INF"]),
    )
)
@settings(max_examples=400)
def test_without_a_warning_a_yaml_1_1_reader_reads_the_same(text):
    other = pytest.importorskip("yaml")  # PyYAML
    try:
        tree = yaml.read(f"x: {text}\n")
        there = other.safe_load(f"x: {text}\n")
    except (yaml.NotYaml, other.YAMLError, ValueError):  # 2026-13-45 is a date that PyYAML fails on
        return
    here = tree.data
    assert tree.warnings or (there == here and type(there["x"]) is type(here["x"]))


def test_a_key_that_others_take_for_true_is_told():
    (warning,) = yaml.read("on: 1").warnings
    assert warning.span == Span(1, 1, 1, 3)


REFUSED = [
    ("a: &x 1", "Y002", "anchors and aliases are not allowed", (1, 4), "use `extends:` with a template file"),
    ("a: *x", "Y002", "anchors and aliases are not allowed", (1, 4), "use `extends:` with a template file"),
    ("&x a: 1", "Y002", "anchors and aliases are not allowed", (1, 1), "use `extends:` with a template file"),
    ("*x : 1", "Y002", "anchors and aliases are not allowed", (1, 1), "use `extends:` with a template file"),
    ("start: */5 * * * *", "Y002", "anchors and aliases are not allowed", (1, 8), 'a text that starts with * must be quoted: "*/5 * * * *"'),
    ("a: !!str 1", "Y003", "tags are not allowed", (1, 4), "remove the tag; quote the value if it is meant as text"),
    ("a: !!python/object/apply:os.system [id]", "Y003", "tags are not allowed", (1, 4), "remove the tag; quote the value if it is meant as text"),
    ("a: !env X", "Y003", "tags are not allowed", (1, 4), "remove the tag; quote the value if it is meant as text"),
    ("<<: {a: 1}", "Y004", "merge keys (<<) are not allowed", (1, 1), "use `extends:` with a template file"),
    ("a: 1\n---\nb: 2", "Y006", "a file holds one document", (2, 1), "put what follows into a file of its own"),
    ("%YAML 1.1\n---\na: 1", "Y006", "directives (%YAML, %TAG) are not allowed", (2, 1), "remove the line"),
    ("? [a]\n: b", "Y009", "a key must be plain text", (1, 3), None),
    ("", "Y010", "the file is empty", None, "a policy begins with `kind: appliance/v1`"),
    ("# nothing\n", "Y010", "the file is empty", None, "a policy begins with `kind: appliance/v1`"),
    ("a: @x", "Y001", "a text cannot begin with @ unless it is quoted", (1, 4), "put it in quotes"),
    ("a:\n\tb: 1", "Y001", "a tab cannot stand here", (2, 1), "indent with blanks, not with tabs"),
    ("a: 'x", "Y001", "a quote is opened here and never closed", (1, 4), "close it, or leave it out"),
    ("a: [1,", "Y001", "a bracket is opened and never closed, or there is nothing between two commas", (1, 7), None),
    ("a: [1, 2\nb: 1", "Y001", "the bracket opened on line 1 is not closed, or a comma is missing", (2, 2), None),
    ("a: {b: ${env:C}}", "Y001", "{ cannot stand here unless it is quoted", (1, 9), "put ${…} in quotes"),
    ("a: 'it's'", "Y001", "something stands behind the end of the value", (1, 8), "put the whole value in quotes, or a # before a comment"),
    ("a: - b", "Y001", "a list cannot begin behind its key", (1, 4), "begin it on the next line, or write [a, b]"),
    ("a: 1\nb:2\nc: 3", "Y001", "this line has no colon with a blank behind it", (2, 1), "write `key: value`"),
    ("a: b: c", "Y001", "a colon with a blank behind it cannot stand here", (1, 5), "quote a text that holds one, or check the indentation and the line above"),
    ("a: 1\nb:\n   c: 1\n  d: 2", "Y001", "this line does not belong to the group above it", (4, 3), "check the indentation: keys of one group start in one column"),
    ("a: x\x00y", "F003", "character U+0000 is not allowed in a text file", (1, 5), None),
    ("a: 1\nb: \x1b[31m", "F003", "character U+001B is not allowed in a text file", (2, 4), None),
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "code", "message", "place", "hint"), REFUSED, ids=[row[0][:20].strip() or "empty" for row in REFUSED]
)
def test_what_the_subset_leaves_out_is_refused(text, code, message, place, hint):
    with pytest.raises(yaml.NotYaml) as caught:
        yaml.read(text)
    flaw = caught.value.flaw
    assert (flaw.code, flaw.message, flaw.hint) == (code, message, hint)
    assert (flaw.span and (flaw.span.line, flaw.span.column)) == place


def test_duplicate_keys_are_all_told_and_the_first_is_kept():
    tree = yaml.read("a: 1\nb: {c: 1, c: 2}\na: {d: 3}\n")
    assert [(flaw.code, flaw.message, flaw.hint, flaw.span.line) for flaw in tree.errors] == [
        ("Y005", '"c" is given twice', "first given on line 2", 2),
        ("Y005", '"a" is given twice', "first given on line 1", 3),
    ]
    assert tree.data == {"a": 1, "b": {"c": 1}}


BOMB = (
    "a: &a {"
    + ", ".join(f"k{i}: {i}" for i in range(200))
    + "}\n"
    + "".join(f"b{i}: &b{i} {{<<: [*a, *a, *a]}}\n" for i in range(400))
)
ALIASES = "a: &a [x]\n" + "".join(f"b{i}: &b{i} [*a, *a]\n" for i in range(50))
HOSTILE = {
    "3000 brackets": ("[" * 3000, "Y007"),
    "3000 braces": ("{" * 3000, "Y007"),
    "3000 brackets with text": ("[a," * 3000, "Y007"),
    "3000 maps in a line": ("{a: " * 3000, "Y007"),
    "3000 dashes": ("- " * 3000, "Y007"),
    "700 levels of blocks": ("\n".join(" " * i + "a:" for i in range(700)), "Y007"),
    "merge-key bomb": (BOMB, "Y002"),
    "alias bomb": (ALIASES, "Y002"),
    "too many values": ("- a\n" * 30_000, "Y008"),
    "too many keys": ("".join(f"k{i}: 1\n" for i in range(20_000)), "Y008"),
    "too long": ("a: " + "x" * 300_000, "F004"),
    "a quote never closed": ("- " + '"' * 100_001, "Y001"),
    "an endless tag": ("!<" + "a" * 100_000, "Y001"),
}


@pytest.mark.parametrize(("text", "code"), HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_ends_within_a_second(text, code):
    """The limit on values is met by reading that many; a slow or traced machine gets longer for it."""
    started = time.process_time()
    with pytest.raises(yaml.NotYaml) as caught:
        yaml.read(text)
    assert caught.value.flaw.code == code
    assert time.process_time() - started < (5.0 if code == "Y008" else 1.0)


def test_the_depth_that_is_allowed_is_allowed():
    assert yaml.read("x: " + "[" * 15 + "]" * 15).data
    with pytest.raises(yaml.NotYaml):
        yaml.read("x: " + "[" * 16 + "]" * 16)


@given(st.text(alphabet=st.sampled_from("ab:-{}[],\"'#&*!|>%@ \n\t0"), max_size=60))
def test_any_text_is_read_or_refused(text):
    try:
        tree = yaml.read(text)
    except yaml.NotYaml as error:
        assert error.flaw.message  # noqa: PT017 - either outcome is fine, a message there must be
    else:
        assert tree.values[()]


EXAMPLES = sorted((Path(__file__).parents[2] / "policies").rglob("*.yaml"))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_the_example_site_means_the_same_to_a_yaml_1_1_reader(path):
    other = pytest.importorskip("yaml")  # PyYAML
    text = path.read_text(encoding="utf-8")
    assert other.safe_load(text) == yaml.read(text).data
