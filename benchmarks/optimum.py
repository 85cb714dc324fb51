"""CPU of perfect foresight: a site-month in steps of a minute and a site-year in quarter hours, with its bound.

Run ``python benchmarks/optimum.py [DAYS]``. The tape is the example house of ``noonward.plant``, 30 days with clouds,
repeated; a heater, a heat pump and a car on three phases that comes home in the afternoon, and is there all day now and
then. Beside it, in the same process: the same game played uncontrolled, and the linear program that proves how far from
the least the optimum is.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from time import process_time

from noonward.core.model import Appliance, Mode, Site, Stage, StationInfo, Zone
from noonward.lab import baselines
from noonward.lab.bay import visits
from noonward.lab.game import new_game
from noonward.lab.optimum import bound_kwh, plan, play
from noonward.lab.optimum.jobs import jobs_of
from noonward.lab.scenario import QuotaSpec, Scenario
from noonward.lab.score import score
from noonward.lab.sessions import Stay
from noonward.lab.tape import Tape
from noonward.plant.house import House
from noonward.policy import cron

AIM_S = 5.0
AIM_GAP = 0.01
START = 1_590_969_600.0  # 2020-06-01T00:00Z
LOADS = (("heat-pump", 3000.0, 20, 900.0), ("heater", 2000.0, 30, 300.0))
NEEDS = {"heat-pump": "0 22 * * *", "heater": "0 20 * * *"}


def recording(days: int, step_s: float) -> Tape:
    house = House(peak_w=10_000.0)
    n, per_day = int(days * 86400 / step_s), int(86400 / step_s)
    times = [START + step_s * i for i in range(min(30, days) * per_day)]
    pv, base = [house.pv_w(t) for t in times], [house.base_w(t) for t in times]
    repeats = -(-n // len(pv))
    return Tape(name="house", start=START, step_s=step_s, pv_w=(pv * repeats)[:n], base_load_w=(base * repeats)[:n])


def game(days: int, step_s: float):
    appliances = tuple(
        Appliance(
            name=name,
            mode=Mode.AUTO_SOLAR,
            priority=priority,
            stages=(Stage(power_w=power_w, relays=frozenset({f"board/{name}"})),),
            relays=(f"board/{name}",),
            on_above_w=(power_w,),
            off_below_w=(power_w / 2,),
            min_on_s=min_on_s,
        )
        for name, power_w, priority, min_on_s in LOADS
    )
    zone = Zone(
        name="garage",
        mode=Mode.AUTO_SOLAR,
        priority=10,
        stations=("cp-01",),
        phases=3,
        max_power_w=11_040.0,
        min_current_a=6.0,
    )
    site = Site(name="bench", appliances=appliances, zones=(zone,), stations={"cp-01": StationInfo()})
    plants = {name: QuotaSpec(energy_wh=6000.0, by=cron.parse(by)) for name, by in NEEDS.items()}
    played = new_game(site, Scenario(tape=Path(), plants=plants), recording(days, step_s))
    stays = [
        Stay(
            station="cp-01",
            arrival=START + day * 86400 + (8.0 if day % 3 == 0 else 15.5) * 3600,
            departure=START + day * 86400 + 31.0 * 3600,
            energy_wh=(7000.0, 12_000.0, 18_000.0, 10_000.0)[day % 4],
        )
        for day in range(days)
    ]
    return replace(played, zones={"garage": {"cp-01": visits(stays, played.tape, StationInfo(), {})}})


def measured(what, *args):
    begun = process_time()
    result = what(*args)
    return result, process_time() - begun


def foresight(played):
    todo = jobs_of(played)
    return play(played, todo, plan(played, todo))


def main(days: int) -> None:
    for what, count, step_s in (("site-month at 1 min", days, 60.0), ("site-year at 15 min", days * 365 // 30, 900.0)):
        played = game(count, step_s)
        best, best_s = measured(foresight, played)
        plain, plain_s = measured(baselines.play, "uncontrolled", played)
        least_kwh, least_s = measured(bound_kwh, played)
        found = score(best, plain, best, least_kwh)
        gap = found["import_kwh"] / least_kwh - 1
        assert least_kwh - 1e-3 <= found["import_kwh"] < found["import_uncontrolled_kwh"]
        assert not found["unmet_kwh"]
        print(f"{what}, two relays and a car ({count} days): {best_s:.2f} s CPU (aim {AIM_S:.0f} s)")
        print(
            f"  beside one uncontrolled playing: ratio {best_s / plain_s:.1f}; beside the bound: {best_s / least_s:.2f}"
        )
        print(
            f"  import {found['import_kwh']:.1f} kWh of {found['import_uncontrolled_kwh']:.1f} kWh uncontrolled, "
            f"{100 * gap:.2f} % above the bound of {least_kwh:.1f} kWh"
            + (f" (aim {100 * AIM_GAP:.0f} %)" if step_s < 900 else "")
        )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 30)
