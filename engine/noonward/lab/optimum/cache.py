"""Plans kept from one call to the next, by content: ``$XDG_CACHE_HOME/noonward/optimum``, a file for each game.

The name of a file is the hash of all that a plan follows from, so nothing is ever out of date; what cannot be read or
written is computed again.
"""

from __future__ import annotations

import os
import zlib
from array import array
from hashlib import sha256
from itertools import accumulate, pairwise
from math import nan
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from noonward.lab.optimum.jobs import Job

KEPT = 100
"""So many plans are kept, the latest; one of a month in steps of a minute takes about 100 kB."""


def key(version: int, jobs: Sequence[Job], net_w: Sequence[float | None], limits_w: Sequence[float]) -> str:
    """Return the hash of all that a plan follows from.

    Args:
        version: Of the program that computes it.
        jobs: What is placed: needs, windows, powers, min-on.
        net_w: Base load less PV of each step. [W]
        limits_w: The zones' maxima. [W]
    """
    digest = sha256(repr((version, limits_w)).encode())
    for job in jobs:
        digest.update(repr(job).encode())
    digest.update(array("d", (nan if w is None else w for w in net_w)).tobytes())
    return digest.hexdigest()


def read(name: str, jobs: Sequence[Job]) -> list[list[float]] | None:
    """Return what each job draws, as it was kept; None where it was not. [W]"""
    draws = array("d")
    try:
        draws.frombytes(zlib.decompress((folder() / name).read_bytes()))
    except (OSError, ValueError, RuntimeError, zlib.error):
        return None
    ends = [0, *accumulate(job.hi - job.lo for job in jobs)]
    return [draws[a:b].tolist() for a, b in pairwise(ends)] if len(draws) == ends[-1] else None


def write(name: str, draws_w: Sequence[Sequence[float]]) -> None:
    """Keep what each job draws, if that can be done. [W]"""
    packed = zlib.compress(array("d", (w for draws in draws_w for w in draws)).tobytes(), 1)
    try:
        place = folder()
        place.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=place, delete=False) as stream:
            stream.write(packed)
        Path(stream.name).replace(place / name)
        for old in sorted(place.iterdir(), key=lambda path: path.stat().st_mtime, reverse=True)[KEPT:]:
            old.unlink(missing_ok=True)
    except (OSError, RuntimeError):
        return


def folder() -> Path:
    """Return where plans are kept.

    Raises:
        RuntimeError: Nobody knows where this user is at home.
    """
    base = os.environ.get("XDG_CACHE_HOME", "")
    return (Path(base) if Path(base).is_absolute() else Path.home() / ".cache") / "noonward" / "optimum"
