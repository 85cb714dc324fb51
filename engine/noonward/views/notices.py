"""What is not as it should be, each in one sentence: the first thing that a page or ``noonward status`` shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from noonward.core.model import StationState
from noonward.core.surplus import Quality
from noonward.daemon.atrisk import waited_for
from noonward.policy import wording
from noonward.policy.problems import Problem
from noonward.views.signals import trust

if TYPE_CHECKING:
    from collections.abc import Iterator

    from noonward.core.model import Instant
    from noonward.daemon.engine import Engine

_UNSEEN = StationState()

OVERDUE_S = 30.0
"""A step that is this late by the engine's own plan (``wake_at``) is not a busy moment any more."""


class Notice(NamedTuple):
    """One thing worth knowing.

    Attributes:
        level: "trouble" needs someone, "note" only explains.
        text: A sentence.
    """

    level: Literal["trouble", "note"]
    text: str


def notices(engine: Engine) -> tuple[Notice, ...]:
    """Return everything worth knowing, the gravest first."""
    now = engine.clock.now()
    found = (
        *_engine(engine, now),
        *_grid(engine, now),
        *_devices(engine, now),
        *_stations(engine),
        *_needs(engine, now),
        *_policies(engine),
        *_site(engine),
    )
    return tuple(sorted(found, key=lambda notice: notice.level != "trouble"))


def _engine(engine: Engine, now: Instant) -> Iterator[Notice]:
    outcome, stepped_at = engine.outcome, engine.stepped_at
    if engine.fault:
        yield Notice(
            "trouble", f"The engine met a fault of its own and took the loads to fail-safe: {_end(engine.fault)}"
        )
    elif outcome is None or stepped_at is None:
        yield Notice("note", "The engine is starting; nothing is decided yet.")
    elif outcome.wake_at is not None and now > outcome.wake_at + OVERDUE_S and now > stepped_at + OVERDUE_S:
        yield Notice(
            "trouble", f"The engine took its last step {wording.duration(now - stepped_at)} ago: what follows is old."
        )


def _grid(engine: Engine, now: Instant) -> Iterator[Notice]:
    declared = engine.loaded.signals.get("grid")
    if declared is None or engine.stepped_at is None:
        return
    reading = engine.observation.grid_w
    since = f"has been silent for {wording.duration(now - reading.at)}" if reading else "has not answered yet"
    match trust(engine, reading, declared.every_s):
        case Quality.STALE:
            yield Notice("trouble", f"The grid meter {since}: solar policies are in their fail-safe position.")
        case Quality.HELD:
            yield Notice("note", f"The grid meter {since}: nothing starts or stops on its last value.")
        case Quality.FRESH:
            pass


def _devices(engine: Engine, now: Instant) -> Iterator[Notice]:
    zone = engine.loaded.site.timezone
    silent = [channel for channel in engine.devices if channel.ok is False]
    for device in dict.fromkeys(channel.device for channel in silent):
        mine = [channel for channel in silent if channel.device == device]
        names = ", ".join(channel.channel for channel in mine)
        last = max((channel.last_ok for channel in mine if channel.last_ok is not None), default=None)
        heard = (
            f"has not answered since {wording.moment(last, now=now, timezone=zone)}"
            if last is not None
            else "has never answered"
        )
        error = next((channel.last_error for channel in mine if channel.last_error), "")
        yield Notice("trouble", f"{device} ({names}) {heard}{': ' + _end(error) if error else '.'}")


def _stations(engine: Engine) -> Iterator[Notice]:
    """Yield what stations need someone for; that one is away, its device says."""
    for decision in engine.outcome.decisions if engine.outcome else ():
        for one in decision.stations:
            if one.state == "needs-driver":
                yield Notice("trouble", f"{one.station}: the vehicle does not wake up; it needs its driver.")
            if engine.state.stations.get(one.station, _UNSEEN).promise.disbelieved():
                yield Notice("trouble", f"{one.station} draws more than it is told to.")


def _needs(engine: Engine, now: Instant) -> Iterator[Notice]:
    """Yield which needs are not met, or will not be."""
    site = engine.loaded.site
    for one in waited_for(site, engine.state, engine.inputs, now) if engine.outcome else ():
        name = one.policy if one.station is None else f"The vehicle at {one.station}"
        if one.by is None:
            continue
        when = wording.moment(one.by, now=now, timezone=site.timezone)
        if one.missed(now):
            yield Notice("note", f"{name} has missed {wording.energy(one.missing_wh)} of what it needed by {when}.")
        elif short_wh := one.short_wh(now):
            yield Notice(
                "trouble",
                f"{name} needs {wording.energy(one.missing_wh)} more by {when}, and {wording.energy(short_wh)} of that "
                "cannot come any more, even at full power.",
            )


def _policies(engine: Engine) -> Iterator[Notice]:
    errors = [one for one in engine.problems if not isinstance(one, Problem) or one.severity == "error"]
    if errors:
        others = {1: "", 2: " and one problem more"}.get(len(errors), f" and {len(errors) - 1} problems more")
        yield Notice(
            "trouble",
            f"The policies folder has changed and does not load, so the set from before goes on: "
            f"{str(errors[0]).rstrip('.')}{others}. “noonward check” tells it all.",
        )


def _site(engine: Engine) -> Iterator[Notice]:
    if not engine.observation.clock_trusted:
        yield Notice("note", "The clock is not trusted yet: windows count as closed until it is.")
    if engine.observation.dim:
        cap_w = engine.loaded.site.dim_cap_w
        yield Notice(
            "note",
            "The grid operator has limited controlled loads"
            + (f" to {wording.power(cap_w)} together." if cap_w is not None else "."),
        )


def _end(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."
