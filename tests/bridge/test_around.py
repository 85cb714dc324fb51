"""What is around the engine begins with it, begins anew where site.yaml changed, and never keeps it from ending."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import asynccontextmanager, contextmanager

import pytest

from noonward.bridge import around as module
from noonward.bridge.around import around
from noonward.bridge.threads import Abandonable
from noonward.views.board import Board
from support.house import SITE, House, build, write
from support.process import Daemon
from support.receiver import receiver

HOOK = 'webhooks: [{{url: "{}/hook"}}]\n'
INFLUX = 'influx: {{url: "{}", bucket: b, every: 1 s}}\n'


@asynccontextmanager
async def living(folder, state):
    """A daemon on virtual time with all that is around it."""
    house = House(pv_w=4000.0)
    daemon = build(house, folder, state)
    async with around(daemon, Board(), "1.2.3"):
        starting = asyncio.create_task(daemon.start())
        while not starting.done():
            await house.clock.run(1.0)
        starting.result()
        try:
            yield house, daemon
        finally:
            stopping = asyncio.create_task(daemon.stop(for_good=False))
            while not stopping.done():
                await house.clock.run(1.0)


async def beat(house, holds):
    """Let virtual time pass until something real has happened."""

    for _ in range(2000):
        if holds():
            return
        await house.clock.run(1.0)
        await asyncio.sleep(0.005)
    raise AssertionError("it did not happen")


async def test_a_dead_meter_is_told_by_webhook_and_written_to_the_database(tmp_path):
    async with receiver() as there:
        folder = write(tmp_path / "site", site=SITE + HOOK.format(there.url) + INFLUX.format(there.url))
        async with living(folder, tmp_path / "state") as (house, _):
            house.meters["grid-meter"].away = True
            await beat(house, lambda: any(path == "/hook" for _, path, *_ in there.got))
            await beat(house, lambda: any(path.startswith("/api/v2/write") for _, path, *_ in there.got))
            notices = [json.loads(body)["notice"]["code"] for _, path, _, body in there.got if path == "/hook"]
            assert {"meter-held", "device-silent"} & set(notices)


async def test_an_edited_site_tells_others(tmp_path):
    async with receiver() as first, receiver() as second:
        folder = write(tmp_path / "site", site=SITE + INFLUX.format(first.url))
        async with living(folder, tmp_path / "state") as (house, daemon):
            await beat(house, lambda: first.got)
            write(folder, site=SITE + INFLUX.format(second.url))
            await daemon.reload()
            await beat(house, lambda: second.got)
            before = len(first.got)
            await beat(house, lambda: len(second.got) > 3)
            assert len(first.got) == before
            write(folder, site=SITE)
            await daemon.reload()
            await house.clock.run(5)
            before = len(second.got)
            for _ in range(20):
                await house.clock.run(1)
                await asyncio.sleep(0.005)
            assert len(second.got) == before


async def test_a_reload_that_changes_nothing_of_it_leaves_it_alone(tmp_path, monkeypatch):
    begun = []
    work = module.Around._work
    monkeypatch.setattr(module.Around, "_work", lambda self, bridges: begun.append(bridges) or work(self, bridges))
    async with receiver() as there:
        folder = write(tmp_path / "site", site=SITE + INFLUX.format(there.url))
        async with living(folder, tmp_path / "state") as (house, daemon):
            write(folder, site=SITE + INFLUX.format(there.url), pump="")
            await daemon.reload()
            await house.clock.run(5)
            assert len(begun) == 1


async def test_a_bug_in_one_ends_no_other_and_not_the_daemon(tmp_path, monkeypatch, caplog):
    from noonward.bridge.influx import Writer

    async def broken(_):
        raise ZeroDivisionError

    monkeypatch.setattr(Writer, "run", broken)
    async with receiver() as there:
        folder = write(tmp_path / "site", site=SITE + HOOK.format(there.url) + INFLUX.format(there.url))
        async with living(folder, tmp_path / "state") as (house, daemon):
            house.meters["grid-meter"].away = True
            await beat(house, lambda: there.got)
            assert daemon.fault is None
    assert "influx is broken and tells nothing more" in caplog.text


async def test_a_bug_before_anything_is_told_does_not_end_the_daemon(tmp_path, monkeypatch, caplog):
    def broken(*_):
        raise ImportError("no aiohttp here")

    monkeypatch.setattr(module.Around, "_work", broken)
    async with living(write(tmp_path / "site"), tmp_path / "state") as (house, daemon):
        await house.clock.run(60)
        assert daemon.fault is None
    assert "is broken and tells nothing more until the next start: ImportError('no aiohttp here')" in caplog.text


def test_what_nobody_asks_for_is_not_imported():
    code = (
        "import asyncio, sys\n"
        "from noonward.bridge.around import around\n"
        "from noonward.bridge.noticing import Noticing\n"
        "print(sorted({'aiomqtt', 'paho', 'aiohttp', 'starlette'} & set(sys.modules)))\n"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


# --- the end ---------------------------------------------------------------------------------------------------------


def test_nothing_waits_for_a_thread_that_hangs():
    hung = threading.Event()

    async def main():
        asyncio.get_running_loop().set_default_executor(Abandonable(max_workers=1))
        assert await asyncio.to_thread(lambda: 42) == 42
        with pytest.raises(ZeroDivisionError):
            await asyncio.to_thread(lambda: 1 / 0)
        asyncio.get_running_loop().run_in_executor(None, hung.wait)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asyncio.to_thread(hung.wait), 0.05)

    began = time.monotonic()
    asyncio.run(main())
    assert time.monotonic() - began < 2.0
    hung.set()


@contextmanager
def mute():
    """A port that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.mark.parametrize("tls", ["false", "true"])
def test_a_broker_that_says_nothing_does_not_keep_the_daemon_from_ending(tmp_path, tls):
    with mute() as port:
        folder = write(tmp_path / "site", site=SITE + f"mqtt: {{host: 127.0.0.1, port: {port}, tls: {tls}}}\n")
        with Daemon(folder, tmp_path / "state") as daemon:
            assert daemon.ready()
            time.sleep(1.0)
            began = time.monotonic()
            assert daemon.stop(signal.SIGTERM) == 0
            assert time.monotonic() - began < 3.0


def test_a_broker_that_is_not_there_is_said_once(tmp_path):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    folder = write(tmp_path / "site", site=SITE + f"mqtt: {{host: 127.0.0.1, port: {port}}}\n")
    with Daemon(folder, tmp_path / "state") as daemon:
        assert daemon.until(lambda: daemon.said("mqtt-lost", "refused"))
        assert daemon.ready()
        time.sleep(1.5)
        assert len(daemon.said("mqtt-lost")) == 1
        assert daemon.stop() == 0
