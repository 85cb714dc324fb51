"""A charge point that makes of its profiles what the specification says, or what real ones do instead.

It lives on a wire in memory and in virtual time, answers at once, and can play every way of not obeying that was met.
:class:`Rig` puts it before a link with the controllers and the commissioner that a charger would own.
"""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime

from noonward.core.model import Sample, SetLimit
from noonward_drivers.ocpp.commission import Commissioner
from noonward_drivers.ocpp.control import Controller
from noonward_drivers.ocpp.entry import StationEntry
from noonward_drivers.ocpp.kept import Kept
from noonward_drivers.ocpp.limiting import SETTLED_S
from noonward_drivers.ocpp.link import Link
from noonward_drivers.ocpp.quirks import Known, StationProfile
from noonward_drivers.ocpp.schedule import Meaning
from noonward_drivers.ocpp.server import DIALECT
from support.clock import LeapClock
from support.dict_memory import DictMemory
from support.ocpp_station import Ear, MemoryWire

FULL_A = 32.0
VOLTAGE_V = 230.0
LEAST_A = 6.0

SETTINGS_16 = {
    "NumberOfConnectors": "1",
    "SupportedFeatureProfiles": "Core,SmartCharging,RemoteTrigger",
    "ChargingScheduleAllowedChargingRateUnit": "Current,Power",
    "ChargeProfileMaxStackLevel": "5",
    "ChargingScheduleMaxPeriods": "10",
    "MeterValuesSampledData": "Energy.Active.Import.Register",
    "MeterValueSampleInterval": "60",
    "HeartbeatInterval": "300",
    "WebSocketPingInterval": "0",
}
SETTINGS_201 = {
    "SmartChargingCtrlr.Enabled": "true",
    "SmartChargingCtrlr.RateUnit": "A,W",
    "SmartChargingCtrlr.ProfileStackLevel": "5",
    "SmartChargingCtrlr.PeriodsPerSchedule": "10",
    "SampledDataCtrlr.TxUpdatedMeasurands": "Energy.Active.Import.Register",
    "SampledDataCtrlr.TxUpdatedInterval": "60",
}


@dataclass
class Faults:
    """What a station does that it should not."""

    purposes: tuple = ("TxProfile", "TxDefaultProfile", "ChargePointMaxProfile", "ChargingStationMaxProfile")
    kinds: tuple = ("Absolute", "Relative")
    stacks: tuple = tuple(range(6))
    units: tuple = ("A", "W")
    connectors: tuple = (0, 1, 2)
    periods_max: int = 10
    full_until_cleared: bool = False
    refuses_zero: bool = False
    ignores: bool = False
    ignores_until: str | None = None
    ignores_first_after_pause: bool = False
    ignores_connector_0: bool = False
    forgets: bool = False
    read_only: tuple = ()
    unknown: tuple = ()
    measurands: tuple | None = None
    measurands_max: int = 20
    triggers: bool = True
    keys_max: int = 99
    mute: bool = False
    refuses_start: bool = False
    begins_slowly_s: float = 0.0
    starts_nothing: bool = False
    smart: bool = True
    clock_error_s: float = 0.0


@dataclass
class Running:
    id: object
    since: float


