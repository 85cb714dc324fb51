"""kill -9 with twenty stations charging, over real websockets: what they do alone, and what is left when we are back."""

from __future__ import annotations

import asyncio
import json
import random
import time
from contextlib import asynccontextmanager

import pytest

from noonward.emulate import VehicleKind
from support.chargepark import MOST_A, SAFE_A, WINDOW_S, Garage, charging, remembered, same_cars

STATIONS = tuple(f"cp-{k:02}" for k in range(1, 21))


@asynccontextmanager
async def garage(tmp_path, **zone):
    made = Garage(tmp_path, STATIONS, **zone)
    try:
        yield made
    finally:
        await made.close()


async def test_twenty_cars_are_safe_without_us_and_no_limit_jumps_when_we_are_back(tmp_path):
    """Acceptance tests 8 and 9."""
    async with garage(tmp_path) as made:
        with made.daemon() as daemon:
            await charging(made, daemon, tested=False)
            before, (wish,) = remembered(daemon), map(json.loads, daemon.kept("SELECT wish FROM inputs"))
            daemon.kill()
        killed_at, offers = time.time(), made.offers()
        for seconds in range(int(WINDOW_S) + 2):
            assert sum(made.ahead(seconds)) <= MOST_A * len(STATIONS) + 1e-6
        assert made.ahead(WINDOW_S + 1.0) == [SAFE_A] * len(STATIONS)
        *stayed, left = STATIONS
        made.points[left].unplug()
        made.points[left].plug(VehicleKind())
        assert 0.0 < made.points[left].offer_a() <= SAFE_A, "a car that comes while nobody is there"

        with made.daemon() as daemon:
            assert await asyncio.to_thread(daemon.ready), daemon.lines
            await made.until(lambda: all(point.online for point in made.points.values()))
            await made.until(lambda: made.limits(killed_at).keys() >= set(stayed))
            for ident in stayed:
                assert set(made.limits(killed_at)[ident]) == {offers[ident]}
                assert made.points[ident].offer_a() == offers[ident]
            after = remembered(daemon)
            same_cars(before, after, stayed)
            assert after[left]["plugged_at"] != before[left]["plugged_at"]
            assert made.begun() == {**dict.fromkeys(stayed, 1), left: 2}
            del wish["charge_now"][left]  # who wished it has left
            assert list(map(json.loads, daemon.kept("SELECT wish FROM inputs"))) == [wish]
            assert await asyncio.to_thread(daemon.stop) == 0


@pytest.mark.long
@pytest.mark.parametrize("times", [1, 3])
async def test_the_window_passes_and_the_cars_are_ours_again(tmp_path, times):
    """Acceptance test 8, with the time that it takes and with phases that a test charge found."""
    async with garage(tmp_path, phases="auto") as made:
        with made.daemon() as daemon:
            await charging(made, daemon, tested=True)
            before, (wish,) = remembered(daemon), map(json.loads, daemon.kept("SELECT wish FROM inputs"))
            assert all(one["found"]["phases"] == 3 for one in before.values())
            daemon.kill()
        for _ in range(times):
            end = time.monotonic() + WINDOW_S + 2.0
            while time.monotonic() < end:
                assert sum(made.offers().values()) <= MOST_A * len(STATIONS) + 1e-6
                await asyncio.sleep(0.5)
            assert set(made.offers().values()) == {SAFE_A}
            with made.daemon() as daemon:
                assert await asyncio.to_thread(daemon.ready), daemon.lines
                await made.until(lambda: all(offer_a > SAFE_A for offer_a in made.offers().values()), 120.0)
                same_cars(before, remembered(daemon), STATIONS)
                assert made.begun() == dict.fromkeys(STATIONS, 1)
                assert list(map(json.loads, daemon.kept("SELECT wish FROM inputs"))) == [wish]
                daemon.kill()


@pytest.mark.long
@pytest.mark.parametrize("seed", range(3))
async def test_killed_again_and_again_at_any_moment_no_session_is_lost_or_doubled(tmp_path, seed):
    """Acceptance test 8, with the moment of the kill left to chance, also in the middle of a start."""
    dice = random.Random(seed)
    async with garage(tmp_path) as made:
        with made.daemon() as daemon:
            await charging(made, daemon, tested=False)
            before, wish = remembered(daemon), daemon.kept("SELECT wish FROM inputs")
            daemon.kill()
        offers = made.offers()
        for _ in range(12):
            with made.daemon() as daemon:
                end = time.monotonic() + dice.choice([0.3, 0.8, 1.2, 1.6, 3.0, 12.0]) * dice.uniform(0.8, 1.2)
                while time.monotonic() < end:
                    assert sum(made.offers().values()) <= MOST_A * len(STATIONS) + 1e-6
                    await asyncio.sleep(0.05)
                daemon.kill()
        with made.daemon() as daemon:
            assert await asyncio.to_thread(daemon.ready), daemon.lines
            await made.until(lambda: all(point.online for point in made.points.values()))
            await made.until(lambda: made.offers() == offers, 60.0)
            same_cars(before, remembered(daemon), STATIONS)
            assert made.begun() == dict.fromkeys(STATIONS, 1)
            assert daemon.kept("SELECT wish FROM inputs") == wish
