"""What is told to a broker and when, without one: the link only notes what it is given."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from types import SimpleNamespace

import pytest
from aiomqtt import MqttError

from noonward.bridge import mqtt as module
from noonward.bridge.mqtt import Bridge
from noonward.core.model import Mode, Reading
from noonward.errors import StateError
from noonward.policy.bridges import Mqtt
from noonward.policy.language import Language
from noonward.views.board import Board, Told
from noonward.views.notices import About
from support.dict_memory import DictMemory
from support.fakeengine import NOON, FakeEngine, appliance, garage
from support.receiver import until

HOUSE = Mqtt(host="b", port=1, topic="house", commands=True)


class Noting:
    """In place of the link: what was published; ``dies_at`` is the topic at which the connection breaks."""

    def __init__(self):
        self.sent = []
        self.dies_at = None

    async def publish(self, topic, payload, *, retain=True):
        if topic == self.dies_at:
            raise MqttError("gone")
        self.sent.append((topic, payload, retain))

    def of(self, topic):
        return [payload for at, payload, _ in self.sent if at == topic]

    def topics(self):
        return [topic for topic, *_ in self.sent]


def bridge(engine, memory=None, mqtt=HOUSE, note=None):
    made = Bridge(engine, mqtt, Board(), memory or DictMemory(), "1", note or (lambda _: None))
    made._link = Noting()
    kept = made._memory.load()
    made._names.known, made._known = dict(kept.get("names") or {}), dict(kept.get("retained") or {})
    return made


@asynccontextmanager
async def telling(one, engine):
    """A connection, with time that passes fast."""

    async def sleep(_):
        await asyncio.sleep(0.001)

    engine.clock.sleep = sleep
    engine.publishers.append(one)
    task = asyncio.create_task(one._tell())
    try:
        await until(lambda: "house/site/state" in one._link.topics())
        await asyncio.sleep(0.02)
        yield one._link
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        engine.publishers.remove(one)


def house(*more, **options):
    return FakeEngine(appliance("pump", Mode.MANUAL), *more, **options).see(grid_w=Reading(100.0, NOON))


async def test_everything_is_told_once_and_then_what_changes(monkeypatch):
    monkeypatch.setattr(module, "EVERY_S", 0.05)
    engine = house(zones=[garage()])
    one = bridge(engine)
    async with telling(one, engine) as link:
        assert all(retain for *_, retain in link.sent)
        first = len(link.sent)
        await asyncio.sleep(0.15)
        assert len(link.sent) == first  # nothing changed, nothing is told
        await engine.set_switch("pump", True, "anna")
        engine.see()
        await until(lambda: len(link.of("house/policy/pump/state")) == 2)
        assert json.loads(link.of("house/policy/pump/state")[1])["on"] is True
        assert len(link.of("house/station/cp-01/state")) == 1


async def test_a_new_connection_is_told_everything_again():
    engine = house()
    one = bridge(engine)
    async with telling(one, engine) as link:
        first = sorted(link.topics())
    one._link = Noting()
    async with telling(one, engine) as link:
        assert sorted(link.topics()) == first


async def test_a_notice_is_an_event_in_the_language_of_the_broker_and_old_ones_are_dropped():
    engine = house()
    one = bridge(engine, mqtt=Mqtt(host="b", port=1, topic="house", language=Language.IT))
    told = Told(
        id="x:pump",
        code="x",
        level="note",
        about=About(policy="pump"),
        since=NOON,
        words={Language.IT: ("Ciao.", "Niente.")},
    )
    one.hear(told)  # before there was a connection
    async with telling(one, engine) as link:
        assert link.of("house/event") == []
        one.hear(told)
        await until(lambda: link.of("house/event"))
        (event,) = map(json.loads, link.of("house/event"))
        assert (event["text"], event["subject"], event["over_at"]) == ("Ciao.", "pump", None)
        assert not next(retain for topic, _, retain in link.sent if topic == "house/event")
    for _ in range(200):
        one.hear(told)
    assert len(one._events) == module.EVENTS_MAX


def message(topic, payload=b"ON", *, retain=False):
    return SimpleNamespace(topic=topic, payload=payload, retain=retain)


async def test_a_flood_of_commands_is_held_back_and_told_once():
    engine, entries = house(), []
    one = bridge(engine, note=entries.append)
    for _ in range(500):
        await one._heard(message("house/policy/pump/switch/set"))
    results = [json.loads(payload) for payload in one._link.of("house/result")]
    assert sum(result["ok"] for result in results) == module.PACE.burst
    assert "no more than one a second" in results[-1]["detail"]
    assert len(entries) == module.PACE.burst + 1
    engine.clock.at += 61
    await one._heard(message("house/policy/pump/switch/set"))
    assert json.loads(one._link.of("house/result")[-1])["ok"]


async def test_a_command_that_the_broker_keeps_is_refused():
    engine = house()
    one = bridge(engine)
    await one._heard(message("house/policy/pump/switch/set", retain=True))
    assert engine.inputs == {}
    assert "must not be retained" in json.loads(one._link.of("house/result")[0])["detail"]


async def test_what_was_done_is_noted_with_what_was_set_before_and_after():
    engine, entries = house(), []
    one = bridge(engine, note=entries.append)
    await one._heard(message("house/policy/pump/switch/set"))
    await one._heard(message("house/policy/nothing/switch/set"))
    done, refused = entries
    assert (done.who, done.how, done.what, done.subject, done.result) == (
        "mqtt",
        "mqtt",
        "switch",
        "policies/pump",
        "done",
    )
    assert (done.before, done.after["switch_on"]) == (None, True)
    assert (refused.result, refused.after) == ("refused", None)
    assert "no policy 'nothing'" in refused.detail


@pytest.mark.parametrize(
    "topic", ["house/policy/pump/state", "other/policy/pump/switch/set", "house/set", "homeassistant/x"]
)
async def test_other_topics_are_nobodys_business(topic):
    engine, entries = house(), []
    one = bridge(engine, note=entries.append)
    await one._heard(message(topic))
    assert (one._link.sent, entries, engine.inputs) == ([], [], {})


@pytest.mark.parametrize(("payload", "again"), [(b"online", True), (b"offline", False)])
async def test_home_assistants_birth_has_everything_told_again(payload, again):
    engine = house()
    one = bridge(engine)
    async with telling(one, engine) as link:
        before = len(link.sent)
        await one._heard(message("homeassistant/status", payload))
        await asyncio.sleep(0.05)
        assert (len(link.sent) == 2 * before) is again


# --- what the broker keeps -------------------------------------------------------------------------------------------


async def test_what_is_gone_is_taken_back_also_after_a_restart():
    memory = DictMemory()
    engine = house(appliance("boiler"), zones=[garage()])
    async with telling(bridge(engine, memory), engine):
        pass
    engine = house()
    async with telling(bridge(engine, memory), engine) as link:
        taken = {topic for topic, payload, _ in link.sent if payload == ""}
    assert taken == {
        "house/policy/boiler/state",
        "house/policy/garage/state",
        "house/station/cp-01/state",
        "house/station/cp-02/state",
        "homeassistant/device/noonward_house-12_policy_boiler/config",
        "homeassistant/device/noonward_house-12_policy_garage/config",
        "homeassistant/device/noonward_house-12_station_cp-01/config",
        "homeassistant/device/noonward_house-12_station_cp-02/config",
    }
    async with telling(bridge(engine, memory), engine) as link:
        assert all(payload for _, payload, _ in link.sent)  # and once is enough


async def test_another_topic_leaves_nothing_behind_at_the_old_one():
    memory = DictMemory()
    engine = house()
    async with telling(bridge(engine, memory), engine) as link:
        kept = {topic for topic in link.topics() if topic.startswith("house/")} | {"house/availability"}
    other = bridge(engine, memory, Mqtt(host="b", port=1, topic="house/new", discovery=None))
    engine.publishers.append(other)
    await other._introduce()
    taken = {topic for topic, payload, _ in other._link.sent if payload == ""}
    assert {topic for topic in taken if topic.startswith("house/")} == kept
    assert {topic for topic in taken if topic.startswith("homeassistant/")} == {
        "homeassistant/device/noonward_house-12/config",
        "homeassistant/device/noonward_house-12_policy_pump/config",
    }


@pytest.mark.parametrize("k", range(6))
async def test_a_connection_that_breaks_in_between_forgets_nothing(k):
    """Whatever was sent when it broke, the next connection takes back the rest."""
    memory = DictMemory()
    engine = house(appliance("boiler"))
    async with telling(bridge(engine, memory), engine) as link:
        had = set(link.topics())
    engine = house()
    broken = bridge(engine, memory)
    planned = bridge(engine, DictMemory(dict(memory.load())))
    await planned._introduce()
    broken._link.dies_at = planned._link.topics()[min(k, len(planned._link.sent) - 1)]
    with pytest.raises(MqttError):
        await broken._introduce()
    again = bridge(engine, memory)
    await again._introduce()
    kept = had - {topic for topic, payload, _ in (*broken._link.sent, *again._link.sent) if payload == ""}
    assert not [topic for topic in kept if "boiler" in topic]


async def test_a_full_disk_is_said_and_everything_is_told(caplog):
    engine = house()
    one = bridge(engine)
    one._memory.fault = StateError("disk full")
    async with telling(one, engine) as link:
        assert "house/policy/pump/state" in link.topics()
    assert "what Home Assistant knows of is not saved: disk full" in caplog.text
