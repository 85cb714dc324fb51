"""Modbus relay boards and meters: TCP, RTU, and RTU over TCP; what a device looks like is a profile, not code."""

from noonward_drivers.modbus.driver import ModbusDriver

__all__ = ["DRIVER", "ModbusDriver"]

DRIVER = ModbusDriver()
