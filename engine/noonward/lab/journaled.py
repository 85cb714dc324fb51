"""What a gateway's journal saw, as a recording to play: what would other policies have done yesterday?

The journal holds readings, not the building. What the loads would have done under other policies is guessed in the
plainest way, and said so:

* Base load is what the meters showed less what the policies' loads drew: grid + PV − loads, in means over a minute. A
  load with a meter of its own drew what that said while its contact was closed; one without drew its nominal power.
* An appliance is a quota: it needed on each day what it drew that day, on the mean of the days that are played.
* A vehicle needed what it took, and came and went when it did. What its driver said is kept.
* A home battery does again what it did: its power stays in the base load.

A minute of which less than half is known is unknown.
"""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass, replace
from datetime import datetime
from math import ceil, floor
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from noonward.core.model import State
from noonward.errors import UsageError
from noonward.lab.recording import iso
from noonward.lab.replay import Lines, recorded_site, segments_in, snapshot
from noonward.lab.watching import STEP_S, Eyes, Minute
from noonward.record import decode_state

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from noonward.core.model import Instant, PolicyName, Site
    from noonward.lab.recording import Series
    from noonward.lab.sessions import Stay

LEAST_WH = 50.0
"""What took less took nothing. [Wh]"""

SCENARIO = "journal.scenario.yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Journaled:
    """A journal as a recording.

    Attributes:
        timezone: Of the site.
        start: Of the first minute.
        pv_w: Mean production of each minute, None where unknown. [W]
        base_load_w: Mean draw without the loads. [W]
        dimmed: Whether the grid operator dimmed in each minute.
        has_pv: False where no production was ever measured.
        energy_wh: What each appliance drew on the mean of the days that are played. [Wh]
        stays: Who charged.
        learnt: What the gateway had learnt by the beginning.
    """

    timezone: str
    start: Instant
    pv_w: Series
    base_load_w: Series
    dimmed: list[bool]
    has_pv: bool
    energy_wh: Mapping[PolicyName, float]
    stays: tuple[Stay, ...]
    learnt: State


def timezone_of(journal: Path) -> str:
    """Return the time zone of the site that a journal is of.

    Raises:
        UsageError: There is no journal.
    """
    lines = Lines(segments_in(journal)[-1])
    return recorded_site(snapshot(lines, iter(lines))["files"]).timezone


def read(journal: Path, begin: Instant | None = None, end: Instant | None = None) -> Journaled:
    """Read what a journal saw between two moments.

    Args:
        journal: The folder STATE/journal, or one file of it.
        begin: First moment; None: the local midnight before ``end``.
        end: Last moment; None: the last local midnight that the journal holds, so that both together are yesterday.

    Raises:
        UsageError: There is no journal, or it knows nothing of that time.
    """
    eyes = Eyes()
    for path in segments_in(journal):
        eyes.watch(Lines(path))
    if not eyes.minutes:
        raise UsageError(f"{journal}: the journal holds no readings")
    zone = ZoneInfo(eyes.site.timezone)
    first, last = min(eyes.minutes) * STEP_S, (max(eyes.minutes) + 1) * STEP_S
    hi = _midnight(last, zone) if end is None else end
    lo = _midnight(hi - 1.0, zone) if begin is None else begin
    found = _between(eyes, ceil(lo / STEP_S), floor(hi / STEP_S))
    if sum(pv is not None for pv in found.pv_w) < 2:  # noqa: PLR2004 - a tape has two rows at least
        raise UsageError(
            f"{journal}: nothing is known between {iso(lo)} and {iso(hi)}; the journal runs from {iso(first)} to "
            f"{iso(last)}: choose with --from and --to"
        )
    return found


def fitted(found: Journaled, *sites: Site) -> Journaled:
    """Return a recording without loads that none of these sites has any more."""
    names = {appliance.name for site in sites for appliance in site.appliances}
    stations = {station for site in sites for zone in site.zones for station in zone.stations}
    return replace(
        found,
        energy_wh={name: wh for name, wh in found.energy_wh.items() if name in names},
        stays=tuple(stay for stay in found.stays if stay.station in stations),
    )


def _midnight(t: Instant, zone: ZoneInfo) -> Instant:
    """Return the last local midnight up to a moment."""
    return datetime.fromtimestamp(t, zone).replace(hour=0, minute=0, second=0, microsecond=0).timestamp()


