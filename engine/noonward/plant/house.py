"""Sun, clouds and the base load of an example house, as functions of time and a name: no state, nothing random.

Sources: declination after Cooper (1969), incidence on a south roof after Duffie and Beckman (*Solar Engineering of
Thermal Processes*, 1.6.7a), direct irradiance under a clear sky after Meinel and Meinel (1976). The equation of time
(under 17 min) and temperature are left out: the curve is for trying policies, not for forecasting yields.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from noonward.plant.chance import chance, drift

if TYPE_CHECKING:
    from noonward.core.model import Instant

Sky: TypeAlias = Literal["clear", "broken", "overcast"]

_DAY_S = 86400.0
_YEAR_D = 365.2425
_DIFFUSE = 0.1
"""Diffuse light as a share of the direct beam under a clear sky."""
_SYSTEM = 0.9
"""What inverter, cables and warm modules leave of the peak power."""
_PASSING_S = 420.0
"""How fast broken clouds pass; 7 min gives the minute ramps of a measured roof. [s]"""
_CLEAR_DAYS, _BROKEN_DAYS = 0.3, 0.4
"""Share of days; the rest is overcast."""
_BOILING = 0.25
"""Part of a quarter hour that a kettle or a hob takes, when it is on in it."""
_STANDBY_W, _FRIDGE_W, _KETTLE_W = 180.0, 90.0, 1800.0
_MEALS = ((7.0, 0.8, 350.0), (12.2, 0.7, 500.0), (19.0, 1.6, 750.0))
"""Solar hour, width in hours and height in watts of the three bumps of a day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """A house with a south roof.

    Attributes:
        name: Every chance is drawn from it: two houses of one name are the same house.
        peak_w: Of the PV array. [W]
        latitude_deg: North +. [°]
        longitude_deg: East +. [°]
        tilt_deg: Of the roof. [°]
        sky: The same every day; None: drawn for each day from the name.
    """

    name: str = "example"
    peak_w: float = 8000.0
    latitude_deg: float = 47.4
    longitude_deg: float = 8.5
    tilt_deg: float = 30.0
    sky: Sky | None = None

    def pv_w(self, t: Instant, *, sun_t: Instant | None = None) -> float:
        """Return the production at ``t``, never negative. [W]

        Args:
            t: Clouds are those of this instant.
            sun_t: The sun stands as at this instant; None: as at ``t``.
        """
        clear = self.clear_sky(t if sun_t is None else sun_t)
        return self.peak_w * clear * self.clearness(t) if clear else 0.0

    def clear_sky(self, t: Instant) -> float:
        """Return the share of peak power under a clear sky, 0…1."""
        day = (t / _DAY_S) % _YEAR_D + 1.0
        declination = math.radians(23.45) * math.sin(2.0 * math.pi * (284.0 + day) / 365.0)
        hour_angle = math.radians(15.0 * (self.solar_hour(t) - 12.0))
        latitude, roof = math.radians(self.latitude_deg), math.radians(self.latitude_deg - self.tilt_deg)
        height = _cosine(latitude, declination, hour_angle)
        if height <= 0.0:
            return 0.0
        beam_w_m2: float = 1353.0 * 0.7 ** ((1.0 / height) ** 0.678)
        on_roof = max(_cosine(roof, declination, hour_angle), 0.0) + _DIFFUSE
        return min(_SYSTEM * beam_w_m2 * on_roof / 1000.0, 1.0)

    def clearness(self, t: Instant) -> float:
        """Return what the clouds let through, 0…1."""
        sky = self.sky or self._sky_of(t)
        if sky == "clear":
            return 1.0
        if sky == "overcast":
            return 0.1 + 0.2 * drift(t / 1800.0, self.name, "overcast")
        cover = 0.75 * drift(t / _PASSING_S, self.name, "cloud") + 0.25 * drift(t / 60.0, self.name, "edge")
        return 1.0 - 0.75 * min(max((cover - 0.4) / 0.2, 0.0), 1.0)

    def base_w(self, t: Instant) -> float:
        """Return the draw of everything that nobody controls, above 0. [W]"""
        hour = self.solar_hour(t)
        meals_w = sum(height * math.exp(-(((hour - at) / width) ** 2)) for at, width, height in _MEALS)
        fridge_w = _FRIDGE_W if (t / 3600.0 + chance(self.name, "fridge")) % 1.0 < 1 / 3 else 0.0
        slot = math.floor(t / 900.0)
        boiling = (t / 900.0 - slot) < _BOILING and chance(self.name, "kettle", slot) < meals_w / 1500.0
        flicker_w = 40.0 * drift(t / 20.0, self.name, "flicker")
        return _STANDBY_W + fridge_w + meals_w + flicker_w + (_KETTLE_W if boiling else 0.0)

    def solar_hour(self, t: Instant) -> float:
        """Return mean solar time at the house, 12 when the sun stands highest. [h]"""
        return (t / 3600.0 + self.longitude_deg / 15.0) % 24.0

    def _sky_of(self, t: Instant) -> Sky:
        day = math.floor((t / 3600.0 + self.longitude_deg / 15.0) / 24.0)
        drawn = chance(self.name, "sky", day)
        if drawn < _CLEAR_DAYS:
            return "clear"
        return "broken" if drawn < _CLEAR_DAYS + _BROKEN_DAYS else "overcast"


def _cosine(latitude: float, declination: float, hour_angle: float) -> float:
    """Cosine of the angle between the sun and the normal of a plane that lies flat at ``latitude``. [rad] in."""
    return math.sin(latitude) * math.sin(declination) + math.cos(latitude) * math.cos(declination) * math.cos(
        hour_angle
    )
