"""A policy's compiled rows as a table to read and as a Mermaid state diagram; one source, no second opinion."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from noonward.core import appliance, zone
from noonward.core.model import Appliance

if TYPE_CHECKING:
    from noonward.core.model import Mode, Zone
    from noonward.core.situation import Situation
    from noonward.core.table import Row, Table
    from noonward.core.zone import ZoneSituation


def table_of(policy: Appliance | Zone, mode: Mode | None = None) -> Table[Situation] | Table[ZoneSituation]:
    """Return the compiled rows of a policy in its own mode, or in another."""
    if isinstance(policy, Appliance):
        return appliance.table_for(policy, mode)
    return zone.table_for(policy, mode)


def as_table(policy: Appliance | Zone, mode: Mode | None = None) -> str:
    """Return every row in order of precedence: number, move, reason, guards, line of the file."""
    cells = [("#", "state", "goes to", "because", "if all hold", "from")]
    for number, row in enumerate(table_of(policy, mode).rows):
        target = "stays" if row.target == row.source else row.target
        guards = ", ".join(row.guards) or "(always)"
        cells.append((str(number), row.source, target, row.why.value, guards, place(policy, row)))
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in cells
    )


def place(policy: Appliance | Zone, row: Row) -> str:
    """Return "file:line" of the key that a row comes from, the file alone where the key is left to its default."""
    line = policy.lines.get(row.key, 0)
    return f"{policy.file}:{line}" if line else f"{policy.file} ({row.key})"


def as_mermaid(policy: Appliance | Zone, mode: Mode | None = None) -> str:
    """Return the moves between states as a Mermaid state diagram; rows that stay are left out.

    Each arrow lists the rows that take it, first come first: the reason, then its guards.
    """
    table = table_of(policy, mode)
    lines = ["stateDiagram-v2"]
    lines += [f'    state "{state}" as {_id(state)}' for state in table.states if _id(state) != state]
    lines.append(f"    [*] --> {_id(table.states[0])}")
    moves = sorted((row for row in table.rows if row.source != row.target), key=lambda row: _ends(table.states, row))
    for (source, target), rows in groupby(moves, key=lambda row: (row.source, row.target)):
        label = "<br/>".join(_label(row) for row in rows)
        lines.append(f"    {_id(source)} --> {_id(target)}: {label}")
    return "\n".join(lines)


def _ends(states: tuple[str, ...], row: Row) -> tuple[int, int]:
    return states.index(row.source), states.index(row.target)


def _id(state: str) -> str:
    return state.replace("-", "_")


def _label(row: Row) -> str:
    return f"{row.why.value} [{', '.join(row.guards)}]" if row.guards else row.why.value
