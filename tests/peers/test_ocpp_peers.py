"""The central system and stations that nobody here wrote: ocpp-rpc (JavaScript, strict schemas), test-ocpp (Python)."""

from __future__ import annotations

import asyncio
import importlib.util
import json
import sys
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from noonward.errors import Unsupported
from noonward_drivers.ocpp import facade
from noonward_drivers.ocpp.driver import DRIVER
from noonward_drivers.ocpp.facade import Done, Limit, SetDefaultLimit, SetLimit, Trigger
from support.dict_memory import DictMemory
from support.garage import free_port
from support.ocpp_station import AMPERES, WATTS, WatchClock, entry, served
from support.peers import need
from support.pki import certificates

pytestmark = pytest.mark.peer

NODE = Path(__file__).parent / "node"
KEY = "a key of twenty byte"
NO_KEY = "another of twenty by"


@asynccontextmanager
async def node_station(system, **options):
    """A station on ocpp-rpc, and the lines that it says."""
    if not (NODE / "node_modules" / "ocpp-rpc").is_dir():
        pytest.skip("ocpp-rpc is not installed: npm ci --prefix tests/peers/node")
    words = json.dumps({"endpoint": system.url.rstrip("/"), "identity": "garage-1", "protocol": "ocpp1.6", **options})
    process = await asyncio.create_subprocess_exec(
        need("node"), str(NODE / "ocpp_station.js"), words, stdout=asyncio.subprocess.PIPE
    )

    async def line():
        return json.loads(await asyncio.wait_for(process.stdout.readline(), 20.0))

    try:
        yield line
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()
        process._transport.close()


async def metered(link, ear):
    """Ask for meter values and return what comes."""
    heard = asyncio.get_running_loop().create_future()

    async def on_event(_, event):
        if not heard.done():
            heard.set_result(event)

    ear.on_event = on_event
    assert await link.do(Trigger(topic="meter-values", connector=1)) == Done()
    return (await asyncio.wait_for(heard, 5.0)).samples[0]


@pytest.mark.parametrize("meaning", [AMPERES, WATTS], ids=["A", "W"])
@pytest.mark.parametrize("protocol", ["ocpp1.6", "ocpp2.0.1"])
async def test_a_foreign_station_is_metered_and_limited(protocol, meaning):
    """Acceptance test 10 among others: a one-phase car on a station that takes watts charges at 1380 W."""
    async with (
        served(entry(meaning=meaning, security=1, key=KEY)) as (system, ear),
        node_station(system, protocol=protocol, password=KEY) as line,
    ):
        assert await line() == "ready"
        kinds = [type(event).__name__ for event in ear.events]
        assert kinds[:3] == ["Booted", "StatusChanged", "TransactionStarted"]
        link = system.links["garage-1"]
        transaction = str(ear.transactions - 1) if protocol == "ocpp1.6" else "node-tx-1"
        assert ear.events[-1].transaction == transaction
        assert (await metered(link, ear)).power_w == pytest.approx(7360.0)  # no profile: full power

        rest = SetDefaultLimit(connector=1, limit=Limit(current_a=8.0, phases=1), at=time.time())
        assert await link.do(rest) == Done()
        assert await line() == {"got": "SetChargingProfile", "id": 101}
        assert (await metered(link, ear)).current_a == pytest.approx((8.0, 0.0, 0.0))

        limit = SetLimit(connector=1, transaction=transaction, limit=Limit(current_a=10.0, phases=1),
                         safe=Limit(current_a=6.0, phases=1), window_s=1, at=time.time())  # fmt: skip
        assert await link.do(limit) == Done()
        assert (await metered(link, ear)).power_w == pytest.approx(2300.0)
        await asyncio.sleep(1.2)
        assert (await metered(link, ear)).power_w == pytest.approx(1380.0)  # nobody renewed it: the dead-man

        with pytest.raises(Unsupported):
            await link.do(Trigger(topic="boot"))
        with pytest.raises(Unsupported):
            await link.do(facade.Restart())


