"""Reference jobs: what the lab finds, beside an independent program and, for relays alone, nothing else.

    python benchmarks/jobs.py DIR [--pv-scale 0.4]

DIR holds one folder per job with ``tape.csv.gz``. The site is tests/lab/jobs: a water heater of 2 kW (6 kWh by 20:00)
and a heat pump of 3 kW (6 kWh by 22:00); cars are left out. A job whose tape is in UTC has its days there.
"""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import replace
from pathlib import Path

from noonward.lab import baselines, simulate
from noonward.lab.game import new_game
from noonward.lab.scenario import QuotaSpec, Scenario
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


def theirs(rule, tape, offset_s, order):
    sys.path.insert(0, str(ROOT / "tests"))
    from support import independent

    first_s = (tape.start + offset_s) % 86400
    loads = [
        {
            "name": name,
            "power_w": power,
            "min_w": power,
            "car": False,
            "jobs": independent.days(len(tape), tape.step_s, first_s, 6000.0, by * 3600, start * 3600),
        }
        for name, (power, by, start) in ((name, LOADS[name]) for name in order)
    ]
    return independent.play(rule, tape.pv_w, tape.base_load_w, tape.step_s, loads)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, metavar="DIR")
    parser.add_argument("--pv-scale", type=float, default=1.0)
    args = parser.parse_args()
    site = load(ROOT / "tests/lab/jobs").site
    print(
        f"{'job':12}{'controller':14}{'import':>10}{'other':>10}{'export':>10}{'loads':>9}{'unmet':>9}  starts{'':18}other{'':12}CPU"
    )
    for folder in sorted(path.parent for path in args.folder.glob("*/tape.csv.gz")):
        tape = load_tape(folder / "tape.csv.gz").scaled(args.pv_scale)
        local = tape.start % 86400 != 0
        game = new_game(
            replace(site, timezone="Etc/GMT-2" if local else "Etc/UTC"),
            Scenario(tape=folder / "tape.csv.gz", plants=PLANTS),
            tape,
        )
        for controller in ("uncontrolled", "threshold", "delays", "policies"):
            began = time.process_time()
            run = simulate.play(game) if controller == "policies" else baselines.play(controller, game)
            took_s = time.process_time() - began
            got = score(run)
            assert not any(got["violations"].values()), got["violations"]
            starts = " ".join(f"{name} {own['starts']}" for name, own in got["policies"].items())
            other, their_starts = "", ""
            if controller != "policies":
                found = theirs(controller, tape, 7200 if local else 0, list(game.plants))
                other, their_starts = f"{found['import_kwh']:.1f}", " ".join(map(str, found["starts"].values()))
                assert abs(found["import_kwh"] - got["import_kwh"]) <= 0.01 * found["import_kwh"]
            print(
                f"{folder.name:12}{controller:14}{got['import_kwh']:>10.1f}{other:>10}{got['export_kwh']:>10.1f}"
                f"{got['controlled_kwh']:>9.1f}{got['unmet_kwh']:>9.1f}  {starts:32}{their_starts:10}{took_s:>6.2f} s"
            )


if __name__ == "__main__":
    main()
