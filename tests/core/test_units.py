"""Watts and amperes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from noonward.core.units import MIN_CURRENT_A, current_a, power_w, round_down_a


@pytest.mark.parametrize(("phases", "watts"), [(1, 1380.0), (3, 4140.0)])
def test_six_amperes(phases, watts):
    """Edge case 12."""
    assert power_w(MIN_CURRENT_A, phases) == watts
    assert current_a(watts, phases) == MIN_CURRENT_A


@pytest.mark.parametrize(
    ("amperes", "step", "rounded"), [(6.99, 1.0, 6.0), (7.0, 1.0, 7.0), (6.99, 0.1, 6.9), (0.3, 0.1, 0.3)]
)
def test_round_down(amperes, step, rounded):
    assert round_down_a(amperes, step) == pytest.approx(rounded)


@given(st.integers(1, 3), st.integers(6, 80))
def test_a_whole_current_survives_the_way_to_watts_and_back(phases, amperes):
    assert round_down_a(current_a(power_w(amperes, phases), phases), 1.0) == amperes
