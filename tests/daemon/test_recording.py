"""What the daemon writes down of a day is what happened, what the lab reads, and what survives restarts and faults."""

import asyncio
import itertools
import json
import math
import sqlite3

import pytest
from click.testing import CliRunner

from noonward.cli import history as cli
from noonward.cli import simulate
from noonward.core.model import Status
from noonward.daemon import recorder
from noonward.errors import StateError
from noonward.history import energy, reading, series, sessions
from support.clock import LeapClock
from support.house import BOILER, GARAGE, GARAGE_SITE, SITE, House, advance, running, write

MORNING = 1_780_300_800.0  # 2026-06-01 08:00 UTC
HOUR = 3600.0
PRICED = SITE.replace("timezone: UTC", "timezone: UTC\nprices: {currency: CHF, import: 0.30, export: 0.10}")


@pytest.fixture
def house():
    return House(clock=LeapClock(MORNING))


@pytest.fixture
def folder(tmp_path):
    return write(tmp_path / "policies", site=PRICED)


def curves(state, *signals, lo=MORNING, hi, every_s=60):
    with reading.opened(state / reading.FILE) as past:
        return series.query(past.rows, past.calendar, signals, lo, hi, every_s).signals


def total(state, lo=MORNING, hi=MORNING + 12 * HOUR):
    with reading.opened(state / reading.FILE) as past:
        (period,) = energy.periods(past.rows, past.calendar, energy.By.DAY, lo, hi)
    return period


def known(values):
    return [k for k, value in enumerate(values) if value is not None]


async def sunny(house, hours, every_s=300.0):
    """Sun with clouds; return what the array made. [kWh]"""
    made_kwh = 0.0
    for k in range(round(hours * HOUR / every_s)):
        house.pv_w = 2500.0 + 2000.0 * math.sin(k * 1.7) + 30.0 * k
        made_kwh += house.pv_w * every_s / 3.6e6
        await house.clock.run(every_s)
    return made_kwh


def ran_kwh(house, relay, power_w, end):
    """Return what hung on a relay from its clicks. [kWh]"""
    clicks = [*house.relays[relay].clicks, (end, False)]
    on = [b[0] - a[0] for a, b in itertools.pairwise(clicks) if a[1]]
    return sum(on) * power_w / 3.6e6


async def test_a_building_plays_its_own_past(house, folder, tmp_path):
    """Recorded, exported, simulated: one set of numbers."""
    state, tape = tmp_path / "state", tmp_path / "tape.csv.gz"
    async with running(house, folder, state):
        made_kwh = await sunny(house, 4)
        boiler_kwh = ran_kwh(house, "cellar/relay-1", 3000.0, house.clock.now())
    day = total(state)
    assert boiler_kwh > 3.0, "vacuous: the boiler never ran"
    assert day.kwh("pv_w") == pytest.approx(made_kwh, rel=0.002)
    assert day.kwh("policy/boiler") == pytest.approx(boiler_kwh, rel=0.01)
    assert day.kwh("base_load_w") == pytest.approx(4 * 0.4, rel=0.01)
    balance = day.kwh("base_load_w") + day.kwh("policy/boiler") + day.kwh("policy/pump") - day.kwh("pv_w")
    assert day.kwh("import_w") - day.kwh("export_w") == pytest.approx(balance, abs=0.002)
    assert day.totals["cost"] == pytest.approx(0.30 * day.kwh("import_w"), abs=0.001)
    assert day.totals["earned"] == pytest.approx(0.10 * day.kwh("export_w"), abs=0.001)

    scene = tmp_path / "past.scenario.yaml"
    told = CliRunner().invoke(
        cli.command,
        ["export", "--out", str(tape), "--scenario", str(scene), "--state", str(state)],
        catch_exceptions=False,
    )
    assert told.exit_code == 0, told.output
    assert "240 minutes, pv_w, base_load_w, grid_w, price_import, price_export" in told.output
    played = CliRunner().invoke(simulate.command, [str(folder), "--tape", str(tape), "--json"], catch_exceptions=False)
    score = json.loads(played.output)
    assert score["pv_kwh"] == pytest.approx(day.kwh("pv_w"), abs=1e-3)
    assert score["base_load_kwh"] == pytest.approx(day.kwh("base_load_w"), abs=1e-3)
    assert score["policies"]["boiler"]["energy_kwh"] == pytest.approx(boiler_kwh, rel=0.05)
    assert score["import_kwh"] == pytest.approx(day.kwh("import_w"), rel=0.1)
    again = CliRunner().invoke(
        simulate.command, [str(folder), "--scenario", str(scene), "--json"], catch_exceptions=False
    )
    assert again.exit_code == 0, again.output
    assert set(json.loads(again.output)["policies"]) == {"boiler"}


