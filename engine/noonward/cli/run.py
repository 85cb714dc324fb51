"""``noonward run``: the engine daemon, with its portal and control socket."""

from __future__ import annotations

import asyncio
import os
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext, suppress
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import click

from noonward.cli.main import EXIT_FINDINGS
from noonward.daemon import lastgood, log
from noonward.daemon.clock import SystemClock
from noonward.daemon.instance import Instance
from noonward.daemon.notify import Notifier
from noonward.daemon.place import default_state_dir
from noonward.daemon.running import Running
from noonward.daemon.supervise import supervise
from noonward.errors import PolicyError, StateError, UsageError
from noonward.policy.problems import Problem, to_text

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from noonward.policy.loaded import Loaded

NO_HTTP = "none"
OCPP = "ocpp"
"""Driver whose device ``--ocpp`` is about."""


@click.command("run")
@click.argument("path", type=click.Path(path_type=Path), default=Path())
@click.option("--state", type=click.Path(path_type=Path), help="Folder for what must survive; one daemon each.")
@click.option("--http", metavar="HOST:PORT", help="Where the portal listens; 'none': nowhere, and no socket either.")
@click.option(
    "--ocpp", metavar="HOST:PORT", help="Where charging stations connect, in place of listen in the site's ocpp device."
)
@click.option("--once", is_flag=True, help="Decide once, switch, have it confirmed, and end.")
@click.pass_context
def command(
    ctx: click.Context, path: Path, state: Path | None, http: str | None, ocpp: str | None, *, once: bool
) -> None:
    """Run the site whose site.yaml is in PATH (default: the current folder), until it is told to stop.

    An edited folder is taken over while it runs, whole or not at all. SIGHUP reads it again at once. SIGTERM and Ctrl-C
    stop it: relays that would stay closed with nobody watching are opened where their policy says so.
    """
    log.set_up()
    folder = site_folder(path)
    state = default_state_dir() if state is None else state
    problems: tuple[object, ...] = ()
    try:
        loaded = _load(folder, ocpp)
    except PolicyError as error:
        problems = error.problems
        click.echo(to_text(p for p in problems if isinstance(p, Problem) and p.severity == "error"), err=True)
        kept = lastgood.find(state)
        if kept is None:
            ctx.exit(EXIT_FINDINGS)
        loaded = _load(kept, ocpp)
        log.alarm("last-good", f"{folder} does not load; running on the set that ran last, until it does")
    log.set_up(timezone=loaded.site.timezone)
    listen = (
        loaded.http if http is None else None if http == NO_HTTP else address("--http", http, "127.0.0.1:8077, or none")
    )
    instance = Instance(state)
    try:
        with ThreadPoolExecutor(max_workers=1, thread_name_prefix="noonward-store") as executor:
            asyncio.run(_run(folder, loaded, problems, state, listen, ocpp, executor, once=once))
    finally:
        instance.release()


async def _run(
    folder: Path,
    loaded: Loaded,
    problems: tuple[object, ...],
    state: Path,
    listen: tuple[str, int] | None,
    ocpp: str | None,
    executor: ThreadPoolExecutor,
    *,
    once: bool,
) -> None:
    clock = SystemClock()
    number = version("noonward")
    running = Running(
        folder,
        loaded,
        state=state,
        clock=clock,
        executor=executor,
        notifier=Notifier(clock, os.environ, os.getpid()),
        version=number,
        load=lambda place: asyncio.to_thread(_load, place, ocpp),
    )
    running.problems = problems
    policies = len(loaded.site.appliances) + len(loaded.site.zones)
    log.say("started", f"noonward {number}: {loaded.site.name}, {policies} policies from {folder}, state in {state}")
    for problem in loaded.warnings:
        if problem.severity == "warning":  # infos are for `noonward check`
            log.warn("warning", str(problem))
    served: AbstractAsyncContextManager[object] = nullcontext()
    if not once:
        served = _served(running, state, listen, number, executor)
    await supervise(running, folder, served, once=once)
    log.say("stopped", "stopped")


@asynccontextmanager
async def _served(
    running: Running, state: Path, listen: tuple[str, int] | None, number: str, executor: ThreadPoolExecutor
) -> AsyncIterator[None]:
    """Show the site where it is to be shown, and tell whom it is to tell."""
    from noonward.access.register import FILE, Register, first_code
    from noonward.bridge.around import around
    from noonward.views.audited import Notes
    from noonward.views.board import Board

    register = Register(state / FILE, executor)
    for trouble in await register.open(running.clock.now()):
        log.alarm("access", trouble)
    board, notes = Board(), Notes(register)
    try:
        async with around(running, board, number, notes):
            if listen is None:
                yield
                return
            from noonward.web.server import serving  # 5 MB that a site without a page does not need

            async with serving(running, state_dir=state, listen=listen, register=register, board=board) as place:
                log.say("listening", f"portal on {place.url}, commands on {place.control}", url=place.url)
                with suppress(StateError):  # said above
                    code = await first_code(register, running.clock.now())
                    if code is not None:
                        log.say(
                            "setup-code", f"nobody is an owner yet: within 15 min, enter {code} at {place.url}setup"
                        )
                yield
    finally:
        await notes.all()
        await register.close()


def _load(folder: Path, ocpp: str | None) -> Loaded:
    from noonward.policy.load import load  # after the usage errors

    loaded = load(folder, environ=os.environ)
    return loaded if ocpp is None else listening(loaded, ocpp)


def listening(loaded: Loaded, ocpp: str) -> Loaded:
    """Return the set with its one device of driver ocpp listening at HOST:PORT.

    Raises:
        UsageError: That is no address, or there is no such device, or more than one.
    """
    address("--ocpp", ocpp, "127.0.0.1:8887")
    names = [entry.name for entry in loaded.devices if entry.driver == OCPP]
    if len(names) != 1:
        which = f"{len(names)} of them: {', '.join(names)}" if names else "none"
        raise UsageError(
            f"--ocpp {ocpp} is for a site with one device of driver {OCPP}; {loaded.site.name} has {which}"
        )
    devices = tuple(
        replace(entry, config={**entry.config, "listen": ocpp}) if entry.name == names[0] else entry
        for entry in loaded.devices
    )
    return replace(loaded, devices=devices)


def site_folder(path: Path) -> Path:
    """Return the folder that holds the site.yaml of a path.

    Raises:
        UsageError: There is none in it, nor above it.
    """
    if not path.exists():
        raise UsageError(f"there is no {path}; give the folder that holds site.yaml: noonward run PATH")
    if (path / "site.yaml").is_file():
        return path
    for folder in path.resolve().parents:
        if (folder / "site.yaml").is_file():
            return folder if path.is_absolute() else Path(os.path.relpath(folder))
    raise UsageError(f"no site.yaml in {path} or above it; give the folder that holds it: noonward run PATH")


def address(option: str, text: str, example: str) -> tuple[str, int]:
    """Return host and port of ``HOST:PORT``.

    Raises:
        UsageError: It is no such thing; the message names the option and gives an example.
    """
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal() or not 0 <= int(port) <= 65535:  # noqa: PLR2004 - ports are 16 bit
        raise UsageError(f"{option} {text}: give HOST:PORT, for example {example}")
    return host.strip("[]"), int(port)
