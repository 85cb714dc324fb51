"""Text to plain data, with the exact place of every key and value.

The subset is strict: one document, no anchors, aliases, tags, merge keys, directives or duplicate keys. Only ``true``,
``false``, ``null``, whole and decimal numbers are anything but text, so that every reader agrees; a warning tells where
a YAML 1.1 reader would not. The parser's events are walked directly and the walk stops at the first thing that is not
allowed, so a hostile file costs no more than a good one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from math import isfinite
from typing import TYPE_CHECKING, Any, TypeAlias

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from noonward.policy.problems import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_BYTES = 256 * 1024
MAX_DEPTH = 16
MAX_NODES = 20_000
_LONGEST_INT = 19
"""A longer number may not fit 64 bits; it is read as a decimal number."""

KeyPath: TypeAlias = tuple[str | int, ...]
"""Keys and list positions from the top of the file down."""


@dataclass(frozen=True, slots=True)
class Flaw:
    """What is wrong with a text: a problem that does not know its file yet."""

    code: str
    message: str
    span: Span | None = None
    hint: str | None = None


class NotYaml(Exception):
    """The text is not in the subset.

    Attributes:
        flaw: Why, and where.
    """

    def __init__(self, flaw: Flaw) -> None:
        super().__init__(flaw.message)
        self.flaw = flaw


@dataclass(slots=True)
class Tree:
    """What a text says, and where it says it.

    Attributes:
        data: Plain dicts, lists and scalars.
        values: Place of each value; a mapping's or list's place begins with its first entry.
        keys: Place of each key.
        errors: Duplicate keys; the first one is kept in ``data``.
        warnings: Values that other YAML readers take for something else.
    """

    data: Any = None
    values: dict[KeyPath, Span] = field(default_factory=dict)
    keys: dict[KeyPath, Span] = field(default_factory=dict)
    errors: list[Flaw] = field(default_factory=list)
    warnings: list[Flaw] = field(default_factory=list)


_INT = re.compile(r"[-+]?[0-9]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_NUMBER_START = frozenset("+-.0123456789")
_SUSPECT = _NUMBER_START | frozenset("yYnNoO=<")
"""First characters of every text that a YAML 1.1 reader may take for something else."""
_CONSTANTS: dict[str, Any] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip
_ALIKE = re.compile(r"[-+]?(?:0+|[1-9][0-9]*)|(?:[-+]?[0-9]+\.[0-9]*|\.[0-9]+)(?:[eE][-+][0-9]+)?")
"""Numbers that every reader takes for the same number."""

_ELSEWHERE = re.compile(
    "|".join(
        f"(?P<{name}>{pattern})"
        for name, pattern in {
            "bool": r"y|Y|n|N|yes|Yes|YES|no|No|NO|on|On|ON|off|Off|OFF",
            "sixty": r"[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?",
            "date": r"[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt]| +)[0-9]{1,2}:[0-9]{2}:.*",
            "octal": r"[-+]?0[0-7_]+",
            "number": r"[-+]?(?:0b[01_]+|0x[0-9a-fA-F_]+|[0-9][0-9_]*\.?[0-9_]*|\.[0-9_]+)(?:[eE][-+][0-9]+)?"
            r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)",
            "key": r"=|<<",
        }.items()
    )
)
_WORDS_11 = {
    "bool": "true or false",
    "sixty": "a number in base 60",
    "date": "a date",
    "octal": "an octal number",
    "number": "a number",
    "key": "a special key",
}
"""What YAML 1.1 readers take a plain text for, that is another thing here."""

_QUOTE_STAR = 'a text that starts with * must be quoted: "*/5 * * * *"'

_FORBIDDEN = {
    "anchor": ("Y002", "anchors and aliases are not allowed", "use `extends:` with a template file"),
    "star": ("Y002", "anchors and aliases are not allowed", _QUOTE_STAR),
    "tag": ("Y003", "tags are not allowed", "remove the tag; quote the value if it is meant as text"),
    "merge": ("Y004", "merge keys (<<) are not allowed", "use `extends:` with a template file"),
    "second": ("Y006", "a file holds one document", "put what follows into a file of its own"),
    "directive": ("Y006", "directives (%YAML, %TAG) are not allowed", "remove the line"),
}


def read(text: str) -> Tree:
    """Read one text.

    Raises:
        NotYaml: It is not YAML, or uses what the subset leaves out, or is beyond a limit.
    """
    if len(text) > MAX_BYTES:  # callers that read files have counted bytes before
        raise NotYaml(Flaw("F004", f"the file is larger than {MAX_BYTES // 1024} KB"))
    if deep := _BRACKETS.search(text):
        raise NotYaml(Flaw("Y007", f"nested deeper than {MAX_DEPTH} levels", _position(text, deep.end() - 1)))
    try:
        tree = _Walk(YAML(typ="safe", pure=True).parse(text)).run()
    except MarkedYAMLError as error:
        raise NotYaml(_syntax(error)) from None
    except (YAMLError, RecursionError, ValueError) as error:
        raise NotYaml(_unreadable(error, text)) from None
    if tree.data is None:
        raise NotYaml(Flaw("Y010", "the file is empty", hint="a policy begins with `kind: appliance/v1`"))
    return tree


_BRACKETS = re.compile(rf"(?:[\[{{]\s*){{{MAX_DEPTH + 1}}}")
"""More brackets opened in a row than the depth allows: the scanner would take seconds over a thousand of them."""


def _span(event: Any) -> Span:
    start, end = event.start_mark, event.end_mark
    return Span(start.line + 1, start.column + 1, end.line + 1, end.column + 1)


class _Walk:
    """One pass over the events of a text."""

    def __init__(self, events: Iterator[Any]) -> None:
        self.events = events
        self.tree = Tree()
        self.nodes = 0

    def run(self) -> Tree:
        documents = 0
        for event in self.events:
            if isinstance(event, DocumentStartEvent):
                documents += 1
                if documents > 1:
                    self.refuse("second", event)
                if event.version or event.tags:
                    self.refuse("directive", event)
            elif isinstance(event, ScalarEvent | MappingStartEvent | SequenceStartEvent | AliasEvent):
                self.tree.data = self.value(event, ())
        return self.tree

    def refuse(self, what: str, event: Any) -> None:
        code, message, hint = _FORBIDDEN[what]
        raise NotYaml(Flaw(code, message, _span(event), hint))

    def bare(self, event: Any) -> None:
        """Refuse anchors, aliases and tags."""
        if event.anchor is not None:  # an alias keeps the name it refers to in the same attribute
            is_cron = isinstance(event, AliasEvent) and event.anchor.startswith("/")
            self.refuse("star" if is_cron else "anchor", event)
        if getattr(event, "tag", None) is not None:
            self.refuse("tag", event)

    def value(self, event: Any, path: KeyPath) -> Any:
        self.nodes += 1
        if self.nodes > MAX_NODES:
            raise NotYaml(Flaw("Y008", f"more than {MAX_NODES} values in one file", _span(event)))
        self.bare(event)
        if isinstance(event, ScalarEvent):
            span = self.tree.values[path] = _span(event)
            return event.value if event.style else self.plain(event.value, span)
        if len(path) >= MAX_DEPTH:
            raise NotYaml(Flaw("Y007", f"nested deeper than {MAX_DEPTH} levels", _span(event)))
        return self.mapping(event, path) if isinstance(event, MappingStartEvent) else self.sequence(event, path)

    def mapping(self, event: Any, path: KeyPath) -> dict[str, Any]:
        out: dict[str, Any] = {}
        for key in self.events:
            if isinstance(key, MappingEndEvent):
                self.tree.values[path] = _over(event, key)
                break
            name = self.key(key, path)
            value = self.value(next(self.events), (*path, name))
            out.setdefault(name, value)
        return out

    def key(self, event: Any, path: KeyPath) -> str:
        self.bare(event)
        if not isinstance(event, ScalarEvent):
            raise NotYaml(Flaw("Y009", "a key must be plain text", _span(event)))
        name: str = event.value
        if name == "<<" and not event.style:
            self.refuse("merge", event)
        self.nodes += 1
        span = _span(event)
        first = self.tree.keys.setdefault((*path, name), span)
        if first is not span:
            self.tree.errors.append(Flaw("Y005", f'"{name}" is given twice', span, f"first given on line {first.line}"))
        if not event.style and (there := _ELSEWHERE.fullmatch(name)) and there.lastgroup == "bool":
            self.tree.warnings.append(_differs(name, _WORDS_11["bool"], span))
        return name

    def sequence(self, event: Any, path: KeyPath) -> list[Any]:
        out: list[Any] = []
        for item in self.events:
            if isinstance(item, SequenceEndEvent):
                self.tree.values[path] = _over(event, item)
                break
            out.append(self.value(item, (*path, len(out))))
        return out

    def plain(self, text: str, span: Span) -> Any:
        """Resolve an unquoted scalar, and warn where a YAML 1.1 reader resolves it otherwise."""
        if text in _CONSTANTS:
            return _CONSTANTS[text]
        value = _number(text) if text[0] in _NUMBER_START else text
        if _ALIKE.fullmatch(text) if value is not text else text[0] not in _SUSPECT:
            return value
        there = _ELSEWHERE.fullmatch(text)
        if value is not text:
            octal = there and there.lastgroup == "octal"
            self.tree.warnings.append(_differs(text, _WORDS_11["octal"] if octal else "text", span, here=f"{value:g}"))
        elif there:
            self.tree.warnings.append(_differs(text, _WORDS_11[str(there.lastgroup)], span))
        return value


def _number(text: str) -> Any:
    """Return the number that a text is, or the text itself."""
    if _INT.fullmatch(text) and len(text) < _LONGEST_INT:
        return int(text)
    if _FLOAT.fullmatch(text) and isfinite(value := float(text)):
        return value
    return text


def _over(start: Any, end: Any) -> Span:
    """Return the place from a collection's first event to its last."""
    first, last = start.start_mark, end.end_mark
    return Span(first.line + 1, first.column + 1, last.line + 1, last.column + 1)


