"""A recorded day on the whole thing: ``noonward run``, a Modbus meter and a relay board, and cars on stations of another make.

The sun of a recording rises and sets in an hour of a clock that runs faster. The test is the building: it adds up
what the cars draw and what hangs on the relay, and shows the sum on the meter; the engine sees nothing else of it.
"""

from __future__ import annotations

import csv
import gzip
import threading
import time
from pathlib import Path
from statistics import correlation, fmean

import pytest

from support.field import measure, presets
from support.garage import FastClock, Gateway, NodeCar, free_port
from support.peers import modbus_server

pytestmark = [pytest.mark.peer, pytest.mark.timeout(600)]

TAPE = Path(__file__).parents[2] / "policies" / "scenarios" / "tapes" / "kingston-june-2020.csv.gz"
BOILER_W, ZONE_W = 2000.0, 4200.0

SITE = """\
kind: site/v1
name: house-by-the-test
timezone: UTC
grid: {{phases: 3, fuse: 63 A, meter: grid-meter, every: 5 s}}
stagger: 0 s
devices:
  grid-meter: {{driver: modbus, profile: eastron-sdm630, tcp: "127.0.0.1:{modbus}", unit: 2, timeout: 500 ms}}
  board: {{driver: modbus, profile: generic-coils-8, tcp: "127.0.0.1:{modbus}", unit: 1, timeout: 500 ms}}
  charging:
    driver: ocpp
    listen: "127.0.0.1:{ocpp}"
    stations: {{small: {{max_current: 16 A, rotation: [L1, L2, L3]}}, other: {{max_current: 16 A, rotation: [L2, L3, L1]}}}}
"""

GARAGE = f"""\
kind: ev-zone/v1
name: garage
mode: auto-solar
priority: 10
stations: [small, other]
phases: auto
limits: {{max_power: {ZONE_W} W, min_current: 6 A}}
surplus: {{on_delay: 30 s, off_delay: 30 s}}
vehicle: {{min_on: 2 min}}
"""

BOILER = f"""\
kind: appliance/v1
name: boiler
mode: auto-solar
priority: 30
load: {{power: {BOILER_W} W, min_on: 1 min}}
relays: [board/relay-1]
surplus: {{on_delay: 30 s, off_delay: 30 s}}
fail_safe: {{then: release}}
"""


def recorded(day="2020-06-01", scale=2.6):
    """Return what the roof makes and what the house takes, from dawn to dusk. [W]"""
    with gzip.open(TAPE, "rt") as tape:
        rows = [row for row in csv.DictReader(tape) if row["time"].startswith(day)]
    return [(scale * float(row["pv_w"]), float(row["base_load_w"])) for row in rows if "T03" < row["time"][10:] < "T20"]


class Building(threading.Thread):
    """Adds up the house, and shows it on the meter; keeps what it showed."""

    def __init__(self, clock, server, cars, day, seconds_a_row):
        super().__init__(daemon=True)
        self.clock, self.server, self.cars, self.day, self.seconds_a_row = clock, server, cars, day, seconds_a_row
        self.rows: list[tuple[float, float, float, float, float]] = []
        self.over = threading.Event()

    def sun(self, elapsed_s):
        place = min(max(elapsed_s / self.seconds_a_row, 0.0), len(self.day) - 1.001)
        k, part = int(place), place % 1.0
        return tuple(a + part * (b - a) for a, b in zip(self.day[k], self.day[k + 1], strict=True))

    def run(self):
        began = self.clock.now()
        while not self.over.is_set():
            elapsed_s = self.clock.now() - began
            if elapsed_s > self.seconds_a_row * len(self.day):
                return
            pv_w, base_w = self.sun(elapsed_s)
            charge_w = sum(car.now["w"] for car in self.cars)
            boiler_w = BOILER_W if self.server.coils.get((1, 0)) else 0.0
            grid_w = base_w + charge_w + boiler_w - pv_w
            measure(self.server, grid_w)
            self.rows.append((elapsed_s, pv_w - base_w, charge_w, boiler_w, grid_w))
            time.sleep(0.02)


@pytest.mark.parametrize("seconds_a_row", [60.0, pytest.param(300.0, marks=pytest.mark.long)])
def test_the_charge_follows_the_sun(tmp_path, seconds_a_row):
    """From dawn to dusk: cars first, the boiler on what they leave, hardly any import, never less than 6 A."""
    day, clock, ocpp = recorded(), FastClock(60.0), free_port()
    with modbus_server(units="1,2") as server:
        for line in presets(0.0):
            server.tell(line)
        site = tmp_path / "site"
        site.mkdir()
        (site / "site.yaml").write_text(SITE.format(modbus=server.port, ocpp=ocpp))
        (site / "garage.yaml").write_text(GARAGE)
        (site / "boiler.yaml").write_text(BOILER)
        url = f"ws://127.0.0.1:{ocpp}/ocpp"
        with (
            Gateway(site, tmp_path / "state", clock) as gateway,
            NodeCar(url, "small", clock, phases=1, max=16, meter="power") as small,
            NodeCar(url, "other", clock, phases=1, max=16) as other,
        ):
            cars = (small, other)
            assert gateway.ready(), gateway.lines
            for car in cars:
                assert car.until(lambda car: car.said("ready")), car.lines
                car.tell("plug")
            building = Building(clock, server, cars, day, seconds_a_row)
            building.start()
            try:
                while building.is_alive():
                    building.join(1.0)
                    assert gateway.process.poll() is None, gateway.lines
            finally:
                building.over.set()
                building.join()
            assert gateway.stop() == 0
            judge(building.rows, cars, server, gateway)


def judge(rows, cars, server, gateway):
    step_s = 60.0
    minutes = [
        [fmean(column) for column in zip(*chunk, strict=True)]
        for k in range(int(rows[-1][0] // step_s))
        if (chunk := [row for row in rows if k * step_s <= row[0] < (k + 1) * step_s])
    ]
    surplus = [max(0.0, row[1]) for row in minutes]
    used = [row[2] + row[3] for row in minutes]
    charged_wh = sum(row[2] for row in minutes) / 60.0
    imported_wh = sum(max(0.0, row[4] - max(0.0, -row[1])) for row in minutes) / 60.0
    available_wh = sum(surplus) / 60.0
    print(f"charged {charged_wh:.0f} Wh and heated {sum(row[3] for row in minutes) / 60:.0f} Wh of {available_wh:.0f} Wh left by the "
          f"house; imported for it {imported_wh:.0f} Wh; correlation {correlation(surplus, used):.3f}")  # fmt: skip
    assert correlation(surplus, used) > 0.9
    assert sum(used) / 60.0 > 0.7 * available_wh
    assert imported_wh < 0.06 * sum(used) / 60.0
    assert max(row[2] for row in rows) <= ZONE_W * 1.01
    for car in cars:
        assert car.kept_to_the_floor()
        assert not car.said("invalid"), car.said("invalid")
        assert not car.said("failed"), car.said("failed")
        assert max(row["w"] for row in car.seconds) > 6 * 230.0
    # by priority: the boiler runs on what full cars leave, and goes first when it is short
    heating = [row for row in minutes if row[3] > 0.9 * BOILER_W]
    assert heating, "the boiler never ran"
    assert fmean(row[2] for row in heating) > 0.8 * ZONE_W
    last_heating = max(row[0] for row in rows if row[3] > 0)
    last_charging = max(row[0] for row in rows if row[2] > 0)
    assert last_heating < last_charging
    assert rows[-1][2] == 0.0, "it charges on at dusk"
    assert server.coils[1, 0] is False
    assert not [line for line in gateway.lines if "Traceback" in line]
