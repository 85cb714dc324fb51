"""What stations say becomes what the engine sees: statuses, cables, badges, samples, comings and goings."""

from __future__ import annotations

import asyncio

import pytest

from noonward.core.model import Sample, Status
from support.dict_memory import DictMemory
from support.ocpp_desk import Bench


async def test_a_station_that_boots_is_prepared_after_its_answer_and_then_limited():
    async with Bench({"cp-01": {}}) as bench:
        assert bench.seen().online is False
        station = await bench.boots()
        assert station.order == ["answer"]
        assert bench.preparer().runs == 1
        assert bench.told() == ["booted", ("clock", 0.0), "connected"]
        assert bench.seen().online
        assert bench.seen().booted_at == bench.clock.now()
        assert (bench.seen().plugged, bench.seen().status) == (None, None)
        assert bench.memory.kept["cp-01/identity"]["model"] == "Box"


# -- statuses ------------------------------------------------------------------------------------------------------------

STATUSES = [  # said, plugged, shown
    ("Available", False, Status.AVAILABLE),
    ("Preparing", True, Status.PREPARING),
    ("Charging", True, Status.CHARGING),
    ("SuspendedEV", True, Status.SUSPENDED_EV),
    ("SuspendedEVSE", True, Status.SUSPENDED_EVSE),
    ("Finishing", True, Status.FINISHING),
    ("Reserved", False, Status.RESERVED),
    ("Unavailable", None, Status.UNAVAILABLE),
    ("Faulted", None, Status.FAULTED),
]


@pytest.mark.parametrize(("said", "plugged", "shown"), STATUSES)
async def test_what_a_status_of_16_means(said, plugged, shown):
    async with Bench({"cp-01": {}}) as bench:
        station = await bench.boots()
        await station.status(said)
        seen = bench.seen()
        assert (seen.plugged, seen.status, seen.plugged_at) == (plugged, shown, None)


CABLE = [  # statuses one after the other, whether plugged in the end, how many vehicles had a moment of coming
    (["Available", "Preparing"], True, 1),
    (["Available", "Preparing", "Charging", "SuspendedEV", "Charging", "Finishing"], True, 1),
    (["Available", "Preparing", "Faulted", "Preparing"], True, 1),
    (["Available", "Preparing", "Unavailable", "Charging"], True, 1),
    (["Available", "Preparing", "Available", "Preparing"], True, 2),
    (["Preparing", "Available"], False, 0),
    (["Available", "Finishing"], False, 0),
    (["Available", "Faulted"], False, 0),
]


@pytest.mark.parametrize(("statuses", "plugged", "vehicles"), CABLE)
async def test_another_vehicle_is_one_that_came_after_the_connector_was_free(statuses, plugged, vehicles):
    moments = set()
    async with Bench({"cp-01": {}}) as bench:
        station = await bench.boots()
        for status in statuses:
            await bench.clock.run(10.0)
            await station.status(status)
            moments.add(bench.seen().plugged_at)
        assert bench.seen().plugged is plugged
        assert len(moments - {None}) == vehicles


STATES = [  # events of 2.0.1 after "Occupied" (state of the charge, None: an end), shown
    ([], Status.PREPARING),
    (["EVConnected"], Status.PREPARING),
    (["Charging"], Status.CHARGING),
    (["Charging", "SuspendedEV"], Status.SUSPENDED_EV),
    (["Charging", "SuspendedEVSE", ""], Status.SUSPENDED_EVSE),
    (["Charging", None], Status.FINISHING),
]


@pytest.mark.parametrize(("states", "shown"), STATES)
async def test_what_201_says_of_the_charge_completes_occupied(states, shown):
    async with Bench({"cp-01": {}}) as bench:
        station = await bench.boots(version="2.0.1")
        await station.status("Available")
        await station.status("Occupied")
        for seq, state in enumerate(states):
            kind = "Ended" if state is None else "Updated" if seq else "Started"
            await station.event(kind, "tx-1", seq, state=state or None)
        assert (bench.seen().plugged, bench.seen().status) == (True, shown)