def _differs(text: str, taken_for: str, span: Span, here: str = "text") -> Flaw:
    return Flaw(
        "Y011", f"`{text}` is {here} here, but YAML 1.1 readers take it for {taken_for}", span, "put it in quotes"
    )


# --- what the parser says, in words for people ------------------------------------------------------------------------

_ENDS = r"unexpected (?:end of stream|document separator)"
_SAID: tuple[tuple[str, bool, str, str | None], ...] = (
    (_ENDS + ".* quoted scalar", True, "a quote is opened here and never closed", "close it, or leave it out"),
    ("scanning an alias", True, "a text cannot begin with * unless it is quoted", 'for example "*/5 * * * *"'),
    ("scanning an anchor", True, "a text cannot begin with & unless it is quoted", "put it in quotes"),
    (r"character '\\t'", False, "a tab cannot stand here", "indent with blanks, not with tabs"),
    (
        "character '(.)' that cannot start",
        False,
        "a text cannot begin with {0} unless it is quoted",
        "put it in quotes",
    ),
    ("could not find expected ':'", True, "this line has no colon with a blank behind it", "write `key: value`"),
    (
        "mapping values are not allowed",
        False,
        "a colon with a blank behind it cannot stand here",
        "quote a text that holds one, or check the indentation and the line above",
    ),
    (
        "sequence entries are not allowed",
        False,
        "a list cannot begin behind its key",
        "begin it on the next line, or write [a, b]",
    ),
    (r"got '\{' .* flow mapping", False, "{{ cannot stand here unless it is quoted", "put ${…} in quotes"),
    (
        "parsing a flow (?:sequence|mapping)",
        False,
        "the bracket opened on line {line} is not closed, or a comma is missing",
        None,
    ),
    (
        "parsing a flow node",
        False,
        "a bracket is opened and never closed, or there is nothing between two commas",
        None,
    ),
    (r"but found '[\]}]'", False, "a bracket is closed that was never opened", None),
    (
        "<block end>, but found '<scalar>'",
        False,
        "something stands behind the end of the value",
        "put the whole value in quotes, or a # before a comment",
    ),
    (
        "expected <block end>",
        False,
        "this line does not belong to the group above it",
        "check the indentation: keys of one group start in one column",
    ),
    (
        "unknown escape character",
        False,
        "after \\ in double quotes this character means nothing",
        "use single quotes, or write \\\\",
    ),
)
"""What the parser says; whether to point at where that thing began; the same for people; and what to do."""


