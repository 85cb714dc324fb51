"""``noonward emulate``, as a program in a terminal of its own."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import threading
import time
from pathlib import Path

import pytest

from support.process import NOONWARD, Daemon

SITE = """\
kind: site/v1
name: house-9
timezone: UTC
grid: {phases: 3, fuse: 35 A, meter: grid-meter, every: 1 s}
devices:
  grid-meter: {driver: modbus, profile: eastron-sdm630, tcp: "192.0.2.20:502", unit: 1}
  plug: {driver: shelly, host: 192.0.2.60, switches: 1}
"""
PUMP = """\
kind: appliance/v1
name: pump
mode: always-on
load: {power: 400 W}
relays: [plug/relay-1]
"""


class Emulator:
    """A running ``noonward emulate``."""

    def __init__(self, *options):
        self.lines = []
        self.process = subprocess.Popen(
            [NOONWARD, "emulate", *map(str, options)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )  # fmt: skip
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        self.lines += self.process.stdout

    def wait_for(self, pattern, within_s=20.0):
        deadline = time.monotonic() + within_s
        while time.monotonic() < deadline:
            found = next((match for line in list(self.lines) if (match := re.search(pattern, line))), None)
            if found is not None:
                return found
            time.sleep(0.05)
        raise AssertionError(f"{pattern!r} was not told:\n{''.join(self.lines)}")

    def type(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def stop(self, number=signal.SIGINT):
        self.process.send_signal(number)
        code = self.process.wait(10.0)
        self._reader.join(5.0)
        self.process.stdout.close()
        self.process.stdin.close()
        return code


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "house"
    place.mkdir()
    (place / "site.yaml").write_text(SITE)
    (place / "pump.yaml").write_text(PUMP)
    return place


def test_a_gateway_finds_the_emulated_devices_and_switches_them(folder, tmp_path):
    emulator = Emulator(folder)
    copy = emulator.wait_for(r"noonward run (\S+)")[1]
    with Daemon(copy, tmp_path / "state") as daemon:
        emulator.wait_for("plug/relay-1: closed")
        assert daemon.stop() == 0
    assert emulator.stop() == 0
    assert not Path(copy).exists()
    assert "Traceback" not in "".join(emulator.lines)


def test_what_is_typed_is_done_and_a_mistake_is_told(folder):
    emulator = Emulator(folder)
    emulator.wait_for("you may type: help")
    for line, told in (
        ("help", "plug STATION"),
        ("plug cp-01", "There is none"),
        ("close plug/input-1", "input-1: closed"),
    ):
        emulator.type(line)
        emulator.wait_for(told)
    assert emulator.stop(signal.SIGTERM) == 0


def called(*options):
    ran = subprocess.run(
        [NOONWARD, "emulate", *map(str, options)], capture_output=True, text=True, timeout=30, check=False
    )
    assert "Traceback" not in ran.stderr
    return ran.returncode, ran.stdout + ran.stderr


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (["nowhere"], 2, "there is no nowhere"),
        (["{folder}", "--speed", "0"], 2, "--speed 0: give a number from 1 to 1000"),
        (["{folder}", "--speed", "fast"], 2, "fast"),
        (["{folder}", "--scenario", "{folder}/pump.yaml"], 1, "this is not a scenario"),
        (["{folder}", "--scenario", "{folder}/none.yaml"], 1, "none.yaml"),
    ],
)
def test_mistakes_are_told(folder, options, code, words):
    found, text = called(*(option.format(folder=folder) for option in options))
    assert (found, words in text) == (code, True), text


def test_a_site_without_a_device_to_emulate_is_told(folder):
    (folder / "site.yaml").write_text(
        "kind: site/v1\nname: house-9\ntimezone: UTC\ngrid: {phases: 3, fuse: 35 A, meter: grid-meter}\n"
        "devices:\n  grid-meter: {driver: memory, meter: grid}\n"
        "  plug: {driver: memory, relays: {relay-1: {power: 1 kW}}}\n"
    )
    code, text = called(folder)
    assert code == 2
    assert "plug: driver memory needs no device" in text
    assert "no device that could be emulated" in text


def test_a_folder_that_does_not_load_is_told_like_check_does(folder):
    (folder / "pump.yaml").write_text(PUMP.replace("plug/relay-1", "plug/relay-9"))
    code, text = called(folder)
    assert code == 1
    assert "pump.yaml:5" in text
