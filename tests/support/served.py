"""A fake engine behind a real control socket, in a thread of its own, for commands that block."""

from __future__ import annotations

import asyncio
import threading
from contextlib import contextmanager

from noonward.web.server import serving


@contextmanager
def served(engine, state_dir):
    """Serve until the block is left."""
    listening, leaving = threading.Event(), threading.Event()

    async def serve():
        async with serving(engine, state_dir=state_dir, listen=("127.0.0.1", 0)):
            listening.set()
            await asyncio.to_thread(leaving.wait)

    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    try:
        assert listening.wait(10)
        yield engine
    finally:
        leaving.set()
        thread.join(10)
