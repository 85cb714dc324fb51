"""Where the daemon keeps its state, and where the commands find its socket."""

from __future__ import annotations

import os
from pathlib import Path

from noonward.errors import UsageError

SYSTEM_STATE = Path("/var/lib/noonward")
SOCKET_NAME = "control.sock"
SOCKET_PATH_MAX = 107
"""Longest path that fits a unix socket address, Linux `unix(7)`: 108 bytes with the closing zero."""


def default_state_dir() -> Path:
    """Return $NOONWARD_STATE, else /var/lib/noonward where it exists and is writable, else ./state."""
    named = os.environ.get("NOONWARD_STATE")
    if named:
        return Path(named)
    if SYSTEM_STATE.is_dir() and os.access(SYSTEM_STATE, os.W_OK):
        return SYSTEM_STATE
    return Path("state")


def control_socket(state_dir: Path) -> Path:
    """Return the path of the control socket below the state directory.

    Raises:
        UsageError: The path is longer than a socket address can hold.
    """
    path = state_dir / SOCKET_NAME
    if len(os.fsencode(path)) > SOCKET_PATH_MAX:
        raise UsageError(
            f"{path} is too long for a socket ({SOCKET_PATH_MAX} bytes at most): choose a shorter state directory"
        )
    return path
