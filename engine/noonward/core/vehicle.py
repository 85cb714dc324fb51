"""Asleep, waking, satisfied: telling apart why a vehicle that is offered current draws none.

A vehicle that stops by itself after it drew something is *satisfied*. One that draws nothing for ``wake_after`` after
current was offered is *asleep*, also when it slept in during a pause. It gets three wake attempts a plug-in, for
vehicles lock themselves after about ten interruptions; then it needs its driver. Who stands beside it may ask for one
attempt more, at once. Whatever draws is *charging*.

Only a measurement tells that nothing is drawn, or the station's word that the *vehicle* suspends where it measures
nothing; "suspended-evse" and silence say nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from noonward.core.records import replace
from noonward.core.stations import Session, Station, Status
from noonward.core.table import Row, Table
from noonward.core.units import VOLTAGE_V
from noonward.core.words import ReasonCode as R

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from noonward.core.stations import Sample
    from noonward.core.words import Instant

LOW_W = 50.0
"""Below this a vehicle charges nothing; its own electronics take as much. [W]"""

DREW_WH = 100.0
"""A vehicle that drew this much in its session was awake. [Wh]"""

STOPPED_S = 60.0
"""A charging vehicle that pauses for less than this has not stopped; one that slept through a pause of the zone may
take as long to come by itself before it is woken. [s]"""

STARTS = 10
"""Runs in one session; vehicles are known to lock after ten interruptions."""

GAP_S = 300.0
"""What a sample shows is not taken to last longer than this. [s]"""


_SLACK = 1e-6
_QUIET = frozenset({Status.SUSPENDED_EV, Status.PREPARING})


class Attempt(NamedTuple):
    """One way to wake a vehicle: nothing for a while, then more than the minimum.

    Attributes:
        after_s: How long it is left asleep before. [s]
        rest_s: How long it is offered nothing. [s]
        offer_a: What it is offered then, unless the minimum is more. [A]
        offer_s: For how long. [s]
    """

    after_s: float
    rest_s: float
    offer_a: float
    offer_s: float


WAKE = (Attempt(0.0, 15.0, 10.0, 60.0), Attempt(300.0, 60.0, 16.0, 60.0), Attempt(300.0, 60.0, 16.0, 60.0))

STATES = ("absent", "paused", "offered", "charging", "satisfied", "asleep", "waking", "needs-driver")
ROWS = (
    Row("absent", "paused", ("plugged",), R.SETTLING),
    Row("absent", "absent", (), R.NO_VEHICLE),
    Row("paused", "absent", ("unplugged",), R.NO_VEHICLE),
    Row("paused", "offered", ("offered",), R.SETTLING),
    Row("paused", "paused", (), R.SETTLING),
    Row("offered", "absent", ("unplugged",), R.NO_VEHICLE),
    Row("offered", "paused", ("withdrawn",), R.SETTLING),
    Row("offered", "charging", ("draws",), R.SETTLING),
    Row("offered", "asleep", ("slept",), R.ASLEEP, "vehicle"),
    Row("offered", "offered", (), R.SETTLING),
    Row("charging", "absent", ("unplugged",), R.NO_VEHICLE),
    Row("charging", "paused", ("withdrawn",), R.SETTLING),
    Row("charging", "satisfied", ("stopped", "drew"), R.SATISFIED),
    Row("charging", "asleep", ("slept",), R.ASLEEP, "vehicle"),
    Row("charging", "charging", (), R.SETTLING),
    Row("satisfied", "absent", ("unplugged",), R.NO_VEHICLE),
    Row("satisfied", "charging", ("offered", "draws"), R.SETTLING),
    Row("satisfied", "satisfied", (), R.SATISFIED),
    Row("asleep", "absent", ("unplugged",), R.NO_VEHICLE),
    Row("asleep", "charging", ("offered", "draws"), R.SETTLING),
    Row("asleep", "waking", ("offered", "asked"), R.WAKING, "vehicle"),
    Row("asleep", "needs-driver", ("exhausted",), R.ASLEEP, "vehicle"),
    Row("asleep", "waking", ("offered", "rested"), R.WAKING, "vehicle"),
    Row("asleep", "asleep", (), R.ASLEEP, "vehicle"),
    Row("waking", "absent", ("unplugged",), R.NO_VEHICLE),
    Row("waking", "charging", ("offered", "draws"), R.SETTLING),
    Row("waking", "asleep", ("tried",), R.ASLEEP, "vehicle"),
    Row("waking", "waking", (), R.WAKING, "vehicle"),
    Row("needs-driver", "absent", ("unplugged",), R.NO_VEHICLE),
    Row("needs-driver", "charging", ("offered", "draws"), R.SETTLING),
    Row("needs-driver", "waking", ("offered", "asked"), R.WAKING, "vehicle"),
    Row("needs-driver", "needs-driver", (), R.ASLEEP, "vehicle"),
)
"""Where the reason is ``settling`` the vehicle stands in nobody's way, and the zone's own reason is told."""


class Situation:
    """One vehicle in one step: what the guards look at."""

    __slots__ = ("asked_at", "now", "session", "station", "wake_after_s")

    def __init__(
        self, session: Session, station: Station, now: Instant, wake_after_s: float, asked_at: Instant | None
    ) -> None:
        self.session = session
        self.station = station
        self.now = now
        self.wake_after_s = wake_after_s
        self.asked_at = asked_at

    def low_for(self, duration_s: float) -> bool:
        """Tell whether it has drawn next to nothing for so long, offered all the time."""
        since = self.session.low_since
        return since is not None and self.now >= since + duration_s

    def in_state_for(self, duration_s: float) -> bool:
        """Tell whether its state has lasted for so long."""
        return self.now >= self.session.since + duration_s

    def asked(self) -> bool:
        """Tell whether somebody asked for it to be woken since it came into its state."""
        return self.asked_at is not None and self.asked_at > self.session.since


GUARDS: Mapping[str, Callable[[Situation], bool]] = {
    "plugged": lambda s: s.station.plugged is True,
    "unplugged": lambda s: s.station.plugged is False,
    "offered": lambda s: s.session.offered_since is not None,
    "withdrawn": lambda s: s.session.offered_since is None,
    "draws": lambda s: (_shown_w(s.session, s.now) or 0.0) >= LOW_W,
    "drew": lambda s: s.session.drew_wh >= DREW_WH,
    "stopped": lambda s: s.low_for(STOPPED_S),
    "slept": lambda s: s.low_for(s.wake_after_s),
    "asked": lambda s: s.asked(),
    "exhausted": lambda s: s.session.attempts >= len(WAKE),
    "rested": lambda s: s.in_state_for(WAKE[s.session.attempts].after_s) and s.low_for(STOPPED_S),
    "tried": lambda s: s.in_state_for(_length_s(s.session)),
}
TABLE: Table[Situation] = Table(STATES, ROWS, GUARDS)


def advance(
    session: Session,
    station: Station,
    now: Instant,
    *,
    told_a: float | None,
    min_a: float,
    wake_after_s: float,
    asked_at: Instant | None = None,
) -> tuple[Session, R]:
    """Return what is remembered after this step, the same object where nothing changed, and the vehicle's reason.

    Args:
        session: Remembered so far.
        station: Seen now.
        now: The moment.
        told_a: The newest limit that was sent to the station; None where it was told nothing. [A]
        min_a: From this limit on the vehicle counts as offered current. [A]
        wake_after_s: How long it may draw nothing before it counts as asleep. [s]
        asked_at: When somebody asked for it to be woken; None: nobody did.
    """
    session = _note(session, station, now, told_a, min_a)
    for _ in STATES:
        number = TABLE.first(TABLE.level[session.state], Situation(session, station, now, wake_after_s, asked_at))
        row = TABLE.rows[number]
        if row.source == row.target:
            return session, row.why
        TABLE.fire(number)
        session = _enter(session, row.target, now)
    raise RuntimeError(f"the vehicle does not come to rest: {session.state}")  # pragma: no cover


def wanted_a(session: Session, now: Instant, min_a: float) -> float | None:
    """Return what a wake attempt wants it to be offered, for the zone to cut; None: the zone decides alone. [A]."""
    if session.state != "waking":
        return None
    attempt = WAKE[session.attempts - 1]
    return 0.0 if now < session.since + attempt.rest_s else max(min_a, attempt.offer_a)


def may_start(session: Session, kept: int = 0) -> bool:
    """Tell whether another run may begin in this session, and so many after it; a run that goes on is none."""
    return session.state == "charging" or session.starts < STARTS - kept


def last_run(session: Session) -> bool:
    """Tell whether it charges, and no other run may follow."""
    return session.state == "charging" and session.starts >= STARTS


def wake_at(session: Session, now: Instant, wake_after_s: float) -> Instant | None:
    """Return the next moment at which time alone changes the vehicle's state or what it is to be offered.

    That its sample grows old (:data:`GAP_S`) is left out.

    Args:
        session: Remembered.
        now: The moment.
        wake_after_s: How long it may draw nothing before it counts as asleep. [s]
    """
    low, since = session.low_since, session.since
    moments: list[Instant] = []
    if low is not None and session.state in {"offered", "charging"}:
        moments = [low + wake_after_s, *([low + STOPPED_S] if session.state == "charging" else [])]
    elif session.state == "asleep" and session.attempts < len(WAKE):
        moments = [since + WAKE[session.attempts].after_s, *([low + STOPPED_S] if low is not None else [])]
    elif session.state == "waking":
        moments = [since + WAKE[session.attempts - 1].rest_s, since + _length_s(session)]
    return min((m for m in moments if m > now), default=None) if moments else None


def drawn_w(sample: Sample, before: Sample | None = None) -> float | None:
    """Return the power that a sample shows: measured, or from its currents, or from the register's rise. [W]."""
    if sample.power_w is not None:
        return sample.power_w
    if sample.current_a:
        lines = [a for name, a in sample.current_a.items() if name != "N"]
        return VOLTAGE_V * (sum(lines) or sample.current_a.get("N", 0.0))
    if sample.energy_wh is None or before is None or before.energy_wh is None or sample.at <= before.at:
        return None
    return (sample.energy_wh - before.energy_wh) * 3600.0 / (sample.at - before.at)


