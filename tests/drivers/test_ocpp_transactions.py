"""Transactions: durable before they are answered, never doubled, never lost, never mistaken for one another."""

from __future__ import annotations

import pytest

from noonward.errors import StateError
from noonward_drivers.ocpp.transactions import Book, Numbers, Transaction
from support.ocpp_desk import Bench


def running(memory, connector="cp-01/1"):
    """Return the transaction that a crash would leave."""
    return memory.kept[f"{connector}/book"]["running"]


# -- 1.6 -----------------------------------------------------------------------------------------------------------------


async def test_a_start_is_durable_before_it_is_answered():
    """Edge case 62, for transactions."""
    async with Bench({"cp-01": {}}) as bench:
        station = await bench.boots()
        await station.status("Preparing")
        durable = []
        begun = station.begin("StartTransaction", {"connectorId": 1, "idTag": "04a1", "meterStart": 500, "timestamp": "2026-05-28T20:26:40Z"})  # fmt: skip
        begun.add_done_callback(lambda _: durable.append(running(bench.memory)))
        await bench.clock.settle()
        answer = begun.result()
        assert answer["idTagInfo"] == {"status": "Accepted"}
        ident = str(answer["transactionId"])
        assert durable == [{"id": ident, "badge": "04A1", "started_at": pytest.approx(bench.clock.now()), "meter_wh": 500.0,
                            "start": durable[0]["start"], "seq": None}]  # fmt: skip
        assert bench.seen().id_tag == "04A1"
        assert ("transaction", ident) in bench.told()


async def test_what_is_not_durable_is_not_answered_and_the_station_asks_again():
    async with Bench({"cp-01": {}}) as bench:
        station = await bench.boots()
        bench.memory.fault = StateError("the disk is full")
        assert await station.starts(ago_s=1.0) == "InternalError"
        assert ("transaction", None) not in bench.told()
        assert not [one for one in bench.told() if one[0] == "transaction"]
        bench.memory.fault = None
        answer = await station.starts(ago_s=1.0)
        assert running(bench.memory)["id"] == str(answer["transactionId"])
        assert [one for one in bench.told() if one[0] == "transaction"] == [
            ("transaction", str(answer["transactionId"]))
        ]


async def test_a_station_that_repeats_a_start_gets_the_same_id():
    async with Bench({"cp-01": {"connectors": 2}}) as bench:
        station = await bench.boots()
        at = bench.clock.now()
        first = await station.starts(ago_s=0.0)
        await bench.clock.run(60.0)
        assert (await station.starts(ago_s=60.0)) == first
        assert [one for one in bench.told("cp-01:1") if one[0] == "transaction"] == [("transaction", str(first["transactionId"]))]  # fmt: skip
        others = [
            await station.starts(ago_s=60.0, connector=2),
            await station.starts(ago_s=60.0, badge="04A2"),
            await station.starts(ago_s=60.0, meter_wh=1001),
            await station.starts(ago_s=59.0),
        ]
        ids = {first["transactionId"], *(other["transactionId"] for other in others)}
        assert len(ids) == 5
        assert min(ids) == int(at)


async def test_ids_are_never_given_twice_whatever_the_clock_does():
    async with Bench({"cp-01": {}, "cp-02": {}}) as bench:
        one, two = await bench.boots(), await bench.boots("cp-02")
        given = [(await one.starts())["transactionId"], (await two.starts())["transactionId"]]
        await one.stops(given[0])
    bench.clock.jump(-86400.0)  # no clock in the gateway, and no network yet
    async with Bench({"cp-01": {}, "cp-02": {}}, bench.memory, bench.clock) as bench:
        one, two = await bench.boots(), await bench.boots("cp-02")
        given += [(await one.starts())["transactionId"], (await two.starts())["transactionId"]]
        assert given == sorted(set(given))


