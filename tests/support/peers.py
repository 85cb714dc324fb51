"""Programs that nobody here wrote, started by tests: libmodbus servers, PTY pairs, ``mbpoll``.

A board or meter on Debian's libmodbus, steered over its standard input (see ``tests/peers/modbus_server.c``)::

    with modbus_server(units="1,2,5-8", options=("flash",)) as meter:  # meter.port is free and listening
        meter.tell("input 52 " + words(3680.5))  # holding | input | coil | contact ADDR WORD...
        meter.tell("unit 2 silent on")  # also: nan on, delay 350, exception 4, stuck 3 on, drop
        meter.coils[1, 0]  # True while coil 0 of unit 1 is closed
        meter.clicks  # every movement: Click(unit, coil, closed, at_s), at_s on CLOCK_MONOTONIC
        meter.stop()  # cable pulled ...
    with modbus_server(port=meter.port, units="1"):  # ... and put back on the same port
        ...

``tell`` returns when the server has obeyed. Everything is synchronous and safe to call from async tests; ``stop``
may be called twice. Over a serial line::

    with pty_pair(tmp_path) as (ours, theirs), modbus_server(serial=theirs, baud=9600, units="7"):
        ...  # open `ours`

Servers of other makes, with presets only: ``foreign_server("modbus-tk" | "modbus-serial" | "libmodbus", ...)``.

Every starter skips the test with a reason where its program is missing, so mark the tests ``peer``.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import struct
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

PEERS = Path(__file__).parent.parent / "peers"
START_S = 30.0


def words(value: float, kind: str = "f32", *, low_first: bool = False) -> str:
    """Return a number as register words for ``tell``: kind is one of u16, s16, u32, s32, f32, u64, s64, f64."""
    code = {"u16": "H", "s16": "h", "u32": "I", "s32": "i", "f32": "f", "u64": "Q", "s64": "q", "f64": "d"}[kind]
    raw = struct.pack(">" + code, value if code in "fd" else int(value))
    regs = [f"0x{raw[i : i + 2].hex()}" for i in range(0, len(raw), 2)]
    return " ".join(reversed(regs) if low_first else regs)


def need(program: str) -> str:
    """Return the program's path, or skip the test."""
    found = shutil.which(program)
    if found is None:
        pytest.skip(f"{program} is not installed")
    return found


def compiled() -> str:
    """Return the path of the libmodbus server, compiled once for each version of its source."""
    source = PEERS / "modbus_server.c"
    compiler = need("gcc")
    flags = subprocess.run(
        [need("pkg-config"), "--cflags", "--libs", "libmodbus"], check=False, capture_output=True, text=True
    )
    if flags.returncode:
        pytest.skip("libmodbus-dev is not installed")
    digest = hashlib.sha256(source.read_bytes()).hexdigest()[:12]
    binary = Path(tempfile.gettempdir()) / f"noonward-modbus-server-{os.getuid()}-{digest}"
    if not binary.exists():
        with tempfile.TemporaryDirectory(dir=binary.parent) as build:
            out = Path(build) / "server"
            command = [compiler, "-O2", "-Wall", "-o", str(out), str(source), *flags.stdout.split()]
            subprocess.run(command, check=True)
            out.replace(binary)
    return str(binary)


@dataclass(frozen=True, slots=True)
class Click:
    """One movement of one coil, as the server saw it."""

    unit: int
    coil: int
    closed: bool
    at_s: float


