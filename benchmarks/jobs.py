"""Reference jobs: what the lab finds, beside what an independent program found.

    python benchmarks/jobs.py DIR [--pv-scale 0.4] [--without-cars]

DIR holds one folder per job with ``tape.csv.gz``, and for cars ``sessions.csv`` (station cp-01). The site is
tests/lab/jobs: a water heater of 2 kW (6 kWh by 20:00), a heat pump of 3 kW (6 kWh by 22:00), one station for cars of 6
to 16 A on three phases. A job whose tape is in UTC has its days there. The independent program is run beside
(tests/support/independent.py); where the folder has ``expected.json``, the lab must be within 1 % of that too. In the
place of another program the optimum has its proven lower bound.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import replace
from pathlib import Path

from noonward.lab import baselines, simulate
from noonward.lab.game import new_game
from noonward.lab.optimum import bound_kwh, plan
from noonward.lab.optimum import play as play_plan
from noonward.lab.optimum.jobs import jobs_of
from noonward.lab.scenario import QuotaSpec, Scenario, SessionsSpec
from noonward.lab.score import score
from noonward.lab.tape import load_tape
from noonward.policy import cron
from noonward.policy.load import load

ROOT = Path(__file__).parents[1]
PLANTS = {
    "water-heater": QuotaSpec(energy_wh=6000.0, by=cron.parse("0 20 * * *"), uncontrolled_from=cron.parse("0 5 * * *")),
    "heat-pump": QuotaSpec(energy_wh=6000.0, by=cron.parse("0 22 * * *"), uncontrolled_from=cron.parse("0 6 * * *")),
}
LOADS = {"water-heater": (2000.0, 20, 5), "heat-pump": (3000.0, 22, 6)}
CAR_W, CAR_MIN_W = 11_040.0, 4140.0
WITHIN = 0.01

RUNS = (
    ("uncontrolled", "uncontrolled", "heater first"),
    ("threshold", "threshold", "heater first"),
    ("delays_heater_first", "delays", "heater first"),
    ("delays", "delays", "cars first"),
    ("policies", "policies", "cars first"),
    ("optimum", "optimum", "cars first"),
)
"""Key in expected.json, controller, and whose turn comes first."""


def in_order(site, first):
    """Return the site with its priorities: cars, heat pump, heater; or heater, heat pump, cars."""
    places = {"garage": 10, "heat-pump": 20, "water-heater": 30}
    if first == "heater first":
        places = {"water-heater": 10, "heat-pump": 20, "garage": 30}

    def placed(policies):
        return tuple(sorted((replace(p, priority=places[p.name]) for p in policies), key=lambda p: p.priority))

    return replace(site, appliances=placed(site.appliances), zones=placed(site.zones))


def theirs(rule, game, offset_s):
    sys.path.insert(0, str(ROOT / "tests"))
    from support import independent

    tape = game.tape
    n, step_s, first_s = len(tape), tape.step_s, (tape.start + offset_s) % 86400
    loads = []
    for one in game.loads():
        if one.bay is None:
            power_w, by, start = LOADS[one.name]
            jobs = independent.days(n, step_s, first_s, 6000.0, by * 3600, start * 3600)
            loads.append({"name": one.name, "power_w": power_w, "min_w": power_w, "car": False, "jobs": jobs})
        else:
            jobs = []
            for visit in one.bay.visits:
                lo, hi = (round((t - tape.start) / step_s) for t in (visit.start, visit.end))
                jobs.append({"lo": lo, "hi": hi, "wh": visit.need_wh, "by": hi, "from": lo})
            loads.append({"name": "garage", "power_w": CAR_W, "min_w": CAR_MIN_W, "car": True, "jobs": jobs})
    return independent.play(rule, tape.pv_w, tape.base_load_w, step_s, loads)


def played(controller, game):
    if controller == "policies":
        return simulate.play(game)
    if controller == "optimum":
        todo = jobs_of(game)
        return play_plan(game, todo, plan(game, todo))
    return baselines.play(controller, game)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, metavar="DIR")
    parser.add_argument("--pv-scale", type=float, default=1.0)
    parser.add_argument("--without-cars", action="store_true")
    args = parser.parse_args()
    site = load(ROOT / "tests/lab/jobs").site
    print(
        f"{'job':11}{'controller':21}{'import':>9}{'other':>9}{'expected':>9}{'loads':>8}{'unmet':>8}{'CPU':>9}"
        "  starts (other's)"
    )
    for folder in sorted(path.parent for path in args.folder.glob("*/tape.csv.gz")):
        tape = load_tape(folder / "tape.csv.gz").scaled(args.pv_scale)
        local = tape.start % 86400 != 0
        cars = (folder / "sessions.csv").exists() and not args.without_cars
        expected = {}
        if cars and args.pv_scale == 1.0 and (folder / "expected.json").exists():
            expected = json.loads((folder / "expected.json").read_text())
        scenario = Scenario(
            tape=folder / "tape.csv.gz",
            plants=PLANTS,
            sessions=SessionsSpec(file=folder / "sessions.csv") if cars else None,
        )
        here = replace(site, timezone="Etc/GMT-2" if local else "Etc/UTC")
        for key, controller, first in RUNS:
            game = new_game(in_order(here, first), scenario, tape)
            began = time.process_time()
            run = played(controller, game)
            took_s = time.process_time() - began
            got = score(run)
            assert not any(got["violations"].values()), got["violations"]
            wanted = expected.get(key, {}).get("import_kwh")
            other, starts = None, {}
            if controller == "optimum":
                other = bound_kwh(game)
                assert other - 1e-3 <= got["import_kwh"], (other, got)
            elif controller != "policies":
                found = theirs(controller, game, 7200 if local else 0)
                other, starts = found["import_kwh"], found["starts"]
            for truth in (other, wanted) if controller != "optimum" else (wanted,):
                assert truth is None or abs(truth - got["import_kwh"]) <= WITHIN * truth, (key, truth, got)
            columns = "".join(f"{value:>9.1f}" if value is not None else " " * 9 for value in (other, wanted))
            told = ", ".join(
                f"{name} {own['starts']}" + (f" ({starts[name]})" if starts else "")
                for name, own in got["policies"].items()
            )
            print(
                f"{folder.name:11}{key:21}{got['import_kwh']:>9.1f}{columns}{got['controlled_kwh']:>8.1f}"
                f"{got['unmet_kwh']:>8.1f}{took_s:>7.2f} s  {told}"
            )


if __name__ == "__main__":
    main()