async def test_a_restart_of_the_gateway_finds_the_transaction_again():
    """Acceptance test 5, edge case 61: the station comes back without Boot and Status, and goes on."""
    async with Bench({"cp-01": {}}) as bench:
        station = await bench.boots()
        await station.status("Available")
        await bench.clock.run(3.0)
        await station.status("Preparing")
        ident = (await station.starts())["transactionId"]
        before = bench.seen()
    await bench.clock.run(120.0)
    async with Bench({"cp-01": {}}, bench.memory, bench.clock) as bench:
        seen = bench.seen()
        assert (seen.plugged, seen.plugged_at, seen.id_tag) == (True, before.plugged_at, "04A1")
        assert (seen.online, seen.status, seen.sample) == (False, None, None)
        assert bench.told() == [("transaction", str(ident)), ("plugged", True)]
        station = await bench.comes()
        await bench.clock.run(5.1)
        assert bench.told()[2:] == [("clock", 0.0), "connected"]  # its limit is renewed from here on
        await station.meters(ident, power_w=4000.0)
        assert bench.seen().sample.power_w == 4000.0
        assert bench.seen().plugged_at == before.plugged_at
        assert not [one for one in bench.told()[2:] if one[0] == "transaction"]


async def test_a_reconnect_without_boot_or_status_keeps_everything():
    """Acceptance test 5."""
    async with Bench({"cp-01": {}}) as bench:
        station = await bench.boots()
        await station.status("Available")
        await station.status("Charging")
        ident = (await station.starts())["transactionId"]
        before = bench.seen()
        await station.goes()
        await bench.clock.run(30.0)
        bench.told().clear()
        station = await bench.comes()
        await bench.clock.run(5.1)
        assert bench.told() == [("clock", 0.0), "connected"]
        assert bench.seen() == before
        await station.stops(ident)
        assert bench.told()[-1] == ("transaction", None)


async def test_a_transaction_that_nobody_knows_is_adopted():
    async with Bench({"cp-01": {}}) as bench:
        station = await bench.boots()
        await station.meters(77, power_w=4000.0)
        assert ("transaction", "77") in bench.told()
        assert (bench.seen().plugged, bench.seen().plugged_at) == (True, None)
        assert running(bench.memory)["id"] == "77"
        assert running(bench.memory)["started_at"] is None
        await station.meters(78, power_w=4000.0)
        assert running(bench.memory)["id"] == "78"


NOT_ADOPTED = [(77, 3600.0), (0, 0.0), (-1, 0.0)]


@pytest.mark.parametrize(("ident", "ago_s"), NOT_ADOPTED)
async def test_what_is_old_or_no_id_is_not_adopted(ident, ago_s):
    async with Bench({"cp-01": {}}) as bench:
        station = await bench.boots()
        await station.meters(ident, power_w=4000.0, ago_s=ago_s)
        assert not [one for one in bench.told() if one[0] == "transaction"]


async def test_the_end_of_a_transaction_that_nobody_knows_is_answered():
    async with Bench({"cp-01": {}}) as bench:
        station = await bench.boots()
        ident = (await station.starts())["transactionId"]
        assert await station.stops(4711) == {}
        assert running(bench.memory)["id"] == str(ident)


async def test_late_samples_of_an_ended_transaction_are_ignored():
    async with Bench({"cp-01": {}}) as bench:
        station = await bench.boots()
        ident = (await station.starts())["transactionId"]
        await station.meters(ident, power_w=4000.0)
        await station.stops(ident)
        before = bench.seen()
        await bench.clock.run(1.0)
        assert await station.meters(ident, power_w=4100.0) == {}
        assert bench.seen() == before
        assert running(bench.memory) is None
    async with Bench({"cp-01": {}}, bench.memory, bench.clock) as bench:
        station = await bench.boots()
        await station.meters(ident, power_w=4100.0)
        assert running(bench.memory) is None


