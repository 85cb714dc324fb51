"""One charging station in one step: what it says is taken into what is remembered of it and of its vehicle.

Here meet the parts that know one thing each: what it may hold (``outstanding``), its vehicle's state (``vehicle``),
its phases (``detect``). What comes out is a :class:`Berth`: everything that a zone asks of a station.
"""

from __future__ import annotations

from dataclasses import replace
from math import inf
from typing import TYPE_CHECKING

from noonward.core import outstanding, vehicle
from noonward.core.detect import LINES, RAMP_S, Found, follow, recount
from noonward.core.model import Mode, Session, StationState, Status
from noonward.core.model import ReasonCode as R
from noonward.core.outstanding import Promise
from noonward.core.sharing import MARGIN_A, Candidate, settled_a
from noonward.core.units import current_a, power_w

if TYPE_CHECKING:
    from noonward.core.model import ChargeNow, Inputs, Instant, Need, Sample, Station, StationInfo, Zone
    from noonward.core.surplus import Lines

SAMPLE_OLD_S = 120.0
"""A sample older than this does not say what is drawn now. [s]"""

TURN_S = 3600.0
"""A turn lasts at least this long where not all fit, however short min-on is: each is one of a vehicle's few starts,
and few vehicles stay plugged in for more than ten rounds of hours. [s]"""

_AHEAD_S = 1e9
"""Further back than anyone has queued. [s]"""

FORCE_EARLY_S, FORCE_HOLD_S = 120.0, 600.0
"""A need is forced this long before it would be missed, and not let go again until this much is gained. [s]"""

_SHUT = frozenset({Status.FAULTED, Status.UNAVAILABLE, Status.RESERVED})
"""States in which a station gives nothing whatever it is told."""

_FORCED = frozenset({Mode.AUTO_SOLAR, Mode.AUTO_TIMER, Mode.TIMER})
"""Modes in which a driver's need starts a charge."""

_IDLE = frozenset({"satisfied", "asleep", "needs-driver"})
"""A vehicle in these states takes nothing; it is offered what nobody else wants."""


