"""What devices keep over a restart, in the file."""

from __future__ import annotations

import asyncio

import pytest

from noonward.daemon.archive import Archive
from noonward.daemon.health import Troubles
from noonward.daemon.store import StateStore
from noonward.errors import StateError
from support.clock import Inline, LeapClock

VALUES = {"session/7": {"tag": "04A2", "at": 1.5, "parts": [1, None, "ä"]}, "count": 0, "no": False}


@pytest.fixture
async def archive(tmp_path):
    async def opened():
        made = Archive(
            tmp_path / "state",
            clock=LeapClock(),
            executor=Inline(),
            troubles=Troubles(lambda *_: None),
            engine="0",
        )
        await made.open("house")
        to_close.append(made)
        return made

    to_close = []
    yield opened
    for made in to_close:
        await made.close()


async def test_what_is_saved_is_there_after_a_kill_and_apart_from_every_other_devices(archive):
    before = await archive()
    await before.memory("charging").save(VALUES)
    await before.memory("cellar").save({"count": 5})
    after = await archive()  # the first was never closed
    assert after.memory("charging").load() == VALUES
    assert after.memory("cellar").load() == {"count": 5}
    assert after.memory("attic").load() == {}


async def test_none_removes_a_key_and_the_others_stay(archive):
    one = await archive()
    memory = one.memory("charging")
    await memory.save(VALUES)
    await memory.save({"count": None, "never": None, "no": True})
    expected = {"session/7": VALUES["session/7"], "no": True}
    assert memory.load() == expected, "the same opening sees it"
    assert (await archive()).memory("charging").load() == expected


async def test_a_device_opened_again_in_the_same_run_finds_what_it_kept(archive):
    one = await archive()
    await one.memory("charging").save({"count": 1})
    assert one.memory("charging").load() == {"count": 1}


async def test_what_was_loaded_or_saved_may_be_changed_without_changing_what_is_kept(archive):
    memory = (await archive()).memory("charging")
    value = {"parts": [1]}
    await memory.save({"a": value})
    value["parts"].append(2)
    memory.load()["a"]["parts"].append(3)
    assert memory.load() == {"a": {"parts": [1]}}


async def test_many_saves_at_once_are_all_kept_in_their_order(archive):
    one = await archive()
    memory = one.memory("charging")
    await asyncio.gather(*(memory.save({"newest": k, f"key-{k}": k}) for k in range(50)))
    kept = (await archive()).memory("charging").load()
    assert kept == {"newest": 49} | {f"key-{k}": k for k in range(50)}


async def test_what_comes_at_once_goes_to_flash_at_once(archive, monkeypatch):
    commits = []
    remember = StateStore.remember

    def counted(store, changes):
        commits.append(changes := list(changes))
        remember(store, changes)

    monkeypatch.setattr(StateStore, "remember", counted)
    one = await archive()
    saves = [one.memory(f"device-{k % 3}").save({"newest": k, f"key-{k}": k}) for k in range(200)]
    await asyncio.gather(*saves)
    assert len(commits) <= 2
    again = await archive()
    assert [again.memory(f"device-{k}").load()["newest"] for k in range(3)] == [198, 199, 197]
    assert sum(len(again.memory(f"device-{k}").load()) for k in range(3)) == 203


async def test_a_save_that_nobody_waits_for_any_more_harms_no_other(archive):
    one = await archive()
    saving = asyncio.ensure_future(one.memory("a").save({"x": 1}))
    other = asyncio.ensure_future(one.memory("b").save({"x": 2}))
    await asyncio.sleep(0)
    saving.cancel()
    await other
    assert saving.cancelled()
    assert (await archive()).memory("b").load() == {"x": 2}


async def test_a_save_that_fails_says_so_and_keeps_nothing_of_it(archive, monkeypatch):
    one = await archive()
    memory = one.memory("charging")
    await memory.save({"a": 1})
    monkeypatch.setattr(StateStore, "_commit", _full)
    answers = await asyncio.gather(*(memory.save({"a": k}) for k in (2, 3)), return_exceptions=True)
    assert [str(answer) for answer in answers] == ["disk is full"] * 2
    assert memory.load() == {"a": 1}
    monkeypatch.undo()
    await memory.save({"a": 4})
    assert memory.load() == {"a": 4}, "and it goes on"


async def test_a_value_that_is_no_json_is_the_drivers_mistake_and_nothing_is_kept(archive):
    memory = (await archive()).memory("charging")
    with pytest.raises(TypeError):
        await memory.save({"good": 1, "bad": object()})
    assert memory.load() == {}


def _full(_self):
    raise StateError("disk is full")
