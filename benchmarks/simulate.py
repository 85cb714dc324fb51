"""CPU of a simulated site-year at 1-min steps with three policies, and its ratio to a loop written by hand.

Run ``python benchmarks/simulate.py [DAYS]``. The first part plays three relays without needs on 30 cloudy days of the
example house of ``noonward.plant``, repeated; the second a water heater, a heat pump and a boiler with needs and plans
through the seasons of the same house, and the third a car in place of the boiler (tests/lab/jobs). The loop by hand plays three relays with lists and numbers in
one function, without reasons, state or laws: the least that such a program can cost in Python. All run in the same
process, one after the other.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time

from noonward.core.model import Appliance, Grid, Mode, Site, Stage
from noonward.lab import baselines, simulate
from noonward.lab.game import Game, new_game
from noonward.lab.recording import iso
from noonward.lab.scenario import QuotaSpec, Scenario, SessionsSpec
from noonward.lab.score import score
from noonward.lab.tape import Tape
from noonward.plant.chance import chance
from noonward.plant.house import House
from noonward.policy import cron
from noonward.policy.load import load

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from support import jobs  # noqa: E402 - of the tests, which are no package

AIM_S = 6.0
PLANNED_AIM_S = 8.0
START = 1_590_969_600.0  # 2020-06-01T00:00Z
NEW_YEAR = 1_577_836_800.0  # 2020-01-01T00:00Z
LOADS = (("heat-pump", 3000.0, 20, 900.0), ("heater", 2000.0, 30, 300.0), ("boiler", 4000.0, 40, 900.0))
NEED_WH = 6000.0


def recording(days: int) -> Tape:
    house = House(peak_w=9000.0)
    minutes = [START + 60.0 * i for i in range(30 * 1440)]
    pv, base = [house.pv_w(t) for t in minutes], [house.base_w(t) for t in minutes]
    n = days * 1440
    repeats = -(-n // len(pv))
    return Tape(name="house", start=START, step_s=60.0, pv_w=(pv * repeats)[:n], base_load_w=(base * repeats)[:n])


def site() -> Site:
    def appliance(name, power_w, priority, min_on_s):
        relay = f"board/{name}"
        return Appliance(
            name=name,
            mode=Mode.AUTO_SOLAR,
            priority=priority,
            stages=(Stage(power_w=power_w, relays=frozenset({relay})),),
            relays=(relay,),
            on_above_w=(power_w,),
            off_below_w=(power_w / 2,),
            min_on_s=min_on_s,
        )

    return Site(name="bench", appliances=tuple(appliance(*load) for load in LOADS))


def by_hand(tape: Tape) -> dict[str, float]:  # noqa: C901, PLR0912 - flat, since calls cost more than what they do
    """Play the same rules: on at the second observation with enough, off at the second with too little, one ledger."""
    power = [load[1] for load in LOADS]
    hold = [int(load[3] // 60) for load in LOADS]
    on, since, left, drawn = [False] * 3, [0] * 3, [NEED_WH] * 3, [0.0] * 3
    enough, short, starts = [0] * 3, [0] * 3, 0
    imported = exported = 0.0
    pv, base = tape.pv_w, tape.base_load_w
    net = base[0] - pv[0]
    for i in range(len(pv)):
        if not i % 1440:
            left = [NEED_WH] * 3
        spare = -net
        stop = [False] * 3
        for k in range(3):
            available = spare + drawn[k]
            below = sum(drawn[j] for j in range(k + 1, 3) if on[j] and i - since[j] >= hold[j])
            if on[k]:
                short[k] = short[k] + 1 if available + below < power[k] / 2 else 0
                stop[k] = stop[k] or (short[k] >= 2 and i - since[k] >= hold[k])
            else:
                enough[k] = enough[k] + 1 if available + below >= power[k] else 0
                if enough[k] >= 2:
                    if available >= power[k]:
                        on[k], since[k], short[k] = True, i, 0
                        starts += 1
                        spare -= power[k]
                    else:
                        missing = power[k] - available
                        for j in (2, 1):
                            if j > k and missing > 0 and on[j] and i - since[j] >= hold[j]:
                                stop[j], missing = True, missing - drawn[j]
        net = base[i] - pv[i]
        grid = net
        for k in range(3):
            if stop[k]:
                on[k], enough[k] = False, 0
            draw = 0.0
            if on[k]:
                draw = power[k] if power[k] < left[k] * 60.0 else left[k] * 60.0
                left[k] -= draw / 60.0
                grid += draw
            drawn[k] = draw
        net = grid
        if grid > 0.0:
            imported += grid
        else:
            exported -= grid
    return {"import_kwh": imported / 60e3, "export_kwh": exported / 60e3, "starts": starts}


def seasons(days: int) -> Tape:
    house = House(name="bench", peak_w=9000.0)
    minutes = [NEW_YEAR + 60.0 * i for i in range(days * 1440)]
    pv, base = [house.pv_w(t) for t in minutes], [house.base_w(t) for t in minutes]
    return Tape(name="house", start=NEW_YEAR, step_s=60.0, pv_w=pv, base_load_w=base)


def cars(days: int) -> str:
    """A car that is there on most nights and some days, and needs 4 to 20 kWh."""
    rows = ["station,arrival,departure,energy_kwh"]
    for day in range(days - 1):
        midnight, luck = NEW_YEAR + day * 86400.0, chance("car", day)
        if luck < 0.8:
            at_night = luck < 0.6
            came = midnight + 3600.0 * ((15 if at_night else 7) + 4 * chance("came", day))
            left = midnight + 3600.0 * ((30 if at_night else 14) + 5 * chance("left", day))
            rows.append(f"cp-01,{iso(came)},{iso(left)},{4 + 16 * chance('needs', day):.2f}")
    return "\n".join(rows) + "\n"


BOILER = """\
kind: appliance/v1
name: boiler
mode: auto-solar
priority: 40
load: {power: 4 kW, min_on: 15 min}
relays: [board/relay-3]
fail_safe: {stale_after: 2 min, then: release}
need: {energy: 6 kWh, by: "0 18 * * *"}
plan: normal
"""
RELAY_2 = "      relay-2: {power: 3 kW}\n"


def planned(days: int, *, car: bool = True) -> Game:
    """The reference jobs' house with needs and plans, through the seasons; with a boiler in place of the car."""
    needs = {"water-heater": QuotaSpec(energy_wh=NEED_WH, by=cron.parse("0 20 * * *")),
             "heat-pump": QuotaSpec(energy_wh=NEED_WH, by=cron.parse("0 22 * * *"))}  # fmt: skip
    with TemporaryDirectory() as folder:
        place = Path(folder)
        jobs.write(place, "normal", jobs.UTC)
        sessions = None
        if car:
            (place / "sessions.csv").write_text(cars(days))
            sessions = SessionsSpec(file=place / "sessions.csv")
        else:
            devices = place / "site.yaml"
            devices.write_text(devices.read_text().replace(RELAY_2, f"{RELAY_2}      relay-3: {{power: 4 kW}}\n"))
            (place / "garage.yaml").unlink()
            (place / "boiler.yaml").write_text(BOILER)
            needs["boiler"] = QuotaSpec(energy_wh=NEED_WH, by=cron.parse("0 18 * * *"))
        return new_game(load(place).site, Scenario(tape=Path(), plants=needs, sessions=sessions), seasons(days))


