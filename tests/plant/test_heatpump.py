"""A heat pump takes an offer if there is room in its buffer, and runs up slowly."""

from __future__ import annotations

import pytest

from noonward.plant.heatpump import HeatPump, SgReady


def run(pump, offers, *, step_s=10.0, begin=0.0):
    """Play one offer a step; return the power of each step. [W]"""
    powers = []
    for k, offered in enumerate(offers):
        power_w = pump.power_w(2000.0 if offered else 0.0, begin + k * step_s, step_s)
        pump.advance(power_w, begin + k * step_s, step_s)
        powers.append(power_w)
    return powers


def test_an_offer_starts_it_with_a_ramp_to_its_power():
    pump = HeatPump(power_w=2000.0, ramp_s=60.0)
    powers = run(pump, [False] * 3 + [True] * 12)
    assert powers[:3] == [0.0] * 3
    assert powers[3:9] == pytest.approx([2000.0 * (k + 0.5) / 6 for k in range(6)])
    assert powers[9:] == [2000.0] * 6


def test_a_pump_without_a_ramp_runs_at_once():
    assert run(HeatPump(power_w=2000.0, ramp_s=0.0), [True]) == [2000.0]


def test_an_offer_without_room_is_not_taken():
    """Edge case 77."""
    pump = HeatPump(power_w=2000.0, pause_s=0.0)
    run(pump, [True] * 300)  # fifty minutes: the buffer is at the raised target
    assert pump.buffer.temperature_c == pytest.approx(50.0, abs=0.5)
    assert pump.running is False
    assert run(pump, [True] * 6, begin=7200.0) == [0.0] * 6


def state_run(pump, states, **more):
    """Play one state of the contacts a step; return the power of each step. [W]"""
    powers = []
    for k, state in enumerate(states):
        pump.state = SgReady[state]
        powers += run(pump, [state in {"RECOMMENDED", "FORCED"}], begin=10.0 * k + more.get("begin", 0.0))
    return powers


@pytest.mark.parametrize(
    ("state", "buffer_c", "ends_c"),
    [("NORMAL", 34.0, 40.0), ("RECOMMENDED", 34.0, 50.0), ("FORCED", 34.0, 55.0), ("LOCKED", 34.0, 34.0)],
)
def test_each_state_of_the_contacts_has_its_own_target(state, buffer_c, ends_c):
    pump = HeatPump(power_w=2000.0, buffer_c=buffer_c)
    powers = state_run(pump, [state] * 360)
    assert pump.buffer.temperature_c == pytest.approx(ends_c, abs=0.7)
    assert (max(powers) == 2000.0) is (state != "LOCKED")


def test_a_forced_pump_starts_where_a_recommended_one_has_no_room():
    pump = HeatPump(power_w=2000.0, buffer_c=49.8)
    powers = state_run(pump, ["RECOMMENDED"] * 3 + ["FORCED"] * 10)
    assert powers[:3] == [0.0] * 3
    assert powers[-1] == 2000.0


def test_it_runs_for_its_shortest_run_though_the_offer_is_gone_but_not_when_it_is_locked():
    for state, minutes in (("NORMAL", 10), ("LOCKED", 2)):
        pump = HeatPump(power_w=2000.0, ramp_s=0.0, min_run_s=600.0)
        powers = state_run(pump, ["RECOMMENDED"] * 12 + [state] * 120)
        assert powers == [2000.0] * (minutes * 6) + [0.0] * (132 - minutes * 6)


def test_its_shortest_run_never_heats_above_its_highest_temperature():
    pump = HeatPump(power_w=6000.0, ramp_s=0.0, min_run_s=7200.0, buffer_l=50.0)
    powers = state_run(pump, ["RECOMMENDED"] * 300)
    assert pump.buffer.temperature_c <= 55.0 + 1e-6
    assert max(powers[100:]) < 6000.0


def test_asking_what_another_offer_would_do_changes_nothing():
    asked, left_alone = (HeatPump(power_w=2000.0, heat_w=lambda _t, _dt: 3000.0) for _ in range(2))
    for k in range(600):
        t, offer = k * 60.0, 2000.0 * (k % 90 < 30)
        asked.power_w(2000.0, t, 60.0)
        asked.power_w(0.0, t, 60.0)
        powers = [pump.power_w(offer, t, 60.0) for pump in (asked, left_alone)]
        assert powers[0] == powers[1]
        for pump in (asked, left_alone):
            pump.advance(powers[0], t, 60.0)


def test_targets_must_rise():
    with pytest.raises(ValueError, match="rise"):
        HeatPump(power_w=2000.0, normal_c=45.0, raised_c=40.0)


def test_without_an_offer_it_runs_by_its_own_thermostat():
    """Edge case 42: what the pump does in normal operation is its own business."""
    pump = HeatPump(power_w=2000.0, heat_w=lambda _t, _dt: 3000.0)
    powers = run(pump, [False] * 1000)
    assert max(powers) == 2000.0
    assert 28.0 < pump.buffer.temperature_c <= 40.0 + 1e-6
    assert pump.unserved_wh == 0.0


@pytest.mark.parametrize(
    ("buffer_c", "offered", "starts"),
    [(48.0, True, True), (49.8, True, False), (45.0, False, False), (34.0, False, True), (36.0, False, False)],
)
def test_an_offer_is_taken_with_little_room_and_without_one_it_waits_for_its_thermostat(buffer_c, offered, starts):
    pump = HeatPump(power_w=2000.0, buffer_c=buffer_c)
    assert (run(pump, [offered])[0] > 0.0) is starts


def test_it_rests_between_two_runs():
    """Edge case 41."""
    pump = HeatPump(power_w=2000.0, pause_s=600.0, heat_w=lambda _t, _dt: 3000.0)
    powers = run(pump, ([True] * 6 + [False] * 6) * 60)
    stopped = [k for k in range(1, len(powers)) if powers[k - 1] and not powers[k]]
    started = [k for k in range(1, len(powers)) if powers[k] and not powers[k - 1]]
    rests_s = [(min(later) - off) * 10.0 for off in stopped if (later := [on for on in started if on > off])]
    assert len(rests_s) >= 2
    assert min(rests_s) >= 600.0


def test_withdrawing_the_offer_lets_it_stop_and_never_overheats():
    pump = HeatPump(power_w=2000.0)
    assert run(pump, [True] * 60 + [False])[-1] == 0.0
    run(pump, [True] * 2000, begin=610.0)
    assert pump.buffer.temperature_c <= 50.0 + 1e-6
