"""Charging profiles as a station keeps and evaluates them (OCPP 1.6, 3.13 and 7.13; OCPP 2.0.1 part 2, K).

Of the profiles of one purpose that hold now, the one with the highest stack level counts. A profile of the transaction
replaces the default; the station's own maximum caps both.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from noonward.core.units import VOLTAGE_V

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from noonward.core.model import Instant

MAXIMUM: Final = frozenset({"ChargePointMaxProfile", "ChargingStationMaxProfile", "ChargingStationExternalConstraints"})
DEFAULT: Final = "TxDefaultProfile"
TRANSACTION: Final = "TxProfile"
KINDS: Final = frozenset({"Absolute", "Recurring", "Relative"})
PHASES_ASSUMED: Final = 3
"""Where ``numberPhases`` is absent (OCPP 1.6, 7.14)."""
_DAY_S: Final = 86400.0
_REPEATS: Final = {"Daily": _DAY_S, "Weekly": 7.0 * _DAY_S}


class Unreadable(ValueError):
    """A profile lacks what it needs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """What a profile allows at a moment.

    Attributes:
        limit_a: On each phase. [A]
        phases: ``numberPhases``, None where it is absent.
    """

    limit_a: float
    phases: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One installed profile.

    Attributes:
        id: Unique in the station.
        connector: Connector or EVSE; 0 is the whole station.
        purpose: As in its version of OCPP.
        stack: Higher wins.
        kind: Absolute, Relative or Recurring.
        unit: "A" or "W".
        periods: Start in seconds, limit, ``numberPhases``; ascending.
        start: Of an Absolute or Recurring schedule; None: when it was installed.
        installed: When it was.
        duration_s: The schedule ends then. [s]
        repeats_s: Of a Recurring one. [s]
        valid_from, valid_to: It counts only between them.
        transaction: It belongs to; None: to the one that is running.
        raw: As it was received.
    """

    id: int
    connector: int
    purpose: str
    stack: int
    kind: str
    unit: str
    periods: tuple[tuple[float, float, int | None], ...]
    start: Instant | None
    installed: Instant
    duration_s: float
    repeats_s: float | None
    valid_from: Instant
    valid_to: Instant
    transaction: str | None
    raw: dict[str, Any]

    def begins(self, t: Instant, started: Instant | None) -> Instant | None:
        """Return when the schedule that may hold at ``t`` began; None where it has no beginning yet."""
        if self.kind == "Relative":
            return started
        start = self.installed if self.start is None else self.start
        if self.repeats_s is None:
            return start
        return start + math.floor((t - start) / self.repeats_s) * self.repeats_s

    def allows(self, t: Instant, started: Instant | None, *, ignores_phases: bool = False) -> Allowance | None:
        """Return what it allows at ``t``, None where it does not hold.

        Args:
            t: By the station's clock.
            started: When the transaction began, by the station's clock.
            ignores_phases: Watts are on three phases, whatever it says.
        """
        begun = self.begins(t, started)
        if begun is None or not self.valid_from <= t < self.valid_to or not 0.0 <= t - begun < self.duration_s:
            return None
        reached = [period for period in self.periods if begun + period[0] <= t]
        if not reached:
            return None
        _, limit, phases = reached[-1]
        if self.unit == "W":
            limit /= VOLTAGE_V * (PHASES_ASSUMED if ignores_phases or phases is None else phases)
        return Allowance(limit_a=limit, phases=phases)

    def edges(self, t: Instant, started: Instant | None) -> Iterator[Instant]:
        """Return moments after ``t`` at which it may come to allow something else."""
        begun = self.begins(t, started)
        if begun is not None:
            rounds = (0.0,) if self.repeats_s is None else (0.0, self.repeats_s)
            for offset in rounds:
                yield from (begun + offset + start for start, _, _ in self.periods)
                yield begun + offset + self.duration_s
        yield from (self.valid_from, self.valid_to)


class Profiles:
    """The profiles of a station."""

    def __init__(self) -> None:
        self._installed: dict[int, Profile] = {}

    def __iter__(self) -> Iterator[Profile]:
        return iter(self._installed.values())

    def install(self, profile: Profile) -> None:
        """Put a profile in; one of the same id, or of the same place, purpose and stack level, makes way."""
        self.remove(
            lambda old: (
                old.id == profile.id
                or (old.connector, old.purpose, old.stack) == (profile.connector, profile.purpose, profile.stack)
            )
        )
        self._installed[profile.id] = profile

    def remove(self, which: Callable[[Profile], bool]) -> int:
        """Forget the profiles that ``which`` names, and return how many there were."""
        gone = [profile.id for profile in self if which(profile)]
        for ident in gone:
            del self._installed[ident]
        return len(gone)

    def allows(
        self,
        connector: int,
        t: Instant,
        *,
        transaction: str | None,
        started: Instant | None,
        ignores_phases: bool = False,
        ignores_connector_0: bool = False,
    ) -> Allowance | None:
        """Return what they allow a connector together, None where nothing limits it."""

        def best(purposes: frozenset[str], connectors: tuple[int, ...]) -> Allowance | None:
            ranked = sorted(
                (p for p in self if p.purpose in purposes and p.connector in connectors),
                key=lambda p: (p.stack, p.connector),
                reverse=True,
            )
            fits = (p for p in ranked if p.transaction is None or p.transaction == transaction)
            found = (p.allows(t, started, ignores_phases=ignores_phases) for p in fits)
            return next((allowance for allowance in found if allowance is not None), None)

        everywhere = (connector,) if ignores_connector_0 else (connector, 0)
        own = best(frozenset({TRANSACTION}), (connector,)) if started is not None else None
        held = own if own is not None else best(frozenset({DEFAULT}), everywhere)
        cap = best(MAXIMUM, (0, connector))
        if held is None or cap is None:
            return held or cap
        return Allowance(limit_a=min(held.limit_a, cap.limit_a), phases=held.phases)

    def next_edge(self, t: Instant, started: Instant | None) -> Instant:
        """Return the first moment after ``t`` at which time alone may change what they allow; infinite for never."""
        return min((edge for profile in self for edge in profile.edges(t, started) if edge > t), default=math.inf)


def read(raw: dict[str, Any], connector: int, now: Instant) -> Profile:
    """Read a profile of either version; of several schedules the first.

    Raises:
        Unreadable: It lacks something.
    """
    try:
        schedule = raw["chargingSchedule"]
        schedule = schedule[0] if isinstance(schedule, list) else schedule
        periods = tuple(
            (float(row["startPeriod"]), float(row["limit"]), row.get("numberPhases"))
            for row in schedule["chargingSchedulePeriod"]
        )
        profile = Profile(
            id=int(raw["id"] if "id" in raw else raw["chargingProfileId"]),
            connector=connector,
            purpose=str(raw["chargingProfilePurpose"]),
            stack=int(raw["stackLevel"]),
            kind=str(raw["chargingProfileKind"]),
            unit=str(schedule["chargingRateUnit"]),
            periods=periods,
            start=_instant(schedule.get("startSchedule")),
            installed=now,
            duration_s=float(schedule.get("duration", math.inf)),
            repeats_s=_REPEATS[raw["recurrencyKind"]] if raw["chargingProfileKind"] == "Recurring" else None,
            valid_from=_instant(raw.get("validFrom")) or -math.inf,
            valid_to=_instant(raw.get("validTo")) or math.inf,
            transaction=None if raw.get("transactionId") is None else str(raw["transactionId"]),
            raw=raw,
        )
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise Unreadable(f"the profile cannot be read: {error!r}") from error
    if profile.kind not in KINDS:
        raise Unreadable(f"{profile.kind} is no kind of profile")
    if not periods or periods[0][0] != 0.0 or any(later[0] <= earlier[0] for earlier, later in pairwise(periods)):
        raise Unreadable("periods begin at 0 and ascend")
    return profile


def _instant(written: str | None) -> Instant | None:
    if written is None:
        return None
    moment = datetime.fromisoformat(written)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
