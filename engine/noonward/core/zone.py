"""The rows of an EV zone: every mode, as literal tables.

A zone is in one of four states, and each says what its vehicles together are to draw: *off* nothing, *solar* what the
sun gives, *minimum* each vehicle's minimum, *full* up to the zone maximum. How much that is for each vehicle is worked
out afterwards (``charging``). Read a table from the top: the first row whose guards all hold decides.

Precedence, the same in every mode: envelope > fault > always-off, manual off > charge-now, boost > mode. The envelope
stands behind all of it (it bounds every current), and charge-now belongs to a vehicle, so neither moves the zone.

* Min-on is each vehicle's own. While it holds one, the zone does not leave for *off*: it waits in *minimum*.
* A held reading starts nothing and stops nothing that runs on sun; a window that closes meanwhile ends its run.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from noonward.core.circumstances import Circumstances
from noonward.core.model import NO_INPUTS, FailSafe, Mode
from noonward.core.model import ReasonCode as R
from noonward.core.surplus import FRESH, HELD, STALE
from noonward.core.table import Row, Table

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from noonward.core.berth import Berth
    from noonward.core.model import Inputs, Instant, Observation, Zone, ZoneState
    from noonward.core.modulate import Coverage

_CHARGE_NOW, _NEED_FORCED = R.CHARGE_NOW, R.NEED_FORCED

STATES = ("off", "solar", "minimum", "full")

BARRED = frozenset({R.ALWAYS_OFF, R.SWITCH_OFF, R.DARK_START})
"""Reasons that no charge-now and no min-on stands against."""

CAUSES = frozenset({R.SURPLUS, R.TIMER, R.ALWAYS_ON, R.SWITCH_ON, R.BOOST, R.METER_STALE})
"""Reasons that a run can be due to; the others only let it go on."""


def forced(memory: ZoneState) -> bool:
    """Tell whether a zone runs on something other than the sun: hysteresis of a sunny run is then not its own."""
    return memory.state in {"full", "minimum"} and memory.cause is not None


class ZoneSituation(Circumstances):
    """A zone's circumstances, and what only a zone has.

    Its ``surplus_w`` and ``available_w`` are for the vehicles that go by the zone's power.

    Attributes:
        zone: The policy.
        memory: What is remembered of it.
        berths: Its stations, in the order of the file.
        there: Those at which there is a vehicle.
        engaged: Those, and all that were told anything or may hold current; the others neither draw nor may.
        urgent: Why some of them are served before the sun.
        queue: Whose vehicles charge by the zone's power, in the order in which the surplus carries them; once counted.
        own_w: Draw of the vehicles that go by the zone's power: without charge-now and test charges. [W]
        coverage: How many vehicles the surplus carries after this step.
    """

    __slots__ = ("berths", "coverage", "engaged", "memory", "own_w", "queue", "there", "urgent", "zone")

    def __init__(
        self,
        zone: Zone,
        memory: ZoneState,
        inputs: Inputs,
        mode: Mode,
        now: Instant,
        observation: Observation,
        berths: Sequence[Berth],
    ) -> None:
        super().__init__(zone, inputs, mode, now, observation)
        self.zone = zone
        self.memory = memory
        self.berths = berths
        self.own_w = 0.0
        self.coverage: Coverage | None = None
        self.queue: Sequence[Berth] = ()
        self.engaged = [b for b in berths if not b.free()]
        self.there = [b for b in self.engaged if b.plugged()]
        self.urgent = [b.urgent for b in self.there if b.urgent is not None and b.obeys()]

    def guessed(self) -> bool:
        """Tell whether it is guessed what a vehicle needs."""
        return any(b.guess_until is not None for b in self.there)

    def carried(self) -> int:
        """Return how many vehicles the surplus carries."""
        return 0 if self.coverage is None else self.coverage.vehicles


GUARDS: Mapping[str, Callable[[ZoneSituation], bool]] = {
    # people
    "boost": lambda s: s.inputs is not NO_INPUTS and s.boosted(),
    "switch": lambda s: s.inputs.switch_on,
    "charge-now": lambda s: _CHARGE_NOW in s.urgent,
    "open": lambda s: any(b.needs is not None and not b.idle() and b.obeys() for b in s.there),
    "need": lambda s: _NEED_FORCED in s.urgent,
    # time
    "window": lambda s: s.window,
    "dark": lambda s: s.is_dark(),
    # vehicles
    "no vehicle": lambda s: not s.there,
    "nobody wants": lambda s: all(b.idle() for b in s.there),
    "min-on": lambda s: any(b.urgent is None and b.held() for b in s.there),
    # the meter
    "stale": lambda s: s.quality is STALE,
    "held": lambda s: s.quality is HELD,
    # surplus
    "carried": lambda s: s.carried() > 0,
    "fresh": lambda s: s.quality is FRESH,
    "taking": lambda s: s.taking,
    "short": lambda s: s.coverage is not None and s.coverage.short_since is not None,
    "enough": lambda s: s.coverage is not None and s.coverage.enough_since is not None,
    "preempted": lambda s: s.preempted,
}
"""Name of a guard to what it tests; the names are what people read in ``explain --table``."""


def _to(target: str, why: R, *guards: str, key: str = "mode") -> tuple[Row, ...]:
    """Write the row that leads from every state to one."""
    return tuple(Row(source, target, guards, why, key) for source in STATES)


def _stay(sources: Sequence[str], why: R, *guards: str, key: str = "mode") -> tuple[Row, ...]:
    """Write the row that leaves each of these states as it is."""
    return tuple(Row(source, source, guards, why, key) for source in sources)


def _rest(why: R, *guards: str, key: str = "mode") -> tuple[Row, ...]:
    """Write the rows by which a reason ends a run: vehicles in the middle of min-on keep their minimum until then."""
    return (
        *_to("minimum", R.MIN_ON, *guards, "min-on", key="vehicle"),
        *_to("off", R.CHARGE_NOW, *guards, "charge-now", key="charge_now"),
        *_to("off", R.NEED_FORCED, *guards, "need"),
        *_to("off", why, *guards, key=key),
    )


_EMPTY = _to("off", R.NO_VEHICLE, "no vehicle", key="stations")
_BOOST = _to("full", R.BOOST, "boost")
_WINDOW = _to("full", R.TIMER, "window", key="timers")

_STALE: Mapping[FailSafe, tuple[Row, ...]] = {
    FailSafe.RELEASE: _rest(R.METER_STALE, "stale", key="fail_safe"),
    FailSafe.KEEP: _stay(STATES, R.METER_STALE, "stale", key="fail_safe"),
    FailSafe.FORCE: _to("minimum", R.METER_STALE, "stale", key="fail_safe"),
}

_SURPLUS = (
    *_stay(("off", "solar"), R.METER_HELD, "held", key="fail_safe"),
    *_stay(("solar",), R.OFF_DELAY, "carried", "short", key="surplus"),
    *_to("solar", R.SURPLUS, "carried", "fresh", key="surplus"),
    *_stay(("off", "solar"), R.SETTLING, "taking", key="surplus"),
    *_to("minimum", R.MIN_ON, "min-on", key="vehicle"),
    *_to("off", R.CHARGE_NOW, "charge-now", key="charge_now"),
    *_to("off", R.NEED_FORCED, "need"),
    *_to("off", R.PREEMPTED, "preempted", key="priority"),
    *_to("off", R.SATISFIED, "nobody wants", key="stations"),
    *_to("off", R.ON_DELAY, "enough", key="surplus"),
)
_WAITS = _to("off", R.PLAN_WAITS, "open", key="plan")
_SHORT = _to("off", R.TOO_LITTLE_SURPLUS, key="surplus")


def _rows(mode: Mode, then: FailSafe, *, plan: bool) -> tuple[Row, ...]:
    """Put a mode's table together from the literal parts above."""
    surplus = (*_SURPLUS, *(_WAITS if plan else ()), *_SHORT)
    tables: Mapping[Mode, tuple[Row, ...]] = {
        Mode.AUTO_SOLAR: (*_EMPTY, *_BOOST, *_STALE[then], *surplus),
        Mode.AUTO_TIMER: (*_EMPTY, *_BOOST, *_WINDOW, *_STALE[then], *surplus),
        Mode.TIMER: (*_EMPTY, *_BOOST, *_WINDOW, *_rest(R.OUTSIDE_WINDOW, key="timers")),
        Mode.ALWAYS_ON: (*_EMPTY, *_to("full", R.ALWAYS_ON)),
        Mode.ALWAYS_OFF: _to("off", R.ALWAYS_OFF),
        Mode.MANUAL: (
            *_to("full", R.SWITCH_ON, "switch"),
            *_to("off", R.SWITCH_OFF),
        ),
    }
    return (*_to("off", R.DARK_START, "dark"), *tables[mode])


@lru_cache(maxsize=64)
def _compiled(mode: Mode, then: FailSafe, plan: bool) -> Table[ZoneSituation]:
    return Table(STATES, _rows(mode, then, plan=plan), GUARDS)


def table_for(zone: Zone, mode: Mode | None = None) -> Table[ZoneSituation]:
    """Return the compiled table of a zone in its own mode, or in an override's; zones of one shape share it."""
    mode = mode or zone.mode
    table: Table[ZoneSituation] | None = zone.tables.get(mode)
    if table is None:
        table = zone.tables[mode] = _compiled(mode, zone.then, zone.plan is not None)
    return table