@dataclass(slots=True)
class Server:
    """A running server."""

    process: subprocess.Popen[str]
    port: int = 0
    clicks: list[Click] = field(default_factory=list)
    coils: dict[tuple[int, int], bool] = field(default_factory=dict)
    _synced: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    _listening: threading.Event = field(default_factory=threading.Event)
    _reader: threading.Thread | None = None

    def tell(self, line: str) -> None:
        """Send one command (see the head of modbus_server.c) and wait until it has been obeyed."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{line}\nsync\n")
        self.process.stdin.flush()
        assert self._synced.acquire(timeout=START_S), f"{line!r} was not obeyed"

    def stop(self) -> None:
        """End the server; every connection breaks."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        if self._reader is not None:
            self._reader.join()
        for pipe in (self.process.stdin, self.process.stdout):
            with contextlib.suppress(BrokenPipeError):
                if pipe is not None:
                    pipe.close()

    def _read(self, stdout: IO[str]) -> None:
        for line in stdout:
            match line.split():
                case ["listening", port]:
                    self.port = int(port)
                    self._listening.set()
                case ["synced"]:
                    self._synced.release()
                case ["coil", unit, coil, closed, at_ms]:
                    click = Click(int(unit), int(coil), closed == "1", int(at_ms) / 1000)
                    self.coils[click.unit, click.coil] = click.closed
                    self.clicks.append(click)

    def start(self) -> None:
        """Read its output from now on; return when it listens."""
        assert self.process.stdout is not None
        self._reader = threading.Thread(target=self._read, args=(self.process.stdout,), daemon=True)
        self._reader.start()
        if not self._listening.wait(START_S):
            self.stop()
            pytest.fail(f"{self.process.args} did not start")


@contextlib.contextmanager
def foreign_server(
    make: str, *, units: str = "1", serial: Path | None = None, baud: int = 9600, presets: Sequence[str] = ()
) -> Iterator[Server]:
    """Run a server of another make: "libmodbus", "modbus-tk" (PyPI), or "modbus-serial" (npm, TCP only).

    ``presets`` are "unit N input|holding ADDR WORD...". Only libmodbus can be told more while it runs.
    """
    where = ["rtu", str(serial), str(baud)] if serial else ["tcp", "0"]
    if make == "libmodbus":
        command = [compiled(), *where]
    elif make == "modbus-tk":
        pytest.importorskip("modbus_tk", reason="modbus-tk is not installed")
        command = [sys.executable, str(PEERS / "modbus_tk_server.py"), *where]
    else:
        if not (PEERS / "node" / "node_modules" / "modbus-serial").is_dir():
            pytest.skip("modbus-serial is not installed: npm ci --prefix tests/peers/node")
        command = [need("node"), str(PEERS / "node" / "modbus_server.js")]
    with _running([*command, units, *presets]) as server:
        yield server


@contextlib.contextmanager
def modbus_server(
    *, units: str = "1", port: int = 0, serial: Path | None = None, baud: int = 9600, options: Sequence[str] = ()
) -> Iterator[Server]:
    """Run a libmodbus server on a free (or the given) loopback port, or on a serial device."""
    where = ["rtu", str(serial), str(baud)] if serial else ["tcp", str(port)]
    with _running([compiled(), *where, units, *options]) as server:
        yield server


@contextlib.contextmanager
def _running(command: list[str]) -> Iterator[Server]:
    server = Server(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True))
    server.start()
    try:
        yield server
    finally:
        server.stop()


@contextlib.contextmanager
def pty_pair(folder: Path) -> Iterator[tuple[Path, Path]]:
    """Yield two ends of a serial cable, made by socat."""
    ends = folder / "ours", folder / "theirs"
    process = subprocess.Popen([need("socat"), *(f"pty,raw,echo=0,link={end}" for end in ends)])
    try:
        deadline = time.monotonic() + START_S
        while not all(end.exists() for end in ends):
            assert time.monotonic() < deadline, "socat made no PTY pair"
            time.sleep(0.01)
        yield ends
    finally:
        process.terminate()
        process.wait()


def mbpoll(*arguments: str) -> dict[int, str]:
    """Run ``mbpoll -1 -0 ...`` (independent client, zero-based) and return address to value as printed."""
    done = subprocess.run(
        [need("mbpoll"), "-1", "-0", *arguments], check=False, capture_output=True, text=True, timeout=START_S
    )
    assert done.returncode == 0, done.stdout + done.stderr
    rows = (line.split() for line in done.stdout.splitlines() if line.startswith("["))
    return {int(row[0].strip("[]:")): row[1] for row in rows}