async def test_a_restart_loses_no_more_than_the_minutes_that_nobody_saw(house, folder, tmp_path):
    state = tmp_path / "state"
    async with running(house, folder, state):
        await house.clock.run(10 * 60 + 50)
    await house.clock.run(200)
    async with running(house, folder, state):
        await house.clock.run(10 * 60)
    (pv,) = curves(state, "pv_w", hi=MORNING + 25 * 60).values()
    assert known(pv) == [*range(11), *range(14, 24)], "08:11 to 08:13 were away; of 08:10 and 08:14 enough is known"


@pytest.mark.parametrize("by_s", [-7200.0, 7200.0, -45.0, 45.0])
async def test_a_clock_that_jumps_makes_no_energy(house, folder, tmp_path, by_s):
    state = tmp_path / "state"
    house.pv_w = 1000.0
    async with running(house, folder, state):
        await house.clock.run(20 * 60)
        house.clock.jump(by_s)
        await house.clock.run(20 * 60)
    day = total(state, MORNING - 3 * HOUR, MORNING + 3 * HOUR)
    lost_min = 40 - day.known_h["pv_w"] * 60
    assert 0 <= lost_min <= 2, "a minute at the jump, and one that was lived twice"
    assert day.kwh("pv_w") == pytest.approx(day.known_h["pv_w"])


async def test_a_meter_that_is_away_leaves_its_part_unknown(house, folder, tmp_path):
    state = tmp_path / "state"
    house.pv_w = 1000.0
    async with running(house, folder, state):
        await house.clock.run(10 * 60)
        house.meters["grid-meter"].away = True
        await house.clock.run(10 * 60)
        house.meters["grid-meter"].away = False
        await house.clock.run(10 * 60)
    found = curves(state, "pv_w", "grid_w", "base_load_w", "on/boiler", hi=MORNING + 30 * 60)
    assert known(found["pv_w"]) == known(found["on/boiler"]) == list(range(30))
    gone = [k for k in range(30) if found["grid_w"][k] is None]
    assert gone == [k for k in range(30) if found["base_load_w"][k] is None]
    assert gone == list(range(12, 20)), "what was read last holds for two minutes, as for the engine"


async def test_nobody_knows_the_time_nobody_writes_it_down(house, folder, tmp_path):
    state = tmp_path / "state"
    house.clock.is_trusted = False
    async with running(house, folder, state):
        await house.clock.run(10 * 60)
        house.clock.is_trusted = True
        await house.clock.run(10 * 60)
    (pv,) = curves(state, "pv_w", hi=MORNING + 25 * 60).values()
    assert known(pv) in (list(range(10, 20)), list(range(11, 20)), list(range(11, 21)), list(range(10, 21)))


async def test_a_policy_takes_its_past_along_under_another_name(house, folder, tmp_path):
    state = tmp_path / "state"
    house.pv_w = 6000.0
    async with running(house, folder, state) as daemon:
        await house.clock.run(30 * 60)
        write(folder, boiler=BOILER.replace("name: boiler", "name: water\nrenamed_from: boiler"))
        await advance(house.clock, daemon.reload())
        await house.clock.run(30 * 60)
    day = total(state)
    assert day.names("policy") == ["pump", "water"]
    assert day.kwh("policy/water") == pytest.approx(
        ran_kwh(house, "cellar/relay-1", 3000.0, house.clock.now()), rel=0.02
    )


