"""Threads for what may hang on a network: looking up a name, a TLS handshake with a host that says nothing.

``asyncio`` waits at its end for the threads of its own executor, and so does the interpreter. A daemon that is told to
stop must not wait half a minute for a broker that does not answer, so these threads are left behind.
"""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from threading import Thread
from typing import TYPE_CHECKING, ParamSpec, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

P = ParamSpec("P")
T = TypeVar("T")


class Abandonable(ThreadPoolExecutor):
    """A thread for each call, which nothing waits for: for ``loop.set_default_executor``, which takes no other kind."""

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Call it in a thread of its own."""
        future: Future[T] = Future()

        def work() -> None:
            if not future.set_running_or_notify_cancel():
                return
            try:
                result = fn(*args, **kwargs)
            except BaseException as error:  # noqa: BLE001 - as concurrent.futures does; it is raised where it is awaited
                future.set_exception(error)
            else:
                future.set_result(result)

        Thread(target=work, daemon=True, name="noonward-network").start()
        return future