async def test_a_transaction_of_201_tells_that_a_vehicle_is_there_where_no_status_does():
    async with Bench({"cp-01": {}}) as bench:
        station = await bench.boots(version="2.0.1")
        await station.status("Available")
        await station.event("Started", "tx-1", 0, state="Idle", badge="04A1")
        assert bench.seen().plugged is False
        await station.event("Updated", "tx-1", 1, state="Charging", evse=None)
        assert (bench.seen().plugged, bench.seen().status) == (True, Status.CHARGING)
        assert bench.seen().plugged_at == bench.clock.now()


async def test_idle_at_an_occupied_connector_does_not_pull_the_cable():
    async with Bench({"cp-01": {}}) as bench:
        station = await bench.boots(version="2.0.1")
        await station.status("Occupied")
        await station.event("Started", "tx-1", 0, state="Idle")
        assert bench.seen().plugged is True


SOCKETS = [  # statuses of the two cables of one EVSE, plugged, shown
    ([(1, "Occupied"), (2, "Available")], True, Status.PREPARING),
    ([(1, "Available"), (2, "Occupied"), (1, "Unavailable")], True, Status.PREPARING),
    ([(1, "Occupied"), (2, "Available"), (1, "Available")], False, Status.AVAILABLE),
    ([(1, "Faulted"), (2, "Available")], None, Status.FAULTED),
]


@pytest.mark.parametrize(("said", "plugged", "shown"), SOCKETS)
async def test_a_vehicle_at_one_cable_is_a_vehicle(said, plugged, shown):
    async with Bench({"cp-01": {}}) as bench:
        station = await bench.boots(version="2.0.1")
        for socket, status in said:
            payload = {
                "evseId": 1,
                "connectorId": socket,
                "connectorStatus": status,
                "timestamp": "2026-05-28T20:26:40Z",
            }
            await station.ask("StatusNotification", payload)
        assert (bench.seen().plugged, bench.seen().status) == (plugged, shown)


async def test_a_station_that_names_many_connectors_is_told_of_a_few_times(caplog):
    async with Bench({"cp-01": {}}) as bench:
        station = await bench.boots()
        for connector in range(2, 60):
            await station.status("Available", connector=connector)
        assert caplog.text.count("write connectors") == 8


async def test_a_station_cannot_forge_a_line_of_the_log(caplog):
    caplog.set_level("INFO")
    async with Bench({"cp-01": {}}) as bench:
        station = await bench.comes()
        await station.ask("BootNotification", {"chargePointVendor": "a\nERROR b", "chargePointModel": "Box"})
        assert "a?ERROR b" in caplog.text
        assert bench.memory.kept["cp-01/identity"] == {
            "vendor": "a?ERROR b",
            "model": "Box",
            "serial": None,
            "firmware": None,
        }


async def test_the_station_itself_is_no_connector():
    async with Bench({"cp-01": {}}) as bench:
        station = await bench.boots()
        await station.status("Preparing")
        await station.status("Available", connector=0)
        assert bench.seen().plugged is True


async def test_connectors_are_stations_of_their_own():
    async with Bench({"cp-01": {"connectors": 2}}) as bench:
        station = await bench.boots()
        await station.status("Preparing", connector=2)
        await station.status("Available", connector=1)
        assert (bench.seen("cp-01:1").plugged, bench.seen("cp-01:2").plugged) == (False, True)
        answer = await station.starts(connector=2)
        assert ("transaction", str(answer["transactionId"])) in bench.told("cp-01:2")
        assert not [one for one in bench.told("cp-01:1") if one[0] == "transaction"]


async def test_a_connector_that_nobody_declared_charges_nobody(caplog):
    async with Bench({"cp-01": {}}) as bench:
        station = await bench.boots()
        await station.status("Preparing", connector=2)
        answer = await station.starts(connector=2)
        assert answer["idTagInfo"] == {"status": "Invalid"}
        assert isinstance(answer["transactionId"], int)
        assert "write connectors: 2" in caplog.text
        assert bench.seen().plugged is None


# -- who watches ---------------------------------------------------------------------------------------------------------


async def test_who_watches_is_called_when_something_changed_and_only_then():
    async with Bench({"cp-01": {}}) as bench:
        calls = []
        bench.station().watch(lambda: calls.append(bench.seen()))
        station = await bench.boots()
        calls.clear()
        await station.status("Preparing")
        assert [seen.plugged for seen in calls] == [True]
        await station.status("Preparing")
        await station.ask("Heartbeat", {})
        assert len(calls) == 1
        bench.station().limiter.trouble = "it does not obey"
        bench.station().limiter.changed()
        assert len(calls) == 2


