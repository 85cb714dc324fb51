"""The score of a run: ``score.json``, version 1.

Energy is integrated over stretches of constant power, so it is exact. An interval in which PV or base load is unknown
is left out of every sum of every controller; ``unknown_h`` says how much that was.
"""

from __future__ import annotations

from itertools import compress
from typing import TYPE_CHECKING, Any, NamedTuple

from noonward.lab.recording import iso

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from noonward.lab.game import Load
    from noonward.lab.recording import Series
    from noonward.lab.run import Piece, Run

VERSION = 1
_FRAMED = ("import_uncontrolled_kwh", "import_optimum_kwh", "unmet_optimum_kwh", "import_bound_kwh", "captured")
WORTH_SAVING = 0.01
"""*captured* is null where less than this share of the uncontrolled import could be saved at all."""


def stretches(run: Run) -> Iterator[tuple[int, float, float, Sequence[float], float]]:
    """Walk through all known stretches of constant power.

    Yields:
        Number of the interval; how long it lasts [s]; base load less PV, the draw of each load, and what a battery
        charges with [W].
    """
    loads, split, storage, step_s = run.loads, run.split, run.storage, run.game.tape.step_s
    rows = zip(*[load.draw_w for load in loads], strict=True) if loads else ((),) * len(run.game.tape)
    for i, (net_w, draws) in enumerate(zip(run.game.net_w, rows, strict=True)):
        if net_w is None:
            continue
        if storage is not None:
            pieces: Sequence[Piece] = split.get(i) or [(step_s, list(draws))]
            for (dt_s, parts), stored_w in zip(pieces, storage.parts(i), strict=True):
                yield i, dt_s, net_w, parts, stored_w
        elif i in split:
            for dt_s, parts in split[i]:
                yield i, dt_s, net_w, parts, 0.0
        else:
            yield i, step_s, net_w, draws, 0.0


class _Sums:
    """Energies of one run, in watt-seconds, over the known intervals."""

    __slots__ = (
        "base", "charged", "discharged", "drawn", "exported", "forced", "imported", "pv", "solar", "unknown_s",
    )  # fmt: skip

    def __init__(self, run: Run) -> None:
        tape, loads, net_w = run.game.tape, run.loads, run.game.net_w
        step_s = tape.step_s
        self.unknown_s = step_s * net_w.count(None)
        self.pv, self.base = (_known(series, net_w) * step_s for series in (tape.pv_w, tape.base_load_w))
        imported = exported = charged = discharged = 0.0
        drawn, solar = [0.0] * len(loads), [0.0] * len(loads)
        for _, dt_s, net, draws, stored_w in stretches(run):
            drawn_w = sum(draws)
            grid_w = net + drawn_w + stored_w
            if grid_w > 0.0:
                imported += grid_w * dt_s
            else:
                exported -= grid_w * dt_s
            if stored_w > 0.0:
                charged += stored_w * dt_s
            elif stored_w:
                discharged -= stored_w * dt_s
            if drawn_w > 0.0:
                sunny = min(-net, drawn_w) / drawn_w if net < 0.0 else 0.0
                for k, draw in enumerate(draws):
                    drawn[k] += draw * dt_s
                    solar[k] += draw * sunny * dt_s
        self.imported, self.exported, self.charged, self.discharged = imported, exported, charged, discharged
        self.drawn, self.solar = drawn, solar
        self.forced = [
            step_s * sum(w for w, net in compress(zip(load.draw_w, net_w, strict=True), load.forced) if net is not None)
            for load in loads
        ]


def _imported_kwh(run: Run) -> float:
    """Return the import of a run alone, at half the cost of all sums."""
    imported = 0.0
    for _, dt_s, net, draws, stored_w in stretches(run):
        grid_w = net + sum(draws) + stored_w
        if grid_w > 0.0:
            imported += grid_w * dt_s
    return _kwh(imported)


def _known(series: Series, net_w: Series) -> float:
    """Return the sum of a series over the intervals that are known."""
    if None not in net_w:
        return sum(series)  # type: ignore[arg-type]  # what is part of a sum that is known is known
    return sum(x for x, net in zip(series, net_w, strict=True) if x is not None and net is not None)


def _cost(run: Run) -> float | None:
    """Return what import cost less what export earned, by the tape's prices; None where one that counts is unknown."""
    tape, paid = run.game.tape, 0.0
    sold = tape.price_export or [0.0] * len(tape)
    for i, dt_s, net, draws, stored_w in stretches(run):
        grid_w = net + sum(draws) + stored_w
        price = tape.price_import[i] if grid_w > 0.0 else sold[i]
        if price is None:
            return None
        paid += grid_w * dt_s * price
    return round(paid / 3.6e6, 4)


class Frame(NamedTuple):
    """What a controller can be worth in a game lies between what the loads do by themselves and perfect foresight.

    Attributes:
        at_once_kwh: Import of the game left to itself; None where its plants do not say what that is.
        least_kwh: Import with perfect foresight; None where that cannot be computed.
        missed_kwh: What is unmet all the same then.
    """

    at_once_kwh: float | None = None
    least_kwh: float | None = None
    missed_kwh: float | None = None


def frame(uncontrolled: Run | None, optimum: Run | None) -> Frame:
    """Return the frame of a game that was left to itself, and played with perfect foresight, where there are such."""
    return Frame(
        at_once_kwh=None if uncontrolled is None else _imported_kwh(uncontrolled),
        least_kwh=None if optimum is None else _imported_kwh(optimum),
        missed_kwh=None if optimum is None else round(sum(load.unmet_wh for load in optimum.loads) / 1000.0, 3),
    )


