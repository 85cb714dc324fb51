"""The history: what a day of it writes to flash, how long a year's curves take, and what a step pays for it.

Run ``python benchmarks/history.py``. Written is what the process hands to the kernel (``wchar`` of /proc/self/io), the
write-ahead log and its checkpoints counted. Beside it stands what is plainest: a row of all channels in a table of its
own, one commit each, with every reading (5 s); and for the year one scan of such a table of minutes.
"""

from __future__ import annotations

import math
import random
import sqlite3
import statistics
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from noonward.core.model import Appliance, Mode, Observation, Reading, Sample, Site, Stage, State, Station, Zone
from noonward.core.step import step
from noonward.daemon.history import History
from noonward.daemon.recorder import TOGETHER, Batch, Recorder
from noonward.history import reading, rollup, series
from noonward.history.calendar import Calendar
from noonward.history.rows import TABLES, Rows
from noonward.history.sampler import Minute
from noonward.policy.loaded import Loaded, Signal

START = 1_780_272_000.0  # 2026-06-01 00:00 UTC
DAY_MIN, YEAR_DAYS, EVERY_S = 1440, 365, 5
AIM_MB, AIM_YEAR_S, AIM_STEP = 30.0, 0.5, 0.25
SHARE = 10  # the plain way is written for this part of a day, and scaled


def written() -> int:
    """Return the bytes that this process has written so far."""
    return int(Path("/proc/self/io").read_text().split("wchar: ")[1].split()[0])


