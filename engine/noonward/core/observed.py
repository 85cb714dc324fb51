"""What is seen in one step: readings, contacts, and what people set."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from noonward.core.stations import Station, StationId
    from noonward.core.words import Instant, Mode, PolicyName, RelayId


@dataclass(frozen=True, slots=True)
class Reading:
    """A number and when it was true.

    Attributes:
        value: In the unit that the field holding it names.
        at: When it was measured; age is computed from now, never stored.
    """

    value: float
    at: Instant


@dataclass(frozen=True, slots=True)
class RelayState:
    """What a relay reported when it was read back.

    Attributes:
        closed: The contact, None when the device does not say.
        at: When it was read.
    """

    closed: bool | None
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """What somebody else expects of the sun; where it says nothing, the site's own past counts.

    Attributes:
        at: When it was made.
        start: Of the first interval.
        step_s: Length of an interval. [s]
        pv_w: Mean production of the site's own array in each interval. [W]
    """

    at: Instant
    start: Instant
    step_s: float
    pv_w: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """Someone's wish that replaces the mode of a policy's file.

    Attributes:
        mode: In force until ``until``; None there lasts until it is cleared.
        by: Who set it.
        reason: What they said.
    """

    mode: Mode
    until: Instant | None = None
    by: str = ""
    reason: str = ""

    def in_force(self, now: Instant) -> bool:
        """Tell whether it has not ended; at ``until`` itself it has."""
        return self.until is None or now < self.until


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeNow:
    """Someone's wish that one station charges at once, at the highest current that may be.

    It may be set before the vehicle comes, and ends when the vehicle that it is for is unplugged.

    Attributes:
        at: When it was set: it is for the vehicle plugged in then, or for the next one.
        until: It ends then at the latest; None: no such moment.
        energy_wh: It ends once so much was charged since; None: no such bound. [Wh]
        by: Who set it.
    """

    at: Instant
    until: Instant | None = None
    energy_wh: float | None = None
    by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """What a driver needs by when. For one vehicle, as :class:`ChargeNow` is.

    Attributes:
        at: When it was said.
        energy_wh: To be charged from then on. [Wh]
        departure: By then.
        by: Who said it.
    """

    at: Instant
    energy_wh: float
    departure: Instant
    by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """What people set for one policy. Kept by the state store, handed in with every observation.

    Attributes:
        switch_on: The portal's switch, for mode manual; the first position is off.
        boost_until: "Hot water now": on until then.
        override: Replaces the mode.
        charge_now: Of a zone: stations that are to charge at once.
        needs: Of a zone: what the driver at a station needs.
        wakes: Of a zone: when somebody asked for the vehicle at a station to be woken; for the sleep it was in then.
    """

    switch_on: bool = False
    boost_until: Instant | None = None
    override: Override | None = None
    charge_now: Mapping[StationId, ChargeNow] = field(default_factory=dict)
    needs: Mapping[StationId, Need] = field(default_factory=dict)
    wakes: Mapping[StationId, Instant] = field(default_factory=dict)

    def boosted(self, now: Instant) -> bool:
        """Tell whether a boost is running."""
        return self.boost_until is not None and now < self.boost_until

    def overriding(self, now: Instant) -> Override | None:
        """Return the override, if one is in force."""
        return self.override if self.override is not None and self.override.in_force(now) else None

    def mode(self, filed: Mode, now: Instant) -> Mode:
        """Return the mode in force: an override's until it ends, else the one of the policy's file."""
        override = self.overriding(now)
        return filed if override is None else override.mode


NO_INPUTS = Inputs()


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """Everything the engine sees in one step.

    Attributes:
        grid_w: Import +, export −; from the grid meter. [W]
        pv_w: Production +. [W]
        battery_w: Charging +. [W]
        battery_soc: State of charge. [0…1]
        grid_a: Per phase, import +; empty or None where the meter does not say. [A]
        draws_w: A policy's own measured draw. [W]
        relays: Read-back of each relay; a missing one has never answered.
        stations: What is seen of each charging station; a missing one was never heard of.
        inputs: What people set.
        forecast: Of the sun, from outside; None: nobody told one.
        dim: True while the dimming input is active or broken.
        clock_trusted: False until the wall clock is known good; windows then count as closed.
        power_back_at: When the building's power came back, if the gateway has just restarted after a power cut.
        started_at: When the engine started; a meter that has not yet answered is held, not stale, for a while after.
    """

    grid_w: Reading | None = None
    pv_w: Reading | None = None
    battery_w: Reading | None = None
    battery_soc: Reading | None = None
    grid_a: tuple[Reading | None, ...] = ()
    draws_w: Mapping[PolicyName, Reading] = field(default_factory=dict)
    relays: Mapping[RelayId, RelayState] = field(default_factory=dict)
    stations: Mapping[StationId, Station] = field(default_factory=dict)
    inputs: Mapping[PolicyName, Inputs] = field(default_factory=dict)
    forecast: Forecast | None = None
    dim: bool = False
    clock_trusted: bool = True
    power_back_at: Instant | None = None
    started_at: Instant | None = None
