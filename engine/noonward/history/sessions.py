"""Past charging sessions: who was where, from when until when, and what was charged.

A badge is as good as a key, so none is kept: its user's name where site.yaml has one, else a mark that only this file
can make of it.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, fields, replace
from hashlib import blake2b
from typing import TYPE_CHECKING

from noonward.core.model import NO_INPUTS, StationState
from noonward.history import rollup
from noonward.history.calendar import MINUTES
from noonward.history.channels import scale

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Mapping

    from noonward.core.model import Inputs, Instant, Need, Observation, PolicyName, Site, State, StationId, Zone
    from noonward.history.calendar import Calendar
    from noonward.history.rows import Columns, Rows

TABLES = """
CREATE TABLE IF NOT EXISTS sessions (
    id INTEGER PRIMARY KEY, zone TEXT NOT NULL, station TEXT NOT NULL, arrival REAL NOT NULL, departure REAL NOT NULL,
    energy_wh REAL NOT NULL, solar_wh REAL, cost REAL, user TEXT NOT NULL, phases INTEGER,
    requested_wh REAL, estimated_departure REAL);
CREATE INDEX IF NOT EXISTS sessions_by_departure ON sessions (departure);
"""

MARK_BYTES = 4
_SALT = "badge-salt"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargingSession:
    """One vehicle's stay at a station.

    Attributes:
        id: Of the row; 0 before it is written.
        zone: The policy it charged by.
        station: Where.
        arrival: When it was plugged in.
        departure: When it was seen to be unplugged.
        energy_wh: What it charged, by the station's own meter. [Wh]
        solar_wh: What of that the sun covered; None: nothing is known of it. [Wh]
        cost: What that cost; None: no prices are given.
        user: Of its badge; "" where none was shown.
        phases: On how many it charged; None: not known.
        requested_wh: What its driver asked for; None: nothing. [Wh]
        estimated_departure: When its driver meant to leave; None: not said.
    """

    id: int = 0
    zone: PolicyName
    station: StationId
    arrival: Instant
    departure: Instant
    energy_wh: float
    solar_wh: float | None = None
    cost: float | None = None
    user: str = ""
    phases: int | None = None
    requested_wh: float | None = None
    estimated_departure: Instant | None = None


_FIELDS = tuple(field.name for field in fields(ChargingSession))
_NEW = StationState()


class Watch:
    """Sees vehicles leave. What a station tells only while a vehicle is there is remembered until then."""

    def __init__(self) -> None:
        self._badges: dict[StationId, str] = {}
        self._needs: dict[StationId, Need] = {}

    def step(self, site: Site, before: State, after: State, observation: Observation) -> list[ChargingSession]:
        """Return the sessions that ended with a step; ``user`` is still the badge."""
        over = []
        for zone in site.zones:
            inputs = observation.inputs.get(zone.name, NO_INPUTS)
            for station in zone.stations:
                was, now = before.stations.get(station), after.stations.get(station, _NEW)
                if was is not None and was.session.state != "absent" and now.unplugged_at != was.unplugged_at:
                    over.append(self._ended(zone, station, was, now))
                self._remember(station, now, observation, inputs)
        return over

    def _remember(self, station: StationId, now: StationState, observation: Observation, inputs: Inputs) -> None:
        if now.session.state == "absent":
            return
        seen, need = observation.stations.get(station), inputs.needs.get(station)
        if seen is not None and seen.id_tag is not None:
            self._badges[station] = seen.id_tag
        if need is not None:
            self._needs[station] = need

    def _ended(self, zone: Zone, station: StationId, was: StationState, now: StationState) -> ChargingSession:
        need, phases = self._needs.pop(station, None), None if was.found is None else was.found.phases
        arrival = was.plugged_at or was.queued_at or was.session.since
        return ChargingSession(
            zone=zone.name,
            station=station,
            arrival=min(arrival, now.unplugged_at),
            departure=now.unplugged_at,
            energy_wh=was.session.drew_wh,
            user=self._badges.pop(station, ""),
            phases=zone.phases if phases is None else phases,
            requested_wh=None if need is None else need.energy_wh,
            estimated_departure=None if need is None else need.departure,
        )


def add(
    db: sqlite3.Connection,
    rows: Rows,
    calendar: Calendar,
    over: Iterable[ChargingSession],
    users: Mapping[str, str],
) -> None:
    """Write sessions that ended, with what the minutes since their arrival say of sun and money.

    Args:
        db: The open file.
        rows: Its rows, those of the session's minutes among them.
        calendar: Of the site.
        over: With the badge in place of the user.
        users: Badge in upper case to the name of its user.
    """
    for one in over:
        whole = replace(_with_shares(rows, calendar, one), user=_user(rows, one.user, users))
        names = _FIELDS[1:]
        db.execute(
            f"INSERT INTO sessions ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})",  # noqa: S608 - ours
            [getattr(whole, name) for name in names],
        )


def newest(
    db: sqlite3.Connection,
    *,
    lo: Instant | None = None,
    hi: Instant | None = None,
    stations: Iterable[StationId] | None = None,
    before: int | None = None,
    limit: int = -1,
) -> list[ChargingSession]:
    """Return sessions that ended in [lo, hi), the last written first.

    Args:
        db: The open file.
        lo: Begin; None: ever.
        hi: End; None: until now.
        stations: At these alone; None: at any.
        before: Only with a smaller ``id``: where the last page ended.
        limit: So many at most; -1: all.
    """
    asked = [
        ("departure >= ?", lo),
        ("departure < ?", hi),
        ("id < ?", before),
    ]
    where = [(text, value) for text, value in asked if value is not None]
    values: list[object] = [value for _, value in where]
    texts = [text for text, _ in where]
    if stations is not None:
        stations = list(stations)
        texts.append(f"station IN ({', '.join('?' * len(stations))})")
        values += stations
    found = db.execute(
        f"SELECT {', '.join(_FIELDS)} FROM sessions"  # noqa: S608 - no text of anyone's is in it
        f"{' WHERE ' if texts else ''}{' AND '.join(texts)} ORDER BY id DESC LIMIT ?",
        [*values, limit],
    )
    return [ChargingSession(**dict(zip(_FIELDS, row, strict=True))) for row in found]


def prune(db: sqlite3.Connection, before: Instant) -> None:
    """Delete the sessions that ended before a moment."""
    db.execute("DELETE FROM sessions WHERE departure < ?", (before,))


def _with_shares(rows: Rows, calendar: Calendar, one: ChargingSession) -> ChargingSession:
    """Return a session with its part of sun and its money: the minutes' shares, of what the station's meter says."""
    drawn, sun, money = (f"{kind}/{one.station}" for kind in ("station", "station-solar", "station-cost"))
    lo, hi = calendar.reach(MINUTES, one.arrival, one.departure)
    columns = rollup.get(rows, calendar, MINUTES, lo, hi, (drawn, sun, money))
    whole_wh, solar_wh = (_total(columns, name, sun) for name in (drawn, sun))
    billed_wh, cost = (_total(columns, name, money) for name in (drawn, money))
    return replace(
        one,
        solar_wh=one.energy_wh * min(solar_wh / whole_wh, 1.0) if whole_wh and solar_wh is not None else None,
        cost=one.energy_wh * cost / billed_wh if billed_wh and cost is not None else None,
    )


def _total(columns: Columns, channel: str, beside: str) -> float | None:
    """Return value times hours in the minutes in which another channel is known as well; None: in none."""
    if channel not in columns or beside not in columns:
        return None
    known = [v for v, count, other in zip(*columns[channel], columns[beside][1], strict=True) if count and other]
    return sum(known) * scale(channel) / 60.0 if known else None


def _user(rows: Rows, badge: str, users: Mapping[str, str]) -> str:
    if not badge:
        return ""
    if (name := users.get(badge.upper())) is not None:
        return name
    salt = rows.note(_SALT)
    if not isinstance(salt, str):
        salt = secrets.token_hex(16)
        rows.set_note(_SALT, salt)
    return f"badge-{blake2b(badge.upper().encode(), key=bytes.fromhex(salt), digest_size=MARK_BYTES).hexdigest()}"
