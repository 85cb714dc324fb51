"""Hours of virtual time in which everything that can happen happens, by dice with a known seed.

Whatever comes: the journal replays to the same decisions, no contact moves against its minimum on-time or the switch,
and every fault that began and ended was said as often as it began.
"""

import asyncio
import itertools
import math
import random

import pytest

from noonward.core.model import Mode, Override
from noonward.lab.replay import replay
from support.house import BOILER, House, advance, build, write

MIN = 60.0
MIN_ON_S = 5 * MIN
NEED = 'need: {energy: 1 kWh, by: "30 * * * *", period: "0 * * * *"}\nplan: calm\n'
"""So short a period that needs are forced, waited for, met and missed by turns."""

BOILER_5 = BOILER.replace("20 min", "5 min") + NEED
LEASE_RENEWED_S = 45.0
"""A contact that fell and was closed again by a renewed lease, before anyone saw it fall, is one run and not two."""

SITUATIONS = {
    "sun",
    "cloud",
    "meter away",
    "relay away",
    "module restarts",
    "switch",
    "override",
    "jump",
    "edit",
    "restart",
    "kill",
}


class Life:
    """One house, one folder, one state folder, many daemons."""

    def __init__(self, place, seed):
        self.dice = random.Random(seed)
        self.house = House()
        self.folder = write(place / "policies", boiler=BOILER_5)
        self.state = place / "state"
        self.switch = False
        self.deck = self.dice.sample(deck := [*sorted(SITUATIONS) * 5, *["sun"] * 10], len(deck))
        self.restarted_at = -math.inf

    async def live(self):
        while self.deck:
            daemon = build(self.house, self.folder, self.state)
            await advance(self.house.clock, daemon.start())
            ended = None
            while self.deck and ended is None:
                ended = await self.happen(daemon)
                await self.house.clock.run(self.dice.uniform(1.0, 4 * MIN))
                if ended is None:
                    self.check(daemon)
            if ended == "kill":
                await kill(daemon)
            else:
                await advance(self.house.clock, daemon.stop(for_good=False))
        return self

    async def happen(self, daemon):
        what = self.deck.pop()
        for device in (*self.house.relays.values(), self.house.meters["grid-meter"]):
            device.away = False
        relays, meters, now = self.house.relays, self.house.meters, self.house.clock.now()
        match what:
            case "sun":
                self.house.pv_w = self.dice.choice([3500.0, 6000.0, 9000.0])
                await self.house.clock.run(2 * MIN)
            case "cloud":
                self.house.pv_w = self.dice.choice([0.0, 800.0, 1900.0, 2500.0])
            case "meter away":
                meters["grid-meter"].away = True
            case "relay away":
                self.dice.choice(list(relays.values())).away = True
            case "module restarts":
                relay = relays["cellar/relay-1"]
                if relay.closed:
                    relay.closed = False
                    self.restarted_at = self.house.clock.monotonic()
            case "switch":
                self.switch = not self.switch
                await daemon.set_switch("pump", self.switch, by="dice")
            case "override":
                mode = self.dice.choice([Mode.ALWAYS_ON, Mode.TIMER, Mode.AUTO_SOLAR])
                await daemon.set_override("boiler", Override(mode=mode, until=now + self.dice.uniform(30.0, 600.0)))
            case "jump":
                self.house.clock.jump(self.dice.choice([-7200.0, -30.0, 30.0, 7200.0]))
            case "edit":
                delay_s = self.dice.choice([50, 60, 90])
                text = BOILER_5.replace("on_delay: 60 s", f"on_delay: {delay_s} s")
                write(self.folder, boiler=text)
                await advance(self.house.clock, daemon.reload())
            case "restart" | "kill":
                return what
        return None

    def check(self, daemon):
        assert daemon.fault is None
        pump = self.house.relays["attic/relay-1"]
        if not pump.away and daemon.stepped_at is not None:
            said = next(d.wanted for d in daemon.outcome.decisions if d.policy == "pump")
            assert (said == "on") == self.switch


async def kill(daemon):
    """End every task where it stands: nothing is saved, nothing is closed in order."""
    tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    daemon._archive._store.close()
    daemon._archive._history.close()


@pytest.mark.parametrize("seed", [0, *(pytest.param(s, marks=pytest.mark.long) for s in range(1, 60))])
async def test_life(tmp_path, seed):
    """Edge cases 43, 47, 48, 57, 61, 62, 65 and 72, in any order."""
    life = Life(tmp_path, seed)
    moves = []

    def note(relay, closed):
        now = life.house.clock.monotonic()
        if relay.name != "cellar/relay-1" or relay.away or closed == relay.closed:
            return
        if not (closed and now - life.restarted_at < LEASE_RENEWED_S):
            moves.append((now, closed))

    life.house.on_set = note
    await life.live()
    played = replay(life.state / "journal")
    assert played.difference is None, played
    assert played.steps > 800
    assert [closed for _, closed in moves].count(True) >= 1, "vacuous: the boiler never ran"
    for (on_at, on), (off_at, off) in itertools.pairwise(moves):
        if on and not off:
            assert off_at - on_at >= MIN_ON_S - 1.0, (on_at, off_at)
