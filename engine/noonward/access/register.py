"""``access.db`` for those who serve people: every piece of work in the daemon's store thread, none in the loop."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar

from noonward.access import audit, codes, passwords, people
from noonward.access.store import AccessStore
from noonward.errors import StateError

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable
    from concurrent.futures import Executor
    from pathlib import Path

    from noonward.access.model import Instant

P = ParamSpec("P")
T = TypeVar("T")

FILE = "access.db"


class Register:
    """Who may come in, and what they did.

    Args:
        path: Of the file; None: in memory, gone with the process.
        executor: The daemon's store thread; None: one of its own.
    """

    def __init__(self, path: Path | None = None, executor: Executor | None = None) -> None:
        self._store = AccessStore(path)
        self._executor = executor or ThreadPoolExecutor(max_workers=1, thread_name_prefix="noonward-access")
        self._hashing = ThreadPoolExecutor(max_workers=1, thread_name_prefix="noonward-hashing")

    async def open(self, now: Instant) -> tuple[str, ...]:
        """Open the file; return what is wrong with it, to be said loudly: none of it lets anybody in."""
        try:
            aside = await self._run(lambda: self._store.open(now))
        except StateError as error:
            return (f"Nobody can sign in: {error}",)
        if aside is not None:
            return (f"What was known of people, sessions and tokens could not be read: {aside}",)
        broken = await self.do(audit.broken_lately)
        return (
            () if broken is None else (f"The audit log was changed: entry {broken} does not follow the one before it.",)
        )

    async def close(self) -> None:
        """Let go of the file."""
        await self._run(self._store.close)

    async def do(
        self, work: Callable[Concatenate[sqlite3.Connection, P], T], /, *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Return what a piece of work on the tables comes to; what it changed is durable, or nothing is changed.

        Raises:
            StateError: It is not durable, or the file could not be opened.
        """

        def done() -> T:
            with self._store.commit() as db:
                return work(db, *args, **kwargs)

        return await self._run(done)

    async def matches(self, password: str, kept: str | None) -> bool:
        """Tell whether a password is the one that is kept; as slow where none is, so that nobody learns who exists."""
        found = await self._hashed(passwords.matches, password, kept or passwords.NOBODY)
        return found and kept is not None

    async def keep(self, password: str) -> str:
        """Return what is kept of a password."""
        return await self._hashed(passwords.keep, password)

    async def _hashed(self, work: Callable[P, T], /, *args: P.args, **_: P.kwargs) -> T:
        """Return what a slow hash comes to: one at a time (16 MiB and a core each), and not where files wait."""
        return await asyncio.get_running_loop().run_in_executor(self._hashing, work, *args)

    async def _run(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._executor, work)


async def first_code(register: Register, now: Instant) -> str | None:
    """Return a new code by which somebody becomes the first owner; None: somebody is one.

    Raises:
        StateError: It could not be kept.
    """

    def made(db: sqlite3.Connection) -> str | None:
        return None if people.has_owner(db) else codes.make(db, codes.SETUP, now=now, lasts_s=codes.SETUP_S)[0]

    return await register.do(made)
