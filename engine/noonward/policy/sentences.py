"""One sentence for people for every reason code, with the numbers that the decision itself compared.

Each code has a few templates, the richest first. A template is used when the reason carries every fact it names; the
last one names none. So the text can never claim a number that the decision did not use, and never fails for want of
one. Fact names end with their unit (``surplus_w``, ``delay_s``, ``until``); ``wording`` turns them into words.
"""

from __future__ import annotations

from string import Formatter
from typing import TYPE_CHECKING

from noonward.core.model import ReasonCode
from noonward.policy import wording

if TYPE_CHECKING:
    from collections.abc import Mapping

    from noonward.core.model import Instant, Reason

SENTENCES: Mapping[ReasonCode, tuple[str, ...]] = {
    ReasonCode.SURPLUS: (
        "On: {surplus_w} of solar surplus is left over for it, and {needs_w} is enough.",
        "On: {surplus_w} of solar surplus is left over for it.",
        "On: enough solar surplus is left over for it.",
    ),
    ReasonCode.TIMER: (
        "On: its window “{window}” is open until {until}.",
        "On: its window “{window}” is open.",
        "On: one of its windows is open.",
    ),
    ReasonCode.ALWAYS_ON: ("On: its mode is always-on.",),
    ReasonCode.ALWAYS_OFF: ("Off: its mode is always-off.",),
    ReasonCode.SWITCH_ON: ("On: somebody switched it on.",),
    ReasonCode.SWITCH_OFF: ("Off: its switch is off.",),
    ReasonCode.MIN_ON: (
        "On: too little surplus now, but it stays on for at least {min_on_s}, until {until}.",
        "On: it stays on until its minimum on-time is over at {until}.",
        "On: its minimum on-time is not over yet.",
    ),
    ReasonCode.MIN_OFF: (
        "Waiting: it stays off for at least {min_off_s}, until {until}.",
        "Waiting: it stays off until its minimum off-time is over at {until}.",
        "Waiting: its minimum off-time is not over yet.",
    ),
    ReasonCode.ON_DELAY: (
        "Waiting: {surplus_w} is left over and {needs_w} is enough; it starts at {until} if that lasts.",
        "Waiting: enough surplus is left over; it starts at {until} if that lasts.",
        "Waiting: enough surplus is left over; it starts if that lasts.",
    ),
    ReasonCode.OFF_DELAY: (
        "On for now: {surplus_w} is left over, less than {keeps_w}; it stops at {until} unless the sun comes back.",
        "On for now: too little surplus is left over; it stops at {until} unless the sun comes back.",
        "On for now: too little surplus is left over; it stops unless the sun comes back.",
    ),
    ReasonCode.TOO_LITTLE_SURPLUS: (
        "Waiting: {surplus_w} of the {needs_w} it needs is left over; it starts {delay_s} after the surplus suffices.",
        "Waiting: {surplus_w} of the {needs_w} it needs is left over.",
        "Waiting: too little solar surplus is left over.",
    ),
    ReasonCode.OUTSIDE_WINDOW: (
        "Off: its window “{window}” opens at {until}.",
        "Off: its next window opens at {until}.",
        "Off: none of its windows is open.",
    ),
    ReasonCode.NEED_FORCED: (
        "On: it needs another {missing_wh} before {until}, and that now takes all the time there is.",
        "On: what it needs could not be met in time any other way.",
    ),
    ReasonCode.PLAN_WAITS: (
        "Waiting for better sun: there is time until {until} to get the {missing_wh} it needs.",
        "Waiting for better sun: there is time enough.",
    ),
    ReasonCode.CHARGE_NOW: (
        "On: {by} asked for it now.",
        "On: somebody asked for it now.",
    ),
    ReasonCode.DETECTING_PHASES: ("On: a short test finds out how many phases the vehicle uses.",),
    ReasonCode.BELOW_MINIMUM: (
        "Waiting: {offer_w} is left over, less than the {needs_w} a vehicle must be offered.",
        "Waiting: less is left over than a vehicle must be offered.",
    ),
    ReasonCode.ZONE_FULL: (
        "Waiting: the zone's maximum of {limit_w} is taken by other vehicles.",
        "Waiting: the zone's maximum is taken by other vehicles.",
    ),
    ReasonCode.FUSE: (
        "Held back: phase {phase} would draw {load_a}, more than its {fuse_a} fuse carries.",
        "Held back: it would draw more than the {fuse_a} fuse carries.",
        "Held back: it would draw more than the fuse carries.",
    ),
    ReasonCode.IMPORT_CAP: (
        "Held back: the site would import {import_w}, more than its cap of {cap_w}.",
        "Held back: the site would import more than its cap of {cap_w}.",
        "Held back: the site would import more than its cap.",
    ),
    ReasonCode.DIMMED: (
        "Held back: the grid operator has limited controlled loads to {cap_w}.",
        "Held back: the grid operator has limited controlled loads.",
    ),
    ReasonCode.PREEMPTED: (
        "Waiting: its surplus went to {by}, which is served first.",
        "Waiting: its surplus went to a policy that is served first.",
    ),
    ReasonCode.SETTLING: (
        "No change yet: the meter has not shown the last switching; decided again at {until}.",
        "No change yet: the meter has not shown the last switching.",
    ),
    ReasonCode.BOOST: (
        "On: boosted until {until}.",
        "On: boosted.",
    ),
    ReasonCode.OVERRIDE: (
        "{by} set its mode to {mode} until {until}: {reason}.",
        "{by} set its mode to {mode} until {until}.",
        "{by} set its mode to {mode} until somebody clears that: {reason}.",
        "{by} set its mode to {mode} until somebody clears that.",
        "Its mode is overridden to {mode} until {until}.",
        "Its mode is overridden to {mode}.",
        "Its mode is overridden.",
    ),
    ReasonCode.DARK_START: (
        "Waiting: power has just come back; loads start one after another, this one at {until}.",
        "Waiting: power has just come back; loads start one after another.",
    ),
    ReasonCode.ENGINE_FAULT: (
        "Released: the engine met a fault of its own ({fault}); see the log.",
        "Released: the engine met a fault of its own; see the log.",
    ),
    ReasonCode.METER_HELD: (
        "No change: the grid meter's last value is {age_s} old; nothing starts or stops on it.",
        "No change: the grid meter's last value is old; nothing starts or stops on it.",
    ),
    ReasonCode.METER_STALE: (
        "Fail-safe ({then}): the grid meter has been silent for {age_s}.",
        "Fail-safe: the grid meter has been silent for {age_s}.",
        "Fail-safe: the grid meter is silent.",
    ),
    ReasonCode.NO_VEHICLE: ("Waiting: no vehicle is plugged in.",),
    ReasonCode.ASLEEP: ("The vehicle is asleep: it is offered current and draws none.",),
    ReasonCode.WAKING: ("Waking the vehicle, which is offered current and draws none.",),
    ReasonCode.SATISFIED: (
        "Off: it did not take the power it was offered; offered again at {until}.",
        "It has all it wants and draws nothing.",
    ),
    ReasonCode.NOT_ANSWERING: (
        "{relay} does not answer; the command is repeated.",
        "Its device does not answer; the command is repeated.",
    ),
    ReasonCode.STARTS_EXHAUSTED: ("Waiting: it has been started as often as allowed in this session.",),
}
"""Templates of every code, the richest first; the last one names no fact."""

_SURPLUS_FACTS = frozenset({"surplus_w", "offer_w"})


def sentence(reason: Reason, *, now: Instant, timezone: str) -> str:
    """Return the sentence for a reason.

    Args:
        reason: The code and the facts of a decision.
        now: Decides how much of a date a moment needs.
        timezone: IANA name of the site's time zone.
    """
    template = next(t for t in SENTENCES[reason.code] if placeholders(t) <= reason.facts.keys())
    words = {name: _words(name, reason.facts[name], now, timezone) for name in placeholders(template)}
    return template.format_map(words)


def placeholders(template: str) -> set[str]:
    """Return the names of the facts that a template tells."""
    return {name for _, name, _, _ in Formatter().parse(template) if name}


def _words(name: str, value: float | str, now: Instant, timezone: str) -> str:
    if name in _SURPLUS_FACTS and not isinstance(value, str) and value <= 0:
        return "nothing"
    return wording.fact(name, value, now=now, timezone=timezone)