def _syntax(error: MarkedYAMLError) -> Flaw:
    said = " ".join(part for part in (error.problem, error.context) if part)
    mark, message, hint = error.problem_mark or error.context_mark, f"not YAML: {said}", None
    for says, at_start, words, advice in _SAID:
        if match := re.search(says, said):
            began = error.context_mark
            mark = began if at_start and began else mark
            message, hint = words.format(*match.groups(), line=began.line + 1 if began else 0), advice
            break
    span = Span(mark.line + 1, mark.column + 1, mark.line + 1, mark.column + 2) if mark else None
    return Flaw("Y001", message, span, hint)


def _unreadable(error: Exception, text: str) -> Flaw:
    if isinstance(error, RecursionError):
        return Flaw("Y007", f"nested deeper than {MAX_DEPTH} levels")
    character = getattr(error, "character", None)
    position = getattr(error, "position", None)
    if character is not None and isinstance(position, int):
        code = ord(character) if isinstance(character, str) else int(character)
        message = f"character U+{code:04X} is not allowed in a text file"
        return Flaw("F003", message, _position(text, position))
    return Flaw("Y001", f"not YAML: {error}")


def _position(text: str, index: int) -> Span:
    line, column = text.count("\n", 0, index) + 1, index - text.rfind("\n", 0, index)
    return Span(line, column, line, column + 1)
