"""Who may connect and how, over real sockets on loopback."""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
import time

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidMessage, InvalidStatus
from websockets.frames import Opcode

from noonward_drivers.ocpp import auth, facade
from noonward_drivers.ocpp.faults import Disconnected
from support.clock import LeapClock
from support.ocpp_station import BOOT_16, BOOT_201, Station, basic, entry, served, station
from support.pki import certificates

KEY = "a key of twenty byte"


async def refused(system, ident="garage-1", *, offers=("ocpp1.6",), headers=None, ssl=None) -> tuple[int, str]:
    """Return status and text with which a station was refused."""
    with pytest.raises(InvalidStatus) as caught:
        async with station(system, ident, offers=offers, headers=headers, ssl=ssl):
            pass
    return caught.value.response.status_code, caught.value.response.body.decode().strip()


# -- versions -----------------------------------------------------------------------------------------------------------

BOTH, NEW, OLD = ("2.0.1", "1.6"), ("2.0.1",), ("1.6",)
OFFERS = [  # what the entry allows, what is offered, what is spoken (None: refused), subprotocol that is answered
    (BOTH, ["ocpp1.6"], "1.6", "ocpp1.6"),
    (BOTH, ["ocpp2.0.1"], "2.0.1", "ocpp2.0.1"),
    (BOTH, ["ocpp1.6", "ocpp2.0.1"], "2.0.1", "ocpp2.0.1"),
    (("1.6", "2.0.1"), ["ocpp2.0.1", "ocpp1.6"], "1.6", "ocpp1.6"),
    (OLD, ["ocpp2.0.1", "ocpp1.6"], "1.6", "ocpp1.6"),
    (OLD, ["ocpp2.0.1"], None, None),
    (NEW, ["ocpp1.6"], None, None),
    (BOTH, ["ocpp2.1", "ocpp2.0.1", "ocpp1.6"], "2.0.1", "ocpp2.0.1"),
    (BOTH, ["ocpp2.1"], None, None),
    (BOTH, ["ocpp1.5", "soap"], None, None),
    (BOTH, [], "1.6", None),
    (NEW, [], None, None),
]


@pytest.mark.parametrize(("versions", "offers", "spoken", "answered"), OFFERS)
async def test_the_version_is_negotiated(versions, offers, spoken, answered):
    """Acceptance test 20: a station without a subprotocol by its entry; an unknown one is refused."""
    async with served(entry(versions=versions)) as (system, ear):
        if spoken is None:
            status, why = await refused(system, offers=offers)
            assert status == 400
            assert "must offer ocpp" in why
            assert ear.links == []
            return
        async with station(system, offers=offers) as one:
            assert one.ws.subprotocol == answered
            assert ear.links[0].version == spoken


async def test_a_station_without_a_subprotocol_needs_an_entry_that_allows_it():
    """Acceptance test 20."""
    async with served(entry(bare=False)) as (system, _):
        assert await refused(system, offers=[]) == (400, "this station must offer ocpp2.0.1 or ocpp1.6")


@pytest.mark.parametrize(("offer", "boot"), [("ocpp1.6", BOOT_16), ("ocpp2.0.1", BOOT_201)])
async def test_a_station_boots(offer, boot):
    async with served(entry()) as (system, ear), station(system, offers=[offer]) as one:
        answer = await one.ask("BootNotification", boot)
        assert answer[2] == {"status": "Accepted", "currentTime": "2026-06-01T08:00:00.000Z", "interval": 60}
        assert [(event.vendor, event.model) for event in ear.events] == [("Acme", "Box")]


async def test_compression_is_never_agreed_to():
    async with (
        served(entry()) as (system, _),
        connect(system.url + "garage-1", subprotocols=["ocpp1.6"], compression="deflate") as ws,
    ):
        assert ws.response.headers.get("Sec-WebSocket-Extensions") is None


