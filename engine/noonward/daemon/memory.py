"""What devices keep over a restart: their shares of ``state.db`` (``ports.Memory``)."""

from __future__ import annotations

import asyncio
import json
from functools import partial
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping

    from noonward.daemon.store import StateStore

    Texts = Mapping[str, str | None]
    Batch = list[tuple[str, Texts, asyncio.Future[None]]]


class Keeper:
    """Writes what all devices keep, through the one thread that writes.

    What comes while a commit is on its way to flash goes together in the next one: two hundred stations that come back
    at once cost a few commits, and nothing that the engine has to save waits behind two hundred.
    """

    def __init__(self, store: StateStore, run: Callable[[Callable[[], None]], Awaitable[None]]) -> None:
        self._store = store
        self._run = run
        self._waiting: Batch = []
        self._writing: asyncio.Task[None] | None = None

    def load(self, device: str) -> Mapping[str, str]:
        """Return what a device keeps: key to JSON."""
        return self._store.memory(device)

    async def save(self, device: str, texts: Texts) -> None:
        """Keep these values of a device, durably before this returns.

        Raises:
            StateError: They are not durable, and not kept.
        """
        kept: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((device, texts, kept))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write())
        await kept

    async def idle(self) -> None:
        """Return when everything is written."""
        while self._writing is not None and not self._writing.done():
            await asyncio.gather(self._writing, return_exceptions=True)

    async def _write(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting, []
            error: BaseException | None = None
            try:
                await self._run(partial(self._store.remember, [(device, texts) for device, texts, _ in batch]))
            except BaseException as raised:
                error = raised
                if not isinstance(raised, Exception):
                    raise
            finally:
                _tell([kept for _, _, kept in batch], error)


def _tell(waiting: Iterable[asyncio.Future[None]], error: BaseException | None) -> None:
    """Tell those who still wait what became of it."""
    for kept in waiting:
        if kept.done():
            continue
        if error is None:
            kept.set_result(None)
        elif isinstance(error, asyncio.CancelledError):
            kept.cancel()
        else:
            kept.set_exception(error)


class DeviceMemory:
    """Small JSON values of one device, by key."""

    def __init__(self, device: str, keeper: Keeper) -> None:
        self._device = device
        self._keeper = keeper

    def load(self) -> Mapping[str, Any]:
        """Return everything that is kept."""
        return {key: json.loads(value) for key, value in self._keeper.load(self._device).items()}

    async def save(self, changed: Mapping[str, Any]) -> None:
        """Keep these values, all or none, durably before this returns; None removes a key.

        Raises:
            StateError: They are not durable, and not kept.
        """
        texts = {
            key: None if value is None else json.dumps(value, separators=(",", ":"), ensure_ascii=False)
            for key, value in changed.items()
        }
        if texts:
            await self._keeper.save(self._device, texts)
