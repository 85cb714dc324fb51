"""The bus owner against a wire that lies, dies and comes late; the same faults shown on bare pymodbus first."""

from __future__ import annotations

import asyncio
import logging
import time
from contextlib import asynccontextmanager

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st
from pymodbus import FramerType, ModbusException
from pymodbus.client import AsyncModbusTcpClient

from noonward.errors import Rejected, Unavailable
from noonward_drivers.modbus.owner import Bus
from noonward_drivers.modbus.unit import Unit
from noonward_drivers.modbus.wire import COIL_OFF, COIL_ON, Link, Priority, Read, WriteCoil, WriteRegister
from support.modbus_bus import RealClock, ShiftedClock, Slave, Wire, crc

TIMEOUT_S = 0.12
LATE_S = 0.16
"""Later than the time-out, and gone before another one has passed."""


PROBE = Read("input", 900, 1)


def unit(number=1, *, timeout_s=TIMEOUT_S, verify=lambda words: None, gap_s=0.0):
    return Unit(number=number, timeout_s=timeout_s, gap_s=gap_s, probe=PROBE, verify=verify)


def words(at, count=2, number=1):
    """What the simulated slave says."""
    return tuple(number * 1000 + at + i for i in range(count))


def late(*addresses):
    """Delay of a slave that is late once for each of these addresses."""
    waiting = list(addresses)

    def delay(address):
        if address in waiting:
            waiting.remove(address)
            return LATE_S
        return 0.0

    return delay


@asynccontextmanager
async def owner(wire, clock=None, **link):
    kind = {"rtu": "rtu_over_tcp", "mbap": "tcp", "serial": "serial"}[wire.framing]
    address = wire.path if kind == "serial" else f"127.0.0.1:{wire.port}"
    bus = Bus(Link(kind=kind, address=address, baud=115200, **link), clock or RealClock())
    try:
        yield bus
    finally:
        await bus.close()


async def asked(bus, who, request, priority=Priority.READ):
    """Return the words, or the name of the error."""
    try:
        return await bus.ask(who, request, priority)
    except (Unavailable, Rejected) as error:
        return type(error).__name__


@asynccontextmanager
async def bare(wire, *, timeout_s=TIMEOUT_S, retries=0, framer=FramerType.RTU):
    logging.getLogger("pymodbus").setLevel(logging.CRITICAL)
    client = AsyncModbusTcpClient(
        "127.0.0.1", port=wire.port, framer=framer, timeout=timeout_s, retries=retries, reconnect_delay=0
    )
    await client.connect()
    try:
        yield client
    finally:
        client.close()


async def bare_read(client, at, count=2, number=1):
    try:
        reply = await client.read_input_registers(at, count=count, device_id=number)
    except ModbusException:
        return "silent"
    return tuple(reply.registers)


# --- the faults of the bare library, and the owner in the same place --------------------------------------------------


async def test_a_dead_unit_blocks_a_bare_client_and_not_the_owner():
    """Edge case 49. Scenario A: with pymodbus's retries a neighbour waits for all of them, again and again."""
    slaves = {1: Slave(), 2: Slave(delay=None), 3: Slave()}
    async with Wire(slaves) as wire, bare(wire, retries=3) as client:
        started = time.monotonic()
        answers = await asyncio.gather(*(bare_read(client, 0, number=n) for n in (2, 3)))
        assert answers == ["silent", words(0, number=3)]
        assert time.monotonic() - started >= 4 * TIMEOUT_S
    async with Wire(slaves) as wire, owner(wire) as bus:
        units = {n: unit(n) for n in slaves}
        for _ in range(2):
            await asked(bus, units[2], Read("input", 0, 2))
        started = time.monotonic()
        answers = await asyncio.gather(*(asked(bus, units[n], Read("input", 0, 2)) for n in (2, 3)))
        assert answers == ["Unavailable", words(0, number=3)]
        assert time.monotonic() - started < 2 * TIMEOUT_S  # the silence after the second failure


