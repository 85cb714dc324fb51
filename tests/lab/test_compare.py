"""One game under every controller, and with drivers who say nothing."""

import os
import threading
from dataclasses import replace

import pytest

from noonward.core.model import Requirement, State, Stayed
from noonward.lab import baselines, compare, simulate
from noonward.lab.changes import Changes
from noonward.lab.optimum import optimum
from noonward.lab.scenario import ResistorSpec
from noonward.lab.score import score
from support.games import MIDNIGHT, game, load, quota, stay, tape, with_cars, zone

DAY = 288


@pytest.fixture(scope="module")
def house():
    """A heater and a car that comes at nine and goes at six, on one day with a cloud; its zone asks its drivers."""
    pv = [max(0.0, 7000 * (1 - ((i / 12 - 13) / 6.5) ** 2)) * (0.2 if i % 9 == 4 else 1.0) for i in range(DAY)]
    heater = load("heater", 2000.0, 20, min_on_s=300.0, need=Requirement(energy_wh=4000.0))
    plain = game(tape(pv, [300.0] * DAY, step_s=300.0), [heater], {"heater": quota(4, by=20, uncontrolled_from=5)})
    asking = zone("cp-01", need=Requirement(from_user=True), max_power_w=11_040.0)
    return with_cars(plain, asking, [stay(540, 1080, 12)])


def test_every_row_is_its_own_run(house):
    runs = compare.play(house)
    assert list(runs) == ["uncontrolled", "threshold", "delays", "policies", "policies, departure unknown", "optimum"]
    found = compare.compare(runs)["controllers"]
    at_once, best = baselines.play("uncontrolled", house), optimum(house)
    assert found["policies"] == score(simulate.play(house), at_once, best)
    assert found["delays"] == score(baselines.play("delays", house), at_once, best)
    assert found["uncontrolled"]["captured"] == 0.0
    assert found["optimum"]["captured"] == 1.0


@pytest.mark.parametrize(("lasted_h", "unmet_kwh"), [(None, 12.0), (8, 0.0), (12, 12.0)])
def test_what_nobody_says_is_guessed(house, lasted_h, unmet_kwh):
    """Said, it is charged in time. Else it has the sun, and once stays are known, is in time for those."""
    came = [MIDNIGHT + (9 - 24 * k) * 3600.0 for k in range(1, 6)] if lasted_h else []
    past = tuple(Stayed(plugged_at=t, unplugged_at=t + lasted_h * 3600.0, drew_wh=12_000.0) for t in came)
    dark = replace(
        house,
        tape=replace(house.tape, pv_w=[0.0] * DAY),
        net_w=[300.0] * DAY,
        learnt=State(stays={"cp-01": past}),
    )
    runs = compare.play(dark)
    found = compare.compare(runs)
    told, untold = (found["controllers"][name] for name in ("policies", "policies, departure unknown"))
    assert told["policies"]["garage"]["unmet_kwh"] == 0.0
    assert untold["policies"]["garage"]["unmet_kwh"] == unmet_kwh
    assert found["departure_unknown"] == {
        "import_kwh": pytest.approx(untold["import_kwh"] - told["import_kwh"], abs=1e-3),
        "unmet_kwh": unmet_kwh,
        "captured": None,  # without sun nothing can be saved
    }


def test_a_zone_that_has_its_own_need_falls_back_on_it(house):
    garage = house.site.zones[0]
    by = quota(1, by=17).by
    own = replace(garage, need=Requirement(from_user=True, energy_wh=5000.0, by=by))
    dark = replace(
        house,
        site=replace(house.site, zones=(own,)),
        tape=replace(house.tape, pv_w=[0.0] * DAY),
        net_w=[300.0] * DAY,
    )
    untold = compare.compare(compare.play(dark))["controllers"]["policies, departure unknown"]
    assert untold["policies"]["garage"]["energy_kwh"] == pytest.approx(5.0, abs=0.6)


def test_no_row_for_what_means_nothing(house):
    garage = house.site.zones[0]
    silent = replace(house, site=replace(house.site, zones=(replace(garage, need=None),)))
    assert "policies, departure unknown" not in dict(compare.controllers(silent))
    assert compare.compare(compare.play(silent))["departure_unknown"] is None
    bare = replace(house, plants={"heater": ResistorSpec()})
    assert [name for name, _ in compare.controllers(bare)] == [
        "threshold", "delays", "policies", "policies, departure unknown"
    ]  # fmt: skip
    found = compare.compare(compare.play(bare))
    assert found["controllers"]["policies"]["captured"] is None


def test_drivers_who_say_nothing_come_and_go_as_before(house):
    before, after = house.zones["garage"]["cp-01"], compare.untold(house).zones["garage"]["cp-01"]
    assert [visit.announced for visit in after] == [False]
    assert [(v.start, v.end, v.need_wh) for v in after] == [(v.start, v.end, v.need_wh) for v in before]
    assert before[0].start == MIDNIGHT + 540 * 60


def test_whoever_watches_is_told_each_row(house):
    names = []
    compare.play(house, names.append)
    assert names == [name for name, _ in compare.controllers(house)]


@pytest.mark.parametrize("asks", [True, False])
def test_two_processes_find_what_one_finds(house, monkeypatch, asks):
    if not asks:
        house = replace(house, site=replace(house.site, zones=(replace(house.site.zones[0], need=None),)))
    monkeypatch.setattr(threading, "active_count", lambda: 1)
    monkeypatch.setattr(compare, "LONG", 0)
    found = []
    for cores in ({0}, {0, 1}):
        monkeypatch.setattr(os, "sched_getaffinity", lambda _, cores=cores: cores)
        changes = Changes()
        runs = compare.play(house, changes=changes)
        draws = {name: [load.draw_w for load in run.loads] for name, run in runs.items()}
        assert runs["policies"].game is house
        found.append((list(runs), compare.compare(runs), draws, changes.policies, changes.stations))
    assert found[0] == found[1]
    assert found[0][3]
