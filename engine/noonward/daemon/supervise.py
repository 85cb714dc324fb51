"""The process around a running site: signals, the watched folder, the end.

SIGTERM and SIGINT stop it for good: relays without a dead-man that would stay closed unwatched are opened where their
policy says ``then: release``. SIGUSR1 stops it for a restart: nothing is switched, since the next process adopts what it
finds within the lease (``RestartKillSignal=SIGUSR1`` in the unit file). SIGHUP reads the folder again.
"""

from __future__ import annotations

import asyncio
import signal
from typing import TYPE_CHECKING

from noonward.daemon import log
from noonward.daemon.reload import watch

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from pathlib import Path

    from noonward.daemon.running import Running

FOR_GOOD = (signal.SIGTERM, signal.SIGINT)
FOR_RESTART = signal.SIGUSR1


async def supervise(
    running: Running,
    folder: Path,
    services: Sequence[Callable[[asyncio.Event], Awaitable[None]]] = (),
    *,
    once: bool = False,
) -> None:
    """Run until a signal says stop, or the first decision is carried out (``once``).

    Args:
        running: The site; it is started here.
        folder: Watched for edits.
        services: Run beside it, for example the HTTP API; each ends soon after the event it is given is set.
        once: Decide once, have it confirmed, end without switching anything.

    Raises:
        NoonwardError: It could not start.
        Exception: The loop or a service broke; everything is closed, nothing is switched, and systemd starts anew.
    """
    loop = asyncio.get_running_loop()
    ended, asked = asyncio.Event(), asyncio.Event()
    for_good = False

    def on_signal(number: signal.Signals) -> None:
        nonlocal for_good
        for_good = for_good or number in FOR_GOOD
        log.say("stopping", f"stopping on {number.name}", signal=number.name)
        ended.set()

    for number in (*FOR_GOOD, FOR_RESTART):
        loop.add_signal_handler(number, on_signal, number)
    loop.add_signal_handler(signal.SIGHUP, asked.set)
    tasks: list[asyncio.Task[None]] = []
    try:
        await running.start()
        if once:
            await running.confirmed()
            return
        tasks.append(asyncio.create_task(running.wait()))
        tasks.append(asyncio.create_task(watch(folder, running.clock, asked, running.reload)))
        tasks += [asyncio.create_task(_service(service, ended)) for service in services]
        ending = asyncio.create_task(_wait(ended))
        done, _ = await asyncio.wait((ending, *tasks), return_when=asyncio.FIRST_COMPLETED)
        ending.cancel()
        for task in done - {ending}:
            task.result()
    finally:
        ended.set()
        await running.stop(for_good=for_good)
        for task in tasks[:2]:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for number in (*FOR_GOOD, FOR_RESTART, signal.SIGHUP):
            loop.remove_signal_handler(number)


async def _wait(event: asyncio.Event) -> None:
    await event.wait()


async def _service(service: Callable[[asyncio.Event], Awaitable[None]], ended: asyncio.Event) -> None:
    await service(ended)
