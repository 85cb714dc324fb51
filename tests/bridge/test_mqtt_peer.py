"""A daemon at a real broker: Debian's mosquitto with TLS, users and the access list of the how-to."""

from __future__ import annotations

import json
import re
import signal
import time
from pathlib import Path

import pytest

from support.broker import broker, watching
from support.pki import certificates
from support.process import Daemon

pytestmark = pytest.mark.peer

ROOT = Path(__file__).parents[2]
HOW_TO = (ROOT / "docs/how-to/home-assistant.md").read_text()
ACL = re.search(r"```text\n(# /etc/mosquitto/noonward\.acl\n.*?)```", HOW_TO, re.DOTALL)[1]
USERS = {"noonward": "one", "homeassistant": "two", "stranger": "three"}
BASE = "noonward/house-12"

SITE = """\
kind: site/v1
name: house-12
timezone: Europe/Zurich
grid: {{phases: 3, meter: grid-meter}}
stagger: 0 s
devices:
  grid-meter: {{driver: memory, meter: grid}}
  cellar: {{driver: memory, relays: {{relay-1: {{power: 1 kW}}, relay-2: {{power: 3 kW}}}}}}
  garage: {{driver: memory, stations: {{cp-01: {{}}}}}}
mqtt:
  host: {host}
  port: {port}
  tls: {{ca: {ca}}}
  user: {user}
  password: "${{env:MQTT_PASSWORD}}"
  commands: {commands}
  discovery: {discovery}
"""
PUMP = """\
kind: appliance/v1
name: pump
mode: manual
load: {power: 1 kW, min_on: 1 s}
relays: [cellar/relay-1]
"""
GARAGE = """\
kind: ev-zone/v1
name: garage
mode: auto-solar
stations: [cp-01]
limits: {max_power: 22 kW}
"""


def write(
    folder,
    mosquitto,
    *,
    host="127.0.0.1",
    ca="ca.pem",
    user="noonward",
    commands="true",
    discovery="homeassistant",
    **files,
):
    folder.mkdir(exist_ok=True)
    site = SITE.format(
        host=host, port=mosquitto.port, ca=mosquitto.tls / ca, user=user, commands=commands, discovery=discovery
    )
    for name, text in {"site": site, "pump": PUMP, "garage": GARAGE, **files}.items():
        (folder / f"{name}.yaml").unlink(missing_ok=True)
        if text:
            (folder / f"{name}.yaml").write_text(text)
    return folder


def daemon(folder, state, password="one"):  # noqa: S107 - a test's
    return Daemon(folder, state, environment={"MQTT_PASSWORD": password})


@pytest.fixture(scope="module")
def pki(tmp_path_factory):
    return certificates(tmp_path_factory.mktemp("pki"))


@pytest.fixture
def mosquitto(tmp_path, pki):
    with broker(tmp_path / "broker", tls=pki, acl=ACL, users=USERS) as one:
        yield one


@pytest.fixture
def watch(mosquitto):
    with watching(mosquitto, "homeassistant", ("noonward/#", "homeassistant/#")) as one:
        yield one


def state(watch, topic):
    return json.loads(watch.now.get(f"{BASE}/{topic}/state") or "{}")


def configs(watch):
    return {topic: text for topic, text in watch.now.items() if topic.endswith("/config") and text}


def told(watch):
    """Wait until everything was told once."""
    assert watch.until(lambda: state(watch, "station/cp-01") and len(configs(watch)) == 4)


