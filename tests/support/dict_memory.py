"""What a device keeps over a restart, in a dictionary that a test can look into."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


class DictMemory:
    """A ``noonward.ports.Memory`` without a file. Hand the same one to the next opening, and that is a restart.

    Attributes:
        kept: What is kept, by key, as it would come back from the file.
        saves: Everything that was ever saved, in order.
        fault: Raised by the next save instead of keeping anything, until it is taken away.
    """

    def __init__(self, kept: Mapping[str, Any] | None = None) -> None:
        self.kept: dict[str, Any] = dict(kept or {})
        self.saves: list[dict[str, Any]] = []
        self.fault: Exception | None = None

    def load(self) -> Mapping[str, Any]:
        return json.loads(json.dumps(self.kept))

    async def save(self, changed: Mapping[str, Any]) -> None:
        if self.fault is not None:
            raise self.fault
        values = json.loads(json.dumps(dict(changed)))
        self.saves.append(values)
        self.kept = {key: value for key, value in {**self.kept, **values}.items() if value is not None}
