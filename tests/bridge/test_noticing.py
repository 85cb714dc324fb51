"""Notices of a daemon whose meter dies: once each, with an all-clear, across restarts."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager

import pytest

from noonward.bridge.noticing import Noticing
from noonward.views.board import Board
from support.house import House, running, write

SILENT = "device-silent:grid-meter"


@pytest.fixture
def house():
    return House(pv_w=4000.0)


@pytest.fixture
def folder(tmp_path):
    return write(tmp_path / "policies")


@asynccontextmanager
async def watched(house, folder, state):
    """A daemon with its board, and what was told of trouble: (id, whether it began)."""
    async with running(house, folder, state) as daemon:
        noticing = Noticing(daemon, Board(), daemon.memory("notices"))
        told = []
        noticing.listen(lambda one: told.append((one.id, one.over_at is None)))
        task = asyncio.create_task(noticing.run())
        try:
            yield noticing, told
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


def of(told, name):
    return [begun for one, begun in told if one == name]


async def test_a_meter_that_dies_is_told_once_and_once_more_when_it_is_back(house, folder, tmp_path):
    async with watched(house, folder, tmp_path / "state") as (noticing, told):
        await house.clock.run(60)
        assert told == []
        house.meters["grid-meter"].away = True
        await house.clock.run(600)
        assert of(told, SILENT) == [True]
        house.meters["grid-meter"].away = False
        await house.clock.run(50)
        assert of(told, SILENT) == [True]
        await house.clock.run(60)
        assert of(told, SILENT) == [True, False]
        assert [one.id for one in noticing.board.over].count(SILENT) == 1


async def test_it_is_told_within_twenty_seconds_of_being_known(house, folder, tmp_path):
    async with watched(house, folder, tmp_path / "state") as (noticing, told):
        await house.clock.run(30)
        house.meters["grid-meter"].away = True
        for _ in range(60):
            await house.clock.run(1)
            if of(told, SILENT):
                break
        (one,) = [one for one in noticing.board.present.values() if one.id == SILENT]
        assert house.clock.now() - one.since <= 20


async def test_a_restart_repeats_nothing(house, folder, tmp_path):
    async with watched(house, folder, tmp_path / "state") as (_, told):
        house.meters["grid-meter"].away = True
        await house.clock.run(600)
        assert of(told, SILENT) == [True]
    async with watched(house, folder, tmp_path / "state") as (noticing, told):
        await house.clock.run(600)
        assert of(told, SILENT) == []
        assert SILENT in noticing.board.present
        house.meters["grid-meter"].away = False
        await house.clock.run(120)
        assert of(told, SILENT) == [False]
    async with watched(house, folder, tmp_path / "state") as (noticing, told):
        await house.clock.run(120)
        assert told == []
        assert SILENT in [one.id for one in noticing.board.over]


async def test_one_who_hears_badly_does_not_keep_others_from_hearing(house, folder, tmp_path, caplog):
    async with watched(house, folder, tmp_path / "state") as (noticing, told):
        noticing._hearers.insert(0, lambda _: 1 / 0)
        house.meters["grid-meter"].away = True
        await house.clock.run(600)
        assert of(told, SILENT) == [True]
        assert "a listener of notices is broken" in caplog.text


async def test_a_disk_that_is_full_costs_no_notice(house, folder, tmp_path, monkeypatch, caplog):
    from noonward.errors import StateError

    async with watched(house, folder, tmp_path / "state") as (noticing, told):

        async def full(_):
            raise StateError("disk full")

        monkeypatch.setattr(noticing._memory, "save", full)
        house.meters["grid-meter"].away = True
        await house.clock.run(600)
        assert of(told, SILENT) == [True]
        assert "may be told again after a restart: disk full" in caplog.text
