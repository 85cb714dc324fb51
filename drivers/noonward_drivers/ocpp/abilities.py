"""What a station says of itself in its settings. Keys are missing, misspelled and wrong: nothing here must be there."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from noonward.errors import DriverError
from noonward_drivers.ocpp.facade import ReadSettings, Setting, Settings
from noonward_drivers.ocpp.faults import Disconnected, TimedOut
from noonward_drivers.ocpp.schedule import number

if TYPE_CHECKING:
    from collections.abc import Mapping

    from noonward_drivers.ocpp.facade import Unit, Version
    from noonward_drivers.ocpp.link import Link

Keys = tuple[str, ...]

UNIT: Final[Keys] = (
    "ChargingScheduleAllowedChargingRateUnit",
    "SmartChargingCtrlr.RateUnit",
    "SmartChargingCtrlr.ChargingScheduleChargingRateUnit",
)
STACK_MAX: Final[Keys] = (
    "ChargeProfileMaxStackLevel",
    "SmartChargingCtrlr.ProfileStackLevel",
    "SmartChargingCtrlr.ChargingProfileMaxStackLevel",
)
PERIODS_MAX: Final[Keys] = ("ChargingScheduleMaxPeriods", "SmartChargingCtrlr.PeriodsPerSchedule")
FEATURES: Final[Keys] = ("SupportedFeatureProfiles",)
ENABLED: Final[Keys] = ("SmartChargingCtrlr.Enabled", "SmartChargingCtrlr.SmartChargingEnabled")
MEASURANDS: Final[Keys] = ("MeterValuesSampledData", "SampledDataCtrlr.TxUpdatedMeasurands")
MEASURANDS_MAX: Final[Keys] = ("MeterValuesSampledDataMaxLength",)
SAMPLE_INTERVAL: Final[Keys] = ("MeterValueSampleInterval", "SampledDataCtrlr.TxUpdatedInterval")
PING_INTERVAL: Final[Keys] = ("WebSocketPingInterval", "OCPPCommCtrlr.WebSocketPingInterval")
HEARTBEAT_INTERVAL: Final[Keys] = ("HeartbeatInterval", "OCPPCommCtrlr.HeartbeatInterval")
CONNECTORS: Final[Keys] = ("NumberOfConnectors",)
"""A setting by its name in 1.6, in 2.0.1, and as stations spell it that misread 2.0.1."""

EVERY: Final = (
    UNIT, STACK_MAX, PERIODS_MAX, FEATURES, ENABLED, MEASURANDS, MEASURANDS_MAX, SAMPLE_INTERVAL, PING_INTERVAL,
    HEARTBEAT_INTERVAL, CONNECTORS,
)  # fmt: skip

UNIT_WORDS: Final[Mapping[str, Unit]] = MappingProxyType({"current": "A", "a": "A", "power": "W", "w": "W"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Abilities:
    """What is known before anything was tried; None: it does not say.

    Attributes:
        unit: In which limits are written; A where it takes both.
        stack_max: Highest stack level.
        periods_max: Periods of one schedule.
        smart: Whether it says that it takes limits at all.
        connectors: How many it has.
    """

    unit: Unit | None = None
    stack_max: int | None = None
    periods_max: int | None = None
    smart: bool | None = None
    connectors: int | None = None


def names(keys: Keys, version: Version) -> Keys:
    """Return how a setting may be called in a version."""
    return tuple(key for key in keys if ("." in key) == (version == "2.0.1"))


def find(settings: Settings, keys: Keys) -> tuple[str, Setting] | None:
    """Return a setting and the name that it has on this station; None where it has none."""
    return next(((key, settings.known[key]) for key in keys if key in settings.known), None)


def value(settings: Settings, keys: Keys) -> str | None:
    """Return the value of a setting; None where there is none."""
    found = find(settings, keys)
    return None if found is None else found[1].value


def listed(text: str | None) -> tuple[str, ...]:
    """Return the members of a list as settings have it."""
    return tuple(part for one in (text or "").split(",") if (part := one.strip()))


def abilities(settings: Settings) -> Abilities:
    """Return what a station's settings say."""
    units = {UNIT_WORDS[word.lower()] for word in listed(value(settings, UNIT)) if word.lower() in UNIT_WORDS}
    features = value(settings, FEATURES)
    enabled = value(settings, ENABLED)
    smart: bool | None = None
    if features is not None:
        smart = "smartcharging" in features.lower().replace(" ", "")
    elif enabled is not None:
        smart = enabled.strip().lower() == "true"
    return Abilities(
        unit=None if not units else "A" if "A" in units else "W",
        stack_max=_count(value(settings, STACK_MAX), 0),
        periods_max=_count(value(settings, PERIODS_MAX), 1),
        smart=smart,
        connectors=_count(value(settings, CONNECTORS), 1),
    )


async def ask(link: Link, answer_s: float) -> Settings:
    """Return the settings that matter: all at once where version and station allow it, else by name, else one by one.

    Raises:
        Disconnected, TimedOut: It does not answer. Whatever else goes wrong, there are no settings.
    """
    wanted = tuple(key for keys in EVERY for key in names(keys, link.version))
    at_once: tuple[tuple[str, ...], ...] = ((), wanted) if link.version == "1.6" else (wanted,)
    for keys in at_once:
        if known := await _read(link, keys, answer_s):
            return Settings(known=MappingProxyType(known))
    singly: dict[str, Setting] = {}
    for key in wanted:
        singly |= await _read(link, (key,), answer_s)
    return Settings(known=MappingProxyType(singly))


async def _read(link: Link, keys: Keys, answer_s: float) -> Mapping[str, Setting]:
    """Return what is known of some settings, of all where none is named; empty where the station does not say."""
    try:
        answer = await link.do(ReadSettings(keys=keys), answer_s)
    except (Disconnected, TimedOut):
        raise
    except DriverError:
        return {}
    return answer.known if isinstance(answer, Settings) else {}


def _count(text: Any, least: int) -> int | None:
    found = number(text)
    return None if found is None or found < least else int(found)
