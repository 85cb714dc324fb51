"""What each day of a run came to, to find the days on which two runs differ most."""

from __future__ import annotations

from datetime import datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple
from zoneinfo import ZoneInfo

from noonward.lab.score import stretches
from noonward.plant.quota import midnights

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from noonward.core.model import Instant, PolicyName
    from noonward.lab.run import Run

SHOWN = 5
_DUST_KWH = 0.005


class Day(NamedTuple):
    """One local day.

    Attributes:
        date: ISO 8601.
        import_kwh: From the grid; intervals that are unknown are left out. [kWh]
        policies: What each policy's loads drew. [kWh]
        starts: How often they started.
    """

    date: str
    import_kwh: float
    policies: dict[PolicyName, float]
    starts: dict[PolicyName, int]


def daily(run: Run) -> list[Day]:
    """Return the days of a run."""
    tape, edges = run.game.tape, _edges(run)
    zone = ZoneInfo(run.game.site.timezone)
    names = list(dict.fromkeys(load.policy.name for load in run.loads))
    of = [names.index(load.policy.name) for load in run.loads]
    imported, drawn = [0.0] * (len(edges) - 1), [[0.0] * len(names) for _ in edges[1:]]
    day = 0
    for i, dt_s, net_w, draws, stored_w in stretches(run):
        while i >= edges[day + 1]:
            day += 1
        total_w = sum(draws)
        grid_w = net_w + total_w + stored_w
        if grid_w > 0.0:
            imported[day] += grid_w * dt_s
        if total_w:
            own = drawn[day]
            for k, draw in zip(of, draws, strict=True):
                own[k] += draw * dt_s
    bounds = [tape.start + edge * tape.step_s for edge in edges]
    return [
        Day(
            date=datetime.fromtimestamp(begin, zone).date().isoformat(),
            import_kwh=imported[k] / 3.6e6,
            policies={name: drawn[k][j] / 3.6e6 for j, name in enumerate(names)},
            starts={name: _starts(run, name, begin, end) for name in names},
        )
        for k, (begin, end) in enumerate(pairwise(bounds))
    ]


def _edges(run: Run) -> list[int]:
    """Return the first interval of each local day, and the first behind the last."""
    tape, next_midnight = run.game.tape, midnights(run.game.site.timezone)
    edges, t = [0], next_midnight(tape.start)
    while t < tape.end:
        edge = round((t - tape.start) / tape.step_s)
        if edge > edges[-1]:
            edges.append(edge)
        t = next_midnight(t)
    return [*edges, len(tape)] if len(tape) > edges[-1] else edges


def _starts(run: Run, name: PolicyName, begin: Instant, end: Instant) -> int:
    return sum(begin <= span.start < end for load in run.loads if load.policy.name == name for span in load.spans)


def differing(old: Sequence[Day], new: Sequence[Day], renamed: Mapping[PolicyName, PolicyName]) -> list[dict[str, Any]]:
    """Return the days that differ most, most first: how much more import, energy and starts the new version has."""
    found = []
    for before, after in zip(old, new, strict=True):
        was = {renamed.get(name, name): (kwh, before.starts[name]) for name, kwh in before.policies.items()}
        now = {name: (kwh, after.starts[name]) for name, kwh in after.policies.items()}
        policies = {
            name: {
                "energy_kwh": round(now.get(name, (0.0, 0))[0] - was.get(name, (0.0, 0))[0], 3) + 0.0,
                "starts": now.get(name, (0.0, 0))[1] - was.get(name, (0.0, 0))[1],
            }
            for name in dict.fromkeys((*now, *was))
        }
        imported = round(after.import_kwh - before.import_kwh, 3) + 0.0  # never −0
        size = abs(imported) + sum(abs(own["energy_kwh"]) for own in policies.values())
        if size > _DUST_KWH or any(own["starts"] for own in policies.values()):
            moved = {name: own for name, own in policies.items() if any(own.values())}
            found.append((-size, {"date": after.date, "import_kwh": imported, "policies": moved}))
    return [day for _, day in sorted(found, key=lambda one: one[0])[:SHOWN]]