async def test_a_free_connector_has_no_transaction():
    """Acceptance test 16: an override ends, as the vehicle is gone, whether its end was told or not."""
    async with Bench({"cp-01": {}}) as bench:
        station = await bench.boots()
        ident = (await station.starts())["transactionId"]
        await station.status("Charging")
        assert bench.seen().id_tag == "04A1"
        await station.status("Available")
        seen = bench.seen()
        assert (seen.plugged, seen.plugged_at, seen.id_tag) == (False, None, None)
        assert running(bench.memory) is None
        assert bench.told()[-2:] == [("transaction", None), ("plugged", False)]
        await station.meters(ident, power_w=100.0)  # late
        assert running(bench.memory) is None
        await station.stops(ident)
        assert bench.seen().plugged is False


async def test_a_status_that_was_wrong_is_corrected_by_what_is_measured():
    async with Bench({"cp-01": {}}) as bench:
        station = await bench.boots()
        ident = (await station.starts())["transactionId"]
        await station.status("Available")
        await station.meters(ident, power_w=4000.0)  # may be late
        assert running(bench.memory) is None
        await bench.clock.run(61.0)
        await station.meters(ident, power_w=4.0)  # may be forgotten in there
        assert running(bench.memory) is None
        await station.meters(ident, power_w=4000.0)
        assert running(bench.memory)["id"] == str(ident)
        assert bench.seen().plugged is True
        await station.stops(ident)
        await bench.clock.run(61.0)
        await station.meters(ident, power_w=4000.0)
        assert running(bench.memory) is None


ENDS = [  # reason, the vehicle is still there
    ("Local", True),
    ("Remote", True),
    ("DeAuthorized", True),
    ("EVDisconnected", False),
]


@pytest.mark.parametrize(("reason", "plugged"), ENDS)
async def test_an_end_tells_whether_the_vehicle_went(reason, plugged):
    """Acceptance test 16."""
    async with Bench({"cp-01": {}}) as bench:
        station = await bench.boots()
        await station.status("Preparing")
        ident = (await station.starts())["transactionId"]
        await station.stops(ident, reason=reason)
        assert bench.seen().plugged is plugged
        assert bench.seen().id_tag == ("04A1" if plugged else None)
        await station.status("Finishing")
        assert bench.seen().plugged is plugged


async def test_a_session_that_ran_and_ended_while_the_gateway_was_away_moves_nothing():
    """Acceptance test 6, edge case 37."""
    async with Bench({"cp-01": {}}) as bench:
        station = await bench.boots()
        await station.status("Available", ago_s=600.0)
        before = bench.seen()
        ident = (await station.starts(ago_s=7200.0))["transactionId"]
        for minutes in range(110, 30, -10):
            await station.meters(ident, power_w=11000.0, ago_s=60.0 * minutes)
        await station.stops(ident, ago_s=1500.0)
        assert bench.seen() == before
        assert not [one for one in bench.told() if one[0] in {"transaction", "sampled"}]


async def test_a_session_that_began_while_the_gateway_was_away_and_runs_is_taken():
    """Acceptance test 6: its start is old, and it is the one that runs."""
    async with Bench({"cp-01": {}}) as bench:
        station = await bench.boots()
        await station.status("Available", ago_s=9000.0)
        await station.status("Charging", ago_s=7000.0)
        ident = (await station.starts(ago_s=7000.0))["transactionId"]
        assert running(bench.memory)["id"] == str(ident)
        assert running(bench.memory)["started_at"] == pytest.approx(bench.clock.now() - 7000.0, abs=0.1)


