"""What a station does when the gateway dies, found out on purpose."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager

import pytest

from noonward.core.model import Sample
from noonward.errors import UsageError
from noonward_drivers.ocpp.kept import Kept
from noonward_drivers.ocpp.outcome import Outcome, kept
from noonward_drivers.ocpp.rehearsal import Rehearsal
from support.ocpp_model import rig

pytestmark = pytest.mark.asyncio

VERSIONS = ("1.6", "2.0.1")


class Stage:
    """A rig on which a rehearsal can run: a meter that measures, and a link that can be shut."""

    def __init__(self, r, *, power_only=False, measures=True, ends=False, returns=True):
        self.r = r
        self.power_only = power_only
        self.measures = measures
        self.ends = ends
        self.returns = returns
        self.memory = r.one.kept
        self.away = False

    async def shut_out(self, seconds):
        await self.r.disconnect(settle=False)
        self.away = True
        if self.ends:
            self.r.station.end()
        if self.returns:
            task = asyncio.create_task(self._back(seconds))
            self.r._tasks.append(task)

    async def _back(self, seconds):
        await self.r.clock.sleep(seconds + 20.0)
        self.away = False
        if self.ends:
            self.r.one.transaction(self.r.station.begin())
        self.r._tasks = []
        await self.r.connect(settle=False)

    async def meter(self):
        while True:
            await self.r.clock.sleep(10.0)
            if self.measures and not self.away:
                self.measure(self.r.station.drawn_a())

    def measure(self, drawn):
        n = self.r.station.phases
        currents = {} if self.power_only else {f"L{k}": drawn for k in range(1, n + 1)}
        self.r.one.sampled(Sample(at=self.r.clock.now(), power_w=drawn * 230.0 * n, current_a=currents))

    async def run(self, firmware="1.2"):
        rehearsal = Rehearsal(self.r.one, self.r.entry, self.r.clock, firmware=firmware, shut_out=self.shut_out)
        task = asyncio.create_task(rehearsal.run())
        while not task.done():
            await self.r.clock.run(5.0)
        return await task


@asynccontextmanager
async def staged(*, stage=None, **more):
    async with rig(**more) as r:
        await r.begin()
        await r.limit(10.0)
        one = Stage(r, **(stage or {}))
        meter = asyncio.create_task(one.meter())
        try:
            yield one
        finally:
            meter.cancel()
            await asyncio.gather(meter, return_exceptions=True)


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_station_that_keeps_to_the_rules_is_found_safe(version):
    """Edge case 84, and the test before it is relied on."""
    async with staged(version=version) as stage:
        outcome = await stage.run()
        assert outcome.safe
        assert outcome.why == ""
        assert kept(stage.memory, "1.2") == outcome
        assert kept(stage.memory, "1.3") is None  # another firmware may do otherwise
        r = stage.r
        assert r.station.limits("TxDefaultProfile")[-2:] == [[(0, 7.0)], [(0, 6.0)]]  # the safe limit is back
        await r.limit(10.0)
        assert r.station.drawn_a() == 10.0


FAULTS = [  # what the station does, what is found
    ({"ignores_connector_0": True, "connectors": (0, 1)}, {}),
    ({"heeds": ("TxProfile",)}, {"default_held": False}),
    ({"one_period_only": True}, {"window_held": False, "offline_held": False}),
    ({"full_when_away": True}, {"offline_held": False}),
]


def plays(r, heeds=None, one_period_only=False, full_when_away=False, **_):
    """Break the station in a way that acceptance does not show."""
    if heeds:
        best = r.station._best
        r.station._best = lambda connector, purposes: best(connector, purposes) if set(purposes) & set(heeds) else None
    if one_period_only:
        take = r.station._SetChargingProfile

        def cut(payload):
            profile = payload.get("csChargingProfiles") or payload["chargingProfile"]
            if profile["chargingProfilePurpose"] == "TxProfile":
                del profile["chargingSchedule"]["chargingSchedulePeriod"][1:]
            return take(payload)

        r.station._SetChargingProfile = cut
    if full_when_away:
        disconnect = r.disconnect

        async def gone(**how):
            await disconnect(**how)
            r.station.deaf_a = 32.0

        r.disconnect = gone


@pytest.mark.parametrize(("fault", "found"), FAULTS)
async def test_what_a_station_does_wrong_is_found(fault, found):
    """Edge case 84: some keep the last profile, some drop it and charge at full power."""
    known = {key: value for key, value in fault.items() if key in {"ignores_connector_0", "connectors"}}
    async with staged(**known) as stage:
        plays(stage.r, **fault)
        outcome = await stage.run()
        expected = {"default_held": True, "window_held": True, "offline_held": True, "session_survived": True, **found}
        assert {key: getattr(outcome, key) for key in expected} == expected
        assert outcome.safe is not bool(found)


async def test_a_session_that_does_not_survive_is_told():
    async with staged(stage={"ends": True}) as stage:
        outcome = await stage.run()
        assert outcome.session_survived is False
        assert not outcome.safe


async def test_a_vehicle_that_draws_little_proves_nothing():
    async with staged(car={"car_a": 7.2}) as stage:
        outcome = await stage.run()
        assert (outcome.default_held, outcome.window_held, outcome.offline_held) == (None, None, None)
        assert "too little to tell" in outcome.why
        assert not outcome.safe


async def test_a_meter_that_is_silent_proves_nothing():
    async with staged(stage={"measures": False}) as stage:
        outcome = await stage.run()
        assert "measured nothing" in outcome.why
        assert not outcome.safe


async def test_a_meter_that_has_to_be_asked_is_asked():
    async with staged(stage={"measures": False}) as stage:
        r = stage.r

        def measure(what):
            if what == "MeterValues" and not stage.away:
                asyncio.get_running_loop().call_soon(stage.measure, r.station.drawn_a())

        r.station.on_trigger = measure
        assert (await stage.run()).safe


async def test_a_station_that_does_not_come_back_is_told():
    async with staged(stage={"returns": False}) as stage:
        outcome = await stage.run()
        assert (outcome.default_held, outcome.window_held, outcome.offline_held) == (True, True, None)
        assert "did not come back" in outcome.why


@pytest.mark.parametrize("phases", [1, 2, 3])
async def test_power_alone_shows_it_too(phases):
    async with staged(stage={"power_only": True}, car={"phases": phases, "car_a": 11.0}) as stage:
        assert (await stage.run()).safe


async def test_without_a_vehicle_nothing_can_be_seen():
    async with rig() as r:
        stage = Stage(r)
        with pytest.raises(UsageError, match="while a vehicle charges"):
            await stage.run()
    async with rig(entry={"max_a": 10.0}) as r:
        await r.begin()
        with pytest.raises(UsageError, match="needs 12 A"):
            await Stage(r).run()


async def test_nobody_else_limits_the_station_meanwhile_but_then():
    async with staged() as stage:
        r = stage.r

        async def meddle():
            await r.clock.sleep(20.0)
            await r.one.limit(r.command(32.0))

        meddling = asyncio.create_task(meddle())
        outcome = await stage.run()
        await asyncio.gather(meddling, return_exceptions=True)
        assert outcome.safe
        at = [
            at
            for at, action, payload in r.station.asked
            if action == "SetChargingProfile"
            and payload["csChargingProfiles"]["chargingSchedule"]["chargingSchedulePeriod"][0]["limit"] == 32.0
        ]
        assert len(at) == 1
        assert at[0] >= outcome.at


async def test_what_was_kept_by_something_else_is_no_outcome():
    async with rig() as r:
        memory = Kept(r.memory, under="1/")
        for row in (None, 7, {}, {"firmware": "1.2"}):
            await memory.save({"rehearsal": row})
            assert kept(memory, "1.2") is None
    assert not Outcome(at=0.0, firmware=None).safe
