"""The devices of a site as real servers and clients on loopback, to try a gateway without hardware.

:class:`ChargePoint` is a charging station with a vehicle, on a real websocket; :class:`Faults` is what it gets wrong.
"""

from noonward.emulate.faults import Faults
from noonward.emulate.point import ChargePoint
from noonward.plant.vehicle import Vehicle, VehicleKind

__all__ = ["ChargePoint", "Faults", "Vehicle", "VehicleKind"]
