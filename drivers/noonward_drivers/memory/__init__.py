"""A living example house in memory: the embedded default of ``noonward run``, and a device to try policies on."""

from noonward_drivers.memory.driver import MemoryDriver

__all__ = ["DRIVER", "MemoryDriver"]

DRIVER = MemoryDriver()
