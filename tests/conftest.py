"""What holds for every test: reproducible properties, and no peer test that silently does not run in CI."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("noonward", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("noonward")

PEERS_REQUIRED = os.environ.get("NOONWARD_PEERS") == "required"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item):
    """Turn the skip of a peer test into a failure where the peers are promised to be there."""
    report = yield
    if PEERS_REQUIRED and report.skipped and item.get_closest_marker("peer"):
        report.outcome = "failed"
        report.longrepr = f"a peer test was skipped where every peer should be installed: {report.longrepr}"
    return report
