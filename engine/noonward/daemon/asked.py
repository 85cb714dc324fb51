"""What people ask for, in JSON, turned into what the engine takes: the same whether it comes by HTTP or by MQTT."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Literal, NamedTuple
from urllib.parse import urlsplit

from noonward.core.model import Mode, Override
from noonward.daemon import written
from noonward.daemon.engine import TEST_MAX_S, UNPLUGGED
from noonward.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Collection

    from noonward.core.model import Instant

REASON_MAX = 200
"""Characters."""
BOOST_MAX_S = 86_400.0
"""Longer is a change of mode, and an override says so. [s]"""
URL_MAX = 512
"""Characters; OCPP 1.6 sends no longer address."""
SCHEMES = ("ftp", "ftps", "sftp", "http", "https")
"""What stations upload by (OCPP 1.6, 6.23); each knows some of them."""
NUMBER_MAX = 1e12
"""Beyond what is meant as seconds or watts; JSON's integers know no end."""
ENERGY_MAX_WH = 1_000_000.0
"""More than the battery of any vehicle. [Wh]"""


def only(body: Any, keys: Collection[str]) -> dict[str, Any]:
    """Return what was sent: an object that has no other keys.

    Raises:
        UsageError: It is none, or has.
    """
    if not isinstance(body, dict):
        raise UsageError(f"The body must be an object with {_listed(keys) if keys else 'nothing in it'}.")
    if unknown := sorted(body.keys() - set(keys)):
        raise UsageError(f"Unknown key {json.dumps(unknown[0])}: the body takes {_listed(keys) if keys else 'none'}.")
    return body


def switch(body: dict[str, Any]) -> bool:
    """Return the wanted position from ``{"on": true}``."""
    on = body.get("on")
    if not isinstance(on, bool):
        raise UsageError('Say {"on": true} or {"on": false}.')
    return on


def boost(body: dict[str, Any]) -> float:
    """Return how long from ``{"for": "1 h"}``; "0 s" ends a boost. [s]"""
    sent = body.get("for")
    seconds = written.measure(sent, "duration")
    if seconds is None or seconds < 0:
        raise UsageError(f"{json.dumps(sent)} is not a duration: write it like “1 h” or “90 min”.")
    if seconds > BOOST_MAX_S:
        raise UsageError("A boost lasts 24 h at most; for longer, override the mode with always-on.")
    return seconds


class Try(NamedTuple):
    """A device switched for a try.

    Attributes:
        on: Or off.
        for_s: It ends by itself after this; 0 ends it now. [s]
    """

    on: bool
    for_s: float


def test(body: dict[str, Any]) -> Try:
    """Return the try from ``{"on": true, "for": "30 s"}``, 30 s where nothing else is said."""
    on = switch(body)
    sent = body.get("for", "30 s")
    seconds = written.measure(sent, "duration")
    if seconds is None or not 0 <= seconds <= TEST_MAX_S:
        raise UsageError(
            f"{json.dumps(sent)} is not how long a test lasts: say “30 s”, up to “5 min”, or “0 s” to end it."
        )
    return Try(on, seconds)


def override(body: dict[str, Any], *, now: Instant, timezone: str, by: str) -> Override:
    """Return the override from ``{"mode", "until", "reason"}``.

    ``until`` is ISO 8601 (site time where it has no offset), a duration from now, or null: until it is cleared.
    """
    modes = [mode.value for mode in Mode]
    if body.get("mode") not in modes:
        raise UsageError(f"{json.dumps(body.get('mode'))} is not a mode: use {_listed(modes, 'or')}.")
    reason = "" if body.get("reason") is None else body["reason"]
    if not isinstance(reason, str) or len(reason) > REASON_MAX:
        raise UsageError(f"The reason must be a text of at most {REASON_MAX} characters.")
    until = None
    if body.get("until") is not None:
        endless = "leave “until” out for an override without end."
        until = written.moment(body["until"], now=now, timezone=timezone, what="an override", endless=endless)
    words = "".join(c if c.isprintable() else " " for c in reason).split()
    return Override(mode=Mode(body["mode"]), until=until, by=by, reason=" ".join(words))