def test_a_day_at_the_broker(tmp_path, mosquitto, watch):
    """One daemon, one story: what is there, a change, commands good and bad, Home Assistant's restart, the end."""
    with daemon(write(tmp_path / "site", mosquitto), tmp_path / "state") as one:
        told(watch)
        assert watch.now[f"{BASE}/availability"] == "online"
        assert state(watch, "policy/pump") | {"on": False, "mode": "manual", "switch": False} == state(
            watch, "policy/pump"
        )
        assert state(watch, "site")["ready"] is True

        with watching(mosquitto, "homeassistant", (f"{BASE}/#", "homeassistant/#")) as late:
            assert late.until(lambda: len(configs(late)) == 4)
            assert all(message.retained for message in late.all)

        asked_s = time.monotonic()
        watch.publish(f"{BASE}/policy/pump/switch/set", "ON")
        assert watch.until(lambda: state(watch, "policy/pump")["on"] is True)
        assert time.monotonic() - asked_s < 2.0
        assert one.ask("GET", "/api/v1/policies/pump")[1]["relays"][0]["closed"] is True
        assert json.loads(watch.now[f"{BASE}/result"]) == {
            "topic": f"{BASE}/policy/pump/switch/set",
            "ok": True,
            "detail": None,
        }

        asked_s = time.monotonic()
        assert one.switch("pump", on=False)
        assert watch.until(lambda: state(watch, "policy/pump")["on"] is False)
        assert time.monotonic() - asked_s < 2.0

        watch.publish(f"{BASE}/station/cp-01/charge-now/set", "ON")
        assert watch.until(lambda: state(watch, "station/cp-01")["charge_now"])

        watch.publish(f"{BASE}/policy/pump/switch/set", "perhaps")
        assert watch.until(lambda: "on" in (json.loads(watch.now[f"{BASE}/result"])["detail"] or ""))

        watch.publish(f"{BASE}/policy/pump/switch/set", "ON", retain=True)
        assert watch.until(lambda: "retained" in (json.loads(watch.now[f"{BASE}/result"])["detail"] or ""))
        assert state(watch, "policy/pump")["on"] is False
        noted = [
            (each["what"], each["subject"], each["result"]) for each in one.ask("GET", "/api/v1/audit")[1]["audit"]
        ]
        assert noted == [  # the newest first; "off" was set on the gateway
            ("switch", "policies/pump", "refused"),  # and a minute long no more of the same
            ("charge-now", "stations/cp-01", "done"),
            ("switch", "policies/pump", "done"),
            ("switch", "policies/pump", "done"),
        ]

        watch.publish(f"{BASE}/policy/pump/switch/set", "ON" + " " * 200_000)  # longer than it asked the broker for
        watch.publish(f"{BASE}/policy/pump/boost/set", "soon")
        assert watch.until(lambda: "not a duration" in (json.loads(watch.now[f"{BASE}/result"])["detail"] or ""))
        assert state(watch, "policy/pump")["on"] is False
        assert not one.said("mqtt-lost")
        assert not [message for message in watch.all if "longer than" in message.text]  # it did not even arrive

        before = len(watch.all)
        watch.publish("homeassistant/status", "online")
        assert watch.until(lambda: sum(one.topic.endswith("/config") for one in watch.all[before:]) == 4)

        began_s = time.monotonic()
        assert one.stop() == 0
        assert time.monotonic() - began_s < 3.0
        assert watch.until(lambda: watch.now[f"{BASE}/availability"] == "offline")

    with daemon(tmp_path / "site", tmp_path / "state") as one:  # the retained command is still there
        assert watch.until(lambda: watch.now[f"{BASE}/availability"] == "online")
        assert one.ready()
        assert state(watch, "policy/pump")["on"] is False
        one.kill()
        assert watch.until(lambda: watch.now[f"{BASE}/availability"] == "offline", within_s=5.0)  # the last will


def test_the_broker_goes_and_comes_back(tmp_path, mosquitto, watch):
    with daemon(write(tmp_path / "site", mosquitto), tmp_path / "state") as one:
        told(watch)
        mosquitto.kill()
        assert one.until(lambda: one.said("mqtt-lost"))
        assert one.switch("pump", on=True)  # the house goes on
        watch.now.clear()
        mosquitto.start()
        told(watch)
        assert watch.now[f"{BASE}/availability"] == "online"
        assert state(watch, "policy/pump")["on"] is True
        assert len(one.said("mqtt-lost")) <= 2


@pytest.mark.parametrize(
    ("changed", "password", "said"),
    [
        ({}, "wrong", "Not authorized"),
        ({"ca": "other-ca.pem"}, "one", "certificate verify failed"),
        ({"ca": "none.pem"}, "one", "none.pem cannot be used: No such file"),
    ],
)
def test_a_broker_that_does_not_let_us_in_is_said_once_and_the_house_runs(tmp_path, mosquitto, changed, password, said):
    with daemon(write(tmp_path / "site", mosquitto, **changed), tmp_path / "state", password) as one:
        assert one.ready()
        assert one.until(lambda: one.said("mqtt-lost"))
        time.sleep(1.5)
        (line,) = one.said("mqtt-lost")
        assert re.search(said, line), line
        assert one.stop() == 0


