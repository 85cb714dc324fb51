"""What the script of a report is given: a small JSON that names things, and packed columns in an agreed order.

``static/report.js`` reads them in the order in which ``pack`` writes them. Power is in tens of
watts, as means over the finest step with which the page stays small; contacts and decisions keep their exact seconds.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from math import ceil
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from noonward.lab.changes import Change, Changes
from noonward.lab.game import Span
from noonward.report.daily import by_day, duration
from noonward.report.packed import Columns
from noonward.report.told import Told

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import TypeAlias

    from noonward.core.model import Instant, PolicyName
    from noonward.lab.bay import Visit
    from noonward.lab.game import Load
    from noonward.lab.run import Run
    from noonward.lab.tape import Tape
    from noonward.report.daily import Sums
    from noonward.report.day import Span as Day

    Key: TypeAlias = tuple[str, PolicyName, bool]
    """Of a load: its name, its policy, and whether it is a charging station."""

GRAIN_W = 10.0
"""Power is shown to this. [W]"""

ROOM = 330_000
"""Characters of base64 that curves and decisions may take; the rest of the page is some 100 kB."""

STEPS_S = (60.0, 120.0, 300.0, 600.0, 900.0, 1800.0, 3600.0, 7200.0)
"""Means that are tried, the finest first, from the tape's own step on. [s]"""

WORDS = 2 / 3
"""Part of the room that decisions may take before brief ones are left out."""

LEAST = 0.35
"""A point of a recorded curve takes at least as many characters. Finer means that cannot fit are not even tried."""

BRIEF_S = (0.0, 60.0, 180.0, 300.0, 600.0, 1800.0)
"""Where decisions alone fill the room, those that did not last longer than this are left out. [s]"""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Played:
    """One run, as a report shows it.

    Attributes:
        name: What readers know it by: a controller, or a version ("main:policies").
        run: What was played.
        score: ``noonward.lab.score.score`` of it.
        changes: What the engine said: ``changes = Changes(); simulate.play(game, engine=changes.engine)``. Without it,
            and for controllers that give no reasons, the day shows when what was on, and not why.
        called: What policies are called beside other versions, where that is not their name.
        days: Its sums, day by day.
        loads: Its loads, by what they are called.
    """

    name: str
    run: Run
    score: Mapping[str, Any]
    changes: Changes = field(default_factory=Changes)
    called: Mapping[PolicyName, PolicyName] = field(default_factory=dict)
    days: list[tuple[Day, Sums]] = field(init=False)
    loads: dict[Key, Load] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "days", by_day(self.run))
        object.__setattr__(self, "loads", {self._key(load): load for load in self.run.loads})

    def said(self, key: Key) -> list[Change]:
        """Return what was said of a load."""
        load = self.loads.get(key)
        if load is None:
            return []
        said = self.changes.policies if load.bay is None else self.changes.stations
        return said.get(load.name, [])

    def said_of_zone(self, zone: PolicyName) -> list[Change]:
        """Return what was said of a zone."""
        return next((said for name, said in self.changes.policies.items() if self.called.get(name, name) == zone), [])

    def _key(self, load: Load) -> Key:
        policy = self.called.get(load.policy.name, load.policy.name)
        return policy if load.bay is None else load.name, policy, load.bay is not None


def pack(shown: Sequence[Played], others: Sequence[Played]) -> tuple[dict[str, Any], str]:
    """Return what things are called, and the columns.

    Args:
        shown: Whose days can be looked at: one run, or an old and a new version. All of one tape.
        others: Controllers that they are compared with, by sums and curves alone.
    """
    tape, timezone = shown[0].run.game.tape, shown[0].run.game.site.timezone
    loads = list(dict.fromkeys(key for one in reversed(shown) for key in one.loads))
    zones = list(dict.fromkeys(policy for _, policy, station in loads if station))
    told, columns = _told(shown, loads, zones)
    step_s = _curves(columns, shown, loads)
    for one in shown:
        for key in loads:
            _contacts(columns, one.loads.get(key), tape)
    everybody = [*shown, *others]
    days = [span for span, _ in shown[0].days]
    columns.add([round(span.start - tape.start) for span in days])
    columns.add([round(days[-1].end - tape.start)])
    for one in everybody:
        for name in ("import_wh", "export_wh", "pv_wh", "controlled_wh", "solar_wh"):
            columns.add([round(getattr(sums, name) / 10.0) for _, sums in one.days])
        columns.add([sums.starts for _, sums in one.days])
    columns.add([round(sums.unknown_s) for _, sums in shown[0].days])
    for one in everybody:
        curve = duration(one.run)
        columns.add([round(hours * 100.0) for hours, _ in curve])
        columns.add([round(power_w / GRAIN_W) for _, power_w in curve])
    return {
        "start": tape.start,
        "end": tape.end,
        "step": step_s,
        "tapeStep": tape.step_s,
        "grain": GRAIN_W,
        "offsets": list(_offsets(tape, timezone)),
        "firstDay": f"{days[0].date}",
        "pv": tape.has_pv,
        "shown": [{"name": one.name, "battery": one.run.storage is not None} for one in shown],
        "everybody": [one.name for one in everybody],
        "loads": [{"name": name, "policy": policy, "station": station} for name, policy, station in loads],
        "zones": zones,
        "patterns": told.patterns,
    }, columns.text()


