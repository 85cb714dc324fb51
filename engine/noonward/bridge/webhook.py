"""Notices by HTTP: a POST when one begins, and one when it is over, signed, tried again for a while, and then let go.

The address is the installer's choice (site.yaml), never a user's, and no answer is read or followed elsewhere, so
nobody can use this to make the gateway ask for what only the gateway can reach.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from collections import deque
from typing import TYPE_CHECKING, Any

import aiohttp

from noonward.bridge.backoff import Backoff
from noonward.bridge.picture import text
from noonward.daemon import log
from noonward.policy.language import speaking
from noonward.views.board import shown

if TYPE_CHECKING:
    from noonward.core.model import Instant
    from noonward.daemon.engine import Engine
    from noonward.policy.bridges import Webhook
    from noonward.views.board import Told

ANSWER_S = 10.0
"""So long a receiver may take. [s]"""
TRIES = 8
"""With waits of 1, 2, 4 … s that are about four minutes."""
WAITING_MAX = 100
"""Messages that wait for a receiver; the oldest goes first."""
SIGNATURE = "Noonward-Signature"
EVENT = "Noonward-Event"
RETRY = frozenset({408, 425, 429})
"""Refusals that may not last; any of the server's own (5xx) may not either."""


def signature(secret: str, at: Instant, body: bytes) -> str:
    """Return ``t=SECONDS,v1=HEX``: HMAC-SHA256 of the seconds, a dot and the body; a receiver refuses what is old."""
    signed = hmac.new(secret.encode(), f"{at:.0f}.".encode() + body, hashlib.sha256)
    return f"t={at:.0f},v1={signed.hexdigest()}"


class Hook:
    """One receiver."""

    def __init__(self, engine: Engine, hook: Webhook, version: str) -> None:
        self._engine = engine
        self._hook = hook
        self._agent = f"noonward/{version}"
        self._waiting: deque[dict[str, Any]] = deque(maxlen=WAITING_MAX)
        self._woken = asyncio.Event()
        self._failing = False

    def hear(self, told: Told) -> None:
        """Take what began or is over; who is told only of trouble hears of nothing else."""
        if told.level != "trouble" and self._hook.level == "trouble":
            return
        with speaking(self._hook.language):
            notice = shown(told, self._engine.loaded.site.timezone)
        site = self._engine.loaded.site.name
        event = "begin" if told.over_at is None else "end"
        self._waiting.append({"event": event, "site": site, "notice": notice})
        self._woken.set()

    async def run(self) -> None:
        """Send what comes until cancelled."""
        timeout = aiohttp.ClientTimeout(total=ANSWER_S)
        async with aiohttp.ClientSession(
            timeout=timeout, trust_env=False, cookie_jar=aiohttp.DummyCookieJar()
        ) as session:
            while True:
                while self._waiting:
                    await self._deliver(session, self._waiting.popleft())
                self._woken.clear()
                await self._woken.wait()

    async def _deliver(self, session: aiohttp.ClientSession, message: dict[str, Any]) -> None:
        body = text(message).encode()
        backoff = Backoff(f"{self._hook.host} {message['notice']['id']}")
        for _ in range(TRIES):
            refused, again = await self._post(session, message["event"], body)
            if refused is None:
                if self._failing:
                    log.say("webhook", f"{self._hook.host} takes messages again")
                self._failing = False
                return
            if not self._failing:
                log.warn(
                    "webhook", f"{self._hook.host} did not take a message{', trying again' if again else ''}: {refused}"
                )
            self._failing = True
            if not again:
                return
            await self._engine.clock.sleep(backoff.failed())
        log.warn("webhook-lost", f"{self._hook.host} was not told of {message['notice']['id']} ({message['event']})")

    async def _post(self, session: aiohttp.ClientSession, event: str, body: bytes) -> tuple[str | None, bool]:
        """Return why it was not taken, None where it was, and whether another try may help."""
        headers = {"Content-Type": "application/json; charset=utf-8", "User-Agent": self._agent, EVENT: event}
        if self._hook.secret is not None:
            headers[SIGNATURE] = signature(self._hook.secret, self._engine.clock.now(), body)
        try:
            async with session.post(self._hook.url, data=body, headers=headers, allow_redirects=False) as answer:
                if answer.status < 300:  # noqa: PLR2004 - the classes of HTTP's answers
                    return None, False
                if answer.status < 400:  # noqa: PLR2004 - as above
                    return f"it points elsewhere ({answer.status}), which is not followed", False
                return f"it answers {answer.status}", answer.status >= 500 or answer.status in RETRY  # noqa: PLR2004
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            return _cause(error), not isinstance(error, aiohttp.InvalidURL | ValueError)


def _cause(error: Exception) -> str:
    """Return what went wrong without the address, which may hold a secret."""
    if isinstance(error, TimeoutError):
        return f"no answer within {ANSWER_S:.0f} s"
    cause = getattr(error, "os_error", None)
    return getattr(cause, "strerror", None) or type(error).__name__
