"""A real HTTP server on loopback that keeps what it is sent and answers as it is told."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web


@dataclass
class Receiver:
    """Answers what is in ``answers``, the last one again and again; a number is a status, else an aiohttp response."""

    answers: list = field(default_factory=lambda: [204])
    got: list = field(default_factory=list)
    url: str = ""

    async def handle(self, request):
        self.got.append((request.method, request.path_qs, dict(request.headers), await request.read()))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if callable(answer):
            answer = await answer(request)
        return web.Response(status=answer) if isinstance(answer, int) else answer


@asynccontextmanager
async def receiver(*answers, port=0):
    one = Receiver(list(answers) or [204])
    app = web.Application()
    app.router.add_route("*", "/{any:.*}", one.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", port)
    await site.start()
    one.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield one
    finally:
        await runner.cleanup()


async def until(holds, within_s=5.0):
    """Wait until something holds."""
    async with asyncio.timeout(within_s):
        while not holds():  # noqa: ASYNC110 - nothing tells
            await asyncio.sleep(0.01)
