"""A load without a thermostat."""

from __future__ import annotations

from noonward.plant.resistor import Resistor


def test_it_draws_what_the_relays_select_however_long_it_has_been_on():
    heater = Resistor()
    for t in (0.0, 86400.0):
        assert (heater.power_w(2000.0, t, 60.0), heater.power_w(0.0, t, 60.0)) == (2000.0, 0.0)
        heater.advance(2000.0, t, 86400.0)
