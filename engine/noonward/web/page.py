"""The status page: what is on, and why, for the people of the house. It shows and cannot set anything.

Made of the same views as the API. It works without a script; with one, it renews itself when something changes.
"""

from __future__ import annotations

from datetime import datetime
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from noonward.core.model import ReasonCode
from noonward.html import Html, tag, together
from noonward.policy import wording
from noonward.views import policies
from noonward.views.bays import bays
from noonward.web.asking import require_glimpse
from noonward.web.shown import policies_for, site_for

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from starlette.requests import Request

    from noonward.daemon.engine import Engine

ASSETS = {"page.css": "text/css", "page.js": "text/javascript", "icon.svg": "image/svg+xml"}
OFF_BUT = {"charging": "Charging", "offered": "Charging", "detecting": "Testing", "waking": "Waking"}
"""State of a station to the word on the card of a zone that itself is off: somebody asked, or min-on is not over."""
RENEW_S = 15
"""How often a browser without script renews the page. [s]"""

STATE_WORDS = {"solar": "On solar", "minimum": "At minimum", "full": "Full power"}
"""State to the word on the card; others are made into one: "stage-2" into "Stage 2"."""


def routes(engine: Engine) -> list[Route]:
    """Return the page and what belongs to it."""

    async def page(request: Request) -> Response:
        who = require_glimpse(request)
        return HTMLResponse(render(site_for(who, engine), policies_for(who, policies.policies(engine))))

    return [Route("/status", page), *(Route(f"/static/{name}", _asset(name, kind)) for name, kind in ASSETS.items())]


def render(site: Mapping[str, Any], policies: list[dict[str, Any]]) -> str:
    """Return the whole page."""
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("title", f"{site['name']} · Noonward"),
        tag("link", rel="icon", href=_versioned("icon.svg")),
        tag("link", rel="stylesheet", href=_versioned("page.css")),
        tag("noscript", tag("meta", http_equiv="refresh", content=str(RENEW_S))),
        tag("script", src=_versioned("page.js"), defer=True),
    )
    body = tag(
        "body",
        tag("p", "No connection to the gateway: what you see is old.", id="lost", class_="notice trouble", hidden=True),
        tag("main", *_main(site, policies)),
    )
    return f"<!doctype html>\n{tag('html', head, body, lang='en')}\n"


def _main(site: Mapping[str, Any], policies: list[dict[str, Any]]) -> Iterator[Html]:
    yield tag(
        "header",
        tag("h1", str(site["name"])),
        tag("p", tag("time", _clock(site["now"]), datetime=site["now"]), class_="now"),
    )
    yield tag("div", *(tag("p", notice["text"], class_=f"notice {notice['level']}") for notice in site["notices"]))
    figures = [_figure(role, site[role]) for role in ("grid", "pv", "battery") if site[role]]
    if figures:
        yield tag("section", *figures, class_="figures", aria_label="Power now")
    if known := [one["summary"] for one in (site["learnt"], site["forecast"]) if one]:
        yield tag("p", " ".join(known), class_="known")
    cards = [_card(one, site) for one in policies]
    yield tag("section", *cards or [tag("p", "No policies yet.")], class_="cards", aria_label="Policies")
    yield tag("footer", f"Noonward {site['version']}, {site['timezone']}")


def _figure(role: str, signal: Mapping[str, Any]) -> Html:
    power = signal["power_w"]
    title, value = ("Solar", power) if role == "pv" else _direction(role, power)
    soc = signal.get("soc")
    return tag(
        "div",
        tag("h2", title),
        tag("p", "unknown" if value is None else wording.power(value), class_="value"),
        tag("p", _heard(signal), f", {wording.share(soc)} full" if soc is not None else None, class_="aside"),
        class_=f"figure {role} {signal['quality']}",
    )


def _direction(role: str, power_w: float | None) -> tuple[str, float | None]:
    """Return in words what the sign of a power means, and its size."""
    drawn, given, name = {
        "grid": ("Buying from the grid", "Selling to the grid", "Grid"),
        "battery": ("Battery takes", "Battery gives", "Battery"),
    }[role]
    if power_w is None:
        return name, None
    return drawn if power_w >= 0 else given, abs(power_w)


def _heard(signal: Mapping[str, Any]) -> str:
    return "never measured" if signal["age_s"] is None else f"{wording.duration(signal['age_s'])} ago"


