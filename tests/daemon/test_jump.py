"""Edge case 57: durations are what they were, whatever the clock on the wall does."""

import pytest

from noonward.core.model import Inputs, Lease, MachineState, Mode, Override, State
from noonward.daemon import jump
from noonward.daemon.store import Stamp

STATE = State(
    machines={
        "boiler": MachineState(state="on", changed_at=100.0, on_since=101.0, off_since=None, short_since=150.0),
        "pump": MachineState(),
    },
    leases={"r/1": Lease(closed=True, at=100.0)},
)


def test_shift_moves_moments_and_leaves_ever_alone():
    moved = jump.shift(STATE, 1000.0)
    assert moved.machines["boiler"] == MachineState(
        state="on", changed_at=1100.0, on_since=1101.0, off_since=None, short_since=1150.0
    )
    assert moved.machines["pump"] == MachineState()
    assert moved.leases["r/1"].at == 1100.0
    assert jump.shift(moved, -1000.0) == STATE


def test_boosts_are_durations_and_overrides_end_by_the_wall():
    override = Override(mode=Mode.TIMER, until=500.0)
    wishes = {"a": Inputs(boost_until=500.0, override=override), "b": Inputs(switch_on=True)}
    assert jump.shift_wishes(wishes, 10.0) == {
        "a": Inputs(boost_until=510.0, override=override),
        "b": Inputs(switch_on=True),
    }


@pytest.mark.parametrize(
    ("now", "monotonic_s", "boot", "slip"),
    [
        (1060.0, 560.0, "x", 0.0),  # a minute later, as it should be
        (1060.4, 560.0, "x", 0.0),  # drift
        (4660.0, 560.0, "x", 3600.0),  # an hour forward within a minute
        (60.0, 560.0, "x", -1000.0),  # back
        (9000.0, 5.0, "y", 0.0),  # another boot: the wall clock is all there is
        (400.0, 5.0, "y", -600.0),  # another boot, before the moment of saving: no time passed
    ],
)
def test_slip_while_nobody_looked(now, monotonic_s, boot, slip):
    stamp = Stamp(at=1000.0, monotonic_s=500.0, boot_id="x", site="s")
    assert jump.slipped_s(stamp, now, monotonic_s, boot) == pytest.approx(slip)


def test_delays_begin_anew_and_nothing_else_does():
    fresh = jump.without_delays(STATE)
    assert fresh.machines["boiler"].short_since is None
    assert fresh.machines["boiler"].on_since == 101.0
    assert fresh.machines["pump"] is STATE.machines["pump"]
