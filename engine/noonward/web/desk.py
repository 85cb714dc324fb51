"""What every handler of an app shares: the engine it speaks for, the open streams, and a turn for each who sets."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from starlette.requests import HTTPConnection

    from noonward.daemon.engine import Engine
    from noonward.web.asking import Identify
    from noonward.web.events import Streams


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The handlers' common ground.

    Attributes:
        engine: The running daemon.
        streams: Where open event streams are kept.
        identify: Finds out who asks.
        turn: Held by whoever compares with what is set and then sets something, so that nothing comes between.
    """

    engine: Engine
    streams: Streams
    identify: Identify
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)


def desk(request: HTTPConnection) -> Desk:
    """Return what the app of a request shares."""
    return cast("Desk", request.app.state.desk)


def engine(request: HTTPConnection) -> Engine:
    """Return the engine that a request is about."""
    return desk(request).engine