# -- samples -------------------------------------------------------------------------------------------------------------


async def test_the_newest_sample_is_the_one_that_was_measured_last():
    """Acceptance test 6, edge case 37: what was measured while the gateway was away moves nothing."""
    async with Bench({"cp-01": {}}) as bench:
        station = await bench.boots()
        await station.meters(power_w=7000.0, ago_s=2.0)
        newest = bench.seen().sample
        assert newest == Sample(at=pytest.approx(bench.clock.now() - 2.0, abs=0.01), power_w=7000.0)
        for ago_s in range(1800, 30, -100):
            await station.meters(power_w=11000.0, ago_s=float(ago_s))
        await station.meters(power_w=11000.0, ago_s=5.0)
        assert bench.seen().sample is newest
        assert bench.told().count(("sampled", newest)) == 1
        await station.meters(power_w=6000.0)
        assert bench.seen().sample.power_w == 6000.0


SLOW = [  # error of the station's clock, seconds between samples
    (-7200.0, 10.0),
    (7200.0, 10.0),
    (-86400.0 * 365, 10.0),
    (3600.0, 60.0),
]


@pytest.mark.parametrize(("error_s", "every_s"), SLOW)
async def test_a_clock_that_is_hours_wrong_is_learnt(error_s, every_s):
    """Edge case 37."""
    async with Bench({"cp-01": {}}) as bench:
        station = await bench.boots()
        for sample in range(4):
            await station.meters(power_w=1000.0 + sample, ago_s=-error_s)
            await bench.clock.run(every_s)
        seen = bench.seen().sample
        assert seen.power_w == 1003.0
        assert seen.at == pytest.approx(bench.clock.now() - every_s, abs=0.1)
        assert bench.memory.kept["cp-01/clock_error_s"] == pytest.approx(error_s, abs=0.1)
        assert bench.told()[-1][1].power_w == 1003.0
        assert [one for one in bench.told() if one[0] == "clock"][-1] == ("clock", pytest.approx(error_s, abs=0.1))
    async with Bench({"cp-01": {}}, bench.memory, bench.clock) as bench:
        station = await bench.boots()
        await station.meters(power_w=5.0, ago_s=-error_s)
        assert bench.seen().sample.power_w == 5.0


async def test_a_clock_that_was_set_right_is_noticed():
    """Edge case 37."""
    async with Bench({"cp-01": {}}, DictMemory({"cp-01/clock_error_s": 7200.0})) as bench:
        station = await bench.boots()
        for _ in range(4):
            await station.meters(power_w=1000.0)
            await bench.clock.run(10.0)
        assert bench.seen().sample.power_w == 1000.0
        assert bench.memory.kept["cp-01/clock_error_s"] == 0.0


async def test_a_backlog_that_trickles_in_is_not_taken_for_a_slow_clock():
    """Acceptance test 6: two hours of samples, one a second."""
    async with Bench({"cp-01": {}}) as bench:
        station = await bench.boots()
        for sample in range(120):
            await station.meters(power_w=11000.0, ago_s=7200.0 - 60.0 * sample)
            await bench.clock.run(1.0)
            assert bench.seen().sample is None or sample >= 118


VALUES = [  # measured, wired to, as the engine sees it
    ({"power_w": 3500}, 3, {"power_w": 3500.0}),
    ({"l1_a": 7.9, "l2_a": 0.0, "l3_a": 0.0}, 3, {"current_a": {"L1": 7.9, "L2": 0.0, "L3": 0.0}}),
    ({"n_a": 15.0}, 3, {"current_a": {"N": 15.0}}),
    ({"a": 15.0}, 1, {"current_a": {"L1": 15.0}}),
    ({"a": 15.0, "power_w": 10350}, 3, {"power_w": 10350.0}),
    ({"energy_wh": 12345}, 3, {"energy_wh": 12345.0}),
]


@pytest.mark.parametrize(("values", "phases", "expected"), VALUES)
async def test_what_is_not_measured_is_unknown(values, phases, expected):
    async with Bench({"cp-01": {"phases": phases}}) as bench:
        station = await bench.boots()
        await station.meters(**values)
        assert bench.seen().sample == Sample(at=bench.seen().sample.at, **expected)


