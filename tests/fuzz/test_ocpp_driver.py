"""The driver itself under fire: frames of every action, answers of every kind, limits in between, and time that passes."""

from __future__ import annotations

import asyncio
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from support.ocpp_frames import call, tear, text_of
from support.ocpp_fuzz import Watched, clean
from support.ocpp_fuzz_driver import Driven, sound


@settings(max_examples=40)
@given(st.sampled_from(("1.6", "2.0.1")), st.booleans(), st.integers(0, 2**32))
def test_no_station_breaks_the_driver(version, trusting, seed):
    """Nothing escapes, every request is answered, what is seen and kept is of its types, and nobody else is touched."""
    with Watched() as log:
        asyncio.run(play(version, Random(seed), trusting=trusting))
    clean(log.lines, named=False)
    sound(log.lines)


async def play(version, rng, *, trusting, rounds=20):
    async with Driven(version, rng, skip_validation=trusting) as fire:
        for n in range(rounds):
            frame = call(rng, version, f"x{n}")
            what = rng.randrange(6)
            if what == 0:
                await fire.limits()
            elif what == 1:
                await fire.passes(rng.choice((1.0, 20.0, 400.0)))
            elif what == 2:
                await fire.junk(tear(rng, text_of(frame), rng.choice((1, 3))))
            else:
                await fire.request(frame, text_of(frame), fits=False)
