"""CPU of our lab beside that of acnportal's simulator (acnsim) on the same charging sessions, as a ratio in one run.

Run ``python benchmarks/acnsim.py [DAYS]``. Four stations, a month of sessions at 1-min steps. acnsim plays them
uncontrolled and by earliest deadline; here they are played uncontrolled, and by a zone that follows the sun, with a
meter, a ledger, a state machine and reasons. Both must deliver the same energy where nobody controls them.

acnportal is installed from the package index into an environment of its own, .venv/acnportal; where that cannot be, it
is said and nothing is compared.
"""

from __future__ import annotations

import json
import subprocess
import sys
import venv
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time

from noonward.core.model import Mode, Site, StationInfo, Zone
from noonward.lab import baselines, simulate
from noonward.lab.game import new_game
from noonward.lab.recording import iso
from noonward.lab.scenario import Scenario, SessionsSpec
from noonward.lab.score import score
from noonward.lab.tape import Tape
from noonward.plant.chance import chance
from noonward.plant.house import House

WANTED = ("acnportal==0.3.3", "numpy<2", "pandas<2.2")  # it predates both
PLACE = Path(__file__).parents[1] / ".venv/acnportal"
START = 1_590_969_600.0  # 2020-06-01T00:00Z
STATIONS = ("cp-01", "cp-02", "cp-03", "cp-04")
MAX_A, VOLTS, ZONE_A = 16.0, 690.0, 64.0

THEIRS = """
import json, sys, time, warnings
warnings.filterwarnings("ignore")
from datetime import datetime
from acnportal import acnsim, algorithms

job = json.load(sys.stdin)
most_kw = job["max_a"] * job["volts"] / 1000

def simulator(algorithm):
    network, events = acnsim.ChargingNetwork(), acnsim.EventQueue()
    for station in job["stations"]:
        network.register_evse(acnsim.EVSE(station, max_rate=job["max_a"]), job["volts"], 0)
    network.add_constraint(acnsim.Current(job["stations"]), job["zone_a"], name="zone")
    for k, (station, came, left, kwh) in enumerate(job["sessions"]):
        vehicle = acnsim.EV(came, left, kwh, station, str(k), acnsim.Battery(100.0, 0.0, most_kw))
        events.add_event(acnsim.PluginEvent(came, vehicle))
    return acnsim.Simulator(network, algorithm, events, datetime(2020, 6, 1), period=1, verbose=False)

found = {}
for name, algorithm in (
    ("uncontrolled", algorithms.UncontrolledCharging()),
    ("earliest deadline", algorithms.SortedSchedulingAlgo(algorithms.earliest_deadline_first)),
):
    one = simulator(algorithm)
    begun = time.process_time()
    one.run()
    kwh = sum(vehicle.energy_delivered for vehicle in one.ev_history.values())
    found[name] = {"cpu_s": time.process_time() - begun, "steps": one.iteration, "kwh": kwh}
print(json.dumps(found))
"""


def stays(days: int) -> list[tuple[str, int, int, float]]:
    """Station, arrival and departure in minutes, and energy: one vehicle a working day at each station."""
    found = []
    for day in range(days):
        for station in STATIONS:
            if day % 7 < 5:
                came = day * 1440 + 420 + int(180 * chance("came", station, day))
                left = day * 1440 + 840 + int(300 * chance("left", station, day))
                kwh = min(5 + 25 * chance("kwh", station, day), 0.9 * MAX_A * VOLTS / 1000 * (left - came) / 60)
                found.append((station, came, left, round(kwh, 3)))
    return found


def ours(days: int, sessions: list[tuple[str, int, int, float]]) -> dict[str, dict[str, float]]:
    house = House(peak_w=25_000.0)
    minutes = [START + 60.0 * i for i in range(days * 1440)]
    tape = Tape(
        name="house",
        start=START,
        step_s=60.0,
        pv_w=[house.pv_w(t) for t in minutes],
        base_load_w=[house.base_w(t) for t in minutes],
    )
    zone = Zone(
        name="garage", mode=Mode.AUTO_SOLAR, stations=STATIONS, phases=3, max_power_w=ZONE_A * VOLTS, min_current_a=6.0
    )
    site = Site(name="bench", zones=(zone,), stations=dict.fromkeys(STATIONS, StationInfo(max_a=MAX_A)))
    with TemporaryDirectory() as folder:
        rows = [f"{s},{iso(START + 60 * a)},{iso(START + 60 * b)},{kwh}" for s, a, b, kwh in sessions]
        file = Path(folder) / "sessions.csv"
        file.write_text("\n".join(["station,arrival,departure,energy_kwh", *rows]) + "\n")
        game = new_game(site, Scenario(tape=Path(), sessions=SessionsSpec(file=file)), tape)
    simulate.play(replace(game, tape=tape.between(None, START + 86400), net_w=game.net_w[:1440]))  # compile the tables
    found = {}
    for name in ("uncontrolled", "policies"):
        begun = process_time()
        run = simulate.play(game) if name == "policies" else baselines.play(name, game)
        found[name] = {"cpu_s": process_time() - begun, "steps": len(tape), "kwh": score(run)["controlled_kwh"]}
    return found


def python() -> Path | None:
    """Return the interpreter of an environment with acnportal, or None where it cannot be installed."""
    there = PLACE / "bin/python"
    if not (PLACE / "ready").exists():
        print("installing acnportal into an environment of its own ...", flush=True)
        venv.create(PLACE, clear=True, with_pip=True)
        install = [there, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *WANTED]
        done = subprocess.run(install, capture_output=True, text=True, check=False)
        if done.returncode:
            last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
            print(f"not compared: acnportal cannot be installed here ({last})")
            return None
        (PLACE / "ready").touch()
    return there


def main(days: int) -> None:
    there = python()
    if there is None:
        return
    sessions = stays(days)
    job = {"stations": STATIONS, "max_a": MAX_A, "volts": VOLTS, "zone_a": ZONE_A, "sessions": sessions}
    done = subprocess.run([there, "-c", THEIRS], input=json.dumps(job), capture_output=True, text=True, check=True)
    theirs = json.loads(done.stdout)
    mine = ours(days, sessions)
    assert abs(mine["uncontrolled"]["kwh"] / theirs["uncontrolled"]["kwh"] - 1) < 0.02, (mine, theirs)
    print(f"{len(sessions)} sessions at {len(STATIONS)} stations, {days} days at 1 min:")
    for whose, found in (("acnsim", theirs), ("noonward", mine)):
        for name, one in found.items():
            pace = one["cpu_s"] / one["steps"]
            print(f"  {whose:9}{name:18}{one['cpu_s']:7.2f} s CPU{pace * 1e6:8.1f} us a step{one['kwh']:9.1f} kWh")
    for here, other in (("uncontrolled", "uncontrolled"), ("policies", "earliest deadline")):
        a, b = theirs[other], mine[here]
        ratio = a["cpu_s"] / a["steps"] / (b["cpu_s"] / b["steps"])
        print(f"  a step of acnsim, {other}, takes {ratio:.2f} times as long as one of ours, {here}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 30)
