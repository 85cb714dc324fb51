"""The charging stations of one run as the engine meets them.

They obey a limit in the instant in which it is sent, say so, and are always there. Until it is told anything, a vehicle
that was just plugged in is limited to the station's safe current, as by a station's default profile. A sample shows
what was drawn up to the instant of the step, and stands at that instant.

In a zone that asks (``need: {from: user}``) every driver says at once, when the vehicle is plugged in, what it needs
and when it leaves.
"""

from __future__ import annotations

from math import inf, nextafter
from typing import TYPE_CHECKING

from noonward.core.model import Inputs, LimitSeen, Need, ReasonCode, Sample, Station, Status
from noonward.core.records import replace
from noonward.core.units import MIN_CURRENT_A

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from noonward.core.model import Instant, PolicyName, SetLimit, StationDecision, StationId, Zone
    from noonward.lab.bay import Bay, Visit
    from noonward.lab.game import Load
    from noonward.lab.run import Piece, Run

MAY_END_MIN_ON = frozenset(
    {
        ReasonCode.FUSE,
        ReasonCode.IMPORT_CAP,
        ReasonCode.DIMMED,
        ReasonCode.ALWAYS_OFF,
        ReasonCode.SWITCH_OFF,
        ReasonCode.OVERRIDE,
        ReasonCode.NOT_ANSWERING,
        ReasonCode.ENGINE_FAULT,
    }
)
"""The only reasons for which a run may be shorter than min-on."""

TRIES = frozenset({"detecting", "waking"})
"""States in which a vehicle is offered current to learn something: no run that min-on would hold."""

QUIET_S = 10.0
"""So long after it was paused a sample of nothing is proof enough. [s]"""

_SLACK_S = 1e-6
_SLACK_A = 1e-6
_SLACK_W = 1.0
_NOBODY = Station(plugged=False, status=Status.AVAILABLE)