async def test_a_foreign_station_without_its_key_is_refused():
    """Acceptance test 18."""
    async with served(entry(security=1, key=KEY)) as (system, ear), node_station(system, password=NO_KEY) as line:
        assert "401" in str(await line())
        assert ear.links == []


async def foreign_check(system, *options):
    """Return how test-ocpp ends: 0 for a boot and a heartbeat that were answered."""
    if importlib.util.find_spec("test_ocpp") is None:
        pytest.skip("test-ocpp is not installed")
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "test_ocpp", system.url, "garage-1", *options,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    said, _ = await asyncio.wait_for(process.communicate(), 30.0)
    return process.returncode, said.decode()


CHECKS = [  # security profile, options, how it ends
    (0, ["--ocpp", "1.6"], 0),
    (0, ["--ocpp", "2.0.1"], 0),
    (0, ["--trailing-slash"], 0),
    (1, ["--password", KEY], 0),
    (1, ["--password", NO_KEY], 1),
    (1, [], 1),
    (3, [], 1),
]


@pytest.mark.parametrize(("security", "options", "ends"), CHECKS, ids=range(len(CHECKS)))
async def test_a_foreign_check_of_the_handshake(security, options, ends):
    """Acceptance test 18."""
    async with served(entry(security=security, key=KEY)) as (system, ear):
        code, said = await foreign_check(system, *options)
        assert code == ends, said
        assert len(ear.events) == (2 if ends == 0 else 0)


@pytest.fixture(scope="module")
def pki(tmp_path_factory):
    return certificates(tmp_path_factory.mktemp("pki"))


TLS = ("--ca", "{pki}/ca.pem")
DOORS = [  # the station's entry, the device's keys, options of the check, how it ends
    ({}, (), (), 0),
    ({"versions": ["2.0.1"]}, (), ("--ocpp", "2.0.1"), 0),
    ({}, (), ("--ocpp", "2.0.1"), 1),  # not declared to speak it
    ({"key": KEY}, (), ("--password", KEY), 0),
    ({"key": KEY}, (), ("--password", NO_KEY), 1),
    ({"key": KEY}, (), (), 1),
    ({"key": KEY}, ("certificate",), (*TLS, "--password", KEY), 0),  # profile 2 by itself: there is a certificate
    ({"key": KEY}, ("certificate",), (*TLS, "--password", NO_KEY), 1),
    ({}, ("certificate", "stations_ca"), (*TLS, "--cert", "{pki}/good.pem", "--key", "{pki}/good.key"), 0),
    ({}, ("certificate", "stations_ca"), (*TLS, "--cert", "{pki}/wrong.pem", "--key", "{pki}/wrong.key"), 1),
    ({}, ("certificate", "stations_ca"), (*TLS, "--cert", "{pki}/forged.pem", "--key", "{pki}/forged.key"), 1),
    ({}, ("certificate", "stations_ca"), TLS, 1),
]


@pytest.mark.parametrize(("station", "device", "options", "ends"), DOORS, ids=range(len(DOORS)))
async def test_a_foreign_check_of_the_driver_s_doors(pki, station, device, options, ends):
    """Acceptance tests 18 and 19, as a site declares them: keys, TLS, and certificates of the stations' own."""
    port = free_port()
    config = {"listen": f"127.0.0.1:{port}", "stations": {"garage-1": station, "garage-2": {}}}
    if "certificate" in device:
        config |= {"certificate": str(pki / "server.pem"), "private_key": str(pki / "server.key")}
    if "stations_ca" in device:
        config |= {"stations_ca": str(pki / "ca.pem")}
    opened = await DRIVER.open("charging", config, WatchClock(), DictMemory())
    try:
        door = Door(url=f"{'wss' if 'certificate' in device else 'ws'}://127.0.0.1:{port}/ocpp/")
        code, said = await foreign_check(door, *(option.format(pki=pki) for option in options))
        assert code == ends, said
        assert (opened.stations["garage-1"].seen().booted_at is not None) == (ends == 0)
    finally:
        await opened.close()


@dataclass
class Door:
    """Where the check knocks."""

    url: str
