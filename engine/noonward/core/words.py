"""The closed vocabularies: modes, fail-safe positions, reasons; and what a moment and a name are."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeAlias

Instant: TypeAlias = float
PolicyName: TypeAlias = str
RelayId: TypeAlias = str  # "device/channel"
Facts: TypeAlias = Mapping[str, float | str]


class Mode(StrEnum):
    """What a policy's file, or an override, asks for."""

    AUTO_SOLAR = "auto-solar"
    AUTO_TIMER = "auto-timer"
    TIMER = "timer"
    ALWAYS_ON = "always-on"
    ALWAYS_OFF = "always-off"
    MANUAL = "manual"


class FailSafe(StrEnum):
    """What a solar policy does when the grid meter is stale."""

    RELEASE = "release"
    KEEP = "keep"
    FORCE = "force"


class Pace(StrEnum):
    """How a plan waits for better sun (``plan:``): for most energy, or with fewer starts for nearly as much."""

    NORMAL = "normal"
    CALM = "calm"


class ReasonCode(StrEnum):
    """Why a policy is as it is; stable, read by the portal, logs, tests and the behavioural diff."""

    SURPLUS = "surplus"
    TIMER = "timer"
    ALWAYS_ON = "always-on"
    ALWAYS_OFF = "always-off"
    SWITCH_ON = "switch-on"
    SWITCH_OFF = "switch-off"
    MIN_ON = "min-on"
    MIN_OFF = "min-off"
    ON_DELAY = "on-delay"
    OFF_DELAY = "off-delay"
    TOO_LITTLE_SURPLUS = "too-little-surplus"
    OUTSIDE_WINDOW = "outside-window"
    NEED_FORCED = "need-forced"
    PLAN_WAITS = "plan-waits"
    CHARGE_NOW = "charge-now"
    DETECTING_PHASES = "detecting-phases"
    BELOW_MINIMUM = "below-minimum"
    ZONE_FULL = "zone-full"
    FUSE = "fuse"
    IMPORT_CAP = "import-cap"
    DIMMED = "dimmed"
    PREEMPTED = "preempted"
    SETTLING = "settling"
    BOOST = "boost"
    OVERRIDE = "override"
    DARK_START = "dark-start"
    ENGINE_FAULT = "engine-fault"
    METER_HELD = "meter-held"
    METER_STALE = "meter-stale"
    NO_VEHICLE = "no-vehicle"
    ASLEEP = "asleep"
    WAKING = "waking"
    SATISFIED = "satisfied"
    NOT_ANSWERING = "not-answering"
    STARTS_EXHAUSTED = "starts-exhausted"