class Place:
    """One station in a run.

    Attributes:
        load: Its load.
        bay: Its plant.
        zone: The policy that it belongs to.
        visit: Whose vehicle the engine has been told of.
        limit_a: In force. [A]
        said: What the driver says; None: nobody is there, or nobody is asked.
        seen: What the engine sees of it.
        state: What the engine last said of its vehicle, at ``heard_at``.
        before: What it said of it last before that instant.
        why: Why it says so.
        heard_at: When it last said something.
        told_at: When it last set a limit.
        drawn_w: By the vehicle, up to now. [W]
        drawn_ws: By all vehicles so far, the register of its meter. [W s]
    """

    __slots__ = (
        "_lines", "bay", "before", "drawn_w", "drawn_ws", "heard_at", "limit_a", "load", "said", "seen", "state",
        "told_at", "visit", "why", "zone",
    )  # fmt: skip

    def __init__(self, load: Load, bay: Bay, zone: Zone) -> None:
        self.load = load
        self.bay = bay
        self.zone = zone
        self.visit: Visit | None = None
        self.limit_a = 0.0
        self.said: Need | None = None
        self.seen = _NOBODY
        self.state = self.before = ""
        self.why = ReasonCode.NO_VEHICLE
        self.heard_at = self.told_at = -inf
        self.drawn_w = self.drawn_ws = 0.0
        self._lines = [f"L{k + 1}" for k in range(bay.info.phases)]

    def offer_w(self) -> float:
        """Return what the vehicle may draw, 0 while nobody is there. [W]."""
        return 0.0 if self.visit is None else self.limit_a * self.bay.watts_per_a

    def charges(self) -> bool:
        """Tell whether the limit lets the vehicle charge."""
        return self.visit is not None and self.limit_a >= self.visit.kind.min_current_a - _SLACK_A

    def turn(self, t: Instant) -> None:
        """Let the engine see who has come or gone."""
        self.load.go(False, t, "")
        self.visit = visit = self.bay.visit
        self.drawn_w = 0.0
        self.said = None if visit is None else self._ask(visit, t)
        if visit is None:
            self.limit_a, self.seen = 0.0, replace(_NOBODY, sample=self._sample(t))
        else:
            self.limit_a = self.bay.info.safe_a
            tag = visit.user.upper() or None
            self.seen = Station(plugged=True, plugged_at=t, status=Status.PREPARING, id_tag=tag, sample=self._sample(t))

    def _ask(self, visit: Visit, t: Instant) -> Need | None:
        need = self.zone.need
        if need is None or not need.from_user or not visit.announced:
            return None
        at = nextafter(t, inf)  # what is said in the very instant in which the one before leaves would be that one's
        return Need(at=at, energy_wh=visit.said_wh, departure=visit.said_departure, by="driver")

    def look(self, t: Instant) -> bool:
        """Take a sample, while somebody is there and there is anything to say; return whether there was."""
        before = self.seen.sample
        if self.visit is None or (before is not None and (before.at >= t or self._is_quiet(before))):
            return False
        self.seen = replace(self.seen, sample=self._sample(t), status=self._status())
        return True

    def is_still(self, *, draws: bool) -> bool:
        """Tell whether all it says anew, while all goes on as it is, is that it still draws, or does not.

        Args:
            draws: Whether it must go on taking samples, since the vehicle draws; else it must draw nothing.
        """
        before = self.seen.sample
        if self.visit is None or before is None:
            return self.visit is None and not draws
        if self.limit_a < MIN_CURRENT_A - _SLACK_A:
            return not draws and self._is_quiet(before)
        return self.drawn_w == before.power_w and (draws or not self.drawn_w) and self.seen.status is self._status()

    def go_on(self, count: int, dt_s: float) -> list[float]:
        """Draw what is drawn for so many intervals; return what its meter read at the start of each. [Wh]"""
        energies_wh = []
        drawn_ws, draw_ws = self.drawn_ws, self.drawn_w * dt_s
        for _ in range(count):
            energies_wh.append(drawn_ws / 3600.0)
            drawn_ws += draw_ws
        self.drawn_ws = drawn_ws
        return energies_wh

    def _is_quiet(self, before: Sample) -> bool:
        """Tell whether it is paused and has already said, well after it was told to, that nothing is drawn."""
        paused = self.limit_a < MIN_CURRENT_A - _SLACK_A
        return paused and self.drawn_w == before.power_w == 0.0 and before.at >= self.told_at + QUIET_S

    def hear(self, one: StationDecision, t: Instant) -> None:
        """Note what was decided for it."""
        if t > self.heard_at:
            self.before, self.heard_at = self.state, t
        self.state, self.why = one.state, one.code

    def obey(self, command: SetLimit, t: Instant) -> bool:
        """Take a limit; return whether it ends a charge that was still in the middle of min-on."""
        was = self.charges()
        self.limit_a = command.limit_a
        self.told_at = t
        self.seen = replace(self.seen, accepted=LimitSeen(current_a=command.limit_a, at=command.at))
        if not was or self.charges():
            return False
        began = self.load.spans[-1].start if self.load.is_on else t
        ran_s = t - began
        self.load.go(False, t, "")
        early = 0.0 < ran_s < self.zone.min_on_s - _SLACK_S and self.bay.missing_wh > 0.0
        paused = command.limit_a < self.zone.min_current_a - _SLACK_A  # else it is the vehicle that needs more
        return early and paused and self.why not in MAY_END_MIN_ON and self.before not in TRIES

    def _sample(self, t: Instant) -> Sample:
        before = self.seen.sample
        if before is not None and before.power_w == self.drawn_w:  # the same vehicle: a new one draws nothing at first
            return replace(before, at=t, energy_wh=self.drawn_ws / 3600.0)
        vehicle = self.bay.vehicle
        drawn_a = (0.0, 0.0, 0.0) if vehicle is None else vehicle.currents_a(self.drawn_w)
        return Sample(
            at=t,
            power_w=self.drawn_w,
            current_a=dict(zip(self._lines, drawn_a, strict=False)),
            energy_wh=self.drawn_ws / 3600.0,
        )

    def _status(self) -> Status:
        if self.limit_a < MIN_CURRENT_A - _SLACK_A:
            return Status.SUSPENDED_EVSE
        return Status.CHARGING if self.drawn_w > 0.0 else Status.SUSPENDED_EV


