"""The site of the running engine as JSON: who it is, what it measures, how the engine is doing."""

from __future__ import annotations

from functools import cache
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from noonward.policy.wording import iso
from noonward.views import devices, energy, needs, parts
from noonward.views.notices import notices, view
from noonward.views.signals import signal

if TYPE_CHECKING:
    from noonward.daemon.engine import Engine


def site(engine: Engine) -> dict[str, Any]:
    """Return the site: who it is, what it measures, how the engine is doing."""
    plan, seen, now = engine.loaded.site, engine.observation, engine.clock.now()
    return {
        "name": plan.name,
        "timezone": plan.timezone,
        "now": iso(now, plan.timezone),
        "version": _version(),
        "digest": plan.digest,
        "revision": engine.revision,
        "started_at": iso(engine.started_at, plan.timezone),
        "stepped_at": parts.moment(engine, engine.stepped_at),
        "ready": engine.outcome is not None,
        "fault": engine.fault,
        "grid": signal(engine, "grid", seen.grid_w),
        "pv": signal(engine, "pv", seen.pv_w),
        "battery": _battery(engine),
        "dimmed": seen.dim,
        "clock_trusted": seen.clock_trusted,
        "learnt": needs.learnt(engine),
        "forecast": needs.forecast(engine),
        "policies": [one.name for one in plan.policies],
        "energy": energy.energy(engine),
        "devices": [devices.channel(engine, one) for one in engine.devices],
        "notices": [view(engine, notice) for notice in notices(engine)],
    }


@cache
def _version() -> str:
    return version("noonward")  # from a file, which every step of every open page would read


def _battery(engine: Engine) -> dict[str, Any] | None:
    seen = engine.observation
    battery = signal(engine, "battery", seen.battery_w)
    return battery and {**battery, "soc": parts.number(seen.battery_soc.value) if seen.battery_soc else None}
