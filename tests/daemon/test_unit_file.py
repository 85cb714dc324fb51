"""The unit file that the documentation hands out: systemd accepts it, and it fits the daemon."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from noonward.daemon import loop, running, supervise

UNIT = Path(__file__).parents[2] / "docs" / "how-to" / "noonward.service"


def settings():
    lines = [line for line in UNIT.read_text().splitlines() if "=" in line and not line.startswith("#")]
    return dict(line.split("=", 1) for line in lines)


def test_its_signals_and_times_are_the_daemons_own():
    unit = settings()
    assert unit["RestartKillSignal"] == supervise.FOR_RESTART.name
    assert "-HUP" in unit["ExecReload"]
    assert float(unit["WatchdogSec"]) >= 3 * loop.BEAT_S, "two ticks may be lost"
    assert float(unit["TimeoutStopSec"]) > running.LAST_WORDS_S + 5


def run(tmp_path, *words):
    program = Path(sys.executable).with_name("noonward")
    unit = tmp_path / "noonward.service"
    unit.write_text(UNIT.read_text().replace("/opt/noonward/bin/noonward", str(program)))
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed")
    return subprocess.run(["systemd-analyze", *words, str(unit)], capture_output=True, text=True, check=False)


@pytest.mark.peer
def test_systemd_accepts_it_without_a_word(tmp_path):
    done = run(tmp_path, "verify")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.peer
def test_it_exposes_little(tmp_path):
    done = run(tmp_path, "security", "--offline=true", "--no-pager")
    line = next(line for line in done.stdout.splitlines() if "Overall exposure level" in line)
    assert float(line.split(":")[1].split()[0]) <= 2.5, line
