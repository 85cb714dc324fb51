"""Calls over one connection. Each defect of the package ``ocpp`` that was met is shown, then shown to be absent."""

from __future__ import annotations

import asyncio
import gc
import json
import logging
import time
from contextlib import asynccontextmanager, suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ocpp import exceptions
from ocpp.routing import after, on
from ocpp.v16 import ChargePoint, call, call_result

from noonward.errors import Rejected, Unavailable, Unsupported
from noonward_drivers.ocpp import frames, wirelog
from noonward_drivers.ocpp.faults import BadAnswer, CallFault, Disconnected, Superseded, TimedOut
from noonward_drivers.ocpp.rpc import INBOX, Manners, Rpc
from support.hand_clock import HandClock
from support.ocpp_station import BOOT_16, MemoryWire

M16 = Manners(malformed="FormationViolation", no_id=None)
M201 = Manners(malformed="RpcFrameworkError", no_id="-1")
SOMETHING = "Trigger", {}


async def echo(action, payload):
    return {"said": action}


@asynccontextmanager
async def running(handler=echo, *, manners=M16, timeout_s=1.0, **more):
    """A guard at work on a wire in memory."""
    wire = MemoryWire()
    rpc = Rpc(wire, handler, name="garage-1", manners=manners, clock=HandClock(), timeout_s=timeout_s, **more)
    task = asyncio.create_task(rpc.run())
    try:
        yield rpc, wire
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


@asynccontextmanager
async def bare(kind=ChargePoint, timeout_s=0.3):
    """The package itself, on the same wire."""
    logging.getLogger("ocpp").setLevel(logging.CRITICAL)
    wire = MemoryWire()
    point = kind("garage-1", wire, response_timeout=timeout_s)
    task = asyncio.create_task(point.start())
    try:
        yield point, wire, task
    finally:
        task.cancel()
        with suppress(BaseException):
            await task


async def is_alive(wire):
    """A request is still answered."""
    wire.says([2, "alive", "Heartbeat", {}])
    while True:
        frame = await wire.hears()
        if frame[1] == "alive":
            return frame[0] == 3


# -- defect 1 -----------------------------------------------------------------------------------------------------------


async def test_a_handler_may_call_back():
    """Defect 1: in the package a call inside a handler waits for an answer that only the handler's return could read."""

    class Calling(ChargePoint):
        @on("Heartbeat")
        async def heartbeat(self):
            await self.call(call.ClearCache())
            return call_result.Heartbeat(current_time="")

    async with bare(Calling) as (_, wire, _task):
        wire.says([2, "1", "Heartbeat", {}])
        asked = await wire.hears()
        wire.says([3, asked[1], {"status": "Accepted"}])
        assert (await wire.hears())[:3] == [4, "1", "InternalError"]

    async def handler(action, payload):
        return await rpc.call("ClearCache", {})

    async with running(handler) as (rpc, wire):
        wire.says([2, "1", "Heartbeat", {}])
        asked = await wire.hears()
        wire.says([3, asked[1], {"status": "Accepted"}])
        assert await wire.hears() == [3, "1", {"status": "Accepted"}]


async def test_requests_are_handled_in_their_order_while_answers_are_read():
    release = asyncio.Event()
    seen = []

    async def handler(action, payload):
        seen.append(action)
        if action == "A":
            await release.wait()
        return {}

    async with running(handler) as (rpc, wire):
        wire.says([2, "1", "A", {}])
        wire.says([2, "2", "B", {}])
        asking = asyncio.create_task(rpc.call(*SOMETHING))
        asked = await wire.hears()
        wire.says([3, asked[1], {}])
        assert await asking == {}
        assert seen == ["A"]
        release.set()
        assert [(await wire.hears())[1] for _ in "AB"] == ["1", "2"]
    assert seen == ["A", "B"]


# -- defect 2 -----------------------------------------------------------------------------------------------------------