async def test_a_vehicle_that_leaves_is_a_session(tmp_path):
    house, state = House(clock=LeapClock(MORNING), pv_w=5400.0), tmp_path / "state"
    site = GARAGE_SITE.replace("devices:", "users: {anna: {badges: [AB-12]}}\ndevices:")
    folder = write(tmp_path / "policies", site=site, garage=GARAGE, boiler="", pump="")
    async with running(house, folder, state):
        await house.clock.run(1.0)
        for one in house.stations.values():
            one.says(plugged=False, status=Status.AVAILABLE)
        await house.clock.run(60)
        came = house.clock.now()
        car = house.stations["cp-01"]
        car.plug(1, id_tag="ab-12")
        await house.drive(1800)
        charged_wh = car.energy_wh
        car.unplug()
        car.says(id_tag=None)
        await house.clock.run(120)
    with reading.opened(state / reading.FILE) as past:
        (one,) = sessions.newest(past.db)
    assert charged_wh > 1000.0
    assert (one.zone, one.station, one.user, one.arrival) == ("garage", "cp-01", "anna", came)
    assert one.departure == pytest.approx(came + 1800, abs=5)
    assert one.energy_wh == pytest.approx(charged_wh, rel=0.02)
    assert one.solar_wh == pytest.approx(one.energy_wh, rel=0.05)
    station = total(state)
    assert station.kwh("station/cp-01") * 1000 == pytest.approx(charged_wh, rel=0.03)
    assert station.totals["plugged/cp-01"] == pytest.approx(0.5, abs=0.02)


async def test_a_damaged_file_is_moved_aside_and_said_and_nothing_stops(house, folder, tmp_path, said):
    state = tmp_path / "state"
    async with running(house, folder, state):
        await house.clock.run(5 * 60)
    (state / "history.db").write_bytes(b"SQLite format 3\0" + b"nonsense" * 4096)
    async with running(house, folder, state) as daemon:
        await house.clock.run(5 * 60)
        assert daemon.fault is None
        assert "history" not in daemon._troubles
    assert ["is damaged and begins anew" in line for line in said("history-lost")] == [True]
    assert (state / "history.db.aside-1").read_bytes().startswith(b"SQLite format 3\0nonsense")
    (pv,) = curves(state, "pv_w", hi=MORNING + 15 * 60).values()
    assert len(known(pv)) in {4, 5}


async def test_a_file_that_is_damaged_while_it_runs_is_begun_anew(house, folder, tmp_path, said):
    state = tmp_path / "state"
    async with running(house, folder, state) as daemon:
        await house.clock.run(5 * 60)
        db = daemon._archive._history._db
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        db.execute("PRAGMA writable_schema=ON")
        with (state / "history.db").open("r+b") as file:
            file.seek(4096)
            file.write(b"\xff" * 65_536)
        with sqlite3.connect(state / "history.db") as other:  # so that the connection forgets its pages
            other.execute("PRAGMA user_version=7")
        other.close()
        await house.clock.run(10 * 60)
        assert daemon.fault is None
        assert "history" not in daemon._troubles
    assert len(said("history-lost")) == 1
    (pv,) = curves(state, "pv_w", hi=MORNING + 15 * 60).values()
    assert len(known(pv)) >= 8


async def test_a_file_that_cannot_be_had_is_tried_again_and_said_once(house, folder, tmp_path, said):
    state = tmp_path / "state"
    state.mkdir()
    (state / "history.db").mkdir()
    async with running(house, folder, state) as daemon:
        await house.clock.run(5 * 60)
        assert "history" in daemon._troubles
        assert daemon.outcome is not None
        (state / "history.db").rmdir()
        await house.clock.run(5 * 60)
        assert "history" not in daemon._troubles
    assert len([line for line in said("outage") if line.startswith("history")]) == 1
    (pv,) = curves(state, "pv_w", hi=MORNING + 15 * 60).values()
    assert len(known(pv)) >= 4


async def test_a_mistake_in_the_recorder_stops_nothing_and_is_said_once(house, folder, tmp_path, said, monkeypatch):
    def broken(*_):
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr(recorder, "levels", broken)
    async with running(house, folder, tmp_path / "state") as daemon:
        await house.clock.run(10 * 60)
        assert daemon.fault is None
        assert daemon.stepped_at >= MORNING + 590
    assert len(said("history-bug")) == 1