async def test_a_moment_may_come_in_parts():
    async with Bench({"cp-01": {}}) as bench:
        station = await bench.boots()
        await station.meters(power_w=3000.0)
        await station.meters(l1_a=13.0)
        await bench.clock.run(5.0)
        await station.meters(energy_wh=777.0)
        seen = bench.seen().sample
        assert (seen.power_w, dict(seen.current_a), seen.energy_wh) == (3000.0, {"L1": 13.0}, 777.0)
        assert seen.at < bench.clock.now() - 4.0
        await bench.clock.run(60.0)
        await station.meters(energy_wh=800.0)
        assert bench.seen().sample == Sample(at=pytest.approx(bench.clock.now(), abs=0.01), energy_wh=800.0)


async def test_samples_go_on_when_the_gateways_own_clock_is_set_back():
    """Edge case 57."""
    async with Bench({"cp-01": {}}) as bench:
        station = await bench.boots()
        await station.meters(power_w=3000.0)
        bench.clock.jump(-10800.0)
        await station.meters(power_w=4000.0)
        assert bench.seen().sample == Sample(at=pytest.approx(bench.clock.now(), abs=0.01), power_w=4000.0)


async def test_the_next_vehicle_begins_without_a_sample():
    async with Bench({"cp-01": {}}) as bench:
        station = await bench.boots()
        await station.status("Charging")
        await station.meters(power_w=3000.0)
        await station.status("Available")
        assert bench.seen().sample is None


# -- coming and going ------------------------------------------------------------------------------------------------------


async def test_what_was_said_stands_while_the_station_is_away():
    async with Bench({"cp-01": {}}) as bench:
        station = await bench.boots()
        await station.status("Charging")
        await station.meters(power_w=3000.0)
        before = bench.seen()
        await station.goes()
        after = bench.seen()
        assert (after.plugged, after.status, after.sample) == (True, Status.CHARGING, before.sample)
        assert after.online is False
        assert bench.told()[-1] == "disconnected"


async def test_a_station_that_says_something_else_is_prepared_without_an_introduction():
    async with Bench({"cp-01": {}}) as bench:
        station = await bench.comes()
        assert bench.preparer().runs == 0
        await station.ask("Heartbeat", {})
        assert bench.preparer().runs == 1
        assert bench.told() == [("clock", 0.0), "connected"]
        assert bench.seen().booted_at is None
        await bench.clock.run(4.9)
        assert station.asked == []
        await bench.clock.run(0.2)
        assert station.asked == [("TriggerMessage", {"requestedMessage": "BootNotification"})]
        await station.boots()
        assert bench.seen().booted_at is None  # it did as it was asked
        assert bench.preparer().runs == 1
        assert bench.memory.kept["cp-01/identity"]["vendor"] == "Acme"


async def test_who_was_asked_once_may_still_boot_later():
    async with Bench({"cp-01": {}}) as bench:
        station = await bench.comes()
        await bench.clock.run(6.0)
        await station.boots()
        assert bench.seen().booted_at is None
        await station.goes()
        await bench.boots()
        assert bench.seen().booted_at == bench.clock.now()


MUTE = [  # known before, what it answers to being asked, prepared after 5 s, after 65 s
    (True, {"status": "Accepted"}, 1, 1),
    (False, {"status": "Accepted"}, 0, 1),
    (True, {"status": "Rejected"}, 1, 1),
    (False, {"status": "NotImplemented"}, 1, 1),
]


@pytest.mark.parametrize(("known", "answer", "soon", "later"), MUTE)
async def test_a_mute_station_is_asked_and_then_taken_for_what_it_was(known, answer, soon, later):
    """Acceptance test 5: no Boot and no Status after a reconnect."""
    memory = DictMemory({"cp-01/identity": {"vendor": "Acme", "model": "Box"}} if known else {})
    async with Bench({"cp-01": {}}, memory) as bench:
        await bench.comes(plays={"TriggerMessage": answer})
        await bench.clock.run(4.9)
        assert bench.preparer().runs == 0
        await bench.clock.run(0.2)
        assert bench.preparer().runs == soon
        await bench.clock.run(60.0)
        assert bench.preparer().runs == later
        assert ("connected" in bench.told()) is True


