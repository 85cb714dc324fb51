"""What is wrong with a file, where, and what to do about it; and how that is shown.

Places are counted as people and editors count them: lines and columns from 1, the end column is the first one behind.
"""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

Severity = Literal["error", "warning", "info"]
Profile = Literal["basic", "safe", "strict"]

SHOWN_COLUMNS = 100
"""A longer line is cut around the caret."""


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A stretch of text.

    Attributes:
        line: From 1.
        column: From 1.
        end_line: Line in which it ends.
        end_column: First column behind it.
    """

    line: int = 1
    column: int = 1
    end_line: int = 1
    end_column: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing to tell about a file.

    Attributes:
        code: Stable; each has its entry in the documentation.
        severity: Errors keep a set from running, warnings are worth a look, infos are worth knowing.
        message: What is wrong, in one sentence.
        file: Path as the user would type it.
        span: Where; None for the file as a whole.
        hint: What to do about it.
        source: The line of the file at ``span``.
        safety: A warning that fails under ``--profile safe`` too.
    """

    code: str
    severity: Severity
    message: str
    file: str
    span: Span | None = None
    hint: str | None = None
    source: str = ""
    safety: bool = False

    def __str__(self) -> str:
        return f"{self.place}: {self.severity}[{self.code}]: {self.message}"

    @property
    def place(self) -> str:
        """``file:line:column``, or the file alone."""
        return f"{self.file}:{self.span.line}:{self.span.column}" if self.span else self.file


def in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Return each problem once, sorted by place."""
    return tuple(sorted(dict.fromkeys(problems), key=lambda p: (p.file, p.span or Span(0, 0, 0, 0), p.code, p.message)))


def fails(problem: Problem, profile: Profile) -> bool:
    """Tell whether a problem makes ``noonward check`` fail under a profile."""
    if problem.severity == "error":
        return True
    if problem.severity == "warning":
        return profile == "strict" or (profile == "safe" and problem.safety)
    return False


# --- "# noonward: ignore W204 reason" -------------------------------------------------------------------------------

_IGNORE = re.compile(r"#\s*noonward:\s*ignore\b\s*(?P<codes>[A-Z]\d{3}(?:\s*,\s*[A-Z]\d{3})*)?\s*(?P<reason>.*)$")


def without_ignored(problems: Iterable[Problem], texts: Mapping[str, str]) -> tuple[Problem, ...]:
    """Drop what ``# noonward: ignore CODE reason`` takes back, on its own line or alone on the line before.

    Errors are never dropped. An ignore without codes or reason, or that takes nothing back, is itself a warning.

    Args:
        problems: What was found.
        texts: Text of every file, by the name that problems call it.
    """
    kept: dict[Problem, None] = dict.fromkeys(problems)
    at: dict[tuple[str, int, str], list[Problem]] = {}
    for problem in kept:
        if problem.span:
            at.setdefault((problem.file, problem.span.line, problem.code), []).append(problem)
    for about, line, codes in (ignore for file, text in texts.items() for ignore in _ignores(file, text)):
        for code in codes or (None,):
            hit = at.pop((about.file, line, code), []) if code else []
            for problem in hit:
                if problem.severity != "error":
                    del kept[problem]
            said = _complaint(code, hit, line)
            if said:
                kept[replace(about, message=said[0], hint=said[1])] = None
    return tuple(kept)


def _complaint(code: str | None, hit: list[Problem], line: int) -> tuple[str, str | None] | None:
    """Return what is wrong with an ignore, and a hint; None where it does what it says."""
    if code is None:
        return "an ignore needs a code and a reason", "# noonward: ignore W204 we watch it by hand"
    if any(problem.severity == "error" for problem in hit):
        return f"{code} is an error here and cannot be ignored", None
    return None if hit else (f"there is no {code} to ignore on line {line}", "remove the comment")


def _ignores(file: str, text: str) -> Iterator[tuple[Problem, int, tuple[str, ...]]]:
    """Yield each ignore of a file: a warning to fill in, the line it is for, and its codes; none without a reason."""
    if "noonward:" not in text:
        return
    lines = text.splitlines()
    below = len(lines)
    targets = [below] * (len(lines) + 1)  # for each line from 1: itself, or the next that holds more than a comment
    for number in range(len(lines), 0, -1):
        if lines[number - 1].strip() and not lines[number - 1].lstrip().startswith("#"):
            below = number
        targets[number] = below
    for number, line in enumerate(lines, 1):
        found = _IGNORE.search(line) if "noonward:" in line else None
        if found is not None:
            span = Span(number, found.start() + 1, number, len(line) + 1)
            codes = re.findall(r"[A-Z]\d{3}", found["codes"] or "") if found["reason"].strip() else ()
            about = Problem(code="Y012", severity="warning", message="", file=file, span=span, source=line)
            yield about, targets[number], tuple(dict.fromkeys(codes))


# --- renderers -------------------------------------------------------------------------------------------------------


def to_text(problems: Iterable[Problem]) -> str:
    """Render for people: place, code and message, then the line with a caret and the hint."""
    return "\n".join(_text(problem) for problem in problems)


def _text(problem: Problem) -> str:
    first = _printable(str(problem))
    if problem.span is None or not problem.source:
        return f"{first}\n  {_printable(problem.hint)}" if problem.hint else first
    span, source = problem.span, problem.source.rstrip()
    end = span.end_column if span.end_line == span.line else len(source) + 1
    start = span.column - 1
    end = max(end - 1, start + 1)
    cut = max(0, min(start - SHOWN_COLUMNS // 3, len(source) - SHOWN_COLUMNS))
    shown = source[cut : cut + SHOWN_COLUMNS]
    before, under = source[cut:start], source[start : min(end, cut + SHOWN_COLUMNS)]
    lead = "…" if cut else ""
    tail = "…" if cut + SHOWN_COLUMNS < len(source) else ""
    gutter = " " * (len(str(span.line)) + 2)
    caret = " " * (len(lead) + _width(before)) + "^" * max(1, _width(under))
    hint = f" {_printable(problem.hint)}" if problem.hint else ""
    return f"{first}\n  {span.line} | {lead}{_printable(shown)}{tail}\n{gutter} | {caret}{hint}"


def _printable(text: str) -> str:
    """Return the text with tabs as blanks and without anything that a terminal would act on."""
    return "".join(
        c if c.isprintable() else " " if c == "\t" else "\n" if c == "\n" else "\N{REPLACEMENT CHARACTER}" for c in text
    )


def _width(text: str) -> int:
    """Return how many terminal columns the text takes."""
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def to_json(problems: Iterable[Problem]) -> str:
    """Render for programs: a list of objects, places counted from 1, null where there is none."""
    return json.dumps([_record(problem) for problem in problems], ensure_ascii=False, indent=2)


def _record(problem: Problem) -> dict[str, object]:
    span = problem.span
    return {
        "file": problem.file,
        "line": span and span.line,
        "column": span and span.column,
        "end_line": span and span.end_line,
        "end_column": span and span.end_column,
        "severity": problem.severity,
        "code": problem.code,
        "message": problem.message,
        "hint": problem.hint,
        "safety": problem.safety,
    }