def _between(eyes: Eyes, first: int, last: int) -> Journaled:
    """Return what was seen in the minutes [first, last)."""
    zone = ZoneInfo(eyes.site.timezone)
    minutes = [eyes.minutes.get(k, Minute()) for k in range(first, last)]
    known = [one.known_s >= STEP_S / 2 for one in minutes]
    days = {datetime.fromtimestamp(k * STEP_S, zone).date() for k, there in enumerate(known, first) if there}
    lo, hi = first * STEP_S, last * STEP_S
    drawn_wh = {
        name: sum(ws for minute, ws in own.items() if first <= minute < last) / 3600.0 / max(len(days), 1)
        for name, own in eyes.drawn_ws.items()
    }
    stays = [parked.stay(lo, hi) for parked in eyes.parked]
    before = [raw for at, raw in eyes.snapshots if at <= lo]
    learnt = decode_state(before[-1]) if before else State()
    return Journaled(
        timezone=eyes.site.timezone,
        start=lo,
        pv_w=[one.pv_ws / one.known_s if there else None for one, there in zip(minutes, known, strict=True)],
        base_load_w=[one.base_ws / one.known_s if there else None for one, there in zip(minutes, known, strict=True)],
        dimmed=[one.dimmed for one in minutes],
        has_pv=eyes.has_pv,
        energy_wh={name: wh for name, wh in drawn_wh.items() if wh >= LEAST_WH},
        stays=tuple(stay for stay in stays if stay.energy_wh >= LEAST_WH and stay.arrival < hi and stay.departure > lo),
        learnt=State(past=learnt.past, stays=learnt.stays),
    )


def write(found: Journaled, folder: Path) -> Path:
    """Write a recording as a tape, its sessions and a scenario; return the scenario's path.

    Raises:
        UsageError: The folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _tape(found, folder / "tape.csv")
        if found.stays:
            _sessions(found, folder / "sessions.csv")
        (folder / SCENARIO).write_text(_scenario(found), encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{folder}: {error.strerror or error}; give a folder that can be written") from error
    return folder / SCENARIO


def _tape(found: Journaled, path: Path) -> None:
    dims = any(found.dimmed)
    columns = ["time", *(["pv_w"] if found.has_pv else []), "base_load_w", *(["dim_w"] if dims else [])]
    with path.open("w", encoding="utf-8", newline="") as stream:
        rows = csv.writer(stream, lineterminator="\n")
        rows.writerow(columns)
        for k, (pv, base, dimmed) in enumerate(zip(found.pv_w, found.base_load_w, found.dimmed, strict=True)):
            power = [*([_field(pv)] if found.has_pv else []), _field(base)]
            rows.writerow([iso(found.start + k * STEP_S), *power, *(["0" if dimmed else ""] if dims else [])])


def _field(value: float | None) -> str:
    return "" if value is None else f"{round(value, 1):.10g}"


def _sessions(found: Journaled, path: Path) -> None:
    columns = ("station", "arrival", "departure", "energy_kwh", "user", "phases", "max_current_a", "requested_kwh",
               "estimated_departure")  # fmt: skip
    with path.open("w", encoding="utf-8", newline="") as stream:
        rows = csv.writer(stream, lineterminator="\n")
        rows.writerow(columns)
        for stay in found.stays:
            asked, leaves = stay.requested_wh, stay.estimated_departure
            rows.writerow([
                stay.station, iso(stay.arrival), iso(stay.departure), f"{stay.energy_wh / 1000.0:.4g}", stay.user,
                stay.phases or "", "" if stay.max_current_a is None else f"{stay.max_current_a:g}",
                "" if asked is None else f"{asked / 1000.0:.4g}", "" if leaves is None else iso(leaves),
            ])  # fmt: skip


def _scenario(found: Journaled) -> str:
    end = found.start + len(found.pv_w) * STEP_S
    lines = [
        "kind: scenario/v1",
        f"description: what a gateway saw from {iso(found.start)} to {iso(end)}",
        "tape: tape.csv",
    ]
    if found.energy_wh:
        lines += ["# Each needs on a day what it drew on the mean of these days, whenever that is.", "plants:"]
        lines += [
            f"  {json.dumps(name, ensure_ascii=False)}: {{model: quota, energy: {round(wh)} Wh}}"
            for name, wh in found.energy_wh.items()
        ]
    if found.stays:
        lines.append("sessions: {file: sessions.csv}")
    return "\n".join(lines) + "\n"
