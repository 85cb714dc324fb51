"""A Shelly Gen2 device for tests, written after the vendor's public RPC documentation; nothing of the driver is used.

Switches with a real ``toggle_after`` timer, EM, EM1, PM1 and inputs, digest authentication with SHA-256, and faults:
slow, HTTP 500, garbage, unplugged, reboot.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import itertools
import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

REALM = "shellypro4pm-aabbccddeeff"

BROKEN: dict[str | None, Callable[[], web.Response]] = {
    "500": lambda: web.Response(status=500, text="Internal Server Error"),
    "garbage": lambda: web.Response(body=b"\xff\xfe<html>not json", content_type="application/json"),
    "no-result": lambda: web.json_response({"id": 1, "src": REALM}),
    "a list": lambda: web.json_response([1, 2, 3]),
    "hang-up": web.Response,
}


@dataclass
class Switch:
    output: bool = False
    power_w: float | None = 2000.0
    source: str = "init"
    duration: float | None = None
    timer: asyncio.TimerHandle | None = None


@dataclass
class ShellyGen2:
    """One device on a loopback port that stays the same while it is unplugged."""

    switches: list[Switch] = field(default_factory=lambda: [Switch() for _ in range(4)])
    inputs: list[bool | None] = field(default_factory=lambda: [False])
    status: dict[str, dict[str, Any]] = field(default_factory=dict)
    password: str | None = None
    single_use_nonces: bool = True
    """Firmware before 2.0 accepts a nonce once, 2.0 and later for an hour."""
    fault: str | None = None
    """None, "slow", or one of ``BROKEN``."""
    delay_s: float = 0.0
    port: int = 0
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    refused: int = 0

    def __post_init__(self) -> None:
        self._runner: web.AppRunner | None = None
        self._nonces: dict[str, int] = {}
        self._count = itertools.count(1)

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    async def plug_in(self) -> None:
        app = web.Application()
        app.add_routes([web.post("/rpc", self._rpc)])
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1, handler_cancellation=True)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port, reuse_address=True)
        await site.start()
        self.port = site._server.sockets[0].getsockname()[1]  # type: ignore[union-attr]

    async def unplug(self) -> None:
        """Take it off the network; its switches stay as they are, its timers run on."""
        if self._runner:
            await self._runner.cleanup()
            self._runner = None

    async def reboot(self) -> None:
        """Power it down and up: outputs as their ``initial_state`` off, timers gone, every nonce forgotten."""
        await self.unplug()
        for switch in self.switches:
            if switch.timer:
                switch.timer.cancel()
            switch.output, switch.source, switch.duration, switch.timer = False, "init", None, None
        self._nonces.clear()
        await self.plug_in()

    def flip(self, number: int, on: bool, source: str, toggle_after: float | None = None) -> bool:
        switch = self.switches[number]
        if switch.timer:
            switch.timer.cancel()
        was = switch.output
        switch.output, switch.source, switch.duration, switch.timer = on, source, toggle_after, None
        if toggle_after:
            switch.timer = asyncio.get_running_loop().call_later(toggle_after, self.flip, number, not on, "timer")
        return was

    def _call(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        self.calls.append((method, params))
        number = params.get("id")
        component = method.partition(".")[0].lower()
        if f"{component}:{number}" in self.status:
            return {"id": number, **self.status[f"{component}:{number}"]}
        answer = {
            "Switch.Set": self._set,
            "Switch.GetStatus": self._switch_status,
            "Input.GetStatus": self._input_status,
        }
        if method not in answer:
            raise RpcError(404, f"No handler for {method}")
        if number is None:
            raise RpcError(-103, "Missing required 'id'")
        if number not in range(len(self.inputs if component == "input" else self.switches)):
            raise RpcError(-105, f"Bad id={number}")
        return answer[method](params)

    def _set(self, params: dict[str, Any]) -> dict[str, Any]:
        if not isinstance(params.get("on"), bool):
            raise RpcError(-103, "Missing or bad argument 'on'!")
        return {"was_on": self.flip(params["id"], params["on"], "http", params.get("toggle_after"))}

    def _input_status(self, params: dict[str, Any]) -> dict[str, Any]:
        return {"id": params["id"], "state": self.inputs[params["id"]]}

    def _switch_status(self, params: dict[str, Any]) -> dict[str, Any]:
        number = params["id"]
        switch = self.switches[number]
        status: dict[str, Any] = {"id": number, "source": switch.source, "output": switch.output}
        if switch.power_w is not None:
            status |= {"apower": switch.power_w if switch.output else 0.0, "voltage": 231.0, "current": 0.0}
        if switch.duration:
            status |= {"timer_started_at": 1700000000.0, "timer_duration": switch.duration}
        return status

    async def _rpc(self, request: web.Request) -> web.StreamResponse:
        if self.fault == "slow":
            await asyncio.sleep(self.delay_s)
        if self.fault == "hang-up":
            request.transport.close()
        if self.fault in BROKEN:
            return BROKEN[self.fault]()
        if self.password is not None and not self._authorized(request):
            self.refused += 1
            return self._challenge()
        frame = await request.json()
        answer = {"id": frame["id"], "src": REALM, "dst": frame.get("src")}
        try:
            return web.json_response(answer | {"result": self._call(frame["method"], frame.get("params") or {})})
        except RpcError as error:
            return web.json_response(answer | {"error": {"code": error.code, "message": error.message}})

    def _challenge(self) -> web.Response:
        nonce = f"{next(self._count):08x}"
        self._nonces[nonce] = 0
        digest = f'Digest qop="auth", realm="{REALM}", nonce="{nonce}", algorithm=SHA-256'
        body = {"code": 401, "message": json.dumps({"auth_type": "digest", "nonce": nonce, "realm": REALM})}
        return web.json_response(body, status=401, headers={"WWW-Authenticate": digest})

    def _authorized(self, request: web.Request) -> bool:
        header = request.headers.get("Authorization", "")
        said = {key: quoted or bare for key, quoted, bare in re.findall(r'(\w+)=(?:"([^"]*)"|([^\s,]+))', header)}
        nonce, count = said.get("nonce", ""), int(said.get("nc", "0"), 16)
        if nonce not in self._nonces or count <= self._nonces[nonce] or (self.single_use_nonces and count != 1):
            return False
        self._nonces[nonce] = count
        ha1 = _sha(f"admin:{REALM}:{self.password}")
        ha2 = _sha(f"{request.method}:{said['uri']}")
        right = _sha(f"{ha1}:{nonce}:{said['nc']}:{said['cnonce']}:{said['qop']}:{ha2}")
        return header.startswith("Digest ") and said.get("username") == "admin" and said.get("response") == right


class RpcError(Exception):
    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


def _sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@contextlib.asynccontextmanager
async def shelly(**facts: Any) -> AsyncIterator[ShellyGen2]:
    """Yield a device that answers on loopback."""
    device = ShellyGen2(**facts)
    await device.plug_in()
    try:
        yield device
    finally:
        for switch in device.switches:
            if switch.timer:
                switch.timer.cancel()
        await device.unplug()
