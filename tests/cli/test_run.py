"""Where charging stations connect, as the command line says it."""

from __future__ import annotations

import pytest

from noonward.cli.run import listening
from noonward.core.model import Site
from noonward.errors import UsageError
from noonward.policy.loaded import DeviceEntry, Loaded

METER = DeviceEntry(name="meter", driver="memory", config={"meter": "grid"})
CHARGING = DeviceEntry(name="charging", driver="ocpp", config={"listen": "0.0.0.0:1", "stations": {"cp-01": {}}})
OTHER = DeviceEntry(name="yard", driver="ocpp", config={"stations": {"cp-02": {}}})


def loaded(*devices):
    return Loaded(site=Site(name="house-12"), devices=devices)


@pytest.mark.parametrize("listen", ["127.0.0.1:0", "[::1]:8887", "gateway.local:65535"])
def test_the_one_device_listens_there_and_everything_else_stays(listen):
    before = loaded(METER, CHARGING)
    meter, charging = listening(before, listen).devices
    assert meter is METER
    assert charging.config == {"listen": listen, "stations": {"cp-01": {}}}
    assert before.devices[1].config["listen"] == "0.0.0.0:1"


@pytest.mark.parametrize(
    ("devices", "listen", "words"),
    [
        ((METER,), "127.0.0.1:8887", "house-12 has none"),
        ((CHARGING, OTHER), "127.0.0.1:8887", "house-12 has 2 of them: charging, yard"),
        ((CHARGING,), "8887", "give HOST:PORT"),
        ((CHARGING,), "localhost:65536", "give HOST:PORT"),
        ((CHARGING,), "localhost:x", "give HOST:PORT"),
    ],
)
def test_what_cannot_be_meant(devices, listen, words):
    with pytest.raises(UsageError, match=words):
        listening(loaded(*devices), listen)