async def test_a_call_fails_at_once_when_the_connection_closes():
    """Defect 2, and acceptance test 2: within 50 ms of the socket's death."""
    async with bare(timeout_s=0.5) as (point, wire, _task):
        started = time.monotonic()
        asking = asyncio.create_task(point.call(call.ClearCache()))
        await wire.hears()
        wire.closes()
        with pytest.raises(asyncio.TimeoutError):
            await asking
        assert time.monotonic() - started > 0.45

    async with running(timeout_s=30.0) as (rpc, wire):
        calls = [asyncio.create_task(rpc.call(*SOMETHING)) for _ in range(3)]
        await wire.hears()
        started = time.monotonic()
        wire.closes()
        for result in await asyncio.gather(*calls, return_exceptions=True):
            assert isinstance(result, Disconnected)
            assert isinstance(result, Unavailable)
        assert time.monotonic() - started < 0.05
        assert rpc.closed.result() == "the cable was pulled"
        with pytest.raises(Disconnected, match="not connected"):
            await rpc.call(*SOMETHING)


async def test_a_wire_that_cannot_send_fails_the_call_and_not_the_guard():
    async with running() as (rpc, wire):
        send, wire.send = wire.send, None
        with pytest.raises(Disconnected, match="could not be reached"):
            await rpc.call(*SOMETHING)
        wire.says([2, "lost", "Heartbeat", {}])
        await asyncio.sleep(0.01)
        wire.send = send
        assert await is_alive(wire)


# -- defect 3 -----------------------------------------------------------------------------------------------------------


async def test_calls_to_a_silent_station_take_one_timeout_together():
    """Defect 3, and acceptance test 4: the time-out covers the wait for a turn, and only the newest limit is sent."""
    async with bare(timeout_s=0.2) as (point, wire, _task):
        started = time.monotonic()
        await asyncio.gather(*(point.call(call.ClearCache()) for _ in range(4)), return_exceptions=True)
        assert time.monotonic() - started > 0.75

    async with running(timeout_s=0.2) as (rpc, wire):
        started = time.monotonic()
        calls = [
            asyncio.create_task(rpc.call("SetChargingProfile", {"limit": limit}, slot=(1, "SetLimit")))
            for limit in (16, 13, 10, 6)
        ]
        results = await asyncio.gather(*calls, return_exceptions=True)
        assert time.monotonic() - started < 0.35
        assert [type(result) for result in results] == [Superseded, Superseded, Superseded, TimedOut]
        assert [frame[3] for frame in wire.heard()] == [{"limit": 6}]


async def test_what_waits_is_replaced_by_what_is_newer_for_the_same_purpose():
    async with running() as (rpc, wire):
        first = asyncio.create_task(rpc.call("A", {}))
        asked = await wire.hears()
        waiting = [
            asyncio.create_task(rpc.call("L", {"limit": limit}, slot=slot))
            for slot, limit in [((1, "x"), 16), ((2, "x"), 9), ((1, "y"), 8), ((1, "x"), 7)]
        ]
        await asyncio.sleep(0)
        sent = []
        wire.says([3, asked[1], {}])
        for _ in range(3):
            asked = await wire.hears()
            sent.append(asked[3]["limit"])
            wire.says([3, asked[1], {"status": "Accepted"}])
        results = await asyncio.gather(first, *waiting, return_exceptions=True)
    assert sent == [7, 9, 8]  # the newest takes the turn of the one it replaces
    assert isinstance(results[1], Superseded)
    assert [result for result in results if isinstance(result, Exception)] == [results[1]]


async def test_one_call_is_outstanding_at_a_time():
    async with running() as (rpc, wire):
        calls = [asyncio.create_task(rpc.call("A", {"n": n})) for n in range(3)]
        for n in range(3):
            asked = await wire.hears()
            await asyncio.sleep(0.005)
            assert wire.heard() == []
            wire.says([3, asked[1], {"n": n}])
        assert await asyncio.gather(*calls) == [{"n": 0}, {"n": 1}, {"n": 2}]


async def test_a_call_that_timed_out_while_waiting_is_never_sent():
    async with running(timeout_s=0.3) as (rpc, wire):
        long = asyncio.create_task(rpc.call("A", {}))
        assert (await wire.hears())[2] == "A"
        with pytest.raises(TimedOut, match=r"did not answer B within 0\.02 s"):
            await rpc.call("B", {}, timeout_s=0.02)
        with pytest.raises(TimedOut):
            await long
        third = asyncio.create_task(rpc.call("C", {}))
        asked = await wire.hears()
        assert asked[2] == "C"
        wire.says([3, asked[1], {}])
        await third