class Berth:
    """A station, its vehicle, and what people want for it, in one step.

    Attributes:
        name: The station's id.
        info: What is configured of it.
        seen: What is seen of it.
        memory: What is remembered, this step's news included.
        reason: Why its vehicle is as it is (``vehicle``).
        wish: "Charge now" that is in force for its vehicle.
        urgent: Why it is served before the sun: charge-now or need-forced; None: it is not.
        needs: What its driver needs, and is not charged yet.
        may_test: Whether the mode lets a test charge begin.
    """

    __slots__ = ("info", "may_test", "memory", "name", "needs", "now", "reason", "seen", "urgent", "wish", "zone")

    def __init__(self, zone: Zone, name: str, info: StationInfo, seen: Station, now: Instant) -> None:
        self.zone = zone
        self.name = name
        self.info = info
        self.seen = seen
        self.now = now
        self.reason = R.NO_VEHICLE
        self.wish: ChargeNow | None = None
        self.urgent: R | None = None
        self.needs: Need | None = None
        self.may_test = True
        self.memory = StationState()

    # -- what there is ----------------------------------------------------------------------------------------------

    @property
    def promise(self) -> Promise:
        """What it was granted."""
        return self.memory.promise

    @property
    def session(self) -> Session:
        """Of its vehicle."""
        return self.memory.session

    @property
    def told_a(self) -> float:
        """What it goes by, as far as it was told anything. [A]."""
        return self.memory.promise.told_a

    def plugged(self) -> bool:
        """Tell whether a vehicle is there."""
        return self.memory.session.state != "absent"

    def obeys(self) -> bool:
        """Tell whether it can be given a turn: there, connected, not broken, and taken at its word."""
        return self.plugged() and self.seen.online and self.seen.status not in _SHUT and not self.promise.disbelieved()

    def idle(self) -> bool:
        """Tell whether its vehicle takes nothing."""
        return self.session.state in _IDLE

    def testing(self) -> bool:
        """Tell whether a test charge runs, or is to be begun: at plug-in in every mode but outside a timer's window."""
        if self.memory.test is not None:
            return True
        untested = self.zone.phases is None and self.info.phases > 1 and self.memory.found is None
        return untested and self.may_test and self.obeys() and not self.idle() and vehicle.may_start(self.session)

    def min_on_until(self) -> Instant | None:
        """Return when min-on of this run ends; None: no run that it holds."""
        since = self.session.current_since
        return None if since is None or self.memory.turn_since is None else since + self.zone.min_on_s

    def turn_until(self) -> Instant:
        """Return when the turn of a charging vehicle is over and it queues anew."""
        since, turn = self.session.current_since, self.memory.turn_since
        if since is None or turn is None:
            return self.memory.queued_at
        return max(since, turn) + max(self.zone.min_on_s, TURN_S)

    def queued_at(self) -> Instant:
        """Return its place in the queue: whose turn it is before all who wait, who takes nothing behind them."""
        if self.idle():
            return inf
        if self.session.state != "charging" or self.memory.turn_since is None:
            return self.memory.queued_at
        over = self.turn_until()
        return over if self.now >= over else self.memory.queued_at - _AHEAD_S

    def held(self) -> bool:
        """Tell whether it is in the middle of min-on."""
        until = self.min_on_until()
        return until is not None and self.now < until

    # -- phases and power -------------------------------------------------------------------------------------------

    def phases(self) -> int:
        """Return how many phases limits are converted with; unknown counts as all that there are."""
        found = self.memory.found
        known = self.zone.phases if found is None or found.phases is None else found.phases
        return min(self.info.phases, 3 if known is None else known)

    def known_phases(self) -> int | None:
        """Return how many phases the vehicle uses, None where nobody knows."""
        found = self.memory.found
        known = self.zone.phases if found is None or found.phases is None else found.phases
        return 1 if self.info.phases == 1 else known

    def least_phases(self) -> int:
        """Return how many phases the minimum is converted with."""
        found = self.memory.found
        return min(self.info.phases, found.least) if found is not None else self.phases()

    def lines(self) -> tuple[int, ...]:
        """Return the grid phases that it may load; all where the wiring is not known."""
        if self.phases() == len(LINES) or not self.info.lines:
            return (1, 2, 3)
        found = self.memory.found
        if found is not None and found.lines and "N" not in found.lines:
            wired = [self.info.lines[k] for k in (int(line[1]) - 1 for line in found.lines) if k < len(self.info.lines)]
            return tuple(sorted(wired))
        return self.info.lines

    def weights(self, voltage_v: float) -> tuple[float, ...]:
        """Return what one ampere of limit uses of power, of each grid phase, and of each phase's unbalance."""
        phases, lines = self.phases(), self.on_lines(1.0)
        return phases * voltage_v, *lines, *(lines if phases < len(LINES) else (0.0, 0.0, 0.0))

    def on_lines(self, amperes: float) -> Lines:
        """Return a current on each grid phase that it may load. [A]."""
        lines = self.lines()
        one, two, three = (amperes if line in lines else 0.0 for line in (1, 2, 3))
        return one, two, three

    def drawn_w(self, voltage_v: float) -> float:
        """Return what it draws now: measured, else what it was told while it charges. [W]."""
        if not self.plugged():
            return 0.0
        sample = self.seen.sample
        shown = self.session.drawn_w
        if shown is not None and sample is not None and self.now < sample.at + SAMPLE_OLD_S:
            return max(0.0, shown)
        if self.session.state != "charging" and self.seen.online:
            return 0.0
        limit_a = self.told_a if self.seen.online else self.promise.outstanding_a(self.now)
        return power_w(limit_a, self.phases(), voltage_v)

    def granted_w(self, voltage_v: float) -> float:
        """Return what it may draw by the newest limit that it was told; nothing where it takes nothing. [W]."""
        if not self.plugged() or self.idle() or self.promise.granted_a is None:
            return 0.0
        return power_w(self.promise.granted_a, self.phases(), voltage_v)

    def minimum_a(self) -> float:
        """Return the least that its vehicle may be offered; all where it does not modulate. [A]."""
        return self.zone.min_current_a if self.zone.modulates else self.info.max_a

    def takes_a(self, voltage_v: float) -> float | None:
        """Return what its vehicle settled at below its limit; None while it takes what it gets. [A]."""
        if self.idle():
            return 0.0
        told = self.promise.granted_a
        return (
            None if told is None else settled_a(told, self.memory.raised_at, self.seen.sample, self.phases(), voltage_v)
        )

    def capacity_w(self, voltage_v: float) -> float:
        """Return the most that its vehicle would draw. [W]."""
        takes = self.takes_a(voltage_v)
        most_a = self.info.max_a if takes is None else min(self.info.max_a, max(self.minimum_a(), takes + MARGIN_A))
        return power_w(most_a, self.phases(), voltage_v)

    def candidate(self, start_a: float, voltage_v: float) -> Candidate:
        """Return its vehicle as one among whom power is shared.

        Args:
            start_a: Least that makes it start now; for one that is woken, what it is woken with. [A]
            voltage_v: Phase to neutral. [V]
        """
        charging = self.session.state == "charging"
        return Candidate(
            station=self.name,
            queued_at=self.queued_at(),
            min_a=self.zone.min_current_a,
            start_a=start_a,
            max_a=self.info.max_a,
            step_a=self.info.step_a,
            phases=self.phases(),
            least_phases=self.least_phases(),
            lines=self.lines(),
            charging=charging,
            held=self.held(),
            charge_now=self.urgent is not None,
            modulates=self.zone.modulates,
            takes_a=self.takes_a(voltage_v),
        )

    def minimum_w(self, voltage_v: float) -> float:
        """Return the least that its vehicle draws. [W]."""
        return power_w(self.minimum_a(), self.least_phases(), voltage_v)


