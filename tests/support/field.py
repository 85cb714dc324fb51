"""A site on Modbus for tests with the real daemon: a libmodbus server plays meters and relay boards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from support.peers import words

if TYPE_CHECKING:
    from pathlib import Path

    from support.peers import Server

METER, PV = 2, 3
"""Units of the grid meter and the PV meter; boards take what is left."""

SITE = """\
kind: site/v1
name: field
timezone: UTC
grid: {{meter: grid-meter, every: 1 s{frozen}}}
pv: {{peak: 8 kWp{pv}}}
stagger: 0 s
devices:
  grid-meter: {{driver: modbus, profile: eastron-sdm630, {link}, unit: 2, timeout: 500 ms}}
{devices}
"""

BOARD = "  board-{unit}: {{driver: modbus, profile: {board}, {link}, unit: {unit}, timeout: 500 ms}}\n"

BOILER = """\
kind: appliance/v1
name: boiler
mode: auto-solar
load: {{power: 3 kW, min_on: {min_on}}}
relays: [board-1/relay-1]
surplus: {{on_delay: 0 s, off_delay: 0 s}}
fail_safe: {{stale_after: 10 s}}
"""

MANUAL = """\
kind: appliance/v1
name: {name}
mode: manual
load: {{power: 1 kW, min_on: 0 s}}
relays: [{relay}]
"""


def write(
    folder: Path,
    port: int,
    *,
    boards=(1,),
    board: str = "generic-coils-8",
    serial: Path | None = None,
    min_on: str = "1 s",
    frozen: str = "",
    pv: bool = False,
    **manual: str,
) -> Path:
    """Write a site with these units as boards; ``manual`` maps names of manual policies to their relays."""
    link = f"serial: {serial}, baud: 9600" if serial else f'tcp: "127.0.0.1:{port}"'
    folder.mkdir(exist_ok=True)
    devices = "".join(BOARD.format(unit=unit, link=link, board=board) for unit in boards)
    if pv:
        devices += f"  inverter: {{driver: modbus, profile: eastron-sdm630, {link}, unit: {PV}, timeout: 500 ms}}\n"
    site = SITE.format(
        link=link,
        devices=devices,
        frozen=f", frozen_after: {frozen}" if frozen else "",
        pv=", meter: inverter, every: 1 s" if pv else "",
    )
    (folder / "site.yaml").write_text(site)
    (folder / "boiler.yaml").write_text(BOILER.format(min_on=min_on))
    for name, relay in manual.items():
        (folder / f"{name}.yaml").write_text(MANUAL.format(name=name, relay=relay))
    return folder


def measure(server: Server, power_w: float, unit: int = METER) -> None:
    """Let a meter show this power, import positive, shared by its three phases."""
    # in one write: a poll between two of them would see phases that do not add up
    server.tell("\n".join(presets(power_w, unit)))


def presets(power_w: float, unit: int = METER) -> list[str]:
    """Return the registers of an SDM630 that shows this power."""
    phase = power_w / 3
    registers = (
        *((a, 230.0) for a in (0, 2, 4)),
        *((a, abs(phase) / 230.0) for a in (6, 8, 10)),
        *((a, phase) for a in (12, 14, 16)),
        (0x34, power_w),
        (0x46, 50.0),
    )
    return [f"unit {unit} input {address} {words(value)}" for address, value in registers]
