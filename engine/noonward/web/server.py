"""Two listeners in the daemon's own loop: the control socket, whose owner may do everything, and a port."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import ipaddress
import socket
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

import uvicorn

from noonward.access.register import Register
from noonward.daemon.place import control_socket
from noonward.errors import UsageError
from noonward.web.app import create_app
from noonward.web.asking import on_socket
from noonward.web.desk import Desk
from noonward.web.entrance import Entrance
from noonward.web.events import Streams
from noonward.web.patience import PatientProtocol

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping
    from pathlib import Path

    from starlette.applications import Starlette

    from noonward.daemon.engine import Engine
    from noonward.views.board import Board

OWNER_ONLY = 0o600
CONNECTIONS_MAX = 64
"""On the port; the control socket has its own count, so a crowd there cannot keep the owner out."""
HEADER_BYTES_MAX = 16_384
CLOSE_WITHIN_S = 1
BACKLOG = 64
TICK_S = 1.0


@dataclass(frozen=True, slots=True)
class Listening:
    """Where the daemon can be reached.

    Attributes:
        url: Of the status page.
        control: Path of the control socket.
    """

    url: str
    control: Path


class _Server(uvicorn.Server):
    """A server that leaves the signals to the daemon, and looks once a second where the original looks ten times."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._ended = asyncio.Event()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield

    async def main_loop(self) -> None:
        """Wait to be ended; the tick renews the ``Date`` that answers carry."""
        while not await self.on_tick(0):
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._ended.wait(), TICK_S)

    def end(self) -> None:
        """Close soon: end the open streams, which would keep it waiting."""
        cast("Starlette", self.config.app).state.desk.streams.stop()
        self.should_exit = True
        self._ended.set()


@contextlib.asynccontextmanager
async def serving(
    engine: Engine,
    *,
    state_dir: Path,
    listen: tuple[str, int],
    register: Register | None = None,
    board: Board | None = None,
) -> AsyncIterator[Listening]:
    """Serve until the block is left; port 0 takes any free one.

    Args:
        engine: The running daemon.
        state_dir: Where the control socket is.
        listen: Host and port.
        register: Where people, sessions, tokens and the audit log are, open; None: nothing is kept.
        board: What was told of what is not as it should be; None: nothing ever is.

    Raises:
        UsageError: The port is taken, the address is not this machine's, or another daemon has the control socket.
    """
    path = control_socket(state_dir)
    async with contextlib.AsyncExitStack() as stack:
        port = stack.enter_context(contextlib.closing(bind_port(*listen)))
        control = stack.enter_context(_bound_to(path))
        register = register or Register()
        enter = Entrance(engine=engine, register=register, loopback=is_here(port))
        desk = Desk(engine=engine, streams=Streams(board), identify=on_socket, register=register)
        inside = create_app(desk)
        outside = create_app(replace(desk, identify=enter), hosts={listen[0]})
        servers = {_server(inside, None): control, _server(outside, CONNECTIONS_MAX): port}
        await stack.enter_async_context(_serving(servers))
        host, number = port.getsockname()[:2]
        yield Listening(url=f"http://{f'[{host}]' if ':' in host else host}:{number}/", control=path)


def is_here(port: socket.socket) -> bool:
    """Tell whether a port can be reached from this machine alone."""
    return ipaddress.ip_address(port.getsockname()[0].partition("%")[0]).is_loopback


def bind_port(host: str, number: int) -> socket.socket:
    """Return a socket bound to host and port.

    Raises:
        UsageError: It cannot be had; the message says why and what to do.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, number, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except socket.gaierror as error:
        raise UsageError(f"cannot listen on {host}: {error.strerror}; name an address of this machine") from None
    bound = socket.socket(family, kind, protocol)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
        bound.listen(BACKLOG)
    except OSError as error:
        bound.close()
        hint = {
            errno.EADDRINUSE: "something else listens there; choose another port with --http HOST:PORT",
            errno.EACCES: "ports below 1024 need more rights; choose another with --http HOST:PORT",
            errno.EADDRNOTAVAIL: "that is not an address of this machine",
        }.get(error.errno or 0, error.strerror)
        raise UsageError(f"cannot listen on {host}:{number}: {hint}") from None
    return bound


def bind_control(path: Path) -> socket.socket:
    """Return the control socket, for its owner alone; one that a killed daemon left behind is replaced.

    Raises:
        UsageError: Another daemon answers there, or the place cannot be written.
    """
    if path.is_socket() and _answers(path):
        raise UsageError(f"another noonward runs on {path.parent}; stop it, or choose another --state")
    bound = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        if path.is_socket():
            path.unlink()
        bound.bind(str(path))
        path.chmod(OWNER_ONLY)  # before listen(): until then nobody can connect
        bound.listen(BACKLOG)
    except OSError as error:
        bound.close()
        raise UsageError(f"cannot create {path}: {error.strerror}") from None
    return bound


def _answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(str(path))
        except OSError:
            return False
        return True


@contextlib.contextmanager
def _bound_to(path: Path) -> Iterator[socket.socket]:
    """Hold the control socket, and take its file away afterwards if it is still ours."""
    with contextlib.closing(bind_control(path)) as bound:
        mine = path.stat().st_ino
        try:
            yield bound
        finally:
            with contextlib.suppress(OSError):
                if path.stat().st_ino == mine:
                    path.unlink()


def _server(app: Starlette, connections_max: int | None) -> _Server:
    return _Server(
        uvicorn.Config(
            app,
            http=PatientProtocol,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            limit_concurrency=connections_max,
            h11_max_incomplete_event_size=HEADER_BYTES_MAX,
            timeout_graceful_shutdown=CLOSE_WITHIN_S,
        )
    )


@contextlib.asynccontextmanager
async def _serving(servers: Mapping[_Server, socket.socket]) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(server.serve(sockets=[bound])) for server, bound in servers.items()]
    try:
        yield
    finally:
        for server in servers:
            server.end()
        await asyncio.gather(*tasks)
