"""What a device entry of site.yaml may say, and what a fault sounds like."""

from __future__ import annotations

import subprocess
import sys

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from noonward.errors import Unsupported
from noonward.ports import Channel, ConfigFault
from noonward_drivers.modbus import DRIVER, ModbusDriver
from noonward_drivers.modbus.device import SCHEMA, understand
from support.dict_memory import DictMemory
from support.modbus_bus import RealClock, Slave, Wire

METER = {"profile": "eastron-sdm630", "tcp": "192.168.1.20:502"}
BOARD = {"profile": "waveshare-modbus-rtu-relay-4", "serial": "/dev/ttyUSB0"}


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        (METER, ("tcp", "192.168.1.20:502", 1, 0.4, None)),
        ({**METER, "unit": 7, "timeout": "300 ms"}, ("tcp", "192.168.1.20:502", 7, 0.3, None)),
        ({**METER, "tcp": "[fd00::1]:1502"}, ("tcp", "[fd00::1]:1502", 1, 0.4, None)),
        (BOARD, ("serial", "/dev/ttyUSB0", 1, 0.3, 120.0)),
        ({**BOARD, "dead_man": "0 s"}, ("serial", "/dev/ttyUSB0", 1, 0.3, None)),
        ({**BOARD, "dead_man": "5 min"}, ("serial", "/dev/ttyUSB0", 1, 0.3, 300.0)),
        (
            {"profile": "generic-coils-8", "rtu_over_tcp": "moxa:4001", "baud": 19200},
            ("rtu_over_tcp", "moxa:4001", 1, 0.3, None),
        ),
        ({"profile": "finder-7m24", "tcp": "m:502"}, ("tcp", "m:502", 1, 0.4, None)),
    ],
)
def test_entries(config, expected):
    entry = understand(config)
    assert (entry.link.kind, entry.link.address, entry.unit, entry.timeout_s, entry.dead_man_s) == expected
    jsonschema.Draft202012Validator(dict(SCHEMA)).validate(config)


def test_the_line_is_the_profiles_unless_the_entry_says_otherwise():
    link = understand({"profile": "abb-b23", "serial": "/dev/ttyUSB0"}).link
    assert (link.baud, link.parity, link.stop_bits) == (19200, "E", 1)
    link = understand({"profile": "wirenboard-wb-mr6", "serial": "/dev/ttyUSB0", "baud": 115200, "parity": "O"}).link
    assert (link.baud, link.parity, link.stop_bits) == (115200, "O", 2)


def test_channels():
    assert DRIVER.describe(BOARD) == tuple(
        Channel(name=f"relay-{n}", kind="relay", dead_man_s=120.0) for n in (1, 2, 3, 4)
    )
    (meter,) = DRIVER.describe(METER)
    assert (meter.name, meter.kind) == ("meter", "meter")
    assert {"power_w", "power_l1_w", "current_l3_a", "voltage_l2_v", "frequency_hz", "import_wh", "export_wh"} <= set(
        meter.signals
    )
    both = DRIVER.describe({"profile": "wirenboard-wb-mr3", "serial": "/dev/ttyUSB0"})
    assert [channel.name for channel in both] == [f"{kind}-{n}" for kind in ("relay", "input") for n in (1, 2, 3)]


