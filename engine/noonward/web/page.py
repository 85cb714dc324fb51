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
from noonward.policy.language import spoken
from noonward.policy.words import phrase
from noonward.views import policies
from noonward.views.bays import bays
from noonward.views.machine import label
from noonward.web.asking import require_glimpse
from noonward.web.shown import policies_for, site_for

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from starlette.requests import Request

    from noonward.daemon.engine import Engine

ASSETS = {"page.css": "text/css", "page.js": "text/javascript", "icon.svg": "image/svg+xml"}
OFF_BUT = {"charging": "charging", "offered": "charging", "detecting": "testing", "waking": "waking"}
"""State of a station to what a zone that itself is off does: somebody asked, or min-on is not over."""
BETTER = frozenset({"solar", "minimum"})
"""States of a zone that its card says in more words."""
RENEW_S = 15
"""How often a browser without script renews the page. [s]"""


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
        tag("p", phrase("page.lost"), id="lost", class_="notice trouble", hidden=True),
        tag("main", *_main(site, policies)),
    )
    return f"<!doctype html>\n{tag('html', head, body, lang=spoken().value)}\n"


def _main(site: Mapping[str, Any], policies: list[dict[str, Any]]) -> Iterator[Html]:
    yield tag(
        "header",
        tag("h1", str(site["name"])),
        tag("p", tag("time", _clock(site["now"]), datetime=site["now"]), class_="now"),
    )
    yield tag("div", *(tag("p", notice["text"], class_=f"notice {notice['level']}") for notice in site["notices"]))
    figures = [_figure(role, site[role]) for role in ("grid", "pv", "battery") if site[role]]
    if figures:
        yield tag("section", *figures, class_="figures", aria_label=phrase("page.power"))
    if known := [one["summary"] for one in (site["learnt"], site["forecast"]) if one]:
        yield tag("p", " ".join(known), class_="known")
    cards = [_card(one, site) for one in policies]
    yield tag("section", *cards or [tag("p", phrase("page.none"))], class_="cards", aria_label=phrase("page.policies"))
    yield tag("footer", f"Noonward {site['version']}, {site['timezone']}")


def _figure(role: str, signal: Mapping[str, Any]) -> Html:
    power = signal["power_w"]
    title, value = (phrase("page.sun"), power) if role == "pv" else _direction(role, power)
    soc = signal.get("soc")
    return tag(
        "div",
        tag("h2", title),
        tag("p", phrase("page.unknown") if value is None else wording.power(value), class_="value"),
        tag(
            "p",
            _heard(signal),
            phrase("page.full", share=wording.share(soc)) if soc is not None else None,
            class_="aside",
        ),
        class_=f"figure {role} {signal['quality']}",
    )


def _direction(role: str, power_w: float | None) -> tuple[str, float | None]:
    """Return in words what the sign of a power means, and its size."""
    if power_w is None:
        return phrase(f"page.{role}"), None
    return phrase(f"page.{role}-{'takes' if power_w >= 0 else 'gives'}"), abs(power_w)


def _heard(signal: Mapping[str, Any]) -> str:
    age_s = signal["age_s"]
    return phrase("page.never") if age_s is None else phrase("page.ago", age=wording.duration(age_s))


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
        _next(one),
        bays(one["stations"]) if "stations" in one else None,
        tag("dl", *_facts(one, site)),
        class_=f"card{' wide' if len(one.get('stations', ())) > 1 else ''} "
        + {True: "on", False: "off", None: "unknown"}[one["on"]],
        id=f"policy-{one['name']}",
    )


def _state(one: Mapping[str, Any]) -> Html:
    state = one["state"]
    word = "…" if state is None else phrase(f"page.{state}") if state in BETTER else label(state)
    power_w = one["power_w"]
    if one["kind"] == "ev-zone":
        power_w = one["draw_w"]
        if state == "off" and one["on"]:
            busy = {station["state"] for station in one["stations"]}
            word = next((phrase(f"page.{does}") for state, does in OFF_BUT.items() if state in busy), word)
    return together(word, tag("small", " ", wording.power(power_w)) if one["on"] and power_w is not None else None)


def _next(one: Mapping[str, Any]) -> Html | None:
    change = one.get("next_change")
    when = None
    if change and not _told(one, change):
        when = change["text"]
    text = " ".join(part for part in (when, one.get("condition")) if part)
    return tag("p", text, class_="next") if text else None


def _told(one: Mapping[str, Any], change: Mapping[str, Any]) -> bool:
    """Tell whether the sentence has named that moment already: "it starts at 14:05 if that lasts"."""
    until = one["reasons"][0]["facts"].get("until") if one["reasons"] else None
    return isinstance(until, float) and abs(until - _instant(change["at"])) < 1


def _facts(one: Mapping[str, Any], site: Mapping[str, Any]) -> Iterator[Html]:
    mode, file_mode = phrase(f"mode.{one['mode']}"), phrase(f"mode.{one['file_mode']}")
    yield _fact(
        phrase("page.mode"), mode if mode == file_mode else phrase("page.overridden", mode=mode, file=file_mode)
    )
    if one["switch"]:
        yield _fact(phrase("page.switch"), phrase("page.switched-on" if one["switch"]["on"] else "page.switched-off"))
    if one["draw_w"] is not None:
        yield _fact(phrase("page.draws"), wording.power(one["draw_w"]))
    if one["kind"] == "ev-zone":
        yield _fact(phrase("page.together"), phrase("page.at-most", power=wording.power(one["max_power_w"])))
        return
    if one["need"]:
        yield _fact(phrase("page.needs"), one["need"]["summary"])
    if one["plan"]:
        yield _fact(phrase("page.plan", pace=phrase(f"pace.{one['plan']['pace']}")), one["plan"]["summary"])
    if one["min_on_until"]:
        left_s = _instant(one["min_on_until"]) - _instant(site["now"])
        yield _fact(phrase("page.min-on"), phrase("page.time-left", time=wording.duration(left_s)))
    for relay in one["relays"]:
        yield _fact(relay["relay"], _contact(relay))


def _contact(relay: Mapping[str, Any]) -> str:
    if relay["closed"] is None:
        return phrase("contact.silent" if relay["read_at"] is None else "contact.unknown")
    position = phrase("contact.closed" if relay["closed"] else "contact.open")
    known = relay["confirmed"] or relay["commanded"] is None
    return position if known else phrase("contact.unconfirmed", position=position)


def _fact(name: str, value: str) -> Html:
    return tag("div", tag("dt", name), tag("dd", value))


def _clock(stamp: str) -> str:
    at = datetime.fromisoformat(stamp)
    return f"{phrase('moment.days').split()[at.weekday()]} {at:%H:%M:%S}"


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
