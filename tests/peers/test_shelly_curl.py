"""The Gen2 device that the Shelly driver is tested on, asked by a program that shares no code with either: curl."""

from __future__ import annotations

import asyncio
import json
import shutil

import pytest

from support.benches import SESAME
from support.shelly_gen2 import shelly

pytestmark = [
    pytest.mark.peer,
    pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed"),
]


async def curl(device, method, *options, **params):
    """Return the HTTP status and the answer, if it is JSON."""
    frame = json.dumps({"id": 1, "method": method, "params": params})
    process = await asyncio.create_subprocess_exec(
        "curl", "--silent", "--show-error", "--max-time", "10", "--noproxy", "*", *options, "--data", frame,
        "--write-out", "\n%{http_code}", f"http://{device.address}/rpc",
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    told, _ = await process.communicate()
    body, _, status = told.decode().rpartition("\n")
    return int(status), json.loads(body)


@pytest.mark.parametrize("single_use", [True, False])
async def test_its_digest_is_the_one_that_curl_speaks(single_use):
    async with shelly(password=SESAME, single_use_nonces=single_use) as device:
        status, answer = await curl(device, "Switch.Set", "--digest", "--user", f"admin:{SESAME}", id=0, on=True)
        assert (status, answer["result"]) == (200, {"was_on": False})
        assert device.switches[0].output is True


async def test_it_refuses_a_wrong_password_a_wrong_user_and_none():
    async with shelly(password=SESAME) as device:
        for options in (["--digest", "--user", "admin:wrong"], ["--digest", "--user", f"root:{SESAME}"], []):
            status, _ = await curl(device, "Switch.Set", *options, id=0, on=True)
            assert status == 401
        assert device.switches[0].output is False


async def test_its_timer_turns_the_switch_back():
    async with shelly() as device:
        await curl(device, "Switch.Set", id=1, on=True, toggle_after=2.0)
        _, armed = await curl(device, "Switch.GetStatus", id=1)
        await asyncio.sleep(2.1)
        _, tripped = await curl(device, "Switch.GetStatus", id=1)
    assert (armed["result"]["output"], armed["result"]["timer_duration"]) == (True, 2.0)
    assert (tripped["result"]["output"], tripped["result"]["source"]) == (False, "timer")
