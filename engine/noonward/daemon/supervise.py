"""The process around a running site: signals, the watched folder, the end.

SIGTERM and SIGINT stop it for good: relays without a dead-man that would stay closed unwatched are opened where their
policy says ``then: release``. SIGUSR1 stops it for a restart: nothing is switched, since the next process adopts what
it finds within the lease (``RestartKillSignal=SIGUSR1`` in the unit file). SIGHUP reads the folder again.
"""

from __future__ import annotations

import asyncio
import signal
from typing import TYPE_CHECKING, Any

from noonward.daemon import log
from noonward.daemon.reload import watch

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    from noonward.daemon.running import Running

FOR_GOOD = (signal.SIGTERM, signal.SIGINT)
FOR_RESTART = signal.SIGUSR1


async def supervise(
    running: Running, folder: Path, served: AbstractAsyncContextManager[object], *, once: bool = False
) -> None:
    """Run until a signal says stop, or the first decision is carried out (``once``).

    Args:
        running: The site; it is started here.
        folder: Watched for edits.
        served: What is around it, for example the HTTP API: entered before anything is switched, left at the end.
        once: Decide once, have it confirmed, end without switching anything.

    Raises:
        NoonwardError: It could not start.
        Exception: The loop broke; everything is closed, nothing is switched, and systemd starts anew.
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
    tasks: list[asyncio.Task[Any]] = []
    try:
        async with served:
            try:
                await running.start()
                if once:
                    await running.confirmed()
                    return
                tasks.append(asyncio.create_task(running.wait()))
                tasks.append(asyncio.create_task(watch(folder, running.clock, asked, running.reload)))
                tasks.append(asyncio.create_task(ended.wait()))
                done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    task.result()
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
                await running.stop(for_good=for_good)
    finally:
        for number in (*FOR_GOOD, FOR_RESTART, signal.SIGHUP):
            loop.remove_signal_handler(number)
