"""The driver as the daemon has it: a device entry described, opened on loopback, and closed."""

from __future__ import annotations

import asyncio
import json
import shutil
import socket
import ssl
import subprocess
import time
from contextlib import asynccontextmanager
from types import SimpleNamespace

import jsonschema
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from noonward.core.model import LimitSeen, SetLimit, StationInfo, Status
from noonward.errors import DriverError, Unavailable, UsageError
from noonward.ports import ChargingStation
from noonward_drivers.ocpp.driver import DRIVER
from noonward_drivers.ocpp.wiretime import written
from support.dict_memory import DictMemory
from support.ocpp_station import BOOT_16, BOOT_201, WatchClock, basic, station

FREE = {"listen": "127.0.0.1:0"}
FULL = {
    "listen": "[::1]:8887",
    "certificate": "/etc/noonward/tls.crt",
    "private_key": "/etc/noonward/tls.key",
    "stations_ca": "/etc/noonward/ca.crt",
    "accept": ["04a1", "04D4"],
    "local_list": True,
    "offline": "known",
    "stations": {
        "cp-01": {"profile": "alfen-eve", "key": "a key of twenty byte", "security": 1, "max_current": "16 A", "phases": 3,
                  "rotation": ["L2", "L3", "L1"], "safe_current": "0 A", "window": "5 min", "versions": ["1.6"], "start": "remote"},
        "cp-02": {"connectors": 2, "phases": 1},
    },
}  # fmt: skip


def test_what_an_entry_declares():
    jsonschema.validate(FULL, DRIVER.schema, jsonschema.Draft202012Validator)
    first, *others = DRIVER.describe(FULL)
    assert (first.name, first.kind) == ("cp-01", "station")
    assert first.station == StationInfo(max_a=16.0, step_a=1.0, safe_a=0.0, window_s=300.0, phases=3, lines=(2, 3, 1))
    assert [one.name for one in others] == ["cp-02:1", "cp-02:2"]
    assert others[0].station == StationInfo(phases=1)


def test_a_station_needs_nothing_but_its_id():
    (only,) = DRIVER.describe({"stations": {"cp-01": {}}})
    assert only.station == StationInfo(max_a=32.0, step_a=1.0, safe_a=6.0, window_s=600.0, phases=3)


@asynccontextmanager
async def opened(stations, memory=None, **device):
    """The device, with the address that stations connect to."""
    config = {**FREE, "stations": stations, **device}
    found = await DRIVER.open("charging", config, WatchClock(), memory or DictMemory())
    scheme = "wss" if "certificate" in device else "ws"
    found_system = SimpleNamespace(url=f"{scheme}://127.0.0.1:{found.port}/ocpp/")
    try:
        yield found, found_system
    finally:
        await found.close()


async def until(holds, within_s=3.0):
    async with asyncio.timeout(within_s):
        while not holds():  # noqa: ASYNC110 - a station on a socket has no event for it
            await asyncio.sleep(0.005)


# -- opening ---------------------------------------------------------------------------------------------------------------


async def test_what_is_described_is_what_opens():
    stations = {"cp-01": {}, "cp-02": {"connectors": 2}}
    async with opened(stations) as (device, _):
        assert list(device.stations) == [one.name for one in DRIVER.describe({"stations": stations})]
        assert all(isinstance(one, ChargingStation) for one in device.stations.values())
        assert all(one.seen().online is False for one in device.stations.values())


@pytest.mark.parametrize(
    ("listen", "shown"),
    [
        ("127.0.0.1:0", "ws://127.0.0.1:{}/ocpp/cp-01"),
        ("0.0.0.0:0", "ws://<gateway>:{}/ocpp/cp-01"),
    ],
)
async def test_every_station_knows_where_it_has_to_connect(listen, shown):
    async with opened({"cp-01": {"connectors": 2}}, listen=listen) as (device, _):
        assert {one.address for one in device.stations.values()} == {shown.format(device.port)}


async def test_a_port_that_is_taken_is_told():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        where = f"127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(DriverError, match=rf"{where}: another program has this port.*listen: HOST:PORT"):
            await DRIVER.open("charging", {"listen": where, "stations": {"cp-01": {}}}, WatchClock(), DictMemory())


