"""What both versions of OCPP write alike: moments, and what a station makes of all its profiles."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from noonward.core.units import VOLTAGE_V

if TYPE_CHECKING:
    from noonward.core.model import Instant
    from noonward.emulate.station import Station


def moment(t: Instant) -> str:
    """Return an instant as OCPP writes it."""
    return datetime.fromtimestamp(t, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def composite(station: Station, number: int, duration_s: float, unit: str | None) -> dict[str, Any] | None:
    """Return the composite schedule of a connector from now on; None where there is no such connector."""
    if not 1 <= number <= station.count:
        return None
    connector = station.connectors[number - 1]
    transaction = connector.transaction
    started = None if transaction is None else transaction.started
    periods: list[dict[str, Any]] = []
    t = station.t
    while t < station.t + duration_s:
        allowance = station.profiles.allows(
            number, t, transaction=None if transaction is None else transaction.id, started=started
        )
        limit_a = connector.max_a if allowance is None else min(allowance.limit_a, connector.max_a)
        limit = limit_a * VOLTAGE_V * connector.phases if unit == "W" else limit_a
        if not periods or periods[-1]["limit"] != round(limit, 1):
            periods.append({"startPeriod": round(t - station.t), "limit": round(limit, 1)})
        t = station.profiles.next_edge(t, started)
    return {"chargingRateUnit": unit or "A", "duration": round(duration_s), "chargingSchedulePeriod": periods}
