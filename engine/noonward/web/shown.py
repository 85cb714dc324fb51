"""Views as somebody may see them: what is not theirs is left out, and what they may do to the rest is said."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from noonward.access.model import ALLOWED, Action
from noonward.views.notices import notices, view

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from noonward.access.model import Principal
    from noonward.daemon.engine import Engine

TO_POLICIES = (Action.WISH, Action.MODE, Action.TEST)
TO_STATIONS = (Action.WISH, Action.TEST)


def site_for(who: Principal, site: Mapping[str, Any]) -> dict[str, Any]:
    """Return of the site's view what somebody may see: with a scope the totals, and the policies in it."""
    locked = Action.WISH not in ALLOWED[who.grant.role]
    if who.may(Action.SEE):
        return {**site, "locked": locked}
    names = [name for name in site["policies"] if who.may(Action.SEE, name)]
    return {**site, "policies": names, "devices": [], "notices": [], "locked": locked}


def notices_for(who: Principal, engine: Engine) -> list[dict[str, Any]]:
    """Return what is not as it should be, as far as it concerns somebody: who sees the whole site sees all."""
    return [view(engine, one) for one in notices(engine) if who.may(Action.SEE, *one.about[:2])]


def policies_for(who: Principal, views: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return those views of policies that somebody may see."""
    return [policy_for(who, one) for one in views if who.may(Action.SEE, one["name"])]


def stations_for(who: Principal, views: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return those views of stations that somebody may see."""
    return [station_for(who, one) for one in views if who.may(Action.SEE, one["zone"], one["station"])]


def policy_for(who: Principal, view: dict[str, Any]) -> dict[str, Any]:
    """Return the view of a policy, with what somebody may do to it and to its stations."""
    shown = {**view, "may": [action.value for action in TO_POLICIES if who.may(action, view["name"])]}
    if "stations" in view:
        shown["stations"] = [station_for(who, one) for one in view["stations"]]
    return shown


def station_for(who: Principal, view: dict[str, Any]) -> dict[str, Any]:
    """Return the view of a station, with what somebody may do to it."""
    may = [action.value for action in TO_STATIONS if who.may(action, view["zone"], view["station"])]
    return {**view, "may": may}
