"""Everything that a zone asks of one of its stations and of the vehicle at it, in one step."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

from noonward.core import vehicle
from noonward.core.detect import LINES
from noonward.core.model import ReasonCode as R
from noonward.core.model import Session, StationState, Status
from noonward.core.pace import Thresholds
from noonward.core.sharing import MARGIN_A, Candidate, settled_a
from noonward.core.units import power_w

if TYPE_CHECKING:
    from noonward.core.detect import Found
    from noonward.core.draw import Lines
    from noonward.core.model import ChargeNow, Instant, Need, Station, StationInfo, Stayed, Zone
    from noonward.core.outstanding import Promise

SAMPLE_OLD_S = 120.0
"""A sample older than this does not say what is drawn now. [s]"""

TURN_S = 3600.0
"""A turn lasts at least this long where not all fit, however short min-on is: each is one of a vehicle's few starts,
and few vehicles stay plugged in for more than ten rounds of hours. [s]"""

_AHEAD_S = 1e9
"""Further back than anyone has queued. [s]"""

_SHUT = frozenset({Status.FAULTED, Status.UNAVAILABLE, Status.RESERVED})
"""States in which a station gives nothing whatever it is told."""

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
        missing_wh: What of that is not charged yet. [Wh]
        due: By when that must be charged: at its departure, or before, where that is only guessed.
        guess_until: When that guess is over; None: nothing is guessed, or time tells nothing.
        thresholds: At which coverage its vehicle starts and pauses.
        stays: Past ones at this station, oldest first.
        wake_asked_at: When somebody asked for its vehicle to be woken.
        may_test: Whether the mode lets a test charge begin.
    """

    __slots__ = (
        "_of", "_phases", "due", "guess_until", "info", "may_test", "memory", "missing_wh", "name", "needs", "now",
        "reason", "seen", "stays", "thresholds", "urgent", "wake_asked_at", "wish", "zone",
    )  # fmt: skip

    def __init__(self, zone: Zone, name: str, info: StationInfo, seen: Station, now: Instant) -> None:
        self.zone = zone
        self.name = name
        self.info = info
        self.seen = seen
        self.now = now
        self.reason = R.NO_VEHICLE
        self.wish: ChargeNow | None = None
        self.urgent: R | None = None
        self.wake_asked_at: Instant | None = None
        self.needs: Need | None = None
        self.missing_wh = 0.0
        self.due: Instant = inf
        self.guess_until: Instant | None = None
        self.stays: tuple[Stayed, ...] = ()
        self.thresholds = Thresholds(zone.on_above, zone.off_below)
        self.may_test = True
        self.memory = StationState()
        self._phases = 0
        self._of: Found | None = None

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
        if not self._phases or found is not self._of:
            known = self.known_phases()
            self._phases, self._of = self.info.phases if known is None else min(self.info.phases, known), found
        return self._phases

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