@dataclass
class ModelStation:
    """The station and the car. ``asked`` keeps all that it heard, with the time."""

    clock: LeapClock
    version: str = "1.6"
    faults: Faults = field(default_factory=Faults)
    car_a: float = FULL_A
    phases: int = 3
    settings: dict = field(default_factory=dict)
    profiles: dict = field(default_factory=dict)
    running: dict = field(default_factory=dict)
    asked: list = field(default_factory=list)
    restarts: int = 0
    deaf_a: float | None = None
    on_start: object = None
    on_trigger: object = None
    _ids: int = 4000

    def __post_init__(self):
        self.settings = {**(SETTINGS_16 if self.version == "1.6" else SETTINGS_201), **self.settings}

    # -- what it gives ------------------------------------------------------------------------------------------------

    def now(self) -> float:
        """Return the time by its own clock."""
        return self.clock.now() + self.faults.clock_error_s

    def limit_a(self, connector=1) -> float:
        """Return what it allows on each phase, from all its profiles."""
        if self.deaf_a is not None:
            return self.deaf_a
        tx = self._best(connector, ("TxProfile",))
        default = self._best(connector, ("TxDefaultProfile",))
        if default is None and not self.faults.ignores_connector_0:
            default = self._best(0, ("TxDefaultProfile",))
        most = self._best(0, ("ChargePointMaxProfile", "ChargingStationMaxProfile"))
        limit = tx if tx is not None else default if default is not None else FULL_A
        limit = min(limit, FULL_A if most is None else most)
        return limit if limit >= LEAST_A else 0.0

    def drawn_a(self, connector=1) -> float:
        return min(self.limit_a(connector), self.car_a) if connector in self.running else 0.0

    def _best(self, connector, purposes):
        found = [
            (profile["stackLevel"], limit)
            for where, profile in self.profiles.values()
            if where == connector
            and profile["chargingProfilePurpose"] in purposes
            and (limit := self._holds(connector, profile)) is not None
        ]
        return max(found, default=(0, None))[1]

    def _holds(self, connector, profile):
        schedule, running = _schedule(profile), self.running.get(connector)
        if "transactionId" in profile and (running is None or profile["transactionId"] != running.id):
            return None
        if profile["chargingProfileKind"] == "Relative":
            begun = self.now() if running is None else running.since
        else:
            begun = datetime.fromisoformat(schedule["startSchedule"]).timestamp()
        elapsed = self.now() - begun
        if elapsed < 0 or elapsed >= schedule.get("duration", float("inf")):
            return None
        period = [one for one in schedule["chargingSchedulePeriod"] if one["startPeriod"] <= elapsed][-1]
        if schedule["chargingRateUnit"] == "W":
            return period["limit"] / (VOLTAGE_V * period.get("numberPhases", 3))
        return period["limit"]

    # -- what it answers ----------------------------------------------------------------------------------------------

    def answer(self, action, payload):
        """Return the payload of an answer; None: silence."""
        self.asked.append((self.clock.now(), action, payload))
        if self.faults.mute:
            return None
        return getattr(self, f"_{action}")(payload)

    def _SetChargingProfile(self, payload):  # noqa: N802 - the action's name
        connector = payload.get("connectorId", payload.get("evseId"))
        profile = payload.get("csChargingProfiles") or payload["chargingProfile"]
        if not self._takes(connector, profile):
            return {"status": "Rejected"}
        faults = self.faults
        if faults.ignores or (faults.ignores_until and faults.ignores_until != _word(profile)):
            return {"status": "Accepted"}
        limit = _schedule(profile)["chargingSchedulePeriod"][0]["limit"]
        if faults.ignores_first_after_pause and limit > 0 and self.limit_a(connector) == 0 and self.profiles:
            faults.ignores_first_after_pause = False
            return {"status": "Accepted"}
        self.profiles[profile.get("chargingProfileId", profile.get("id"))] = (connector, profile)
        return {"status": "Accepted"}

    def _takes(self, connector, profile) -> bool:
        faults, schedule, purpose = self.faults, _schedule(profile), profile["chargingProfilePurpose"]
        running = self.running.get(connector)
        periods = schedule["chargingSchedulePeriod"]
        if purpose == "TxProfile" and (
            running is None
            or profile.get("transactionId") != running.id
            or 0 <= self.now() - running.since < faults.begins_slowly_s
        ):
            return False
        if faults.full_until_cleared and any(
            where == connector and one["chargingProfilePurpose"] == purpose for where, one in self.profiles.values()
        ):
            return False
        return (
            purpose in faults.purposes
            and profile["chargingProfileKind"] in faults.kinds
            and profile["stackLevel"] in faults.stacks
            and schedule["chargingRateUnit"] in faults.units
            and connector in faults.connectors
            and len(periods) <= faults.periods_max
            and not (faults.refuses_zero and periods[0]["limit"] == 0)
        )

    def _ClearChargingProfile(self, payload):  # noqa: N802
        criteria = payload.get("chargingProfileCriteria", payload)
        where = criteria.get("connectorId", criteria.get("evseId"))
        gone = [
            ident
            for ident, (connector, profile) in self.profiles.items()
            if connector == where and profile["chargingProfilePurpose"] == criteria["chargingProfilePurpose"]
        ]
        for ident in gone:
            del self.profiles[ident]
        if self.faults.ignores_until == "Clear":
            self.faults.ignores_until, self.deaf_a = None, None
        return {"status": "Accepted" if gone else "Unknown"}

    def _GetConfiguration(self, payload):  # noqa: N802
        keys = payload.get("key") or list(self.settings)
        if len(keys) > self.faults.keys_max:
            return {}
        known = [key for key in keys if key in self.settings and key not in self.faults.unknown]
        return {
            "configurationKey": [
                {"key": key, "readonly": key in self.faults.read_only, "value": self.settings[key]} for key in known
            ],
            "unknownKey": [key for key in keys if key not in known],
        }

    def _ChangeConfiguration(self, payload):  # noqa: N802
        return {"status": self._change(payload["key"], payload["value"])}

    def _GetVariables(self, payload):  # noqa: N802
        if len(payload["getVariableData"]) > self.faults.keys_max:
            return {"getVariableResult": []}
        return {"getVariableResult": [self._variable(row) for row in payload["getVariableData"]]}

    def _variable(self, row):
        key = f"{row['component']['name']}.{row['variable']['name']}"
        if key not in self.settings or key in self.faults.unknown:
            return {**row, "attributeStatus": "UnknownVariable"}
        return {**row, "attributeStatus": "Accepted", "attributeValue": self.settings[key]}

    def _SetVariables(self, payload):  # noqa: N802
        row = payload["setVariableData"][0]
        status = self._change(f"{row['component']['name']}.{row['variable']['name']}", row["attributeValue"])
        status = "UnknownVariable" if status == "NotSupported" else status
        return {
            "setVariableResult": [
                {"component": row["component"], "variable": row["variable"], "attributeStatus": status}
            ]
        }

    def _change(self, key, value):
        if key in self.faults.unknown:
            return "NotSupported"
        if key in self.faults.read_only:
            return "Rejected"
        if "Measurands" in key or key == "MeterValuesSampledData":
            named = value.split(",")
            able = self.faults.measurands
            if (able is not None and not set(named) <= set(able)) or len(named) > self.faults.measurands_max:
                return "Rejected"
        self.settings[key] = value
        return "Accepted"

    def _TriggerMessage(self, payload):  # noqa: N802
        if not self.faults.triggers:
            return {"status": "NotImplemented"}
        if self.on_trigger is not None:
            self.on_trigger(payload["requestedMessage"])
        return {"status": "Accepted"}

    def _RemoteStartTransaction(self, payload):  # noqa: N802
        return self._start(payload.get("connectorId"), payload.get("chargingProfile"))

    def _RequestStartTransaction(self, payload):  # noqa: N802
        return self._start(payload.get("evseId"), payload.get("chargingProfile"))

    def _start(self, connector, profile):
        if self.faults.refuses_start:
            return {"status": "Rejected"}
        if not self.faults.starts_nothing:
            self.begin(connector)
            if profile is not None:
                self.profiles[profile.get("chargingProfileId", profile.get("id"))] = (connector, profile)
            if self.on_start is not None:
                self.on_start(connector)
        return {"status": "Accepted"}

    def _RemoteStopTransaction(self, payload):  # noqa: N802
        return self._stop(payload["transactionId"])

    def _RequestStopTransaction(self, payload):  # noqa: N802
        return self._stop(payload["transactionId"])

    def _stop(self, ident):
        connector = next((c for c, running in self.running.items() if running.id == ident), None)
        if connector is None:
            return {"status": "Rejected"}
        self.end(connector)
        if self.on_start is not None:
            self.on_start(connector)
        return {"status": "Accepted"}

    def _Reset(self, payload):  # noqa: N802
        self.restarts += 1
        return {"status": "Accepted"}

    def _GetDiagnostics(self, payload):  # noqa: N802
        return {"fileName": "log.zip"}

    def _GetLog(self, payload):  # noqa: N802
        return {"status": "Accepted", "filename": "log.zip"}

    # -- what happens to it -------------------------------------------------------------------------------------------

    def begin(self, connector=1) -> str:
        """Begin a transaction; return its id as the driver writes it."""
        self._ids += 1
        ident = self._ids if self.version == "1.6" else f"tx-{self._ids}"
        self.running[connector] = Running(ident, self.now())
        return str(ident)

    def end(self, connector=1) -> None:
        del self.running[connector]
        self.profiles = {k: v for k, v in self.profiles.items() if v[1]["chargingProfilePurpose"] != "TxProfile"}

    def reboot(self) -> None:
        if self.faults.forgets:
            self.profiles.clear()

    # -- questions of tests -------------------------------------------------------------------------------------------

    def told(self, action="SetChargingProfile") -> list:
        """Return the payloads of an action, in their order."""
        return [payload for _, name, payload in self.asked if name == action]

    def written(self, purpose="TxProfile") -> list:
        """Return the profiles of a purpose that were sent, taken or not."""
        profiles = [one.get("csChargingProfiles") or one.get("chargingProfile") for one in self.told()]
        return [one for one in profiles if one["chargingProfilePurpose"] == purpose]

    def limits(self, purpose="TxProfile") -> list:
        """Return the periods that were sent, as (start, limit)."""
        return [
            [(p["startPeriod"], p["limit"]) for p in _schedule(one)["chargingSchedulePeriod"]]
            for one in self.written(purpose)
        ]


