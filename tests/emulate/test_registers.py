"""Emulated Modbus devices show what the world is, by every shipped profile; the driver's own decoder reads them."""

from __future__ import annotations

import importlib.resources

import pytest

from noonward.core.model import Appliance, Mode, Stage
from noonward.emulate.loads import load
from noonward.emulate.registers import Bank, Refused
from noonward.emulate.world import World
from noonward.policy import yaml
from noonward_drivers.modbus import parse
from noonward_drivers.modbus.golden import meaning
from support.hand_clock import HandClock

METERS = [name for name in parse.shipped() if parse.load_shipped(name).signals]
BOARDS = [name for name in parse.shipped() if parse.load_shipped(name).outputs is not None]


class Still:
    """A sky that stands: 5 kW of sun, 1.4 kW of base load."""

    def begins(self, now):
        return now

    def played(self, t):
        return t

    def pv_w(self, t):
        return 5000.0

    def base_w(self, t):
        return 1400.0


def raw(name):
    files = importlib.resources.files("noonward_drivers") / "modbus" / "profiles" / f"{name}.yaml"
    return yaml.read(files.read_text(encoding="utf-8")).data


def bank(name, world=None, **more):
    return Bank(name="dev", profile=raw(name), world=world or World(HandClock(), Still()), **more)


def seen(device, name):
    """Return what the driver makes of the device's registers."""
    profile = parse.load_shipped(name)
    cells = {}
    for signal in profile.signals.values():
        words = device.read(signal.table, signal.at, signal.width)
        cells |= {(signal.table, signal.at + i): word for i, word in enumerate(words)}
    if profile.outputs is not None:
        outputs = profile.outputs
        words = device.read(outputs.readback_table, outputs.readback_at, outputs.readback_count)
        cells |= {(outputs.readback_table, outputs.readback_at + i): word for i, word in enumerate(words)}
    return meaning(profile, cells)


@pytest.mark.parametrize("name", METERS)
@pytest.mark.parametrize("role", ["grid", "pv"])
def test_a_meter_shows_what_its_place_sees(name, role):
    shown = seen(bank(name, role=role), name)
    truth = {"grid": -3600.0, "pv": 5000.0}[role]
    three_phases = "power_l2_w" in shown or "current_l2_a" in shown
    for key, value in {
        "power_w": truth,
        "power_l1_w": truth / 3,
        "power_l2_w": truth / 3,
        "current_l1_a": truth / 3 / 230.0 if three_phases else truth / 230.0,
        "voltage_l1_v": 230.0,
        "frequency_hz": 50.0,
    }.items():
        if key in shown and (three_phases or key in {"power_w", "voltage_l1_v", "frequency_hz"}):
            assert shown[key] == pytest.approx(value, rel=0.01, abs=0.2), key
    assert shown["power_w"] is not None


@pytest.mark.parametrize("name", METERS)
def test_a_meter_that_is_mounted_the_other_way_round_shows_export_as_import(name):
    assert seen(bank(name, inverted=True), name)["power_w"] == pytest.approx(3600.0, rel=0.01)


@pytest.mark.parametrize("name", BOARDS)
def test_a_board_switches_its_contacts_and_shows_them(name):
    clock = HandClock()
    world = World(clock, Still())
    device, outputs = bank(name, world), parse.load_shipped(name).outputs
    on, off = (0xFF00, 0) if outputs.set_table == "coil" else (outputs.on, outputs.off)
    for n in (0, outputs.count - 1):
        device.write(outputs.set_table, outputs.set_at.of(n), on)
        assert world.is_closed(f"dev/relay-{n + 1}")
        assert seen(device, name)[f"relay-{n + 1}"] is True
        device.write(outputs.set_table, outputs.set_at.of(n), off)
        assert seen(device, name)[f"relay-{n + 1}"] is False


@pytest.mark.parametrize("name", [name for name in BOARDS if parse.load_shipped(name).outputs.dead_man is not None])
def test_a_dead_man_opens_what_nobody_refreshes(name):
    clock = HandClock()
    world = World(clock, Still())
    device, outputs = bank(name, world), parse.load_shipped(name).outputs
    dead_man = outputs.dead_man
    ticks = round(30 * dead_man.ticks_per_s)

    def arm():
        if dead_man.kind == "device_wide":
            device.write("holding", dead_man.at.of(0), ticks)
            device.write(outputs.set_table, outputs.set_at.of(0), 0xFF00 if outputs.set_table == "coil" else outputs.on)
        else:
            device.write(dead_man.table, dead_man.at.of(0), ticks)

    arm()
    clock.wall, clock.mono = clock.wall + 29.0, clock.mono + 29.0
    assert world.is_closed("dev/relay-1")
    arm()
    clock.wall, clock.mono = clock.wall + 29.0, clock.mono + 29.0
    assert world.is_closed("dev/relay-1")
    clock.wall, clock.mono = clock.wall + 2.0, clock.mono + 2.0
    assert not world.is_closed("dev/relay-1")


@pytest.mark.parametrize(
    ("ask", "code"),
    [
        (lambda device: device.read("coil", 5000, 1), 2),
        (lambda device: device.write("coil", 5000, 0), 2),
        (lambda device: device.write("coil", 0, 7), 3),
    ],
)
def test_what_is_not_there_is_refused(ask, code):
    with pytest.raises(Refused) as refused:
        ask(bank("generic-coils-8"))
    assert refused.value.code == code


def test_a_meter_cannot_be_written():
    with pytest.raises(Refused) as refused:
        bank("eastron-sdm630").write("holding", 0, 1)
    assert refused.value.code == 1


def test_loads_are_seen_by_the_grid_meter_on_their_phases():
    stages = (
        Stage(power_w=3000.0, relays=frozenset({"dev/relay-1"})),
        Stage(power_w=6000.0, relays=frozenset({"dev/relay-1", "dev/relay-2"})),
    )
    policy = Appliance(
        name="boiler", mode=Mode.ALWAYS_ON, stages=stages, relays=("dev/relay-1", "dev/relay-2"),
        on_above_w=(3000.0, 6000.0), off_below_w=(0.0, 0.0), phases=(2,),
    )  # fmt: skip
    world = World(HandClock(), Still(), [load(policy, None, 0.0, "UTC", 1.0)])
    device = bank("generic-coils-8", world)
    before = world.signals("grid")
    device.write("coil", 1, 0xFF00)
    assert world.signals("grid")["power_w"] == before["power_w"]  # the second stage needs both
    device.write("coil", 0, 0xFF00)
    after = world.signals("grid")
    assert after["power_l2_w"] - before["power_l2_w"] == pytest.approx(6000.0)
    assert after["power_l1_w"] == before["power_l1_w"]
    assert world.signals("boiler")["power_w"] == 6000.0
    assert world.relay_w("dev/relay-1") == 3000.0
