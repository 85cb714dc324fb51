"""A house that learns, on virtual time: what a restart keeps, what flash pays, and that a replay decides alike."""

import gzip
import json
import math

import pytest

from noonward.core.model import Past, State
from noonward.core.past import SLOT_S, SLOTS, Running
from noonward.daemon.needs import of_appliance
from noonward.daemon.store import Stamp, StateStore
from noonward.lab.replay import replay
from support.house import BOILER, SITE, advance, build, running, write

H, DAY = 3600.0, 86_400.0
NEED = BOILER + 'need: {energy: 6 kWh, by: "0 20 * * *"}\nplan: normal\n'
SLOW = SITE.replace("every: 5 s", "every: 60 s").replace("frozen_after: 10 min", "frozen_after: 24 h")
PAGE_B = 4096 + 24
"""A page in the write-ahead log, with its head."""


@pytest.fixture
def folder(tmp_path):
    return write(tmp_path / "policies", site=SLOW, boiler=NEED)


def clear_w(at):
    """A clear day's sun, by UTC."""
    return max(0.0, 7000.0 * math.sin((at % DAY / H - 6.0) / 12.0 * math.pi))


def taught(house, state, days=2):
    """Keep the past of some clear days in the state folder, as a daemon would have; return when it was saved."""
    now = house.clock.now()
    end = int(now // SLOT_S)
    means = tuple(clear_w(slot * SLOT_S) for slot in range(end - days * SLOTS, end))
    past = Past(
        end=end,
        pv_w=means,
        load_w=(400.0,) * len(means),
        clear_w=tuple(max(1.0, clear_w(slot * SLOT_S)) for slot in range(SLOTS)),
        running=Running(end, now),
    )
    store = StateStore(state / "state.db")
    store.open("test-house", now)
    store.save(State(past=past), {}, Stamp(at=now, monotonic_s=0.0, boot_id="boot-0", site="test-house"))
    store.close()
    return past


async def live(house, hours):
    for _ in range(round(hours * 4)):
        house.pv_w = clear_w(house.clock.now())
        await house.clock.run(SLOT_S)


class Counted:
    """What goes to flash: commits, and pages in the write-ahead log."""

    def __init__(self, monkeypatch):
        self.commits, self.whole, self.bytes = 0, 0, 0
        save = StateStore.save

        def counted(store, *given, whole=True):
            log = store.path.with_name("state.db-wal")
            before = log.stat().st_size
            save(store, *given, whole=whole)
            self.commits, self.whole = self.commits + 1, self.whole + whole
            after = log.stat().st_size
            self.bytes += after - before if after > before else PAGE_B * 4  # the log begins anew once it was copied

        monkeypatch.setattr(StateStore, "save", counted)


async def test_learning_costs_a_commit_a_quarter_and_what_was_switched(house, folder, state, monkeypatch):
    """Edge case 64: a commit a step would be the end of a card within months."""
    await house.clock.run(11.5 * H)  # 07:56 UTC
    taught(house, state)
    counted = Counted(monkeypatch)
    async with running(house, folder, state) as daemon:
        steps = len(list(daemon.state.past.pv_w))
        await live(house, 6)
        assert len(daemon.state.past.pv_w) == steps + 6 * 4
        (boiler,) = (one for one in daemon.loaded.site.appliances if one.name == "boiler")
        assert of_appliance(boiler, daemon.state, house.clock.now()).drawn_wh > 3000.0
        switched = len(house.relays["cellar/relay-1"].clicks)
        assert switched >= 1
        assert counted.whole == 6 * 4
        assert counted.commits <= counted.whole + 3 * switched + 1
        assert counted.bytes <= counted.commits * 5 * PAGE_B, "measured: 16.2 kB a commit, so 1.8 MB on such a day"


async def test_a_restart_goes_on_learning_where_it_was(house, folder, state):
    past = taught(house, state)
    async with running(house, folder, state) as daemon:
        await live(house, 2)
        before = daemon.state
        assert before.past.clear_w
        assert before.past.pv_w[: len(past.pv_w)] == past.pv_w
        assert len(before.past.pv_w) == len(past.pv_w) + 2 * 4
    await house.clock.run(5.0)
    async with running(house, folder, state) as daemon:
        after = daemon.state
        assert (after.past.pv_w, after.past.load_w) == (before.past.pv_w, before.past.load_w)
        assert after.past.clear_w == before.past.clear_w
        assert after.got["boiler"].wh == pytest.approx(before.got["boiler"].wh, abs=20.0)
        await live(house, 1)
        assert len(daemon.state.past.pv_w) == len(past.pv_w) + 3 * 4


async def test_a_power_cut_costs_a_quarter_at_most(house, folder, state):
    daemon = build(house, folder, state)
    await advance(house.clock, daemon.start())
    await live(house, 2)
    await house.clock.run(10 * 60.0)
    before = daemon.state
    daemon._loop.stop()
    await house.clock.run(20.0)
    daemon._archive._store.close()
    async with running(house, folder, state) as again:
        kept = again.state.past
        assert kept.pv_w == before.past.pv_w
        assert before.past.running.known_s - kept.running.known_s < SLOT_S


async def test_what_nobody_saw_is_not_counted_as_drawn(house, folder, state):
    """The heater was on when the power went; nobody knows what it did in the five hours until it came back."""
    async with running(house, folder, state) as daemon:
        house.pv_w = 6000.0
        await house.clock.run(30 * 60.0)
        drawn = daemon.state.got["boiler"]
        assert drawn.w == 3000.0
        left_at = house.clock.now()
    await house.clock.run(3 * H)
    house.pv_w = 0.0
    async with running(house, folder, state) as daemon:
        wh = drawn.wh + drawn.w * (left_at - drawn.at) / H
        again = daemon.state.got["boiler"]
        assert again.start == drawn.start
        assert again.wh + again.w * (house.clock.now() - again.at) / H == pytest.approx(wh, abs=60.0)


async def test_a_replay_of_a_house_that_has_learnt_decides_alike(house, folder, state):
    await house.clock.run(11.5 * H)  # 07:56 UTC
    taught(house, state)
    async with running(house, folder, state):
        await live(house, 1)
    async with running(house, folder, state) as daemon:
        given = (house.clock.now() // SLOT_S) * SLOT_S
        await daemon.set_forecast(start=given, step_s=900.0, pv_w=[5000.0] * 4, by="bo")
        await house.clock.run(600.0)
        assert daemon.observation.forecast is not None
        assert daemon.state.plans, "the scene is set: it goes by a plan"
        await live(house, 1)
        assert daemon.observation.forecast is None, "it is over by now"
    played = replay(state / "journal")
    assert played.difference is None
    assert played.steps > 2 * 60


async def test_a_journal_of_before_anything_was_learnt_still_replays(house, tmp_path, state):
    async with running(house, write(tmp_path / "plain", site=SLOW), state):
        await live(house, 2)
    (path,) = (state / "journal").glob("*.gz")
    lines = [json.loads(line) for line in gzip.decompress(path.read_bytes()).splitlines()]
    for line in (lines[0], lines[-1]):
        for part in ("past", "got", "plans", "stays"):
            del line["state"][part]
    path.write_bytes(gzip.compress("".join(json.dumps(line) + "\n" for line in lines).encode(), mtime=0))
    assert replay(path).difference is None
    lines[-1]["state"]["machines"]["boiler"]["starts"] = 7
    path.write_bytes(gzip.compress("".join(json.dumps(line) + "\n" for line in lines).encode(), mtime=0))
    assert replay(path).difference.what == "state"


@pytest.mark.parametrize(("by_s", "kept"), [(2 * H, True), (-2 * H, True), (40 * DAY, True), (-40 * DAY, False)])
async def test_a_clock_that_jumps_leaves_the_past_where_it_was_unless_it_lies_in_the_future(
    house, folder, state, by_s, kept
):
    async with running(house, folder, state) as daemon:
        await live(house, 3)
        before = daemon.state.past
        house.clock.jump(by_s)
        await house.clock.run(90.0)
        after = daemon.state.past
        assert (after.pv_w[: len(before.pv_w)] == before.pv_w) is (kept and abs(by_s) < 14 * DAY)
        await live(house, 2.5)
        assert daemon.state.past.end == pytest.approx(
            house.clock.now() / SLOT_S, abs=abs(min(by_s, 0)) / SLOT_S * kept + 1
        )


async def test_an_untrusted_clock_of_1970_does_not_take_the_past(house, folder, state):
    async with running(house, folder, state) as daemon:
        await live(house, 2)
        before = daemon.state.past
    real = house.clock.now()
    house.clock.boot, house.clock.is_trusted = "boot-2", False
    house.clock.jump(-real + 1000.0)
    async with running(house, folder, state) as daemon:
        await house.clock.run(60.0)
        assert daemon.state.past.pv_w == before.pv_w
        house.clock.jump(real)
        house.clock.is_trusted = True
        await live(house, 1)
        assert daemon.state.past.pv_w[: len(before.pv_w)] == before.pv_w
        assert len(daemon.state.past.pv_w) >= len(before.pv_w) + 4


async def test_a_forecast_is_seen_until_it_is_over_also_after_a_restart(house, folder, state, said):
    now = house.clock.now()
    async with running(house, folder, state) as daemon:
        await daemon.set_forecast(start=now, step_s=1800.0, pv_w=[1.0, 2.0], by="bo")
        await house.clock.run(1.0)
        assert daemon.observation.forecast.pv_w == (1.0, 2.0)
        assert said("forecast") == ["a forecast of 1 h is in force, given by bo"]
    async with running(house, folder, state) as daemon:
        assert daemon.forecast.at == now
        assert daemon.observation.forecast.pv_w == (1.0, 2.0)
        await house.clock.run(H)
        assert (daemon.forecast, daemon.observation.forecast) == (None, None)
    async with running(house, folder, state) as daemon:
        await daemon.set_forecast(start=house.clock.now(), step_s=1800.0, pv_w=[1.0], by="bo")
        await daemon.clear_forecast(by="bo")
        await house.clock.run(1.0)
        assert daemon.observation.forecast is None
        assert said("forecast")[-1] == "the forecast is taken back by bo; the site's own past counts"
    async with running(house, folder, state) as daemon:
        assert daemon.forecast is None


async def test_a_need_at_risk_is_said_once_and_once_more_when_it_is_over(house, folder, state, said):
    await house.clock.run(15.5 * H)  # 2026-05-29 11:56 UTC
    house.relays.clear()
    events = []

    class Ear:
        def publish(self, event):
            events.extend([event] if event["event"] == "need" else [])

    async with running(house, folder, state) as daemon:
        daemon.subscribe(Ear())
        await house.clock.run(5 * H)
        house.relays["cellar/relay-1"].away = True
        assert said("need-at-risk") == []
        await house.clock.run(2.5 * H)  # 19:26, nothing drawn since 16:56
        (told,) = said("need-at-risk")
        assert told.startswith("boiler needs ")
        assert told.endswith("cannot come any more, even at 3 kW from now on")
        assert said("need-safe") == []
        await house.clock.run(1 * H)
        (over,) = said("need-safe")
        assert over.startswith("boiler has missed ")
    assert [(event["policy"], event["ok"]) for event in events] == [("boiler", False), ("boiler", True)]
