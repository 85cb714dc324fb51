"""A tank keeps its energy and its limits."""

from __future__ import annotations

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from noonward.plant.tank import SENSOR, WATER_WH_PER_L_K, Tank, loss_w_per_k, tap_wh


def heat(tank, on_power_w, hours, *, step_s=60.0):
    """Keep it on for so long; return the mean power of each step. [W]"""
    powers = []
    for k in range(round(hours * 3600.0 / step_s)):
        power_w = tank.power_w(on_power_w, k * step_s, step_s)
        tank.advance(power_w, k * step_s, step_s)
        powers.append(power_w)
    return powers


def test_heating_300_litres_by_20_kelvin_takes_what_physics_says():
    tank = Tank(volume_l=300.0, temperature_c=40.0, loss_w_k=0.0)
    powers = heat(tank, 3000.0, 4.0)
    assert sum(powers) / 60.0 == pytest.approx(300.0 * WATER_WH_PER_L_K * 20.0)
    assert tank.temperature_c == pytest.approx(60.0)


def test_a_satisfied_tank_draws_nothing_behind_a_closed_relay():
    """Edge case 44."""
    tank = Tank(volume_l=300.0, temperature_c=59.0)
    assert heat(tank, 3000.0, 2.0)[-1] == 0.0, "above its hysteresis it does not even start"
    tank = Tank(volume_l=300.0, temperature_c=54.0)
    powers = heat(tank, 3000.0, 3.0)
    assert powers[0] == 3000.0
    assert powers[-1] == 0.0
    assert tank.calling is False


def test_the_thermostat_calls_again_only_a_hysteresis_below():
    tank = Tank(volume_l=300.0, target_c=60.0, hysteresis_k=5.0)
    for k in range(10_000):
        tank.advance(tank.power_w(3000.0, k * 60.0, 60.0), k * 60.0, 60.0)
        if tank.calling:
            break
    assert tank.temperature_c == pytest.approx(55.0, abs=0.01)


def test_what_is_drawn_leaves_hot_water_above_and_makes_the_thermostat_call():
    tank = Tank(volume_l=300.0, target_c=60.0, loss_w_k=0.0, draw_w=lambda _t, _dt: tap_wh(1.0) * 60.0)
    minutes = 0
    while not tank.calling:
        tank.advance(0.0, minutes * 60.0, 60.0)
        minutes += 1
    assert (tank.upper_c, tank.lower_c) == (60.0, pytest.approx(10.0))
    drawn_l = minutes * 30.0 / 50.0  # a litre of 40 degrees takes 0.6 l of 60
    assert tank.upper_l == pytest.approx(300.0 - drawn_l)
    assert drawn_l == pytest.approx(SENSOR * 300.0, abs=0.7)  # the cold has come up to the sensor


def test_the_heater_warms_the_lower_layer_until_both_are_one():
    wants = [0.0]
    tank = Tank(volume_l=100.0, target_c=60.0, loss_w_k=0.0, draw_w=lambda _t, _dt: wants[0])
    wants[0] = 40.0 * 50.0 * WATER_WH_PER_L_K  # 40 l of 60 degrees in an hour
    tank.advance(0.0, 0.0, 3600.0)
    wants[0] = 0.0
    assert (tank.upper_l, tank.lower_c) == (pytest.approx(60.0), pytest.approx(10.0))
    tank.advance(40.0 * 30.0 * WATER_WH_PER_L_K, 0.0, 3600.0)
    assert (tank.upper_c, tank.lower_c, tank.upper_l) == (60.0, pytest.approx(40.0), pytest.approx(60.0))
    assert tank.room_w(60.0, 0.0, 3600.0) == pytest.approx(40.0 * 20.0 * WATER_WH_PER_L_K)
    tank.advance(100.0 * 40.0 * WATER_WH_PER_L_K, 0.0, 3600.0)
    assert (tank.upper_l, tank.lower_c) == (100.0, tank.upper_c)


def test_a_hot_layer_above_serves_though_the_mean_is_cold():
    tank = Tank(volume_l=100.0, target_c=60.0, loss_w_k=0.0, draw_w=lambda _t, _dt: 60.0 * 50.0 * WATER_WH_PER_L_K)
    tank.advance(0.0, 0.0, 3600.0)
    assert tank.temperature_c < 40.0
    assert tank.unserved_wh == 0.0
    tank.advance(0.0, 0.0, 3600.0)
    assert tank.unserved_wh == pytest.approx(20.0 * 50.0 * WATER_WH_PER_L_K)


def test_a_tank_at_rest_cools_to_the_room_in_an_exponential():
    tank = Tank(volume_l=300.0, temperature_c=60.0, room_c=20.0, loss_w_k=2.0)
    hours = 300.0 * WATER_WH_PER_L_K / 2.0  # one time constant
    tank.advance(0.0, 0.0, hours * 3600.0)
    assert tank.temperature_c == pytest.approx(20.0 + 40.0 / 2.718281828)


