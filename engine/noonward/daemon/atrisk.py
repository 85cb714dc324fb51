"""Needs that cannot be met any more, even at full power: each is said once, and once more when it is over."""

from __future__ import annotations

from datetime import datetime
from math import inf
from typing import TYPE_CHECKING, Any, TypeAlias
from zoneinfo import ZoneInfo

from noonward.core.model import ENVELOPE, NO_INPUTS, Mode
from noonward.daemon import log
from noonward.daemon.needs import standings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from noonward.core.model import Inputs, Instant, Outcome, PolicyName, Site, State, StationId
    from noonward.daemon.needs import Standing

    Key: TypeAlias = tuple[PolicyName, StationId | None]


HEEDED = frozenset({Mode.AUTO_SOLAR, Mode.AUTO_TIMER, Mode.TIMER, Mode.ALWAYS_ON})
"""Modes in which a need is to be met; who switches a load off by hand, or for good, knows what he does."""


LOOK_S = 30.0
"""How often it is looked at: needs take hours, and stations step the engine ten times a second. [s]"""


class AtRisk:
    """Which needs were said to be at risk."""

    def __init__(self, publish: Callable[[Instant, PolicyName, StationId | None, bool, str], None]) -> None:
        self._publish = publish
        self._said: dict[Key, Standing] = {}
        self._looked_at = -inf

    def look(self, site: Site, outcome: Outcome, inputs: Mapping[PolicyName, Inputs], now: Instant) -> None:
        """Say what has become impossible, and what is over; twice a minute is enough."""
        if abs(now - self._looked_at) < LOOK_S:
            return
        self._looked_at = now
        standing = {(one.policy, one.station): one for one in waited_for(site, outcome.state, inputs, now)}
        for key, before in list(self._said.items()):
            one = standing.get(key)
            if one is None or one.since != before.since or not one.short_wh(now):
                del self._said[key]
                self._over(before, one, now)
        for key, one in standing.items():
            if key not in self._said and one.short_wh(now):
                self._said[key] = one
                self._begun(site, outcome, one, now)

    def _begun(self, site: Site, outcome: Outcome, one: Standing, now: Instant) -> None:
        assert one.by is not None  # noqa: S101 - what has no deadline is never short
        held = next((d.limited_by for d in outcome.decisions if d.policy == one.policy), None)
        by = f"{datetime.fromtimestamp(one.by, ZoneInfo(site.timezone)):%Y-%m-%d %H:%M}"
        why = f"; it is held by {held.value}" if held in ENVELOPE and held is not None else ""
        message = (
            f"{_name(one)} needs {_kwh(one.missing_wh)} more by {by}, and {_kwh(one.short_wh(now))} of that cannot "
            f"come any more, even at {one.most_w / 1000:.3g} kW from now on{why}"
        )
        self._tell(one, now, ok=False, message=message)

    def _over(self, before: Standing, one: Standing | None, now: Instant) -> None:
        if one is None or one.since != before.since:
            message = f"{_name(before)}: nobody waits for what it needed any more"
        elif one.missed(now):
            message = f"{_name(before)} has missed {_kwh(one.missing_wh)} of what it needed by now"
        elif one.met:
            message = f"{_name(before)} has what it needs after all"
        else:
            message = f"{_name(before)} can have what it needs after all"
        self._tell(before, now, ok=True, message=message)

    def _tell(self, one: Standing, now: Instant, *, ok: bool, message: str) -> None:
        facts: dict[str, Any] = {
            "policy": one.policy,
            "station": one.station,
            "missing_wh": one.missing_wh,
            "by": one.by,
        }
        (log.say if ok else log.warn)("need-safe" if ok else "need-at-risk", message, **facts)
        self._publish(now, one.policy, one.station, ok, message)


def waited_for(site: Site, state: State, inputs: Mapping[PolicyName, Inputs], now: Instant) -> list[Standing]:
    """Return how every need stands that is to be met."""
    heeded = {p.name for p in site.policies if inputs.get(p.name, NO_INPUTS).mode(p.mode, now) in HEEDED}
    return [one for one in standings(site, state, inputs, now) if one.policy in heeded]


def _name(one: Standing) -> str:
    return one.policy if one.station is None else f"{one.policy}, {one.station}"


def _kwh(energy_wh: float) -> str:
    return f"{energy_wh / 1000:.2g} kWh"
