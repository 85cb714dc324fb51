"""``noonward emulate``: the site's devices as real servers on loopback."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import tempfile
import threading
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from noonward.cli.main import EXIT_FINDINGS
from noonward.cli.run import site_folder
from noonward.daemon.clock import SystemClock
from noonward.emulate import addresses
from noonward.emulate.console import Console, Mistake
from noonward.emulate.site import Emulation
from noonward.emulate.telling import Teller
from noonward.errors import PolicyError, UsageError
from noonward.lab import scenario
from noonward.policy.load import load
from noonward.policy.problems import Problem, to_text

if TYPE_CHECKING:
    from noonward.policy.loaded import Loaded

SPEED_MOST = 1000.0


@click.command("emulate")
@click.argument("path", type=click.Path(path_type=Path), default=Path())
@click.option(
    "--speed", type=float, default=1.0, show_default=True, metavar="N", help="Sun and visits go N times faster."
)
@click.option(
    "--scenario",
    "scenario_file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="A recording to play, who charges when, and what the stations get wrong. Without it: the real sun.",
)
@click.pass_context
def command(ctx: click.Context, path: Path, speed: float, scenario_file: Path | None) -> None:
    """Play the devices of the site in PATH on this machine, until Ctrl-C: Modbus TCP, Shelly, charging stations.

    A device whose address is on loopback is served there. For the others a copy of the folder is made that names free
    ports in place of their addresses; `noonward run` of that copy, in a second terminal, finds them all. Charging
    stations call the gateway where its ocpp device listens, as soon as it is there, with a vehicle plugged in.
    """
    if not 1.0 <= speed <= SPEED_MOST:
        raise UsageError(f"--speed {speed:g}: give a number from 1 to {SPEED_MOST:g}")
    folder = site_folder(path)
    try:
        loaded = load(folder, environ=os.environ)
        played = None if scenario_file is None else scenario.load(scenario_file)
    except PolicyError as error:
        problems = [problem for problem in error.problems if isinstance(problem, Problem)]
        click.echo(to_text(problems) or str(error), err=True)
        ctx.exit(EXIT_FINDINGS)
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_emulate(loaded, folder, speed, played))


async def _emulate(loaded: Loaded, folder: Path, speed: float, played: scenario.Scenario | None) -> None:
    clock = SystemClock()
    emulation = Emulation(loaded, folder, clock, speed=speed, scenario=played)
    await emulation.open()
    for line in (*emulation.told, *(f"not emulated: {what}" for what in emulation.missing)):
        click.echo(line)
    try:
        if not emulation.told:
            raise UsageError(f"{folder} has no device that could be emulated; see docs: try without hardware")
        with tempfile.TemporaryDirectory(prefix="noonward-emulate-") as place:
            copy = addresses.copied(folder, Path(place), emulation.changed) if emulation.changed else folder
            click.echo(f"\nIn a second terminal:  noonward run {copy}\nIn this one you may type: help\n")
            await _until_stopped(emulation, clock, loaded.site.timezone)
    finally:
        await emulation.close()


async def _until_stopped(emulation: Emulation, clock: SystemClock, timezone: str) -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    zone = ZoneInfo(timezone)
    teller = Teller(emulation)
    typing = asyncio.create_task(_typed(Console(emulation.world)))
    living = asyncio.create_task(emulation.live())
    waiting = asyncio.create_task(stopped.wait())
    try:
        while not stopped.is_set() and not living.done():
            for line in teller.news():
                click.echo(f"{datetime.fromtimestamp(clock.now(), zone):%H:%M:%S}  {line}")
            await asyncio.wait([living, waiting], timeout=1.0, return_when=asyncio.FIRST_COMPLETED)
        if living.done():
            living.result()
    finally:
        for task in (living, waiting, typing):
            task.cancel()
        await asyncio.gather(living, waiting, typing, return_exceptions=True)


async def _typed(console: Console) -> None:
    """Do what is typed, line by line, as long as somebody may type."""
    if sys.stdin.isatty() and os.tcgetpgrp(sys.stdin.fileno()) != os.getpgrp():
        return  # in the background; reading would stop it
    lines: asyncio.Queue[str] = asyncio.Queue()
    loop = asyncio.get_running_loop()
    threading.Thread(target=_listen, args=(loop, lines), daemon=True).start()
    while True:
        try:
            told = await console.do(await lines.get())
        except Mistake as mistake:
            told = str(mistake)
        if told:
            click.echo(told)


def _listen(loop: asyncio.AbstractEventLoop, lines: asyncio.Queue[str]) -> None:
    """Hand lines over from a thread of its own: a terminal that does not block would not block for output either."""
    rest = ""
    while typed := os.read(sys.stdin.fileno(), 4096):  # sys.stdin itself would hold a lock when the program ends
        *whole, rest = (rest + typed.decode(errors="replace")).split("\n")
        for line in whole:
            if loop.is_closed():
                return
            loop.call_soon_threadsafe(lines.put_nowait, line)