def begin(info: StationInfo, seen: Station | None, memory: StationState | None) -> StationState:
    """Return what is remembered of a station, or what is taken to be so of one that is new.

    A vehicle that is there already may draw all that the station can. A station that was never heard of holds nothing:
    it may not be installed yet, and what it drew the grid meter would show.
    """
    if memory is None:
        there = seen is not None and seen.plugged is not False
        memory = StationState(promise=Promise(holds_a=info.max_a if there else 0.0, online=seen is not None))
    told, about = memory.promise, (info.max_a, info.safe_a, info.offline_a, info.window_s)
    if (told.max_a, told.safe_a, told.offline_a, told.window_s) != about:
        max_a, safe_a, offline_a, window_s = about
        told = replace(told, max_a=max_a, safe_a=safe_a, offline_a=offline_a, window_s=window_s)
        memory = replace(memory, promise=told)
    return memory


def note(berth: Berth, memory: StationState, voltage_v: float) -> None:
    """Take what the station says into what is remembered; sets ``memory`` and ``reason`` of the berth."""
    seen, now = berth.seen, berth.now
    if seen.plugged and seen.plugged_at is not None and seen.plugged_at != memory.plugged_at:
        if memory.session.state != "absent" and memory.plugged_at is not None:
            memory = _gone(memory, now)  # one vehicle went and the next came between two looks
        memory = replace(memory, plugged_at=seen.plugged_at)
    if seen.plugged is False and memory.session.state != "absent":
        memory = _gone(memory, now)
    promise = _promised(memory, seen, now)
    berth.memory = memory if promise is memory.promise else replace(memory, promise=promise)
    advance(berth, voltage_v)
    memory, session = berth.memory, berth.session
    if session.state != "absent" and not memory.queued_at:
        memory = replace(memory, queued_at=now)
    if seen.booted_at != memory.booted_at:
        memory = replace(memory, booted_at=seen.booted_at)
    berth.memory = memory
    _detect(berth, seen.sample, voltage_v)


def advance(berth: Berth, voltage_v: float) -> None:
    """Take the vehicle's state on, by what its station is told now, and hold what was measured against that.

    A pause that goes on says nothing new once it is proven.
    """
    memory = berth.memory
    session, berth.reason = vehicle.advance(
        memory.session,
        berth.seen,
        berth.now,
        told_a=memory.promise.granted_a,
        min_a=berth.zone.min_current_a,
        wake_after_s=berth.zone.wake_after_s,
    )
    if session is not memory.session:
        berth.memory = replace(memory, session=session)
    sample, promise = berth.seen.sample, memory.promise
    news = session.sample is sample or promise.holds_a != promise.granted_a
    if sample is not None and session.state != "absent" and news:
        _meter(berth, sample, voltage_v)


