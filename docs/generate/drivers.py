"""Writes docs/reference/drivers.md from the schemas of the drivers themselves."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from noonward_drivers.memory import DRIVER as MEMORY
from noonward_drivers.ocpp.driver import DRIVER as OCPP
from noonward_drivers.shelly import DRIVER as SHELLY

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from noonward.ports import Driver

PAGE = Path(__file__).parents[1] / "reference" / "drivers.md"

HEAD = """\
# Drivers

`driver:` of a device entry in site.yaml picks who speaks to the device; the other keys are the driver's own.

| driver | for |
|---|---|
| [`memory`](#memory) | a living example house, to try policies without hardware |
| [`modbus`](modbus.md) | relay boards and meters on Modbus TCP, RTU and RTU over TCP, described by profiles |
| [`ocpp`](#ocpp) | charging stations that connect with OCPP 1.6J or 2.0.1: [more about it](ocpp.md) |
| [`shelly`](#shelly) | Shelly Plus, Pro, Gen3 and Gen4 |

A package may bring more ([Add a device](../how-to/add-a-device.md)). Policies refer to a channel as `device/channel`,
for example `cellar/relay-1`.

**Dead-man.** Every command to a relay is a lease. Where the device can, it opens the relay by itself when the lease is
not renewed, so that a hung or unplugged gateway lets go of its loads. Noonward renews a lease after a third of its
time. `dead_man` says how long it is; it must be longer than a restart takes (10 s at least).

This page is written by `python docs/generate/drivers.py` from the drivers' own schemas.
"""

TEXTS: dict[str, str] = {
    "memory": """\
Devices of one `house` share one sun, one base load and one grid connection, in real time. What a relay switches draws
power, warms its tank, uses up its quota, and is seen by the grid meter. Nothing is random: a house of the same name has
the same weather on the same day.

```yaml
devices:
  grid-meter: {driver: memory, meter: grid}
  inverter: {driver: memory, meter: pv, peak: 8 kWp}
  cellar:
    driver: memory
    relays:
      relay-1: {power: 3 kW, plant: tank, volume: 300 l, phases: [L1]}
      relay-2: {power: 2 kW, plant: heat-pump}
      relay-3: {power: 3 kW, load: boiler, plant: tank}
      relay-4: {power: 3 kW, load: boiler}
    inputs: {input-1: open}
  garage:
    driver: memory
    stations:
      cp-01: {max_current: 16 A, vehicle: {arrives: "08:00", departs: "17:00", energy: 10 kWh, phases: 1}}
```

Channels: `meter` (of the grid connection, with a current per phase, or of the array), `relay-1` … with `power-1` …,
`input-1` …. `power-N` measures the whole load behind relay N, also where two relays feed it.

| plant | draws |
|---|---|
| `plain` | its power whenever its relay is closed |
| `quota` | its power until the day's `energy` is used, then nothing until the next day (UTC) |
| `tank` | its power while the thermostat calls; satisfied it draws nothing behind a closed relay |
| `heat-pump` | its contact is an SG-Ready offer, taken if the buffer has room; without one it runs by its thermostat |

A station begins at its safe current, obeys its limits, and falls back to the safe current when nobody renews them. Its
vehicle comes and goes by the sun of the house, also where `day` makes that quick; its battery does not shrink with the
day, so ask for little energy there.
""",
    "ocpp": """\
Stations connect to the gateway, at `ws://HOST:PORT/ocpp/ID`, or `wss://` where it has a certificate. Every station of
the site is declared; one that is not is refused. [OCPP](ocpp.md) tells what is spoken, how keys and certificates are
made, what is kept over a restart, and what to look at when a station does not come in.

```yaml
devices:
  charging:
    driver: ocpp
    listen: "192.168.1.10:8887"
    accept: ["04A1B2C3", "04D4E5F6"]
    local_list: true
    offline: known
    stations:
      cp-01: {}
      cp-02: {profile: go-e, max_current: 16 A, rotation: [L2, L3, L1]}
      cp-03: {key: "${env:CP03_KEY}", phases: 1, rotation: [L1], safe_current: 0 A}
      cp-04: {connectors: 2, versions: ["2.0.1", "1.6"]}
```

Channels: one station each, called by its id: `cp-01`, and `cp-04:1` and `cp-04:2` where it has several connectors. A
zone names them without their device: `stations: [cp-01, "cp-04:1"]`.
""",
    "shelly": """\
Speaks the device's HTTP RPC. Nothing needs to be set up on it, but look at two settings in its own app: *power-on
default* should be off, and a password should be set.

```yaml
devices:
  plug: {driver: shelly, host: 192.168.1.60, switches: 1, password: "${env:SHELLY_PASSWORD}"}
  board: {driver: shelly, host: shellypro4pm.lan, switches: 4, inputs: 4}
  grid-meter: {driver: shelly, host: 192.168.1.62, meter: em}
```

Channels: `relay-1` … with `power-1` …, `input-1` …, and `meter` (`meter-1` … for several clamps). A switch that does
not measure has an unknown power. Power is positive where energy is imported: turn a clamp round that says otherwise.

A relay is armed with the device's own timer (`toggle_after`), which each command starts anew. A device that has
restarted has opened its relays; Noonward sees that when it reads them back. A request takes 3 s at most, and requests
to one device go out one at a time.

| it says | it means |
|---|---|
| wrong or missing password | `password` is not that of the user `admin` |
| Bad id=… | the device has fewer switches, inputs or clamps than the entry says |
| No handler for … | it has no meter of that kind; a Pro 3EM set to three single phases is `em1` with three clamps |
""",
}


def page() -> str:
    """Return the page."""
    return "\n".join([HEAD, *(_driver(driver) for driver in (MEMORY, OCPP, SHELLY))])


def _driver(driver: Driver) -> str:
    rows = "\n".join(f"| {' | '.join(row)} |" for row in _rows(driver.schema))
    head = f"## {driver.name}\n\n{driver.summary}.\n\n{TEXTS[driver.name]}"
    return f"{head}\n| key | default | meaning |\n|---|---|---|\n{rows}\n"


def _rows(schema: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, str, str]]:
    required = schema.get("required", ())
    for key, value in schema["properties"].items():
        default = "required" if key in required else str(value.get("default", ""))
        default = default.lower() if isinstance(value.get("default"), bool) else default
        yield f"`{above}{key}`", default, _meaning(value)
        if "properties" in value:
            yield from _rows(value, f"{above}{key}.")
        for below in (*value.get("patternProperties", {}).values(), value.get("additionalProperties")):
            if isinstance(below, dict) and "properties" in below:
                yield from _rows(below, f"{above}{key}.*.")


def _meaning(value: Mapping[str, Any]) -> str:
    options = value.get("enum") or value.get("items", {}).get("enum", ())
    text = value["description"]
    if options and not all(str(option) in text for option in options):
        text += f" One of {', '.join(f'`{option}`' for option in options)}."
    return str(text)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
