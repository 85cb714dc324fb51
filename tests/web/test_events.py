import asyncio
import json
from contextlib import suppress
from dataclasses import replace

import pytest

from noonward.access.model import Grant, How, Principal, Role, Scope
from noonward.core.model import Mode, Reading, Site
from noonward.policy.language import Language, speaking
from noonward.policy.loaded import Loaded
from noonward.web import events, setting
from noonward.web.asking import VISITOR
from noonward.web.events import Streams
from noonward.web.setting import Steps
from support.carpark import DECIDED, SEEN, carpark
from support.fakeengine import NOON, FakeEngine, appliance, decided, told


@pytest.fixture(autouse=True)
def hurried(monkeypatch):
    monkeypatch.setattr(events, "APART_S", 0.001)


@pytest.fixture
def engine():
    return FakeEngine(appliance(mode=Mode.MANUAL), appliance("sauna")).see(grid_w=Reading(0.0, NOON))


class Reader:
    """Reads one stream; ``await reader()`` is the next event's name and data."""

    def __init__(self, stream):
        self.stream = stream

    async def __call__(self):
        text = (await asyncio.wait_for(anext(self.stream), 5)).decode()
        assert text.endswith("\n\n")
        fields = dict(line.split(": ", 1) for line in text.strip().split("\n"))
        return fields.get("event"), json.loads(fields["data"]) if "data" in fields else fields


async def opened(streams, engine):
    read = Reader(streams.stream(engine, VISITOR))
    assert await read() == (None, {"retry": "2000"})
    name, data = await read()
    assert name == "policies"
    assert [one["name"] for one in data["policies"]] == ["boiler", "sauna"]
    assert (await read())[0] == "site"
    assert (await read())[0] == "notices"
    return read


async def test_a_stream_tells_everything_and_then_what_changes(engine):
    read = await opened(Streams(), engine)
    await engine.set_switch("boiler", True, "anna")
    name, data = await read()
    assert (name, data["name"], data["on"]) == ("policy", "boiler", True)
    assert (await read())[0] == "site"
    await read.stream.aclose()


async def test_a_step_that_changes_nothing_tells_the_site_only(engine):
    read = await opened(Streams(), engine)
    engine.see(after_s=5, grid_w=Reading(-100.0, NOON + 5))
    name, data = await read()
    assert (name, data["grid"]["power_w"]) == ("site", -100.0)
    await read.stream.aclose()


async def test_a_station_that_changes_is_told(engine):
    shown = carpark()
    read = Reader(Streams().stream(shown, VISITOR))
    assert [(await read())[0] for _ in range(4)] == [None, "policies", "site", "notices"]
    shown.says["garage"] = decided("garage", "solar", *DECIDED[:1], told("cp-02", "charging", 6.0), *DECIDED[2:])
    shown.see(after_s=5)
    name, data = await read()
    assert (name, data["station"], data["state"]) == ("station", "cp-02", "charging")
    assert (await read())[0] == "site"
    shown.see(after_s=5)
    assert (await read())[0] == "site"  # nothing moved
    await shown.set_charge_now("cp-04", until=None, energy_wh=None, by="anna")
    names = [(await read()) for _ in range(3)]
    assert [(name, data.get("station")) for name, data in names] == [
        ("policy", None),
        ("station", "cp-04"),
        ("site", None),
    ]
    sample = replace(SEEN["cp-01"].sample, at=NOON + 11, power_w=5000.0)
    shown.see(after_s=1, stations={**SEEN, "cp-01": replace(SEEN["cp-01"], sample=sample)})
    name, data = await read()
    assert (name, data["station"], data["drawn_w"]) == ("station", "cp-01", 5000.0)
    await read.stream.aclose()


async def test_who_listens_slowly_gets_the_latest_and_no_queue_grows(engine):
    streams = Streams()
    read = await opened(streams, engine)
    for k in range(1000):
        await engine.set_switch("boiler", k % 2 == 1, "anna")
    (listener,) = streams._open
    assert list(listener.changed) == ["boiler"]
    name, data = await read()
    assert (name, data["on"]) == ("policy", True)
    assert (await read())[0] == "site"
    await read.stream.aclose()


async def test_an_engine_that_steps_all_the_time_is_told_in_peace(engine, monkeypatch):
    """Ten steps a second are two messages a second to everyone, and the last one is told."""
    monkeypatch.setattr(events, "APART_S", 0.1)
    read, told = await opened(Streams(), engine), []
    reading = asyncio.create_task(_all(read, told))
    for k in range(30):
        engine.see(after_s=0.1, grid_w=Reading(-float(k), engine.clock.now()))
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.3)
    engine.publish({"event": "stopping", "at": NOON})
    await reading
    sites = [data["grid"]["power_w"] for name, data in told if name == "site"]
    assert 2 <= len(sites) <= 8
    assert sites[-1] == -29.0


