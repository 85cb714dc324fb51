"""The page about a building's own past: a recorded week is exported, played and compared as the page shows."""

import csv
import gzip
import shutil
import subprocess
from datetime import datetime
from pathlib import Path

from noonward.history import reading, sessions
from noonward.history.sessions import ChargingSession
from support.docpage import play
from support.pastfile import past, put

REPOSITORY = Path(__file__).parents[2]
PAGE = REPOSITORY / "docs/how-to/use-your-own-past.md"
TAPE = REPOSITORY / "policies/scenarios/tapes/kingston-june-2020.csv.gz"
WEEK = range(24 * 4, 24 * 4 * 8)


def recorded(place):
    """A week as a daemon on the example site would have recorded it: two boilers by day, a car on two evenings."""
    with gzip.open(TAPE, "rt") as tape:
        quarters = list(csv.DictReader(tape))[WEEK.start : WEEK.stop]
    start = datetime.fromisoformat(quarters[0]["time"]).timestamp()
    minutes = []
    for k, row in enumerate(quarters):
        pv, base, quarter = 20 * float(row["pv_w"]), 10 * float(row["base_load_w"]), k % 96
        boiler, pump = 20_000 * (30 <= quarter < 42), 12_000 * (24 <= quarter < 40)
        car = 41_400 * (56 <= quarter < 64 and k // 96 in {1, 4})
        drawn = boiler + pump + car
        grid = base + drawn - pv
        share = min(max(pv - base, 0.0), drawn) / drawn if drawn else 0.0
        one = {
            "pv_w": pv, "base_load_w": base, "import_w": max(grid, 0.0), "export_w": max(-grid, 0.0),
            "policy/boiler-cellar": boiler, "policy/heat-pump": pump, "policy/garage": car,
            "solar/boiler-cellar": boiler * share, "solar/heat-pump": pump * share, "solar/garage": car * share,
            "cost": max(grid, 0.0) * 28, "earned": max(-grid, 0.0) * 8,
            "station/cp-01": car, "station-solar/cp-01": car * share,
        }  # fmt: skip
        minutes += [{name: round(value) for name, value in one.items()}] * 15
    with past("Europe/London", place / reading.FILE) as made:
        made.db.execute("BEGIN")
        for k in range(0, len(minutes), 1440):
            put(made, start + 60 * k, minutes[k : k + 1440])
        made.rows.set_note("currency", "GBP")
        stays = [
            ChargingSession(zone="garage", station="cp-01", arrival=t, departure=t + 7200, energy_wh=8280.0, user="anna", phases=3)
            for t in (start + (96 + 56) * 900, start + (4 * 96 + 56) * 900)
        ]  # fmt: skip
        sessions.add(made.db, made.rows, made.calendar, stays, {"ANNA": "anna"})
        made.db.execute("COMMIT")


def test_the_page_does_what_it_says(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NOONWARD_STATE", str(tmp_path / "state"))
    (tmp_path / "state").mkdir()
    recorded(tmp_path / "state")
    shutil.copytree(REPOSITORY / "policies", tmp_path / "policies", ignore=shutil.ignore_patterns("scenarios", "tests"))
    for command in (
        ["init", "-q"],
        ["add", "policies"],
        ["-c", "user.name=x", "-c", "user.email=x@example.org", "commit", "-qm", "x"],
    ):
        subprocess.run(["git", *command], check=True)
    policy = tmp_path / "policies/boiler-cellar.yaml"
    text = policy.read_text()
    assert "on_above: 100 %" in text
    policy.write_text(text.replace("on_above: 100 %", "on_above: 70 %"))
    assert play(PAGE, tmp_path) == (0, 4)