async def test_a_cancelled_call_frees_its_turn():
    async with running() as (rpc, wire):
        given_up = asyncio.create_task(rpc.call("A", {}))
        await wire.hears()
        given_up.cancel()
        with suppress(asyncio.CancelledError):
            await given_up
        follows = asyncio.create_task(rpc.call("B", {}))
        asked = await wire.hears()
        wire.says([3, asked[1], {}])
        assert await follows == {}


# -- defect 4 -----------------------------------------------------------------------------------------------------------


async def test_stale_results_do_not_break_the_next_call():
    """Defect 4, and acceptance test 3: the package drains what piled up by recursion."""
    stale = [[3, f"late-{n}", {}] for n in range(2000)]
    async with bare(timeout_s=2.0) as (point, wire, _task):
        for frame in stale:
            wire.says(frame)
        await asyncio.sleep(0.05)
        with pytest.raises(RecursionError):
            await point.call(call.ClearCache())

    async with running() as (rpc, wire):
        for frame in [*stale, [4, "late", "InternalError", "", {}], [3, 5, {}]]:
            wire.says(frame)
        asking = asyncio.create_task(rpc.call(*SOMETHING))
        asked = await wire.hears()
        wire.says([3, asked[1], {"status": "Accepted"}])
        wire.says([3, asked[1], {"status": "Accepted"}])  # twice
        assert await asking == {"status": "Accepted"}
        assert await is_alive(wire)
        assert rpc.counts.unexpected == 2003


async def test_an_answer_that_comes_too_late_is_dropped():
    async with running(timeout_s=0.02) as (rpc, wire):
        with pytest.raises(TimedOut):
            await rpc.call("A", {})
        late = await wire.hears()
        asking = asyncio.create_task(rpc.call("B", {}, timeout_s=1.0))
        asked = await wire.hears()
        wire.says([3, late[1], {"of": "A"}])
        wire.says([3, asked[1], {"of": "B"}])
        assert await asking == {"of": "B"}
        assert rpc.counts.unexpected == 1


# -- defects 5 and 6 ----------------------------------------------------------------------------------------------------

FATAL = ['[2,"1",{},{}]', '[2,"1",[],{}]', "[" * 100_000, '[2,"1","Heartbeat",' + '{"a":' * 100_000]
"""What ends the package's reading for good."""

JUNK = [
    *FATAL, "", "   ", "null", "true", "7", '"x"', "{}", "[]", "[[]]", "[2]", "[2,1]", '[2,"1"]', '[2,"1","X"]',
    '[2,"1","X",{},{}]', '[2,"1","X",[]]', '[2,"1","X",7]', '[2,null,"X",{}]', '[2,"","X",{}]', '[2,true,"X",{}]',
    '[2,{},"X",{}]', '[2,[],"X",{}]', '["2","1","X",{}]', '[2.5,"1","X",{}]', '[9,"1",{}]', '[-2,"1",{}]', "[3]",
    '[3,"1"]', "[3,{},{}]", '[3,"1",[]]', '[3,"1",{},{}]', "[4]", '[4,"1"]', '[4,"1",{},[],7]', "[4,null,null]",
    '[5,"1","X","",{}]', '[6,"1","X",{}]', '[2,"1","X",{"a":NaN}]', '[2,"1","X",{"a":Infinity}]',
    '[2,"1","X",{"a":' + "9" * 5000 + "}]", '[2,"1","X",{"a":1e999}]', "[" + "9" * 4000 + ',"1","X",{}]',
    b"\xff\xfe\x00", b"[2", "\x00", "\ud800", '[2,"\\ud800","X",{}]', '[2,"' + "i" * 5000 + '","X",{}]',
]  # fmt: skip


@pytest.mark.parametrize("junk", FATAL)
async def test_the_package_dies_of_it(junk):
    """Defect 5, as it is: nobody reads this connection any more."""
    async with bare() as (_, wire, task):
        wire.says(junk)
        await asyncio.wait({task}, timeout=1.0)
        assert task.done()
        assert isinstance(task.exception(), TypeError | RecursionError)


