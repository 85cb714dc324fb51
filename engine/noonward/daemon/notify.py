"""sd_notify(3): tells systemd what the daemon is doing, over the socket named in ``NOTIFY_SOCKET``."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from noonward.daemon.clock import MachineClock


class Notifier:
    """Says READY, STATUS, WATCHDOG, RELOADING and STOPPING; silent where nobody listens.

    Attributes:
        watchdog_s: How long systemd waits for a sign of life before it kills us; None where it does not wait. [s]
    """

    def __init__(self, clock: MachineClock, environ: Mapping[str, str], pid: int) -> None:
        self._clock = clock
        self._address = environ.get("NOTIFY_SOCKET", "")
        if self._address.startswith("@"):  # abstract namespace
            self._address = "\0" + self._address[1:]
        self._status = ""
        usec = environ.get("WATCHDOG_USEC", "")
        mine = environ.get("WATCHDOG_PID", str(pid)) == str(pid)
        self.watchdog_s = int(usec) / 1e6 if usec.isdecimal() and mine else None

    def ready(self, status: str) -> None:
        """The first decision is made, or a reload is over."""
        self._send(f"READY=1\nSTATUS={status}")

    def status(self, status: str) -> None:
        """One line for ``systemctl status``, when it is another than before."""
        if status != self._status:
            self._status = status
            self._send(f"STATUS={status}")

    def alive(self) -> None:
        """A whole tick of the loop is done."""
        if self.watchdog_s is not None:
            self._send("WATCHDOG=1")

    def reloading(self) -> None:
        """The folder is being read again; ``ready`` ends it."""
        self._send(f"RELOADING=1\nMONOTONIC_USEC={int(self._clock.monotonic() * 1e6)}")

    def stopping(self) -> None:
        """The end has begun."""
        self._send("STOPPING=1\nSTATUS=stopping")

    def _send(self, text: str) -> None:
        if not self._address:
            return
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC | socket.SOCK_NONBLOCK) as s:
                s.sendto(text.encode(), self._address)
        except OSError:  # systemd is not there or not listening; the watchdog is its business
            return
