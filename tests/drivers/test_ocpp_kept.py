"""Parts of a device's memory."""

from __future__ import annotations

import pytest

from noonward.errors import StateError
from noonward_drivers.ocpp.kept import Kept
from support.dict_memory import DictMemory


async def test_names_are_kept_apart():
    memory = DictMemory({"cp-1/a": 1, "cp-10/a": 2})
    one, ten = Kept(memory, under="cp-1/"), Kept(memory, under="cp-10/")
    await one.save({"a": 3, "b": [1]})
    assert (one.get("a"), ten.get("a"), one.get("b"), ten.get("b", "none")) == (3, 2, [1], "none")
    assert memory.kept == {"cp-1/a": 3, "cp-10/a": 2, "cp-1/b": [1]}


async def test_parts_are_loaded_once():
    memory = DictMemory({"cp-1/a": 1, "cp-1/1/a": 2})
    memory.load, loads = lambda load=memory.load: loads.append(1) or load(), []
    whole = Kept(memory)
    station = whole.below("cp-1/")
    connector = station.below("1/")
    assert (station.get("a"), connector.get("a"), loads) == (1, 2, [1])
    await connector.save({"b": 3})
    assert (memory.kept["cp-1/1/b"], connector.get("b"), station.get("b")) == (3, 3, None)


async def test_what_did_not_change_costs_nothing():
    memory = DictMemory({"x/a": {"b": 1}})
    kept = Kept(memory, under="x/")
    await kept.save({"a": {"b": 1}})
    assert memory.saves == []
    await kept.save({"a": {"b": 1}, "c": 2})
    assert memory.saves == [{"x/c": 2}]
    await kept.save({"c": None})
    assert (kept.get("c"), memory.kept) == (None, {"x/a": {"b": 1}})


async def test_what_is_not_durable_was_not_saved():
    memory = DictMemory()
    memory.fault = StateError("the disk is full")
    kept = Kept(memory)
    with pytest.raises(StateError):
        await kept.save({"a": 1})
    assert kept.get("a") is None
    await kept.hint({"a": 1})
    memory.fault = None
    await kept.save({"a": 1})
    assert memory.kept == {"a": 1}
