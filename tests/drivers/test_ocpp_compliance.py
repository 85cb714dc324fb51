"""Commanded against metered, and the watchdog of the meter."""

from __future__ import annotations

import pytest

from noonward.core.model import Sample
from noonward_drivers.ocpp import entry
from noonward_drivers.ocpp.compliance import STEPS, Compliance
from support.ocpp_model import model, rig

pytestmark = pytest.mark.asyncio

VERSIONS = ("1.6", "2.0.1")
EVERY = frozenset(STEPS)


def drawn(amperes, at, phases=3):
    return Sample(at=at, current_a={f"L{n}": amperes for n in range(1, phases + 1)})


# -- judging --------------------------------------------------------------------------------------------------------------


JUDGED = [  # limit, samples as (seconds after acceptance, amperes): the step after the last
    (6.0, [(10, 16.0), (20, 16.0), (30, 16.0)], "resend"),
    (6.0, [(10, 16.0), (20, 16.0)], None),
    (6.0, [(1, 16.0), (5, 16.0), (9, 16.0), (12, 16.0)], None),  # the vehicle still follows
    (6.0, [(10, 6.1), (20, 6.4), (30, 6.5)], None),
    (6.0, [(10, 6.6), (20, 6.6), (30, 6.6)], "resend"),
    (6.0, [(10, 16.0), (20, 16.0), (30, 6.0), (40, 16.0)], None),  # not in a row
    (0.0, [(10, 0.0), (20, 0.3), (30, 0.0)], None),
    (0.0, [(10, 6.0), (20, 6.0), (30, 6.0)], "resend"),
]


@pytest.mark.parametrize(("limit_a", "samples", "step"), JUDGED)
async def test_three_samples_in_a_row_above_the_limit_count(limit_a, samples, step):
    """Acceptance test 7, its rule."""
    judge = Compliance(voltage_v=230.0)
    judge.told(limit_a, 3, 1000.0)
    found = None
    for after_s, amperes in samples:
        found = judge.sampled(drawn(amperes, 1000.0 + after_s), EVERY)
    assert found == step


async def test_a_station_whose_window_is_over_does_right_to_pass_its_limit():
    judge = Compliance(voltage_v=230.0)
    judge.told(0.0, 3, 1000.0, 600.0)
    assert [judge.sampled(drawn(6.0, 1600.0 + 10 * n), EVERY) for n in range(5)] == [None] * 5
    assert judge.trouble is None


POWERS = [  # phases that it is known to use, power: whether it is too much for 6 A
    (1, 1380.0, False),
    (1, 1560.0, False),
    (1, 3680.0, True),
    (3, 4140.0, False),
    (3, 11_000.0, True),
]


@pytest.mark.parametrize(("phases", "power_w", "exceeds"), POWERS)
async def test_power_is_judged_where_there_is_no_current(phases, power_w, exceeds):
    judge = Compliance(voltage_v=230.0)
    judge.told(6.0, phases, 1000.0)
    for n in range(1, 4):
        judge.sampled(Sample(at=1000.0 + 10 * n, power_w=power_w), EVERY)
    assert (judge.trouble is not None) is exceeds


async def test_what_says_nothing_is_not_judged():
    judge = Compliance(voltage_v=230.0)
    for n in range(1, 9):
        assert judge.sampled(drawn(32.0, 1000.0 + 10 * n), EVERY) is None  # it was told nothing
    judge.told(6.0, 3, 2000.0)
    for n in range(1, 9):
        assert judge.sampled(Sample(at=2000.0 + 10 * n, energy_wh=5.0 * n), EVERY) is None
    judge.rests()
    for n in range(9, 19):
        assert judge.sampled(drawn(32.0, 2000.0 + 10 * n), EVERY) is None


async def test_each_step_is_taken_once_an_hour_and_in_order():
    judge = Compliance(voltage_v=230.0)
    judge.told(6.0, 3, 1000.0)
    taken = []
    for n in range(1, 720):
        at = 1000.0 + 10 * n
        step = judge.sampled(drawn(16.0, at), EVERY)
        if step:
            taken.append((step, at))
            judge.told(6.0, 3, at)
    assert [step for step, _ in taken[:5]] == list(STEPS)
    for name in STEPS:
        times = [at for step, at in taken if step == name]
        assert len(times) == 2
        assert times[1] - times[0] >= 3600
    assert "all that could be done was done" in judge.trouble or taken[-1][0] == "restart"


