"""A zone with a station in every state, as a daemon would show it."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

from noonward.core.model import (
    ChargeNow,
    LimitSeen,
    Mode,
    Need,
    Reading,
    ReasonCode,
    Sample,
    Session,
    Site,
    Station,
    StationInfo,
    StationState,
    Status,
)
from noonward.core.observed import Inputs
from noonward.policy.loaded import Signal
from support.fakeengine import NOON, FakeEngine, appliance, decided, garage, told

R = ReasonCode
CAR = {"plugged": True, "plugged_at": NOON - 3600.0}
SEEN = {
    "cp-01": Station(
        **CAR,
        status=Status.CHARGING,
        id_tag="04A1B2C3D4E5",
        sample=Sample(at=NOON - 4, power_w=6850.0, current_a={"L1": 9.9, "L2": 9.8, "L3": 9.9}, energy_wh=81_250.0),
        accepted=LimitSeen(current_a=10.0, at=NOON - 60),
    ),
    "cp-02": Station(**CAR, status=Status.SUSPENDED_EVSE, sample=Sample(at=NOON - 5, power_w=0.0)),
    "cp-03": Station(**CAR, status=Status.CHARGING, sample=Sample(at=NOON - 5, current_a={"L1": 7.9, "L2": 0.0})),
    "cp-04": Station(plugged=False, status=Status.AVAILABLE),
    "cp-05": Station(**CAR, online=False, status=Status.CHARGING, sample=Sample(at=NOON - 900, power_w=11_000.0)),
    "cp-06": Station(**CAR, status=Status.SUSPENDED_EV, sample=Sample(at=NOON - 3, power_w=4.0)),
    "cp-07": Station(**CAR, status=Status.SUSPENDED_EV, sample=Sample(at=NOON - 3, power_w=0.0)),
    "cp-08": Station(**CAR, status=Status.SUSPENDED_EV, sample=Sample(at=NOON - 3, power_w=0.0)),
    "cp-09": Station(**CAR, status=Status.SUSPENDED_EV, sample=Sample(at=NOON - 3, power_w=0.0)),
    "cp-10": Station(**CAR, status=Status.PREPARING),
}
STATES = {
    name: StationState(session=Session(state="paused", since=NOON - 600, drew_wh=drew_wh), plugged_at=NOON - 3600)
    for name, drew_wh in (dict.fromkeys(SEEN, 0.0) | {"cp-01": 4230.0, "cp-06": 21_400.0}).items()
} | {"cp-04": StationState(session=Session(state="absent"), unplugged_at=NOON - 1800)}
DECIDED = (
    told("cp-01", "charging", 10.0, R.CHARGE_NOW, 3, by="anna"),
    told("cp-02", "paused", 0.0, R.BELOW_MINIMUM, 3),
    told("cp-03", "detecting", 8.0, R.DETECTING_PHASES),
    told("cp-04", "absent", 0.0, R.NO_VEHICLE),
    told("cp-05", "charging", 6.0, R.NOT_ANSWERING, 3),
    told("cp-06", "satisfied", 6.0, R.SATISFIED, 1),
    told("cp-07", "asleep", 0.0, R.ASLEEP),
    told("cp-08", "waking", 16.0, R.WAKING),
    told("cp-09", "needs-driver", 6.0, R.ASLEEP),
    told("cp-10", "offered", 6.0, R.SURPLUS, surplus_w=4200.0),
    told("cp-11", "unknown", 0.0, R.NOT_ANSWERING),
)
WISHES = Inputs(
    charge_now=MappingProxyType(
        {"cp-01": ChargeNow(at=NOON - 600, by="anna"), "cp-04": ChargeNow(at=NOON - 60, until=NOON + 7200)}
    ),
    needs=MappingProxyType({"cp-02": Need(at=NOON - 60, energy_wh=10_500.0, departure=NOON + 19 * 3600, by="bo")}),
)


def carpark(mode=Mode.AUTO_SOLAR, **more):
    """Return an engine with such a zone, called garage, and an appliance served after it."""
    stations = (*SEEN, "cp-11")
    site = Site(
        name="house-12",
        timezone="Europe/Zurich",
        appliances=(appliance(),),
        zones=(garage(mode=mode, stations=stations, priority=10, description="Underground, eleven places", **more),),
        stations=dict.fromkeys(stations, StationInfo(max_a=16.0)),
    )
    signals = {role: Signal(channel=f"{role}/meter") for role in ("grid", "pv")}
    engine = FakeEngine(site=site, signals=signals)
    engine.says = {"garage": decided("garage", "solar", *DECIDED, power_w=6900.0, surplus_w=7100.0)}
    engine.inputs["garage"] = replace(WISHES, charge_now=dict(WISHES.charge_now), needs=dict(WISHES.needs))
    engine.state = replace(engine.state, stations=STATES)
    return engine.see(grid_w=Reading(-250.0, NOON), pv_w=Reading(8300.0, NOON), stations=SEEN)
