"""The trace of a run: ``trace.csv``, one row for each interval of the tape, power as means over it."""

from __future__ import annotations

import csv
from typing import IO, TYPE_CHECKING

from noonward.lab.recording import iso

if TYPE_CHECKING:
    from noonward.core.model import Instant
    from noonward.lab.game import Load
    from noonward.lab.run import Run


def write(run: Run, stream: IO[str]) -> None:
    """Write ``time, pv_w, base_load_w, grid_w`` and for each load its draw and how long it was on.

    Where there is a home battery, ``battery_w`` and ``battery_soc`` at the end of the interval stand behind the grid.

    A load is an appliance, under the name of its policy, or a charging station; *on* is its contact, or its vehicle
    that charges.

    What is unknown on the tape stays empty, so that the file is a tape again.
    """
    tape, net_w, storage = run.game.tape, run.game.net_w, run.storage
    names = [load.name for load in run.loads]
    writer = csv.writer(stream, lineterminator="\n")
    stored = () if storage is None else ("battery_w", "battery_soc")
    loads = (f"{n}_{what}" for n in names for what in ("w", "on_s"))
    writer.writerow(["time", "pv_w", "base_load_w", "grid_w", *stored, *loads])
    on_s = [_on_s(load, tape.start, tape.step_s, len(tape)) for load in run.loads]
    for i, (pv, base, net) in enumerate(zip(tape.pv_w, tape.base_load_w, net_w, strict=True)):
        draws = [load.draw_w[i] for load in run.loads]
        own = [f"{value:.10g}" for k, draw in enumerate(draws) for value in (round(draw, 3), on_s[k][i])]
        grid = None if net is None else net + sum(draws)
        if storage is not None:
            grid = None if grid is None else grid + storage.mean_w[i]
            own = [_field(storage.mean_w[i]), f"{storage.soc[i]:.4f}", *own]
        writer.writerow([iso(tape.start + i * tape.step_s), _field(pv), _field(base), _field(grid), *own])


def _field(value: float | None) -> str:
    return "" if value is None else f"{round(value, 3):.10g}"


def _on_s(load: Load, start: Instant, step_s: float, n: int) -> list[float]:
    """Return how long a load was on in each interval. [s]"""
    found = [0.0] * n
    for span in load.spans:
        stop = min(span.stop, start + n * step_s)
        for i in range(int((span.start - start) // step_s), n):
            lo = start + i * step_s
            if lo >= stop:
                break
            found[i] += min(stop, lo + step_s) - max(span.start, lo)
    return found