# -- on a station that does not obey --------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_station_that_accepts_and_ignores_is_found_out_in_three_samples(version):
    """Acceptance test 7, edge case 36."""
    async with rig(version=version) as r:
        r.station.deaf_a = 16.0
        await r.begin()
        await r.limit(6.0)
        changes = r.changes
        for seen in (False, False, True):
            assert r.changes == changes
            await r.clock.run(10)
            await r.sample()
            assert (r.one.trouble is not None) is seen
        assert r.one.trouble == "accepted 6 A and draws 16.0 A: it was told again"
        assert r.changes > changes
        assert len(r.station.written()) == 2
        assert len(r.station.written("TxDefaultProfile")) == 2  # it may have forgotten that too


async def test_a_station_that_forgets_with_the_link_is_found_out_and_told_everything():
    """Edge case 84: it neither restarted nor said so."""
    async with rig() as r:
        r.station.car_a = 20.0
        await r.begin()
        await r.limit(10.0)
        await r.disconnect()
        r.station.profiles.clear()
        await r.connect()
        await r.watch(40)
        assert r.station.drawn_a() == 10.0
        await r.clock.run(601)
        assert r.station.drawn_a() == 6.0
        r.station.end()
        r.station.begin()
        assert r.station.drawn_a() == 6.0


async def test_what_a_liar_is_told_grows_stronger():
    """Acceptance test 7: again, cleared and set again, by another purpose, at another level, restarted when free."""
    async with rig() as r:
        r.station.deaf_a = 16.0
        await r.begin()
        await r.limit(6.0)
        sentences = []
        for _ in range(20):
            await r.clock.run(10)
            await r.limit(6.0)
            await r.sample()
            if r.one.trouble and r.one.trouble not in sentences:
                sentences.append(r.one.trouble)
        assert [one.split(": ")[1] for one in sentences] == [
            "it was told again",
            "its limit was cleared and set again",
            "it was told by another kind of profile",
            "it was told at another stack level",
            "it is restarted as soon as nobody charges",
            "all that could be done was done, and nothing helped",
        ]
        profiles = [
            (p["csChargingProfiles"]["chargingProfilePurpose"], p["csChargingProfiles"]["stackLevel"])
            for p in r.station.told()
        ]
        assert profiles == [
            ("TxDefaultProfile", 0),  # at rest
            ("TxProfile", 5),
            ("TxDefaultProfile", 0),  # at rest again, and
            ("TxProfile", 5),
            ("TxProfile", 5),
            ("TxDefaultProfile", 5),
            ("TxDefaultProfile", 0),
        ]
        assert [one["chargingProfilePurpose"] for one in r.station.told("ClearChargingProfile")] == ["TxProfile"] * 2
        assert r.station.restarts == 0  # never while a vehicle charges
        await r.end()
        assert r.station.restarts == 1
        assert r.station.limit_a() == 16.0  # still deaf; what was set aside for the limit is put back to rest
        assert r.station.limits("TxDefaultProfile")[-1] == [(0, 6.0)]


async def test_a_station_of_two_connectors_is_not_restarted_for_one():
    async with rig(settings={"NumberOfConnectors": "2"}, entry={"connectors": 2}) as r:
        r.station.deaf_a = 16.0
        await r.begin()
        await r.limit(6.0)
        await r.watch(600)
        assert "nothing helped" in r.one.trouble
        await r.end()
        assert r.station.restarts == 0


async def test_a_station_that_obeys_again_is_in_no_trouble_and_is_not_restarted():
    async with rig() as r:
        r.station.deaf_a = 16.0
        await r.begin()
        await r.limit(6.0)
        await r.watch(160)
        assert "restarted as soon" in r.one.trouble
        r.station.deaf_a = None
        await r.watch(20)
        assert r.one.trouble is None
        await r.end()
        assert r.station.restarts == 0


