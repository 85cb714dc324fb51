"""CPU of ``noonward check`` for a folder of 1000 policies, cold, and its ratio to a bare load of the same files.

Run ``python benchmarks/check.py [POLICIES]``. Nothing is cached between runs and every policy differs from every other;
the bare load is ruamel.yaml's safe loader, in the same process right afterwards, so that the ratio holds on any machine.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from time import process_time

from ruamel.yaml import YAML

from noonward.policy.load import check

AIM_S = 6.0
MODES = ("auto-timer", "auto-solar", "timer", "auto-timer", "manual")
BOARD = 80
"""Relays on one device."""


def main(count: int) -> None:
    """Print seconds of CPU, milliseconds a policy, and the ratio."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write(folder, count)
        begun = process_time()
        result = check([folder])
        checked_s = process_time() - begun
        begun = process_time()
        for path in folder.glob("*.yaml"):
            YAML(typ="safe", pure=True).load(path)
        loaded_s = process_time() - begun
    errors = [problem for problem in result.problems if problem.severity == "error"]
    assert not errors, errors[0]
    assert result.loaded is not None
    assert len(result.loaded.site.appliances) + len(result.loaded.site.zones) == count
    print(
        f"check of {count} policies: {checked_s:.2f} s CPU ({checked_s / count * 1e3:.1f} ms each; aim {AIM_S:.0f} s)"
    )
    print(f"bare ruamel.yaml safe load of the same files: {loaded_s:.2f} s CPU, ratio {checked_s / loaded_s:.2f}")
    print(f"told: {len(result.problems)} warnings and infos")


def write(folder: Path, count: int) -> None:
    """Write a site and its policies: nine appliances to one zone, all modes, two timers where the mode has any."""
    boards = "\n".join(
        f"  board-{k}:\n    driver: memory\n    relays:\n"
        + "\n".join(f"      relay-{n}: {{power: 3 kW}}" for n in range(1, BOARD + 1))
        for k in range(count // BOARD + 1)
    )
    (folder / "site.yaml").write_text(
        "kind: site/v1\nname: village\ntimezone: Europe/Zurich\n"
        "grid: {phases: 3, fuse: 6300 A, import_cap: 4 MW, meter: grid-meter}\n"
        f"pv: {{peak: 900 kWp}}\ndevices:\n  grid-meter: {{driver: memory, meter: grid}}\n{boards}\n"
    )
    for k in range(count):
        (folder / f"p{k:04}.yaml").write_text(zone(k) if k % 10 == 9 else appliance(k))


def appliance(k: int) -> str:
    """One appliance, about 800 bytes, like a hand-written one."""
    mode = MODES[k % len(MODES)]
    night = f"{k % 60} {20 + k % 4} * * {('*', 'mon-fri', 'sat,sun')[k % 3]}"
    season = f" {1 + k % 6}-{7 + k % 6} " if k % 25 == 0 else " * "
    timers = (
        f"""timers:
  # the tariff of this house, and once a week against legionella
  - {{name: low tariff, start: "{night}", stop: "{k * 7 % 60} {5 + k % 3} * * *"}}
  - {{name: legionella, start: "{k * 11 % 60} 12 *{season}{k % 7}", for: {90 + k % 60} min}}
"""
        if mode in {"auto-timer", "timer"}
        else ""
    )
    surplus = (
        f"""surplus:
  on_above: {70 + k % 40} %        # of its nominal power
  off_below: {20 + k % 45} %
  on_delay: {60 + k % 30} s
  off_delay: {90 + k % 30} s
"""
        if mode.startswith("auto")
        else ""
    )
    fail_safe = "fail_safe: {stale_after: 2 min, then: release}\n" if mode.startswith("auto") else ""
    return f"""# yaml-language-server: $schema=../schemas/appliance.v1.json
kind: appliance/v1
name: boiler-{k:04}
description: {200 + k % 200} l hot water tank, house {k}
mode: {mode}
priority: {k % 1000}
load:
  power: {2000 + k} W             # measured, not read off the plate
  min_on: {15 + k % 20} min
  min_off: {k % 10} min
  phases: [L{1 + k % 3}]
relays: [board-{k // BOARD}/relay-{k % BOARD + 1}]
{surplus}{timers}{fail_safe}"""


def zone(k: int) -> str:
    """One EV zone."""
    return f"""# yaml-language-server: $schema=../schemas/ev-zone.v1.json
kind: ev-zone/v1
name: garage-{k:04}
description: garage of house {k}
mode: auto-solar
priority: {k % 1000}
stations: [cp-{k}-1, cp-{k}-2, cp-{k}-3]
phases: auto
limits: {{max_power: {13000 + k} W, min_current: 6 A}}
vehicle: {{min_on: 10 min, modulates: true, wake_after: 3 min}}
charge_now: {{allowed: true, until: unplugged}}
fail_safe: {{stale_after: 60 s, then: release}}
"""


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
