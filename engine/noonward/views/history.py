"""What was, as JSON: curves, energy of periods, past charging sessions; as far as somebody may see it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from noonward.history import energy as totals
from noonward.history import series, sessions
from noonward.policy.wording import iso

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from noonward.core.model import Instant
    from noonward.history.energy import By, Period
    from noonward.history.reading import Past
    from noonward.history.sessions import ChargingSession

    Sees = Callable[[str], bool]

PERIODS_MAX = 400
KWH_DIGITS, HOUR_DIGITS, MONEY_DIGITS = 3, 2, 4

SITE: Mapping[str, tuple[str, float, int]] = {
    "pv_kwh": ("pv_w", 1000.0, KWH_DIGITS),
    "import_kwh": ("import_w", 1000.0, KWH_DIGITS),
    "export_kwh": ("export_w", 1000.0, KWH_DIGITS),
    "base_load_kwh": ("base_load_w", 1000.0, KWH_DIGITS),
    "charge_kwh": ("charge_w", 1000.0, KWH_DIGITS),
    "discharge_kwh": ("discharge_w", 1000.0, KWH_DIGITS),
    "cost": ("cost", 1.0, MONEY_DIGITS),
    "earned": ("earned", 1.0, MONEY_DIGITS),
}
"""What is told of the site: the channel, by what its total is divided, and how many digits are told."""

POLICY: Mapping[str, tuple[str, float, int]] = {
    "energy_kwh": ("policy/", 1000.0, KWH_DIGITS),
    "solar_kwh": ("solar/", 1000.0, KWH_DIGITS),
    "on_h": ("on/", 1.0, HOUR_DIGITS),
    "cost": ("policy-cost/", 1.0, MONEY_DIGITS),
}
STATION: Mapping[str, tuple[str, float, int]] = {
    "energy_kwh": ("station/", 1000.0, KWH_DIGITS),
    "solar_kwh": ("station-solar/", 1000.0, KWH_DIGITS),
    "cost": ("station-cost/", 1.0, MONEY_DIGITS),
}


def curves(past: Past, signals: Iterable[str], lo: Instant, hi: Instant, every_s: int | None) -> dict[str, Any]:
    """Return curves on one time axis; a mean that is not known is null."""
    found = series.query(past.rows, past.calendar, signals, lo, hi, every_s)
    return {
        "from": found.start,
        "to": found.end,
        "step_s": found.step_s,
        "time": found.time,
        "signals": found.signals,
    }


def energy(past: Past, by: By, lo: Instant, hi: Instant, sees: Sees, *, named: bool = True) -> dict[str, Any]:
    """Return energy and money of periods.

    Args:
        past: The open file.
        by: Length of a period.
        lo: Begin.
        hi: End.
        sees: Tells of a channel whether it may be told.
        named: Whether it may be told whose vehicles charged.
    """
    seen = [name for name in past.rows.channels() if sees(name)]
    found = totals.periods(past.rows, past.calendar, by, lo, hi, seen)
    stays = sessions.newest(past.db, lo=found[0].start, hi=found[-1].end) if found else []
    stays = [one for one in stays if sees(f"station/{one.station}")]
    timezone = past.calendar.timezone
    return {
        "by": by.value,
        "currency": past.rows.note("currency"),
        "periods": [
            {
                "from": iso(period.start, timezone),
                "to": iso(period.end, timezone),
                "known_h": round(max(period.known_h.values(), default=0.0), HOUR_DIGITS),
                "site": _site(period, sees),
                "policies": {name: _told(period, POLICY, name) for name in period.names("policy")},
                "stations": {name: _told(period, STATION, name) for name in period.names("station")},
                "users": _users([one for one in stays if named and period.start <= one.departure < period.end]),
            }
            for period in found
        ],
    }


def charging(past: Past, found: Iterable[ChargingSession], *, named: bool = True) -> list[dict[str, Any]]:
    """Return past charging sessions; whose they were only where that may be told."""
    timezone = past.calendar.timezone
    return [{**_session(one, timezone), "user": one.user or None if named else None} for one in found]


def _site(period: Period, sees: Sees) -> dict[str, float | None]:
    """Return what the site did; what it used itself of the sun, where both are known."""
    out = _told(period, {name: what for name, what in SITE.items() if sees(what[0])}, "")
    pv, export = period.kwh("pv_w"), period.kwh("export_w")
    out["self_consumed_kwh"] = None if pv is None or export is None else round(max(pv - export, 0.0), KWH_DIGITS)
    if sees("base_load_w"):
        drawn = [period.kwh(f"policy/{name}") for name in period.names("policy")]
        known = [kwh for kwh in drawn if kwh is not None]
        out["controlled_kwh"] = round(sum(known), KWH_DIGITS) if known else None
    return out


def _told(period: Period, what: Mapping[str, tuple[str, float, int]], name: str) -> dict[str, float | None]:
    found = {
        key: (period.totals.get(f"{channel}{name}"), each, digits) for key, (channel, each, digits) in what.items()
    }
    return {key: None if all_ is None else round(all_ / each, digits) for key, (all_, each, digits) in found.items()}


def _users(stays: list[ChargingSession]) -> dict[str, Any]:
    """Return what each user's vehicles charged in the stays that ended in a period; nobody's are under ""."""
    out: dict[str, Any] = {}
    for name in sorted({one.user for one in stays}):
        own = [one for one in stays if one.user == name]
        out[name] = {
            "sessions": len(own),
            "energy_kwh": round(sum(one.energy_wh for one in own) / 1000.0, KWH_DIGITS),
            "solar_kwh": _sum([one.solar_wh for one in own], 1000.0, KWH_DIGITS),
            "cost": _sum([one.cost for one in own], 1.0, MONEY_DIGITS),
        }
    return out


def _sum(values: list[float | None], each: float, digits: int) -> float | None:
    known = [value for value in values if value is not None]
    return round(sum(known) / each, digits) if known else None


def _session(one: ChargingSession, timezone: str) -> dict[str, Any]:
    return {
        "id": one.id,
        "zone": one.zone,
        "station": one.station,
        "from": iso(one.arrival, timezone),
        "to": iso(one.departure, timezone),
        "energy_kwh": round(one.energy_wh / 1000.0, KWH_DIGITS),
        "solar_kwh": None if one.solar_wh is None else round(one.solar_wh / 1000.0, KWH_DIGITS),
        "cost": None if one.cost is None else round(one.cost, MONEY_DIGITS),
        "phases": one.phases,
        "requested_kwh": None if one.requested_wh is None else round(one.requested_wh / 1000.0, KWH_DIGITS),
        "estimated_departure": None if one.estimated_departure is None else iso(one.estimated_departure, timezone),
    }