async def test_a_large_site_writes_less_often_and_everything(house, folder, tmp_path, monkeypatch):
    """As if twelve channels were many."""
    monkeypatch.setattr(recorder, "TOGETHER", 4)
    written, state = [], tmp_path / "state"
    async with running(house, folder, state) as daemon:
        record = daemon._archive._history.record
        monkeypatch.setattr(
            daemon._archive._history, "record", lambda batch: (written.append(len(batch.minutes)), record(batch))
        )
        await house.clock.run(10 * 60)
    assert set(written[:-1]) == {written[0]}
    assert written[0] > 1
    (pv,) = curves(state, "pv_w", hi=MORNING + 15 * 60).values()
    assert known(pv) == list(range(10))


async def test_a_long_question_keeps_no_command_waiting(house, folder, tmp_path):
    """It is asked in another thread, and commits go on meanwhile."""
    began, go_on = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()

    def slow(past):
        loop.call_soon_threadsafe(began.set)
        asyncio.run_coroutine_threadsafe(go_on.wait(), loop).result(timeout=20)
        return past.rows.ends(series.MINUTES)

    async with running(house, folder, tmp_path / "state") as daemon:
        await house.clock.run(5 * 60)
        asking = asyncio.ensure_future(daemon.past(slow))
        await began.wait()
        await daemon.set_switch("pump", on=True, by="me")
        await house.clock.run(70)
        assert house.relays["attic/relay-1"].closed
        go_on.set()
        assert (await asking) is not None


async def test_days_are_those_of_the_site_before_anything_is_known_of_them(house, tmp_path):
    site = PRICED.replace("timezone: UTC", "timezone: Asia/Kathmandu")
    folder, midnight = write(tmp_path / "policies", site=site), MORNING + 10.25 * HOUR
    async with running(house, folder, tmp_path / "state") as daemon:

        def days(past):
            return energy.periods(past.rows, past.calendar, energy.By.DAY, MORNING, MORNING + 24 * HOUR)

        before = [one.start for one in await daemon.past(days)]
        await house.clock.run(120)
        assert [one.start for one in await daemon.past(days)] == before == [midnight - 24 * HOUR, midnight]


async def test_a_file_that_cannot_be_read_is_no_answer_and_no_end(house, folder, tmp_path):
    state = tmp_path / "state"
    async with running(house, folder, state) as daemon:
        await house.clock.run(70)
        path = daemon._archive._history.path
        daemon._archive._history.path = tmp_path / "other.db"
        (tmp_path / "other.db").write_bytes(b"nonsense" * 1000)
        with pytest.raises(StateError, match="cannot be read: file is not a database"):
            await daemon.past(lambda past: past.rows.channels())
        daemon._archive._history.path = path
        assert "pv_w" in await daemon.past(lambda past: past.rows.channels())


async def test_what_is_too_old_is_deleted_and_its_days_stay(house, folder, tmp_path):
    state = tmp_path / "state"
    site = PRICED + "history: {minutes: 1 d, quarters: 2 d}\n"
    write(folder, site=site)
    async with running(house, folder, state):
        house.pv_w = 1000.0
        await house.clock.run(1800)
    house.clock.jump(3 * 86_400.0)
    async with running(house, folder, state):
        await house.clock.run(1800)
    with reading.opened(state / reading.FILE) as past:
        assert past.rows.ends(series.MINUTES)[0] * 60 > MORNING + 2 * 86_400
        assert past.rows.ends(series.QUARTERS)[0] * 900 > MORNING + 86_400
    assert total(state).kwh("pv_w") == pytest.approx(0.5, rel=0.05)


async def test_what_cannot_be_written_is_lost_and_said(house, folder, tmp_path, said, monkeypatch):
    async with running(house, folder, tmp_path / "state") as daemon:
        await house.clock.run(130)

        def full(_):
            raise StateError("no space left on device")

        monkeypatch.setattr(daemon._archive._history, "record", full)
        await house.clock.run(300)
        assert "history" in daemon._troubles
        assert daemon.fault is None
