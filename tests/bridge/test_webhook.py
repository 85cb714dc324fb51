"""Webhooks at a real HTTP server: what is sent, how it is signed, when it is tried again, where it never goes."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from aiohttp import web

from noonward.bridge import webhook
from noonward.bridge.webhook import Hook, signature
from noonward.policy.bridges import Webhook
from noonward.policy.language import Language
from noonward.views.board import Told
from noonward.views.notices import About
from support.broker import free_port
from support.fakeengine import NOON, FakeEngine, appliance
from support.receiver import receiver, until

SECRET = "s3cret"  # noqa: S105 - a test's
ASLEEP = Told(
    id="vehicle-needs-driver:cp-01",
    code="vehicle-needs-driver",
    level="trouble",
    about=About(policy="garage", station="cp-01"),
    since=NOON,
    words={Language.EN: ("cp-01 sleeps.", "Replug it."), Language.DE: ("cp-01 schläft.", "Neu einstecken.")},
)
DIMMED = replace(ASLEEP, id="dimmed", code="dimmed", level="note", about=About())


@asynccontextmanager
async def hooked(url, **more):
    """A hook whose waits are short."""
    engine = FakeEngine(appliance()).see()

    async def sleep(seconds):
        engine.clock.at += seconds
        await asyncio.sleep(0.01)

    engine.clock.sleep = sleep
    hook = Hook(engine, Webhook(url=url, **more), "1.2.3")
    task = asyncio.create_task(hook.run())
    try:
        yield hook
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_what_is_sent():
    async with receiver() as there, hooked(f"{there.url}/hook?key=1", secret=SECRET, language=Language.DE) as hook:
        hook.hear(ASLEEP)
        hook.hear(replace(ASLEEP, over_at=NOON + 60))
        await until(lambda: len(there.got) == 2)
    (method, path, headers, body), (*_, end) = there.got
    assert (method, path) == ("POST", "/hook?key=1")
    assert headers["Content-Type"] == "application/json; charset=utf-8"
    assert headers["Noonward-Event"] == "begin"
    assert json.loads(body) == {
        "event": "begin",
        "site": "house-12",
        "notice": {
            "id": "vehicle-needs-driver:cp-01",
            "code": "vehicle-needs-driver",
            "level": "trouble",
            "subject": "cp-01",
            "text": "cp-01 schläft.",
            "todo": "Neu einstecken.",
            "since": "2026-06-01T12:00:00+02:00",
            "over_at": None,
            "gone_since": None,
        },
    }
    assert json.loads(end)["event"] == "end"
    assert json.loads(end)["notice"]["over_at"] == "2026-06-01T12:01:00+02:00"
    stamp, _, code = headers["Noonward-Signature"].partition(",")
    signed = hmac.new(SECRET.encode(), stamp.removeprefix("t=").encode() + b"." + body, hashlib.sha256).hexdigest()
    assert code == f"v1={signed}"


def test_another_program_signs_the_same():
    """printf '1780308000.{}' | openssl dgst -sha256 -hmac s3cret"""
    made = "e5af0e86f05963c0e4f9d78ee2468cf6f0643375cbbfa0745577531a42d9e11d"
    assert signature("s3cret", 1_780_308_000.0, b"{}") == f"t=1780308000,v1={made}"


async def test_without_a_secret_nothing_is_signed():
    async with receiver() as there, hooked(there.url) as hook:
        hook.hear(ASLEEP)
        await until(lambda: there.got)
    assert "Noonward-Signature" not in there.got[0][2]


@pytest.mark.parametrize(
    ("level", "told"), [("trouble", ["vehicle-needs-driver:cp-01"]), ("note", ["dimmed", ASLEEP.id])]
)
async def test_who_wants_trouble_hears_of_nothing_else(level, told):
    async with receiver() as there, hooked(there.url, level=level) as hook:
        hook.hear(DIMMED)
        hook.hear(ASLEEP)
        await until(lambda: len(there.got) == len(told))
    assert [json.loads(body)["notice"]["id"] for *_, body in there.got] == told


async def test_it_is_tried_again_with_the_same_body_and_a_fresh_signature(caplog):
    async with receiver(503, 429, 204) as there, hooked(there.url, secret=SECRET) as hook:
        hook.hear(ASLEEP)
        await until(lambda: len(there.got) == 3)
        await asyncio.sleep(0.1)
    assert len(there.got) == 3
    assert len({body for *_, body in there.got}) == 1
    assert len({headers["Noonward-Signature"] for _, _, headers, _ in there.got}) == 3
    assert caplog.text.count("did not take a message, trying again: it answers 503") == 1


@pytest.mark.parametrize("status", [400, 401, 404, 410])
async def test_a_refusal_is_said_once_and_not_tried_again(caplog, status):
    async with receiver(status) as there, hooked(there.url) as hook:
        hook.hear(ASLEEP)
        hook.hear(ASLEEP)
        await until(lambda: len(there.got) == 2)
        await asyncio.sleep(0.1)
    assert len(there.got) == 2
    assert caplog.text.count(f"it answers {status}") == 1


async def test_it_is_given_up_after_some_minutes(caplog):
    async with receiver(500) as there, hooked(there.url) as hook:
        hook.hear(ASLEEP)
        await until(lambda: "was not told of vehicle-needs-driver:cp-01 (begin)" in caplog.text)
        assert len(there.got) == webhook.TRIES
        assert 100 < hook._engine.clock.at - NOON < 300


async def test_it_is_not_followed_elsewhere(caplog):
    async with receiver() as elsewhere:

        async def moved(_):
            raise web.HTTPTemporaryRedirect(f"{elsewhere.url}/x")

        async with receiver(moved) as there, hooked(there.url) as hook:
            hook.hear(ASLEEP)
            await until(lambda: "points elsewhere (307)" in caplog.text)
    assert elsewhere.got == []


async def test_a_receiver_that_is_away_or_slow_shows_no_address(monkeypatch, caplog):
    monkeypatch.setattr(webhook, "ANSWER_S", 0.1)

    async def slow(_):
        await asyncio.sleep(0.3)
        return 204

    async with receiver(slow) as there, hooked(f"{there.url}/secret-path") as hook:
        hook.hear(ASLEEP)
        await until(lambda: "no answer within" in caplog.text)
    async with hooked(f"http://127.0.0.1:{free_port()}/secret-path") as hook:
        hook.hear(ASLEEP)
        await until(lambda: "Connect" in caplog.text or "refused" in caplog.text)
    assert "secret-path" not in caplog.text


async def test_while_it_is_away_no_more_than_so_much_waits(monkeypatch):
    monkeypatch.setattr(webhook, "WAITING_MAX", 5)
    hook = Hook(FakeEngine(appliance()).see(), Webhook(url="http://127.0.0.1:1/"), "1")
    for k in range(20):
        hook.hear(replace(ASLEEP, id=f"x:{k}"))
    assert [one["notice"]["id"] for one in hook._waiting] == [f"x:{k}" for k in range(15, 20)]