# -- who ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["stranger", "", "garage-1/2", "GARAGE-1", "garage-1%2f"])
async def test_an_unknown_station_is_refused(path):
    async with served(entry()) as (system, ear):
        assert await refused(system, path) == (404, "this station is not declared here")
        assert ear.links == []


async def test_an_id_may_be_escaped_in_the_address():
    async with served(entry("box 7")) as (system, _ear), station(system, "box%207"):
        assert list(system.links) == ["box 7"]


KEYS = [  # the entry's key, what is sent, whether it comes in
    (KEY, KEY, True),
    (KEY, KEY.encode().hex(), True),
    (KEY, KEY.encode().hex().upper(), True),
    (KEY.encode().hex(), KEY, True),
    (KEY.encode().hex(), KEY.encode().hex(), True),
    (KEY.encode().hex().upper(), KEY.encode().hex(), True),
    ("00ff10fe" * 4, bytes.fromhex("00ff10fe" * 4), True),
    ("pass:word", "pass:word", True),
    ("schlüssel-lang", "schlüssel-lang", True),
    (KEY, KEY + "x", False),
    (KEY, KEY[:-1], False),
    (KEY, "", False),
    (KEY, KEY.upper(), False),
    (None, "", False),
]


@pytest.mark.parametrize(("key", "sent", "comes_in"), KEYS)
async def test_a_key_opens(key, sent, comes_in):
    """Acceptance test 18."""
    async with served(entry(security=1, key=key)) as (system, ear):
        headers = basic("garage-1", sent)
        if comes_in:
            async with station(system, headers=headers):
                assert len(ear.links) == 1
        else:
            status, _ = await refused(system, headers=headers)
            assert status == 401


HEADERS = [
    None,
    {"Authorization": ""},
    {"Authorization": "Basic"},
    {"Authorization": "Basic ###"},
    {"Authorization": "Basic ü"},
    {"Authorization": "Bearer " + KEY},
    basic("garage-2", KEY),
    basic("", KEY),
]


@pytest.mark.parametrize("headers", HEADERS, ids=range(len(HEADERS)))
async def test_without_its_own_key_nobody_comes_in(headers):
    """Acceptance test 18: 401 without, and with a wrong one."""
    async with served(entry(security=1, key=KEY), entry("garage-2", security=1, key="another")) as (system, ear):
        status, why = await refused(system, headers=headers)
        assert (status, why.startswith("this station must give its key")) == (401, True)
        assert ear.links == []


def test_keys_are_compared_in_constant_time(monkeypatch):
    """Acceptance test 18: by the one comparison that is, all forms of the key, whatever the first of them says."""
    compared = []
    real = auth.hmac.compare_digest
    monkeypatch.setattr(auth.hmac, "compare_digest", lambda a, b: compared.append((a, b)) or real(a, b))
    counts = []
    for sent in (KEY, "wrong", KEY[:-1] + "x"):
        compared.clear()
        auth.refusal(entry(security=1, key=KEY), basic("garage-1", sent)["Authorization"], None)
        counts.append(len(compared))
    assert counts == [4, 4, 4]


# -- TLS ----------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def pki(tmp_path_factory):
    return certificates(tmp_path_factory.mktemp("pki"))


def server_side(pki):
    return auth.server_context(pki / "server.pem", pki / "server.key", pki / "ca.pem")


def client_side(pki, name=None):
    context = ssl.create_default_context(cafile=pki / "ca.pem")
    if name is not None:
        context.load_cert_chain(pki / f"{name}.pem", pki / f"{name}.key")
    return context


async def test_a_key_over_tls(pki):
    """Security profile 2."""
    async with served(entry(security=2, key=KEY), tls=server_side(pki)) as (system, ear):
        async with station(system, headers=basic("garage-1", KEY), ssl=client_side(pki)) as one:
            assert (await one.ask("Heartbeat", {}))[0] == 3
        assert (await refused(system, ssl=client_side(pki)))[0] == 401
        assert (await refused(system, headers=basic("garage-1", "no"), ssl=client_side(pki)))[0] == 401
    assert len(ear.links) == 1