@pytest.mark.parametrize("manners", [M16, M201], ids=["1.6", "2.0.1"])
@pytest.mark.parametrize("junk", JUNK, ids=range(len(JUNK)))
async def test_junk_never_ends_a_connection(junk, manners):
    """Defects 5 and 6, and acceptance test 1."""
    async with running(manners=manners) as (rpc, wire):
        wire.says(junk)
        assert await is_alive(wire)
        assert not rpc.closed.done()


ANSWERED = [  # what comes, what 1.6 answers, what 2.0.1 answers: id and code
    ('[2,"1",{},{}]', ("1", "FormationViolation"), ("1", "RpcFrameworkError")),
    ('[2,"1","X",[]]', ("1", "FormationViolation"), ("1", "RpcFrameworkError")),
    ('[2,"1","X"]', ("1", "FormationViolation"), ("1", "RpcFrameworkError")),
    ('[9,"1",{}]', ("1", "FormationViolation"), ("1", "RpcFrameworkError")),
    ("[" * 3000, None, ("-1", "RpcFrameworkError")),
    ("what?", None, ("-1", "RpcFrameworkError")),
    ("{}", None, ("-1", "RpcFrameworkError")),
    ('[2,{},"X",{}]', None, ("-1", "RpcFrameworkError")),
    ("[3]", None, None),  # never answer an answer
    ('[3,"1"]', None, None),
    ('[4,"1"]', None, None),
    ('[4,"1","X","",{}]', None, None),
]


@pytest.mark.parametrize(("junk", "in_16", "in_201"), ANSWERED, ids=range(len(ANSWERED)))
@pytest.mark.parametrize("manners", [M16, M201], ids=["1.6", "2.0.1"])
async def test_what_can_be_answered_is(junk, in_16, in_201, manners):
    """Acceptance test 1: with the code of the version, once."""
    async with running(manners=manners) as (rpc, wire):
        wire.says(junk)
        wire.says([2, "end", "Heartbeat", {}])
        heard = []
        while not heard or heard[-1][1] != "end":
            heard.append(await wire.hears())
        assert [(frame[1], frame[2]) for frame in heard[:-1]] == [x for x in [in_16 if manners is M16 else in_201] if x]
        assert rpc.counts.malformed + rpc.counts.unexpected == 1


@pytest.mark.parametrize("ident", ["abc", "x" * 36, 17, -3])
async def test_an_id_comes_back_as_it_was(ident):
    async with running() as (_, wire):
        wire.says([2, ident, "Heartbeat", {}])
        assert await wire.hears() == [3, ident, {"said": "Heartbeat"}]


async def test_a_flood_is_dropped_not_kept():
    stuck = asyncio.Event()

    async def handler(action, payload):
        await stuck.wait()
        return {}

    async with running(handler) as (rpc, wire):
        for n in range(INBOX + 500):
            wire.says([2, str(n), "Heartbeat", {}])
        for _ in range(5):
            await asyncio.sleep(0.01)
        assert rpc.counts.overrun >= 499
        stuck.set()
        assert len([await wire.hears() for _ in range(INBOX)]) == INBOX


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)
framelike = st.lists(values, max_size=6) | st.tuples(st.sampled_from([2, 3, 4, 5]), values, values, values).map(list)


@settings(max_examples=150)
@given(
    st.lists(
        framelike.map(json.dumps) | values.map(json.dumps) | st.text(max_size=30) | st.binary(max_size=20), max_size=8
    )
)
def test_whatever_comes_the_next_request_is_answered(junk):
    """Acceptance test 1, by dice."""

    async def play():
        async with running(manners=M201) as (rpc, wire):
            for frame in junk:
                wire.says(frame)
            assert await is_alive(wire)
            assert rpc.counts.broken_handlers == 0

    asyncio.run(play())


@settings(max_examples=300)
@given(st.text(max_size=60) | st.binary(max_size=60) | framelike.map(json.dumps))
def test_a_frame_is_always_one_of_four(text):
    frame = frames.parse(text)
    assert isinstance(frame, frames.Call | frames.Result | frames.Failure | frames.Malformed)
    if isinstance(frame, frames.Call):
        assert isinstance(frame.payload, dict)


