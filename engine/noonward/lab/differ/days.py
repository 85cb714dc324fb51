"""What each day of a run came to, to find the days on which two runs differ most."""

from __future__ import annotations

from datetime import datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple
from zoneinfo import ZoneInfo

from noonward.plant.quota import midnights

if TYPE_CHECKING:
    from collections.abc import Mapping

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
    tape, net_w, split = run.game.tape, run.game.net_w, run.split
    step_h = tape.step_s / 3.6e6
    zone = ZoneInfo(run.game.site.timezone)
    names = list(dict.fromkeys(load.policy.name for load in run.loads))
    days = []
    for first, last in _bounds(run):
        imported = 0.0
        rows = zip(*(load.draw_w[first:last] for load in run.loads), strict=True) if run.loads else iter(())
        drawn = dict.fromkeys(names, 0.0)
        for i, draws in zip(range(first, last), rows, strict=False):
            net = net_w[i]
            if net is None:
                continue
            if i in split:
                imported += sum(dt_s * max(net + sum(parts), 0.0) for dt_s, parts in split[i]) / 3.6e6
            else:
                imported += max(net + sum(draws), 0.0) * step_h
        for load in run.loads:
            known = (w for w, net in zip(load.draw_w[first:last], net_w[first:last], strict=True) if net is not None)
            drawn[load.policy.name] += sum(known) * step_h
        begin, end = tape.start + first * tape.step_s, tape.start + last * tape.step_s
        days.append(
            Day(
                date=datetime.fromtimestamp(begin, zone).date().isoformat(),
                import_kwh=imported,
                policies=drawn,
                starts={name: _starts(run, name, begin, end) for name in names},
            )
        )
    return days


def _bounds(run: Run) -> list[tuple[int, int]]:
    """Return the first interval of each local day, and the first behind it."""
    tape, next_midnight = run.game.tape, midnights(run.game.site.timezone)
    edges, t = [0], next_midnight(tape.start)
    while t < tape.end:
        edges.append(max(round((t - tape.start) / tape.step_s), edges[-1]))
        t = next_midnight(t)
    edges.append(len(tape))
    return [(a, b) for a, b in pairwise(edges) if b > a]


def _starts(run: Run, name: PolicyName, begin: Instant, end: Instant) -> int:
    return sum(begin <= span.start < end for load in run.loads if load.policy.name == name for span in load.spans)


def differing(old: Run, new: Run, renamed: Mapping[PolicyName, PolicyName]) -> list[dict[str, Any]]:
    """Return the days that differ most, most first: how much more import, energy and starts the new version has."""
    found = []
    for before, after in zip(daily(old), daily(new), strict=True):
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
