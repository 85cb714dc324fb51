"""Everything that a zone asks of one of its stations and of the vehicle at it, in one step.

Slots, and everything set at the start: what is left to a default of the class costs more to look up than to set.
"""

from __future__ import annotations

from functools import lru_cache
from math import inf
from typing import TYPE_CHECKING, NamedTuple

from noonward.core import outstanding, vehicle
from noonward.core.detect import LINES
from noonward.core.model import ReasonCode as R
from noonward.core.model import Status
from noonward.core.pace import Thresholds
from noonward.core.sharing import MARGIN_A, Candidate
from noonward.core.units import power_w

if TYPE_CHECKING:
    from noonward.core.detect import Found
    from noonward.core.draw import Lines
    from noonward.core.model import (
        ChargeNow,
        Instant,
        Need,
        Station,
        StationInfo,
        StationState,
        Stayed,
        Zone,
    )

SAMPLE_OLD_S = 120.0
"""A sample older than this does not say what is drawn now. [s]"""

TURN_S = 3600.0
"""A turn lasts at least this long where not all fit, however short min-on is: each is one of a vehicle's few starts,
and few vehicles stay plugged in for more than ten rounds of hours. [s]"""

_NO_VEHICLE = R.NO_VEHICLE

_AHEAD_S = 1e9
"""Further back than anyone has queued. [s]"""

_SHUT = frozenset({Status.FAULTED, Status.UNAVAILABLE, Status.RESERVED})
"""States in which a station gives nothing whatever it is told."""

_IDLE = frozenset({"satisfied", "asleep", "needs-driver"})
"""A vehicle in these states takes nothing; it is offered what nobody else wants."""

_KINDS = 64
"""How many kinds of wiring are remembered: most sites have one or two."""


class Wiring(NamedTuple):
    """How a vehicle's current loads the grid.

    Attributes:
        phases: How many phases limits are converted with; unknown counts as all that there are.
        least_phases: How many its minimum is converted with.
        lines: Grid phases that it may load; all where the wiring is not known.
        loads: Of each grid phase, whether it may.
    """

    phases: int
    least_phases: int
    lines: tuple[int, ...]
    loads: tuple[bool, bool, bool]


@lru_cache(maxsize=_KINDS)
def _wiring(declared: int | None, phases: int, lines: tuple[int, ...], found: Found | None) -> Wiring:
    """Return how a vehicle loads the grid.

    Args:
        declared: Phases as the zone's file says; None: to be found out.
        phases: How many the station is wired to.
        lines: Grid phases behind them; empty where nobody declared them.
        found: What a test charge has shown.
    """
    known = _known_phases(declared, phases, found)
    uses = phases if known is None else min(phases, known)
    least = uses if found is None else min(phases, found.least)
    used = lines if lines and uses < len(LINES) else (1, 2, 3)
    if used is lines and found is not None and found.lines and "N" not in found.lines:
        wired = [lines[k] for k in (int(line[1]) - 1 for line in found.lines) if k < len(lines)]
        used = tuple(sorted(wired))
    one, two, three = (line in used for line in (1, 2, 3))
    return Wiring(uses, least, used, (one, two, three))


def _known_phases(declared: int | None, phases: int, found: Found | None) -> int | None:
    return 1 if phases == 1 else declared if found is None or found.phases is None else found.phases


