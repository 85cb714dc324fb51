"""The portal: one page for every path that it routes itself, and its assets as ``make portal`` built them.

Everything here is the same for everyone and tells nothing of the site, so nobody has to sign in for it. An asset's name
holds the digest of its content: a browser keeps it for ever, and a new build has new names. The page that names them is
never kept, or a browser would go on with assets that an update took away.
"""

from __future__ import annotations

import gzip
from functools import cache
from http import HTTPStatus
from importlib.resources import files
from typing import TYPE_CHECKING

from starlette.responses import Response
from starlette.routing import Route

from noonward.web.problem import Refused, on_error

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

    from starlette.requests import Request

PATHS = (
    "/",
    "/policies/{name}",
    "/stations/{id}",
    "/history",
    "/alarms",
    "/devices",
    "/people",
    "/audit",
    "/account",
    "/sign-in",
    "/setup",
)
"""What the portal's router knows; every other address is nothing."""

KINDS = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
FOR_EVER = {"cache-control": "public, max-age=31536000, immutable"}
SMALL_BYTES = 1000
"""What is smaller fits into one packet as it is."""


def routes() -> list[Route]:
    """Return the portal's page and its assets."""
    return [*(Route(path, page) for path in PATHS), Route("/assets/{name}", asset)]


async def page(request: Request) -> Response:
    """Answer the page; its script does the rest."""
    return _answer(request, "index.html", "text/html", {})


async def lost(request: Request, error: Exception) -> Response:
    """Answer an address that is nothing: to a browser the portal, which says so; to a program a problem document."""
    looks = request.method in {"GET", "HEAD"} and "text/html" in request.headers.get("accept", "")
    if not looks or request.url.path.startswith(("/api/", "/assets/")):
        return on_error(request, error)
    return _answer(request, "index.html", "text/html", {}, HTTPStatus.NOT_FOUND)


async def asset(request: Request) -> Response:
    """Answer one asset."""
    name = request.path_params["name"]
    if name not in names():
        raise Refused(HTTPStatus.NOT_FOUND, "There is no such asset: the portal was updated. Load the page anew.")
    return _answer(request, f"assets/{name}", KINDS[name[name.rindex(".") :]], FOR_EVER)


@cache
def names() -> frozenset[str]:
    """Return the names of all assets; nothing else is ever opened."""
    return frozenset(one.name for one in (_built() / "assets").iterdir() if one.name.endswith(tuple(KINDS)))


def _answer(
    request: Request, path: str, kind: str, headers: dict[str, str], status: HTTPStatus = HTTPStatus.OK
) -> Response:
    plain, small = _content(path)
    headers = {**headers, "vary": "accept-encoding"}
    if small is None or "gzip" not in request.headers.get("accept-encoding", ""):
        return Response(plain, status, media_type=kind, headers=headers)
    return Response(small, status, media_type=kind, headers={**headers, "content-encoding": "gzip"})


@cache
def _content(path: str) -> tuple[bytes, bytes | None]:
    """Return a file as it is, and compressed where that is worth it; both stay in memory, some 200 kB in all."""
    plain = (_built() / path).read_bytes()
    return plain, gzip.compress(plain, mtime=0) if len(plain) > SMALL_BYTES else None


def _built() -> Traversable:
    return files("noonward.web") / "portal"
