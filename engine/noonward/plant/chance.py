"""Repeatable chance: numbers that look random and depend on nothing but their name."""

from __future__ import annotations

import math
from hashlib import blake2b

_SPAN = float(1 << 64)


def chance(*name: object) -> float:
    """Return a number in [0, 1) drawn from a name: the same name gives the same number on every machine, for ever."""
    digest = blake2b("\x1f".join(map(str, name)).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") / _SPAN


def bell(*name: object) -> float:
    """Return a number from the standard normal distribution, drawn from a name (Box and Muller 1958)."""
    radius = math.sqrt(-2.0 * math.log(1.0 - chance(*name, "r")))
    return radius * math.cos(2.0 * math.pi * chance(*name, "phi"))


def drift(x: float, *name: object) -> float:
    """Return a smooth curve in [0, 1) that takes a fresh chance at every whole ``x`` (value noise, cosine between)."""
    k = math.floor(x)
    weight = 0.5 - 0.5 * math.cos(math.pi * (x - k))
    return chance(*name, k) * (1.0 - weight) + chance(*name, k + 1) * weight
