"""A battery beside the loads: the same energy everywhere, under every controller."""

import io
from dataclasses import replace

import pytest

from noonward.lab import baselines, simulate, trace
from noonward.lab.scenario import HeatPumpSpec, MeterSpec
from noonward.lab.score import score
from noonward.plant.battery import BatteryKind
from support.games import game, job, load, shipped, tape

KIND = BatteryKind(capacity_wh=5000.0, charge_w=2500.0, discharge_w=2500.0, soc=0.3)


def play(controller, played):
    return simulate.play(played) if controller == "policies" else baselines.play(controller, played)


def stored_kwh(result):
    """What the battery holds more at the end than at the start, and what charging and discharging lost of it."""
    return (result["battery"]["soc_to"] - result["battery"]["soc_from"]) * KIND.capacity_wh / 1000.0


@pytest.mark.parametrize("meter", [MeterSpec(), MeterSpec(lag_s=5.0, every_s=60.0)])
@pytest.mark.parametrize("controller", ["policies", "uncontrolled", "threshold", "delays"])
def test_what_comes_in_goes_out(controller, meter):
    run = play(controller, replace(job(shipped(days=6)), battery=KIND, meter=meter))
    result = score(run)
    battery = result["battery"]
    given = result["pv_kwh"] + result["import_kwh"] + battery["discharged_kwh"]
    taken = result["base_load_kwh"] + result["controlled_kwh"] + result["export_kwh"] + battery["charged_kwh"]
    assert given == pytest.approx(taken, abs=0.01)
    each_way = KIND.efficiency**0.5
    kept = battery["charged_kwh"] * each_way - battery["discharged_kwh"] / each_way
    assert kept == pytest.approx(stored_kwh(result), abs=0.01)
    assert battery["charged_kwh"] > 10.0
    assert result["captured"] is None
    assert not any(result["violations"].values())


def test_it_covers_what_comes_up_within_an_interval():
    """The engine switches in the middle of an interval; the battery follows at once."""
    played = replace(game(tape([0.0] * 30, [100.0] * 30), [], {}), battery=KIND)
    result = score(simulate.play(played))
    assert (result["import_kwh"], result["battery"]["discharged_kwh"]) == (0.0, 0.05)


def test_where_the_tape_is_unknown_it_rests():
    played = replace(game(tape([0.0, None, 0.0], [600.0] * 3), [], {}), battery=KIND)
    run = simulate.play(played)
    assert run.storage.mean_w == [-600.0, 0.0, -600.0]
    assert score(run)["unknown_h"] == pytest.approx(1 / 60, abs=1e-3)


def test_the_engine_sees_it_and_leaves_it_its_sun(monkeypatch):
    seen = []
    engine = simulate.Steps

    def watching(site):
        step = engine(site)

        def watched(state, observation, t):
            seen.append((observation.battery_w.value, observation.battery_soc.value, observation.grid_w.value))
            return step(state, observation, t)

        return watched

    played = replace(
        game(tape([2600.0] * 60, [100.0] * 60), [load("heater", 2000.0)], {"heater": HeatPumpSpec(heat_w=0.0)}),
        battery=replace(KIND, soc=0.0),
    )
    run = simulate.play(played, engine=watching)
    assert seen[0] == (0.0, 0.0, -2500.0)
    assert seen[-1][0] == 2500.0
    assert seen[-1][1] > 0.4
    assert seen[-1][2] == 0.0
    assert run.loads[0].spans == []  # the battery takes it all before anything starts


def test_the_trace_has_it_and_its_rows_balance():
    run = simulate.play(replace(job(shipped(days=2)), battery=KIND))
    stream = io.StringIO()
    trace.write(run, stream)
    header, *rows = [line.split(",") for line in stream.getvalue().splitlines()]
    assert header[:6] == ["time", "pv_w", "base_load_w", "grid_w", "battery_w", "battery_soc"]
    draws = [k for k, name in enumerate(header) if name.endswith("_w") and k > 5]
    for row in rows:
        pv, base, grid, battery = (float(field) for field in row[1:5])
        assert grid == pytest.approx(base - pv + battery + sum(float(row[k]) for k in draws), abs=0.1)
    assert float(rows[-1][5]) == round(run.storage.battery.soc, 4)


def test_left_to_itself_a_heat_pump_is_offered_nothing_and_works_all_the_same():
    pump = HeatPumpSpec(heat_w=2000.0)
    played = game(tape([5000.0] * 1440, [0.0] * 1440), [load("pump", 2000.0)], {"pump": pump})
    left = score(baselines.play("uncontrolled", played))["policies"]["pump"]
    offered = score(simulate.play(played))["policies"]["pump"]
    assert left["starts"] == 0
    assert left["energy_kwh"] == pytest.approx(2.0 * 24 / 3.5, rel=0.1)
    assert offered["starts"] >= 1
    assert offered["energy_kwh"] > left["energy_kwh"]


def test_both_contacts_force_a_pump():
    forced = replace(
        load("pump", 2000.0),
        stages=(
            replace(load("pump", 2000.0).stages[0], relays=frozenset({"board/k2"})),
            replace(load("pump", 2000.0).stages[0], relays=frozenset({"board/k1", "board/k2"})),
        ),
        relays=("board/k1", "board/k2"),
        on_above_w=(2000.0, 4000.0),
        off_below_w=(1000.0, 2000.0),
        sg_ready=True,
    )
    pumps = {}
    for pv_w in (3000.0, 9000.0):
        run = simulate.play(
            game(tape([pv_w] * 600, [0.0] * 600), [forced], {"pump": HeatPumpSpec(heat_w=0.0, min_run_s=0.0)})
        )
        pumps[pv_w] = max(run.loads[0].plant.buffer.temperature_c, 0.0)
    assert pumps[3000.0] <= 50.0 + 1e-6
    assert pumps[9000.0] > 50.5
