"""What is not as it should be, each in one sentence: the first thing that a page or ``noonward status`` shows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias

from noonward.core.model import ReasonCode, StationState, Status
from noonward.core.surplus import Quality
from noonward.daemon.atrisk import waited_for
from noonward.daemon.stations import AWAY_S
from noonward.policy import wording
from noonward.policy.problems import Problem
from noonward.policy.words import phrase
from noonward.views import parts, stations
from noonward.views.signals import trust

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from noonward.core.model import Instant, PolicyName, Reading, StationDecision, StationId
    from noonward.daemon.engine import ChannelStatus, Engine

    Level: TypeAlias = Literal["trouble", "note"]

_UNSEEN = StationState()

OVERDUE_S = 30.0
"""A step that is this late by the engine's own plan (``wake_at``) is not a busy moment any more."""
IDLE_W = 50.0
"""A source that gives less than this gives nothing that could be sold. [W]"""
SOLD_W = 100.0
"""Who sells more than this without a source has a meter that is turned round. [W]"""


class NoticeCode(StrEnum):
    """What a notice says; stable, read by the portal, automations and webhooks."""

    ENGINE_FAULT = "engine-fault"
    ENGINE_STARTING = "engine-starting"
    ENGINE_LATE = "engine-late"
    METER_STALE = "meter-stale"
    METER_HELD = "meter-held"
    METER_REVERSED = "meter-reversed"
    DEVICE_SILENT = "device-silent"
    VEHICLE_ASLEEP = "vehicle-asleep"
    VEHICLE_NEEDS_DRIVER = "vehicle-needs-driver"
    STATION_AWAY = "station-away"
    STATION_FAULTED = "station-faulted"
    STATION_AMISS = "station-amiss"
    STATION_DISOBEYS = "station-disobeys"
    NEED_AT_RISK = "need-at-risk"
    NEED_MISSED = "need-missed"
    FUSE_HOLDS = "fuse-holds"
    IMPORT_CAP_HOLDS = "import-cap-holds"
    DIMMED = "dimmed"
    POLICIES_BROKEN = "policies-broken"
    CLOCK_UNTRUSTED = "clock-untrusted"


Code = NoticeCode

LEVELS: Mapping[NoticeCode, Level] = {
    Code.ENGINE_FAULT: "trouble",
    Code.ENGINE_STARTING: "note",
    Code.ENGINE_LATE: "trouble",
    Code.METER_STALE: "trouble",
    Code.METER_HELD: "note",
    Code.METER_REVERSED: "trouble",
    Code.DEVICE_SILENT: "trouble",
    Code.VEHICLE_ASLEEP: "note",
    Code.VEHICLE_NEEDS_DRIVER: "trouble",
    Code.STATION_AWAY: "trouble",
    Code.STATION_FAULTED: "trouble",
    Code.STATION_AMISS: "trouble",
    Code.STATION_DISOBEYS: "trouble",
    Code.NEED_AT_RISK: "trouble",
    Code.NEED_MISSED: "note",
    Code.FUSE_HOLDS: "note",
    Code.IMPORT_CAP_HOLDS: "note",
    Code.DIMMED: "note",
    Code.POLICIES_BROKEN: "trouble",
    Code.CLOCK_UNTRUSTED: "note",
}
"""Code to its level: "trouble" needs someone, "note" only explains."""

HELD: Mapping[ReasonCode, NoticeCode] = {
    ReasonCode.FUSE: Code.FUSE_HOLDS,
    ReasonCode.IMPORT_CAP: Code.IMPORT_CAP_HOLDS,
}
"""Reason of the envelope to the notice that it holds a policy back; dimming is told once, of the site."""


class About(NamedTuple):
    """What a notice is about; the site, where nothing else is named.

    Attributes:
        policy: A policy, or the zone of the station.
        station: A station.
        device: A device.
    """

    policy: PolicyName = ""
    station: StationId = ""
    device: str = ""


