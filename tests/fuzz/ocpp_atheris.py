"""Frames led by what they make the code do: ``python ocpp_atheris.py CORPUS -max_total_time=60``, options of libFuzzer.

An input is a byte that chooses version and direction, then the text of a frame, as if a station had sent it. Every request
must be answered once and every command must end (``support/ocpp_fuzz.py``); a failure is written to a file that, given in
place of CORPUS, plays it again. ``python ocpp_atheris.py --seeds FOLDER`` writes frames to begin with.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from random import Random

import atheris

sys.path.insert(0, str(Path(__file__).parents[1]))
with atheris.instrument_imports(include=["noonward_drivers.ocpp"]):
    from support.ocpp_frames import HEARS, right, text_of
    from support.ocpp_fuzz import COMMANDS, Fire, Watched, clean

VERSIONS = ("1.6", "2.0.1")
LOOP = asyncio.new_event_loop()
LOG = Watched()


async def play(data: bytes) -> None:
    """Play one input."""
    choice, frame = data[0], data[1:]
    text = frame if choice & 4 else frame.decode("utf-8", "surrogateescape")
    async with Fire(VERSIONS[choice & 1], skip_validation=bool(choice & 2)) as fire:
        if choice & 8 and isinstance(text, str):
            await fire.command(COMMANDS[(choice >> 4) % len(COMMANDS)], text)
        else:
            await fire.junk(text)


def test_one(data: bytes) -> None:
    """Hold one input to what must hold."""
    if data:
        LOOP.run_until_complete(play(data))
        clean(LOG.lines, named=False)
        LOG.lines.clear()


def write_seeds(folder: Path) -> None:
    """Write a right frame of every action, and a right answer to every command."""
    rng = Random(1)
    for at, version in enumerate(VERSIONS):
        for action in HEARS[version]:
            text = text_of([2, "1", action, right(rng, version, action)])
            (folder / f"{version}-{action}").write_bytes(bytes([at]) + text.encode())
    for n, command in enumerate(COMMANDS):
        for at in (0, 1):
            choice = 8 | at | n << 4
            text = json.dumps([3, "@", {"status": "Accepted"}])
            (folder / f"answer-{at}-{type(command).__name__}").write_bytes(bytes([choice]) + text.encode())


if __name__ == "__main__":
    if sys.argv[1:2] == ["--seeds"]:
        write_seeds(Path(sys.argv[2]))
    else:
        LOG.__enter__()
        atheris.Setup(sys.argv, test_one)
        atheris.Fuzz()
