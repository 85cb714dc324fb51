import json
from dataclasses import replace

import pytest

from noonward.lab import baselines, simulate
from noonward.lab.score import captured, score
from support.games import game, job, load, quota, shipped, tape


def test_every_number_of_a_day_counted_by_hand():
    # 12 steps of 15 min; 2 kW heater, 1 kWh by 02:00, uncontrolled from 01:00: it runs in steps 4 and 5.
    pv = [0, 0, 0, 0, 1000, 3000, 3000, 3000, 0, 0, None, 0]
    base = [400, 400, 400, 400, 400, 400, 400, 400, 400, 400, 400, 400]
    recording = tape(pv, base, 900.0)
    played = game(recording, [load("heater", 2000.0)], {"heater": quota(1, by=2, uncontrolled_from=1)})
    run = baselines.play("uncontrolled", played)
    result = score(run, run)
    assert result["policies"]["heater"] == {
        "energy_kwh": 1.0,
        "solar_kwh": 0.65,  # 600 W of the first quarter's 2000, all of the second's
        "unmet_kwh": 0.0,
        "forced_kwh": 0.0,
        "starts": 1,
        "on_h": 0.5,
        "starts_per_day": 8.0,
    }
    assert result["pv_kwh"] == 2.5
    assert result["base_load_kwh"] == 1.1  # the unknown quarter is left out
    assert result["import_kwh"] == 1.05  # seven quarters of 400 W, one of 1400
    assert result["export_kwh"] == 1.45
    assert result["self_consumption"] == pytest.approx((2.5 - 1.45) / 2.5, abs=1e-4)
    assert result["self_sufficiency"] == pytest.approx(1 - 1.05 / 2.1, abs=1e-4)
    assert result["solar_share"] == 0.65
    assert result["unknown_h"] == 0.25
    assert (result["from"], result["to"]) == ("2020-06-01T00:00:00Z", "2020-06-01T03:00:00Z")


def test_the_keys_are_the_interface():
    result = score(simulate.play(job(shipped(1))))
    assert list(result) == [
        "version", "from", "to", "step_s", "unknown_h", "controller", "pv_kwh", "base_load_kwh", "import_kwh",
        "export_kwh", "controlled_kwh", "unmet_kwh", "forced_kwh", "self_consumption", "self_sufficiency",
        "solar_share", "import_uncontrolled_kwh", "import_optimum_kwh", "unmet_optimum_kwh",
        "import_bound_kwh", "captured", "violations", "ignored", "policies",
    ]  # fmt: skip
    assert result["version"] == 1
    assert result["captured"] is None
    assert list(result["violations"]) == ["min_on", "below_minimum", "zone_max", "fuse"]
    assert json.loads(json.dumps(result)) == result


def test_energy_drawn_in_unknown_intervals_is_in_no_sum():
    pv = [0.0] * 4 + [None] * 4 + [0.0] * 4
    played = game(
        tape(pv, [0.0] * 12, 900.0), [load("heater", 2000.0)], {"heater": quota(6, by=3, uncontrolled_from=0)}
    )
    for name in ("uncontrolled", "threshold"):
        result = score(baselines.play(name, played))
        assert result["controlled_kwh"] == result["import_kwh"] == 4.0
        assert result["unmet_kwh"] == 0.0  # it was drawn all the same
        assert result["policies"]["heater"]["on_h"] == 3.0
        assert result["forced_kwh"] == (4.0 if name == "threshold" else 0.0)


def test_nothing_to_share_is_null_not_zero():
    result = score(
        simulate.play(game(tape([0.0] * 4, [0.0] * 4), [load("heater", 2000.0)], {"heater": quota(6, by=20)}))
    )
    assert result["self_consumption"] is result["self_sufficiency"] is result["solar_share"] is None


@pytest.mark.parametrize(
    ("numbers", "wanted"),
    [
        ((600.0, 0.0, 800.0, 400.0), 0.5),
        ((500.0, 100.0, 800.0, 400.0), 0.5),  # unmet counts as import
        ((400.0, 0.0, 800.0, 400.0), 1.0),
        ((900.0, 0.0, 800.0, 400.0), -0.25),
        ((600.0, 0.0, None, 400.0), None),
        ((600.0, 0.0, 800.0, None), None),
        ((800.0, 0.0, 800.0, 792.5), None),  # less than 1 % could be saved
        ((0.0, 0.0, 0.0, 0.0), None),
    ],
)
def test_captured(numbers, wanted):
    assert captured(*numbers) == wanted


@pytest.mark.parametrize(
    ("buy", "sell", "cost"),
    [
        ([], [], "none"),
        ([0.3] * 4, [], 0.3 * 1.5),
        ([0.1, 0.2, 0.4, 0.4], [0.05] * 4, 0.1 * 0.5 + 0.2 * 1.0 - 0.05 * 2.5),
        ([0.3, 0.3, None, None], [0.1] * 4, 0.3 * 1.5 - 0.1 * 2.5),  # nothing was bought at the unknown price
        ([0.3, None, 0.3, 0.3], [0.1] * 4, None),
        ([0.3] * 4, [0.1, 0.1, None, 0.1], None),
    ],
)
def test_what_it_costs_by_the_prices_on_the_tape(buy, sell, cost):
    recording = replace(tape([0, 0, 1000, 3000], [500, 1000, 500, 1000], 3600.0), price_import=buy, price_export=sell)
    result = score(simulate.play(game(recording, [], {})))
    assert result.get("cost", "none") == (cost if cost in (None, "none") else pytest.approx(cost))


def test_an_interval_that_is_unknown_costs_nothing():
    recording = replace(tape([0, None], [500, 1000], 3600.0), price_import=[0.2, None])
    assert score(simulate.play(game(recording, [], {})))["cost"] == pytest.approx(0.1)