def _told(shown: Sequence[Played], loads: Sequence[Key], zones: Sequence[PolicyName]) -> tuple[Told, Columns]:
    """Return what was said of every load and every zone, with as many of the brief words as there is room for."""
    game = shown[0].run.game
    for brief_s in BRIEF_S:
        told, columns = Told(game.site.timezone), Columns()
        for one in shown:
            for said in (*map(one.said, loads), *map(one.said_of_zone, zones)):
                told.add(_lasting(said, brief_s), game.tape.start)
        told.pack(columns)
        if len(columns.text()) < ROOM * WORDS:
            break
    return told, columns


def _lasting(said: list[Change], brief_s: float) -> list[Change]:
    """Return the changes that were in force for longer than this."""
    return [a for a, b in pairwise(said) if b.at - a.at > brief_s] + said[-1:]


def _curves(columns: Columns, shown: Sequence[Played], loads: Sequence[Key]) -> float:
    """Write the curves with the finest step that fits, and return it. [s]"""
    tape = shown[0].run.game.tape
    room = ROOM - len(columns.text())
    coarser = (step_s for step_s in STEPS_S if step_s > tape.step_s and not step_s % tape.step_s)
    steps_s = [tape.step_s, *coarser]
    for step_s in steps_s:
        many = round(step_s / tape.step_s)
        if 2 * len(tape) / many * LEAST > room and step_s != steps_s[-1]:
            continue
        tried = Columns()
        _write_curves(tried, shown, loads, many)
        if len(tried.text()) <= room:
            break
    columns.append(tried)
    return step_s


def _write_curves(columns: Columns, shown: Sequence[Played], loads: Sequence[Key], many: int) -> None:
    """Write where nothing is known, production, base load, and of every run each load's draw and its battery."""
    game = shown[0].run.game
    unknown = [net is None for net in game.net_w]
    columns.add([k for k, lost in enumerate(_chunks(unknown, many)) if all(lost)] if any(unknown) else [])
    for series in (game.tape.pv_w, game.tape.base_load_w):
        columns.add(_means(_filled(series, unknown) if any(unknown) else series, many))
    for load in (one.loads.get(key) for one in shown for key in loads):
        columns.add([] if load is None else _means(load.draw_w, many))
    for storage in (one.run.storage for one in shown):
        columns.add([] if storage is None else _means(storage.mean_w, many))
        columns.add([] if storage is None else [round(some[-1] * 100.0) for some in _chunks(storage.soc, many)])


def _means(series: Sequence[Any], many: int) -> list[int]:
    """Return means over so many intervals each. [GRAIN_W]"""
    if many == 1:
        return [round(w / GRAIN_W) for w in series]
    *whole, rest = _chunks(series, many)
    return [*(round(sum(some) / (many * GRAIN_W)) for some in whole), round(sum(rest) / (len(rest) * GRAIN_W))]


def _filled(series: Sequence[float | None], unknown: Sequence[bool]) -> list[float]:
    """Return a series with what was last known where nothing is."""
    found, last = [], 0.0
    for w, lost in zip(series, unknown, strict=True):
        if not lost and w is not None:
            last = w
        found.append(last)
    return found


def _chunks(values: Sequence[Any], many: int) -> Iterator[Sequence[Any]]:
    return (values[i : i + many] for i in range(0, len(values), many))


def _contacts(columns: Columns, load: Load | None, tape: Tape) -> None:
    """Write when a load was on, and when a vehicle was plugged in. [s since the start of the tape]"""
    bay = None if load is None else load.bay
    for spans in ([] if load is None else load.spans, [] if bay is None else bay.visits):
        columns.add([round(max(span.start, tape.start) - tape.start) for span in spans])
        columns.add([round(min(_end(span), tape.end) - tape.start) for span in spans])


def _end(span: Span | Visit) -> Instant:
    return span.stop if isinstance(span, Span) else span.end


def _offsets(tape: Tape, timezone: str) -> Iterator[tuple[Instant, float]]:
    """Yield the site's distance from UTC at the start of the tape, and from when on it is another. [s]"""
    zone, before = ZoneInfo(timezone), None
    for k in range(ceil((tape.end - tape.start) / 900.0) + 97):
        t = (tape.start // 900.0 - 96 + k) * 900.0
        offset = (datetime.fromtimestamp(t, zone).utcoffset() or timedelta()).total_seconds()
        if offset != before:
            yield t, offset
            before = offset
