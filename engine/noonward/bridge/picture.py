"""The site as MQTT is told it: topic to JSON, flat where a program wants one value, whole sentences for people.

It is the picture of one moment, made anew each time: while the broker is away nothing waits for it.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from noonward.bridge import topics
from noonward.core.model import Mode
from noonward.views import policies, site
from noonward.views.board import shown
from noonward.views.energy import energy

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from noonward.daemon.engine import Engine
    from noonward.views.board import Board

    View = Mapping[str, Any]

FILE = "file"
"""In place of a mode: no override, the policy's file counts."""
MODES = (FILE, *(mode.value for mode in Mode))

SITE_KEYS = ("name", "version", "ready", "fault", "dimmed", "clock_trusted", "started_at")
POLICY_KEYS = (
    "name", "kind", "description", "mode", "file_mode", "state", "on", "power_w", "draw_w", "sentence", "condition",
    "limited_by", "since", "starts",
)  # fmt: skip
STATION_KEYS = (
    "station", "zone", "state", "summary", "sentence", "plugged", "online", "limit_a", "phases", "drawn_w",
    "session_kwh", "trouble",
)  # fmt: skip


def picture(engine: Engine, board: Board) -> dict[str, str]:
    """Return every retained topic but the availability, without what stands in front, to its payload."""
    every = policies.policies(engine)
    stations = [station for one in every for station in one.get("stations", ())]
    told: dict[str, Any] = {
        topics.SITE: _site(site.site(engine), energy(engine)),
        topics.NOTICES: _notices(engine, board),
    }
    told |= {topics.POLICY.format(topics.level(one["name"])): _policy(one) for one in every}
    told |= {topics.STATION.format(topics.level(one["station"])): _station(one) for one in stations}
    return {topic: text({key: _brief(value) for key, value in one.items()}) for topic, one in told.items()}


def text(value: Any) -> str:
    """Return a value as JSON, as short as it can be."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _brief(value: Any) -> Any:
    """Return a number to a thousandth: a digit more is noise, and would be news all the time."""
    return round(value, 3) if isinstance(value, float) else value


def _notices(engine: Engine, board: Board) -> dict[str, Any]:
    told = [shown(one, engine.loaded.site.timezone) for one in board.told() if one.over_at is None]
    return {"count": len(told), "trouble": any(one["level"] == "trouble" for one in told), "notices": told}


def _site(view: View, flows: View) -> dict[str, Any]:
    silent = [one["channel"] for one in view["devices"] if one["ok"] is False]
    return {
        **_these(view, SITE_KEYS),
        **flow(flows),
        "grid_quality": (view["grid"] or {}).get("quality"),
        "silent": silent,
    }


def flow(flows: View) -> dict[str, float | None]:
    """Return the numbers of ``noonward.views.energy``; what is too old to be believed is unknown."""
    return {"battery_soc" if key == "soc" else key: one and one["value"] for key, one in flows.items()}


def _policy(view: View) -> dict[str, Any]:
    override, need, change = view["override"], view.get("need") or {}, view["next_change"] or {}
    reasons = view["reasons"]
    return {
        **_these(view, POLICY_KEYS),
        "reason": reasons[0]["code"] if reasons else None,
        "next_change": change.get("what"),
        "next_change_at": change.get("at"),
        "switch": None if view["switch"] is None else bool(view["switch"]["on"]),
        "override": override["mode"] if override else FILE,
        "override_until": override["until"] if override else None,
        "boost_until": view["boost"]["until"] if view["boost"] else None,
        "min_on_until": view.get("min_on_until"),
        "need_kwh": need.get("energy_kwh"),
        "missing_kwh": need.get("missing_kwh"),
        "ready_by": need.get("by"),
        "at_risk": need.get("at_risk"),
    }


def _station(view: View) -> dict[str, Any]:
    need, wish = view["need"] or {}, view["charge_now"] or {}
    return {
        **_these(view, STATION_KEYS),
        "reason": view["why"]["code"] if view["why"] else None,
        "charge_now": bool(view["charge_now"]),
        "charge_now_until": wish.get("until"),
        "need_kwh": need.get("energy_kwh"),
        "missing_kwh": need.get("missing_kwh"),
        "departure": need.get("departure"),
        "at_risk": need.get("at_risk"),
    }


def _these(view: View, keys: Iterable[str]) -> dict[str, Any]:
    return {key: view[key] for key in keys}
