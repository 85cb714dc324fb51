"""One link under fire: what a station sends, and what must hold of whatever comes back, of the log and of the link."""

from __future__ import annotations

import asyncio
import builtins
import json
import logging
import math
import types
import typing
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import fields, is_dataclass
from typing import Any, get_args, get_origin, get_type_hints

from noonward.errors import DriverError
from noonward_drivers.ocpp import facade, payloads
from noonward_drivers.ocpp.facade import Limit
from noonward_drivers.ocpp.link import Link
from noonward_drivers.ocpp.server import DIALECT
from noonward_drivers.ocpp.wirelog import LOG
from support.hand_clock import HandClock
from support.ocpp_frames import BADGE
from support.ocpp_station import AMPERES, WATTS, Ear, MemoryWire

BOTH = {
    "NotImplemented", "NotSupported", "ProtocolError", "SecurityError", "PropertyConstraintViolation", "TypeConstraintViolation",
    "GenericError",
}  # fmt: skip
CODES = {
    "1.6": {*BOTH, "FormationViolation", "OccurenceConstraintViolation"},
    "2.0.1": {
        *BOTH,
        "FormatViolation",
        "OccurrenceConstraintViolation",
        "RpcFrameworkError",
        "MessageTypeNotSupported",
    },
}
"""What a CALLERROR may say; InternalError is a bug of ours and never right here."""

AT = 1_780_300_800.0
SAFE = Limit(current_a=6.0)
COMMANDS = (
    facade.SetLimit(
        connector=1, transaction="7", limit=Limit(current_a=10.0, phases=1), safe=SAFE, window_s=600, at=AT
    ),
    facade.SetDefaultLimit(connector=1, limit=SAFE, at=AT),
    facade.ClearLimits(connector=1, purpose="TxProfile"),
    facade.AskSchedule(connector=1, duration_s=60),
    facade.RemoteStart(connector=1, token=facade.Token(id=BADGE), remote_start=1),
    facade.RemoteStop(transaction="7"),
    facade.Trigger(topic="status", connector=1),
    facade.ReadSettings(keys=("Ctrlr.AuthorizationKey",)),
    facade.WriteSetting(key="Ctrlr.AuthorizationKey", value=BADGE),
    facade.FetchLog(url=f"ftp://me:{BADGE}@gateway/", request=1),
    facade.Restart(),
)


