"""``noonward run`` as a process of its own, spoken to as its owner would, killed as a power cut would."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from noonward.daemon.place import control_socket

if TYPE_CHECKING:
    from collections.abc import Mapping

NOONWARD = str(Path(sys.executable).with_name("noonward"))
START_S = 30.0


class _OverSocket(http.client.HTTPConnection):
    def __init__(self, path: Path, timeout: float) -> None:
        super().__init__("localhost", timeout=timeout)
        self.path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self.path))


class Daemon:
    """A running ``noonward run``."""

    def __init__(
        self,
        folder: Path,
        state: Path,
        *options: str,
        program: tuple[str, ...] = (NOONWARD,),
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.state = state
        self.lines: list[str] = []
        self.process = subprocess.Popen(
            [*program, "run", str(folder), "--state", str(state), "--http", "127.0.0.1:0", *options],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1", **(environment or {})},
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.lines.append(line)

    def said(self, event: str, *also: str) -> list[str]:
        """Return the log lines of an event that hold all these texts."""
        return [line for line in self.lines if f"event={event} " in line and all(text in line for text in also)]

    def ask(self, method: str, path: str, body: dict[str, Any] | None = None, timeout: float = 5.0) -> tuple[int, Any]:
        """Speak to the control socket; raise OSError or HTTPException where nobody answers."""
        connection = _OverSocket(control_socket(self.state), timeout)
        try:
            headers = {"Content-Type": "application/json"} if body is not None else {}
            connection.request(method, path, json.dumps(body) if body is not None else None, headers)
            answer = connection.getresponse()
            text = answer.read().decode()
            return answer.status, json.loads(text) if "json" in (answer.headers["content-type"] or "") else text
        finally:
            connection.close()

    def switch(self, policy: str, on: bool) -> bool:
        """Set a switch; return True where the daemon acknowledged it."""
        return self.ask("PUT", f"/api/v1/policies/{policy}/switch", {"on": on})[0] == 200

    def kept(self, query: str) -> list[Any]:
        """Return the first column of a query to state.db."""
        with contextlib.closing(sqlite3.connect(self.state / "state.db")) as db:
            return [row[0] for row in db.execute(query)]

    def until(self, holds, within_s: float = START_S) -> bool:
        """Wait until something holds; return whether it came to hold."""
        end = time.monotonic() + within_s
        while time.monotonic() < end:
            try:
                if holds():
                    return True
            except (OSError, http.client.HTTPException):
                pass
            if self.process.poll() is not None:
                return False
            time.sleep(0.05)
        return False

    def ready(self) -> bool:
        """Wait until it has decided for the first time."""
        return self.until(lambda: self.ask("GET", "/readyz")[0] == 200)

    def kill(self) -> None:
        """End it as a power cut does."""
        self._end(signal.SIGKILL)

    def stop(self, number: int = signal.SIGTERM) -> int:
        """End it as asked; return its exit code."""
        self._end(number)
        return self.process.returncode

    def _end(self, number: int) -> None:
        if self.process.poll() is None:
            self.process.send_signal(number)
        self.process.wait(30.0)
        self._reader.join()
        if self.process.stderr is not None:
            self.process.stderr.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self._end(signal.SIGKILL)
