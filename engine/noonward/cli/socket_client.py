"""HTTP over the control socket of a running daemon; standard library only, so that a command starts in no time."""

from __future__ import annotations

import getpass
import http.client
import json
import os
import socket
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from noonward.daemon.place import control_socket
from noonward.errors import NoonwardError, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

PATIENCE_S = 10.0
_SERVER_ERROR = 500


class Refused(UsageError):
    """The daemon said no; the message is its own."""


class Unreachable(NoonwardError):
    """No daemon answers."""


class _SocketConnection(http.client.HTTPConnection):
    """An HTTP connection whose other end is a file."""

    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=PATIENCE_S)
        self._path = path

    def connect(self) -> None:
        """Connect to the file."""
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._path))


def ask(
    state_dir: Path,
    method: str,
    *place: str,
    body: dict[str, Any] | None = None,
    query: Mapping[str, str | int] | None = None,
) -> dict[str, Any]:
    """Return the daemon's answer, nothing where it has nothing to say.

    Args:
        state_dir: Of the daemon.
        method: GET, PUT, POST, DELETE.
        place: Parts of the path below ``/api/v1``; quoted here.
        body: Sent as JSON.
        query: What stands behind the question mark.

    Raises:
        Unreachable: No daemon runs there, or it does not answer.
        Refused: The daemon said no.
    """
    path = control_socket(state_dir)
    connection = _SocketConnection(path)
    headers = {"Noonward-User": _who(), "Content-Type": "application/json"}
    try:
        connection.request(
            method,
            "/api/v1/" + "/".join(quote(part, safe="") for part in place) + (f"?{urlencode(query)}" if query else ""),
            body=None if body is None else json.dumps(body),
            headers=headers,
        )
        answer = connection.getresponse()
        text = answer.read()
    except (FileNotFoundError, ConnectionRefusedError):
        raise Unreachable(
            f"no daemon runs with its state in {state_dir}; start one with “noonward run”, "
            "or say with --state where it keeps its state"
        ) from None
    except PermissionError:
        raise Unreachable(f"{path} belongs to someone else; only who runs the daemon may speak to it") from None
    except TimeoutError:
        raise Unreachable(f"the daemon at {path} has not answered for {PATIENCE_S:.0f} s; see its log") from None
    except (OSError, http.client.HTTPException) as error:
        raise Unreachable(f"the daemon at {path} broke off: {error or type(error).__name__}") from None
    finally:
        connection.close()
    return _read(answer.status, text, path)


def _read(status: int, text: bytes, path: Path) -> dict[str, Any]:
    if status == http.client.NO_CONTENT:
        return {}
    try:
        value = json.loads(text)
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise Unreachable(f"what answers at {path} is not a noonward (HTTP {status})")
    if status >= _SERVER_ERROR:
        raise Unreachable(str(value.get("detail")))
    if status >= http.client.BAD_REQUEST:
        raise Refused(str(value.get("detail")))
    return value


def _who() -> str:
    """Return who asks: the person behind sudo, if there is one."""
    try:
        name = os.environ.get("SUDO_USER") or getpass.getuser()
    except (KeyError, OSError):
        name = f"user {os.getuid()}"
    return name if name.isascii() else name.encode("ascii", "replace").decode()