async def test_another_vehicle_came_while_the_gateway_was_away():
    async with Bench({"cp-01": {}}) as bench:
        station = await bench.boots()
        await station.status("Available")
        await bench.clock.run(1.0)
        await station.status("Charging")
        first, plugged_at = (await station.starts("04A1"))["transactionId"], bench.seen().plugged_at
        await station.goes()
        await bench.clock.run(3600.0)
        station = await bench.comes()
        await station.stops(first, "EVDisconnected", ago_s=1800.0)
        second = (await station.starts("04A2", ago_s=900.0))["transactionId"]
        seen = bench.seen()
        assert second != first
        assert (seen.plugged, seen.id_tag, seen.plugged_at) == (True, "04A2", bench.clock.now())
        assert seen.plugged_at != plugged_at


# -- 2.0.1 ---------------------------------------------------------------------------------------------------------------


async def test_in_201_the_station_names_the_transaction():
    async with Bench({"cp-01": {}}) as bench:
        station = await bench.boots(version="2.0.1")
        await station.status("Occupied")
        assert await station.event("Started", "tx-1", 0, badge="04a1", state="EVConnected") == {
            "idTokenInfo": {"status": "Accepted"}
        }
        assert (running(bench.memory)["id"], running(bench.memory)["seq"]) == ("tx-1", 0)
        assert bench.seen().id_tag == "04A1"
        await station.event("Updated", "tx-1", 1, state="Charging", evse=None, power_w=3000.0)
        assert bench.seen().sample.power_w == 3000.0
        await station.event("Ended", "tx-1", 2, evse=None, reason="EVDisconnected")
        assert bench.seen().plugged is False
        assert running(bench.memory) is None
        assert [one for one in bench.told() if one[0] == "transaction"] == [("transaction", "tx-1"), ("transaction", None)]  # fmt: skip


async def test_the_badge_may_come_after_the_start():
    async with Bench({"cp-01": {}}) as bench:
        station = await bench.boots(version="2.0.1")
        await station.event("Started", "tx-1", 0, state="EVConnected")
        assert bench.seen().id_tag is None
        await station.event("Updated", "tx-1", 1, trigger="Authorized", badge="04A1", evse=None)
        assert bench.seen().id_tag == "04A1"


async def test_an_event_counts_once():
    async with Bench({"cp-01": {}}) as bench:
        station = await bench.boots(version="2.0.1")
        await station.event("Started", "tx-1", 0, state="EVConnected")
        await station.event("Updated", "tx-1", 3, state="Charging", power_w=3000.0)
        before = bench.seen()
        await station.event("Started", "tx-1", 0, state="EVConnected")
        await station.event("Updated", "tx-1", 3, state="SuspendedEV", power_w=4.0)
        await station.event("Updated", "tx-1", 2, state="SuspendedEV", power_w=5.0, offline=True, ago_s=20.0)
        assert bench.seen() == before
        await station.event("Ended", "tx-1", 4)
        await station.event("Updated", "tx-1", 5, state="Charging", power_w=3000.0)
        await station.event("Started", "tx-1", 0, state="EVConnected")
        assert running(bench.memory) is None


async def test_a_backlog_of_201_is_replayed_without_moving_anything():
    """Acceptance test 6: ten events, offline, with the times of then."""
    async with Bench({"cp-01": {}}) as bench:
        station = await bench.boots(version="2.0.1")
        await station.event("Started", "tx-1", 0, state="Charging", power_w=3000.0)
        station_sample = bench.seen().sample
        await station.goes()
        await bench.clock.run(600.0)
        station = await bench.comes(version="2.0.1")
        for seq in range(1, 11):
            await station.event(
                "Updated", "tx-1", seq, offline=True, ago_s=600.0 - 50.0 * seq, power_w=11000.0, state="Charging"
            )
        assert bench.seen().sample is station_sample
        await station.event("Updated", "tx-1", 11, power_w=2000.0)
        assert bench.seen().sample.power_w == 2000.0