@pytest.mark.parametrize(
    ("config", "path", "message", "hint"),
    [
        ({**METER, "profile": "eastron-sdm360"}, ("profile",), '"eastron-sdm360" is not a known "profile"', 'did you mean "eastron-sdm630"?'),
        ({"tcp": "m:502"}, (), '"profile" is missing', None),
        ({"profile": "eastron-sdm630"}, (), "the device has no link, it needs one", "write one of tcp"),
        ({**METER, "serial": "/dev/ttyS0"}, (), "the device has 2 links (tcp, serial), it needs one", "write one of tcp"),
        ({**METER, "tcp": "192.168.1.20"}, ("tcp",), '"192.168.1.20" is not a host and a port', "for example"),
        ({**METER, "tcp": "m:70000"}, ("tcp",), '"m:70000" is not a host and a port', "for example"),
        ({**METER, "baud": 9600}, ("baud",), '"baud" belongs to a serial line, this is Modbus TCP', "leave it out"),
        ({**BOARD, "parity": "X"}, ("parity",), '"X" is not a known "parity"', "one of N, E, O"),
        ({**METER, "unit": 256}, ("unit",), '"256" is not a whole number from 0 to 255', None),
        ({**METER, "timeout": "5"}, ("timeout",), '"5" is not a duration', "write it with its unit"),
        ({**METER, "timeout": "1 min"}, ("timeout",), "60 s is not between 20 ms and 10 s", None),
        ({**METER, "invert": "yes"}, ("invert",), '"yes" is neither true nor false', None),
        ({**METER, "dead_man": "2 min"}, ("dead_man",), "this device has no dead-man: Eastron SDM630 Modbus", "leave it out"),
        ({**BOARD, "dead_man": "1 h"}, ("dead_man",), "3600 s is not between 10 s and the 3276 s that it can count", None),
        ({**BOARD, "dead_man": "5 s"}, ("dead_man",), "5 s is not between 10 s and the 3276 s that it can count", None),
        ({**METER, "units": 1}, ("units",), 'unknown key "units"', 'did you mean "unit"?'),
        ({**METER, "profile": "./none.yaml"}, ("profile",), "./none.yaml: cannot read none.yaml: No such file or directory", "the path"),
    ],
)  # fmt: skip
def test_faults(config, path, message, hint):
    fault = DRIVER.describe(config)
    assert isinstance(fault, ConfigFault)
    assert (fault.path, fault.message) == (path, message)
    assert (fault.hint or "").startswith(hint or "")


KEYS = [*SCHEMA["properties"], "driver", "x"]
VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(-5, 10**6), st.floats(), st.text(max_size=8), st.lists(st.integers(), max_size=2),
    st.sampled_from(["eastron-sdm630", "wirenboard-wb-mr6", "m:502", "[::1]:1", "300 ms", "2 min", "0 s", "/dev/null", "N"]),
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=6))
def test_describing_never_raises(config):
    said = DRIVER.describe(config)
    assert isinstance(said, ConfigFault) or {channel.kind for channel in said} <= {"relay", "meter", "input"}


def test_a_profile_of_the_users(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(
        "kind: device-profile/v1\nid: mine\ntitle: Mine\nsources: [me]\nlink: {}\nsignals: {power_w: {at: 1}}\n"
    )
    (channel,) = DRIVER.describe({"profile": str(path), "tcp": "m:502"})
    assert channel.signals == ("power_w",)
    path.write_text(path.read_text().replace("at: 1", "at: x"))
    fault = DRIVER.describe({"profile": str(path), "tcp": "m:502"})
    assert fault.message == f"{path}: signals.power_w.at: \"at\": 'x' is no address"


def test_a_board_turned_round_does_not_change_names_of_its_signals():
    (meter,) = DRIVER.describe({**METER, "invert": True})
    assert {"import_wh", "export_wh"} <= set(meter.signals)


def test_describing_loads_no_protocol_library():
    code = (
        "import sys; from noonward_drivers.modbus import DRIVER;"
        f"assert len(DRIVER.describe({BOARD!r})) == 4;"
        "assert not {'pymodbus', 'serial', 'aiohttp'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


async def test_entries_on_one_link_share_its_bus():
    async with Wire({1: Slave(), 2: Slave()}, "mbap") as wire:
        driver = ModbusDriver()
        entry = {"profile": "generic-coils-8", "tcp": f"127.0.0.1:{wire.port}"}
        first = await driver.open("one", entry, RealClock(), DictMemory())
        second = await driver.open("two", {**entry, "unit": 2}, RealClock(), DictMemory())
        assert await first.relays["relay-1"].read() is False
        assert await second.relays["relay-1"].read() is False
        assert wire.connections == 1
        await first.close()
        await first.close()
        assert await second.relays["relay-1"].read() is False
        await second.close()
        again = await driver.open("one", entry, RealClock(), DictMemory())
        assert await again.relays["relay-1"].read() is False
        await again.close()
        assert wire.connections == 2


async def test_one_line_has_one_speed():
    driver = ModbusDriver()
    first = await driver.open("one", BOARD, RealClock(), DictMemory())
    with pytest.raises(Unsupported, match=r"two: /dev/ttyUSB0 is already open as serial at 9600 N1: give every device"):
        await driver.open("two", {**BOARD, "baud": 19200}, RealClock(), DictMemory())
    await first.close()


async def test_a_faulty_entry_does_not_open():
    with pytest.raises(Unsupported, match='one: "profile" is missing'):
        await DRIVER.open("one", {}, RealClock(), DictMemory())