async def test_a_model_that_stops_answering_when_asked_is_not_asked():
    async with Bench({"cp-01": {"profile": "starcharge"}}) as bench:
        station = await bench.comes()
        await bench.clock.run(70.0)
        assert station.asked == []
        assert bench.preparer().runs == 1


async def test_a_boot_on_a_link_that_stands_prepares_anew():
    """Edge case 36: a station that restarted may have forgotten every limit."""
    async with Bench({"cp-01": {}}) as bench:
        station = await bench.boots()
        await bench.clock.run(100.0)
        assert bench.seen().booted_at == bench.clock.now() - 100.0
        bench.told().clear()
        bench.preparer().go.clear()
        await station.boots()
        assert bench.seen().booted_at == bench.clock.now()
        assert bench.told() == ["booted", ("clock", 0.0)]  # what is written while it is prepared is in its own time
        bench.preparer().go.set()
        await bench.clock.settle()
        assert bench.told() == ["booted", ("clock", 0.0), "connected"]
        assert bench.preparer().runs == 2


async def test_a_new_connection_takes_the_place_of_the_old_one():
    async with Bench({"cp-01": {}}) as bench:
        first = await bench.boots()
        bench.told().clear()
        second = await bench.comes()
        assert bench.told() == ["disconnected"]
        assert bench.seen().online
        await second.boots()
        assert bench.told() == ["disconnected", "booted", ("clock", 0.0), "connected"]
        first.link.rpc.close("replaced")


async def test_a_bug_while_preparing_does_not_keep_a_station_from_being_limited(caplog):
    async with Bench({"cp-01": {}}) as bench:
        bench.preparer().breaks = True
        await bench.boots()
        assert "connected" in bench.told()
        assert "not prepared" in caplog.text


# -- before the first charge -----------------------------------------------------------------------------------------------

BEGINNINGS = [
    ("1.6", "Authorize", {"idTag": "04A1"}),
    ("1.6", "StartTransaction", {"connectorId": 1, "idTag": "04A1", "meterStart": 0, "timestamp": "2026-05-28T20:26:40Z"}),
    ("2.0.1", "Authorize", {"idToken": {"idToken": "04A1", "type": "ISO14443"}}),
    ("2.0.1", "TransactionEvent", {"eventType": "Started", "timestamp": "2026-05-28T20:26:40Z", "triggerReason": "Authorized", "seqNo": 0,
                                   "transactionInfo": {"transactionId": "t"}, "evse": {"id": 1}}),
    ("2.0.1", "TransactionEvent", {"eventType": "Updated", "timestamp": "2026-05-28T20:26:40Z", "triggerReason": "Authorized", "seqNo": 1,
                                   "transactionInfo": {"transactionId": "t"}, "idToken": {"idToken": "04A1", "type": "ISO14443"}}),
]  # fmt: skip


@pytest.mark.parametrize(("version", "action", "payload"), BEGINNINGS)
async def test_nothing_begins_before_the_safe_limit_stands(version, action, payload):
    """A station without a profile charges at full power."""
    async with Bench({"cp-01": {}}) as bench:
        bench.preparer().go.clear()
        station = await bench.boots(version=version)
        answer = station.begin(action, payload)
        await bench.clock.settle()
        assert not answer.done()
        assert not [one for one in bench.told() if one[0] == "transaction"]
        bench.preparer().go.set()
        await bench.clock.settle()
        assert answer.done()


async def test_a_beginning_is_not_held_for_ever(caplog):
    async with Bench({"cp-01": {}}) as bench:
        bench.preparer().go.clear()
        bench.desk.chargers["cp-01"].arrival.hold_s = 0.05
        station = await bench.boots()
        answer = await asyncio.wait_for(station.begin("Authorize", {"idTag": "04A1"}), 2.0)
        assert answer == {"idTagInfo": {"status": "Accepted"}}
        assert "before its safe limit stands" in caplog.text


async def test_a_start_while_a_station_is_prepared_again_is_held_too():
    async with Bench({"cp-01": {}}) as bench:
        station = await bench.boots()
        bench.preparer().go.clear()
        await station.boots()
        answer = station.begin("Authorize", {"idTag": "04A1"})
        await bench.clock.settle()
        assert not answer.done()
        bench.preparer().go.set()
        await bench.clock.settle()
        assert answer.done()