async def test_late_replies_shift_a_bare_client_for_ever_and_the_owner_never():
    """Scenario B: every reply comes after the time-out."""
    addresses = (0, 10, 20, 30)
    async with Wire({1: Slave(delay=LATE_S)}) as wire, bare(wire) as client:
        got = [await bare_read(client, at) for at in addresses]
        wrong = [answer for at, answer in zip(addresses, got, strict=True) if answer not in {"silent", words(at)}]
        assert wrong, "the library no longer needs its keeper"
    async with Wire({1: Slave(delay=LATE_S)}) as wire, owner(wire) as bus:
        who = unit()
        for at in addresses:
            who.answered()  # no quarantine: this is about the wire
            assert await asked(bus, who, Read("input", at, 2)) == "Silent"


async def test_one_late_reply_shifts_a_bare_client_that_retries():
    """Scenario B with one late reply and the library's retries: off by one request from then on."""
    async with Wire({1: Slave(delay=late(0))}) as wire, bare(wire, retries=3) as client:
        got = [await bare_read(client, at) for at in (0, 10, 20)]
        assert got[0] == words(0)
    async with Wire({1: Slave(delay=late(0))}) as wire, owner(wire) as bus:
        who = unit()
        who.known_since = 1
        got = [await asked(bus, who, Read("input", at, 2)) for at in (0, 10, 20)]
        assert got == ["Silent", words(10), words(20)]


@pytest.mark.parametrize("framing", ["rtu", "serial"])
async def test_a_cancelled_caller_does_not_shift_the_next_answers(framing):
    """Scenario E: whoever gives up must not leave his answer to the next one."""
    slow = {1: Slave(delay=0.05)}
    if framing == "rtu":
        async with Wire(slow) as wire, bare(wire, timeout_s=1) as client:
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(bare_read(client, 0), 0.01)
            assert await bare_read(client, 10) == words(0), "expected the fault"
            assert await bare_read(client, 20) == words(10), "expected the fault"
    async with Wire(slow, framing) as wire, owner(wire) as bus:
        who = unit()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(bus.ask(who, Read("input", 0, 2)), 0.01)
        assert await bus.ask(who, Read("input", 10, 2)) == words(10)
        assert await bus.ask(who, Read("input", 20, 2)) == words(20)


async def test_a_reply_of_another_length_is_no_answer():
    """Scenario G: two registers come late where four are asked."""
    async with Wire({1: Slave(delay=late(0))}) as wire, bare(wire) as client:
        wire.slaves[1].delay = lambda at: LATE_S if at == 0 else 0.1
        assert await bare_read(client, 0) == "silent"
        assert await bare_read(client, 10, count=4) == words(0), "expected the fault"
    short = Slave(wrong=lambda reply: reply if reply[1] == 2 else bytes([reply[0], 4]) + reply[2:6])
    other = Slave(wrong=lambda reply: b"\x03" + reply[1:])
    async with Wire({1: short, 2: other}) as wire, owner(wire) as bus:
        for n in (1, 2):
            who = unit(n)
            who.known_since = 1
            assert await asked(bus, who, Read("input", 10, 4)) == "WrongAnswer"


async def test_a_late_read_does_not_confirm_a_write():
    """Scenario H: pymodbus calls a write done because a read's reply arrived."""
    slow = Slave(delay=lambda at: LATE_S if at == 0 else 0.1)
    async with Wire({1: slow}) as wire, bare(wire) as client:
        assert await bare_read(client, 0) == "silent"
        reply = await client.write_coil(3, True, device_id=1)
        assert (reply.function_code, reply.isError()) == (4, False), "expected the fault"
        assert slow.bits[3] == 1
    slow.bits[3] = 0
    async with Wire({1: slow}) as wire, owner(wire) as bus:
        who = unit()
        who.known_since = 1
        assert await asked(bus, who, Read("input", 0, 2)) == "Silent"
        assert await asked(bus, who, WriteCoil(3, COIL_ON), Priority.WRITE) == ()
        assert slow.bits[3] == 1


async def test_modbus_tcp_framing_is_immune():
    async with Wire({1: Slave(delay=LATE_S)}, "mbap") as wire, bare(wire, framer=FramerType.SOCKET) as client:
        assert [await bare_read(client, at) for at in (0, 10)] == ["silent", "silent"]