async def test_an_address_of_another_machine_is_told():
    with pytest.raises(DriverError, match=r"192\.0\.2\.1:8887.*of this machine"):
        await DRIVER.open(
            "charging", {"listen": "192.0.2.1:8887", "stations": {"cp-01": {}}}, WatchClock(), DictMemory()
        )


@pytest.fixture(scope="module")
def pki(tmp_path_factory):
    """A gateway, who signs stations, and a station, from openssl."""
    folder = tmp_path_factory.mktemp("pki")
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not here")

    def run(*words):
        subprocess.run(["openssl", *words], check=True, capture_output=True, cwd=folder)

    new = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2")
    run("req", "-x509", *new, "-keyout", "gateway.key", "-out", "gateway.crt", "-subj", "/CN=gateway", "-addext", "subjectAltName=IP:127.0.0.1")  # fmt: skip
    run("req", "-x509", *new, "-keyout", "ca.key", "-out", "ca.crt", "-subj", "/CN=stations")
    run("req", *new, "-keyout", "cp-01.key", "-out", "cp-01.csr", "-subj", "/CN=cp-01")
    run("x509", "-req", "-in", "cp-01.csr", "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-out", "cp-01.crt", "-days", "2")  # fmt: skip
    return folder


def files(pki, **others):
    return {"certificate": str(pki / "gateway.crt"), "private_key": str(pki / "gateway.key"), **others}


BROKEN = [  # what is named, what is said
    ({"certificate": "/nowhere/tls.crt"}, "certificate: /nowhere/tls.crt cannot be read: No such file"),
    ({"private_key": "/nowhere/tls.key"}, "private_key: /nowhere/tls.key cannot be read"),
    ({"stations_ca": "/nowhere/ca.crt"}, "stations_ca: /nowhere/ca.crt cannot be read"),
    ({"private_key": "ca.key"}, "not a PEM certificate with its private key"),
    ({"certificate": "gateway.key"}, "not a PEM certificate with its private key"),
]


@pytest.mark.parametrize(("named", "said"), BROKEN)
async def test_a_certificate_that_cannot_be_used_is_named(pki, named, said):
    tls = files(pki, **{key: name if name.startswith("/") else str(pki / name) for key, name in named.items()})
    with pytest.raises(DriverError, match=said):
        await DRIVER.open("charging", {**FREE, **tls, "stations": {"cp-01": {}}}, WatchClock(), DictMemory())


async def test_the_four_security_profiles(pki):
    """Acceptance tests 18 and 19, through the entry: each station by its own profile."""
    stations = {
        "open": {},
        "keyed": {"key": "a key of twenty byte", "security": 1},
        "both": {"key": "a key of twenty byte"},
        "cp-01": {"security": 3},
    }
    stations["open"]["security"] = 0
    client = ssl.create_default_context(cafile=str(pki / "gateway.crt"))
    own = ssl.create_default_context(cafile=str(pki / "gateway.crt"))
    own.load_cert_chain(pki / "cp-01.crt", pki / "cp-01.key")
    tried = [  # station, certificate, header, comes in
        ("open", client, None, True),
        ("keyed", client, basic("keyed", "a key of twenty byte"), True),
        ("keyed", client, basic("keyed", "another"), False),
        ("both", client, basic("both", "a key of twenty byte"), True),
        ("both", client, None, False),
        ("cp-01", own, None, True),
        ("cp-01", client, None, False),
        ("open", own, None, True),
        ("stranger", own, None, False),
    ]
    async with opened(stations, **files(pki, stations_ca=str(pki / "ca.crt"))) as (device, system):
        for ident, context, header, comes_in in tried:
            if comes_in:
                async with station(system, ident, ssl=context, headers=header):
                    await until(lambda ident=ident: device.stations[ident].seen().online)
                await until(lambda ident=ident: not device.stations[ident].seen().online)
            else:
                with pytest.raises(InvalidStatus):
                    async with station(system, ident, ssl=context, headers=header):
                        pass


# -- with the limits of the product ------------------------------------------------------------------------------------------

ANSWERS = {
    "GetConfiguration": {"configurationKey": [{"key": "SupportedFeatureProfiles", "readonly": True, "value": "Core,SmartCharging"}]},
    "ChangeConfiguration": {"status": "Accepted"},
    "SetChargingProfile": {"status": "Accepted"},
    "ClearChargingProfile": {"status": "Accepted"},
    "TriggerMessage": {"status": "Rejected"},
    "GetLocalListVersion": {"listVersion": 0},
    "SendLocalList": {"status": "Accepted"},
}  # fmt: skip


