"""A measured signal as people should take it: its value, its age, and whether the engine still acts on it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from noonward.core.surplus import Quality, fresh_s, quality
from noonward.policy.wording import iso

if TYPE_CHECKING:
    from noonward.core.model import Reading
    from noonward.daemon.engine import Engine

STALE_AFTER_S = 120.0
"""Where no policy says otherwise; the default of ``fail_safe.stale_after``. [s]"""


def trust(engine: Engine, reading: Reading | None, every_s: float) -> Quality:
    """Return how far the engine trusts a reading; of policies that differ in ``stale_after`` the strictest counts."""
    limits_s = [one.stale_after_s for one in engine.loaded.site.policies]
    stale_after_s = min(limits_s, default=STALE_AFTER_S)
    return quality(reading, engine.clock.now(), fresh_s(every_s), stale_after_s, engine.observation.started_at)


def signal(engine: Engine, role: str, reading: Reading | None) -> dict[str, Any] | None:
    """Return a signal of the site as JSON; None where site.yaml does not name it."""
    declared = engine.loaded.signals.get(role)
    if declared is None:
        return None
    now, timezone = engine.clock.now(), engine.loaded.site.timezone
    return {
        "power_w": reading.value if reading and math.isfinite(reading.value) else None,
        "at": iso(reading.at, timezone) if reading else None,
        "age_s": round(max(now - reading.at, 0.0), 1) if reading else None,
        "quality": trust(engine, reading, declared.every_s).name.lower(),
    }
