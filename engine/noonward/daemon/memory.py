"""What one device keeps over a restart: its share of ``state.db`` (``ports.Memory``)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from noonward.daemon.store import StateStore


class DeviceMemory:
    """Small JSON values by key. Read once at opening, written through the one thread that writes."""

    def __init__(self, device: str, store: StateStore, run: Callable[[Callable[[], None]], Awaitable[None]]) -> None:
        self._device = device
        self._store = store
        self._run = run

    def load(self) -> Mapping[str, Any]:
        """Return everything that is kept."""
        return {key: json.loads(value) for key, value in self._store.memory(self._device).items()}

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
            await self._run(lambda: self._store.remember(self._device, texts))
