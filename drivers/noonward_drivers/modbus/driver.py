"""The driver object: device entries on one link share the owner of its bus."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from noonward.errors import Unsupported
from noonward.ports import Channel, Clock, ConfigFault, Device, Memory
from noonward_drivers.entry import Faulty
from noonward_drivers.modbus.device import SCHEMA, DeviceEntry, understand
from noonward_drivers.modbus.meter import ModbusMeter
from noonward_drivers.modbus.registers import decode_block, identified, probe
from noonward_drivers.modbus.relay import ModbusInput, ModbusRelay, Reader, reading, sensing
from noonward_drivers.modbus.unit import Unit
from noonward_drivers.modbus.wire import Read

if TYPE_CHECKING:
    from collections.abc import Mapping

    from noonward_drivers.modbus.owner import Bus
    from noonward_drivers.modbus.wire import Words


@dataclass(slots=True, kw_only=True)
class ModbusDevice(Device):
    """One opened device entry; the last one on a bus ends it."""

    bus: Bus | None = None

    async def close(self) -> None:
        """Let go of the bus without switching anything."""
        bus, self.bus = self.bus, None
        if bus is None:
            return
        bus.users -= 1
        if bus.users == 0:
            await bus.close()


class ModbusDriver:
    """Modbus TCP, RTU and RTU over TCP."""

    name = "modbus"
    summary = "Relay boards and meters on Modbus TCP, RTU or RTU over TCP, described by device profiles"
    schema: Mapping[str, Any] = SCHEMA

    def __init__(self) -> None:
        self._buses: dict[str, Bus] = {}

    def describe(self, config: Mapping[str, Any]) -> tuple[Channel, ...] | ConfigFault:
        """Return the channels of a device entry, or what is wrong with it."""
        try:
            return understand(config).channels()
        except Faulty as faulty:
            return faulty.fault

    async def open(
        self,
        name: str,
        config: Mapping[str, Any],
        clock: Clock,
        memory: Memory,  # noqa: ARG002 - Driver
    ) -> ModbusDevice:
        """Open a device entry; nothing is sent before a channel is asked.

        Raises:
            Unsupported: The entry is faulty, or its line is in use at another speed.
        """
        try:
            entry = understand(config)
        except Faulty as faulty:
            raise Unsupported(f"{name}: {faulty}") from faulty
        bus = self._bus(name, entry, clock)
        bus.users += 1
        return _device(bus, entry, clock)

    def _bus(self, name: str, entry: DeviceEntry, clock: Clock) -> Bus:
        from noonward_drivers.modbus.owner import Bus  # noqa: PLC0415 - pymodbus is loaded by sites that use it only

        bus = self._buses.get(entry.link.address)
        if bus is None or bus.closed:
            bus = self._buses[entry.link.address] = Bus(entry.link, clock)
        if bus.link != entry.link:
            line = f"{bus.link.kind} at {bus.link.baud} {bus.link.parity}{bus.link.stop_bits}"
            raise Unsupported(
                f"{name}: {entry.link.address} is already open as {line}: give every device on a line the same settings"
            )
        return bus


def _device(bus: Bus, entry: DeviceEntry, clock: Clock) -> ModbusDevice:
    profile = entry.profile
    unit = _unit(entry)
    device = ModbusDevice(bus=bus)
    if profile.outputs is not None:
        reader = Reader(bus, unit, reading(profile.outputs))
        device.relays = {
            f"relay-{n + 1}": ModbusRelay(bus, unit, profile.outputs, n, reader) for n in range(profile.outputs.count)
        }
    if profile.signals:
        device.meters = {"meter": ModbusMeter(bus, unit, profile, clock, invert=entry.invert)}
    if profile.inputs is not None:
        senses = Reader(bus, unit, sensing(profile.inputs))
        device.inputs = {f"input-{n + 1}": ModbusInput(n, senses) for n in range(profile.inputs.count)}
    return device


def _unit(entry: DeviceEntry) -> Unit:
    profile = entry.profile
    block = probe(profile) if profile.signals else None
    if block is not None:
        cheap = Read(block.table, block.at, block.count)
    elif profile.outputs is not None:
        cheap = reading(profile.outputs)
    else:
        assert profile.inputs is not None  # noqa: S101 - a profile has at least one of the three
        cheap = sensing(profile.inputs)

    def verify(words: Words) -> str | None:
        return None if block is None else identified(profile, decode_block(block, words))

    return Unit(
        number=entry.unit,
        timeout_s=entry.timeout_s,
        gap_s=profile.line.min_gap_s,
        probe=cheap,
        verify=verify,
    )
