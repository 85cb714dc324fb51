"""Discovery messages as Home Assistant documents them, and states that its templates can make something of."""

from __future__ import annotations

import copy
import json
from pathlib import Path

import pytest

from noonward.bridge import entities, homeassistant, topics
from noonward.bridge.names import Names
from noonward.bridge.picture import picture
from noonward.bridge.words import WORDS
from noonward.core.model import Mode
from noonward.policy.bridges import Mqtt
from noonward.policy.language import Language, speaking
from noonward.views.board import Board
from support import hadiscovery
from support.carpark import carpark
from support.fakeengine import FakeEngine, appliance, garage

EXAMPLE = json.loads((Path(__file__).parent / "homeassistant" / "device-discovery.json").read_text())
MQTT = Mqtt(host="b", port=1883, topic="noonward/house-12", commands=True)


def discovered(engine, mqtt=MQTT, known=None):
    names = Names(known or {})
    names.use(engine.loaded.site)
    return homeassistant.devices(engine.loaded, mqtt, names, "1.2.3")


# --- what is documented ----------------------------------------------------------------------------------------------


def test_the_example_of_the_documentation_passes_the_check():
    assert hadiscovery.wrong("homeassistant/device/0c31/config", EXAMPLE["message"]) == []


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda m: m.pop("o"), "origin.name is required"),
        (lambda m: m["dev"].pop("ids"), "the device has no identifier"),
        (lambda m: m["cmps"]["damp"].pop("p"), "damp: platform None"),
        (lambda m: m["cmps"]["damp"].pop("unique_id"), "damp: unique_id is required"),
        (lambda m: m.pop("state_topic"), "damp: state_topic is required"),
        (
            lambda m: m["cmps"]["damp"].update(unit_of_measurement="W"),
            "damp: unit W of a humidity",
        ),
        (lambda m: m["cmps"]["damp"].update(unique_id="0c31_warmth"), "0c31_warmth twice"),
        (lambda m: m["cmps"]["damp"].update(valuetemplate=""), "damp: key valuetemplate"),
    ],
)
def test_what_is_not_as_documented_fails_it(spoil, said):
    message = copy.deepcopy(EXAMPLE["message"])
    spoil(message)
    assert said in hadiscovery.wrong("homeassistant/device/x/config", message)


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("commands", [True, False])
def test_every_message_is_as_documented(language, commands):
    mqtt = Mqtt(host="b", port=1883, topic="noonward/house-12", commands=commands)
    with speaking(language):
        messages = discovered(carpark(), mqtt)
    assert len(messages) > 10
    for topic, message in messages.items():
        assert hadiscovery.wrong(topic, json.loads(json.dumps(message))) == []
    ids = [one["unique_id"] for message in messages.values() for one in message["components"].values()]
    assert len(set(ids)) == len(ids)
    assert commands == any("command_topic" in one for m in messages.values() for one in m["components"].values())


def test_a_device_stands_behind_another_that_is_there():
    messages = discovered(carpark())
    known = {one for message in messages.values() for one in message["device"]["identifiers"]}
    behind = [message["device"]["via_device"] for message in messages.values() if "via_device" in message["device"]]
    assert len(behind) == len(messages) - 1
    assert set(behind) <= known


# --- states ----------------------------------------------------------------------------------------------------------

SITES = {
    "a garage in every state": carpark,
    "before the first step": lambda: FakeEngine(appliance(), zones=[garage()]),
    "a switch": lambda: FakeEngine(appliance(mode=Mode.MANUAL)).see(),
}


@pytest.mark.parametrize("site", SITES)
def test_every_state_can_be_shown(site):
    """Each template is rendered with what is really published."""
    engine = SITES[site]()
    states = {f"{MQTT.topic}/{topic}": json.loads(text) for topic, text in picture(engine, Board()).items()}
    count = 0
    for message in discovered(engine).values():
        for key, one in message["components"].items():
            if "value_template" in one:
                state = hadiscovery.shown(one["value_template"], states[one.get("state_topic", message["state_topic"])])
                assert hadiscovery.takes(one, state), f"{message['device']['name']} {key}: {state!r}"
                count += 1
            for available in one.get("availability", message["availability"]):
                if "value_template" in available:
                    assert hadiscovery.shown(available["value_template"], states[available["topic"]]) in {
                        "online",
                        "offline",
                    }
    assert count >= 6


def test_what_is_shown_is_what_is():
    engine = carpark()
    states = {topic: json.loads(text) for topic, text in picture(engine, Board()).items()}
    message = next(m for topic, m in discovered(engine).items() if topic.endswith("_station_cp-01/config"))

    def seen(key):
        return hadiscovery.shown(message["components"][key]["value_template"], states["station/cp-01/state"])

    assert (seen("power"), seen("limit"), seen("plugged"), seen("charging_now")) == ("6850.0", "10.0", "ON", "ON")
    assert seen("session") == "4.23"
    assert (seen("trouble"), seen("at_risk")) == ("OFF", "OFF")  # nothing of the kind is not unknown


