"""Commands by MQTT: what each payload does, and what is refused and why."""

from __future__ import annotations

import asyncio
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from noonward.bridge.commands import COMMANDS, SOMEBODY, obey
from noonward.bridge.topics import Heard, command, heard
from noonward.core.model import Mode
from noonward.daemon.engine import ModeConflict, UnknownPolicy, UnknownStation
from noonward.errors import NoonwardError, UsageError
from support.fakeengine import NOON, FakeEngine, appliance, garage


def engine():
    return FakeEngine(appliance("pump", Mode.MANUAL), appliance("boiler"), zones=[garage()]).see()


async def after(thing, name, what, payload):
    one = engine()
    await obey(one, Heard(thing, name, what), payload if isinstance(payload, bytes) else payload.encode())
    return one


@pytest.mark.parametrize(("payload", "on"), [("ON", True), ("off", False), ('{"on": true}', True), (" ON\n", True)])
async def test_a_switch(payload, on):
    assert (await after("policy", "pump", "switch", payload)).inputs["pump"].switch_on is on


@pytest.mark.parametrize(
    ("payload", "until"), [("1 h", NOON + 3600), ('{"for": "90 min"}', NOON + 5400), ("OFF", None)]
)
async def test_a_boost(payload, until):
    assert (await after("policy", "boiler", "boost", payload)).inputs["boiler"].boost_until == until


@pytest.mark.parametrize(
    ("payload", "mode", "until"),
    [
        ("always-off", Mode.ALWAYS_OFF, NOON + 86_400),
        ('{"mode": "always-on", "until": "2 h", "reason": "guests"}', Mode.ALWAYS_ON, NOON + 7200),
        ('{"mode": "always-on"}', Mode.ALWAYS_ON, None),
    ],
)
async def test_another_mode(payload, mode, until):
    override = (await after("policy", "boiler", "override", payload)).inputs["boiler"].override
    assert (override.mode, override.until, override.by) == (mode, until, "mqtt")


async def test_the_mode_of_the_file_again():
    one = await after("policy", "boiler", "override", "always-off")
    await obey(one, Heard("policy", "boiler", "override"), b"file")
    assert one.inputs["boiler"].override is None


@pytest.mark.parametrize(
    ("payload", "until", "energy_wh"),
    [
        ("ON", None, None),
        ("PRESS", None, None),
        ("2 h", NOON + 7200, None),
        ("unplugged", None, None),
        ('{"until": "10 kWh"}', None, 10_000.0),
    ],
)
async def test_charge_now(payload, until, energy_wh):
    wish = (await after("station", "cp-01", "charge-now", payload)).inputs["garage"].charge_now["cp-01"]
    assert (wish.until, wish.energy_wh, wish.by) == (until, energy_wh, "mqtt")


async def test_a_need_and_its_end():
    one = await after("station", "cp-02", "need", '{"energy_kwh": 12.5, "departure": "8 h"}')
    need = one.inputs["garage"].needs["cp-02"]
    assert (need.energy_wh, need.departure, need.by) == (12_500.0, NOON + 8 * 3600, "mqtt")
    await obey(one, Heard("station", "cp-02", "need"), b"OFF")
    assert "cp-02" not in one.inputs["garage"].needs