def purposes(one):
    """Return purpose and transaction of every profile that a station was sent."""
    profiles = [asked[1]["csChargingProfiles"] for asked in one.asked if asked[0] == "SetChargingProfile"]
    return [(profile["chargingProfilePurpose"], profile.get("transactionId")) for profile in profiles]


def order(limit_a, at):
    return SetLimit(station="cp-01", limit_a=limit_a, at=at, safe_a=6.0, window_s=600.0)


async def start(one):
    answer = await one.ask(
        "StartTransaction", {"connectorId": 1, "idTag": "04a1", "meterStart": 0, "timestamp": stamp()}
    )
    return answer[2]["transactionId"]


def stamp():
    return written(time.time())


async def test_a_session_from_the_plug_to_its_limit():
    memory = DictMemory()
    async with opened({"cp-01": {}}, memory) as (device, system), station(system, "cp-01", plays=ANSWERS) as one:
        cp = device.stations["cp-01"]
        assert (await one.ask("BootNotification", BOOT_16))[2]["status"] == "Accepted"
        await one.ask("StatusNotification", {"connectorId": 1, "errorCode": "NoError", "status": "Preparing"})
        ident = await start(one)
        assert purposes(one)[0] == ("TxDefaultProfile", None)  # it stood before the start was answered
        assert (cp.seen().plugged, cp.seen().status, cp.seen().id_tag) == (True, Status.PREPARING, "04A1")
        await cp.limit(order(10.0, 1.0))
        assert cp.seen().accepted == LimitSeen(current_a=10.0, at=1.0)
        assert purposes(one)[-1] == ("TxProfile", ident)


async def test_a_session_goes_on_after_a_restart_without_boot_or_status():
    """Acceptance test 5."""
    memory = DictMemory()
    async with opened({"cp-01": {}}, memory) as (device, system), station(system, "cp-01", plays=ANSWERS) as one:
        await one.ask("BootNotification", BOOT_16)
        await one.ask("StatusNotification", {"connectorId": 1, "errorCode": "NoError", "status": "Charging"})
        ident = await start(one)
        await device.stations["cp-01"].limit(order(10.0, 1.0))
        before = device.stations["cp-01"].seen()
    async with opened({"cp-01": {}}, memory) as (device, system), station(system, "cp-01", plays=ANSWERS) as one:
        cp = device.stations["cp-01"]
        await until(lambda: cp.seen().online)
        await one.ask("Heartbeat", {})
        await until(lambda: "ChangeConfiguration" in [asked[0] for asked in one.asked])
        assert (cp.seen().plugged, cp.seen().id_tag, cp.seen().plugged_at) == (True, "04A1", before.plugged_at)
        await until(lambda: one.asked[-1][0] == "TriggerMessage")
        await cp.limit(order(12.0, 2.0))
        assert purposes(one)[-1] == ("TxProfile", ident)
        assert cp.seen().accepted == LimitSeen(current_a=12.0, at=2.0)


async def test_a_station_sends_its_log_where_it_is_told_to():
    plays = {**ANSWERS, "GetDiagnostics": {"fileName": "log.zip"}}
    async with opened({"cp-01": {}}) as (device, system):
        with pytest.raises(Unavailable, match="not connected"):
            await device.diagnostics("cp-01", "ftp://u:p@host/")
        async with station(system, "cp-01", plays=plays) as one:
            await until(lambda: device.stations["cp-01"].seen().online)
            assert await device.diagnostics("cp-01", "ftp://u:p@host/") == "log.zip"
            assert ("GetDiagnostics", {"location": "ftp://u:p@host/"}) in one.asked


async def test_a_rehearsal_wants_a_vehicle_that_charges():
    async with opened({"cp-01": {"connectors": 2}}) as (device, system):
        with pytest.raises(UsageError, match="no station cp-02"):
            await device.rehearse("cp-02")
        with pytest.raises(Unavailable, match="not connected"):
            await device.rehearse("cp-01:2")
        async with station(system, "cp-01", plays=ANSWERS):
            await until(lambda: device.stations["cp-01:2"].seen().online)
            with pytest.raises(UsageError, match="while a vehicle charges"):
                await device.rehearse("cp-01:2")