def test_the_switch_can_be_used_in_mode_manual_only():
    for mode, expected in ((Mode.MANUAL, "online"), (Mode.AUTO_SOLAR, "offline")):
        engine = FakeEngine(appliance(mode=mode)).see()
        state = json.loads(picture(engine, Board())["policy/boiler/state"])
        assert hadiscovery.shown(entities.MANUAL, state) == expected
    switch = discovered(engine)["homeassistant/device/noonward_house-12_policy_boiler/config"]["components"]["switch"]
    assert switch["availability_mode"] == "all"
    assert [one["topic"] for one in switch["availability"]] == [
        "noonward/house-12/availability",
        "noonward/house-12/policy/boiler/state",
    ]


def test_a_sentence_is_cut_where_home_assistant_would_drop_it():
    assert len(hadiscovery.shown(entities.POLICY[2].value, {"sentence": "a" * 999})) == hadiscovery.STATE_MAX


def test_every_command_is_one():
    from noonward.bridge.commands import COMMANDS

    used = {("policy", one.command) for one in entities.POLICY_COMMANDS}
    used |= {("station", one.command) for one in entities.STATION_COMMANDS}
    assert used <= COMMANDS.keys()


def test_every_component_has_its_word_in_every_language():
    keys = {
        one.key
        for some in (
            entities.SITE,
            entities.NOTICES,
            entities.FLOWS,
            entities.POLICY,
            entities.NEED,
            entities.POLICY_COMMANDS,
            entities.STATION,
            entities.STATION_COMMANDS,
        )
        for one in some
    }
    assert keys <= WORDS.keys()
    assert all(len(words) == len(Language) and all(words) for words in WORDS.values())


# --- what is gone ----------------------------------------------------------------------------------------------------


def test_an_entity_that_is_gone_is_sent_with_its_platform_alone_and_then_left_out():
    """As the documentation has it: https://www.home-assistant.io/integrations/mqtt/#device-discovery-payload."""
    wanted = discovered(FakeEngine(appliance()).see(), Mqtt(host="b", port=1, topic="t"))
    known = homeassistant.told(
        discovered(FakeEngine(appliance()).see(), Mqtt(host="b", port=1, topic="t", commands=True))
    )
    topic = "homeassistant/device/noonward_house-12_policy_boiler/config"
    first, second = [json.loads(text) for at, text in homeassistant.changes(known, wanted) if at == topic]
    example = hadiscovery.whole({"cmps": EXAMPLE["removes"]})["components"]["damp"]
    assert first["components"]["switch"] == {"platform": "switch"} == {**example, "platform": "switch"}
    assert hadiscovery.wrong(topic, first) == []
    assert "switch" not in second["components"]


def test_a_device_that_is_gone_is_sent_empty():
    wanted = discovered(FakeEngine(appliance()).see())
    known = homeassistant.told(discovered(FakeEngine(appliance(), appliance("pump")).see()))
    gone = [topic for topic, text in homeassistant.changes(known, wanted) if text == ""]
    assert gone == ["homeassistant/device/noonward_house-12_policy_pump/config"]


# --- names -----------------------------------------------------------------------------------------------------------


def renamed(names, *policies):
    names.use(FakeEngine(*policies).loaded.site)
    return {one.name: names.policy(one.name).removeprefix("noonward_house-12_policy_") for one in policies}


def test_a_renamed_policy_keeps_its_key_and_a_new_one_of_the_old_name_gets_another():
    names = Names({})
    assert renamed(names, appliance("pump")) == {"pump": "pump"}
    assert renamed(names, appliance("pool", renamed_from="pump")) == {"pool": "pump"}
    names = Names(json.loads(json.dumps(names.known)))
    assert renamed(names, appliance("pool")) == {"pool": "pump"}
    assert renamed(names, appliance("pool"), appliance("pump")) == {"pool": "pump", "pump": "pump-2"}
    assert renamed(names, appliance("bath", renamed_from="pool"), appliance("pump")) == {
        "bath": "pump",
        "pump": "pump-2",
    }
    assert renamed(names, appliance("pump")) == {"pump": "pump-2"}
    assert names.use(FakeEngine(appliance("pump")).loaded.site) is False


def test_without_memory_the_former_name_in_the_file_counts():
    assert renamed(Names({}), appliance("pool", renamed_from="pump")) == {"pool": "pump"}


@pytest.mark.parametrize("name", ["cp-01", "cp+1", "CP|1", "a.b", "a_b", "a=b@c:*"])
def test_a_station_may_be_called_whatever_it_connects_as(name):
    engine = FakeEngine(appliance(), zones=[garage(stations=(name, "other"))]).see()
    for topic, message in discovered(engine).items():
        assert hadiscovery.wrong(topic, message) == []
    (topic,) = [topic for topic in picture(engine, Board()) if topic.startswith("station/") and "other" not in topic]
    assert not set("+#") & set(topic)
    assert topics.heard(topic.replace("/state", "/need/set")) == ("station", name, "need")


def test_no_two_names_become_one():
    from noonward.bridge.names import plain

    names = ["a_b", "a.b", "a+b", "a_2bb", "a-b", "a_2eb"]
    assert len({plain(name) for name in names}) == len(names)
