"""What the engine has learnt, as rows of ``state.db``: a row a quarter of an hour, a row for whatever else has a name.

So a quarter that is over costs one row and not the whole past, and a row that flash has spoilt costs what it held and
nothing else: SQLite sees a broken page, not a broken digit.
"""

from __future__ import annotations

import json
from dataclasses import replace
from math import isfinite
from typing import TYPE_CHECKING, Any, NamedTuple

from noonward.core.past import KEPT, SLOT_S, SLOTS, Running
from noonward.daemon.sight import plausible
from noonward.record import decode_state, encode_learnt

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

    from noonward.core.model import Instant, Past, State

TABLES = """
CREATE TABLE IF NOT EXISTS past (slot INTEGER PRIMARY KEY, pv_w REAL, load_w REAL);
CREATE TABLE IF NOT EXISTS learnt (kind TEXT, name TEXT, said TEXT NOT NULL, PRIMARY KEY (kind, name)) WITHOUT ROWID;
"""

ALWAYS = frozenset({"got", "stays"})
"""What goes with every commit: what a load drew must be as young as that it has stopped."""

_PAST = "past"
_EMPTY: dict[str, Any] = {"version": 1, "machines": {}, "leases": {}}


class Rows(NamedTuple):
    """What stands in the tables.

    Attributes:
        slots: Number of a slot to its mean production and load. [W]
        said: Kind and name to JSON.
    """

    slots: dict[int, tuple[float | None, float | None]]
    said: dict[tuple[str, str], str]


NONE = Rows({}, {})


def rows(state: State, before: Rows | None = None) -> Rows:
    """Return what has been learnt as it is to stand in the tables.

    Args:
        state: What the engine remembers.
        before: What stands there now, and goes on to stand beside what belongs to every commit; None: nothing does.
    """
    past = state.past
    raw = encode_learnt(replace(state, past=replace(past, end=0, pv_w=(), load_w=())))
    named = [(kind, name, one) for kind, group in raw.items() for name, one in group.items()]
    if before is not None:
        said = {key: text for key, text in before.said.items() if key[0] not in ALWAYS}
        return Rows(before.slots, said | {(k, name): json.dumps(one) for k, name, one in named if k in ALWAYS})
    first = past.end - len(past.pv_w)
    slots = dict(enumerate(zip(past.pv_w, past.load_w, strict=True), start=first))
    return Rows(slots, {(kind, name): json.dumps(one) for kind, name, one in named})


def kept(state: State, lost: Iterable[tuple[str, str]]) -> Rows:
    """Return what stands in the tables after they were read; rows that say nothing are to go."""
    now = rows(state)
    return now._replace(said={**now.said, **dict.fromkeys(lost, "")})


def write(db: sqlite3.Connection, before: Rows, now: Rows) -> None:
    """Make the tables say what is learnt now, writing only what they do not say."""
    db.executemany("DELETE FROM past WHERE slot = ?", [(slot,) for slot in before.slots.keys() - now.slots.keys()])
    db.executemany(
        "INSERT OR REPLACE INTO past VALUES (?, ?, ?)",
        [(slot, *means) for slot, means in now.slots.items() if before.slots.get(slot) != means],
    )
    db.executemany("DELETE FROM learnt WHERE kind = ? AND name = ?", before.said.keys() - now.said.keys())
    db.executemany(
        "INSERT OR REPLACE INTO learnt VALUES (?, ?, ?)",
        [(*key, text) for key, text in now.said.items() if before.said.get(key) != text],
    )


def read(db: sqlite3.Connection, state: State, saved_at: Instant) -> tuple[State, list[tuple[str, str]]]:
    """Return the state with what was learnt until it was saved, and kind and name of rows that say nothing any more."""
    lost = []
    for kind, name, text in db.execute("SELECT kind, name, said FROM learnt ORDER BY kind, name"):
        try:
            raw = json.loads(text)
            group = getattr(decode_state({**_EMPTY, kind: {name: raw}}), kind) if _sound(raw) else None
            state = replace(state, **_with(state, kind, name, group))
        except (ValueError, TypeError, KeyError, AttributeError):
            lost.append((kind, name))
    return replace(state, past=_slots(db, state.past, int(saved_at // SLOT_S))), lost


def _with(state: State, kind: str, name: str, group: Any) -> dict[str, Any]:
    """Return the change that puts what one row says into the state.

    Raises:
        ValueError, KeyError, AttributeError: It says nothing.
    """
    if kind != _PAST:
        return {kind: {**getattr(state, kind), name: group[name]}}
    one = getattr(group, name)
    if name == "clear_w" and len(one) != SLOTS:
        raise ValueError
    if name == "running" and not 0.0 <= one.at - one.slot * SLOT_S <= SLOT_S:
        raise ValueError
    return {kind: replace(state.past, **{name: one})}


def _slots(db: sqlite3.Connection, past: Past, last: int) -> Past:
    """Return the days that stand in the table; a quarter without a row, or one that cannot be, is not known."""
    known = db.execute("SELECT slot, pv_w, load_w FROM past WHERE slot <= ?", [last])
    found = {slot: (_power(pv), _power(load)) for slot, pv, load in known}
    end = past.running.slot if past.running is not None else max(found, default=-1) + 1
    first = max(min(found, default=end), end - KEPT)
    means = [found.get(slot, (None, None)) for slot in range(first, end)]
    return replace(
        past,
        end=end,
        pv_w=tuple(pv for pv, _ in means),
        load_w=tuple(load for _, load in means),
        running=past.running or (Running(end, end * SLOT_S) if found else None),
    )


def _power(value: Any) -> float | None:
    return plausible(float(value)) if isinstance(value, int | float) else None


def _sound(raw: Any) -> bool:
    """Tell whether there is nothing but finite numbers in a JSON value; in all that is learnt there is nothing else."""
    if isinstance(raw, dict | list):
        return all(_sound(one) for one in (raw.values() if isinstance(raw, dict) else raw))
    return raw is None or (isinstance(raw, int | float) and isfinite(raw))
