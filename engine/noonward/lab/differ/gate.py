"""``--fail-on``: when a difference is too much, as ``captured < -1 pt or starts > +20 %``.

    expression = all of ("or" all of)*
    all of     = condition ("and" condition)*
    condition  = METRIC ("<" | ">") SIGNED NUMBER UNIT

A condition holds where the change from the old version to the new one is below, or above, the number: in points of a
share (``pt``), in per cent of the old value (``%``), or in the metric's own unit. What a score does not know decides
nothing: a verdict that hangs on it is none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from math import copysign, inf
from typing import TYPE_CHECKING, Any, NamedTuple

from noonward.errors import UsageError
from noonward.lab.differ.metrics import METRICS, UNITS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_TOKEN = re.compile(
    r"\s*(?:(?P<word>[A-Za-z_][\w-]*)|(?P<sign>[<>]=?|[=!]=?)|(?P<number>[+\-−]?\d+(?:\.\d+)?)|(?P<unit>%)|(?P<other>\S))"
)
_ENDS = frozenset({"and", "or"})


class Token(NamedTuple):
    """A piece of an expression.

    Attributes:
        kind: "word", "sign", "number", "unit", "other" or "end".
        text: As written.
        start: Place of its first character.
    """

    kind: str
    text: str
    start: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One comparison.

    Attributes:
        metric: Name in ``METRICS``.
        above: True for ">", False for "<".
        number: The change that it is held against, in ``unit``.
        unit: "%", or one of the metric's own.
        text: As it was written.
    """

    metric: str
    above: bool
    number: float
    unit: str
    text: str

    def change(self, old: Mapping[str, Any], new: Mapping[str, Any]) -> float | None:
        """Return how much the metric has changed, in the condition's unit; None where it is not known."""
        metric = METRICS[self.metric]
        before, after = metric.of(old), metric.of(new)
        if before is None or after is None:
            return None
        by = after - before
        if self.unit != "%":
            return by / UNITS[metric.kind][self.unit]
        if not before:
            return copysign(inf, by) if by else 0.0
        return 100.0 * by / abs(before)

    def holds(self, old: Mapping[str, Any], new: Mapping[str, Any]) -> bool | None:
        """Tell whether it holds; None where nobody knows."""
        by = self.change(old, new)
        if by is None:
            return None
        by = round(by, 6)  # 0.1 pt of rounding is no breach of 0 pt, and 0.30000000000000004 is 0.3
        return by > self.number if self.above else by < self.number


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """An expression, read.

    Attributes:
        text: As it was written.
        any_of: It holds where every condition of any of these holds.
    """

    text: str
    any_of: tuple[tuple[Condition, ...], ...]

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """Every condition, in the order of writing."""
        return tuple(condition for all_of in self.any_of for condition in all_of)

    def holds(self, old: Mapping[str, Any], new: Mapping[str, Any]) -> bool | None:
        """Tell whether a difference is too much; None where that hangs on a number that the scores do not know.

        Args:
            old: Score of the old version.
            new: Of the new one.
        """
        return _any(_all(condition.holds(old, new) for condition in all_of) for all_of in self.any_of)

    def undecided(self, old: Mapping[str, Any], new: Mapping[str, Any]) -> UsageError:
        """Return what is to be said where nobody knows whether it holds."""
        names = dict.fromkeys(one.metric for one in self.conditions if one.change(old, new) is None)
        return UsageError(
            f'--fail-on "{self.text}" cannot be decided: nobody knows {" and ".join(names)} of this scenario; '
            "captured needs a need in every plant, and something to save"
        )


def _all(held: Iterable[bool | None]) -> bool | None:
    found = set(held)
    return False if False in found else None if None in found else True


def _any(held: Iterable[bool | None]) -> bool | None:
    found = set(held)
    return True if True in found else None if None in found else False


def parse(text: str) -> Gate:
    """Read an expression.

    Raises:
        UsageError: It is none; the message shows where it stops being one, and what could stand there.
    """
    return _Reader(text).gate()


class _Reader:
    """An expression being read."""

    def __init__(self, text: str) -> None:
        self._text = text = " ".join(text.split())
        self._tokens = [
            Token(match.lastgroup or "", match[match.lastgroup or 0], match.start(match.lastgroup or 0))
            for match in _TOKEN.finditer(text)
        ]
        self._tokens.append(Token("end", "", len(text)))
        self._at = 0

    def gate(self) -> Gate:
        """Read all of it."""
        any_of = [self._all_of()]
        while self._take("or"):
            any_of.append(self._all_of())
        rest = self._tokens[self._at]
        if rest.kind != "end":
            raise self._wrong(rest, '"and", "or" or the end')
        return Gate(text=self._text, any_of=tuple(any_of))

    def _all_of(self) -> tuple[Condition, ...]:
        found = [self._condition()]
        while self._take("and"):
            found.append(self._condition())
        return tuple(found)

    def _condition(self) -> Condition:
        start = self._tokens[self._at].start
        metric = self._metric()
        above = self._sign()
        number = self._number()
        unit = self._unit(metric)
        before = self._tokens[self._at - 1]
        written = self._text[start : before.start + len(before.text)]
        return Condition(metric=metric, above=above, number=number, unit=unit, text=written)

    def _metric(self) -> str:
        token = self._next()
        if token.text in METRICS:
            return token.text
        near = get_close_matches(token.text, METRICS, 1, 0.5) if token.kind == "word" else []
        hint = f'did you mean "{near[0]}"?' if near else f"metrics are {', '.join(METRICS)}"
        raise self._wrong(token, "a metric", hint)

    def _sign(self) -> bool:
        token = self._next()
        if token.text not in {"<", ">"}:
            raise self._wrong(token, '"<" or ">"')
        return token.text == ">"

    def _number(self) -> float:
        token = self._next()
        if token.kind != "number":
            raise self._wrong(token, "a change, as +20 or -1,")
        number = float(token.text.replace("−", "-"))
        if number and token.text[0].isdigit():
            hint = f"from OLD to NEW it may grow, +{token.text}, or fall, -{token.text}"
            raise self._wrong(token, "a change with its sign", hint)
        return number

    def _unit(self, metric: str) -> str:
        own = UNITS[METRICS[metric].kind]
        token = self._tokens[self._at]
        if token.kind in {"end", "sign"} or token.text in _ENDS:
            if "" in own:
                return ""
            token = Token(token.kind, "", token.start)
        elif token.text == "%" or (token.text in own and token.text):
            self._at += 1
            return token.text
        units = " or ".join([*filter(None, own), "%"])
        raise self._wrong(token, f"{units}{' or no unit' if '' in own else ''}", f"so a change of {metric} is written")

    def _take(self, word: str) -> bool:
        if self._tokens[self._at].text != word:
            return False
        self._at += 1
        return True

    def _next(self) -> Token:
        token = self._tokens[self._at]
        if token.kind != "end":
            self._at += 1
        return token

    def _wrong(self, token: Token, wanted: str, hint: str = "") -> UsageError:
        found = f'"{token.text}" stands' if token.text else "it ends" if token.kind == "end" else "nothing stands"
        message = f"--fail-on: {found} where {wanted} should stand{f'; {hint}' if hint else ''}"
        return UsageError(f"{message}\n  {self._text}\n  {' ' * token.start}{'^' * max(1, len(token.text))}")
