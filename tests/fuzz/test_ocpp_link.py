"""Frames that no station should send, and some do: bent payloads of every action, torn text, answers that are none."""

from __future__ import annotations

import asyncio
import json
import logging
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from noonward_drivers.ocpp.payloads import check_call
from support.ocpp_frames import BADGE, HEARS, bend, call, everywhere, right, tear, text_of
from support.ocpp_fuzz import COMMANDS, Fire, Watched, clean

VERSIONS = ("1.6", "2.0.1")
ACTIONS = [(version, action) for version in VERSIONS for action in HEARS[version]]
SEEDS = st.integers(min_value=0, max_value=2**32)
MANNERS = st.tuples(st.sampled_from(VERSIONS), st.booleans(), SEEDS)


def deep(levels):
    found = "x"
    for _ in range(levels):
        found = [found]
    return found


THINGS = (None, True, "", "x" * 600, "\ud800", "NaN", -1, 10**30, float("inf"), [], {}, [None], {"": {}}, deep(450))


@pytest.mark.parametrize(("version", "action"), ACTIONS, ids=lambda value: value)
def test_anything_anywhere_in_any_action(version, action):
    """A right payload is taken; with any of these things in any place it is answered all the same, checked or not."""
    rng = Random(f"{version} {action}")
    payload = min((right(rng, version, action) for _ in range(8)), key=lambda one: abs(len(str(one)) - 400))

    async def play(*, trusting):
        async with Fire(version, skip_validation=trusting) as fire:
            check_call(version, action, payload)
            await fire.request([2, "right", action], text_of([2, "right", action, payload]), fits=True)
            for n, bent in enumerate(everywhere(payload, THINGS)):
                await fire.request([2, f"b{n}", action], text_of([2, f"b{n}", action, bent]), fits=False)

    with Watched() as log:
        asyncio.run(play(trusting=False))
        asyncio.run(play(trusting=True))
    clean(log.lines)


@settings(max_examples=120)
@given(MANNERS)
def test_every_request_gets_one_answer_of_the_right_kind(case):
    version, trusting, seed = case
    rng = Random(seed)

    async def play():
        async with Fire(version, skip_validation=trusting) as fire:
            for n in range(8):
                frame = call(rng, version, f"x{n}")
                await fire.request(frame, text_of(frame), fits=False)

    with Watched() as log:
        asyncio.run(play())
    clean(log.lines)


@settings(max_examples=120)
@given(MANNERS)
def test_torn_frames_never_end_a_connection(case):
    version, trusting, seed = case
    rng = Random(seed)

    async def play():
        async with Fire(version, skip_validation=trusting) as fire:
            for n in range(8):
                frame = call(rng, version, f"x{n}")
                kinds = (frame, frame, [3, "x", frame[3]], [4, "x", "GenericError", "", frame[3]])
                await fire.junk(tear(rng, text_of(rng.choice(kinds)), rng.choice((1, 1, 2, 4))))

    with Watched() as log:
        asyncio.run(play())
    clean(log.lines, named=False)


ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=80)
@given(st.sampled_from(VERSIONS), st.lists(ANY, max_size=6))
def test_any_json_value_is_survived(version, values):
    async def play():
        async with Fire(version) as fire:
            for value in values:
                await fire.junk(json.dumps(value))
                await fire.junk(json.dumps([2, "x", value, {}]))
                await fire.junk(json.dumps([2, "x", str(value), {}]))
                await fire.junk(json.dumps([3, "x", value]))

    with Watched() as log:
        asyncio.run(play())
    clean(log.lines)


@settings(max_examples=60)
@given(st.sampled_from(VERSIONS), st.sampled_from(COMMANDS), SEEDS)
def test_whatever_answers_a_command_ends_it(version, command, seed):
    """As an answer or as a DriverError, never as anything else, and without naming a token."""
    rng = Random(seed)

    async def play():
        async with Fire(version) as fire:
            for _ in range(6):
                await fire.command(command, answer(rng, version, command))

    with Watched() as log:
        asyncio.run(play())
    clean(log.lines)


ANSWERS = {
    "SetLimit": ("SetChargingProfile", "SetChargingProfile"),
    "SetDefaultLimit": ("SetChargingProfile", "SetChargingProfile"),
    "ClearLimits": ("ClearChargingProfile", "ClearChargingProfile"),
    "AskSchedule": ("GetCompositeSchedule", "GetCompositeSchedule"),
    "RemoteStart": ("RemoteStartTransaction", "RequestStartTransaction"),
    "RemoteStop": ("RemoteStopTransaction", "RequestStopTransaction"),
    "Trigger": ("TriggerMessage", "TriggerMessage"),
    "ReadSettings": ("GetConfiguration", "GetVariables"),
    "WriteSetting": ("ChangeConfiguration", "SetVariables"),
    "FetchLog": ("GetDiagnostics", "GetLog"),
    "Restart": ("Reset", "Reset"),
}


def answer(rng, version, command):
    """An answer to a command: right, bent, an error of a strange kind, or torn."""
    fits = right(rng, version, ANSWERS[type(command).__name__][VERSIONS.index(version)], kind=3)
    kind = rng.randrange(4)
    if kind == 0:
        return [3, bend(rng, fits, rng.choice((1, 2, 4)))]
    if kind == 1:
        return [4, *bend(rng, ["GenericError", BADGE[:0], {}], rng.choice((0, 1, 2)))]
    if kind == 2:
        text = tear(rng, json.dumps([3, "@", fits]).replace(BADGE, ""), 1)  # a torn key would no longer name it
        return text if isinstance(text, str) else text.decode("latin-1")
    return [3, fits]


def test_what_is_looked_for_would_be_found():
    """The token is in the frames, and a log that showed them would be caught."""
    rng = Random(5)
    said = "".join(text_of(call(rng, version, "1")) for version in VERSIONS for _ in range(50))
    assert said.count(BADGE) > 10
    with Watched() as log:
        logging.getLogger("noonward_drivers.ocpp").debug("a badge %s", BADGE)
    with pytest.raises(AssertionError, match=BADGE):
        clean(log.lines)
