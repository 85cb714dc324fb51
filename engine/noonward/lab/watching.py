"""A journal's steps, seen through: what the building drew, who was plugged in, minute by minute."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from noonward.lab.replay import recorded_site, snapshot
from noonward.lab.sessions import Stay
from noonward.record import decode_inputs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from noonward.core.model import Appliance, Instant, PolicyName, Site, StationId
    from noonward.lab.replay import Lines

STEP_S = 60.0
"""A minute. [s]"""

STALE_S = 120.0
"""A reading that is older says nothing of now. [s]"""

HOLD_S = 300.0
"""A step with no other behind it for longer says nothing of the time after that. [s]"""

USUAL_A = 16.0
"""A vehicle that was never seen to draw more may well be one that cannot; nothing is said of it then. [A]"""


@dataclass(slots=True, kw_only=True)
class Minute:
    """Sums over the known part of one minute.

    Attributes:
        known_s: Length of that part. [s]
        pv_ws: Production. [W s]
        base_ws: Base load. [W s]
        dimmed: Whether the grid operator dimmed in it.
    """

    known_s: float = 0.0
    pv_ws: float = 0.0
    base_ws: float = 0.0
    dimmed: bool = False


@dataclass(slots=True, kw_only=True)
class Parked:
    """A vehicle as it was seen.

    Attributes:
        station: Where.
        arrival: When it was plugged in.
        departure: When it was unplugged; None: it still stands there.
        since_wh: Register of the station's meter at the beginning; None: it has none. [Wh]
        last_wh: The newest. [Wh]
        drawn_ws: What it drew in each minute, by its power. [W s]
        phases: On how many it was seen to charge.
        most_a: Most that it drew on one of them. [A]
        user: Its badge.
        requested_wh: What its driver said. [Wh]
        estimated: When its driver meant to leave.
    """

    station: StationId
    arrival: Instant
    departure: Instant | None = None
    since_wh: float | None = None
    last_wh: float | None = None
    drawn_ws: dict[int, float] = field(default_factory=dict)
    phases: int = 0
    most_a: float = 0.0
    user: str = ""
    requested_wh: float | None = None
    estimated: Instant | None = None

    def stay(self, lo: Instant, hi: Instant) -> Stay:
        """Return it as a session, with what it took between two moments."""
        whole_ws = sum(self.drawn_ws.values())
        inside_ws = sum(ws for minute, ws in self.drawn_ws.items() if lo <= minute * STEP_S < hi)
        taken_wh = whole_ws / 3600.0
        if self.since_wh is not None and self.last_wh is not None and self.last_wh >= self.since_wh:
            taken_wh = self.last_wh - self.since_wh
        return Stay(
            station=self.station,
            arrival=self.arrival,
            departure=hi if self.departure is None else self.departure,
            energy_wh=taken_wh * (inside_ws / whole_ws if whole_ws else 0.0),
            user=self.user,
            phases=self.phases or None,
            max_current_a=float(round(self.most_a)) if round(self.most_a) > USUAL_A else None,
            requested_wh=self.requested_wh if self.arrival >= lo else None,
            estimated_departure=self.estimated,
        )


class Eyes:
    """What has been seen so far, segment by segment.

    Attributes:
        site: That was recorded last.
        minutes: Number of a minute, from 1970-01-01 00:00 UTC, to what is known of it.
        drawn_ws: What each appliance drew in each minute. [W s]
        parked: Every vehicle, in the order of their coming.
        snapshots: Each segment's state at its beginning.
        has_pv: Whether production was ever measured.
    """

    def __init__(self) -> None:
        self.site: Site
        self.minutes: dict[int, Minute] = {}
        self.drawn_ws: dict[PolicyName, dict[int, float]] = {}
        self.parked: list[Parked] = []
        self.snapshots: list[tuple[Instant, dict[str, Any]]] = []
        self.has_pv = False
        self._there: dict[StationId, Parked] = {}
        self._seen: dict[str, Any] = {}

    def watch(self, lines: Lines) -> None:
        """Watch a segment."""
        rest = iter(lines)
        head = snapshot(lines, rest)
        self.site = recorded_site(head["files"])
        self.snapshots.append((head["at"], head["state"]))
        self._seen = {}
        before: Instant | None = None
        for line in rest:
            now = line["t"]
            if before is not None:
                self._hold(before, min(now, before + HOLD_S))
            if "end" in line:
                break
            self._seen |= line.get("o", {})
            for key in line.get("gone", ()):
                del self._seen[key]
            self._look(now)
            before = now

    def _look(self, now: Instant) -> None:
        """Notice who has come and gone, and what drivers say."""
        for zone in self.site.zones:
            needs = decode_inputs(self._seen.get(f"inputs/{zone.name}", {})).needs
            for station in zone.stations:
                self._vehicle(station, self._seen.get(f"stations/{station}"), now)
                need, parked = needs.get(station), self._there.get(station)
                if need is not None and parked is not None and need.at >= parked.arrival:
                    parked.requested_wh, parked.estimated = need.energy_wh, need.departure

    def _vehicle(self, station: StationId, seen: Mapping[str, Any] | None, now: Instant) -> None:
        if seen is None or seen.get("plugged") is None:
            return  # nobody knows: whoever stood there still does
        parked, arrival = self._there.get(station), seen.get("plugged_at") or now
        if parked is not None and (not seen["plugged"] or arrival > parked.arrival + STALE_S):
            self._there.pop(station).departure = arrival if seen["plugged"] else now
            parked = None
        if not seen["plugged"]:
            return
        if parked is None:
            parked = self._there[station] = Parked(station=station, arrival=arrival)
            self.parked.append(parked)
        sample = seen.get("sample") or {}
        parked.user = seen.get("id_tag") or parked.user
        register_wh = sample.get("energy_wh")
        if register_wh is not None:
            parked.since_wh = register_wh if parked.since_wh is None else parked.since_wh
            parked.last_wh = register_wh
        currents = [a for name, a in sample.get("current_a", {}).items() if name != "N"]
        parked.phases = max(parked.phases, sum(a > 1.0 for a in currents))
        parked.most_a = max([parked.most_a, *currents])

    def _hold(self, lo: Instant, hi: Instant) -> None:
        """Count what has been seen for the time until the next step."""
        appliances = [(a.name, w) for a in self.site.appliances if (w := self._drawn_w(a, lo))]
        vehicles = [(parked, w) for parked in self._there.values() if (w := self._charges_w(parked.station))]
        grid, pv = self._fresh("grid_w", lo), self._fresh("pv_w", lo)
        self.has_pv = self.has_pv or pv is not None
        known = grid is not None and (pv is not None or not self.has_pv)
        base_w = (grid or 0.0) + (pv or 0.0) - sum(w for _, w in (*appliances, *vehicles))
        while lo < hi:
            minute = int(lo // STEP_S)
            dt_s = min(hi, (minute + 1) * STEP_S) - lo
            lo += dt_s
            one = self.minutes.setdefault(minute, Minute())
            one.dimmed = one.dimmed or bool(self._seen.get("dim"))
            if known:
                one.known_s += dt_s
                one.pv_ws += (pv or 0.0) * dt_s
                one.base_ws += base_w * dt_s
            for name, w in appliances:
                _add(self.drawn_ws.setdefault(name, {}), minute, w * dt_s)
            for parked, w in vehicles:
                _add(parked.drawn_ws, minute, w * dt_s)

    def _charges_w(self, station: StationId) -> float:
        sample = (self._seen.get(f"stations/{station}") or {}).get("sample") or {}
        return max(sample.get("power_w") or 0.0, 0.0)

    def _drawn_w(self, appliance: Appliance, now: Instant) -> float:
        closed = {relay for relay in appliance.relays if (self._seen.get(f"relays/{relay}") or [None])[0]}
        nominal_w = max((stage.power_w for stage in appliance.stages if stage.relays <= closed), default=0.0)
        metered_w = self._fresh(f"draws_w/{appliance.name}", now)
        return nominal_w if metered_w is None or not nominal_w else max(metered_w, 0.0)

    def _fresh(self, key: str, now: Instant) -> float | None:
        value, at = self._seen.get(key) or (None, now)
        return value if now - at <= STALE_S else None


def _add(own: dict[int, float], minute: int, ws: float) -> None:
    own[minute] = own.get(minute, 0.0) + ws
