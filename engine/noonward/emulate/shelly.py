"""A Shelly of the second generation as far as a gateway uses it: JSON-RPC over HTTP, switches, inputs, EM, EM1, PM1.

Source: the vendor's public documentation of its RPC. It asks for no password.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from noonward.core.units import VOLTAGE_V
from noonward.emulate.world import Contact

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aiohttp import web

    from noonward.emulate.world import World

NO_HANDLER, BAD_ID, BAD_ARGUMENT = 404, -105, -103
_PHASES: Final = (("a", 1), ("b", 2), ("c", 3))


class RpcError(Exception):
    """A call is answered with an error."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


class Shelly:
    """One device.

    Attributes:
        name: Of the device entry.
    """

    def __init__(self, name: str, config: Mapping[str, Any], world: World, roles: Mapping[str, str]) -> None:
        """Bring its contacts into the world.

        Args:
            name: Of the device entry.
            config: The entry.
            world: What it measures and switches.
            roles: Meter channel to what it measures.
        """
        self.name = name
        self._config, self._world, self._roles = config, world, roles
        self._runner: web.AppRunner | None = None
        for n in range(config.get("switches", 0)):
            world.contacts.setdefault(self._relay(n), Contact())

    async def open(self, host: str, port: int) -> int:
        """Listen, and return the port.

        Raises:
            OSError: It cannot be had.
        """
        from aiohttp import web  # noqa: PLC0415 - a site without a Shelly does not pay

        app = web.Application()
        app.add_routes([web.post("/rpc", self._rpc)])
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, host, port).start()
        return int(self._runner.addresses[0][1])

    async def close(self) -> None:
        """Stop listening."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def call(self, method: str, params: Mapping[str, Any]) -> dict[str, Any]:
        """Return the result of a call.

        Raises:
            RpcError: The answer is an error.
        """
        component, _, action = method.partition(".")
        kinds = {"Switch": self._config.get("switches", 0), "Input": self._config.get("inputs", 0)}
        kinds |= {kind: self._config.get("clamps", 1) * (self._config.get("meter") == kind.lower()) for kind in _METERS}
        number = params.get("id")
        if component not in kinds or kinds[component] == 0:
            raise RpcError(NO_HANDLER, f"No handler for {method}")
        if not isinstance(number, int):
            raise RpcError(BAD_ARGUMENT, "Missing required argument 'id'!")
        if number not in range(kinds[component]):
            raise RpcError(BAD_ID, f"Argument 'id', value {number} not found!")
        if (component, action) == ("Switch", "Set"):
            return self._set(number, params)
        if action != "GetStatus":
            raise RpcError(NO_HANDLER, f"No handler for {method}")
        return {"id": number, **self._status(component, number)}

    def _set(self, number: int, params: Mapping[str, Any]) -> dict[str, Any]:
        if not isinstance(params.get("on"), bool):
            raise RpcError(BAD_ARGUMENT, "Missing or bad argument 'on'!")
        was = self._world.is_closed(self._relay(number))
        self._world.switch(self._relay(number), params["on"], params.get("toggle_after"))
        return {"was_on": was}

    def _status(self, component: str, number: int) -> dict[str, Any]:
        if component == "Switch":
            power_w = self._world.relay_w(self._relay(number))
            closed = self._world.is_closed(self._relay(number))
            return {"output": closed, "apower": power_w, "voltage": VOLTAGE_V, "current": abs(power_w) / VOLTAGE_V}
        if component == "Input":
            return {"state": self._world.inputs.get(f"{self.name}/input-{number + 1}", False)}
        channel = "meter" if self._config.get("clamps", 1) == 1 else f"meter-{number + 1}"
        seen = self._world.signals(self._roles.get(channel, "grid"))
        if component == "EM":
            each = {f"{letter}_act_power": seen[f"power_l{line}_w"] for letter, line in _PHASES}
            each |= {f"{letter}_current": abs(seen[f"current_l{line}_a"]) for letter, line in _PHASES}
            return {"total_act_power": seen["power_w"], **each}
        field = "act_power" if component == "EM1" else "apower"
        return {field: seen["power_w"], "current": abs(seen["power_w"]) / VOLTAGE_V, "voltage": VOLTAGE_V}

    def _relay(self, number: int) -> str:
        return f"{self.name}/relay-{number + 1}"

    async def _rpc(self, request: web.Request) -> web.Response:
        from aiohttp import web  # noqa: PLC0415 - as in open

        try:
            frame = json.loads(await request.text())
            method, params = frame["method"], frame.get("params", {})
        except (ValueError, KeyError, TypeError, AttributeError):
            return web.json_response({"code": BAD_ARGUMENT, "message": "Bad request"}, status=400)
        answer = {"id": frame.get("id"), "src": self.name, "dst": frame.get("src", "")}
        try:
            answer["result"] = self.call(method, params)
        except RpcError as error:
            answer["error"] = {"code": error.code, "message": str(error)}
        return web.json_response(answer)


_METERS: Final = ("EM", "EM1", "PM1")