# --- the owner's own rules --------------------------------------------------------------------------------------------


async def test_one_dead_unit_of_eight_costs_the_others_nothing():
    """Edge case 49. Every live unit is read in every round, and no round takes longer than its one silence."""
    slaves = {n: Slave(delay=None if n == 4 else 0.001) for n in range(1, 9)}
    async with Wire(slaves) as wire, owner(wire) as bus:
        units = {n: unit(n) for n in slaves}
        longest_s, answers = 0.0, []
        for _ in range(12):
            started = time.monotonic()
            answers.append(await asyncio.gather(*(asked(bus, units[n], Read("input", n, 2)) for n in slaves)))
            longest_s = max(longest_s, time.monotonic() - started)
        for n in slaves:
            column = {row[n - 1] for row in answers}
            assert column == {words(n, number=n)} if n != 4 else column == {"Silent", "Unavailable"}
        assert longest_s < 10 * TIMEOUT_S, "a round waits for one silence, not for many"
        assert len(wire.asked(4)) <= 4, "and its quarantine leaves the wire to the others"


async def test_what_a_converter_still_holds_dies_in_the_silence():
    """A converter gives a late frame to the next connection, so the next connection has to wait."""
    async with Wire({1: Slave(delay=late(0)), 2: Slave()}) as wire, owner(wire) as bus:
        first, second = unit(1), unit(2)
        first.known_since = second.known_since = 1
        assert await asked(bus, first, Read("input", 0, 2)) == "Silent"
        assert await asked(bus, first, Read("input", 10, 2)) == words(10)
        assert wire.connections == 2
        pause_s = wire.log[1].at_s - wire.log[0].at_s
        assert pause_s >= 2 * TIMEOUT_S - 0.005


async def test_what_was_meant_for_a_process_before_us_is_thrown_away():
    """Edge case 61. Killed and restarted behind a converter that still holds an answer."""
    async with Wire({1: Slave(delay=0.05)}) as wire, owner(wire) as bus:
        stale = bytes([1, 4, 4, 0, 7, 0, 7])
        wire.held = stale + crc(stale)
        assert await asked(bus, unit(), Read("input", 0, 2), Priority.OFF) == words(0)


@pytest.mark.parametrize("framing", ["rtu", "mbap", "serial"])
async def test_an_answer_in_another_units_name_is_none(framing):
    async with Wire({1: Slave(answers_as=2)}, framing) as wire, owner(wire) as bus:
        assert await asked(bus, unit(), Read("input", 0, 2)) == "Silent"


async def test_two_units_swapped_are_caught_by_their_identity():
    async with Wire({1: Slave(words={900: 7})}, "mbap") as wire, owner(wire) as bus:
        who = unit(verify=lambda got: None if got == (50,) else f"frequency reads {got[0]}")
        with pytest.raises(Unavailable, match=r"unit 1 on .* is not what it should be: frequency reads 7"):
            await bus.ask(who, Read("input", 0, 2))
        wire.slaves[1].words[900] = 50
        assert await bus.ask(who, Read("input", 0, 2)) == words(0)
        assert await bus.ask(who, Read("input", 0, 2)) == words(0)
        assert [entry.address for entry in wire.log] == [900, 900, 0, 0], "known from then on"


async def test_quarantine_grows_and_ends_with_one_cheap_read():
    clock = ShiftedClock()
    async with Wire({1: Slave(delay=None)}, "mbap") as wire, owner(wire, clock) as bus:
        who = unit(timeout_s=0.02)
        assert await asked(bus, who, Read("input", 0, 2)) == "Silent"
        rests_s = []
        for _ in range(7):
            sent = len(wire.log)
            assert await asked(bus, who, Read("input", 0, 50)) == "Silent"
            assert (wire.log[-1].address, wire.log[-1].value) == (900, 1), "the cheap read goes first"
            rests_s.append(round(who.rest_s(clock.monotonic())))
            assert await asked(bus, who, Read("input", 0, 50)) == "Unavailable"
            assert await asked(bus, who, WriteCoil(0, COIL_ON), Priority.WRITE) == "Unavailable"
            assert len(wire.log) == sent + 1, "nothing is sent in quarantine"
            clock.shift_s += rests_s[-1] + 0.1
        assert rests_s == [1, 2, 4, 8, 16, 30, 30]
        wire.slaves[1].delay, who.timeout_s = 0.0, 1.0
        assert await asked(bus, who, Read("input", 0, 2)) == words(0)
        assert [entry.address for entry in wire.log[-2:]] == [900, 0]
        assert who.failures == 0


