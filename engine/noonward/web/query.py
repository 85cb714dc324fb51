"""What stands behind the question mark of an address."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from noonward.daemon import written
from noonward.errors import UsageError

if TYPE_CHECKING:
    from starlette.requests import Request

    from noonward.core.model import Instant
    from noonward.daemon.engine import Engine


NUMBER_MAX = (1 << 63) - 1
"""The largest number of a row that there can be."""
_OFFSET = re.compile(r"(?<=T.{5}) (?=\d\d:\d\d$)|(?<=T.{8}) (?=\d\d:\d\d$)")
"""Where a plus was that nobody encoded: in an address it means a space."""


def number(request: Request, name: str, default: int, most: int) -> int:
    """Return a whole number from 1 to ``most``, the default where none is said.

    Raises:
        UsageError: It is none (422).
    """
    said = request.query_params.get(name, str(default))
    if not (said.isascii() and said.isdigit() and 1 <= int(said[:20]) <= most):
        raise UsageError(f"{name} must be a whole number from 1 to {most}, not {said!r}.")
    return int(said)


def row(request: Request, name: str) -> int | None:
    """Return the number of a row that a page ended with; None where none is said.

    Raises:
        UsageError: It is none (422).
    """
    return number(request, name, 0, NUMBER_MAX) if name in request.query_params else None


def moment(request: Request, name: str, engine: Engine) -> Instant:
    """Return a moment in ISO 8601, site time where it has no offset; now where none is named.

    Raises:
        UsageError: It is none (422).
    """
    said = request.query_params.get(name)
    if said is None:
        return engine.clock.now()
    return written.stamp(_OFFSET.sub("+", said), engine.loaded.site.timezone)
