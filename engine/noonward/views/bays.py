"""The stations on a zone's card: each with its car, what it does and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from noonward.core.model import ReasonCode
from noonward.core.vehicle import LOW_W
from noonward.html import Html, tag
from noonward.policy import wording
from noonward.policy.words import phrase

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

LOOKS = {
    "charging": "drawing",
    "detecting": "drawing",
    "absent": "empty",
    "unknown": "empty",
    "needs-driver": "amiss",
    "not-answering": "amiss",
}
"""State to how its row looks; all others wait."""


def bays(stations: list[dict[str, Any]]) -> Html:
    """Return the list of a zone's stations."""
    return tag("ul", *(_bay(one) for one in stations), class_="bays", aria_label=phrase("page.stations"))


def _bay(one: Mapping[str, Any]) -> Html:
    drawn_w = one["drawn_w"] if one["online"] and (one["drawn_w"] or 0.0) >= LOW_W else None
    said = one["trouble"] or (_said(one["sentence"]) if one["state"] not in {"absent", None} else None)
    told = ", ".join(_told(one))
    return tag(
        "li",
        tag("h3", one["station"]),
        tag("p", _begun(one["summary"]), class_="does"),
        tag("p", wording.power(drawn_w), class_="draws") if drawn_w is not None else None,
        tag("p", said, class_="why") if said else None,
        tag("p", _begun(told), class_="told") if told else None,
        class_=LOOKS.get(one["state"], "waiting"),
        id=f"station-{one['station']}",
    )


def _said(sentence: str) -> str:
    """Return why, without the word that stands above it already."""
    return _begun(sentence.removeprefix(phrase("begins.waiting")).removeprefix(phrase("begins.on")))


def _begun(words: str) -> str:
    return words[:1].upper() + words[1:]


def _told(one: Mapping[str, Any]) -> Iterator[str]:
    """Yield what belongs to the session: what it took, what it is for, what somebody asked."""
    if one["session_kwh"]:
        yield phrase("page.so-far", energy=wording.energy(one["session_kwh"] * 1000))
    if one["limit_a"] and one["state"] == "charging":
        yield phrase("page.limit", current=wording.current(one["limit_a"]))
    if one["charge_now"] and one["why"] and one["why"]["code"] != ReasonCode.CHARGE_NOW:
        yield one["charge_now"]["summary"]
    if one["need"]:
        yield one["need"]["summary"]
