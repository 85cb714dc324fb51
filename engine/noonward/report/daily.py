"""What came of a run day by day and month by month, and how long how much was drawn from the grid.

An interval that is unknown is in no sum, as in the score; it counts as a whole to the day in which it begins.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from noonward.report.day import days

if TYPE_CHECKING:
    from collections.abc import Sequence

    from noonward.lab.run import Run
    from noonward.report.day import Span

CURVE_POINTS = 160


@dataclass(slots=True, kw_only=True)
class Sums:
    """Sums of a day, or of some days.

    Attributes:
        pv_wh: Production. [Wh]
        base_wh: Base load. [Wh]
        import_wh: From the grid. [Wh]
        export_wh: To the grid. [Wh]
        controlled_wh: Drawn by the loads that are played. [Wh]
        solar_wh: Their part that the sun gave, by the score's rule. [Wh]
        starts: Runs that began.
        unknown_s: What is in no sum. [s]
    """

    pv_wh: float = 0.0
    base_wh: float = 0.0
    import_wh: float = 0.0
    export_wh: float = 0.0
    controlled_wh: float = 0.0
    solar_wh: float = 0.0
    starts: int = 0
    unknown_s: float = 0.0

    def __add__(self, other: Sums) -> Sums:
        return Sums(**{f.name: getattr(self, f.name) + getattr(other, f.name) for f in fields(Sums)})


def by_day(run: Run) -> list[tuple[Span, Sums]]:
    """Return the sums of every local day of which the tape holds something."""
    starts = sorted(span.start for load in run.loads for span in load.spans)
    found, k = [], 0
    for span in days(run):
        sums = _day(run, span)
        before = k
        while k < len(starts) and starts[k] < span.end:
            k += 1
        sums.starts = k - before
        found.append((span, sums))
    return found


def _day(run: Run, span: Span) -> Sums:
    tape, split = run.game.tape, run.split
    step_s, part = tape.step_s, slice(span.first, span.last)
    columns = [load.draw_w[part] for load in run.loads]
    rows = zip(*columns, strict=True) if columns else [()] * (span.last - span.first)
    pv_ws = base_ws = imported_ws = exported_ws = drawn_ws = solar_ws = unknown_s = 0.0
    known = zip(tape.pv_w[part], tape.base_load_w[part], rows, strict=True)
    for i, (pv, base, draws) in enumerate(known, span.first):
        if pv is None or base is None:
            unknown_s += step_s
            continue
        pv_ws += pv * step_s
        base_ws += base * step_s
        net_w = base - pv
        for dt_s, parts in split.get(i, ((step_s, draws),)):
            drawn_w = sum(parts)
            grid_ws = (net_w + drawn_w) * dt_s
            drawn_ws += drawn_w * dt_s
            if grid_ws > 0.0:
                imported_ws += grid_ws
            else:
                exported_ws -= grid_ws
            if net_w < 0.0:
                solar_ws += min(-net_w, drawn_w) * dt_s
    return Sums(
        pv_wh=pv_ws / 3600.0,
        base_wh=base_ws / 3600.0,
        import_wh=imported_ws / 3600.0,
        export_wh=exported_ws / 3600.0,
        controlled_wh=drawn_ws / 3600.0,
        solar_wh=solar_ws / 3600.0,
        unknown_s=unknown_s,
    )


def by_month(found: Sequence[tuple[Span, Sums]]) -> dict[str, Sums]:
    """Return the sums of every month ("2020-06") of some days."""
    months: dict[str, Sums] = {}
    for span, sums in found:
        month = f"{span.date:%Y-%m}"
        months[month] = months.get(month, Sums()) + sums
    return months


def duration(run: Run) -> list[tuple[float, float]]:
    """Return the duration curve of import: for how long at least how much came from the grid. [h, W]

    Means over the intervals of the tape, greatest first; points lie closer where it is steep, at the peaks.
    """
    step_h = run.game.tape.step_s / 3600.0
    columns = [load.draw_w for load in run.loads]
    drawn = map(sum, zip(*columns, strict=True)) if columns else [0.0] * len(run.game.net_w)
    grid = (net + own for net, own in zip(run.game.net_w, drawn, strict=True) if net is not None)
    imports = sorted((w for w in grid if w > 0.0), reverse=True)
    if not imports:
        return [(0.0, 0.0)]
    last = len(imports) - 1
    picked = sorted({round(last * (k / (CURVE_POINTS - 1)) ** 2) for k in range(CURVE_POINTS)})
    middles = ((k + 0.5) * step_h for k in picked)
    return [(0.0, imports[0]), *zip(middles, (imports[k] for k in picked), strict=True), (len(imports) * step_h, 0.0)]