def _schedule(profile):
    schedule = profile["chargingSchedule"]
    return schedule[0] if isinstance(schedule, list) else schedule


def _word(profile):
    """Name what a profile is told by, for ``ignores_until``."""
    return profile["chargingProfilePurpose"]


ORDINARY = StationProfile(
    name="ordinary", evidence="tried", known=(Known(what="keeps to the specification", source="a test"),)
)


def model(**quirks) -> StationProfile:
    """Return the profile of a model of station."""
    return StationProfile(
        **{"name": "m", "evidence": "tried", "known": (Known(what="something", source="a test"),), **quirks}
    )


class Rig:
    """A station, the link to it, and what a charger would own."""

    def __init__(self, station, *, profile=ORDINARY, memory=None, **entry):
        self.clock = station.clock
        self.station = station
        self.profile = profile
        self.memory = DictMemory() if memory is None else memory
        self.entry = StationEntry(
            **{
                "id": "cp-01",
                "security": 0,
                "meaning": Meaning(unit=profile.unit, voltage_v=VOLTAGE_V),
                "timeout_s": 5.0,
                **entry,
            }
        )
        self.changes = 0
        self.controllers = {
            n: Controller(n, self.entry, profile, self.clock, Kept(self.memory, under=f"{n}/"), self._changed)
            for n in range(1, self.entry.connectors + 1)
        }
        self.offline_settings = ()
        self.commissioner = Commissioner(
            self.entry, profile, self.clock, Kept(self.memory, under="station/"), self.controllers,
            lambda version: self.offline_settings,
        )  # fmt: skip
        self.guarded = False
        self.link = None
        self._tasks = []

    def _changed(self):
        self.changes += 1

    @property
    def one(self) -> Controller:
        return self.controllers[1]

    async def connect(self, *, commission=True, settle=True) -> None:
        """Let the station connect, and be prepared. What runs within the clock must not settle it."""
        self.wire = MemoryWire()
        self.link = Link(
            self.wire, Ear(), station=self.entry.id, dialect=DIALECT[self.station.version], meaning=self.entry.meaning,
            clock=self.clock, timeout_s=self.entry.timeout_s,
        )  # fmt: skip
        self._tasks = [asyncio.create_task(self.link.rpc.run()), asyncio.create_task(self._play(self.wire))]
        if commission:
            await self.commissioner.run(self.link, self._guard)
            for controller in self.controllers.values():
                controller.connected(self.link)
        if settle:
            await self.clock.settle()

    def _guard(self):
        self.guarded = True

    async def _play(self, wire):
        while True:
            kind, ident, *rest = json.loads(await wire.outgoing.get())
            if kind == 2:
                answer = self.station.answer(*rest)
                if answer is not None:
                    wire.says([3, ident, answer])

    async def disconnect(self, *, settle=True) -> None:
        """Cut the cable."""
        self.wire.closes()
        for controller in self.controllers.values():
            controller.disconnected()
        if settle:
            await self.clock.settle()
        await self._let_go()

    async def boot(self) -> None:
        """Restart the station on the same link."""
        self.station.reboot()
        for controller in self.controllers.values():
            controller.booted()
        await self.commissioner.run(self.link, self._guard)
        for controller in self.controllers.values():
            controller.connected(self.link)
        await self.clock.settle()

    async def plug_in(self, connector=1) -> None:
        self.controllers[connector].plugged(True)
        await self.clock.settle()

    async def begin(self, connector=1) -> str:
        """Let a transaction begin."""
        ident = self.station.begin(connector)
        self.controllers[connector].transaction(ident)
        await self.clock.settle()
        return ident

    async def end(self, connector=1) -> None:
        self.station.end(connector)
        self.controllers[connector].transaction(None)
        await self.clock.settle()

    def follow_station(self) -> None:
        """Hear of transactions that begin and end because the gateway said so."""

        def tell(connector):
            running = self.station.running.get(connector)
            asyncio.get_running_loop().call_soon(
                self.controllers[connector].transaction, None if running is None else str(running.id)
            )

        self.station.on_start = tell

    def command(self, limit_a, *, safe_a=6.0, window_s=600.0, phases=None, at=None) -> SetLimit:
        return SetLimit(
            station="cp-01", limit_a=limit_a, at=self.clock.now() if at is None else at, safe_a=safe_a,
            window_s=window_s, phases=phases,
        )  # fmt: skip

    async def limit(self, limit_a, connector=1, **more) -> SetLimit:
        """Command a limit now; return the command."""
        command = self.command(limit_a, **more)
        task = asyncio.create_task(self.controllers[connector].limit(command))
        await self.clock.settle()
        if not task.done():
            await self.clock.run(SETTLED_S)
        await task
        await self.clock.settle()
        return command

    async def sample(self, connector=1, *, power_only=False, at=None) -> None:
        """Let the station measure."""
        drawn = self.station.drawn_a(connector)
        at = self.clock.now() if at is None else at
        power = drawn * VOLTAGE_V * self.station.phases
        currents = {f"L{n}": drawn for n in range(1, self.station.phases + 1)}
        self.controllers[connector].sampled(Sample(at=at, power_w=power, current_a={} if power_only else currents))
        await self.clock.settle()

    async def watch(self, seconds, every_s=10.0, **more) -> None:
        """Let time pass with a sample now and then."""
        for _ in range(int(seconds / every_s)):
            await self.clock.run(every_s)
            await self.sample(**more)

    async def close(self) -> None:
        for controller in self.controllers.values():
            await controller.close()
        await self._let_go()

    async def _let_go(self) -> None:
        for task in self._tasks:
            task.cancel()
        for task in self._tasks:
            with suppress(asyncio.CancelledError):
                await task
        self._tasks = []


@asynccontextmanager
async def rig(
    *,
    version="1.6",
    profile=ORDINARY,
    memory=None,
    connect=True,
    settings=None,
    car=None,
    entry=None,
    clock=None,
    **faults,
):
    """A rig that is connected and prepared unless the test says otherwise."""
    station = ModelStation(
        clock or LeapClock(), version=version, faults=Faults(**faults), settings=settings or {}, **(car or {})
    )
    one = Rig(station, profile=profile, memory=memory, **(entry or {}))
    try:
        if connect:
            await one.connect()
        yield one
    finally:
        await one.close()
