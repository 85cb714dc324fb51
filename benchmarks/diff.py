"""A diff of two versions over a month at 1 min, beside two plain simulations of the same, in one run.

Run ``python benchmarks/diff.py [JOB]``. The house is that of tests/lab/jobs: a water heater, a heat pump and a charging
station, with needs and plans (``plan: calm``), on 30 days of the example house's sun and clouds with a car on most days;
JOB is a folder with ``tape.csv.gz`` and ``sessions.csv`` to play instead. The versions differ in the min-on of the
water heater. What a diff costs beyond two simulations is the search for where they part, what the loads do uncontrolled
and perfect foresight, which is computed afresh here and found again in the user's cache elsewhere. With two cores the
versions are played at once, so that what passes on the clock is told beside the CPU of all processes; on a machine that
does other work too, only the CPU says something.
"""

from __future__ import annotations

import csv
import os
import sys
import tempfile
from pathlib import Path
from time import perf_counter

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from noonward.lab import scenario, simulate  # noqa: E402 - behind the path above
from noonward.lab.differ.diff import diff  # noqa: E402
from noonward.lab.game import new_game  # noqa: E402
from noonward.lab.recording import iso  # noqa: E402
from noonward.lab.tape import load_tape  # noqa: E402
from noonward.lab.versions import opened  # noqa: E402
from noonward.plant.house import House  # noqa: E402
from support import jobs  # noqa: E402

AIM_S = 3.0
DAYS = 30
START = 1_590_962_400.0  # 2020-06-01T00:00+02:00


def month(folder: Path) -> None:
    """Write a month with a car on five days a week."""
    house = House(peak_w=9000.0)
    with (folder / "tape.csv").open("w", newline="") as stream:
        rows = csv.writer(stream)
        rows.writerow(["time", "pv_w", "base_load_w"])
        times = [START + 60.0 * i for i in range(DAYS * 1440)]
        rows.writerows([iso(t), round(house.pv_w(t)), round(house.base_w(t))] for t in times)
    with (folder / "sessions.csv").open("w", newline="") as stream:
        rows = csv.writer(stream)
        rows.writerow(["station", "arrival", "departure", "energy_kwh"])
        for day in range(DAYS):
            if day % 7 < 5:
                arrival = START + day * 86400 + 9 * 3600
                rows.writerow(["cp-01", iso(arrival), iso(arrival + 8 * 3600), 14])
    text = jobs.SCENARIO.format(pv_scale=1.0).replace("tape.csv.gz", "tape.csv")
    (folder / "scenario.yaml").write_text(text + "sessions: {file: sessions.csv, station: cp-01}\n")


def measured(what, *args, **kwargs):
    """Return the result, the CPU of this process and its children, and what passed on the clock. [s]"""
    begun, cpu = perf_counter(), sum(os.times()[:4])
    result = what(*args, **kwargs)
    return result, sum(os.times()[:4]) - cpu, perf_counter() - begun


def main(job: Path | None) -> None:
    with tempfile.TemporaryDirectory() as place:
        os.environ["XDG_CACHE_HOME"] = f"{place}/cache"
        old, new = Path(place) / "old", Path(place) / "new"
        jobs.write(old, "calm")
        if job is None:
            month(old)
            path = old / "scenario.yaml"
        else:
            path = jobs.write_scenario(old, job)
        jobs.write(new, "calm")
        heater = new / "water-heater.yaml"
        heater.write_text(heater.read_text().replace("min_on: 5 min", "min_on: 20 min"))
        played = scenario.load(path)
        tape, read_s, _ = measured(load_tape, played.tape)
        with opened(str(old)) as before, opened(str(new)) as after:
            game = new_game(before.load().site, played, tape)
            day = tape.between(None, tape.start + 86400)
            simulate.play(new_game(game.site, played, day))  # compile the tables
            twice_s = sum(measured(simulate.play, new_game(v.load().site, played, tape))[1] for v in (before, after))
            found, first_s, first_took_s = measured(diff, before, after, played, lambda _: tape, recording="month")
            _, again_s, again_took_s = measured(diff, before, after, played, lambda _: tape, recording="month")
            _, same_s, _ = measured(diff, before, before, played, lambda _: tape, recording="month")
    change = found["behaviour"]["totals"]
    print(f"{len(tape)} steps, two relays and a car, with plans; the tape is read in {read_s:.2f} s")
    print(f"  two simulations: {twice_s:.2f} s CPU")
    print(
        f"  diff: {again_took_s:.2f} s (aim {AIM_S:.0f} s) and {again_s:.2f} s CPU with perfect foresight kept from before,"
        f" ratio {again_took_s / twice_s:.2f} and {again_s / twice_s:.2f}"
    )
    print(
        f"  diff: {first_took_s:.2f} s and {first_s:.2f} s CPU with perfect foresight computed ({first_s - again_s:.2f} s of it),"
        f" ratio {first_took_s / twice_s:.2f} and {first_s / twice_s:.2f}"
    )
    print(f"  diff of a version and itself: {same_s:.3f} s")
    print(f"  they part at {found['behaviour']['parting']['at']}, import {change['import']['change']:+.1f} kWh")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