REFUSED = [
    ("policy", "pump", "switch", "maybe", UsageError, '{"on": true}'),
    ("policy", "pump", "switch", "", UsageError, '{"on": true}'),
    ("policy", "pump", "switch", "[1]", UsageError, '{"on": true}'),
    ("policy", "pump", "switch", '{"on": true, "for": 1}', UsageError, "Unknown key"),
    ("policy", "pump", "switch", '{"on": 1}', UsageError, '{"on": true}'),
    ("policy", "pump", "switch", b"\xff\xfe", UsageError, "neither JSON nor words"),
    ("policy", "pump", "switch", "{" * 4000, UsageError, "neither JSON nor words"),
    ("policy", "pump", "switch", b" " * 5000 + b"ON", UsageError, "longer than 4096"),
    ("policy", "boiler", "switch", "ON", ModeConflict, "mode"),
    ("policy", "none", "switch", "ON", UnknownPolicy, "no policy"),
    ("policy", "boiler", "boost", "a while", UsageError, "not a duration"),
    ("policy", "boiler", "boost", "25 h", UsageError, "24 h at most"),
    ("policy", "boiler", "override", "holidays", UsageError, "not a mode"),
    ("policy", "boiler", "override", '{"mode": "timer", "until": "2000-01-01T00:00"}', UsageError, "over already"),
    ("policy", "boiler", "test", '{"on": true}', UsageError, "no command “test”"),
    ("station", "cp-01", "charge-now", "soon", UsageError, "not a time"),
    ("station", "cp-09", "charge-now", "ON", UnknownStation, "cp-09"),
    ("station", "cp-01", "need", "10 kWh", UsageError, "must be an object"),
    ("station", "cp-01", "need", '{"energy_kwh": 1e9, "departure": "1 h"}', UsageError, "1000 kWh"),
    ("station", "cp-01", "wake", '{"now": true}', UsageError, "Unknown key"),
    ("station", "cp-01", "diagnostics", '{"url": "http://a/"}', UsageError, "no command"),
]


@pytest.mark.parametrize(("thing", "name", "what", "payload", "kind", "words"), REFUSED)
async def test_what_is_refused_and_why(thing, name, what, payload, kind, words):
    one = engine()
    with pytest.raises(kind) as refused:
        await obey(one, Heard(thing, name, what), payload if isinstance(payload, bytes) else payload.encode())
    assert words in str(refused.value)
    assert one.inputs == {}


async def test_every_command_asks_the_table_of_roles(monkeypatch):
    """Where a role may not, its command is refused, whatever the command is."""
    from noonward.access.model import Grant, How, Principal, Role
    from noonward.bridge import commands

    viewer = Principal(name="mqtt", grant=Grant(role=Role.VIEWER), how=How.MQTT)
    monkeypatch.setattr(commands, "SOMEBODY", viewer)
    for thing, what in COMMANDS:
        with pytest.raises(UsageError, match="may not"):
            await obey(engine(), Heard(thing, {"policy": "pump", "station": "cp-01"}[thing], what), b"ON")
    assert all(SOMEBODY.may(action, "pump", "cp-01") for action, _ in COMMANDS.values())


async def test_a_plain_word_and_the_api_do_the_same():
    """The payload of a plain word is what the HTTP API would be sent."""
    plain, whole = engine(), engine()
    await obey(plain, Heard("policy", "boiler", "boost"), b"1 h")
    await obey(whole, Heard("policy", "boiler", "boost"), json.dumps({"for": "1 h"}).encode())
    assert plain.inputs == whole.inputs


@given(
    thing=st.sampled_from(["policy", "station"]),
    name=st.sampled_from(["pump", "boiler", "garage", "cp-01", "", "../x", "é"]),
    what=st.sampled_from([*sorted({what for _, what in COMMANDS}), "", "set"]),
    payload=st.one_of(
        st.binary(max_size=60),
        st.sampled_from([b"ON", b"OFF", b"1 h", b"file", b"always-off", b"unplugged"]),
        st.recursive(
            st.none() | st.booleans() | st.floats() | st.text(max_size=8) | st.integers(),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(
                    st.sampled_from(["on", "for", "mode", "until", "reason", "energy_kwh", "departure"]),
                    inner,
                    max_size=4,
                )
            ),
            max_leaves=6,
        ).map(lambda value: json.dumps(value).encode()),
    ),
)
def test_whatever_is_published_is_done_or_refused_with_a_reason(thing, name, what, payload):
    one, refused = engine(), None
    try:
        asyncio.run(obey(one, Heard(thing, name, what), payload))
    except NoonwardError as error:  # anything else is a bug
        refused = str(error)
    assert refused is None or (refused and one.inputs == {})


@given(st.text(max_size=40))
def test_no_topic_is_taken_for_another(text):
    found = heard(text)
    if found is not None:
        assert text.split("/")[0] == found.thing
        assert text.endswith("/set")
        assert text.count("/") == 3
    assert heard(command("station", text or "x", "need")) == ("station", text or "x", "need")
