"""The compiled machine of a policy as JSON: its states, the moves between them, and which state it is in.

Told is the table that decides (``noonward.core.table``), in the mode in force; nothing here is drawn by hand.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from noonward.core.model import NO_INPUTS, Reason
from noonward.lab.diagram import table_of
from noonward.policy.words import phrase
from noonward.views import parts

if TYPE_CHECKING:
    from noonward.core.model import Appliance, Zone
    from noonward.core.table import Row
    from noonward.daemon.engine import Engine

STAGE = "stage-"
"""Beginning of the name of a state that is one of several stages."""


def machine(engine: Engine, one: Appliance | Zone) -> dict[str, Any]:
    """Return the machine of a policy in the mode that is in force; rows in order of precedence."""
    mode = engine.inputs.get(one.name, NO_INPUTS).mode(one.mode, engine.clock.now())
    table, made = table_of(one, mode), parts.decision(engine, one.name)
    rows = [_row(engine, one, number, row) for number, row in enumerate(table.rows)]
    return {
        "policy": one.name,
        "mode": mode.value,
        "states": [{"id": state, "label": label(state)} for state in table.states],
        "transitions": [row for row in rows if row["from"] != row["to"]],
        "stays": [row for row in rows if row["from"] == row["to"]],
        "current": made.wanted if made else None,
        "row": made.row if made else None,
    }


def label(state: str) -> str:
    """Return what a state is called in the language that is spoken."""
    if state.startswith(STAGE):
        return phrase("state.stage", stage=state.removeprefix(STAGE))
    return phrase(f"state.{state}")


def _row(engine: Engine, one: Appliance | Zone, number: int, row: Row) -> dict[str, Any]:
    return {
        "row": number,
        "from": row.source,
        "to": row.target,
        "event": ", ".join(row.guards) or "always",
        "why": row.why.value,
        "sentence": parts.reason(engine, Reason(row.why, {}))["sentence"],
        "file": one.file or None,
        "line": one.lines.get(row.key) or None,
        "key": row.key,
    }
