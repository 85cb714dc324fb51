"""What came of a run day by day and month by month, and how long how much was drawn from the grid.

An interval that is unknown is in no sum, as in the score; it counts as a whole to the day in which it begins.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, fields
from itertools import repeat
from typing import TYPE_CHECKING

from noonward.lab.score import stretches
from noonward.report.day import days

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

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
    found = [(span, _known(run, span)) for span in days(run)]
    ends = [span.end for span, _ in found]
    for load in run.loads:
        for began in (span.start for span in load.spans):
            found[bisect_right(ends, began)][1].starts += 1
    later = iter(found)
    span, sums = next(later)
    for i, dt_s, net_w, draws, stored_w in stretches(run):
        while i >= span.last:
            span, sums = next(later)
        dt_h = dt_s / 3600.0
        drawn_w = sum(draws)
        grid_wh = (net_w + drawn_w + stored_w) * dt_h
        sums.controlled_wh += drawn_w * dt_h
        if grid_wh > 0.0:
            sums.import_wh += grid_wh
        else:
            sums.export_wh -= grid_wh
        if net_w < 0.0:
            sums.solar_wh += min(-net_w, drawn_w) * dt_h
    return found


def _known(run: Run, span: Span) -> Sums:
    """Return what of a day's sums the tape alone decides."""
    tape, part = run.game.tape, slice(span.first, span.last)
    step_h = tape.step_s / 3600.0
    rows = zip(tape.pv_w[part], tape.base_load_w[part], strict=True)
    known = [(pv, base) for pv, base in rows if pv is not None and base is not None]
    return Sums(
        pv_wh=sum(pv for pv, _ in known) * step_h,
        base_wh=sum(base for _, base in known) * step_h,
        unknown_s=(span.last - span.first - len(known)) * tape.step_s,
    )


def by_month(found: Sequence[tuple[Span, Sums]]) -> dict[str, Sums]:
    """Return the sums of every month ("2020-06") of some days."""
    months: dict[str, Sums] = {}
    for span, sums in found:
        month = f"{span.date:%Y-%m}"
        months[month] = months.get(month, Sums()) + sums
    return months


def grid_w(run: Run) -> Iterator[float | None]:
    """Yield the mean grid power of every interval, None where it is unknown. [W]"""
    columns = [load.draw_w for load in run.loads]
    if run.storage is not None:
        columns.append(run.storage.mean_w)
    drawn = map(sum, zip(*columns, strict=True)) if columns else repeat(0.0, len(run.game.net_w))
    return (None if net is None else net + own for net, own in zip(run.game.net_w, drawn, strict=True))


def duration(run: Run) -> list[tuple[float, float]]:
    """Return the duration curve of import: for how long at least how much came from the grid. [h, W]

    Means over the intervals of the tape, greatest first; points lie closer where it is steep, at the peaks.
    """
    step_h = run.game.tape.step_s / 3600.0
    imports = sorted((w for w in grid_w(run) if w is not None and w > 0.0), reverse=True)
    if not imports:
        return [(0.0, 0.0)]
    last = len(imports) - 1
    picked = sorted({round(last * (k / (CURVE_POINTS - 1)) ** 2) for k in range(CURVE_POINTS)})
    middles = ((k + 0.5) * step_h for k in picked)
    return [(0.0, imports[0]), *zip(middles, (imports[k] for k in picked), strict=True), (len(imports) * step_h, 0.0)]