class Berth:
    """A station, its vehicle, and what people want for it, in one step.

    Attributes:
        name: The station's id.
        info: What is configured of it.
        seen: What is seen of it.
        memory: What is remembered, this step's news included; :meth:`remember` sets it.
        session: Of its vehicle, as remembered.
        promise: What it was granted, as remembered.
        reason: Why its vehicle is as it is (``vehicle``).
        wish: "Charge now" that is in force for its vehicle.
        urgent: Why it is served before the sun: charge-now or need-forced; None: it is not.
        needs: What its driver needs, and is not charged yet.
        missing_wh: What of that is not charged yet. [Wh]
        most_w: The most that its vehicle draws, where something is needed. [W]
        latest: When charging must begin for that, others in need considered; unending where nothing is needed.
        due: By when that must be charged: at its departure, or before, where that is only guessed.
        guess_until: When that guess is over; None: nothing is guessed, or time tells nothing.
        planned: At which coverage a plan lets its vehicle start and pause; None: none does.
        takes_a: What it settled at below its limit; None while it takes what it gets. [A]
        stays: Past ones at this station, oldest first.
        wake_asked_at: When somebody asked for its vehicle to be woken.
        may_test: Whether the mode lets a test charge begin.
        kept: How many of its starts are kept for what it needs, should the sun not do.
    """

    __slots__ = (
        "_wiring",
        "due",
        "guess_until",
        "info",
        "kept",
        "latest",
        "may_test",
        "memory",
        "missing_wh",
        "most_w",
        "name",
        "needs",
        "now",
        "planned",
        "promise",
        "reason",
        "seen",
        "session",
        "stays",
        "takes_a",
        "urgent",
        "wake_asked_at",
        "wish",
        "zone",
    )

    def __init__(
        self, zone: Zone, name: str, info: StationInfo, seen: Station, memory: StationState, now: Instant
    ) -> None:
        self.zone = zone
        self.name = name
        self.info = info
        self.seen = seen
        self.now = now
        self.memory = memory
        self.session = memory.session
        self.promise = memory.promise
        self.reason = _NO_VEHICLE
        self.wish: ChargeNow | None = None
        self.urgent: R | None = None
        self.needs: Need | None = None
        self.missing_wh = 0.0
        self.most_w = 0.0
        self.latest: Instant = inf
        self.takes_a: float | None = None
        self.due: Instant = inf
        self.guess_until: Instant | None = None
        self.planned: Thresholds | None = None
        self.stays: tuple[Stayed, ...] = ()
        self.wake_asked_at: Instant | None = None
        self.may_test = True
        self.kept = 0
        self._wiring: Wiring | None = None

    def remember(self, memory: StationState) -> None:
        """Take what is remembered of it from now on."""
        if memory.found is not self.memory.found:
            self._wiring = None
        self.memory = memory
        self.session = memory.session
        self.promise = memory.promise

    # -- what there is ----------------------------------------------------------------------------------------------

    @property
    def told_a(self) -> float:
        """What it goes by, as far as it was told anything. [A]."""
        return self.memory.promise.told_a

    @property
    def thresholds(self) -> Thresholds:
        """At which coverage its vehicle starts and pauses."""
        return self.planned or Thresholds(self.zone.on_above, self.zone.off_below)

    def plugged(self) -> bool:
        """Tell whether a vehicle is there."""
        return self.session.state != "absent"

    def free(self) -> bool:
        """Tell whether no vehicle is there, and nothing that it was told can matter to anyone any more."""
        p, memory = self.promise, self.memory
        return (
            self.session.state == "absent"
            and p.granted_a is None
            and p.until is None
            and p.online
            and not (p.holds_a or p.misses or memory.moved_at)
            and memory.turn_since is None
        )

    def rests(self) -> bool:
        """Tell whether its vehicle waits in a pause: where no power is shared out nothing is to be done for it."""
        memory = self.memory
        return (
            self.urgent is None
            and memory.turn_since is None
            and outstanding.silent(self.promise, 0.0, self.now)
            and self.obeys()
            and not self.testing()
            and self.may_start()
            and self.session.state != "waking"
        )

    def obeys(self) -> bool:
        """Tell whether it can be given a turn: there, connected, not broken, and taken at its word."""
        seen = self.seen
        there = self.session.state != "absent" and seen.online and seen.status not in _SHUT
        return there and not self.promise.disbelieved()

    def idle(self) -> bool:
        """Tell whether its vehicle takes nothing."""
        return self.session.state in _IDLE

    def may_start(self) -> bool:
        """Tell whether another run may begin; the last one of a session waits until its need would be missed."""
        return vehicle.may_start(self.session, self.kept)

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
        min_on_s = self.zone.min_on_s
        return (since if since > turn else turn) + (min_on_s if min_on_s > TURN_S else TURN_S)

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
        since = self.session.current_since
        return since is not None and self.memory.turn_since is not None and self.now < since + self.zone.min_on_s

    # -- phases and power -------------------------------------------------------------------------------------------

    @property
    def wiring(self) -> Wiring:
        """How its vehicle's current loads the grid."""
        if self._wiring is None:
            self._wiring = _wiring(self.zone.phases, self.info.phases, self.info.lines, self.memory.found)
        return self._wiring

    def phases(self) -> int:
        """Return how many phases limits are converted with; unknown counts as all that there are."""
        return self.wiring.phases

    def known_phases(self) -> int | None:
        """Return how many phases the vehicle uses, None where nobody knows."""
        return _known_phases(self.zone.phases, self.info.phases, self.memory.found)

    def weights(self, voltage_v: float) -> tuple[float, ...]:
        """Return what one ampere of limit uses of power, of each grid phase, and of each phase's unbalance."""
        phases, lines = self.wiring.phases, self.on_lines(1.0)
        return phases * voltage_v, *lines, *(lines if phases < len(LINES) else (0.0, 0.0, 0.0))

    def on_lines(self, amperes: float) -> Lines:
        """Return a current on each grid phase that it may load. [A]."""
        one, two, three = self.wiring.loads
        return amperes if one else 0.0, amperes if two else 0.0, amperes if three else 0.0

    def drawn_w(self, voltage_v: float) -> float:
        """Return what it draws now: measured, else what it was told while it charges. [W]."""
        session = self.session
        if session.state == "absent":
            return 0.0
        sample, shown = self.seen.sample, session.drawn_w
        if shown is not None and sample is not None and self.now < sample.at + SAMPLE_OLD_S:
            return max(0.0, shown)
        if session.state != "charging" and self.seen.online:
            return 0.0
        limit_a = self.told_a if self.seen.online else self.promise.outstanding_a(self.now)
        return power_w(limit_a, self.wiring.phases, voltage_v)

    def granted_w(self, voltage_v: float) -> float:
        """Return what it may draw by the newest limit that it was told; nothing where it takes nothing. [W]."""
        if not self.plugged() or self.idle() or self.promise.granted_a is None:
            return 0.0
        return power_w(self.promise.granted_a, self.wiring.phases, voltage_v)

    def follows(self, at: Instant | None, voltage_v: float) -> bool:
        """Tell whether its vehicle was measured at this instant, and drew just what it was granted."""
        sample = self.seen.sample
        return (
            sample is not None
            and sample.at == at
            and bool(self.promise.granted_a)
            and self.drawn_w(voltage_v) == self.granted_w(voltage_v)
        )

    def ages(self) -> bool:
        """Tell whether it matters how old its sample is: else it counts as drawing nothing before and after."""
        session = self.session
        return session.state == "charging" or bool(session.drawn_w) or not self.seen.online

    def minimum_a(self) -> float:
        """Return the least that its vehicle may be offered; all where it does not modulate. [A]."""
        return self.zone.min_current_a if self.zone.modulates else self.info.max_a

    def capacity_w(self, voltage_v: float) -> float:
        """Return the most that its vehicle would draw. [W]."""
        takes = self.takes_a
        most_a = self.info.max_a if takes is None else min(self.info.max_a, max(self.minimum_a(), takes + MARGIN_A))
        return power_w(most_a, self.wiring.phases, voltage_v)

    def candidate(self, start_a: float) -> Candidate:
        """Return its vehicle as one among whom power is shared.

        Args:
            start_a: Least that makes it start now; for one that is woken, what it is woken with. [A]
        """
        wiring = self.wiring
        return Candidate(
            station=self.name,
            queued_at=self.queued_at(),
            min_a=self.zone.min_current_a,
            start_a=start_a,
            max_a=self.info.max_a,
            step_a=self.info.step_a,
            phases=wiring.phases,
            least_phases=wiring.least_phases,
            lines=wiring.lines,
            charging=self.session.state == "charging",
            held=self.held(),
            charge_now=self.urgent is not None,
            modulates=self.zone.modulates,
            takes_a=self.takes_a,
        )

    def minimum_w(self, voltage_v: float) -> float:
        """Return the least that its vehicle draws. [W]."""
        return power_w(self.minimum_a(), self.wiring.least_phases, voltage_v)