class End(NamedTuple):
    """When "charge now" ends, at unplug at the latest; with neither as the zone's file says.

    Attributes:
        at: A moment, or ``UNPLUGGED`` for no end before that.
        energy_wh: Once so much was charged. [Wh]
    """

    at: Instant | Literal["unplugged"] | None = None
    energy_wh: float | None = None


def charge_now(body: dict[str, Any], *, now: Instant, timezone: str) -> End:
    """Return the end from ``{"until"}``: "unplugged", a duration, an energy or a moment; null is as the zone has it."""
    sent = body.get("until")
    if sent is None or sent == UNPLUGGED:
        return End(sent)
    energy_wh = written.measure(sent, "energy")
    if energy_wh is not None:
        return End(energy_wh=_energy(energy_wh, sent))
    endless = f"say “{UNPLUGGED}” for as long as the vehicle stays."
    what = "“charge now”"
    return End(written.moment(sent, now=now, timezone=timezone, what=what, endless=endless, also=("energy",)))


def address(body: dict[str, Any]) -> str:
    """Return where a station is to send its log, from ``{"url"}``; nothing of it is quoted, it may hold a password."""
    sent = body.get("url")
    parts = urlsplit(sent) if isinstance(sent, str) and len(sent) <= URL_MAX and sent.isprintable() else None
    if parts is None or parts.scheme not in SCHEMES or not parts.netloc:
        known = _listed(SCHEMES, "or")
        raise UsageError(f"Say where to send it: an address of {known}, like ftp://user:password@host/logs/.")
    return str(sent)


class Needed(NamedTuple):
    """What a driver needs by when.

    Attributes:
        energy_wh: [Wh]
        departure: By then.
    """

    energy_wh: float
    departure: Instant


def need(body: dict[str, Any], *, now: Instant, timezone: str) -> Needed:
    """Return the need from ``{"energy_kwh", "departure"}``; a departure is a moment, or "8 h" from now."""
    sent = body.get("energy_kwh")
    if isinstance(sent, bool) or not isinstance(sent, int | float):
        raise UsageError(f"energy_kwh must be a number of kilowatt-hours, for example 10.5, not {json.dumps(sent)}.")
    if body.get("departure") is None:
        raise UsageError("Say by when, in “departure”: 2026-06-02T07:00 is site time, “8 h” is from now.")
    endless = "say when the vehicle leaves next."
    departure = written.moment(body["departure"], now=now, timezone=timezone, what="a need", endless=endless)
    return Needed(_energy(sent * 1000, sent), departure)


class Expected(NamedTuple):
    """What somebody expects of the sun.

    Attributes:
        start: Of the first interval.
        step_s: Length of an interval. [s]
        pv_w: Mean production in each. [W]
    """

    start: Instant
    step_s: float
    pv_w: tuple[float, ...]


def forecast(body: dict[str, Any], *, timezone: str) -> Expected:
    """Return the forecast from ``{"start", "step_s", "pv_w"}``."""
    if missing := [key for key in ("start", "step_s", "pv_w") if key not in body]:
        raise UsageError(
            f"{_listed([json.dumps(key) for key in missing])} must be there: a forecast is "
            '{"start": "2026-06-01T12:00Z", "step_s": 900, "pv_w": [1200, 1350]}.'
        )
    step_s, powers = body["step_s"], body["pv_w"]
    if not _is_number(step_s):
        raise UsageError(f"step_s must be a number of seconds, for example 900, not {json.dumps(step_s)}.")
    if not isinstance(powers, list):
        raise UsageError("pv_w must be a list of powers in watts, one for each interval.")
    for k, power_w in enumerate(powers):
        if not _is_number(power_w):
            raise UsageError(f"pv_w[{k}] must be a power in watts, for example 1200, not {json.dumps(power_w)}.")
    return Expected(written.stamp(body["start"], timezone), float(step_s), tuple(map(float, powers)))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < NUMBER_MAX  # nor is NaN


def _energy(energy_wh: float, sent: Any) -> float:
    if not 0 < energy_wh <= ENERGY_MAX_WH:  # nor is NaN
        raise UsageError(f"The energy must be more than 0 and at most 1000 kWh, not {json.dumps(sent)}.")
    return float(energy_wh)


def _listed(names: Collection[str], join: str = "and") -> str:
    *most, last = names
    return f"{', '.join(most)} {join} {last}" if most else last
