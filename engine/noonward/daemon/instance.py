"""One daemon a state folder: two would fight over the same relays."""

from __future__ import annotations

import fcntl
import os
from typing import TYPE_CHECKING

from noonward.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path


class Instance:
    """A lock on a state folder, held until :meth:`release` or the end of the process, however that comes."""

    def __init__(self, state: Path) -> None:
        """Take the lock.

        Raises:
            UsageError: Another daemon holds it, or the folder cannot be written.
        """
        path = state / "lock"
        try:
            state.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise UsageError(
                f"cannot keep state in {state}: {error.strerror}; choose another folder with --state"
            ) from None
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            holder = os.pread(self._file, 20, 0).decode(errors="replace").strip()
            os.close(self._file)
            raise UsageError(
                f"another noonward (process {holder or 'unknown'}) runs with the state folder {state}; stop it first, "
                "or choose another folder with --state"
            ) from None
        os.ftruncate(self._file, 0)
        os.pwrite(self._file, f"{os.getpid()}\n".encode(), 0)

    def release(self) -> None:
        """Let go of the folder."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1
