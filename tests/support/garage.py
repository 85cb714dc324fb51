"""Cars on stations that nobody here wrote (ocpp-rpc), beside ``noonward run``, all on one clock that may run faster."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any, Self

import pytest

from support.peers import need
from support.process import Daemon

NODE = Path(__file__).parents[1] / "peers" / "node"
FAST = Path(__file__).with_name("fast_noonward.py")
DAWN = 1_780_272_000.0
"""2026-06-01 00:00 UTC, when a fast clock begins unless the test says otherwise."""


class FastClock:
    """One time for the daemon, the cars and the test."""

    def __init__(self, factor: float, base: float = DAWN) -> None:
        self.factor, self.base, self.origin = factor, base, time.monotonic()

    def now(self) -> float:
        return self.base + self.factor * (time.monotonic() - self.origin)

    def sleep(self, seconds: float) -> None:
        time.sleep(max(0.0, seconds) / self.factor)

    @property
    def environment(self) -> dict[str, str]:
        return {"NOONWARD_TEST_CLOCK": f"{self.factor!r},{self.base!r},{self.origin!r}"}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Gateway(Daemon):
    """``noonward run`` on a fast clock."""

    def __init__(self, folder: Path, state: Path, clock: FastClock, *options: str) -> None:
        super().__init__(folder, state, *options, program=(sys.executable, str(FAST)), environment=clock.environment)

    def zone(self, name: str) -> dict[str, Any]:
        """Return what it says of a policy."""
        return self.ask("GET", f"/api/v1/policies/{name}")[1]


class NodeCar:
    """A station on ocpp-rpc with a car (see ``tests/peers/node/car_station.js`` for options and commands).

    Attributes:
        lines: Everything that it said that is not of the second.
        seconds: What it said every second of its time.
    """

    def __init__(self, url: str, identity: str, clock: FastClock, **options: Any) -> None:
        if not (NODE / "node_modules" / "ocpp-rpc").is_dir():
            pytest.skip("ocpp-rpc is not installed: npm ci --prefix tests/peers/node")
        self.identity = identity
        self.lines: list[dict[str, Any]] = []
        self.seconds: list[dict[str, Any]] = []
        words = {
            "endpoint": url.rstrip("/"),
            "identity": identity,
            "clock": {"factor": clock.factor, "base": clock.base, "origin": clock.origin},
            **options,
        }
        self.process = subprocess.Popen(
            [need("node"), str(NODE / "car_station.js"), json.dumps(words)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={**os.environ, "NODE_NO_WARNINGS": "1"},
        )  # fmt: skip
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        for line in self.process.stdout:
            row = json.loads(line)
            (self.seconds if "w" in row else self.lines).append(row)

    @property
    def now(self) -> dict[str, Any]:
        """What it said last of its second."""
        return (
            self.seconds[-1] if self.seconds else {"w": 0.0, "limit": None, "status": None, "tx": None, "online": False}
        )

    def tell(self, command: str) -> None:
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()

    def said(self, key: str, value: Any = None) -> list[dict[str, Any]]:
        """Return the lines that have a key, and this value of it."""
        return [line for line in self.lines if key in line and (value is None or line[key] == value)]

    def got(self, action: str) -> list[dict[str, Any]]:
        """Return the payloads of what it was asked."""
        return [line["params"] for line in self.said("got", action)]

    def until(self, holds, within_s: float = 30.0) -> bool:
        """Wait in real time until something holds of it."""
        end = time.monotonic() + within_s
        while time.monotonic() < end:
            if holds(self):
                return True
            if self.process.poll() is not None:
                return bool(holds(self))
            time.sleep(0.01)
        return False

    def kept_to_the_floor(self) -> bool:
        """Tell whether it was never offered something between nothing and 6 A."""
        return all(row["limit"] == 0 or row["limit"] >= 6.0 - 1e-9 for row in self.seconds)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self._reader.join()
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()
        self.process.stdout.close()