@pytest.mark.parametrize("security", [2, 3])
async def test_a_station_that_must_use_tls_does_not_come_in_without(security):
    async with served(entry(security=security, key=KEY)) as (system, _):
        assert await refused(system, headers=basic("garage-1", KEY)) == (403, "this station must use wss://")


@pytest.mark.parametrize(("name", "comes_in"), [("good", True), ("named", True), ("wrong", False), (None, False)])
async def test_a_certificate_of_its_own(pki, name, comes_in):
    """Security profile 3, and acceptance test 19: another station's certificate is refused, and so is none."""
    async with served(entry(security=3), tls=server_side(pki)) as (system, ear):
        if comes_in:
            async with station(system, ssl=client_side(pki, name)) as one:
                assert (await one.ask("Heartbeat", {}))[0] == 3
        else:
            status, why = await refused(system, headers=basic("garage-1", KEY), ssl=client_side(pki, name))
            assert (status, "common name" in why) == (403, True)
            assert ear.links == []


async def test_a_certificate_that_nobody_we_trust_has_signed(pki):
    """Acceptance test 19: TLS itself refuses it."""
    async with served(entry(security=3), tls=server_side(pki)) as (system, ear):
        with pytest.raises((ssl.SSLError, ConnectionError, ConnectionClosed, InvalidMessage)):
            async with station(system, ssl=client_side(pki, "forged")) as one:
                await one.ask("Heartbeat", {})
        assert ear.links == []


# -- connections --------------------------------------------------------------------------------------------------------


async def test_a_newer_connection_replaces_the_older():
    """Acceptance test 21: the older's calls fail at once, the newer is heard, and nobody is told of a loss."""
    async with served(entry()) as (system, ear), station(system) as old:
        asking = asyncio.create_task(ear.links[0].do(facade.Restart()))
        await asyncio.sleep(0.02)
        async with station(system) as new:
            with pytest.raises(Disconnected, match="replaced by a newer"):
                await asyncio.wait_for(asking, 0.5)
            assert (await new.ask("Heartbeat", {}))[0] == 3
            await asyncio.wait_for(old.ws.wait_closed(), 1.0)
            assert old.ws.close_code == 1008
            assert system.links == {"garage-1": ear.links[1]}
            assert ear.lost == []
        await asyncio.sleep(0.02)
        assert ear.lost == [ear.links[1]]
        assert system.links == {}


async def test_a_connection_whose_other_end_is_gone_is_replaced_without_waiting_for_it():
    """Acceptance test 21: an older connection that answers nothing delays nobody."""
    async with served(entry()) as (system, _ear):
        host, port = system.url.removeprefix("ws://").partition("/")[0].split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(
            b"GET /ocpp/garage-1 HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n"
        )
        assert b"101" in await reader.readline()
        started = time.monotonic()
        async with station(system) as new:
            assert (await new.ask("Heartbeat", {}))[0] == 3
        assert time.monotonic() - started < 0.5
        writer.close()
        await writer.wait_closed()


async def test_one_station_s_junk_touches_no_other():
    """Acceptance test 1."""
    async with served(entry(), entry("garage-2")) as (system, ear):
        async with station(system) as one, station(system, "garage-2") as two:
            for junk in ('[2,"1",{},{}]', "[" * 5000, "{", '[3,"x",{}]', "\x00" * 100):
                await one.ws.send(junk)
            await one.ws.send(b"\xff\xfe")
            assert (await one.ask("Heartbeat", {}))[0] == 3
            assert (await two.ask("Heartbeat", {}))[0] == 3
        assert len(ear.links) == 2