async def _all(read, told):
    with suppress(StopAsyncIteration):
        while True:
            told.append(await read())


@pytest.mark.parametrize("end", [lambda streams: streams.stop(), lambda streams: streams.end(lambda who: True)])
async def test_a_stream_that_rests_ends_at_once_all_the_same(engine, monkeypatch, end):
    monkeypatch.setattr(events, "APART_S", 60.0)
    streams, told = Streams(), []
    reading = asyncio.create_task(_all(await opened(streams, engine), told))
    await asyncio.sleep(0.01)
    end(streams)
    await asyncio.wait_for(reading, 2)


async def test_a_reload_tells_all_policies(engine):
    read = await opened(Streams(), engine)
    engine.loaded = Loaded(site=Site(name="house-12", appliances=(appliance("pump"),)))
    engine.publish({"event": "step", "at": NOON, "changed": ["boiler"]})
    engine.publish({"event": "reload", "at": NOON, "ok": True, "problems": 0})
    name, data = await read()
    assert name == "policies"
    assert [one["name"] for one in data["policies"]] == ["pump"]
    await read.stream.aclose()


async def test_a_policy_that_is_gone_breaks_no_stream(engine):
    read = await opened(Streams(), engine)
    engine.publish({"event": "step", "at": NOON, "changed": ["gone"]})
    assert (await read())[0] == "policies"
    await read.stream.aclose()


async def test_a_silent_line_is_kept_alive(engine, monkeypatch):
    monkeypatch.setattr(events, "HEARTBEAT_S", 0.02)
    read = await opened(Streams(), engine)
    for _ in range(3):
        assert (await read())[0] == "site"
    await read.stream.aclose()


@pytest.mark.parametrize("how", ["engine", "streams"])
async def test_a_stream_ends_when_the_daemon_does(engine, how):
    streams = Streams()
    read = await opened(streams, engine)
    if how == "engine":
        engine.publish({"event": "stopping", "at": NOON})
    else:
        streams.stop()
    assert await read() == ("stopping", {})
    with pytest.raises(StopAsyncIteration):
        await read()
    assert engine.publishers == []
    assert streams._open == {}


async def test_every_event_has_a_number_of_its_own_also_in_another_stream(engine):
    streams, numbers = Streams(), []
    for _ in range(2):
        stream = streams.stream(engine, VISITOR)
        texts = [(await anext(stream)).decode() for _ in range(4)]
        numbers += [line.partition("-")[2] for text in texts for line in text.split("\n") if line.startswith("id: ")]
        await stream.aclose()
    assert numbers == ["1", "2", "3", "4", "5", "6"]


async def test_what_begins_and_ends_to_be_wrong_is_told(engine):
    read = await opened(Streams(), engine)

    async def next_notices():
        while True:
            name, data = await read()
            if name == "notices":
                return [one["text"] for one in data["notices"]]

    engine.see(after_s=15)
    assert "grid meter" in (await next_notices())[0]
    engine.see(after_s=1, grid_w=Reading(0.0, NOON + 16))
    assert await next_notices() == []
    await read.stream.aclose()


# --- who listens ----------------------------------------------------------------------------------------------------

ANNA = Principal(
    name="anna", grant=Grant(role=Role.RESIDENT, scope=Scope(stations=frozenset({"cp-02"}))), how=How.SESSION, key="k1"
)


async def test_nobody_is_told_what_is_not_theirs():
    shown = carpark()
    read = Reader(Streams().stream(shown, ANNA))
    told = [await read() for _ in range(5)]
    assert [name for name, _ in told] == [None, "policies", "station", "site", "notices"]
    assert told[1][1] == {"policies": []}
    assert (told[2][1]["station"], told[2][1]["may"]) == ("cp-02", ["wish"])
    assert (told[3][1]["policies"], told[3][1]["devices"]) == ([], [])
    assert told[4][1] == {"notices": []}
    await shown.set_charge_now("cp-04", until=None, energy_wh=None, by="berta")
    assert (await read())[0] == "site"
    await shown.set_charge_now("cp-02", until=None, energy_wh=None, by="berta")
    assert [(await read())[0] for _ in range(2)] == ["station", "site"]
    await read.stream.aclose()


async def ended(read):
    """Read to the end; the site may be told once more, but nobody says that the daemon stops."""
    rest = [chunk.decode() async for chunk in read.stream]
    assert all(text.startswith("event: site\n") for text in rest)