def _note(session: Session, station: Station, now: Instant, told_a: float | None, min_a: float) -> Session:
    """Take the numbers of this step: since when it is offered current and draws none, and how much it drew."""
    offered = told_a is not None and told_a >= min_a - _SLACK and station.plugged is not False
    offered_since = (now if session.offered_since is None else session.offered_since) if offered else None
    if offered_since != session.offered_since:
        session = replace(session, offered_since=offered_since)
    sample = station.sample
    if sample is not None and station.plugged and _news(session, sample):
        drew = session.drew_wh + _rise_wh(session, sample)
        session = replace(session, sample=sample, drawn_w=drawn_w(sample, session.sample), drew_wh=drew)
    shown = _shown_w(session, now)
    low = offered and (station.status in _QUIET if shown is None else shown < LOW_W)
    low_since = (now if session.low_since is None else session.low_since) if low else None
    return session if low_since == session.low_since else replace(session, low_since=low_since)


def _news(session: Session, sample: Sample) -> bool:
    """Tell whether a sample says anything new; while nothing is offered one that repeats the last does not."""
    before = session.sample
    if before is None or sample.at <= before.at:
        return before is None
    if session.offered_since is not None or session.drawn_w:
        return True
    return (sample.power_w, sample.current_a, sample.energy_wh) != (before.power_w, before.current_a, before.energy_wh)


def _shown_w(session: Session, now: Instant) -> float | None:
    """Return what it draws by a sample taken since current was offered; None where there is none. [W]."""
    sample, since = session.sample, session.offered_since
    if sample is None or since is None or sample.at < since or now >= sample.at + GAP_S:
        return None
    return session.drawn_w


def _rise_wh(session: Session, sample: Sample) -> float:
    """Return what was drawn between two samples: by the register, else by the power before. [Wh]."""
    before = session.sample
    if before is None:
        return 0.0
    if sample.energy_wh is not None and before.energy_wh is not None:
        return max(0.0, sample.energy_wh - before.energy_wh)
    return (session.drawn_w or 0.0) * min(sample.at - before.at, GAP_S) / 3600.0


def _enter(session: Session, state: str, now: Instant) -> Session:
    """Return the session in its new state."""
    if state == "absent":
        return Session(since=now)
    charging = state == "charging"
    return replace(
        session,
        state=state,
        since=now,
        current_since=now if charging else None,
        starts=session.starts + charging,
        attempts=min(session.attempts + (state == "waking"), len(WAKE)),
    )


def _length_s(session: Session) -> float:
    attempt = WAKE[session.attempts - 1]
    return attempt.rest_s + attempt.offer_s
