"""The score of a run: ``score.json``, version 1.

Energy is integrated over stretches of constant power, so it is exact. An interval in which PV or base load is unknown
is left out of every sum of every controller; ``unknown_h`` says how much that was.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from noonward.lab.recording import iso

if TYPE_CHECKING:
    from collections.abc import Sequence

    from noonward.lab.game import Load
    from noonward.lab.run import Run

VERSION = 1
WORTH_SAVING = 0.01
"""*captured* is null where less than this share of the uncontrolled import could be saved at all."""


class _Sums:
    """Energies of one run, in watt-seconds, over the known intervals."""

    __slots__ = (
        "base", "charged", "discharged", "drawn", "exported", "forced", "imported", "pv", "solar", "unknown_s",
    )  # fmt: skip

    def __init__(self, run: Run) -> None:
        tape, loads = run.game.tape, run.loads
        step_s = tape.step_s
        self.pv = self.base = self.imported = self.exported = self.unknown_s = 0.0
        self.charged = self.discharged = 0.0
        self.drawn = [0.0] * len(loads)
        self.solar = [0.0] * len(loads)
        self.forced = [0.0] * len(loads)
        columns = [load.draw_w for load in loads]
        split, storage = run.split, run.storage
        rows = zip(*columns, strict=True) if columns else ((),) * len(tape)
        for i, (pv, base, draws) in enumerate(zip(tape.pv_w, tape.base_load_w, rows, strict=True)):
            if pv is None or base is None:
                self.unknown_s += step_s
                continue
            self.pv += pv * step_s
            self.base += base * step_s
            pieces: Sequence[Any] = split.get(i, ((step_s, draws),))
            if storage is None:
                for dt_s, parts in pieces:
                    self._add(base - pv, parts, dt_s, 0.0)
                continue
            for (dt_s, parts), stored_w in zip(pieces, storage.parts(i), strict=True):
                self._add(base - pv, parts, dt_s, stored_w)
                self.charged += max(stored_w, 0.0) * dt_s
                self.discharged -= min(stored_w, 0.0) * dt_s
        for k, load in enumerate(loads):
            known = zip(load.forced, load.draw_w, tape.pv_w, tape.base_load_w, strict=True)
            self.forced[k] = sum(
                draw * step_s for forced, draw, pv, base in known if forced and pv is not None and base is not None
            )

    def _add(self, net_w: float, draws: Any, dt_s: float, stored_w: float) -> None:
        drawn_w = sum(draws)
        grid_w = net_w + drawn_w + stored_w
        if grid_w > 0.0:
            self.imported += grid_w * dt_s
        else:
            self.exported -= grid_w * dt_s
        if drawn_w <= 0.0:
            return
        solar = min(-net_w, drawn_w) / drawn_w if net_w < 0.0 else 0.0
        for k, draw in enumerate(draws):
            self.drawn[k] += draw * dt_s
            self.solar[k] += draw * solar * dt_s


def score(run: Run, uncontrolled: Run | None = None) -> dict[str, Any]:
    """Return the score of a run.

    Args:
        run: What was played.
        uncontrolled: The same game left to itself; None where its plants do not say what that is.
    """
    game, sums = run.game, _Sums(run)
    tape = game.tape
    days = len(tape) * tape.step_s / 86400.0
    controlled = sum(sums.drawn)
    unmet_wh = sum(load.unmet_wh for load in run.loads)
    imported_kwh = _kwh(sums.imported)
    at_once_kwh = None if uncontrolled is None else _kwh(_Sums(uncontrolled).imported)
    found: dict[str, Any] = {
        "version": VERSION,
        "from": iso(tape.start),
        "to": iso(tape.end),
        "step_s": tape.step_s,
        "unknown_h": round(sums.unknown_s / 3600.0, 3),
        "controller": run.controller,
        "pv_kwh": _kwh(sums.pv),
        "base_load_kwh": _kwh(sums.base),
        "import_kwh": imported_kwh,
        "export_kwh": _kwh(sums.exported),
        "controlled_kwh": _kwh(controlled),
        "unmet_kwh": round(unmet_wh / 1000.0, 3),
        "forced_kwh": _kwh(sum(sums.forced)),
        "self_consumption": _share(sums.pv - sums.exported, sums.pv),
        "self_sufficiency": _share(sums.base + controlled - sums.imported, sums.base + controlled),
        "solar_share": _share(sum(sums.solar), controlled),
        "import_uncontrolled_kwh": at_once_kwh,
        "import_optimum_kwh": None,
        "captured": captured(imported_kwh, unmet_wh / 1000.0, at_once_kwh, None) if game.comparable() else None,
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
    if run.storage is not None:
        found["battery"] = {
            "charged_kwh": _kwh(sums.charged),
            "discharged_kwh": _kwh(sums.discharged),
            "soc_from": round(run.storage.battery.kind.soc, 4),
            "soc_to": round(run.storage.battery.soc, 4),
        }
    return found


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
