"""The database as a real HTTP server: what it is sent, what it refuses, what happens while it is away."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from noonward.bridge import influx
from noonward.bridge.influx import Writer
from noonward.policy.bridges import Influx
from support.broker import free_port
from support.carpark import carpark
from support.lineprotocol import parse
from support.receiver import receiver, until

TOKEN = "t0ken"  # noqa: S105 - a test's


@asynccontextmanager
async def writing(url, every_s=1.0, **more):
    """A writer whose clock runs a hundred times as fast as ours, so that no wait is long."""
    engine = carpark()

    async def sleep(seconds):
        engine.clock.at += seconds
        await asyncio.sleep(0.01)

    engine.clock.sleep = sleep
    writer = Writer(engine, Influx(url=url, bucket="solar", token=TOKEN, every_s=every_s, **more), "1.2.3")
    task = asyncio.create_task(writer.run())
    try:
        yield writer
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_what_it_is_sent():
    async with receiver() as database, writing(database.url, org="home"):
        await until(lambda: len(database.got) >= 2)
    method, path, headers, body = database.got[0]
    assert (method, path) == ("POST", "/api/v2/write?org=home&bucket=solar&precision=s")
    assert headers["Authorization"] == f"Token {TOKEN}"
    assert headers["Content-Type"] == "text/plain; charset=utf-8"
    assert headers["User-Agent"] == "noonward/1.2.3"
    assert len(parse(body.decode())) > 10
    points = [
        (one.measurement, *sorted(one.tags.items()), one.at)
        for *_, sent in database.got
        for one in parse(sent.decode())
    ]
    assert len(set(points)) == len(points), "a point is sent twice"


async def test_influxdb_3_is_sent_no_organisation():
    async with receiver() as database, writing(database.url):
        await until(lambda: database.got)
    assert database.got[0][1] == "/api/v2/write?bucket=solar&precision=s"


async def test_what_it_could_not_take_goes_later_and_in_order(caplog):
    caplog.set_level("INFO", "noonward")
    async with receiver(503, 500, 204) as database, writing(database.url):
        await until(lambda: len(database.got) >= 4)
    sent = [[point.at for point in parse(body.decode())] for *_, body in database.got]
    assert len(sent[2]) > len(sent[0])  # what waited goes with what is new
    assert sent[2][: len(sent[0])] == sent[0]
    assert sent[2] == sorted(sent[2])
    said = [record.getMessage() for record in caplog.records if getattr(record, "event", "") == "influx"]
    assert [("it waits" in one, "again" in one) for one in said] == [(True, False), (True, False), (False, True)], said


@pytest.mark.parametrize("status", [400, 413, 422])
async def test_what_it_refuses_for_good_is_said_and_not_sent_again(caplog, status):
    async def refuses(_):
        return web.Response(status=status, text='{"message": "field type\nconflict"}')

    async with receiver(refuses, 204) as database, writing(database.url):
        await until(lambda: len(database.got) >= 3)
    first, second = (parse(body.decode()) for *_, body in database.got[:2])
    assert first[0].at <= second[0].at
    assert len(first) == len(second)
    assert f'lines, which are lost: {status} {{"message": "field type conflict"}}' in caplog.text


async def test_while_it_is_away_no_more_than_so_much_waits(monkeypatch, caplog):
    monkeypatch.setattr(influx, "WAITING_MAX", 50)
    port = free_port()
    async with writing(f"http://127.0.0.1:{port}") as writer:
        await until(lambda: "it waits" in caplog.text)
        await asyncio.sleep(0.2)
        assert len(writer._waiting) == 50
        async with receiver(port=port) as database:
            await until(lambda: database.got, within_s=20.0)
    assert len(parse(database.got[0][3].decode())) == 50
    assert caplog.text.count("it waits") == 1
    assert TOKEN not in caplog.text


async def test_it_is_not_followed_elsewhere():
    async with receiver() as elsewhere:

        async def moved(_):
            raise web.HTTPFound(f"{elsewhere.url}/x")

        async with receiver(moved) as database, writing(database.url):
            await until(lambda: database.got)
            await asyncio.sleep(0.1)
    assert elsewhere.got == []


async def test_batches_are_no_larger_than_recommended(monkeypatch):
    monkeypatch.setattr(influx, "BATCH", 7)
    async with receiver() as database, writing(database.url):
        await until(lambda: len(database.got) >= 3)
    assert max(len(parse(body.decode())) for *_, body in database.got) == 7
