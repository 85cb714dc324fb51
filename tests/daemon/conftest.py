"""A house of fakes, its folder, and the daemon's log, which is an interface too."""

from __future__ import annotations

import logging

import pytest

from support.house import House, write


@pytest.fixture
def house():
    return House()


@pytest.fixture
def folder(tmp_path):
    return write(tmp_path / "policies")


@pytest.fixture
def state(tmp_path):
    return tmp_path / "state"


@pytest.fixture
def said(caplog):
    """What was logged under the name of an event."""
    caplog.set_level(logging.INFO, logger="noonward")
    return lambda name: [r.getMessage() for r in caplog.records if getattr(r, "event", "") == name]
