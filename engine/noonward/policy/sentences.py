"""One sentence for people for every reason code, with the numbers that the decision itself compared.

Each code has a few templates, the richest first (``words``, a file per language). A template is used when the reason
carries every fact it names; the last one names none. So the text can never claim a number that the decision did not
use, and never fails for want of one. Fact names end with their unit (``surplus_w``, ``delay_s``, ``until``);
``wording`` turns them into words.
"""

from __future__ import annotations

from string import Formatter
from typing import TYPE_CHECKING

from noonward.core.pace import LEAST
from noonward.policy import wording
from noonward.policy.language import spoken
from noonward.policy.words import filled, phrase, words

if TYPE_CHECKING:
    from noonward.core.model import Instant, Reason


def _scarce(starts_at: float | str | None) -> bool:
    return isinstance(starts_at, float | int) and starts_at <= LEAST


def sentence(reason: Reason, *, now: Instant, timezone: str) -> str:
    """Return the sentence for a reason, in the language that is spoken.

    Args:
        reason: The code and the facts of a decision.
        now: Decides how much of a date a moment needs.
        timezone: IANA name of the site's time zone.
    """
    template = next(t for t in templates(reason) if placeholders(t) <= reason.facts.keys())
    return filled(template, {name: _told(name, reason.facts[name], now, timezone) for name in placeholders(template)})


def templates(reason: Reason) -> tuple[str, ...]:
    """Return what can be said of a reason, the richest first."""
    told = words(spoken())
    first = told.scarce.get(reason.code, ()) if _scarce(reason.facts.get("starts_at")) else ()
    return (*first, *told.sentences[reason.code])


def placeholders(template: str) -> set[str]:
    """Return the names of the facts that a template tells."""
    return {name for _, name, _, _ in Formatter().parse(template) if name}


_NOTHING_BELOW_ZERO = frozenset({"surplus_w", "covers"})

_TRANSLATED = frozenset({"mode", "then", "online", "status"})
"""Facts that are words of a closed list, not somebody's own."""


def _told(name: str, value: float | str, now: Instant, timezone: str) -> str:
    if isinstance(value, str):
        return words(spoken()).phrases.get(f"{name}.{value}", value) if name in _TRANSLATED else value
    if name in _NOTHING_BELOW_ZERO and value <= 0:
        return phrase(f"nothing.{name}")
    if name == "stops_below" and value < 0:
        return phrase("nothing.stops_below", share=wording.share(-value))
    return wording.fact(name, value, now=now, timezone=timezone)