async def test_opening_a_contact_passes_the_quarantine_and_the_identity():
    async with Wire({1: Slave(delay=None)}, "mbap") as wire, owner(wire) as bus:
        who = unit(timeout_s=0.02, verify=lambda got: "never")
        for _ in range(2):
            await asked(bus, who, Read("input", 0, 2))
        assert await asked(bus, who, Read("input", 0, 2)) == "Unavailable"
        wire.slaves[1].delay, wire.slaves[1].bits[3], who.timeout_s = 0.0, 1, 1.0
        assert await asked(bus, who, WriteCoil(3, COIL_OFF), Priority.OFF) == ()
        assert wire.slaves[1].bits[3] == 0


@pytest.mark.parametrize(
    ("code", "error", "said", "failures"),
    [
        (2, Rejected, "exception 2 .illegal address. to the read of 2 input from 0", 0),
        (4, Rejected, "exception 4 .device failure.", 0),
        (6, Unavailable, "exception 6 .busy.", 0),
        (10, Unavailable, "exception 10 .gateway path unavailable.", 3),
        (11, Unavailable, "exception 11 .the unit behind the gateway is silent.", 3),
        (99, Rejected, "exception 99 .unknown.", 0),
    ],
)
async def test_exceptions_mean_alive_but_for_those_of_a_gateway(code, error, said, failures):
    async with Wire({1: Slave(exception=code)}, "mbap") as wire, owner(wire) as bus:
        who = unit()
        who.known_since = 1
        for _ in range(3):
            who.quarantined_until = 0.0
            who.known_since = 1
            with pytest.raises(error, match=f"unit 1 on .*: {said}"):
                await bus.ask(who, Read("input", 0, 2))
        assert who.failures == failures
        assert wire.connections == 1, "the gateway itself is fine"


async def test_who_goes_first():
    """Opening before closing before reading, and in order of asking among equals."""
    async with Wire({1: Slave(delay=0.05)}, "mbap") as wire, owner(wire) as bus:
        who = unit()
        who.known_since = 1
        calls = [asyncio.ensure_future(bus.ask(who, Read("input", at, 1))) for at in (0, 1, 2)]
        await wire.heard.wait()
        calls.append(asyncio.ensure_future(bus.ask(who, WriteCoil(4, COIL_ON), Priority.WRITE)))
        calls.append(asyncio.ensure_future(bus.ask(who, WriteCoil(5, COIL_OFF), Priority.OFF)))
        await asyncio.gather(*calls)
        assert [entry.address for entry in wire.log] == [0, 5, 4, 1, 2]


async def test_a_caller_that_gives_up_before_its_turn_sends_nothing():
    async with Wire({1: Slave(delay=0.05)}, "mbap") as wire, owner(wire) as bus:
        who = unit()
        who.known_since = 1
        first = asyncio.ensure_future(bus.ask(who, Read("input", 0, 1)))
        await wire.heard.wait()
        second = asyncio.ensure_future(bus.ask(who, WriteCoil(4, COIL_ON), Priority.WRITE))
        await asyncio.sleep(0)
        second.cancel()
        await first
        await asked(bus, who, Read("input", 9, 1))
        assert [entry.address for entry in wire.log] == [0, 9]