# -- defect 7 -----------------------------------------------------------------------------------------------------------


async def test_a_handler_that_fails_answers_an_error_and_nothing_more(caplog):
    """Defect 7: in the package, what runs after a handler and raises ends the connection."""

    class Raising(ChargePoint):
        @on("Heartbeat")
        def heartbeat(self):
            return call_result.Heartbeat(current_time="")

        @after("Heartbeat")
        def later(self):
            raise ValueError("of ours")

    async with bare(Raising) as (_, wire, task):
        wire.says([2, "1", "Heartbeat", {}])
        await asyncio.wait({task}, timeout=1.0)
        assert isinstance(task.exception(), ValueError)

    async def handler(action, payload):
        if action == "Heartbeat":
            return {}
        if action == "Refused":
            raise CallFault("PropertyConstraintViolation", "too much")
        if action == "Unwritable":
            return {"at": object()}
        raise {"Key": KeyError, "Deep": RecursionError}.get(action, ValueError)("of ours")

    async with running(handler) as (rpc, wire):
        for action in ("Value", "Key", "Deep", "Unwritable"):
            wire.says([2, "1", action, {}])
            assert (await wire.hears())[:3] == [4, "1", "InternalError"]
        wire.says([2, "2", "Refused", {}])
        assert await wire.hears() == [4, "2", "PropertyConstraintViolation", "too much", {}]
        assert await is_alive(wire)
        assert rpc.counts.broken_handlers == 4
    assert "handling a request failed" in caplog.text


async def test_a_handler_that_hangs_is_given_up():
    async def handler(action, payload):
        if action == "Hangs":
            await asyncio.Event().wait()
        return {}

    async with running(handler, handling_s=0.02) as (_, wire):
        wire.says([2, "1", "Hangs", {}])
        assert (await wire.hears())[:3] == [4, "1", "InternalError"]
        assert await is_alive(wire)


# -- defect 8 -----------------------------------------------------------------------------------------------------------

CODES = [
    ("NotImplemented", Unsupported),
    ("NotSupported", Unsupported),
    ("InternalError", Rejected),
    ("GenericError", Rejected),
    ("SecurityError", Rejected),
    ("FormationViolation", Rejected),
    ("AcmeIsTired", Rejected),  # for the package not an error it could name
    ("", Rejected),
]


async def test_the_package_says_none_where_a_station_says_no():
    """Defect 8, as it is: None by default, and an exception of another tree for a code of the vendor's own."""
    for suppress_it, expected in ((True, None), (False, exceptions.UnknownCallErrorCodeError)):
        async with bare() as (point, wire, _task):
            asking = asyncio.create_task(point.call(call.ClearCache(), suppress=suppress_it))
            asked = await wire.hears()
            wire.says([4, asked[1], "AcmeIsTired", "", {}])
            if expected is None:
                assert await asking is None
            else:
                with pytest.raises(expected):
                    await asking


@pytest.mark.parametrize(("code", "expected"), CODES)
async def test_an_error_of_the_station_is_one_of_ours(code, expected):
    """Defect 8."""
    async with running() as (rpc, wire):
        asking = asyncio.create_task(rpc.call(*SOMETHING))
        asked = await wire.hears()
        wire.says([4, asked[1], code, "because", {}])
        with pytest.raises(expected, match=f"{code}: because"):
            await asking


@pytest.mark.parametrize("payload", [None, [], "Accepted", 7])
async def test_an_answer_that_is_no_object_is_a_bad_one(payload):
    async with running() as (rpc, wire):
        asking = asyncio.create_task(rpc.call(*SOMETHING))
        asked = await wire.hears()
        wire.says([3, asked[1], payload])
        with pytest.raises(BadAnswer):
            await asking


# -- defect 15 ----------------------------------------------------------------------------------------------------------