class Garage:
    """All stations of a run.

    Attributes:
        stations: What the engine sees of them; the same object while nothing has changed.
        inputs: What drivers say, by zone; likewise.
    """

    __slots__ = ("_every", "_places", "_run", "_zones", "inputs", "stations")

    def __init__(self, run: Run) -> None:
        self._run = run
        zones = [zone for zone in run.game.site.zones if zone.name in run.game.zones]
        by_name = {zone.name: zone for zone in zones}
        self._places = {
            load.name: (k, Place(load, load.bay, by_name[load.policy.name]))
            for k, load in enumerate(run.loads)
            if load.bay is not None
        }
        self._every = list(self._places.values())
        self._zones = [
            (zone.max_power_w + _SLACK_W, [k for k, place in self._every if place.zone is zone]) for zone in zones
        ]
        self.stations: Mapping[StationId, Station] = {}
        self.inputs: Mapping[PolicyName, Inputs] = {}
        self._show()

    def turn(self, t: Instant, on_w: list[float]) -> None:
        """Notice who has come and gone; set what each may draw now."""
        for k, place in self._every:
            if place.bay.visit is not place.visit:
                was = place.said
                place.turn(t)
                on_w[k] = place.offer_w()
                if place.said is not was:
                    self._listen(place.zone)
                self._show()

    def is_still(self, stands: Collection[StationId]) -> bool:
        """Tell whether no station says anything new until somebody comes, goes, is told something, or draws otherwise.

        Args:
            stands: Stations at which a vehicle draws what it drew; nowhere else may any draw.
        """
        return all(place.is_still(draws=name in stands) for name, (_, place) in self._places.items())

    def go_on(self, stands: Collection[StationId], count: int, dt_s: float) -> dict[StationId, list[float]]:
        """Let stations draw what they draw for so many intervals; return what each read at their starts. [Wh]"""
        return {name: self._places[name][1].go_on(count, dt_s) for name in stands}

    def look(self, t: Instant) -> Mapping[int, float]:
        """Take samples; return what each station says is drawn, by its place among the loads. [W]"""
        looked = [place for _, place in self._every if place.visit is not None and place.look(t)]
        if looked:
            self._show()
        return {k: place.drawn_w for k, place in self._every}

    def hear(self, stations: Iterable[StationDecision], t: Instant) -> None:
        """Note what was decided for each station, before it obeys."""
        for one in stations:
            self._places[one.station][1].hear(one, t)

    def obey(self, command: SetLimit, t: Instant, on_w: list[float]) -> None:
        """Carry out a limit; count what it breaks."""
        k, place = self._places[command.station]
        if place.obey(command, t):
            place.load.short_runs += 1
        least_a = max(MIN_CURRENT_A, place.zone.min_current_a)
        if 0.0 < command.limit_a < least_a - _SLACK_A:
            self._run.below_minimum += 1
        on_w[k] = place.offer_w()
        self._show()

    def passed(self, t: Instant, pieces: Sequence[Piece]) -> None:
        """Note what was drawn from ``t`` on: runs of vehicles begin when they draw, and end when they do not."""
        for k, place in self._every:
            if place.visit is None:
                continue
            load, at = place.load, t
            for dt_s, draws in pieces:
                draw = draws[k]
                on = draw > 0.0 and place.charges()
                if on is not load.is_on:
                    load.go(on, at, place.why.value)
                place.drawn_w, place.drawn_ws = draw, place.drawn_ws + draw * dt_s
                at += dt_s

    def watch(self, first: int, end: int, pieces: Sequence[Piece]) -> None:
        """Note whose draw was forced by need in intervals of the same power, and count them if a zone drew too much."""
        for _, place in self._every:
            if place.why is ReasonCode.NEED_FORCED:
                place.load.forced[first:end] = [True] * (end - first)
        for most_w, own in self._zones:
            for _, draws in pieces:
                if sum([draws[k] for k in own]) > most_w:
                    self._run.zone_max += end - first
                    break

    def _listen(self, zone: Zone) -> None:
        places = [(name, place) for name, (_, place) in self._places.items() if place.zone is zone]
        needs = {name: place.said for name, place in places if place.said is not None}
        self.inputs = {**self.inputs, zone.name: Inputs(needs=needs)}

    def _show(self) -> None:
        self.stations = {name: place.seen for name, (_, place) in self._places.items()}