class Watched(logging.Handler):
    """Every line that the log would show at its most talkative."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))

    def __enter__(self):
        self._level = LOG.level
        LOG.setLevel(logging.DEBUG)
        LOG.propagate = False  # nobody else keeps the lines
        LOG.addHandler(self)
        return self

    def __exit__(self, *_: object) -> None:
        LOG.removeHandler(self)
        LOG.propagate = True
        LOG.setLevel(self._level)


class Fire:
    """A link on a wire in memory, and a station that sends anything. Used inside a running loop."""

    def __init__(
        self,
        version: str,
        *,
        skip_validation: bool = False,
        listener: Any = None,
        clock: Any = None,
        timeout_s: float = 5.0,
    ) -> None:
        self.version = version
        self.ear = Ear() if listener is None else listener
        self.wire = MemoryWire()
        self.link = Link(
            self.wire, self.ear, station="garage-1", dialect=DIALECT[version],
            meaning=AMPERES if version == "1.6" else WATTS, clock=clock or HandClock(), skip_validation=skip_validation, timeout_s=timeout_s,
        )  # fmt: skip
        self._sent = 0

    async def __aenter__(self):
        self._task = asyncio.create_task(self.link.rpc.run())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task

    async def says(self, text: str | bytes) -> list[Any]:
        """Return every frame that comes back on this one."""
        self.wire.says(text)
        return await self.rest()

    async def rest(self) -> list[Any]:
        """Return what is still to come back: a request behind all others shows that nothing more does."""
        self._sent += 1
        end = f"end-{self._sent}"
        self.wire.says(json.dumps([2, end, "Heartbeat", {}]))
        came = []
        while True:
            frame = await self.wire.hears(5.0)
            if frame[0] == 2:
                await self.asked(frame)
                continue
            if frame[1] == end:
                assert frame[0] == 3, frame
                break
            came.append(frame)
        self.holds()
        getattr(self.ear, "events", []).clear()
        return came

    async def asked(self, frame: list[Any]) -> None:
        """Take a call of ours; a bare link makes none by itself."""
        raise AssertionError(frame)

    def holds(self) -> None:
        """The link lives, and no handler of ours broke."""
        rpc = self.link.rpc
        assert not rpc.closed.done()
        assert not self._task.done()
        assert rpc.counts.broken_handlers == 0
        assert rpc.counts.overrun == 0
        assert rpc._asked == {}
        assert rpc._outbox == {}
        assert all(map(as_promised, getattr(self.ear, "events", ())))

    async def request(self, frame: list[Any], text: str, *, fits: bool) -> None:
        """A well-formed CALL gets one answer, with its id: a result that fits, or an error that its version knows."""
        came = await self.says(text)
        assert [one[1] for one in came] == [frame[1]], came
        (answer,) = came
        if fits:
            assert answer[0] == 3, answer
        if answer[0] == 3:
            payloads.check_result(self.version, frame[2], answer[2])
        else:
            assert answer[0] == 4
            assert answer[2] in CODES[self.version], answer

    async def junk(self, text: str | bytes) -> None:
        """Anything gets at most one answer; a result only where it turned out to be a request."""
        came = await self.says(text)
        assert len(came) <= 1, came
        assert not (came and _answers(text)), came
        for answer in came:
            assert answer[0] in {3, 4}
            assert answer[0] == 3 or answer[2] in CODES[self.version], answer

    async def command(self, command: facade.Command, reply: list[Any] | str) -> None:
        """Whatever answers a command of ours, it ends as an answer or a DriverError, and at once.

        Args:
            command: Ours.
            reply: What follows the id in the frame, or text in which ``@`` stands for the id.
        """
        doing = asyncio.create_task(self.link.do(command))
        came = asyncio.create_task(self.wire.outgoing.get())
        await asyncio.wait({doing, came}, return_when=asyncio.FIRST_COMPLETED)
        if came.done():
            ident = json.loads(came.result())[1]
            text = reply.replace("@", ident) if isinstance(reply, str) else json.dumps([reply[0], ident, *reply[1:]])
            self.wire.says(text)
            for _ in range(10):
                await asyncio.sleep(0)
            if not doing.done():  # it was no answer: the right one still comes through
                self.wire.says(json.dumps([4, ident, "GenericError", "", {}]))
        else:
            came.cancel()
        await asyncio.wait({doing}, timeout=2.0)
        error = doing.exception()
        if error is None:
            assert isinstance(doing.result(), facade.Done | facade.Settings | facade.Schedule)
        else:
            assert isinstance(error, DriverError)
            assert BADGE not in str(error)
        await self.rest()


def as_promised(told: Any) -> bool:
    """Tell whether an event is of the types that it says, all through, and its numbers are numbers."""
    hints = get_type_hints(type(told), vars(facade) | {"Instant": float, "Mapping": Mapping})
    return all(fits_hint(getattr(told, field.name), hints[field.name]) for field in fields(told))


def fits_hint(value: Any, hint: Any) -> bool:  # noqa: PLR0911 - one row a kind
    inner = get_args(hint)
    match get_origin(hint) or hint:
        case types.UnionType | typing.Union:
            return any(fits_hint(value, one) for one in inner)
        case typing.Literal:
            return value in inner
        case builtins.tuple if inner[-1] is ...:
            return isinstance(value, tuple) and all(fits_hint(one, inner[0]) for one in value)
        case builtins.tuple:
            return isinstance(value, tuple) and all(map(fits_hint, value, inner))
        case builtins.float:
            return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
        case builtins.int:
            return isinstance(value, int) and not isinstance(value, bool)
        case kind:
            return isinstance(value, kind) and (not is_dataclass(kind) or as_promised(value))


def _no_json(word: str) -> None:
    raise ValueError(word)


def _answers(text: str | bytes) -> bool:
    """Tell whether a frame is an answer, or means to be one: answering it could go on for ever."""
    try:
        frame = json.loads(text, parse_constant=_no_json)
    except (ValueError, RecursionError):
        return False
    return isinstance(frame, list) and frame[:1] in ([3], [4]) and not isinstance(frame[0], bool | float)


def clean(lines: list[str], *, named: bool = True) -> None:
    """No station can forge a line of the log, and nothing secret is in it; ``named``: its key was left as it is."""
    for line in lines:
        assert not (named and BADGE in line), line
        assert "\n" not in line, line
        assert "\r" not in line, line
