"""One day of a run as a picture: production, base load, every load on top of it, and when contacts were on.

A charging station's pale bars are vehicles that were plugged in.

Pure Python, no script, a few kilobytes; light and dark follow the reader's system.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from itertools import pairwise
from math import ceil, floor, log10
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from noonward.report import svg

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date

    from noonward.core.model import Instant
    from noonward.lab.game import Load
    from noonward.lab.run import Run

WIDTH, LEFT, RIGHT, TOP = 1000.0, 124.0, 132.0, 80.0
MARGIN = 20.0
PLOT_HEIGHT, LANE, GAP, FOOT = 270.0, 22.0, 30.0, 40.0
MOST_POINTS = 480
"""Finer tapes are drawn as means over stretches of equal length; contacts keep their exact times."""
COLOURS = 6
"""Loads beyond this repeat colours."""

STYLE = """
svg{--bg:#fff;--fg:#1c2733;--dim:#5f6f7f;--line:#e3e8ed;--base:#aab6c2;--pv:#f4b400;--pvline:#c98a00;--gap:#eef1f4;
--c0:#2f6fb5;--c1:#c8553d;--c2:#3f8f6b;--c3:#8a5fb0;--c4:#b0762a;--c5:#2b8c9e;
background:var(--bg);font-family:system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
@media(prefers-color-scheme:dark){svg{--bg:#12181f;--fg:#e6ebf0;--dim:#93a1af;--line:#28323c;--base:#54616e;--pv:#f4b400;
--pvline:#ffcf4d;--gap:#1d2630;--c0:#5b9bd8;--c1:#e5806a;--c2:#62b890;--c3:#b08ad6;--c4:#d6a052;--c5:#55b5c6}}
.bg{fill:var(--bg)}.h{font-size:17px;font-weight:600;fill:var(--fg)}.s{font-size:12.5px;fill:var(--dim)}
.t{font-size:11.5px;fill:var(--dim)}.k{font-size:12.5px;fill:var(--fg)}.g{stroke:var(--line)}.z{stroke:var(--dim)}
.pv{fill:var(--pv);fill-opacity:.22}.pl{fill:none;stroke:var(--pvline);stroke-width:1.6;stroke-linejoin:round}
.b{fill:var(--base);fill-opacity:.85}.u{fill:var(--gap)}.o{fill-opacity:.28}.m{stroke-opacity:.35;stroke-dasharray:2 3}
.c0{fill:var(--c0);stroke:var(--c0)}.c1{fill:var(--c1);stroke:var(--c1)}.c2{fill:var(--c2);stroke:var(--c2)}
.c3{fill:var(--c3);stroke:var(--c3)}.c4{fill:var(--c4);stroke:var(--c4)}.c5{fill:var(--c5);stroke:var(--c5)}
path,rect{stroke-width:0}.pl{stroke-width:1.6}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A day on the tape: its date, its instants, and the intervals that it takes."""

    date: date
    start: Instant
    end: Instant
    first: int
    last: int


def days(run: Run) -> Iterator[Span]:
    """Yield every local day of which the tape holds something."""
    tape, zone = run.game.tape, ZoneInfo(run.game.site.timezone)
    day = datetime.fromtimestamp(tape.start, zone).date()
    while True:
        start = datetime.combine(day, time(), zone).timestamp()
        end = datetime.combine(day + timedelta(days=1), time(), zone).timestamp()
        first = max(0, ceil((start - tape.start) / tape.step_s))
        last = min(len(tape), ceil((end - tape.start) / tape.step_s))
        if first >= len(tape):
            return
        if last > first:
            yield Span(date=day, start=start, end=end, first=first, last=last)
        day += timedelta(days=1)


def best_day(run: Run) -> Span:
    """Return the day on which the loads used the most sun; the first one, where they used none."""

    def solar(span: Span) -> float:
        used = 0.0
        for i in range(span.first, span.last):
            net_w = run.game.net_w[i]
            if net_w is not None and net_w < 0.0:
                used += min(-net_w, sum(load.draw_w[i] for load in run.loads))
        return used

    return max(days(run), key=solar)


def plot(run: Run, span: Span) -> str:
    """Return the picture of a day as an SVG file."""
    return _Plot(run, span).document()


class _Plot:
    """A picture in the making; x is time, y is power."""

    def __init__(self, run: Run, span: Span) -> None:
        self._run, self._span = run, span
        self._zone = ZoneInfo(run.game.site.timezone)
        tape = run.game.tape
        many = max(1, ceil((span.last - span.first) / MOST_POINTS))
        self._cuts = [*range(span.first, span.last, many), span.last]
        self._xs = [self._x(tape.start + i * tape.step_s) for i in self._cuts]
        self._known = [net_w is not None for net_w in run.game.net_w]
        self._pv = self._means([w or 0.0 for w in tape.pv_w[span.first : span.last]])
        self._base = self._means([w or 0.0 for w in tape.base_load_w[span.first : span.last]])
        self._draws = [self._means(load.draw_w[span.first : span.last]) for load in run.loads]
        tops = [sum(column) for column in zip(self._base, *self._draws, strict=True)]
        self._step_w, self._most_w = _axis(max(*self._pv, *tops, 500.0))

    def document(self) -> str:
        """Put the parts together, from back to front."""
        height = TOP + PLOT_HEIGHT + GAP + LANE * len(self._run.loads) + FOOT
        label = f"{self._run.game.site.name}, {self._span.date}: production, base load and loads over the day"
        parts = [
            svg.tag("rect", width=WIDTH, height=height, class_="bg"),
            *self._heading(),
            *self._unknown(),
            *self._grid(),
            svg.tag("path", d=svg.area(self._xs, self._ys(self._pv), [self._y(0.0)] * len(self._pv)), class_="pv"),
            *self._stack(),
            svg.tag("path", d=svg.steps(self._xs, self._ys(self._pv)), class_="pl"),
            *self._lanes(),
        ]
        return svg.document(WIDTH, height, STYLE.replace("\n", ""), label, parts)

    def _heading(self) -> Iterator[str]:
        game, span, tape = self._run.game, self._span, self._run.game.tape
        imported, exported, pv = 0.0, 0.0, 0.0
        for i in range(span.first, span.last):
            net_w = game.net_w[i]
            if net_w is None:
                continue
            grid_wh = (net_w + sum(load.draw_w[i] for load in self._run.loads)) * tape.step_s / 3600.0
            imported, exported = imported + max(grid_wh, 0.0), exported - min(grid_wh, 0.0)
            pv += (tape.pv_w[i] or 0.0) * tape.step_s / 3600.0
        used = f", {100 * (pv - exported) / pv:.0f} % of the sun used in the house" if pv > 0 else ""
        yield svg.text(f"{game.site.name}, {span.date:%A} {span.date.day} {span.date:%B %Y}", MARGIN, 30.0, "h")
        yield svg.text(
            f"{self._run.controller}: {imported / 1000:.1f} kWh imported, {exported / 1000:.1f} kWh exported{used}",
            MARGIN, 50.0, "s",
        )  # fmt: skip
        yield from self._legend()

    def _legend(self) -> Iterator[str]:
        x = WIDTH - MARGIN
        for name, class_ in (("base load", "b"), ("production", "pv")):
            x -= 7.0 * len(name)
            yield svg.text(name, x, 28.0, "s")
            x -= 18.0
            yield svg.tag("rect", x=x, y=18.0, width=12.0, height=11.0, rx=2.0, class_=class_)
            if class_ == "pv":
                yield svg.tag("path", d=f"M{x} 18.8h12", class_="pl")
            x -= 14.0

    def _grid(self) -> Iterator[str]:
        for k in range(round(self._most_w / self._step_w) + 1):
            y = self._y(k * self._step_w)
            yield svg.tag("line", x1=LEFT, x2=WIDTH - RIGHT, y1=y, y2=y, class_="g" if k else "z")
            yield svg.text(f"{k * self._step_w / 1000:g}", LEFT - 8.0, y + 4.0, "t", "end")
        yield svg.text("kW", LEFT - 8.0, TOP - 10.0, "t", "end")
        bottom = TOP + PLOT_HEIGHT + GAP + LANE * len(self._run.loads)
        for t, hour in self._hours():
            yield svg.tag("line", x1=self._x(t), x2=self._x(t), y1=TOP, y2=bottom, class_="g")
            yield svg.text(f"{hour:02d}", self._x(t), TOP + PLOT_HEIGHT + 17.0, "t", "middle")

    def _hours(self) -> Iterator[tuple[Instant, int]]:
        """Yield every third hour of the wall clock; a day may have 23 or 25 hours."""
        for hour in range(0, 24, 3):
            moment = datetime.combine(self._span.date, time(hour), self._zone)
            yield moment.timestamp(), hour
        yield self._span.end, 24

    def _unknown(self) -> Iterator[str]:
        tape = self._run.game.tape
        for lo, hi in _stretches(self._span, [not known for known in self._known]):
            x, end = (self._x(tape.start + i * tape.step_s) for i in (lo, hi))
            box = svg.tag("rect", svg.title("unknown"), x=x, y=TOP, width=end - x, height=PLOT_HEIGHT, class_="u")
            yield box

    def _stack(self) -> Iterator[str]:
        below = [0.0] * len(self._base)
        layers = [("b", "base load", self._base)]
        layers += [(_colour(k), load.name, self._draws[k]) for k, load in enumerate(self._run.loads)]
        for class_, name, values in layers:
            above = [lo + value for lo, value in zip(below, values, strict=True)]
            for lo, hi in _drawn(values):
                part, xs = slice(lo, hi), self._xs[lo : hi + 1]
                d = svg.area(xs, self._ys(above[part]), self._ys(below[part]))
                yield svg.tag("path", svg.title(name), d=d, class_=class_)
            below = above

    def _lanes(self) -> Iterator[str]:
        tape = self._run.game.tape
        for k, load in enumerate(self._run.loads):
            y = TOP + PLOT_HEIGHT + GAP + LANE * k
            for start, stop, said in _times(load):
                lo, hi = max(start, self._span.start), min(stop, self._span.end, tape.end)
                if hi > lo:
                    yield self._bar(load, k, (lo, hi), y, said)
            drawn = [draw > 0.0 for draw in load.draw_w]
            for first, last in _stretches(self._span, drawn):
                x, end = (self._x(tape.start + i * tape.step_s) for i in (first, last))
                yield svg.tag("rect", x=x, y=y + 5.0, width=max(end - x, 1.0), height=LANE - 10.0, class_=_colour(k))
            yield svg.tag("line", x1=LEFT, x2=WIDTH - RIGHT, y1=y + LANE, y2=y + LANE, class_="g")
            yield from self._label(load, y)

    def _bar(self, load: Load, k: int, times: tuple[Instant, Instant], y: float, said: str) -> str:
        x, end = (self._x(t) for t in times)
        clock = " to ".join(f"{datetime.fromtimestamp(t, self._zone):%H:%M}" for t in times)
        height = LANE - 6.0
        return svg.tag(
            "rect", svg.title(f"{load.name} {said.format(clock)}"), x=x, y=y + 3.0, width=max(end - x, 1.0),
            height=height, rx=2.0, class_=f"{_colour(k)} o",
        )  # fmt: skip

    def _label(self, load: Load, y: float) -> Iterator[str]:
        tape, span = self._run.game.tape, self._span
        kwh = sum(load.draw_w[span.first : span.last]) * tape.step_s / 3.6e6
        starts = sum(span.start <= run.start < span.end for run in load.spans)
        yield svg.text(load.name, LEFT - 10.0, y + 15.0, "k", "end")
        said = f"{kwh:.1f} kWh, {starts} start{'' if starts == 1 else 's'}"
        yield svg.text(said, WIDTH - RIGHT + 10.0, y + 15.0, "s")

    def _means(self, values: Sequence[float]) -> list[float]:
        offset = self._span.first
        return [sum(values[lo - offset : hi - offset]) / (hi - lo) for lo, hi in pairwise(self._cuts)]

    def _x(self, t: Instant) -> float:
        share = (t - self._span.start) / (self._span.end - self._span.start)
        return LEFT + share * (WIDTH - LEFT - RIGHT)

    def _y(self, power_w: float) -> float:
        return TOP + PLOT_HEIGHT * (1.0 - max(power_w, 0.0) / self._most_w)

    def _ys(self, values: Iterable[float]) -> list[float]:
        return [self._y(value) for value in values]


def _times(load: Load) -> Iterator[tuple[Instant, Instant, str]]:
    """Yield when a contact was on, or a vehicle plugged in, and what to say of it; {} is for the times."""
    if load.bay is None:
        for start, stop, why in load.spans:
            yield start, stop, "on {}" + (f": {why}" if why else "")
        return
    for visit, missed_wh in zip(load.bay.visits, load.bay.missed_wh, strict=True):
        got = f"needed {visit.need_wh / 1000:.1f} kWh, got {(visit.need_wh - missed_wh) / 1000:.1f} kWh"
        yield visit.start, visit.end, f"plugged in {{}}: {got}"


def _axis(most_w: float) -> tuple[float, float]:
    """Return a round step of the axis, and its end."""
    rough = most_w / 5.0
    size = 10.0 ** floor(log10(rough))
    step_w = next(size * factor for factor in (1.0, 2.0, 2.5, 5.0, 10.0) if size * factor >= rough)
    return step_w, step_w * ceil(most_w / step_w)


def _colour(k: int) -> str:
    return f"c{k % COLOURS}"


def _drawn(values: Sequence[float]) -> Iterator[tuple[int, int]]:
    """Yield the stretches in which something is drawn."""
    begun = None
    for i, value in enumerate([*values, 0.0]):
        if value > 0.0 and begun is None:
            begun = i
        elif value <= 0.0 and begun is not None:
            yield begun, i
            begun = None


def _stretches(span: Span, flags: Sequence[bool]) -> Iterator[tuple[int, int]]:
    """Yield the stretches of intervals of the day that are flagged."""
    for lo, hi in _drawn([float(flag) for flag in flags[span.first : span.last]]):
        yield span.first + lo, span.first + hi
