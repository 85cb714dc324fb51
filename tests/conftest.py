"""What holds for every test: reproducible properties, time for what is long, no peer test that silently does not run."""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("noonward", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("noonward")

LONG_S = 3600.0
"""What a long form may take; the others have what pyproject.toml says. [s]"""

PEERS_REQUIRED = os.environ.get("NOONWARD_PEERS") == "required"


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory):
    """Keep nothing of a test in the cache of whoever runs it, and take nothing from there."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", os.fspath(tmp_path_factory.mktemp("cache")))
        yield


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give the long forms their time, also to who runs them by name."""
    for item in items:
        if item.get_closest_marker("long"):
            item.add_marker(pytest.mark.timeout(LONG_S))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item):
    """Turn the skip of a peer test into a failure where the peers are promised to be there."""
    report = yield
    if PEERS_REQUIRED and report.skipped and item.get_closest_marker("peer"):
        report.outcome = "failed"
        report.longrepr = f"a peer test was skipped where every peer should be installed: {report.longrepr}"
    return report