async def test_another_purpose_helps_a_station_that_heeds_only_that():
    """It stays at its default limit whatever its sessions are told; a pause shows that."""
    async with rig(ignores_until="TxDefaultProfile", stacks=(0, 1)) as r:
        await r.begin()
        await r.limit(0.0)
        assert r.station.drawn_a() == 6.0
        await r.watch(120)
        assert r.station.drawn_a() == 0.0
        await r.watch(30)
        assert r.one.trouble is None
        await r.limit(9.0)
        assert r.station.drawn_a() == 9.0


async def test_a_vehicle_that_draws_a_little_more_is_no_liar():
    """Edge case 28: 6.1 A at 6 A."""
    async with rig() as r:
        await r.begin()
        await r.limit(6.0)
        r.station.deaf_a = 6.1
        await r.watch(300)
        assert r.one.trouble is None
        assert len(r.station.written()) == 1


async def test_a_station_that_warms_up_for_minutes_is_in_no_trouble_and_left_alone():
    """Edge case 79: it says SuspendedEVSE meanwhile, which on other models means a limit of 0."""
    async with rig() as r:
        await r.begin()
        await r.limit(0.0)
        await r.limit(10.0)
        r.station.deaf_a = 0.0
        await r.watch(280)
        assert r.one.trouble is None
        assert len(r.station.written()) == 2


async def test_a_power_of_one_phase_is_judged_by_one_phase():
    async with rig(car={"phases": 1}) as r:
        r.station.deaf_a = 10.0
        await r.begin()
        await r.limit(6.0, phases=1)
        await r.watch(40, power_only=True)
        assert "draws 9.5 A" in r.one.trouble


async def test_a_new_transaction_is_judged_anew():
    async with rig() as r:
        await r.begin()
        await r.limit(6.0)
        await r.end()
        r.one.plugged(False)
        await r.begin()
        r.station.deaf_a = 16.0  # it is at rest, told nothing yet
        await r.watch(60)
        assert r.one.trouble is None


# -- polling --------------------------------------------------------------------------------------------------------------


def asked(r):
    return len([one for one in r.station.told("TriggerMessage") if one["requestedMessage"] == "MeterValues"]) - 1


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_meter_that_falls_silent_is_asked(version):
    async with rig(version=version) as r:
        await r.clock.run(300)
        assert asked(r) == 0  # nobody charges
        await r.begin()
        await r.watch(60)
        assert asked(r) == 0
        await r.clock.run(25)
        assert asked(r) == 0
        await r.clock.run(10)
        assert asked(r) >= 1
        await r.disconnect()
        before = asked(r)
        await r.clock.run(100)
        assert asked(r) == before


async def test_a_model_that_measures_only_when_asked_is_asked():
    async with rig(profile=model(poll_meter=True)) as r:
        r.station.on_trigger = lambda _: None
        await r.begin()
        await r.clock.run(100)
        assert asked(r) == 10


async def test_a_model_that_measures_slowly_is_given_time():
    async with rig(profile=model(meter_interval_s=60)) as r:
        assert r.station.settings["MeterValueSampleInterval"] == "60"
        await r.begin()
        await r.clock.run(179)
        assert asked(r) == 0
        await r.clock.run(62)
        assert asked(r) >= 1


async def test_a_station_that_never_answers_when_asked_holds_up_no_limit(monkeypatch):
    monkeypatch.setattr(entry, "ASIDE_S", 0.05)
    async with rig(profile=model(poll_meter=True)) as r:
        await r.begin()
        play = r.station.answer
        r.station.answer = lambda action, payload: play(action, payload) if action != "TriggerMessage" else None
        await r.clock.run(40)
        await r.limit(10.0)
        assert r.station.drawn_a() == 10.0
        await r.clock.run(600)
        assert len(r.link.rpc._asked) <= 1


NEVER = [{"profile": model(never_trigger=("meter-values",))}, {"triggers": False}]


@pytest.mark.parametrize("given", NEVER)
async def test_a_station_that_must_not_or_cannot_be_asked_is_not(given):
    async with rig(**given) as r:
        await r.begin()
        before = len(r.station.told("TriggerMessage"))
        await r.clock.run(600)
        assert len(r.station.told("TriggerMessage")) - before <= 1
