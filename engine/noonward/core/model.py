"""The nouns of Noonward: what is configured, what is seen, what is remembered, what is decided.

Conventions, stated here once:

* **Sign**: power is positive where it is drawn. ``grid_w`` import +, export −; ``battery_w`` charging +; loads +.
  ``pv_w`` is the exception that the field agrees on: production +.
* **Instant**: a moment is a ``float``, seconds since 1970-01-01 UTC. Wall-clock time exists only in ``timers``
  and at the edges (YAML, JSON, pages). See ADR 0004.
* **Unknown is None**, never 0.
* **Units are in the names**: ``_w``, ``_a``, ``_s``, ``_wh``; shares (``soc``) are 0…1.

Everything here is frozen; an unchanged value is passed on as the same object, never rebuilt.

The nouns live in six modules by what they are; everyone imports them from here.
"""

from __future__ import annotations

from noonward.core.configured import Appliance, BatteryRule, Grid, RelayInfo, Site, Stage, StationInfo, Zone
from noonward.core.decided import ENVELOPE, Command, Decision, Outcome, Reason, SetLimit, SetRelay, StationDecision
from noonward.core.needs import Requirement
from noonward.core.observed import (
    NO_INPUTS,
    ChargeNow,
    Forecast,
    Inputs,
    Need,
    Observation,
    Override,
    Reading,
    RelayState,
)
from noonward.core.past import Past
from noonward.core.remembered import Got, Lease, MachineState, Planned, State, StationState, Stayed, ZoneState
from noonward.core.stations import LimitSeen, Sample, Session, Station, StationId, Status
from noonward.core.words import Facts, FailSafe, Instant, Mode, Pace, PolicyName, ReasonCode, RelayId

__all__ = [
    "ENVELOPE",
    "NO_INPUTS",
    "Appliance",
    "BatteryRule",
    "ChargeNow",
    "Command",
    "Decision",
    "Facts",
    "FailSafe",
    "Forecast",
    "Got",
    "Grid",
    "Inputs",
    "Instant",
    "Lease",
    "LimitSeen",
    "MachineState",
    "Mode",
    "Need",
    "Observation",
    "Outcome",
    "Override",
    "Pace",
    "Past",
    "Planned",
    "PolicyName",
    "Reading",
    "Reason",
    "ReasonCode",
    "RelayId",
    "RelayInfo",
    "RelayState",
    "Requirement",
    "Sample",
    "Session",
    "SetLimit",
    "SetRelay",
    "Site",
    "Stage",
    "State",
    "Station",
    "StationDecision",
    "StationId",
    "StationInfo",
    "StationState",
    "Status",
    "Stayed",
    "Zone",
    "ZoneState",
]