SECRETS = [
    ("Authorize", {"idTag": "s3cret"}),
    ("Authorize", {"idToken": {"idToken": "s3cret", "type": "ISO14443"}}),
    ("ChangeConfiguration", {"key": "AuthorizationKey", "value": "s3cret"}),
    ("GetConfiguration", {"configurationKey": [{"key": "authorizationKEY", "readonly": False, "value": "s3cret"}]}),
    ("GetConfiguration", {"configurationKey": [{"key": "WifiPassword", "readonly": False, "value": "s3cret"}]}),
    ("GetConfiguration", {"configurationKey": [{"key": "PlugAndChargeIdentifier", "readonly": False, "value": "s3cret"}]}),
    ("ChangeConfiguration", {"key": "FreevendIdTag", "value": "s3cret"}),
    ("GetDiagnostics", {"location": "ftp://me:s3cret@host/"}),
    ("SetVariables", {"setVariableData": [{"component": {"name": "SecurityCtrlr"}, "variable": {"name": "BasicAuthPassword"}, "attributeValue": "s3cret"}]}),
    ("BootNotification", {"x": {"y": {"idTag": "s3cret"}}}),
]  # fmt: skip


async def test_the_package_logs_badges():
    """Defect 15, as it is."""
    heard = []
    handler = logging.Handler()
    handler.emit = lambda record: heard.append(record.getMessage())
    async with bare() as (_, wire, _task):
        log = logging.getLogger("ocpp")
        log.setLevel(logging.INFO)
        log.addHandler(handler)
        log.propagate = False
        try:
            wire.says([2, "1", "Authorize", {"idTag": "s3cret"}])
            await wire.hears()
        finally:
            log.removeHandler(handler)
            log.propagate = True
            log.setLevel(logging.CRITICAL)
    assert "s3cret" in " ".join(heard)


@pytest.mark.parametrize(("action", "payload"), SECRETS)
async def test_no_log_has_a_secret(action, payload, caplog):
    """Defect 15: not even at debug level, in either direction; and at info level no frame at all."""
    caplog.set_level(logging.DEBUG)
    async with running() as (rpc, wire):
        wire.says([2, "1", action, payload])
        await wire.hears()
        asking = asyncio.create_task(rpc.call(action, payload))
        asked = await wire.hears()
        wire.says([3, asked[1], payload])
        await asking
    assert action in caplog.text
    assert "s3cret" not in caplog.text
    assert all(record.levelno < logging.INFO for record in caplog.records if record.name.startswith("noonward_drivers"))


async def test_a_station_cannot_forge_a_line_of_the_log(caplog):
    caplog.set_level(logging.DEBUG)
    async with running() as (_, wire):
        wire.says([2, "1", "Heartbeat\nERROR all is lost\x1b[31m", {"a\nb": "c\nd"}])
        await wire.hears()
    assert "all is lost" in caplog.text
    assert not any("\n" in record.getMessage() or "\x1b" in record.getMessage() for record in caplog.records)


def test_what_is_not_secret_is_shown():
    row = {"key": "HeartbeatInterval", "value": "60", "deep": [{"limit": 6.0}]}
    assert wirelog.masked(row) == row
    deep = {}
    for _ in range(2000):
        deep = {"a": deep}
    assert "…" in str(wirelog.masked(deep))


# -- the guard itself ---------------------------------------------------------------------------------------------------


async def test_drain_waits_for_what_is_under_way():
    async with running() as (rpc, wire):
        await asyncio.wait_for(rpc.drain(), 0.1)
        asking = asyncio.create_task(rpc.call(*SOMETHING))
        draining = asyncio.create_task(rpc.drain())
        asked = await wire.hears()
        assert not draining.done()
        wire.says([3, asked[1], {}])
        await asking
        await asyncio.wait_for(draining, 0.1)


async def test_nothing_is_kept_of_calls_that_are_over():
    async with running(timeout_s=0.01) as (rpc, _wire):
        for n in range(20):
            with suppress(TimedOut):
                await rpc.call("A", {}, slot=n % 3)
        assert not rpc._asked
        assert not rpc._outbox
    gc.collect()


async def test_a_boot_from_the_wire_reaches_the_handler_as_it_came():
    seen = []

    async def handler(action, payload):
        seen.append((action, payload))
        return {}

    async with running(handler) as (_, wire):
        wire.says([2, "1", "BootNotification", {**BOOT_16, "customData": {"myKWhValue": 1}}])
        await wire.hears()
    assert seen == [("BootNotification", {**BOOT_16, "customData": {"myKWhValue": 1}})]
