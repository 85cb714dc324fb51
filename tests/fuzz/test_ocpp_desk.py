"""Bent requests to the desk itself: answered, booked in JSON, small, and without a word of what is secret in the log."""

from __future__ import annotations

import asyncio
import json
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from noonward_drivers.ocpp.declared import read
from noonward_drivers.ocpp.desk import Desk
from support.dict_memory import DictMemory
from support.hand_clock import HandClock
from support.ocpp_desk import FakeLimiter, FakePreparer
from support.ocpp_frames import call, text_of
from support.ocpp_fuzz import Fire, Watched, clean

KEPT_MAX = 8192
"""What a desk may keep of one station; transactions are eight, names of them 36 characters. [characters]"""


async def fire(version, trusting, seed, requests):
    rng, memory = Random(seed), DictMemory()
    charging = read({"stations": {"garage-1": {"connectors": 2, "profile": "starcharge"}}, "accept": ["04A1"]})
    desk = Desk(charging, HandClock(), memory, limiting=FakeLimiter, preparing=FakePreparer)
    desk.chargers["garage-1"].arrival.hold_s = 0.01
    async with Fire(version, skip_validation=trusting, listener=desk) as under:
        desk.connected(under.link)
        for n in range(requests):
            frame = call(rng, version, f"x{n}")
            await under.request(frame, text_of(frame), fits=False)
            for station in desk.stations.values():
                seen = station.seen()
                assert seen.plugged in {True, False, None}
                assert seen.sample is None or seen.sample.at <= HandClock().now() + 60.0
        desk.disconnected(under.link)
    await desk.close()
    assert memory.saves == json.loads(json.dumps(memory.saves))
    if not trusting:
        assert len(json.dumps(memory.kept)) < KEPT_MAX


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(("1.6", "2.0.1")), st.booleans(), st.integers(0, 2**32))
def test_the_desk_answers_whatever_is_asked(version, trusting, seed):
    with Watched() as log:
        asyncio.run(fire(version, trusting, seed, 12))
    clean(log.lines)


@pytest.mark.long
@pytest.mark.parametrize("version", ["1.6", "2.0.1"])
def test_the_desk_stays_small(version):
    with Watched() as log:
        asyncio.run(fire(version, False, 1, 4000))
    clean(log.lines)