def measured(what, *args):
    begun = process_time()
    result = what(*args)
    return result, process_time() - begun


def main(days: int) -> None:
    tape = recording(days)
    need = QuotaSpec(energy_wh=NEED_WH, by=cron.parse("0 20 * * *"))
    scenario = Scenario(tape=Path(), plants=dict.fromkeys((load[0] for load in LOADS), need))
    game = new_game(site(), scenario, tape)
    simulate.play(replace(game, tape=tape.between(None, START + 86400), net_w=game.net_w[:1440]))  # compile the tables
    run, played_s = measured(simulate.play, game)
    result, scored_s = measured(score, run)
    at_hand, hand_s = measured(by_hand, tape)
    _, uncontrolled_s = measured(baselines.play, "uncontrolled", game)
    fused = new_game(
        replace(game.site, grid=Grid(phases=3, fuse_a=35.0)), scenario, tape.between(None, START + 30 * 86400)
    )
    _, fused_s = measured(simulate.play, fused)
    n = len(tape)
    assert not any(result["violations"].values()), result["violations"]
    starts = sum(own["starts"] for own in result["policies"].values())
    year = 525_600 / n
    print(f"{days} days at 1 min, 3 policies: {played_s:.2f} s CPU, {played_s / n * 1e6:.1f} us a step")
    print(f"  a site-year: {played_s * year:.2f} s (aim {AIM_S:.0f} s)")
    print(f"  by hand: {hand_s:.2f} s, ratio {played_s / hand_s:.1f}")
    print(f"  also: score {scored_s:.2f} s, uncontrolled {uncontrolled_s:.2f} s")
    print(f"  with a fuse on three phases: {fused_s / len(fused.tape) * 1e6:.1f} us a step")
    print(
        f"  import {result['import_kwh']:.0f} kWh with {starts} starts; by hand {at_hand['import_kwh']:.0f} kWh with {at_hand['starts']}"
    )

    for loads, car in (("heater, heat pump, boiler and plans", False), ("heater, heat pump, car and plans", True)):
        game = planned(days, car=car)
        (run, played_s), n = measured(simulate.play, game), len(game.tape)
        result, scored_s = measured(score, run)
        assert not any(result["violations"].values()), result["violations"]
        starts = ", ".join(f"{name} {own['starts']}" for name, own in result["policies"].items())
        aim = f"aim {PLANNED_AIM_S:.0f} s"
        print(f"{days} days with {loads}: {played_s:.2f} s CPU, {played_s / n * 1e6:.1f} us a step")
        print(f"  a site-year: {played_s * year:.2f} s ({aim}), ratio to by hand {played_s / hand_s:.1f}")
        energies = f"import {result['import_kwh']:.0f} kWh, unmet {result['unmet_kwh']:.0f} kWh"
        print(f"  score {scored_s:.2f} s; {energies}; starts: {starts}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 365)
