"""Numbers as people read them: "2.13 kW", "12 min", "Tue 06:00". Facts say their unit in the end of their name.

All of it in the language that is spoken: "2,13 kW", "Di 06:00".
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from noonward.policy.words import phrase

if TYPE_CHECKING:
    from collections.abc import Callable

    from noonward.core.model import Instant

_DAY_S = 86_400.0
_LISTING_DAYS = 6


def power(watts: float) -> str:
    """Return a power with three significant digits: "850 W", "2.97 kW", "3 kW"."""
    return _scaled(watts, "W")


def energy(watt_hours: float) -> str:
    """Return an energy with three significant digits: "6 kWh"."""
    return _scaled(watt_hours, "Wh")


def current(amperes: float) -> str:
    """Return a current to a tenth of an ampere: "6 A", "15.5 A"."""
    return _unit(_plain(amperes, 1), "A")


def share(part: float) -> str:
    """Return a share as a percentage: 0.2 is "20 %"."""
    return _unit(round(part * 100), "%")


def duration(seconds: float) -> str:
    """Return a duration with its two largest units: "60 s", "12 min", "2 h 10 min", "3 d 4 h"."""
    whole = max(round(seconds), 0)
    if whole < 120:  # noqa: PLR2004 - "90 s" reads better than "1 min 30 s"
        return _unit(whole, "s")
    minutes, rest_s = divmod(whole, 60)
    if minutes < 10 and rest_s:  # noqa: PLR2004 - beyond ten minutes nobody counts seconds
        return f"{_unit(minutes, phrase('unit.min'))} {_unit(rest_s, 's')}"
    minutes = round(whole / 60)
    hours, minutes = divmod(minutes, 60)
    days, day_hours = divmod(hours, 24)
    parts = [(days, "unit.d"), (day_hours, "unit.h")] if days else [(hours, "unit.h"), (minutes, "unit.min")]
    return " ".join(_unit(size, phrase(unit)) for size, unit in parts if size)


def moment(at: Instant, *, now: Instant, timezone: str) -> str:
    """Return a moment as a clock on the wall of the site shows it, with as much date as it needs.

    "14:05:30" within two minutes of now, "14:05" today, "Tue 06:00" within six days, else "2026-12-01 06:00".
    """
    zone = ZoneInfo(timezone)
    then, today = datetime.fromtimestamp(at, zone), datetime.fromtimestamp(now, zone)
    if abs(at - now) < 120:  # noqa: PLR2004 - a delay that ends soon is read in seconds
        return then.strftime("%H:%M:%S")
    time = then.strftime("%H:%M")
    if then.date() == today.date():
        return time
    if abs(at - now) < _LISTING_DAYS * _DAY_S:
        return phrase("moment.weekday", weekday=phrase("moment.weekdays").split()[then.weekday()], time=time)
    return phrase("moment.date", year=f"{then:%Y}", month=f"{then:%m}", day=f"{then:%d}", time=time)


def iso(at: Instant, timezone: str = "UTC") -> str:
    """Return a moment as ISO 8601 with the site's offset, to the millisecond where it is not a whole second."""
    stamp = datetime.fromtimestamp(at, UTC).astimezone(ZoneInfo(timezone))
    return stamp.isoformat(timespec="milliseconds" if stamp.microsecond else "seconds")


def fact(name: str, value: float | str, *, now: Instant, timezone: str) -> str:
    """Return a fact's value in words, by the unit at the end of its name; text stays as it is."""
    if isinstance(value, str):
        return value
    _, _, unit = name.rpartition("_")
    words = _BY_NAME.get(name) or _BY_UNIT.get(unit)
    if words is None and unit in _MOMENTS:
        return moment(value, now=now, timezone=timezone)
    return words(value) if words else _plain(value, 3)


_MOMENTS = frozenset({"at", "until", "since", "departure", "by"})

_BY_NAME: dict[str, Callable[[float], str]] = dict.fromkeys(
    ("on_above", "off_below", "covers", "starts_at", "stops_below"), share
)

_BY_UNIT: dict[str, Callable[[float], str]] = {
    "w": power,
    "wh": energy,
    "a": current,
    "s": duration,
    "share": share,
    "soc": share,
}


def _scaled(value: float, unit: str) -> str:
    kilo = abs(value) >= 999.5  # noqa: PLR2004 - what would round to 1000
    size = value / 1000 if kilo else value
    digits = 0 if not kilo else max(0, 2 if abs(size) < 9.995 else 1)  # noqa: PLR2004 - three significant digits
    return _unit(_plain(size, digits), f"{'k' if kilo else ''}{unit}")


def _unit(size: float | str, unit: str) -> str:
    return f"{size}{phrase('number.space')}{unit}"


def _plain(value: float, digits: int) -> str:
    text = f"{value:.{digits}f}"
    text = text.rstrip("0").rstrip(".") if digits else text
    return "0" if text == "-0" else text.replace("-", "−").replace(".", phrase("number.decimal"))