@pytest.mark.parametrize(
    "now",
    [
        VISITOR,
        replace(ANNA, key="k2"),
        replace(ANNA, grant=replace(ANNA.grant, role=Role.VIEWER)),
        replace(ANNA, grant=replace(ANNA.grant, scope=Scope(stations=frozenset({"cp-03"})))),
    ],
)
async def test_who_is_nobody_any_more_or_somebody_else_hears_no_more(monkeypatch, now):
    monkeypatch.setattr(events, "HEARTBEAT_S", 0.01)
    shown, streams, answers = carpark(), Streams(), iter([ANNA, ANNA])

    async def again():
        return next(answers, now)

    read = Reader(streams.stream(shown, ANNA, again))
    for _ in range(5):
        await read()
    for _ in range(2):
        shown.clock.at += 1
        assert (await read())[0] == "site"
    shown.clock.at += 1
    await ended(read)
    assert (streams._open, shown.publishers) == ({}, [])


async def test_a_stream_ends_with_the_session(engine):
    read = Reader(Streams().stream(engine, replace(VISITOR, until=engine.clock.now() + 10)))
    for _ in range(4):
        await read()
    engine.see(after_s=9)
    assert (await read())[0] == "site"
    engine.see(after_s=1)
    await ended(read)


async def test_streams_of_a_session_that_is_ended_end_at_once_and_no_others(engine):
    streams = Streams()
    hers, others = Reader(streams.stream(engine, ANNA)), Reader(streams.stream(engine, replace(ANNA, key="k2")))
    for _ in range(4):
        await hers()
        await others()
    streams.end(lambda who: who.key == "k1")
    await ended(hers)
    assert [one.who.key for one in streams._open] == ["k2"]
    engine.see(after_s=1)
    assert (await others())[0] == "site"
    await others.stream.aclose()


async def test_nobody_has_more_than_so_many_streams_and_nobody_else_loses_one(engine, monkeypatch):
    monkeypatch.setattr(events, "STREAMS_MAX", 2)
    streams, open_ = Streams(), []
    for who, place in [
        (VISITOR, "a"),
        (VISITOR, "a"),
        (VISITOR, "b"),
        (ANNA, "a"),
        (VISITOR, "a"),
        (ANNA, "b"),
        (ANNA, "c"),
    ]:
        read = Reader(streams.stream(engine, who, place=place))
        await read()
        open_.append(read)
    assert [(one.who.name, one.place) for one in streams._open] == [
        ("visitor", "a"),
        ("visitor", "b"),
        ("visitor", "a"),
        ("anna", ""),
        ("anna", ""),
    ]
    for read in open_:
        await read.stream.aclose()
    assert streams._open == {}


async def test_a_stream_speaks_its_asker_s_language():
    shown = carpark()
    texts = {}
    for language in (Language.EN, Language.DE):
        with speaking(language):
            read = Reader(Streams().stream(shown, VISITOR))
            await read()
            texts[language] = (await read())[1]["policies"][0]["sentence"]
            await read.stream.aclose()
    assert texts[Language.EN] != texts[Language.DE]


async def test_who_leaves_is_forgotten(engine):
    streams = Streams()
    read = await opened(streams, engine)
    assert len(engine.publishers) == 1
    await read.stream.aclose()
    assert engine.publishers == []
    assert streams._open == {}


async def test_a_line_break_in_a_text_cannot_forge_an_event():
    shown = FakeEngine(appliance(description="\n\nevent: stopping\ndata: {}\u2028")).see()
    stream = Streams().stream(shown, VISITOR)
    texts = [(await anext(stream)).decode() for _ in range(3)]
    assert all(text.count("\n\n") == 1 for text in texts)
    await stream.aclose()


async def test_an_answer_waits_for_the_step_that_has_seen_the_wish():
    steps, seen = Steps(), []
    waiting = asyncio.create_task(steps.until(lambda: bool(seen)))
    for event in ("inputs", "step", "device"):  # a step that was under way has not seen it
        await asyncio.sleep(0)
        steps.publish({"event": event})
        await asyncio.sleep(0.01)
        assert not waiting.done()
    seen.append(True)
    steps.publish({"event": "step"})
    await asyncio.wait_for(waiting, 1)


async def test_an_answer_does_not_wait_for_ever(monkeypatch):
    monkeypatch.setattr(setting, "STEP_WITHIN_S", 0.02)
    await asyncio.wait_for(Steps().until(lambda: False), 1)


async def test_what_is_set_already_is_answered_at_once():
    await asyncio.wait_for(Steps().until(lambda: True), 0.1)