async def test_a_frame_beyond_all_measure_ends_its_own_connection_only():
    async with (
        served(entry(), entry("garage-2")) as (system, _),
        station(system) as one,
        station(system, "garage-2") as two,
    ):
        await one.ws.send("x" * ((1 << 20) + 1))
        await asyncio.wait_for(one.ws.wait_closed(), 2.0)
        assert one.ws.close_code == 1009
        assert (await two.ask("Heartbeat", {}))[0] == 3


async def test_closing_lets_calls_under_way_come_to_their_answer():
    async with served(entry()) as (system, ear), station(system) as one:
        asking = asyncio.create_task(ear.links[0].do(facade.Restart()))
        await one.heard.wait()
        closing = asyncio.create_task(system.close(drain_s=2.0))
        await asyncio.sleep(0.05)
        assert not closing.done()
        with pytest.raises((OSError, InvalidStatus)):
            async with station(system):
                pass
        one.plays["Reset"] = {"status": "Accepted"}
        ident = next(iter(ear.links[0].rpc._asked))
        await one.ws.send(json.dumps([3, ident, {"status": "Accepted"}]))
        assert await asking == facade.Done()
        await asyncio.wait_for(closing, 2.0)
        assert one.ws.close_code == 1001


async def test_closing_does_not_wait_for_ever():
    async with served(entry()) as (system, ear), station(system):
        asking = asyncio.create_task(ear.links[0].do(facade.Restart()))
        await asyncio.sleep(0.02)
        started = time.monotonic()
        await system.close(drain_s=0.05)
        assert time.monotonic() - started < 1.0
        with pytest.raises(Disconnected):
            await asking
        await system.close()  # twice is fine


async def test_a_port_in_use_is_said():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        async with served(entry()) as (system, _):
            await system.close()
            with pytest.raises(OSError):
                await system.open("127.0.0.1", taken.getsockname()[1])


async def test_a_station_may_be_kept_out_for_a_while():
    clock = LeapClock()
    async with served(entry(), entry("garage-2"), clock=clock) as (system, ear), station(system) as one:
        await system.shut_out("garage-1", 90.0)
        await one._task
        await asyncio.sleep(0.05)
        assert ear.lost == ear.links
        with pytest.raises(InvalidStatus, match="503"):
            async with connect(system.url + "garage-1", subprotocols=["ocpp1.6"]):
                pass
        async with station(system, "garage-2"):
            pass
        await clock.run(91.0)
        async with station(system):
            assert len(ear.links) == 3


async def test_pings_keep_an_idle_link_up():
    async with served(entry(), ping_every_s=0.02) as (system, _), station(system):
        await asyncio.sleep(0.1)
        assert system._sockets["garage-1"].latency > 0  # of a pong


async def test_a_link_on_which_nothing_is_heard_any_more_is_dropped():
    clock = LeapClock()
    async with (
        served(entry(), clock=clock, deaf_after_s=180.0) as (system, ear),
        connect(system.url + "garage-1", subprotocols=["ocpp1.6"]) as ws,
    ):
        ws.transport.pause_reading()  # the far end is gone: no pong, no close
        for _ in range(30):
            await asyncio.sleep(0.005)
            await clock.run(18.0)
        await asyncio.sleep(0.05)
        assert ear.lost == ear.links
        assert "nothing was heard" in ear.lost[0].rpc.closed.result()
        ws.transport.abort()


async def test_a_station_that_answers_no_ping_but_speaks_stays():
    clock = LeapClock()
    async with (
        served(entry(), clock=clock, deaf_after_s=180.0) as (system, ear),
        connect(system.url + "garage-1", subprotocols=["ocpp1.6"], compression=None) as ws,
    ):
        send = ws.protocol.send_frame
        ws.protocol.send_frame = lambda frame: None if frame.opcode is Opcode.PONG else send(frame)
        one = Station(ws)
        for _ in range(30):
            await one.ask("Heartbeat", {})
            await clock.run(18.0)
        assert ear.lost == []
        await one.close()