async def test_a_session_that_begins_while_the_gateway_is_dead_is_limited():
    """Acceptance test 9: the default limit is in the station before it can begin anything, and stays there."""
    async with (
        opened({"cp-01": {"safe_current": "8 A"}}) as (_, system),
        station(system, "cp-01", plays=ANSWERS) as one,
    ):
        await one.ask("BootNotification", BOOT_16)
        await one.ask("Authorize", {"idTag": "04A1"})
        profile = next(asked[1] for asked in one.asked if asked[0] == "SetChargingProfile")
        assert profile["connectorId"] == 1
        schedule = profile["csChargingProfiles"]["chargingSchedule"]
        assert profile["csChargingProfiles"]["chargingProfilePurpose"] == "TxDefaultProfile"
        assert [period["limit"] for period in schedule["chargingSchedulePeriod"]] == [8.0]
        assert "duration" not in schedule
    assert "ClearChargingProfile" not in [asked[0] for asked in one.asked]


async def test_badges_go_to_the_station_for_when_the_gateway_is_away():
    async with (
        opened({"cp-01": {}}, accept=["04a1"], local_list=True, offline="known") as (_, system),
        station(system, "cp-01", plays=ANSWERS) as one,
    ):
        await one.ask("BootNotification", BOOT_16)
        await until(lambda: "SendLocalList" in [asked[0] for asked in one.asked])
        settings = {asked[1]["key"]: asked[1]["value"] for asked in one.asked if asked[0] == "ChangeConfiguration"}
        wanted = {
            "LocalAuthorizeOffline": "true",
            "AllowOfflineTxForUnknownId": "false",
            "LocalPreAuthorize": "false",
            "LocalAuthListEnabled": "true",
            "StopTransactionOnInvalidId": "true",
        }
        assert settings.items() >= wanted.items()
        assert (await one.ask("Authorize", {"idTag": "04A1"}))[2] == {"idTagInfo": {"status": "Accepted"}}
        assert (await one.ask("Authorize", {"idTag": "04A2"}))[2] == {"idTagInfo": {"status": "Invalid"}}


async def test_a_station_of_201_comes_in():
    async with (
        opened({"cp-01": {"versions": ["2.0.1", "1.6"]}}) as (device, system),
        station(system, "cp-01", offers=["ocpp2.0.1"], plays={"SetChargingProfile": {"status": "Accepted"}}) as one,
    ):
        assert (await one.ask("BootNotification", BOOT_201))[2]["status"] == "Accepted"
        await until(lambda: device.stations["cp-01"].seen().booted_at is not None)


# -- closing ---------------------------------------------------------------------------------------------------------------


async def test_closing_lets_what_is_under_way_come_to_its_answer():
    heard = asyncio.Event()

    def slowly(_):
        heard.set()

    async with opened({"cp-01": {}}) as (device, system):
        async with station(system, "cp-01", plays={**ANSWERS, "GetConfiguration": slowly}) as one:
            await one.ask("BootNotification", BOOT_16)
            await heard.wait()
            closing = asyncio.create_task(device.close())
            await asyncio.sleep(0.05)
            assert not closing.done()
            ident = next(iter(device.desk.chargers["cp-01"].arrival._link.rpc._asked))
            await one.ws.send(json.dumps([3, ident, ANSWERS["GetConfiguration"]]))
            await closing
            with pytest.raises(ConnectionClosed):
                await one.ws.send("[]")
        await device.close()
        assert device.stations["cp-01"].seen().online is False


@pytest.mark.parametrize(("profile", "offline_a"), [("go-e", 16.0), ("abb-terra-ac", None)])
def test_a_model_that_charges_at_full_power_without_its_link_says_so(profile, offline_a):
    """Edge case 84."""
    (channel,) = DRIVER.describe({"stations": {"cp-01": {"profile": profile, "max_current": "16 A"}}})
    assert channel.station.offline_a == offline_a


def test_a_station_may_take_tenths_of_an_ampere():
    (channel,) = DRIVER.describe({"stations": {"cp-01": {"step": "0.1 A"}}})
    assert channel.station.step_a == 0.1
    for step in ("0.05 A", "0.15 A", "5 A"):
        fault = DRIVER.describe({"stations": {"cp-01": {"step": step}}})
        assert fault.path == ("stations", "cp-01", "step")
        assert "is no step" in fault.message
