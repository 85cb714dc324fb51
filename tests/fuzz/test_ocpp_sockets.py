"""One station that sends anything, on a real socket, beside one that is well: the other one's connection stays its own."""

from __future__ import annotations

import asyncio
import base64
import gc
import json
import os
import tracemalloc
from contextlib import asynccontextmanager, suppress
from random import Random

import pytest
from websockets.exceptions import ConnectionClosed

from support.ocpp_frames import call, tear, text_of
from support.ocpp_fuzz import Fire, Watched, clean
from support.ocpp_station import entry, served, station


@asynccontextmanager
async def neighbours(version="1.6"):
    """A central system, a station under test's place (``garage-1``), and one that is well."""
    async with served(entry(), entry("garage-2")) as (system, ear), station(system, "garage-2") as well:
        link = system.links["garage-2"]

        async def is_well():
            assert (await well.ask("Heartbeat", {}))[0] == 3
            assert system.links["garage-2"] is link
            assert not link.rpc.closed.done()
            assert link.rpc.counts.malformed == link.rpc.counts.unexpected == 0
            assert ear.lost.count(link) == 0

        yield system, is_well


@pytest.mark.parametrize("protocol", ["ocpp1.6", "ocpp2.0.1"])
async def test_torn_frames_as_text_as_bytes_and_in_fragments(protocol):
    """A text as one message, as binary, cut into fragments: the sender stays connected, unless it is no UTF-8 at all."""
    rng = Random(protocol)
    version = protocol.removeprefix("ocpp")
    async with neighbours() as (system, is_well):
        for _ in range(8):
            async with station(system, offers=(protocol,)) as one:
                for n in range(12):
                    whole = tear(rng, text_of(call(rng, version, f"x{n}")), rng.choice((0, 1, 2)))
                    sent = whole if isinstance(whole, bytes) else whole.encode("utf-8", "replace").decode()
                    cuts = sorted(rng.randrange(len(sent) + 1) for _ in range(rng.randrange(4)))
                    pieces = [sent[a:b] for a, b in zip([0, *cuts], [*cuts, len(sent)], strict=True)]
                    await one.ws.send(pieces if rng.random() < 0.5 else sent)
                assert (await one.ask("Heartbeat", {}))[0] == 3
                assert not system.links["garage-1"].rpc.closed.done()
            await is_well()


def hello(station_id, version="ocpp1.6"):
    """The request that opens a websocket, by hand."""
    key = base64.b64encode(os.urandom(16)).decode()
    return (
        f"GET /ocpp/{station_id} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: {version}\r\n\r\n"
    ).encode()


@asynccontextmanager
async def raw(system):
    host, port = system.url.removeprefix("ws://").partition("/")[0].split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        yield reader, writer
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()


BELOW = [  # bytes behind the handshake that are no websocket frames, or not as RFC 6455 has them
    b"\x81\x05hello",  # not masked
    b"\x81\x85\x00\x00\x00\x00\xff\xfe\xfd\xfc\xfb",  # no UTF-8
    b"\x83\x80\x00\x00\x00\x00",  # a reserved opcode
    b"\xf1\x80\x00\x00\x00\x00",  # reserved bits
    b"\x80\x80\x00\x00\x00\x00",  # goes on with what never began
    b"\x01\x81\x00\x00\x00\x00[\x01\x81\x00\x00\x00\x00[",  # begins twice
    b"\x09\x80\x00\x00\x00\x00",  # a ping in fragments
    b"\x89\xfe\x01\x00\x00\x00\x00\x00" + b"p" * 256,  # a ping that is too long
    b"\x81\xff\x7f\xff\xff\xff\xff\xff\xff\xff\x00\x00\x00\x00",  # eight exabytes to come
    b"\x88\x81\x00\x00\x00\x00\x03",  # a close with half a code
    b"\x88\x82\x00\x00\x00\x00\x03\xed",  # a close with a code that must not be sent
    b"\x81\x84\x00\x00",  # and then nothing
    b"\x00" * 64,
    bytes(range(256)),
]


@pytest.mark.parametrize("bad", BELOW, ids=range(len(BELOW)))
async def test_what_is_no_websocket_ends_its_own_connection_only(bad):
    async with neighbours() as (system, is_well):
        async with raw(system) as (reader, writer):
            writer.write(hello("garage-1"))
            assert b"101" in await reader.readline()
            writer.write(bad)
            await writer.drain()
            await is_well()
        await is_well()
        async with station(system) as again:
            assert (await again.ask("Heartbeat", {}))[0] == 3
        await is_well()


async def test_what_is_no_request_lets_nobody_in():
    rng = Random(7)
    async with neighbours() as (system, is_well):
        for n in range(60):
            request = bytearray(hello(rng.choice(("garage-1", "garage-2%00", "../garage-2", "garage-2/x", "x" * 9000))))
            if n % 2:
                request[rng.randrange(len(request))] = rng.randrange(256)
            async with raw(system) as (reader, writer):
                writer.write(bytes(request) if n % 3 else rng.randbytes(200))
                writer.write_eof()
                with suppress(OSError):
                    await asyncio.wait_for(reader.read(), 5.0)
            await is_well()
            assert set(system.links) <= {"garage-1", "garage-2"}


async def test_a_flood_slows_nobody_else_down():
    """What a station cannot wait to send is dropped beyond the inbox, or held back by its own socket."""
    async with neighbours() as (system, is_well), station(system) as one:

        async def flood():
            with suppress(ConnectionClosed):
                for n in range(3000):
                    await one.ws.send(json.dumps([2, str(n), "Heartbeat", {}]))

        flooding = asyncio.create_task(flood())
        for _ in range(20):
            await is_well()
        await flooding
        assert (await one.ask("Heartbeat", {}))[0] == 3


@pytest.mark.parametrize("version", ["1.6", "2.0.1"])
def test_memory_stays_flat(version):
    """Whatever comes, nothing of it is kept: not ids, not answers to nothing, not what could not be read."""

    async def play(fire, count):
        rng = Random(version)  # the same each time: what is made once, as a compiled schema, is made in the first round
        for n in range(count):
            frame = call(rng, version, f"x{n}")
            await fire.says(text_of(frame))
            await fire.junk(tear(rng, text_of(frame), 2))
            await fire.says(json.dumps([3, f"never-{n}", {"status": "Accepted"}]))
            fire.ear.events.clear()

    async def measure():
        async with Fire(version) as fire:
            tracemalloc.start()
            try:
                kept = []
                for _ in range(9):  # timers that were cancelled and caches fill up first
                    await play(fire, 100)
                    gc.collect()
                    kept.append(tracemalloc.get_traced_memory()[0])
                return min(kept[7:]) - kept[4]
            finally:
                tracemalloc.stop()

    with Watched() as log:
        log.lines = Forgetful()
        grown = asyncio.run(measure())
    assert grown < 12_000, f"{grown} bytes were kept of 300 frames or more"


class Forgetful(list):
    """Lines that are looked at and thrown away."""

    def append(self, line):
        clean([line], named=False)
