"""The driver object. Nothing that speaks OCPP is imported before a device is opened."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from noonward_drivers.entry import Faulty
from noonward_drivers.ocpp.declared import read
from noonward_drivers.ocpp.schema import SCHEMA

if TYPE_CHECKING:
    from collections.abc import Mapping

    from noonward.ports import Channel, Clock, ConfigFault, Device, Memory


class OcppDriver:
    """Charging stations that connect with OCPP 1.6J or 2.0.1."""

    name = "ocpp"
    summary = "Charging stations that connect to the gateway with OCPP 1.6J or 2.0.1"
    schema: Mapping[str, Any] = SCHEMA

    def describe(self, config: Mapping[str, Any]) -> tuple[Channel, ...] | ConfigFault:
        """Return the stations that the entry declares, or what is wrong with it."""
        try:
            return read(config).channels()
        except Faulty as faulty:
            return faulty.fault

    async def open(self, name: str, config: Mapping[str, Any], clock: Clock, memory: Memory) -> Device:  # noqa: ARG002 - Driver
        """Listen for the stations; they come when they come.

        Raises:
            DriverError: Nothing can be listened on, or a certificate cannot be used.
        """
        from noonward_drivers.ocpp.commission import Commissioner  # noqa: PLC0415 - websockets, schemas
        from noonward_drivers.ocpp.control import Controller  # noqa: PLC0415
        from noonward_drivers.ocpp.desk import open_device  # noqa: PLC0415

        return await open_device(read(config), clock, memory, limiting=Controller, preparing=Commissioner)


DRIVER: Final = OcppDriver()
