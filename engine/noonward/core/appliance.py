"""The rows of a relay appliance: every mode, as literal tables.

Read a table from the top: the first row whose guards all hold decides. Rows that lead from a state to itself say why
nothing changes. OFF and ON, UP and DOWN are places (``table.py``): ON is any running stage, UP and DOWN its neighbours.

Precedence, the same in every mode: envelope > device fault > always-off, manual off > boost > mode.

* *enough*: surplus ≥ on_above of the next stage for on_delay; *carried*: not below off_below of the present one.
* Hysteresis belongs to a run that surplus started. What a timer, a switch or a boost started is kept on by surplus only
  where surplus would start it now (*covers*); then the run is the surplus' own.
* Min-on forbids stage 0 and nothing else.
* With a plan a need is what the load is for: once it is met, the load rests until the next period. Without one the
  need is the least, and surplus goes on starting it.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from noonward.core.model import NO_INPUTS, FailSafe, Mode
from noonward.core.model import ReasonCode as R
from noonward.core.sgready import state_names
from noonward.core.surplus import FRESH, HELD, STALE
from noonward.core.table import DOWN, OFF, ON, UP, Row, Table

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from noonward.core.model import Appliance
    from noonward.core.situation import Situation

CAUSES = frozenset(
    {R.SURPLUS, R.TIMER, R.ALWAYS_ON, R.SWITCH_ON, R.BOOST, R.NEED_FORCED, R.METER_STALE},
)
"""Reasons that a run can be due to; the others (min-on, delays) only let it go on."""

_DIMMED, _FUSE, _IMPORT_CAP = R.DIMMED, R.FUSE, R.IMPORT_CAP

GUARDS: Mapping[str, Callable[[Situation], bool]] = {
    # people
    "boost": lambda s: s.inputs is not NO_INPUTS and s.boosted(),
    "switch": lambda s: s.inputs.switch_on,
    # needs
    "forced": lambda s: s.forced,
    "open": lambda s: s.need is not None,
    "met": lambda s: s.met,
    # time
    "window": lambda s: s.window,
    "min-on": lambda s: s.min_on_running(),
    "min-on over": lambda s: not s.min_on_running(),
    "min-off": lambda s: s.min_off_running(),
    "dark": lambda s: s.is_dark(),
    "stage settled": lambda s: s.stage_settled(),
    # the meter
    "stale": lambda s: s.quality is STALE,
    "held": lambda s: s.quality is HELD,
    "not yet seen": lambda s: not s.known,
    # surplus
    "enough": lambda s: s.enough() and s.quality is FRESH,
    "covers next": lambda s: s.machine.enough_since is not None and s.quality is FRESH,
    "covers": lambda s: s.quality is FRESH and s.surplus_w >= s.on_above_w[s.level - 1],
    "carried": lambda s: s.machine.short_since is None,
    "not short yet": lambda s: not s.short(),
    "by surplus": lambda s: s.by_surplus(),
    "taking": lambda s: s.taking,
    "preempted": lambda s: s.preempted,
    # offers to a heat pump
    "refused": lambda s: s.refused(),
    "resting": lambda s: s.resting(),
    # envelope and device
    "over dim": lambda s: s.over is _DIMMED,
    "over fuse": lambda s: s.over is _FUSE,
    "over cap": lambda s: s.over is _IMPORT_CAP,
    "dim full": lambda s: s.blocked is _DIMMED,
    "fuse full": lambda s: s.blocked is _FUSE,
    "cap full": lambda s: s.blocked is _IMPORT_CAP,
    "room": lambda s: s.blocked is None,
    "let go": lambda s: s.let_go,
}
"""Name of a guard to what it tests; the names are what people read in ``explain --table``."""

BLOCKS = (
    ("min-off", R.MIN_OFF, "load"),
    ("dark", R.DARK_START, "mode"),
    ("dim full", R.DIMMED, "mode"),
    ("fuse full", R.FUSE, "mode"),
    ("cap full", R.IMPORT_CAP, "mode"),
)
"""What can stand in the way of every start, in the order in which it is reported."""

ENVELOPE_AND_FAULT = (
    Row(ON, DOWN, ("over dim",), R.DIMMED),
    Row(ON, DOWN, ("over fuse",), R.FUSE),
    Row(ON, DOWN, ("over cap",), R.IMPORT_CAP),
    Row(ON, OFF, ("let go",), R.NOT_ANSWERING, "relays"),
)


def _start(why: R, *guards: str, key: str = "mode") -> tuple[Row, ...]:
    """Write the rows by which a reason starts a run, or says what is in its way."""
    return (
        *(Row(OFF, OFF, (*guards, block), code, place) for block, code, place in BLOCKS),
        Row(OFF, UP, guards, why, key),
    )


def _hold(why: R, *guards: str, key: str = "mode") -> tuple[Row, ...]:
    """Write the rows by which a reason keeps a run on and takes it to the highest stage, one settle at a time."""
    return (
        Row(ON, UP, (*guards, "room", "stage settled"), why, key),
        Row(ON, ON, guards, why, key),
    )


def _stop(why: R, key: str = "mode") -> tuple[Row, ...]:
    """Write the rows by which a run without a live reason ends: after min-on, one stage at a time."""
    return (
        Row(ON, ON, ("min-on",), R.MIN_ON, "load"),
        Row(ON, DOWN, ("stage settled",), why, key),
        Row(ON, ON, (), R.SETTLING, key),
    )


_BOOST = (*_start(R.BOOST, "boost"), *_hold(R.BOOST, "boost"))
_WINDOW = (*_start(R.TIMER, "window", key="timers"), *_hold(R.TIMER, "window", key="timers"))

_NEED = (*_start(R.NEED_FORCED, "forced", key="need"), *_hold(R.NEED_FORCED, "forced", key="need"))
_MET = (
    Row(OFF, OFF, ("met",), R.SATISFIED, "need"),
    Row(ON, ON, ("met", "min-on"), R.MIN_ON, "load"),
    Row(ON, DOWN, ("met", "stage settled"), R.SATISFIED, "need"),
    Row(ON, ON, ("met",), R.SETTLING, "need"),
)
_WAITS = (Row(OFF, OFF, ("open",), R.PLAN_WAITS, "plan"),)

_STALE: Mapping[FailSafe, tuple[Row, ...]] = {
    FailSafe.RELEASE: (
        Row(OFF, OFF, ("stale",), R.METER_STALE, "fail_safe"),
        Row(ON, ON, ("stale", "min-on"), R.MIN_ON, "load"),
        Row(ON, DOWN, ("stale", "stage settled"), R.METER_STALE, "fail_safe"),
        Row(ON, ON, ("stale",), R.SETTLING, "fail_safe"),
    ),
    FailSafe.KEEP: (
        Row(OFF, OFF, ("stale",), R.METER_STALE, "fail_safe"),
        Row(ON, ON, ("stale",), R.METER_STALE, "fail_safe"),
    ),
    FailSafe.FORCE: (
        *_start(R.METER_STALE, "stale", key="fail_safe"),
        *_hold(R.METER_STALE, "stale", key="fail_safe"),
    ),
}

_OFFERS = (
    Row(OFF, OFF, ("resting",), R.SATISFIED, "refused_after"),
    Row(ON, DOWN, ("refused", "min-on over", "stage settled"), R.SATISFIED, "refused_after"),
)

_STARTING = (
    Row(OFF, OFF, ("held",), R.METER_HELD, "fail_safe"),
    Row(OFF, OFF, ("taking",), R.SETTLING, "surplus"),
    Row(OFF, OFF, ("enough", "not yet seen"), R.SETTLING, "surplus"),
    *_start(R.SURPLUS, "enough", key="surplus"),
    Row(OFF, OFF, ("covers next",), R.ON_DELAY, "surplus"),
)
_SURPLUS = (
    Row(OFF, OFF, (), R.TOO_LITTLE_SURPLUS, "surplus"),
    Row(ON, ON, ("held", "by surplus"), R.METER_HELD, "fail_safe"),
    Row(ON, DOWN, ("preempted",), R.PREEMPTED, "priority"),
    Row(ON, ON, ("taking",), R.SETTLING, "surplus"),
    Row(ON, UP, ("enough", "room", "stage settled"), R.SURPLUS, "surplus"),
    Row(ON, ON, ("by surplus", "carried"), R.SURPLUS, "surplus"),
    Row(ON, ON, ("by surplus", "not yet seen"), R.SETTLING, "surplus"),
    Row(ON, ON, ("by surplus", "not short yet"), R.OFF_DELAY, "surplus"),
    Row(ON, ON, ("covers",), R.SURPLUS, "surplus"),
    *_stop(R.TOO_LITTLE_SURPLUS, key="surplus"),
)


def _rows(mode: Mode, then: FailSafe, *, offers: bool, need: bool, plan: bool) -> tuple[Row, ...]:
    """Put a mode's table together from the literal parts above."""
    forced = _NEED if need else ()
    met, waits = (_MET, _WAITS) if plan else ((), ())
    solar = (*forced, *met, *_STALE[then], *(_OFFERS if offers else ()), *_STARTING, *waits, *_SURPLUS)
    tables: Mapping[Mode, tuple[Row, ...]] = {
        Mode.AUTO_SOLAR: (*_BOOST, *solar),
        Mode.AUTO_TIMER: (*_BOOST, *_WINDOW, *solar),
        Mode.TIMER: (
            *_BOOST,
            *_WINDOW,
            *forced,
            Row(OFF, OFF, (), R.OUTSIDE_WINDOW, "timers"),
            *_stop(R.OUTSIDE_WINDOW, key="timers"),
        ),
        Mode.ALWAYS_ON: (*_start(R.ALWAYS_ON), *_hold(R.ALWAYS_ON)),
        Mode.ALWAYS_OFF: (
            Row(OFF, OFF, (), R.ALWAYS_OFF),
            Row(ON, OFF, (), R.ALWAYS_OFF),
        ),
        Mode.MANUAL: (
            *_start(R.SWITCH_ON, "switch"),
            Row(OFF, OFF, (), R.SWITCH_OFF),
            *_hold(R.SWITCH_ON, "switch"),
            Row(ON, OFF, (), R.SWITCH_OFF),
        ),
    }
    return (*ENVELOPE_AND_FAULT, *tables[mode])


@lru_cache(maxsize=256)
def _compiled(
    states: tuple[str, ...], mode: Mode, then: FailSafe, offers: bool, need: bool, plan: bool
) -> Table[Situation]:
    return Table(states, _rows(mode, then, offers=offers, need=need, plan=plan), GUARDS)


def table_for(appliance: Appliance, mode: Mode | None = None) -> Table[Situation]:
    """Return the compiled table of a policy in its own mode, or in an override's; policies of one shape share it."""
    mode = mode or appliance.mode
    table: Table[Situation] | None = appliance.tables.get(mode)
    if table is None:
        a = appliance
        parts = (a.refused_after_s is not None, a.need is not None, a.plan is not None)
        table = a.tables[mode] = _compiled(state_names(a), mode, a.then, *parts)
    return table
