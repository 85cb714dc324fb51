"""What hangs on emulated relays is what the scenario's plants are in the lab."""

import pytest

from noonward.core.model import Stage
from noonward.emulate.loads import load
from noonward.emulate.world import Contact
from noonward.lab.scenario import HeatPumpSpec
from noonward.plant.heatpump import SgReady
from support.games import MIDNIGHT
from support.games import load as appliance

PUMP = appliance(
    "pump",
    2000.0,
    stages=(
        Stage(power_w=2000.0, relays=frozenset({"board/k2"})),
        Stage(power_w=2000.0, relays=frozenset({"board/k1", "board/k2"})),
    ),
    relays=("board/k1", "board/k2"),
    on_above_w=(2000.0, 3000.0),
    off_below_w=(1000.0, 1500.0),
    sg_ready=True,
)


@pytest.mark.parametrize(
    ("closed", "state", "on_w"),
    [
        ((False, False), SgReady.NORMAL, 0.0),
        ((False, True), SgReady.RECOMMENDED, 2000.0),
        ((True, True), SgReady.FORCED, 2000.0),
        ((True, False), SgReady.LOCKED, 0.0),
    ],
)
def test_an_emulated_heat_pump_is_told_by_both_contacts(closed, state, on_w):
    pump = load(PUMP, HeatPumpSpec(heat_w=1500.0, start_up_s=0.0), MIDNIGHT, "UTC", 1.0)
    contacts = {relay: Contact(closed=one) for relay, one in zip(PUMP.relays, closed, strict=True)}
    assert pump.on_w(contacts) == on_w
    assert pump.plant.state is state
    assert (pump.plant.power_w(on_w, MIDNIGHT, 60.0) > 0.0) is (on_w > 0.0)


def test_a_quick_world_has_a_small_buffer():
    one, quick = (load(PUMP, HeatPumpSpec(heat_w=1500.0), MIDNIGHT, "UTC", speed).plant for speed in (1.0, 60.0))
    for pump in (one, quick):
        pump.buffer.advance(0.0, MIDNIGHT, 60.0)
    fallen_k = [40.0 - pump.buffer.temperature_c for pump in (one, quick)]
    assert fallen_k[1] == pytest.approx(60.0 * fallen_k[0], rel=0.5)
