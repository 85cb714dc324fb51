"""The installer's test switch: a try that ends by itself, above the mode and below the envelope."""

import sqlite3

import pytest

from noonward.core.model import Mode, Override
from noonward.daemon.engine import TEST_MAX_S, UnknownPolicy
from noonward.errors import UsageError
from support.house import running


def wanted(daemon, policy):
    return next(one.wanted for one in daemon.outcome.decisions if one.policy == policy)


async def test_it_switches_on_whatever_the_mode_and_ends_by_itself(house, folder, state):
    async with running(house, folder, state) as daemon:
        assert wanted(daemon, "pump") == "off"
        await daemon.set_test("pump", on=True, for_s=30.0, by="ida")
        await house.clock.run(5.0)
        assert wanted(daemon, "pump") == "on"
        await house.clock.run(20.0)
        assert wanted(daemon, "pump") == "on"
        await house.clock.run(6.0)
        assert daemon.tests == {}
        assert daemon.inputs == {}
        assert wanted(daemon, "pump") == "off"


async def test_it_switches_off_what_runs_and_then_it_runs_again(house, folder, state):
    async with running(house, folder, state) as daemon:
        await daemon.set_switch("pump", True, by="anna")
        await house.clock.run(5.0)
        assert wanted(daemon, "pump") == "on"
        await daemon.set_test("pump", on=False, for_s=30.0, by="ida")
        await house.clock.run(5.0)
        assert wanted(daemon, "pump") == "off"
        await house.clock.run(400.0)
        assert wanted(daemon, "pump") == "on"


async def test_an_override_that_was_there_before_is_there_afterwards(house, folder, state):
    async with running(house, folder, state) as daemon:
        mine = Override(mode=Mode.ALWAYS_OFF, by="anna", reason="guests")
        await daemon.set_override("pump", mine)
        wish = await daemon.set_test("pump", on=True, for_s=60.0, by="ida")
        assert wish.override == daemon.tests["pump"]
        await house.clock.run(5.0)
        assert wanted(daemon, "pump") == "on"
        await daemon.set_test("pump", on=True, for_s=0.0, by="ida")
        assert daemon.inputs["pump"].override == mine
        await house.clock.run(5.0)
        assert wanted(daemon, "pump") == "off"


async def test_it_outlives_no_restart(house, folder, state):
    async with running(house, folder, state) as daemon:
        await daemon.set_test("pump", on=True, for_s=TEST_MAX_S, by="ida")
        await house.clock.run(5.0)
        kept = sqlite3.connect(state / "state.db").execute("SELECT * FROM inputs").fetchall()
        assert kept == []
    async with running(house, folder, state) as daemon:
        assert wanted(daemon, "pump") == "off"


async def test_a_clock_that_jumps_ends_it(house, folder, state):
    async with running(house, folder, state) as daemon:
        await daemon.set_test("pump", on=True, for_s=TEST_MAX_S, by="ida")
        await house.clock.run(5.0)
        house.clock.jump(-3600.0)
        await house.clock.run(15.0)
        assert daemon.tests == {}
        assert wanted(daemon, "pump") == "off"


@pytest.mark.parametrize("for_s", [-1.0, TEST_MAX_S + 1.0, float("nan")])
async def test_no_test_is_longer_than_somebody_stands_beside_it(house, folder, state, for_s):
    async with running(house, folder, state) as daemon:
        with pytest.raises(UsageError, match="5 min"):
            await daemon.set_test("pump", on=True, for_s=for_s, by="ida")
        with pytest.raises(UnknownPolicy):
            await daemon.set_test("sauna", on=True, for_s=1.0, by="ida")
        assert daemon.inputs == {}
