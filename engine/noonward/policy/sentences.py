"""One sentence for people for every reason code, with the numbers that the decision itself compared.

Each code has a few templates, the richest first. A template is used when the reason carries every fact it names; the
last one names none. So the text can never claim a number that the decision did not use, and never fails for want of
one. Fact names end with their unit (``surplus_w``, ``delay_s``, ``until``); ``wording`` turns them into words.
"""

from __future__ import annotations

from string import Formatter
from typing import TYPE_CHECKING

from noonward.core.model import ReasonCode
from noonward.core.pace import LEAST
from noonward.policy import wording

if TYPE_CHECKING:
    from collections.abc import Mapping

    from noonward.core.model import Instant, Reason

SENTENCES: Mapping[ReasonCode, tuple[str, ...]] = {
    ReasonCode.SURPLUS: (
        "On: the surplus covers {covers}, it goes on down to {stops_below}, and needs {missing_wh} by {by}.",
        "On: the surplus of {surplus_w} carries {vehicles} of the zone's vehicles.",
        "On: {surplus_w} of surplus is left for it, and it goes on down to {off_below_w}.",
        "On: {surplus_w} of surplus is left for it.",
        "On: enough surplus is left for it.",
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
        "On: once started it stays on for at least {min_on_s}, until {until}.",
        "On: once started it stays on for at least {min_on_s}.",
        "On: its minimum on-time is not over yet.",
    ),
    ReasonCode.MIN_OFF: (
        "Waiting: once stopped it stays off for at least {min_off_s}, until {until}.",
        "Waiting: once stopped it stays off for at least {min_off_s}.",
        "Waiting: its minimum off-time is not over yet.",
    ),
    ReasonCode.ON_DELAY: (
        "Waiting: {surplus_w} is left and {on_above_w} is enough; it starts at {until} if that lasts.",
        "Waiting: {surplus_w} is left, which is enough; a vehicle starts at {until} if that lasts.",
        "Waiting: enough surplus is left; it starts at {until} if that lasts.",
        "Waiting: enough surplus is left; it starts if that lasts.",
    ),
    ReasonCode.OFF_DELAY: (
        "On for now: {surplus_w} is left, less than {off_below_w}; it stops at {until} unless the surplus comes back.",
        "On for now: {surplus_w} is left, too little for all that charge; one pauses at {until} unless it comes back.",
        "On for now: too little surplus is left; it stops at {until} unless it comes back.",
        "On for now: too little surplus is left; it stops unless it comes back.",
    ),
    ReasonCode.TOO_LITTLE_SURPLUS: (
        "The surplus covers {covers}; its plan starts it at {starts_at}, and a run goes on down to {stops_below}.",
        "Surplus left for it: {surplus_w}; a run that surplus started goes on down to {off_below_w}.",
        "Waiting: {surplus_w} is left for it, and it starts at {on_above_w}.",
        "Waiting: {surplus_w} is left, too little for one vehicle more.",
        "Waiting: too little surplus is left.",
    ),
    ReasonCode.OUTSIDE_WINDOW: (
        "Off: no window is open until {until}.",
        "Off: no window is open.",
    ),
    ReasonCode.NEED_FORCED: (
        "On: the last chance before {by}, {missing_wh} are missing.",
        "On: its driver needs {energy_wh} by {departure}, and that takes all the time there is.",
        "On: what it needs could not be met in time any other way.",
    ),
    ReasonCode.PLAN_WAITS: (
        (
            "Waiting for better sun: {covers} covered, starts at {starts_at}, likely by about {likely_at};"
            " it needs {missing_wh} by {by}."
        ),
        "Waiting for better sun: {covers} covered, starts at {starts_at}; it needs {missing_wh} by {by}.",
        "Waiting for better sun: it needs {missing_wh} by {by}.",
        "Waiting for better sun: there is time enough.",
    ),
    ReasonCode.CHARGE_NOW: (
        "On: {by} asked for {energy_wh} now, and at the latest until {until}.",
        "On: {by} asked for it now, until {until}.",
        "On: {by} asked for {energy_wh} now.",
        "On: {by} asked for it now.",
        "On: somebody asked for {energy_wh} now.",
        "On: somebody asked for it now, until {until}.",
        "On: whoever drives it wants it to charge now, whatever the sun does.",
    ),
    ReasonCode.DETECTING_PHASES: ("On: a short test finds out how many phases the vehicle uses.",),
    ReasonCode.BELOW_MINIMUM: (
        "Waiting: less is left than {min_current_a} on each phase, and no vehicle may be offered less.",
        "Waiting: less is left than a vehicle must be offered.",
    ),
    ReasonCode.ZONE_FULL: ("Waiting: other vehicles have taken what there is for the zone; turns go round.",),
    ReasonCode.FUSE: ("Held back: with it a phase would draw more than its fuse carries.",),
    ReasonCode.IMPORT_CAP: ("Held back: with it the site would import more than it may.",),
    ReasonCode.DIMMED: ("Held back: the grid operator has limited the controlled loads.",),
    ReasonCode.PREEMPTED: ("Waiting: its surplus goes to a policy that is served first.",),
    ReasonCode.SETTLING: ("No change yet: the measurement does not show the last switching.",),
    ReasonCode.BOOST: (
        "On: boosted until {until}.",
        "On: boosted.",
    ),
    ReasonCode.OVERRIDE: (
        "{by} set its mode to {mode} until {until}: {reason}",
        "{by} set its mode to {mode} until {until}.",
        "{by} set its mode to {mode} until further notice: {reason}",
        "{by} set its mode to {mode} until further notice.",
        "Its mode is overridden to {mode} until {until}.",
        "Its mode is overridden to {mode}.",
        "Its mode is overridden.",
    ),
    ReasonCode.DARK_START: (
        "Waiting: power has just come back and loads start one after another, this one at {until}.",
        "Waiting: power has just come back and loads start one after another.",
    ),
    ReasonCode.ENGINE_FAULT: ("Released: the engine met a fault of its own; its log has the details.",),
    ReasonCode.METER_HELD: (
        "No change: the grid meter's last value is {grid_age_s} old, and nothing starts or stops on it.",
        "No change: the grid meter has not answered yet.",
    ),
    ReasonCode.METER_STALE: (
        "Fail-safe “{then}”: the grid meter has been silent for {grid_age_s}.",
        "Fail-safe “{then}”: the grid meter is silent.",
        "Fail-safe: the grid meter is silent.",
    ),
    ReasonCode.NO_VEHICLE: ("Waiting: no vehicle is plugged in.",),
    ReasonCode.ASLEEP: (
        "The vehicle is asleep: it is offered current and draws none. Wake attempts: {attempts} of 3, then its driver.",
        "The vehicle is asleep: it is offered current and draws none.",
    ),
    ReasonCode.WAKING: (
        "Waking the vehicle, which is offered current and draws none: attempt {attempts} of 3.",
        "Waking the vehicle, which is offered current and draws none.",
    ),
    ReasonCode.SATISFIED: (
        "Resting: it has had the {needed_wh} that it needs; the next need begins at {until}.",
        "Resting: it did not take the power it was offered; the next offer is at {until}.",
        "Resting: it took {charged_wh} since it was plugged in and wants no more.",
        "Resting: it has what it wants and takes no power.",
    ),
    ReasonCode.NOT_ANSWERING: (
        "Its relay has not followed its last command for {unconfirmed_s}; the command is repeated.",
        "The station does not obey: {drawn_a} are drawn where it was told {limit_a}; it is told again.",
        "The station takes no limit now (connected: {online}, status: {status}), and counts with what it may hold.",
        "The station takes no limit now (connected: {online}), and counts with what it may hold.",
        "It has not followed its last command; the command is repeated.",
    ),
    ReasonCode.STARTS_EXHAUSTED: (
        "Waiting: it was started {starts} times since it was plugged in, and vehicles lock when it is done too often.",
        "Waiting: it was started as often as is allowed in this session.",
    ),
}
"""Templates of every code, the richest first; the last one names no fact."""

