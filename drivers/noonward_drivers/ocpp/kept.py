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
        self._values = dict(memory.load())

    def below(self, under: str) -> Kept:
        """Return the part of it whose names go on like this; it is loaded once for all parts."""
        part = object.__new__(Kept)
        part._memory, part._under, part._values = self._memory, self._under + under, self._values
        return part

    def get(self, key: str, default: Any = None) -> Any:
        """Return a value; ``default`` where it was never saved, or removed."""
        return self._values.get(self._under + key, default)

    async def save(self, changed: Mapping[str, Any]) -> None:
        """Keep these JSON values, durably before this returns; None removes a key. What did not change costs nothing.

        Raises:
            StateError: It is not durable; what was read before still is.
        """
        named = {self._under + key: value for key, value in changed.items()}
        news = {key: value for key, value in named.items() if self._values.get(key) != value}
        if not news:
            return
        await self._memory.save(news)
        self._values.update(news)
        for key, value in news.items():
            if value is None:
                del self._values[key]

    async def hint(self, changed: Mapping[str, Any]) -> None:
        """Keep what could be found out again; that it is not durable is no reason to stop."""
        try:
            await self.save(changed)
        except StateError as error:
            LOG.warning("%s", error)