async def test_a_transaction_of_201_that_nobody_knows_is_adopted_when_it_is_live():
    async with Bench({"cp-01": {}}) as bench:
        station = await bench.boots(version="2.0.1")
        await station.event("Updated", "tx-8", 7, offline=True, ago_s=900.0, state="Charging")
        assert not [one for one in bench.told() if one[0] == "transaction"]
        await station.event("Updated", "tx-9", 7, evse=None, state="Charging")
        assert ("transaction", "tx-9") in bench.told()
        assert bench.seen().plugged is True
        assert await station.event("Ended", "tx-7", 9, evse=None) == {}
        assert running(bench.memory)["id"] == "tx-9"


async def test_a_transaction_of_201_is_found_by_its_name_where_its_evse_is_left_out():
    async with Bench({"cp-01": {"connectors": 2}}) as bench:
        station = await bench.boots(version="2.0.1")
        await station.event("Started", "tx-1", 0, evse=2, state="Charging")
        await station.event("Updated", "tx-1", 1, evse=None, power_w=3000.0)
        assert bench.seen("cp-01:2").sample.power_w == 3000.0
        await station.event("Ended", "tx-1", 2, evse=None)
        assert running(bench.memory, "cp-01/2") is None


async def test_a_start_that_comes_after_its_transaction_was_found_begins_nothing():
    async with Bench({"cp-01": {}}) as bench:
        station = await bench.boots(version="2.0.1")
        await station.event("Updated", "tx-9", 7, state="Charging")
        await station.event("Started", "tx-9", 0, ago_s=500.0, state="EVConnected")
        assert bench.seen().status == "charging"
        assert [one for one in bench.told() if one[0] == "transaction"] == [("transaction", "tx-9")]


async def test_a_start_that_comes_after_its_end_begins_nothing():
    async with Bench({"cp-01": {}}) as bench:
        station = await bench.boots(version="2.0.1")
        await station.event("Ended", "tx-5", 9, ago_s=50.0)
        await station.event("Started", "tx-5", 0, ago_s=500.0, state="EVConnected")
        assert running(bench.memory) is None


async def test_the_last_sample_comes_with_the_end():
    async with Bench({"cp-01": {}}) as bench:
        station = await bench.boots(version="2.0.1")
        await station.event("Started", "tx-1", 0, state="Charging", power_w=3000.0)
        await bench.clock.run(5.0)
        await station.event("Ended", "tx-1", 1, power_w=0.0)
        assert bench.seen().sample.power_w == 0.0
        await bench.clock.run(5.0)
        await station.event("Ended", "tx-1", 1, power_w=5.0)
        assert bench.seen().sample.power_w == 0.0


REUSED = [  # how the first one ended: told, seen free, not at all
    "ended",
    "free",
    "silently",
]


@pytest.mark.parametrize("how", REUSED)
async def test_a_name_may_be_used_again(how):
    """Edge case 37: stations that know one name only; what comes late of the first is still late."""
    async with Bench({"cp-01": {}}) as bench:
        station = await bench.boots(version="2.0.1")
        begun = bench.clock.now()
        await station.event("Started", "tx", 0, state="Charging", badge="04A1")
        await bench.clock.run(600.0)
        if how == "ended":
            await station.event("Ended", "tx", 9, reason="EVDisconnected")
        if how != "silently":
            await station.status("Available")
            assert running(bench.memory) is None
        await bench.clock.run(30.0)
        await station.event("Started", "tx", 0, state="Charging", badge="04A1", ago_s=bench.clock.now() - begun)
        assert (running(bench.memory) is None) is (how != "silently")
        await station.event("Started", "tx", 0, state="EVConnected", badge="04A2")
        seen = bench.seen()
        assert (running(bench.memory)["id"], seen.plugged, seen.id_tag) == ("tx", True, "04A2")
        assert [one for one in bench.told() if one[0] == "transaction"] == [("transaction", "tx"), ("transaction", None), ("transaction", "tx")]  # fmt: skip
        await station.event("Updated", "tx", 1, state="Charging")
        assert bench.seen().status == "charging"