@pytest.mark.parametrize("framing", ["rtu", "mbap", "serial"])
async def test_a_pulled_cable_is_noticed_at_once_and_put_back(framing, tmp_path):
    clock = ShiftedClock()
    async with Wire({1: Slave()}, framing) as wire:
        link = tmp_path / "tty"
        if framing == "serial":
            link.symlink_to(wire.path)
            wire.path = str(link)
        async with owner(wire, clock) as bus:
            who = unit(timeout_s=5.0)
            assert await bus.ask(who, Read("input", 0, 2)) == words(0)
            wire.slaves[1].delay = None
            started = time.monotonic()
            waiting = asyncio.ensure_future(asked(bus, who, Read("input", 0, 2)))
            await asyncio.sleep(0.02)
            await wire.pull()
            assert await waiting == "Broken"
            assert time.monotonic() - started < 1
            with pytest.raises(Unavailable, match="cannot open"):
                await bus.ask(who, Read("input", 0, 2))
            with pytest.raises(Unavailable, match="is not connected: "):
                await bus.ask(who, Read("input", 0, 2))
            wire.slaves[1].delay = 0.0
            await wire.plug()
            if framing == "serial":
                link.unlink()
                link.symlink_to(wire.path)
            clock.shift_s += 1
            wire.log.clear()
            assert await bus.ask(who, Read("input", 0, 2)) == words(0)
            assert [entry.address for entry in wire.log] == [900, 0], "whoever comes back says who he is"


@pytest.mark.parametrize("framing", ["rtu", "mbap"])
async def test_a_link_that_broke_is_back_at_once_and_its_units_say_who_they_are(framing):
    async with Wire({1: Slave()}, framing) as wire, owner(wire) as bus:
        who = unit()
        assert await bus.ask(who, Read("input", 0, 2)) == words(0)
        wire.drop()
        await asyncio.sleep(0.02)
        wire.log.clear()
        assert await bus.ask(who, Read("input", 0, 2)) == words(0)
        assert [entry.address for entry in wire.log] == [900, 0]


async def test_reconnecting_slows_down_to_five_seconds_with_jitter_from_the_name(monkeypatch):
    clock, waits_s = ShiftedClock(), []
    async with Wire({}, "mbap") as wire:
        await wire.pull()
        for _ in range(2):
            async with owner(wire, clock) as bus:
                monkeypatch.setattr(
                    bus, "_backoff_s", lambda drawn=bus._backoff_s: waits_s.append(drawn()) or waits_s[-1]
                )
                who = unit()
                for _ in range(9):
                    with pytest.raises(Unavailable, match=r"cannot open .*: is it powered and in the network"):
                        await bus.ask(who, Read("input", 0, 2))
                    clock.shift_s += 10
    steps_s = [0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0, 5.0]
    factors = [wait / step for step, wait in zip(steps_s, waits_s[:9], strict=True)]
    assert all(0.75 <= factor < 1.25 for factor in factors)
    assert len({round(factor, 3) for factor in factors}) == 9
    assert waits_s[:9] == waits_s[9:], "the same bus, the same jitter"


async def test_a_half_open_connection_is_made_anew():
    async with Wire({1: Slave(delay=None), 2: Slave(delay=None)}, "mbap") as wire, owner(wire) as bus:
        for _ in range(4):
            who = unit(timeout_s=0.02)
            assert await asked(bus, who, Read("input", 0, 2)) == "Silent"
        assert wire.connections == 2


async def test_a_unit_gets_the_silence_that_it_needs():
    async with Wire({1: Slave(), 2: Slave()}, "mbap") as wire, owner(wire) as bus:
        slow, quick = unit(1, gap_s=0.05), unit(2)
        for who in (slow, quick, quick):
            who.known_since = 1
            await bus.ask(who, Read("input", 0, 1))
        gaps = [b.at_s - a.at_s for a, b in zip(wire.log, wire.log[1:], strict=False)]
        assert gaps[0] >= 0.05


async def test_a_write_is_done_when_its_echo_says_so():
    other_value = Slave(wrong=lambda reply: reply[:4] + bytes([reply[4] ^ 1]))
    other_place = Slave(wrong=lambda reply: reply[:2] + bytes([reply[2] ^ 1]) + reply[3:])
    async with Wire({1: Slave(), 2: other_value, 3: other_place}, "mbap") as wire, owner(wire) as bus:
        for request in (WriteCoil(3, COIL_ON), WriteRegister(3, 77)):
            assert await asked(bus, unit(1), request, Priority.OFF) == ()
            for n in (2, 3):
                assert await asked(bus, unit(n), request, Priority.OFF) == "WrongAnswer"
        assert wire.slaves[1].words[3] == 77


