"""How often somebody may try: enough for a person, too little for a program that guesses. Nothing locks for ever.

All of it is in memory: a restart forgives, and costs who guesses more than it gives.
"""

from __future__ import annotations

import ipaddress
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Hashable

    from noonward.access.model import Instant

KEYS_MAX = 4096
"""So many are remembered; the one that was heard of longest ago is forgotten."""


def network(address: str) -> str:
    """Return what one attacker has many of: the /24 of an IPv4 address, the /64 of an IPv6 one."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            return network(str(found.ipv4_mapped))
        return str(ipaddress.ip_network((found, 64), strict=False))
    return str(ipaddress.ip_network((found, 24), strict=False))


class Remembered(OrderedDict["Hashable", tuple[float, float]]):
    """Key to a number and since when; bounded."""

    def note(self, key: Hashable, number: float, now: Instant) -> None:
        """Keep a number of now."""
        self[key] = (number, now)
        self.move_to_end(key)
        if len(self) > KEYS_MAX:
            self.popitem(last=False)


class Backoff:
    """After a few failures each next try has to wait twice as long.

    Args:
        free: So many failures cost nothing.
        first_s: What the next one costs. [s]
        most_s: No wait is longer, and who stayed away for twice as long begins anew. [s]
    """

    def __init__(self, *, free: int = 4, first_s: float = 2.0, most_s: float = 300.0) -> None:
        self.free, self.first_s, self.most_s = free, first_s, most_s
        self._failed = Remembered()

    def wait_s(self, key: Hashable, now: Instant) -> float:
        """Return how long the next try has to wait; 0: not at all. [s]"""
        count, at = self._of(key, now)
        if count < self.free:
            return 0.0
        wait_s = min(self.first_s * 2.0 ** int(min(count - self.free, 32)), self.most_s)
        return max(0.0, at + wait_s - now)

    def failed(self, key: Hashable, now: Instant) -> None:
        """Note a failure."""
        self._failed.note(key, self._of(key, now)[0] + 1, now)

    def passed(self, key: Hashable) -> None:
        """Forget the failures: it was them."""
        self._failed.pop(key, None)

    def _of(self, key: Hashable, now: Instant) -> tuple[float, float]:
        count, at = self._failed.get(key, (0.0, now))
        return (0.0, now) if now - at > 2 * self.most_s else (count, at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """How much is fine.

    Attributes:
        burst: At once.
        each_s: One more after so long. [s]
    """

    burst: int
    each_s: float


class Bucket:
    """Lets a burst pass, and after that one each so often; for every key on its own."""

    def __init__(self, rate: Rate) -> None:
        self.rate = rate
        self._spent = Remembered()

    def take(self, key: Hashable, now: Instant) -> float:
        """Return 0 and count it, or how long to wait. [s]"""
        spent, at = self._spent.get(key, (0.0, now))
        spent = max(0.0, spent - max(0.0, now - at) / self.rate.each_s)
        if spent + 1 > self.rate.burst:
            return (spent + 1 - self.rate.burst) * self.rate.each_s
        self._spent.note(key, spent + 1, now)
        return 0.0


class Seldom:
    """Says of what happens again and again that it does, once in a while.

    Args:
        every_s: At most once in so long. [s]
    """

    def __init__(self, every_s: float = 60.0) -> None:
        self.every_s = every_s
        self._told: OrderedDict[Hashable, tuple[Instant, int]] = OrderedDict()

    def tell(self, key: Hashable, now: Instant) -> int:
        """Return how often it happened since it was last told, this time counted; 0: not now."""
        at, missed = self._told.get(key, (None, 0))
        if at is not None and 0 <= now - at < self.every_s:
            self._told[key] = (at, missed + 1)
            return 0
        self._told[key] = (now, 0)
        self._told.move_to_end(key)
        if len(self._told) > KEYS_MAX:
            self._told.popitem(last=False)
        return missed + 1