def test_the_gateway_proves_itself_with_a_certificate(tmp_path, pki):
    """The broker takes who has a certificate of its authority, and calls it by its name; no password is sent."""
    more = ("require_certificate true", "use_identity_as_username true")
    with broker(tmp_path / "broker", tls=pki, acl="user garage-1\ntopic readwrite #\n", more=more) as mosquitto:
        folder = write(tmp_path / "site", mosquitto)
        site = (folder / "site.yaml").read_text()
        mine = f"  tls: {{ca: {pki}/ca.pem, cert: {pki}/good.pem, key: {pki}/good.key}}\n"
        (folder / "site.yaml").write_text(re.sub(r"  tls: .*\n  user: .*\n  password: .*\n", mine, site))
        with daemon(folder, tmp_path / "state") as one:
            assert one.until(lambda: one.said("mqtt", "connected"))
            assert one.ready()
            assert not one.said("mqtt-denied")
        assert "'garage-1'" in mosquitto.log() or "u'garage-1'" in mosquitto.log()


def test_what_the_access_list_forbids_is_said(tmp_path, mosquitto):
    folder = write(tmp_path / "site", mosquitto, user="stranger")
    with daemon(folder, tmp_path / "state", "three") as one:
        assert one.until(lambda: one.said("mqtt-denied", f"publish at {BASE}/policy/pump/state"))
        assert one.said("mqtt-denied", "Not authorized", f"publish at {BASE}/availability")
        assert len(one.said("mqtt-denied", f"publish at {BASE}/availability")) == 1
        assert one.switch("pump", on=True)


def test_nobody_but_home_assistant_may_command(tmp_path, mosquitto, watch):
    with daemon(write(tmp_path / "site", mosquitto), tmp_path / "state"):
        told(watch)
        with watching(mosquitto, "stranger") as stranger:
            stranger.publish(f"{BASE}/policy/pump/switch/set", "ON")
            stranger.publish(f"{BASE}/policy/pump/state", "{}")
            time.sleep(1.0)
            assert not stranger.all
        assert state(watch, "policy/pump")["on"] is False


def test_without_commands_nothing_is_heard(tmp_path, mosquitto, watch):
    with daemon(write(tmp_path / "site", mosquitto, commands="false"), tmp_path / "state"):
        told(watch)
        assert "command_topic" not in "".join(configs(watch).values())
        watch.publish(f"{BASE}/policy/pump/switch/set", "ON")
        time.sleep(1.0)
        assert state(watch, "policy/pump")["on"] is False
        assert f"{BASE}/result" not in watch.now


def test_an_edited_site_is_told_anew(tmp_path, mosquitto, watch):
    """A policy is renamed and keeps its entities, one is taken away, and at last Home Assistant is told of none."""
    folder = write(tmp_path / "site", mosquitto)
    with daemon(folder, tmp_path / "state") as one:
        told(watch)
        before = configs(watch)
        renamed = PUMP.replace("name: pump", "name: pool-pump\nrenamed_from: pump")
        write(folder, mosquitto, pump=renamed, garage="")
        one.process.send_signal(signal.SIGHUP)
        assert watch.until(lambda: len(configs(watch)) == 2 and "pool-pump" in json.dumps(configs(watch)))
        (topic,) = [topic for topic in configs(watch) if "policy_pump" in topic]
        entities = {key: one["unique_id"] for key, one in json.loads(configs(watch)[topic])["components"].items()}
        assert entities == {key: one["unique_id"] for key, one in json.loads(before[topic])["components"].items()}
        for gone in ("policy/pump", "policy/garage", "station/cp-01"):
            assert watch.until(lambda gone=gone: not state(watch, gone)), gone

    write(folder, mosquitto, pump=PUMP.replace("name: pump", "name: pool-pump"), garage="", commands="false")
    with daemon(folder, tmp_path / "state") as one:  # renamed_from may be taken out again
        assert watch.until(lambda: "command_topic" not in watch.now[topic])
        removed = [json.loads(each.text) for each in watch.all if each.topic == topic][-2:]
        assert removed[0]["components"]["switch"] == {"platform": "switch"}
        assert "switch" not in removed[1]["components"]
        assert removed[1]["components"]["on"]["unique_id"] == entities["on"]
        write(folder, mosquitto, pump="", garage="", discovery="false")
        one.process.send_signal(signal.SIGHUP)
        assert watch.until(lambda: not configs(watch))
        assert watch.until(lambda: not state(watch, "policy/pool-pump"))
        assert state(watch, "site")
