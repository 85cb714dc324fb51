"""The trace of a run: ``trace.csv``, one row for each interval of the tape, power as means over it."""

from __future__ import annotations

import csv
from typing import IO, TYPE_CHECKING

from noonward.lab.recording import iso

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

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
    tape, storage, n = run.game.tape, run.storage, len(run.game.tape)
    own = [load.draw_w for load in run.loads]
    draws_w = [sum(draws) for draws in zip(*own, strict=True)] if own else [0.0] * n
    grid_w = [None if net is None else net + drawn for net, drawn in zip(run.game.net_w, draws_w, strict=True)]
    columns: list[tuple[str, Iterator[str]]] = [
        ("time", (iso(tape.begins(i)) for i in range(n))),
        ("pv_w", _texts(tape.pv_w)),
        ("base_load_w", _texts(tape.base_load_w)),
    ]
    if storage is None:
        columns.append(("grid_w", _texts(grid_w)))
    else:
        stored = zip(grid_w, storage.mean_w, strict=True)
        columns.append(("grid_w", _texts(None if grid is None else grid + battery for grid, battery in stored)))
        columns.append(("battery_w", _texts(storage.mean_w)))
        columns.append(("battery_soc", (f"{soc:.4f}" for soc in storage.soc)))
    for load in run.loads:
        on_s = _on_s(load, tape.start, tape.step_s, n)
        columns.append((f"{load.name}_w", _texts(load.draw_w)))
        columns.append((f"{load.name}_on_s", (f"{s:.10g}" if s else "0" for s in on_s)))
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(name for name, _ in columns)
    writer.writerows(zip(*(column for _, column in columns), strict=True))


def _texts(values: Iterable[float | None]) -> Iterator[str]:
    """Return a column as it is written; most of what loads draw is nothing."""
    return ("" if w is None else f"{round(w, 3):.10g}" if w else "0" for w in values)


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