def _meter(berth: Berth, sample: Sample, voltage_v: float) -> None:
    """Hold what the station measured against what it was granted."""
    memory = berth.memory
    session, drawn = memory.session, sample.drawn_a()
    if drawn is None and session.drawn_w is not None and session.sample is sample:
        drawn = current_a(session.drawn_w, berth.phases(), voltage_v)
    if drawn is not None:
        promise = outstanding.metered(memory.promise, drawn, sample.at)
        if promise is not memory.promise:
            berth.memory = replace(memory, promise=promise)


def _gone(memory: StationState, now: Instant) -> StationState:
    """Return what is left when the vehicle is gone: nothing of it, and no wish that was set for it."""
    return StationState(
        session=Session(since=now),
        promise=outstanding.unplugged(memory.promise),
        unplugged_at=now,
        booted_at=memory.booted_at,
    )


def _promised(memory: StationState, seen: Station, now: Instant) -> Promise:
    """Return the promise after what happened to the station since the last look."""
    p = outstanding.connected(memory.promise, now, online=seen.online)
    if seen.plugged and memory.session.state == "absent":
        p = outstanding.plugged(p)
    if seen.booted_at is not None and seen.booted_at != memory.booted_at and memory.session.state != "absent":
        p = outstanding.rebooted(p)
    if seen.accepted is not None and p.granted_a is not None:
        p = outstanding.accepted(p, seen.accepted.at, now)
    return p


def _detect(berth: Berth, sample: Sample | None, voltage_v: float) -> None:
    """Follow the test charge that runs, or count phases anew while the vehicle charges."""
    memory, now = berth.memory, berth.now
    if berth.zone.phases is not None or berth.info.phases == 1:
        return
    if memory.test is not None:
        came = follow(memory.test, sample, now, plugged=berth.plugged(), voltage_v=voltage_v)
        if isinstance(came, Found):
            berth.memory = replace(memory, test=None, found=None if came.how == "aborted" else came)
        elif came is not memory.test:
            berth.memory = replace(memory, test=came)
        return
    if sample is None or not berth.plugged() or not berth.told_a or sample.at < memory.moved_at + RAMP_S:
        return
    found = recount(memory.found or Found(phases=None, how="unknown"), sample, berth.told_a)
    if found.phases is not None and found != memory.found:
        berth.memory = replace(memory, found=found)


def wish(berth: Berth, inputs: Inputs, mode: Mode, voltage_v: float) -> None:
    """Find out what people want of this station: charge-now, a standing wish, a need that is about to be missed."""
    memory, zone, now = berth.memory, berth.zone, berth.now
    asked = inputs.charge_now.get(berth.name)
    if asked is not None and zone.charge_now and asked.at > memory.unplugged_at:
        if memory.wished_at != asked.at:
            memory = replace(memory, wished_at=asked.at, wished_wh=memory.session.drew_wh)
        charged_wh = memory.session.drew_wh - memory.wished_wh
        ended = (asked.until is not None and now >= asked.until) or (
            asked.energy_wh is not None and charged_wh >= asked.energy_wh
        )
        berth.wish = None if ended else asked
    standing = berth.seen.id_tag is not None and berth.seen.id_tag.upper() in zone.always
    forced = False
    need = inputs.needs.get(berth.name)
    if need is not None and need.at > memory.unplugged_at and now < need.departure and berth.plugged():
        if memory.needed_at != need.at:
            memory = replace(memory, needed_at=need.at, needed_wh=memory.session.drew_wh)
        missing_wh = need.energy_wh - (memory.session.drew_wh - memory.needed_wh)
        if missing_wh > 0.0:
            berth.needs = need
            forced = mode in _FORCED and now >= latest_start(berth, need, missing_wh, memory, voltage_v)
    if berth.wish is not None or standing:
        berth.urgent = R.CHARGE_NOW
    elif forced:
        berth.urgent = R.NEED_FORCED
    if forced != memory.forced:
        memory = replace(memory, forced=forced)
    berth.memory = memory


def latest_start(berth: Berth, need: Need, missing_wh: float, memory: StationState, voltage_v: float) -> Instant:
    """Return when charging must begin for a need to be met at full power."""
    most_w = min(berth.zone.max_power_w, power_w(berth.info.max_a, berth.phases(), voltage_v))
    early_s = FORCE_HOLD_S if memory.forced else FORCE_EARLY_S
    return need.departure - missing_wh * 3600.0 / most_w - early_s
