"""In which language an answer is: ``?lang=``, else what the browser likes best, else English."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from starlette.datastructures import Headers, MutableHeaders

from noonward.policy.language import Language, preferred, speaking
from noonward.web.problem import Refused, answer

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

TOLD = ("/api/v1/", "/status")
"""Where sentences are; the portal's own words are in its script, and numbers have no language."""


class Speaking:
    """Has every sentence of an answer made in its asker's language: plain ASGI, so that streams pass untouched.

    A refusal says its language itself: English, where it is only for who wrote the request.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on in its language."""
        if scope["type"] != "http" or not scope["path"].startswith(TOLD):
            await self.app(scope, receive, send)
            return
        try:
            language = wanted(scope)
        except Refused as refused:
            await answer(refused)(scope, receive, send)
            return

        async def send_named(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.setdefault("content-language", language)
                headers.add_vary_header("Accept-Language")
            await send(message)

        with speaking(language):
            await self.app(scope, receive, send_named)


def wanted(scope: Scope) -> Language:
    """Return the language that a request asks for.

    Raises:
        Refused: 422, the one it names in its address is not spoken here.
    """
    asked = parse_qs(scope["query_string"].decode("latin-1"), keep_blank_values=True).get("lang")
    if asked is None:
        return preferred(Headers(scope=scope).get("accept-language"))
    language = Language.of(asked[-1])
    if language is None:
        spoken = ", ".join(one.value for one in Language)
        raise Refused(HTTPStatus.UNPROCESSABLE_ENTITY, f"lang must be one of {spoken}, not {asked[-1]!r}.")
    return language
