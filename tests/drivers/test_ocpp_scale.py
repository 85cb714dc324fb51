"""A thousand stations on real websockets, as ``benchmarks/fleet.py`` measures them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

FLEET = Path(__file__).parents[2] / "benchmarks" / "fleet.py"


@pytest.mark.long
@pytest.mark.timeout(600)
def test_a_thousand_stations():
    """Acceptance test 22: within the share of a core and the memory that the benchmark states, and with limits in time."""
    done = subprocess.run([sys.executable, str(FLEET), "1000", "20"], check=True, capture_output=True, text=True)
    assert ": kept" in done.stdout, done.stdout
