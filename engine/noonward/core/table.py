"""Behaviour as a table: rows of (source, target, guards, why), and the one machine that fires them.

Rows are literal data (``appliance.py``). Compiled for a number of stages they become a :class:`Table`, from which come

* the decision: the first row of the present state whose guards all hold (:meth:`Table.first`);
* the move: just that row is fired through a ``transitions.Machine``, which must take it (:meth:`Table.fire`);
* the diagram, the table that ``explain`` prints, the coverage that ``test`` reports.

A row whose target is its source is a *stay* row: it fires nothing and says why the policy stays as it is.

``transitions`` is imported here only. It never sees a string from a policy: triggers are row numbers, states come from
the number of stages, guards are ours. The machine drives an undecorated cursor through ``machine.events[…]``, so no
method is added to anything and one machine serves every policy of a shape.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

from transitions import Machine

if TYPE_CHECKING:
    from noonward.core.model import ReasonCode

OFF, ON, UP, DOWN = "off", "on", "up", "down"
"""Places of a row template: ON stands for every stage, UP and DOWN for the neighbouring one."""

S = TypeVar("S")
Guard = Callable[[S], bool]


class Row(NamedTuple):
    """One line of a table.

    Attributes:
        source: OFF or ON in a template, or a state; a state's name once compiled.
        target: OFF, ON (stay), UP or DOWN in a template, or a state; a state's name once compiled.
        guards: Names of guards that must all hold.
        why: The reason it gives.
        key: Key of the policy's file that the row comes from, for "file:line".
    """

    source: str
    target: str
    guards: tuple[str, ...]
    why: ReasonCode
    key: str = "mode"


class _Cursor:
    """What the machine moves: a state and nothing else."""

    __slots__ = ("state",)

    def __init__(self, state: str) -> None:
        self.state = state


class Table(Generic[S]):
    """Rows compiled for a number of stages.

    Attributes:
        states: Names, index is the stage; the first is off.
        rows: Compiled rows in order of precedence; the index in this tuple is the row's number everywhere.
        stays: Whether each row leads from a state to itself.
        level: State name to stage.
    """

    __slots__ = ("_events", "_groups", "_taken", "level", "rows", "states", "stays")

    def __init__(self, states: Sequence[str], templates: Sequence[Row], guards: Mapping[str, Guard[S]]) -> None:
        self.states = tuple(states)
        self.level = {name: k for k, name in enumerate(self.states)}
        self.rows = tuple(_expand(self.states, templates))
        self.stays = tuple(row.source == row.target for row in self.rows)
        self._groups = tuple(self._group(state, guards) for state in self.states)
        machine: Any = Machine(
            model=None, states=list(self.states), initial=self.states[0], auto_transitions=False, send_event=False
        )
        for number, row in enumerate(self.rows):
            if row.source != row.target:
                machine.add_transition(str(number), row.source, row.target)
        self._events = machine.events
        self._taken: dict[int, Row] = {}

    def _group(
        self, state: str, guards: Mapping[str, Guard[S]]
    ) -> tuple[tuple[Guard[S] | None, tuple[tuple[tuple[Guard[S], ...], int], ...]], ...]:
        """Rows of one state, neighbours with the same first guard together: where it fails, all are skipped."""
        mine = [(row.guards, number) for number, row in enumerate(self.rows) if row.source == state]
        return tuple(
            (
                guards[first] if first else None,
                tuple((tuple(guards[name] for name in names[1:]), number) for names, number in rows),
            )
            for first, rows in ((k, list(g)) for k, g in groupby(mine, key=lambda r: r[0][0] if r[0] else ""))
        )

    def first(self, level: int, situation: S) -> int:
        """Return the number of the first row of this stage whose guards all hold.

        Raises:
            LookupError: No row holds: the table has a hole.
        """
        for leading, rows in self._groups[level]:
            if leading is None or leading(situation):
                for rest, number in rows:
                    for guard in rest:
                        if not guard(situation):
                            break
                    else:
                        return number
        raise LookupError(f"no row holds in state {self.states[level]!r}")

    def fire(self, number: int) -> int:
        """Fire one row through the machine and return the stage it arrives at.

        The machine knows nothing but states: about a row that it has taken once it is not asked again.

        Raises:
            MachineError: The machine does not know this move from the row's source.
            RuntimeError: It took the trigger and arrived elsewhere.
        """
        row = self.rows[number]
        if self._taken.get(number) is not row:
            cursor = _Cursor(row.source)
            if not self._events[str(number)].trigger(cursor) or cursor.state != row.target:
                raise RuntimeError(f"row {number} did not lead from {row.source!r} to {row.target!r}")
            self._taken[number] = row
        return self.level[row.target]


def _expand(states: Sequence[str], templates: Sequence[Row]) -> list[Row]:
    """Write out ON, UP and DOWN for every stage; a row that would lead past the top is left out.

    A row that names two of the states is taken as it stands.
    """
    rows = []
    for stage, state in enumerate(states):
        for row in templates:
            if row.source in states and row.target in states:
                rows += [row] if row.source == state else []
                continue
            if (row.source == OFF) != (stage == 0):
                continue
            target = {OFF: 0, ON: stage, UP: stage + 1, DOWN: stage - 1}[row.target]
            if target < len(states):
                rows.append(row._replace(source=state, target=states[target]))
    return rows
