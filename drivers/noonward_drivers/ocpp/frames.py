"""OCPP-J frames, without trust: whatever arrives becomes one of four records, and nothing raises.

OCPP-J 1.6, section 4.2, and OCPP 2.0.1 part 4, section 4.2: ``[2, id, action, payload]`` asks, ``[3, id, payload]``
answers, ``[4, id, code, description, details]`` refuses.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

CALL: Final = 2
RESULT: Final = 3
ERROR: Final = 4

ID_MAX: Final = 255
"""Longest id that is echoed; the specification allows 36 characters, stations do not count so well."""

DESCRIPTION_MAX: Final = 255
"""Longest description of a CALLERROR (OCPP 2.0.1 part 4, table 8)."""

Id: TypeAlias = str | int
"""A string by the specification; some stations send bare numbers and want them back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """The other side asks for something."""

    id: Id
    action: str
    payload: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """The answer to one of our calls; ``payload`` is an object, or the answer is worth nothing."""

    id: Id
    payload: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A CALLERROR, in either direction."""

    id: Id
    code: str
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Malformed:
    """Not a frame.

    Attributes:
        why: What is wrong with it; never quotes it, since it goes to the log.
        id: The id, where one can be read.
        answerable: False for what looks like an answer: answering an answer could go on for ever.
    """

    why: str
    id: Id | None = None
    answerable: bool = True


Frame: TypeAlias = Call | Result | Failure | Malformed


def parse(text: str | bytes) -> Frame:
    """Return what a frame says."""
    try:
        frame = json.loads(text, parse_constant=_refuse)
    except ValueError:  # bad JSON, bad UTF-8, a number with thousands of digits
        return Malformed(why="not JSON")
    except RecursionError:
        return Malformed(why="nested too deeply")
    match frame:
        case [int(kind), str() | int() as ident, *rest] if _is_id(ident) and not isinstance(kind, bool):
            return _frame(kind, ident, rest)
        case [int(kind), *_] if kind in {RESULT, ERROR}:
            return Malformed(why="an answer without an id", answerable=False)
        case list():
            return Malformed(why="no message type or no id")
        case _:
            return Malformed(why="not an array")


def _frame(kind: int, ident: Id, rest: list[Any]) -> Frame:  # noqa: PLR0911 - one row a kind of frame
    match kind, rest:
        case 2, [str(action), dict(payload)]:
            return Call(id=ident, action=action, payload=payload)
        case 2, [str(action), None]:  # seen from stations whose payload has no fields
            return Call(id=ident, action=action, payload={})
        case 2, _:
            return Malformed(why="a call is [2, id, action, {…}]", id=ident)
        case 3, [payload]:
            return Result(id=ident, payload=payload)
        case 4, [str(code), *more]:
            description = more[0] if more and isinstance(more[0], str) else ""
            return Failure(id=ident, code=code, description=description[:DESCRIPTION_MAX])
        case ((3 | 4), _):
            return Malformed(why="an answer with missing or surplus elements", id=ident, answerable=False)
        case _:
            return Malformed(why=f"message type {str(kind)[:9]} is not known", id=ident)


def pack_call(ident: str, action: str, payload: dict[str, Any]) -> str:
    """Return a CALL as text."""
    return _pack([CALL, ident, action, payload])


def pack_result(ident: Id, payload: dict[str, Any]) -> str:
    """Return a CALLRESULT as text."""
    return _pack([RESULT, ident, payload])


def pack_error(ident: Id, code: str, description: str) -> str:
    """Return a CALLERROR as text."""
    return _pack([ERROR, ident, code, description[:DESCRIPTION_MAX], {}])


def _pack(frame: list[Any]) -> str:
    return json.dumps(frame, separators=(",", ":"), allow_nan=False)


def _is_id(value: Id) -> bool:
    if isinstance(value, bool):
        return False
    return 0 < len(value) <= ID_MAX if isinstance(value, str) else abs(value) < 1 << 63


def _refuse(word: str) -> float:
    raise ValueError(f"{word} is not JSON")
