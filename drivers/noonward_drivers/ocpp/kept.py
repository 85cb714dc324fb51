"""What must survive a restart, by station: a part of the device's memory under names of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from noonward.errors import StateError
from noonward_drivers.ocpp.wirelog import LOG

if TYPE_CHECKING:
    from collections.abc import Mapping

    from noonward.ports import Memory


class Kept:
    """Values whose names begin alike. What was saved can be read back at once; reading is free."""

    def __init__(self, memory: Memory, *, under: str = "") -> None:
        self._memory = memory
        self._under = under
        self._values = {key.removeprefix(under): value for key, value in memory.load().items() if key.startswith(under)}

    def get(self, key: str, default: Any = None) -> Any:
        """Return a value; ``default`` where it was never saved, or removed."""
        return self._values.get(key, default)

    async def save(self, changed: Mapping[str, Any]) -> None:
        """Keep these JSON values, durably before this returns; None removes a key. What did not change costs nothing.

        Raises:
            StateError: It is not durable; what was read before still is.
        """
        news = {key: value for key, value in changed.items() if self._values.get(key) != value}
        if not news:
            return
        await self._memory.save({self._under + key: value for key, value in news.items()})
        for key, value in news.items():
            if value is None:
                self._values.pop(key, None)
            else:
                self._values[key] = value

    async def hint(self, changed: Mapping[str, Any]) -> None:
        """Keep what could be found out again; that it is not durable is no reason to stop."""
        try:
            await self.save(changed)
        except StateError as error:
            LOG.warning("%s", error)
