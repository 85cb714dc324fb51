"""The waits between tries, and what a broker that is away for days costs."""

from __future__ import annotations

import asyncio
import gc
import socket
import tracemalloc

import pytest

from noonward.bridge.backoff import Backoff
from noonward.bridge.link import Link, trust
from noonward.daemon.clock import SystemClock
from noonward.policy.bridges import Mqtt, Tls
from support.clock import LeapClock


def test_waits_grow_and_end():
    one = Backoff("house-12")
    waits = [one.failed() for _ in range(20)]
    assert all(0.5 * 2**k <= wait <= 2**k for k, wait in enumerate(waits[:7]))
    assert all(60.0 <= wait <= 120.0 for wait in waits[7:])
    one.worked()
    assert one.failed() <= 1.0


def test_gateways_of_a_town_do_not_come_back_together():
    waits = sorted(Backoff(f"house-{k}").failed() for k in range(500))
    assert max(sum(low <= wait < low + 0.05 for wait in waits) for low in [0.5 + k / 20 for k in range(10)]) < 100
    assert len(set(waits)) == 500


@pytest.mark.parametrize(("tls", "said"), [(Tls(ca="none.pem"), "none.pem"), (Tls(cert="none.crt"), "none.crt")])
def test_a_file_that_is_missing_is_named(tls, said):
    with pytest.raises(OSError, match=f"{said} cannot be used: No such file"):
        trust(tls)


def test_a_file_that_is_no_certificate_is_named(tmp_path):
    (tmp_path / "ca.pem").write_text("hello\n")
    with pytest.raises(OSError, match=r"ca\.pem cannot be used: "):
        trust(Tls(ca=str(tmp_path / "ca.pem")))


async def test_a_broker_that_is_away_for_days_costs_no_memory():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    clock = LeapClock()

    async def never(*_):
        raise AssertionError("there is no connection")

    mqtt = Mqtt(host="127.0.0.1", port=port)
    link = Link(mqtt, "noonward-test", clock, tell=never, heard=never, subscriptions=("a",))
    task = asyncio.create_task(link.run())

    async def fail(times):
        while link._backoff.failures < times:
            await asyncio.sleep(0.001)  # the connection is refused in a thread
            await clock.run(60.0)
            await link.publish("noonward/x", "y" * 10_000)  # what is told meanwhile is not kept

    await fail(50)
    gc.collect()
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    await fail(350)  # about ten hours
    gc.collect()
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert after - before < 100_000, "bytes that 300 tries left behind"


async def test_a_connection_that_comes_too_late_is_ended():
    """Else a link that was given up would live on, and fight with the next one for the client's name."""
    asked, ended = asyncio.Event(), asyncio.Event()

    async def broker(reader, writer):
        assert (await reader.read(1)) == b"\x10"  # CONNECT
        asked.set()
        await asyncio.sleep(0.2)
        writer.write(b"\x20\x03\x00\x00\x00")  # CONNACK of MQTT 5: welcome
        sent = b""
        while piece := await reader.read(1024):
            sent += piece
        if sent[-2:] == b"\xe0\x00" or b"\xe0" in sent[-4:]:  # DISCONNECT
            ended.set()
        writer.close()

    async def nothing(*_):
        await asyncio.sleep(60)

    async with await asyncio.start_server(broker, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        mqtt = Mqtt(host="127.0.0.1", port=port)
        link = Link(mqtt, "noonward-test", SystemClock(), tell=nothing, heard=nothing, subscriptions=())
        task = asyncio.create_task(link.run())
        await asyncio.wait_for(asked.wait(), 5.0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await asyncio.wait_for(ended.wait(), 5.0)