def _card(one: Mapping[str, Any], site: Mapping[str, Any]) -> Html:
    said = {one["sentence"]}
    if one.get("next_change"):
        said |= {reason["sentence"] for reason in one["reasons"] if reason["code"] == ReasonCode.OUTSIDE_WINDOW}
    also = [reason["sentence"] for reason in one["reasons"] if reason["sentence"] not in said]
    return tag(
        "article",
        tag(
            "header",
            tag("h2", one["name"]),
            tag("p", _state(one), class_="state"),
        ),
        tag("p", one["description"], class_="description") if one["description"] else None,
        tag("p", one["sentence"], class_="why"),
        *(tag("p", sentence, class_="also") for sentence in also),
        _next(one, site),
        bays(one["stations"]) if "stations" in one else None,
        tag("dl", *_facts(one, site)),
        class_=f"card{' wide' if len(one.get('stations', ())) > 1 else ''} "
        + {True: "on", False: "off", None: "unknown"}[one["on"]],
        id=f"policy-{one['name']}",
    )


def _state(one: Mapping[str, Any]) -> Html:
    state = one["state"]
    word = "…" if state is None else STATE_WORDS.get(state) or str(state).replace("-", " ").capitalize()
    power_w = one["power_w"]
    if one["kind"] == "ev-zone":
        power_w = one["draw_w"]
        if state == "off" and one["on"]:
            busy = {station["state"] for station in one["stations"]}
            word = next((said for state, said in OFF_BUT.items() if state in busy), word)
    return together(word, tag("small", " ", wording.power(power_w)) if one["on"] and power_w is not None else None)


def _next(one: Mapping[str, Any], site: Mapping[str, Any]) -> Html | None:
    change = one.get("next_change")
    when = None
    if change and not _told(one, change):
        when = f"{_when(change['at'], site)} {change['what']}."
    text = " ".join(part for part in (when, one.get("condition")) if part)
    return tag("p", text, class_="next") if text else None


def _told(one: Mapping[str, Any], change: Mapping[str, Any]) -> bool:
    """Tell whether the sentence has named that moment already: "it starts at 14:05 if that lasts"."""
    until = one["reasons"][0]["facts"].get("until") if one["reasons"] else None
    return isinstance(until, float) and abs(until - _instant(change["at"])) < 1


def _facts(one: Mapping[str, Any], site: Mapping[str, Any]) -> Iterator[Html]:
    mode = one["mode"] if one["mode"] == one["file_mode"] else f"{one['mode']} (file: {one['file_mode']})"
    yield _fact("Mode", mode)
    if one["switch"]:
        yield _fact("Switch", "on" if one["switch"]["on"] else "off")
    if one["draw_w"] is not None:
        yield _fact("Draws", wording.power(one["draw_w"]))
    if one["kind"] == "ev-zone":
        yield _fact("All vehicles together", f"at most {wording.power(one['max_power_w'])}")
        return
    if one["need"]:
        yield _fact("Needs", one["need"]["summary"])
    if one["plan"]:
        yield _fact(f"Plan ({one['plan']['pace']})", one["plan"]["summary"])
    if one["min_on_until"]:
        left_s = _instant(one["min_on_until"]) - _instant(site["now"])
        yield _fact("Minimum on-time", f"{wording.duration(left_s)} left")
    for relay in one["relays"]:
        yield _fact(relay["relay"], _contact(relay))


def _contact(relay: Mapping[str, Any]) -> str:
    if relay["closed"] is None:
        return "not answering" if relay["read_at"] is None else "position unknown"
    position = "closed" if relay["closed"] else "open"
    return position if relay["confirmed"] or relay["commanded"] is None else f"{position}, not confirmed"


def _fact(name: str, value: str) -> Html:
    return tag("div", tag("dt", name), tag("dd", value))


def _when(stamp: str, site: Mapping[str, Any]) -> str:
    words = wording.moment(_instant(stamp), now=_instant(site["now"]), timezone=site["timezone"])
    return f"At {words}" if words[0].isdigit() and len(words) <= len("14:05:30") else f"On {words}"


def _clock(stamp: str) -> str:
    return datetime.fromisoformat(stamp).strftime("%A %H:%M:%S")


def _instant(stamp: str) -> float:
    return datetime.fromisoformat(stamp).timestamp()


def _asset(name: str, kind: str) -> Any:
    async def asset(_: Request) -> Response:
        return Response(
            _content(name), media_type=kind, headers={"cache-control": "public, max-age=31536000, immutable"}
        )

    return asset


@cache
def _content(name: str) -> bytes:
    return (files("noonward.web") / "static" / name).read_bytes()


@cache
def _versioned(name: str) -> str:
    """Return the address of an asset; another content has another address, so that no browser shows an old one."""
    return f"/static/{name}?{sha256(_content(name)).hexdigest()[:12]}"