def day(stations: int, policies: int, minutes: int = DAY_MIN, seed: int = 1) -> list[dict[str, int]]:
    """Return minutes of a site: sun with clouds, loads that come and go, vehicles that charge."""
    dice, out = random.Random(seed), []
    for k in range(minutes):
        sun = max(0.0, math.sin((k % DAY_MIN / DAY_MIN - 0.25) * 2 * math.pi))
        pv, base = round(80_000 * sun * dice.uniform(0.3, 1.0)), round(dice.gauss(5_000, 800))
        row = {"pv_w": pv, "base_load_w": base, "price_import": 28_000, "price_export": 8_000}
        for n in range(policies):
            on = (k // 60 + n) % 4 == 0 and sun > 0.3
            draw = round(dice.gauss(30_000, 50)) if on else 0
            row |= {
                f"policy/p{n}": draw,
                f"solar/p{n}": draw // 2,
                f"on/p{n}": 10_000 * on,
                f"policy-cost/p{n}": draw * 8,
            }
        for n in range(stations):
            on = (k // 120 + n) % 3 == 0 and sun > 0.1
            draw = round(dice.gauss(41_400, 200)) if on else 0
            row |= {f"station/c{n}": draw, f"station-solar/c{n}": draw // 2, f"station-cost/c{n}": draw * 8}
            row |= {f"limit/c{n}": 600 + 100 * (k // 10 % 10) if on else 0, f"plugged/c{n}": 10_000}
        grid = base + sum(value for name, value in row.items() if name.startswith(("policy/", "station/"))) - pv
        row |= {
            "import_w": max(grid, 0),
            "export_w": max(-grid, 0),
            "cost": max(grid, 0) * 28,
            "earned": max(-grid, 0) * 8,
        }
        out.append(row)
    return out


def ours(place: Path, minutes: list[dict[str, int]]) -> tuple[float, float]:
    """Write a day, as many minutes a commit as the daemon does; return MB written and MB kept."""
    history, loaded, first = History(place / reading.FILE), Loaded(site=Site()), int(START // 60)
    history.open()
    begun = written()
    together = -(-len(minutes[0]) // TOGETHER)
    for k in range(0, len(minutes), together):
        batch = [Minute(first + k + n, row) for n, row in enumerate(minutes[k : k + together])]
        history.record(Batch(loaded, batch, []))
    history.close()
    return (written() - begun) / 1e6, (place / reading.FILE).stat().st_size / 1e6


def plain(place: Path, minutes: list[dict[str, int]]) -> float:
    """Write the same channels with every reading, a row and a commit each; return MB a day."""
    names = list(minutes[0])
    db = sqlite3.connect(place / "plain.db", isolation_level=None)
    db.execute("PRAGMA journal_mode=WAL")
    db.execute("PRAGMA synchronous=NORMAL")
    columns = ", ".join(f"c{k} INTEGER" for k in range(len(names)))
    db.execute(f"CREATE TABLE rows (t INTEGER PRIMARY KEY, {columns})")
    begun, count = written(), DAY_MIN * 60 // EVERY_S // SHARE
    for k in range(count):
        row = minutes[k % len(minutes)]
        db.execute(f"INSERT INTO rows VALUES (?{', ?' * len(names)})", (k, *row.values()))  # noqa: S608 - our own names
    db.close()
    return (written() - begun) / 1e6 * SHARE


def year(place: Path) -> tuple[float, float, float]:
    """Return seconds for a year's curves from roll-ups, for the same by one scan of minutes, and MB kept."""
    minutes, first = day(1, 2), int(START // 60)
    db = sqlite3.connect(place / "year.db", isolation_level=None)
    db.executescript(TABLES)
    calendar, names = Calendar("Europe/Zurich"), list(minutes[0])
    db.execute(f"CREATE TABLE plain (t INTEGER PRIMARY KEY, {', '.join(f'c{k} INTEGER' for k in range(len(names)))})")
    for k in range(YEAR_DAYS):
        db.execute("BEGIN")
        turned = minutes[k:] + minutes[:k]
        rollup.put(Rows(db), calendar, [Minute(first + k * DAY_MIN + n, row) for n, row in enumerate(turned)])
        values = ((first + k * DAY_MIN + n, *row.values()) for n, row in enumerate(turned))
        db.executemany(f"INSERT INTO plain VALUES (?{', ?' * len(names)})", values)  # noqa: S608
        db.execute("COMMIT")
    kept = sum(
        len(data)
        for table in ("minutes", "quarters", "hours", "days")
        for (data,) in db.execute(f"SELECT data FROM {table}")  # noqa: S608
    )
    db.close()
    end = START + YEAR_DAYS * 86_400
    sums = ", ".join(f"avg(c{k})" for k in range(len(names)))

    def curves() -> None:
        with reading.opened(place / "year.db") as past:
            found = series.query(past.rows, calendar, names, START, end)
            assert len(found.time) > 1400

    def scan() -> None:
        db = sqlite3.connect(place / "year.db")
        assert len(db.execute(f"SELECT t / 360, {sums} FROM plain GROUP BY 1").fetchall()) > 1400  # noqa: S608
        db.close()

    return median(curves), median(scan), kept / 1e6


def median(what) -> float:
    took = []
    for _ in range(5):
        begun = time.perf_counter()
        what()
        took.append(time.perf_counter() - begun)
    return statistics.median(took)


def steps(stations: int) -> tuple[float, float]:
    """Return seconds of a core step and of recording it."""
    boiler = Appliance(
        name="boiler", mode=Mode.AUTO_SOLAR, stages=(Stage(power_w=3000.0, relays=frozenset({"a/1"})),),
        relays=("a/1",), on_above_w=(3000.0,), off_below_w=(1500.0,),
    )  # fmt: skip
    names = tuple(f"c{k}" for k in range(stations))
    zone = Zone(name="z", mode=Mode.AUTO_SOLAR, stations=names, phases=3, max_power_w=1e6, min_current_a=6.0)
    loaded = Loaded(
        site=Site(appliances=(boiler,), zones=(zone,)),
        signals={role: Signal(channel=f"{role}/m") for role in ("grid", "pv")},
    )
    recorder, state, stepping, recording = Recorder(lambda _: None), State(), [], []
    for k in range(400):
        now = START + 5.0 * k
        sample = Sample(at=now, power_w=4000.0, current_a={"L1": 6.0, "L2": 6.0, "L3": 6.0}, energy_wh=5.0 * k)
        there = Station(plugged=True, plugged_at=START, sample=sample)
        seen = Observation(
            grid_w=Reading(-500.0 * stations - k % 7, now), pv_w=Reading(9000.0, now), stations=dict.fromkeys(names, there),
            started_at=START,
        )  # fmt: skip
        begun = time.perf_counter()
        outcome = step(loaded.site, state, seen, now)
        between = time.perf_counter()
        recorder.step(loaded, state, outcome.state, replace(seen), now)
        stepping.append(between - begun)
        recording.append(time.perf_counter() - between)
        state = outcome.state
    return statistics.median(stepping), statistics.median(recording)


def main() -> int:
    worst = 0.0
    for name, stations, policies in (("a house", 1, 3), ("20 stations", 20, 3), ("200 stations", 200, 3)):
        minutes = day(stations, policies)
        with tempfile.TemporaryDirectory() as place:
            mb, kept = ours(Path(place), minutes)
            beside = plain(Path(place), minutes)
        worst = max(worst, mb)
        print(
            f"{name}, {len(minutes[0])} channels: {mb:.1f} MB written a day, {kept:.2f} MB kept; "
            f"a commit for every reading {beside:.0f} MB: {beside / mb:.0f} times as much"
        )
    with tempfile.TemporaryDirectory() as place:
        ours_s, scan_s, kept = year(Path(place))
    print(
        f"a year of {len(day(1, 2, 1)[0])} channels, {kept:.1f} MB: curves in {ours_s * 1000:.0f} ms; "
        f"one scan of its minutes {scan_s * 1000:.0f} ms: {scan_s / ours_s:.1f} times as long"
    )
    dearest = 0.0
    for stations in (1, 20, 200):
        core_s, record_s = steps(stations)
        dearest = max(dearest, record_s / core_s)
        print(
            f"{stations} stations: a step {core_s * 1e6:.0f} µs, recording it {record_s * 1e6:.0f} µs: {record_s / core_s:.0%}"
        )
    fine = worst <= AIM_MB and ours_s <= AIM_YEAR_S and dearest <= AIM_STEP
    print(
        f"aims: at most {AIM_MB:.0f} MB a day, {AIM_YEAR_S} s for a year, {AIM_STEP:.0%} of a step: {'met' if fine else 'MISSED'}"
    )
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main())
