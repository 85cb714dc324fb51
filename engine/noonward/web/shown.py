"""Views as somebody may see them: what is not theirs is left out, and what they may do to the rest is said."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from noonward.access.model import ALLOWED, Action
from noonward.policy.wording import iso
from noonward.views import site
from noonward.views.board import shown
from noonward.views.notices import notices, view

if TYPE_CHECKING:
    from collections.abc import Iterable

    from noonward.access.model import Principal
    from noonward.daemon.engine import Engine
    from noonward.views.board import Board
    from noonward.views.notices import About

TO_POLICIES = (Action.WISH, Action.MODE, Action.TEST)
TO_STATIONS = (Action.WISH, Action.TEST)


def site_for(who: Principal, engine: Engine) -> dict[str, Any]:
    """Return the site as somebody may see it: with a scope the totals, and what is in it."""
    whole = site.site(engine)
    found = [view(engine, one) for one in notices(engine) if concerned(who, one.about)]
    told = {**whole, "notices": found, "locked": Action.WISH not in ALLOWED[who.grant.role]}
    if who.may(Action.SEE):
        return told
    return {**told, "policies": [name for name in whole["policies"] if who.may(Action.SEE, name)], "devices": []}


def notices_for(who: Principal, engine: Engine, board: Board) -> list[dict[str, Any]]:
    """Return what is not as it should be, what seems over, and what was not lately, as far as it concerns somebody."""
    timezone, found = engine.loaded.site.timezone, notices(engine)
    present = [{**view(engine, one), "over_at": None, "gone_since": None} for one in found if concerned(who, one.about)]
    for one in present:
        if one["since"] is None and (told := board.present.get(one["id"])):
            one["since"] = iso(told.since, timezone)
    there = {one.id for one in found}
    gone = [one for one in board.told() if one.over_at is None and one.id not in there]
    was = [*gone, *reversed(board.over)]
    return [*present, *(shown(one, timezone) for one in was if concerned(who, one.about))]


def concerned(who: Principal, about: About) -> bool:
    """Tell whether something concerns somebody: what is about no policy or station concerns who sees the site."""
    return who.may(Action.SEE, about.policy or None, about.station or None)


def policies_for(who: Principal, views: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return those views of policies that somebody may see."""
    return [policy_for(who, one) for one in views if who.may(Action.SEE, one["name"])]


def stations_for(who: Principal, views: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return those views of stations that somebody may see."""
    return [station_for(who, one) for one in views if who.may(Action.SEE, one["zone"], one["station"])]


def policy_for(who: Principal, view: dict[str, Any]) -> dict[str, Any]:
    """Return the view of a policy, with what somebody may do to it and to its stations."""
    told = {**view, "may": [action.value for action in TO_POLICIES if who.may(action, view["name"])]}
    if "stations" in view:
        told["stations"] = [station_for(who, one) for one in view["stations"]]
    return told


def station_for(who: Principal, view: dict[str, Any]) -> dict[str, Any]:
    """Return the view of a station, with what somebody may do to it."""
    may = [action.value for action in TO_STATIONS if who.may(action, view["zone"], view["station"])]
    return {**view, "may": may}
