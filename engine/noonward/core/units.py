"""Watts and amperes. The one place where 6 A becomes 1380 W or 4140 W."""

from __future__ import annotations

from math import floor

VOLTAGE_V = 230.0
"""Nominal voltage, phase to neutral (IEC 60038). [V]"""

MIN_CURRENT_A = 6.0
"""Least current a vehicle may be offered (IEC 61851-1, table A.8). [A]"""

_ROUNDING_A = 1e-9
"""Slack so that a current computed from a power is not rounded down past the value it stands for. [A]"""


def power_w(current_a: float, phases: int, voltage_v: float = VOLTAGE_V) -> float:
    """Return the power that this current per phase carries. [W]."""
    return current_a * phases * voltage_v


def current_a(power: float, phases: int, voltage_v: float = VOLTAGE_V) -> float:
    """Return the current per phase that carries this power. [A]."""
    return power / (phases * voltage_v)


def round_down_a(current: float, step_a: float) -> float:
    """Return the largest multiple of the step that is not above the current. [A]."""
    return floor((current + _ROUNDING_A) / step_a) * step_a
