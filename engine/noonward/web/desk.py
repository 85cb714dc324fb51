"""What every handler of an app shares: the engine it speaks for, the open streams, and a turn for each who sets."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from noonward.access.limits import Backoff, Bucket, Rate

if TYPE_CHECKING:
    from starlette.requests import HTTPConnection

    from noonward.access.register import Register
    from noonward.daemon.engine import Engine
    from noonward.web.asking import Identify
    from noonward.web.events import Streams

HASHES = Rate(burst=20, each_s=1.0)
"""Of all together: a password takes 45 ms of a core and 16 MiB, which a crowd must not have for the asking."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The handlers' common ground.

    Attributes:
        engine: The running daemon.
        streams: Where open event streams are kept.
        identify: Finds out who asks.
        register: Where people, sessions, tokens and the audit log are.
        guesses: Who has guessed wrong, and how long they wait.
        hashes: How often a password is looked at, whoever asks.
        turn: Held by whoever compares with what is set and then sets something, so that nothing comes between; one for
            all listeners.
    """

    engine: Engine
    streams: Streams
    identify: Identify
    register: Register
    guesses: Backoff = field(default_factory=Backoff)
    hashes: Bucket = field(default_factory=lambda: Bucket(HASHES))
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)


def desk(request: HTTPConnection) -> Desk:
    """Return what the app of a request shares."""
    return cast("Desk", request.app.state.desk)


def engine(request: HTTPConnection) -> Engine:
    """Return the engine that a request is about."""
    return desk(request).engine