async def test_a_name_that_is_in_use_again_is_found_without_its_start():
    async with Bench({"cp-01": {}}) as bench:
        station = await bench.boots(version="2.0.1")
        await station.event("Started", "tx", 0, state="Charging")
        await station.event("Ended", "tx", 1)
        await bench.clock.run(50.0)
        await station.event("Updated", "tx", 1, state="Charging")
        assert running(bench.memory) is None
        await bench.clock.run(20.0)
        await station.event("Updated", "tx", 2, state="Charging")
        assert running(bench.memory)["id"] == "tx"


async def test_a_start_without_a_time_is_a_start_of_its_own():
    async with Bench({"cp-01": {}}) as bench:
        station = await bench.boots()
        payload = {"connectorId": 1, "idTag": "04A1", "meterStart": 0, "timestamp": "yesterday"}
        first, second = [(await station.ask("StartTransaction", payload))["transactionId"] for _ in range(2)]
        assert first != second
        assert running(bench.memory)["id"] == str(second)


async def test_a_name_may_be_used_at_several_connectors():
    """Edge case 37."""
    async with Bench({"cp-01": {"connectors": 2}}) as bench:
        station = await bench.boots(version="2.0.1")
        await station.event("Started", "tx", 0, evse=1, state="Charging")
        await station.event("Ended", "tx", 1, evse=1)
        await bench.clock.run(100.0)
        await station.event("Started", "tx", 0, evse=2, state="Charging")
        await station.event("Updated", "tx", 1, evse=2, power_w=2000.0)
        await station.event("Updated", "tx", 2, evse=None, power_w=3000.0)
        assert bench.seen("cp-01:2").sample.power_w == 3000.0
        assert bench.seen("cp-01:1").sample is None
        await station.event("Ended", "tx", 3, evse=None)
        assert [running(bench.memory, f"cp-01/{number}") for number in (1, 2)] == [None, None]


# -- the book itself -------------------------------------------------------------------------------------------------------


def test_a_book_is_read_as_it_was_written():
    book = Book()
    book.begin(Transaction(id="1", badge="A", started_at=2.0, meter_wh=3.0, start="s"))
    assert book.end("1")
    book.begin(Transaction(id="2", start="t"))
    book.shut(50.0)
    book.begin(Transaction(id="3", seq=4))
    again = Book(book.written())
    assert again.written() == book.written()
    assert (again.running, again.known("s"), again.known("t")) == (Transaction(id="3", seq=4), "1", "2")
    assert again.over("1", 500.0, alive=True)
    assert again.over("2", 500.0, alive=True)
    assert not again.over("3", 500.0, alive=True)


SHUT = [  # so long after the connector was said to be free, a vehicle is there, the transaction is over
    (1.0, False, True),
    (1.0, True, True),
    (61.0, False, True),
    (61.0, True, False),
]


@pytest.mark.parametrize(("later_s", "alive", "over"), SHUT)
def test_a_transaction_that_was_shut_is_over_unless_it_shows(later_s, alive, over):
    book = Book()
    book.begin(Transaction(id="1"))
    book.shut(50.0)
    assert Book(book.written()).over("1", 50.0 + later_s, alive=alive) is over


def test_a_book_stays_small():
    book = Book()
    for ident in range(1000):
        book.begin(Transaction(id=str(ident), start=str(ident)))
        book.end(str(ident))
    assert len(book.ids()) <= 16


GIVEN = [  # given before, now, the next
    ((), 1_780_000_000.9, 1_780_000_000),
    (("1780000005", "abc", ""), 1_780_000_000.0, 1_780_000_006),
    (("99999999999999999999", "²"), 1_780_000_000.0, 1_780_000_000),
]


@pytest.mark.parametrize(("given", "now", "expected"), GIVEN)
def test_numbers_go_up(given, now, expected):
    numbers = Numbers(given)
    assert numbers.next(now) == str(expected)
    assert numbers.next(now) == str(expected + 1)
