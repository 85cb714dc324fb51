"""What the contract does not ask of the blueprint, since only it can know: its own lines of text."""

from __future__ import annotations

import pytest

from noonward.daemon.clock import SystemClock
from noonward.errors import Rejected, Unavailable
from noonward_drivers._blueprint import DRIVER
from support.dict_memory import DictMemory
from support.text_box import TextBox


@pytest.fixture
async def box():
    async with TextBox() as made:
        yield made


@pytest.fixture
async def device(box):
    entry = {"host": "127.0.0.1", "port": box.port, "relays": 5, "inputs": 1}
    opened = await DRIVER.open("box", entry, SystemClock(), DictMemory())
    yield opened
    await opened.close()


async def test_the_lines_that_are_sent(box, device):
    relay = device.relays["relay-2"]
    await relay.set(True, valid_for_s=120.0)
    await relay.set(True, valid_for_s=None)
    await relay.set(False, valid_for_s=120.0)
    await relay.read()
    await device.meters["power-2"].read()
    await device.inputs["input-1"].read()
    assert box.lines == ["relay 2 on 120", "relay 2 on", "relay 2 off", "relay 2?", "power 2?", "input 1?"]


async def test_a_refusal_is_told_with_the_devices_own_words(device):
    with pytest.raises(Rejected, match=r"answered .relay 5 on. with: error what is"):
        await device.relays["relay-5"].set(True, valid_for_s=None)


@pytest.mark.parametrize(
    ("said", "power_w"), [("12.5", 12.5), ("-3", -3.0), ("nan", None), ("inf", None), ("--", None)]
)
async def test_a_power_that_is_none_is_unknown(box, device, said, power_w):
    box.powers[1] = said
    assert await device.meters["power-1"].read() == {"power_w": power_w}


async def test_an_input_without_a_state_is_no_answer(box, device):
    box.inputs[1] = "perhaps"
    with pytest.raises(Unavailable, match="no state"):
        await device.inputs["input-1"].read()
    box.inputs[1] = "on"
    assert await device.inputs["input-1"].read() is True


async def test_text_that_is_no_text_is_no_answer(box, device, monkeypatch):
    monkeypatch.setattr(TextBox, "answer", lambda self, line: "\udcff")
    with pytest.raises(Unavailable):
        await device.relays["relay-1"].read()
