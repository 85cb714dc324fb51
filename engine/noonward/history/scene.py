"""A scenario beside a tape: each load needs in a day what it took in the mean of those days."""

from __future__ import annotations

from typing import TYPE_CHECKING

from noonward.history import rollup
from noonward.history.calendar import QUARTERS
from noonward.history.channels import scale, split

if TYPE_CHECKING:
    from collections.abc import Mapping

    from noonward.core.model import Instant, PolicyName
    from noonward.history.reading import Past

DAY_MIN = 1440.0
LEAST_WH = 50.0
"""What took less in a day needs nothing worth playing. [Wh]"""


def daily_wh(past: Past, lo: Instant, hi: Instant) -> dict[PolicyName, float]:
    """Return what each load that is no charging took in the mean of the days of a span. [Wh]"""
    zones = {zone for (zone,) in past.db.execute("SELECT DISTINCT zone FROM sessions")}
    names = [name for name in past.rows.channels() if split(name)[0] == "policy" and split(name)[1] not in zones]
    first, last = past.calendar.reach(QUARTERS, lo, hi)
    out = {}
    for name, (sums, counts) in rollup.get(past.rows, past.calendar, QUARTERS, first, last, names).items():
        if known := sum(counts):
            out[split(name)[1]] = sum(sums) * scale(name) / 60.0 * DAY_MIN / known
    return {name: wh for name, wh in sorted(out.items()) if wh >= LEAST_WH}


def text(tape: str, sessions: str | None, needs_wh: Mapping[PolicyName, float]) -> str:
    """Return the file. Whoever knows more of a load writes it there: by when it must have it, or that it is a tank.

    Args:
        tape: Path of the tape, from the scenario's folder.
        sessions: Likewise of the sessions; None: there are none.
        needs_wh: What each load needs in a day. [Wh]
    """
    lines = [
        "# What this building recorded of itself; each load needs in a day what it took in the mean.",
        "# Written by `noonward history export --scenario`; say more of a load where you know more: by, period, model.",
        "kind: scenario/v1",
        f'tape: "{tape}"',
    ]
    if sessions is not None:
        lines.append(f'sessions: {{file: "{sessions}"}}')
    if needs_wh:
        lines += ["plants:", *(f"  {name}: {{model: quota, energy: {wh:.0f} Wh}}" for name, wh in needs_wh.items())]
    return "\n".join(lines) + "\n"