SCARCE: Mapping[ReasonCode, tuple[str, ...]] = {
    ReasonCode.SURPLUS: (
        "On: not enough sun is expected before {by} for {missing_wh}, it takes any surplus, down to {stops_below}.",
    ),
    ReasonCode.PLAN_WAITS: (
        "Waiting: not enough sun is expected before {by} for {missing_wh}, and any surplus starts it.",
    ),
}
"""Templates that go first where a plan waits for nothing better: any sun at all starts it."""


def _scarce(starts_at: float | str | None) -> bool:
    return isinstance(starts_at, float | int) and starts_at <= LEAST


def sentence(reason: Reason, *, now: Instant, timezone: str) -> str:
    """Return the sentence for a reason.

    Args:
        reason: The code and the facts of a decision.
        now: Decides how much of a date a moment needs.
        timezone: IANA name of the site's time zone.
    """
    template = next(t for t in templates(reason) if placeholders(t) <= reason.facts.keys())
    words = {name: _words(name, reason.facts[name], now, timezone) for name in placeholders(template)}
    return template.format_map(words)


def templates(reason: Reason) -> tuple[str, ...]:
    """Return what can be said of a reason, the richest first."""
    first = SCARCE.get(reason.code, ()) if _scarce(reason.facts.get("starts_at")) else ()
    return (*first, *SENTENCES[reason.code])


def placeholders(template: str) -> set[str]:
    """Return the names of the facts that a template tells."""
    return {name for _, name, _, _ in Formatter().parse(template) if name}


_NOTHING_BELOW_ZERO = frozenset({"surplus_w", "covers"})


def _words(name: str, value: float | str, now: Instant, timezone: str) -> str:
    if name in _NOTHING_BELOW_ZERO and not isinstance(value, str) and value <= 0:
        return "nothing"
    if name == "stops_below" and not isinstance(value, str) and value < 0:
        return f"nothing, with up to {wording.share(-value)} bought"
    return wording.fact(name, value, now=now, timezone=timezone)