def score(
    run: Run, uncontrolled: Run | None = None, optimum: Run | None = None, bound_kwh: float | None = None
) -> dict[str, Any]:
    """Return the score of a run.

    Args:
        run: What was played.
        uncontrolled: The same game left to itself; None where its plants do not say what that is.
        optimum: The same game with perfect foresight; None where that cannot be computed.
        bound_kwh: What nobody's import and unmet need can be below together; None where nobody asked. [kWh]
    """
    return alone(run).within(frame(uncontrolled, optimum), bound_kwh)


class Alone(NamedTuple):
    """What a score says of a run by itself.

    Attributes:
        found: The score; what is said within the frame of the game is None.
        unmet_kwh: What was unmet, not rounded.
    """

    found: Mapping[str, Any]
    unmet_kwh: float

    def within(self, frame: Frame, bound_kwh: float | None = None) -> dict[str, Any]:
        """Return the score within the frame of the game; ``bound_kwh`` as above."""
        at_once_kwh, least_kwh, missed_kwh = frame
        return {
            **self.found,
            "import_uncontrolled_kwh": at_once_kwh,
            "import_optimum_kwh": least_kwh,
            "unmet_optimum_kwh": missed_kwh,
            "import_bound_kwh": None if bound_kwh is None else round(bound_kwh, 3),
            "captured": captured(self.found["import_kwh"], self.unmet_kwh, at_once_kwh, least_kwh),
        }


def alone(run: Run) -> Alone:
    """Look at a run by itself."""
    game, sums = run.game, _Sums(run)
    tape = game.tape
    days = len(tape) * tape.step_s / 86400.0
    controlled = sum(sums.drawn)
    unmet_kwh = sum(load.unmet_wh for load in run.loads) / 1000.0
    found: dict[str, Any] = {
        "version": VERSION,
        "from": iso(tape.start),
        "to": iso(tape.end),
        "step_s": tape.step_s,
        "unknown_h": round(sums.unknown_s / 3600.0, 3),
        "controller": run.controller,
        "pv_kwh": _kwh(sums.pv),
        "base_load_kwh": _kwh(sums.base),
        "import_kwh": _kwh(sums.imported),
        "export_kwh": _kwh(sums.exported),
        "controlled_kwh": _kwh(controlled),
        "unmet_kwh": round(unmet_kwh, 3),
        "forced_kwh": _kwh(sum(sums.forced)),
        "self_consumption": _share(sums.pv - sums.exported, sums.pv),
        "self_sufficiency": _share(sums.base + controlled - sums.imported, sums.base + controlled),
        "solar_share": _share(sum(sums.solar), controlled),
        **dict.fromkeys(_FRAMED),
        "violations": {
            "min_on": sum(load.short_runs for load in run.loads),
            "below_minimum": run.below_minimum,
            "zone_max": run.zone_max,
            "fuse": run.fuse,
        },
        "ignored": len(game.ignored),
        "policies": {
            name: _policy(run, sums, [k for k, load in enumerate(run.loads) if load.policy.name == name], days)
            for name in dict.fromkeys(load.policy.name for load in run.loads)
        },
    }
    if tape.price_import:
        found["cost"] = _cost(run)
    if run.storage is not None:
        found["battery"] = {
            "charged_kwh": _kwh(sums.charged),
            "discharged_kwh": _kwh(sums.discharged),
            "soc_from": round(run.storage.battery.kind.soc, 4),
            "soc_to": round(run.storage.battery.soc, 4),
        }
    return Alone(found, unmet_kwh)


def _policy(run: Run, sums: _Sums, own: list[int], days: float) -> dict[str, Any]:
    """Return what one policy's loads did together, and of a zone each station's part."""
    loads = [run.loads[k] for k in own]
    starts = sum(len(load.spans) for load in loads)
    found: dict[str, Any] = {
        "energy_kwh": _kwh(sum(sums.drawn[k] for k in own)),
        "solar_kwh": _kwh(sum(sums.solar[k] for k in own)),
        "unmet_kwh": round(sum(load.unmet_wh for load in loads) / 1000.0, 3),
        "forced_kwh": _kwh(sum(sums.forced[k] for k in own)),
        "starts": starts,
        "on_h": round(sum(load.on_s(run.game.tape.end) for load in loads) / 3600.0, 3),
        "starts_per_day": round(starts / days, 3),
    }
    if loads[0].bay is not None:
        found["stations"] = {run.loads[k].name: _station(run.loads[k], sums.drawn[k]) for k in own}
    return found


def _station(load: Load, drawn_ws: float) -> dict[str, Any]:
    visits = () if load.bay is None else load.bay.visits
    need = load.policy.need
    asked = need is not None and need.from_user
    return {
        "energy_kwh": _kwh(drawn_ws),
        "unmet_kwh": round(load.unmet_wh / 1000.0, 3),
        "sessions": len(visits),
        "starts": len(load.spans),
        "driver_said_kwh": round(sum(v.said_wh for v in visits if v.announced) / 1000.0, 3) if asked else None,
    }


def captured(
    import_kwh: float, unmet_kwh: float, uncontrolled_kwh: float | None, optimum_kwh: float | None
) -> float | None:
    """Return the share of the possible saving that was had, unmet counted as import; None where it means nothing."""
    if uncontrolled_kwh is None or optimum_kwh is None:
        return None
    possible_kwh = uncontrolled_kwh - optimum_kwh
    if possible_kwh < WORTH_SAVING * uncontrolled_kwh or possible_kwh <= 0.0:
        return None
    return round((uncontrolled_kwh - import_kwh - unmet_kwh) / possible_kwh, 4)


def _kwh(watt_seconds: float) -> float:
    return round(watt_seconds / 3.6e6, 3)


def _share(part: float, whole: float) -> float | None:
    return round(part / whole, 4) if whole > 0.0 else None