GARBAGE = {
    "another function": lambda reply: b"\x2b" + reply[1:],
    "no function": lambda reply: b"\x63" + reply[1:],
    "cut off": lambda reply: reply[:3],
    "nothing": lambda reply: b"",
    "a length that lies": lambda reply: reply[:1] + b"\xff" + reply[2:],
    "zeros": lambda reply: bytes(len(reply)),
}


@pytest.mark.parametrize("framing", ["rtu", "mbap", "serial"])
@pytest.mark.parametrize("garbage", GARBAGE)
async def test_garbage_is_no_answer_and_harms_nobody_else(framing, garbage, caplog):
    async with Wire({1: Slave(wrong=GARBAGE[garbage]), 2: Slave()}, framing) as wire, owner(wire) as bus:
        mad, sane = unit(1, timeout_s=0.03), unit(2)
        for _ in range(2):
            assert await asked(bus, mad, Read("input", 0, 2)) in {"Silent", "WrongAnswer"}
            assert await asked(bus, sane, Read("input", 0, 2)) == words(0, number=2)
        assert mad.failures == 2
        assert wire.connections <= (1 if framing == "mbap" else 3), "one unit does not cost the gateway's connection"
        assert not caplog.records, "said by whoever counts outages, not by a traceback"


async def test_a_bug_reaches_its_caller_and_not_the_bus():
    def broken(got):
        raise ZeroDivisionError

    async with Wire({1: Slave()}, "mbap") as wire, owner(wire) as bus:
        with pytest.raises(ZeroDivisionError):
            await bus.ask(unit(verify=broken), Read("input", 0, 2))
        assert await bus.ask(unit(), Read("input", 0, 2)) == words(0)


async def test_closing_tells_everyone_who_waits():
    async with Wire({1: Slave(delay=None)}, "mbap") as wire, owner(wire) as bus:
        who = unit(timeout_s=5)
        waiting = [asyncio.ensure_future(asked(bus, who, Read("input", at, 1))) for at in range(3)]
        await asyncio.sleep(0.02)
        await bus.close()
        assert await asyncio.gather(*waiting) == ["Unavailable"] * 3
        assert await asked(bus, who, Read("input", 0, 1)) == "Unavailable"
        await bus.close()


QUESTIONS = st.lists(
    st.tuples(
        st.sampled_from([1, 1, 1, 2]),
        st.integers(0, 3).map(lambda n: 10 * n),
        st.sampled_from([2, 2, 4]),
        st.sampled_from([0.05, 0.0, 0.02, None]),
        st.sampled_from([False, False, True]),
    ),
    min_size=3,
    max_size=6,
)
"""Unit, address, count, delay of the reply, and whether the caller gives up."""


async def play(questions):
    """Whatever comes late, or is given up: no caller ever gets another's words on a line without transaction ids."""
    delays = iter([])
    slaves = {n: Slave(delay=lambda at: next(delays, 0.0)) for n in (1, 2)}
    answered = 0
    async with Wire(slaves) as wire, owner(wire) as bus:
        units = {n: unit(n, timeout_s=0.03) for n in slaves}
        for number, at, count, delay_s, give_up in questions:
            who = units[number]
            who.answered()
            who.known_since = 1
            delays = iter([delay_s])
            call = asyncio.ensure_future(asked(bus, who, Read("input", at, count)))
            if give_up:
                await asyncio.wait({call}, timeout=0.01)
                call.cancel()
                continue
            got = await call
            assert got in {"Silent", words(at, count, number)}
            answered += got != "Silent"
    return answered


@settings(max_examples=12, deadline=None)
@given(QUESTIONS)
def test_an_answer_is_right_or_there_is_none(questions):
    event("answered" if asyncio.run(play(questions)) else "nothing answered")


@pytest.mark.long
@settings(max_examples=400, deadline=None)
@given(QUESTIONS)
def test_an_answer_is_right_or_there_is_none_at_length(questions):
    event("answered" if asyncio.run(play(questions)) else "nothing answered")