SITE = About()


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One thing worth knowing, in the language that was spoken when it was looked for.

    Attributes:
        code: What it says.
        about: What it is about.
        text: A sentence.
        todo: What to do about it, a sentence.
        since: When it began, where the engine knows.
    """

    code: NoticeCode
    about: About = SITE
    text: str
    todo: str
    since: Instant | None = None

    @property
    def subject(self) -> str:
        """Name of the station, policy or device that it is about; "" for the site."""
        return self.about.device or self.about.station or self.about.policy

    @property
    def id(self) -> str:
        """The same as long as it is about the same."""
        return f"{self.code}:{self.subject}" if self.subject else self.code.value

    @property
    def level(self) -> Level:
        """Whether it needs someone."""
        return LEVELS[self.code]


def view(engine: Engine, one: Notice) -> dict[str, Any]:
    """Return a notice as JSON."""
    return {
        "id": one.id,
        "code": one.code.value,
        "level": one.level,
        "subject": one.subject or None,
        "text": one.text,
        "todo": one.todo,
        "since": parts.moment(engine, one.since),
    }


def notices(engine: Engine) -> tuple[Notice, ...]:
    """Return everything worth knowing, the gravest first."""
    now = engine.clock.now()
    found = (
        *_engine(engine, now),
        *_grid(engine, now),
        *_devices(engine),
        *_stations(engine, now),
        *_needs(engine, now),
        *_envelope(engine),
        *_policies(engine),
        *_site(engine),
    )
    return tuple(sorted(found, key=lambda notice: notice.level != "trouble"))


def _notice(
    code: NoticeCode, form: str = "", *, about: About = SITE, since: Instant | None = None, **facts: str
) -> Notice:
    """Return a notice; ``form`` names the one of its sentences that has just these facts."""
    text = phrase(f"notice.{code}{form and '-'}{form}", **facts)
    return Notice(code=code, text=text, todo=phrase(f"todo.{code}"), since=since, about=about)


def _engine(engine: Engine, now: Instant) -> Iterator[Notice]:
    outcome, stepped_at = engine.outcome, engine.stepped_at
    if engine.fault:
        yield _notice(Code.ENGINE_FAULT, error=_end(engine.fault))
    elif outcome is None or stepped_at is None:
        yield _notice(Code.ENGINE_STARTING, since=engine.started_at)
    elif outcome.wake_at is not None and now > outcome.wake_at + OVERDUE_S and now > stepped_at + OVERDUE_S:
        yield _notice(Code.ENGINE_LATE, since=stepped_at, age=wording.duration(now - stepped_at))


def _grid(engine: Engine, now: Instant) -> Iterator[Notice]:
    declared = engine.loaded.signals.get("grid")
    if declared is None or engine.stepped_at is None:
        return
    reading = engine.observation.grid_w
    found = trust(engine, reading, declared.every_s)
    if found is Quality.FRESH:
        if reading is not None and reading.value < -SOLD_W and not _sources(engine):
            yield _notice(Code.METER_REVERSED, power=wording.power(-reading.value))
        return
    code = Code.METER_STALE if found is Quality.STALE else Code.METER_HELD
    if reading is None:
        yield _notice(code, "never")
    else:
        yield _notice(code, since=reading.at, age=wording.duration(now - reading.at))


def _sources(engine: Engine) -> bool:
    """Tell whether the site has, or may have, something to sell: sun that is not measured freshly may be any."""
    seen = engine.observation
    roles = {"pv": seen.pv_w, "battery": seen.battery_w}
    return any(_gives(engine, role, reading) for role, reading in roles.items())


def _gives(engine: Engine, role: str, reading: Reading | None) -> bool:
    declared = engine.loaded.signals.get(role)
    if declared is None:
        return role == "pv"
    fresh = trust(engine, reading, declared.every_s) is Quality.FRESH
    return not fresh or reading is None or abs(reading.value) > IDLE_W


def _devices(engine: Engine) -> Iterator[Notice]:
    silent = [channel for channel in engine.devices if channel.ok is False and channel.kind != "station"]
    for device in dict.fromkeys(channel.device for channel in silent):
        yield _device(engine, device, [channel for channel in silent if channel.device == device])


def _device(engine: Engine, device: str, silent: list[ChannelStatus]) -> Notice:
    last = max((channel.last_ok for channel in silent if channel.last_ok is not None), default=None)
    error = next((channel.last_error for channel in silent if channel.last_error), "")
    facts = {"device": device, "channels": ", ".join(channel.channel for channel in silent)}
    facts |= {} if last is None else {"last": parts.clock(engine, last)}
    facts |= {"error": _end(error)} if error else {}
    form = "-".join(word for word, said in (("never", last is None), ("saying", error)) if said)
    return _notice(Code.DEVICE_SILENT, form, about=About(device=device), since=last, **facts)


def _stations(engine: Engine, now: Instant) -> Iterator[Notice]:
    """Yield what stations need someone for; of one that is away, nothing else is known."""
    channels = {one.channel: one for one in engine.devices if one.kind == "station"}
    for decision in engine.outcome.decisions if engine.outcome else ():
        for one in decision.stations:
            about, channel = About(decision.policy, one.station), channels.get(one.station)
            if channel is None or channel.away_since is None:
                yield from _station(engine, about, one, channel)
            elif channel.ok is False and now - channel.away_since >= AWAY_S:
                yield _away(engine, about, channel, channel.away_since)


def _away(engine: Engine, about: About, channel: ChannelStatus, since: Instant) -> Notice:
    facts = {"last": parts.clock(engine, since)} if stations.ever_came(engine, about.station) else {}
    found = _notice(
        Code.STATION_AWAY, "" if facts else "never", about=about, since=since, station=about.station, **facts
    )
    if not channel.address:
        return found
    return replace(found, todo=phrase(f"todo.{Code.STATION_AWAY}-at", address=channel.address))


def _station(engine: Engine, about: About, one: StationDecision, channel: ChannelStatus | None) -> Iterator[Notice]:
    """Yield what is wrong with a station that is there, or with the vehicle at it."""
    name = one.station
    memory, seen = engine.state.stations.get(name, _UNSEEN), engine.observation.stations.get(name)
    since = memory.session.since or None
    if one.state == "needs-driver":
        yield _notice(Code.VEHICLE_NEEDS_DRIVER, about=about, since=since, station=name)
    if one.state in {"asleep", "waking"}:
        yield _notice(Code.VEHICLE_ASLEEP, about=about, since=since, station=name)
    if seen is not None and seen.status is Status.FAULTED:
        yield _notice(Code.STATION_FAULTED, about=about, station=name)
    if memory.promise.disbelieved():
        yield _notice(Code.STATION_DISOBEYS, about=about, station=name)
    elif channel is not None and channel.ok is False and channel.last_error:
        at, said = channel.last_error_at, _end(channel.last_error)
        yield _notice(Code.STATION_AMISS, about=about, since=at, station=name, error=said)


def _needs(engine: Engine, now: Instant) -> Iterator[Notice]:
    """Yield which needs are not met, or will not be."""
    site = engine.loaded.site
    for one in waited_for(site, engine.state, engine.inputs, now) if engine.outcome else ():
        if one.by is None:
            continue
        about, form = About(one.policy, one.station or ""), "" if one.station is None else "vehicle"
        facts = {
            "name": one.station or one.policy,
            "missing": wording.energy(one.missing_wh),
            "by": parts.clock(engine, one.by),
        }
        if one.missed(now):
            yield _notice(Code.NEED_MISSED, form, about=about, since=one.by, **facts)
        elif short_wh := one.short_wh(now):
            yield _notice(Code.NEED_AT_RISK, form, about=about, since=None, short=wording.energy(short_wh), **facts)


def _envelope(engine: Engine) -> Iterator[Notice]:
    """Yield which policies the envelope holds back, once each, whether themselves or at one of their stations."""
    for decision in engine.outcome.decisions if engine.outcome else ():
        codes = {decision.code, *(one.why.code for one in decision.stations)}
        for reason, code in HELD.items():
            if reason in codes:
                yield _notice(code, about=About(decision.policy), name=decision.policy)


def _policies(engine: Engine) -> Iterator[Notice]:
    errors = [one for one in engine.problems if not isinstance(one, Problem) or one.severity == "error"]
    if not errors:
        return
    error, more = str(errors[0]).rstrip("."), len(errors) - 1
    if more > 1:
        yield _notice(Code.POLICIES_BROKEN, "more", error=error, more=str(more))
    else:
        yield _notice(Code.POLICIES_BROKEN, "one-more" if more else "", error=error)


def _site(engine: Engine) -> Iterator[Notice]:
    if not engine.observation.clock_trusted:
        yield _notice(Code.CLOCK_UNTRUSTED)
    cap_w = engine.loaded.site.dim_cap_w
    if engine.observation.dim and cap_w is not None:
        yield _notice(Code.DIMMED, "to", power=wording.power(cap_w))
    elif engine.observation.dim:
        yield _notice(Code.DIMMED)


def _end(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."
