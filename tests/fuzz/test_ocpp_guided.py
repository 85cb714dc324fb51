"""The long forms: random frames for as long as ``NOONWARD_FUZZ_S`` says (an hour), and frames led by coverage (atheris)."""

from __future__ import annotations

import asyncio
import gc
import importlib.util
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from random import Random, SystemRandom

import pytest

from fuzz.test_ocpp_driver import play
from fuzz.test_ocpp_link import VERSIONS, answer
from support.ocpp_frames import call, tear, text_of
from support.ocpp_fuzz import COMMANDS, Fire, Watched, clean
from support.ocpp_fuzz_driver import sound

FUZZ_S = float(os.environ.get("NOONWARD_FUZZ_S", "3600"))
GUIDED = Path(__file__).with_name("ocpp_atheris.py")
atheris = pytest.mark.skipif(
    importlib.util.find_spec("atheris") is None, reason="atheris is not installed: pip install atheris"
)


async def mixed(version, seed):
    """One link, and everything at once: requests, torn ones, and answers to commands."""
    rng = Random(seed)
    async with Fire(version, skip_validation=rng.random() < 0.5) as fire:
        for n in range(40):
            what = rng.randrange(3)
            frame = call(rng, version, f"x{n}")
            if what == 0:
                await fire.request(frame, text_of(frame), fits=False)
            elif what == 1:
                await fire.junk(tear(rng, text_of(frame), rng.choice((1, 2, 4, 9))))
            else:
                command = rng.choice(COMMANDS)
                await fire.command(command, answer(rng, version, command))


def resident_mb():
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE") / 1e6


@pytest.mark.long
@pytest.mark.timeout(FUZZ_S * 1.2 + 120)
def test_random_frames_for_long():
    """No exception escapes, every request is answered, and memory stays flat."""
    seed = int(os.environ.get("NOONWARD_FUZZ_SEED", SystemRandom().randrange(2**40)))
    began, rounds, resident = time.monotonic(), 0, []
    while time.monotonic() - began < FUZZ_S:
        for version in VERSIONS:
            try:
                with Watched() as log:
                    asyncio.run(mixed(version, seed + rounds))
                    asyncio.run(play(version, Random(seed + rounds), trusting=rounds % 2 == 0, rounds=20))
                clean(log.lines, named=False)
                sound(log.lines)
            except BaseException:
                print(f"again with: NOONWARD_FUZZ_SEED={seed + rounds}, OCPP {version}")
                raise
        rounds += 1
        if rounds % 100 == 0:
            gc.collect()
            resident.append(resident_mb())
    frames = rounds * len(VERSIONS) * 60
    print(f"{frames} frames from seed {seed}; resident {resident[:1]} to {resident[-1:]} MB")
    if len(resident) > 20:
        assert max(resident[-5:]) - min(resident[5:10]) < 8.0


def guided(folder, seconds):
    corpus = folder / "corpus"
    corpus.mkdir()
    subprocess.run([sys.executable, str(GUIDED), "--seeds", str(corpus)], check=True, timeout=60)
    done = subprocess.run(
        [sys.executable, str(GUIDED), str(corpus), f"-max_total_time={seconds:.0f}", "-max_len=4096", "-rss_limit_mb=600",
         f"-artifact_prefix={folder}/", "-print_final_stats=1"],
        check=False, capture_output=True, text=True, timeout=seconds * 1.5 + 120, cwd=folder,
    )  # fmt: skip
    return done.returncode, done.stderr[-4000:]


@atheris
def test_guided_frames_for_a_moment(tmp_path):
    """The harness runs, and finds nothing in a few seconds."""
    code, said = guided(tmp_path, 3)
    assert code == 0, said
    assert "number_of_executed_units" in said


@atheris
@pytest.mark.long
@pytest.mark.timeout(FUZZ_S * 1.6 + 240)
def test_guided_frames_for_long(tmp_path):
    code, said = guided(tmp_path, FUZZ_S)
    print(said[-1200:])
    assert code == 0, said


@atheris
def test_what_breaks_is_found(tmp_path):
    """A frame that ends a link makes the harness fail, so that a clean run means something."""
    broken = tmp_path / "broken.py"
    program = GUIDED.read_text().replace("if data:", "if b'boom' in data: raise ValueError\n    if data:")
    broken.write_text(program.replace("Path(__file__).parents[1]", repr(str(GUIDED.parents[1]))))
    bad = tmp_path / "bad"
    bad.write_bytes(b"\x00" + json.dumps([2, "boom", "Heartbeat", {}]).encode())
    done = subprocess.run(
        [sys.executable, str(broken), str(bad)], check=False, capture_output=True, text=True, timeout=60, cwd=tmp_path
    )
    assert done.returncode != 0
    assert "ValueError" in done.stderr + done.stdout