@pytest.mark.parametrize(("power_w", "draw_w", "off_k"), [(0.0, 0.0, 1e-9), (0.0, 300.0, 0.01), (1000.0, 300.0, 0.05)])
def test_a_long_step_is_near_many_short_ones(power_w, draw_w, off_k):
    one, many = (Tank(volume_l=200.0, temperature_c=50.0, draw_w=lambda _t, _dt: draw_w) for _ in range(2))
    one.advance(power_w, 0.0, 3600.0)
    for k in range(3600):
        many.advance(power_w, float(k), 1.0)
    assert one.temperature_c == pytest.approx(many.temperature_c, abs=off_k)
    assert one.unserved_wh == many.unserved_wh == 0.0


def test_a_cold_tank_serves_nobody_and_counts_it():
    tank = Tank(volume_l=200.0, temperature_c=38.0, loss_w_k=0.0, draw_w=lambda _t, _dt: 1000.0)
    tank.advance(0.0, 0.0, 3600.0)
    assert (tank.temperature_c, tank.unserved_wh) == (38.0, pytest.approx(1000.0))


def test_a_tank_that_runs_empty_serves_only_what_was_hot():
    tank = Tank(volume_l=100.0, temperature_c=45.0, loss_w_k=0.0, draw_w=lambda _t, _dt: 5000.0)
    tank.advance(0.0, 0.0, 3600.0)
    assert tank.temperature_c == pytest.approx(10.0)
    assert tank.unserved_wh == pytest.approx(5000.0 - 35.0 * 100.0 * WATER_WH_PER_L_K)


def test_typical_losses_are_those_of_energy_class_c():
    assert loss_w_per_k(300.0) * 45.0 * 24.0 / 1000.0 == pytest.approx(2.36, abs=0.01)  # kWh a day
    assert tap_wh(100.0) == pytest.approx(3489.0)


@pytest.mark.parametrize(
    "facts",
    [
        {"volume_l": 0.0},
        {"volume_l": 300.0, "hysteresis_k": 0.0},
        {"volume_l": 300.0, "target_c": 10.0},
        {"volume_l": 300.0, "cold_c": 40.0},
    ],
)
def test_an_impossible_tank_is_refused(facts):
    with pytest.raises(ValueError, match="a tank"):
        Tank(**facts)


@given(
    volume_l=st.floats(20.0, 2000.0),
    temperature_c=st.floats(15.0, 60.0),
    loss_w_k=st.one_of(st.just(0.0), st.floats(0.01, 10.0)),
    power_w=st.floats(100.0, 12_000.0),
    step_s=st.sampled_from([1.0, 60.0, 900.0, 3600.0]),
    pattern=st.lists(st.tuples(st.booleans(), st.floats(0.0, 10_000.0)), min_size=1, max_size=30),
)
def test_it_never_leaves_its_limits_and_no_heat_is_lost(volume_l, temperature_c, loss_w_k, power_w, step_s, pattern):
    tank = Tank(
        volume_l=volume_l, temperature_c=temperature_c, loss_w_k=loss_w_k, draw_w=lambda _t, _dt: draws_w, room_c=18.0
    )
    capacity = volume_l * WATER_WH_PER_L_K
    reached = layered = False
    for on, draws_w in pattern * 3:
        before_c, before_unserved_wh = tank.temperature_c, tank.unserved_wh
        drawn_w = tank.power_w(power_w if on else 0.0, 0.0, step_s)
        assert 0.0 <= drawn_w <= (power_w if on else 0.0)
        tank.advance(drawn_w, 0.0, step_s)
        assert tank.temperature_c <= max(60.0, before_c) + 1e-6
        assert tank.temperature_c >= min(before_c, 18.0, 10.0) - 1e-6
        assert tank.lower_c <= tank.upper_c + 1e-9
        assert 0.0 < tank.upper_l <= volume_l
        served_wh = draws_w * step_s / 3600.0 - (tank.unserved_wh - before_unserved_wh)
        assert -1e-6 <= served_wh <= draws_w * step_s / 3600.0 + 1e-6
        if not loss_w_k:
            gained_wh = (tank.temperature_c - before_c) * capacity
            assert gained_wh == pytest.approx(drawn_w * step_s / 3600.0 - served_wh, abs=1e-6 * capacity)
        reached = reached or (on and drawn_w < power_w)
        layered = layered or tank.lower_c < tank.upper_c - 1.0
    event(f"thermostat opened: {reached}")
    event(f"two layers: {layered}")
    event(f"someone went without: {tank.unserved_wh > 0}")
