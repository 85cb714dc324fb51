"""What is known about models of charging stations: data in ``stations/``, one file a model.

``station-profile.v1.json`` says what each key means. What a profile leaves out is as OCPP has it; a site's own entry
for a station stands above its profile, and what a meter shows above both.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from importlib import resources
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from noonward_drivers.ocpp.facade import Purpose, Topic, Unit, Version

KIND: Final = "station-profile/v1"

LISTS: Final = frozenset({"versions", "purposes", "steps_a", "measurands", "never_trigger", "restarts_on"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Something that a model does, and who says so."""

    what: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StationProfile:
    """A model of station; the fields are those of the schema, and an ordinary station is what the defaults say."""

    name: str
    evidence: Literal["tried", "source", "reported"]
    known: tuple[Known, ...]
    versions: tuple[Version, ...] = ("1.6",)
    unit: Unit = "A"
    stack_level: int | None = None
    profile_kind: Literal["Absolute", "Relative"] = "Absolute"
    purposes: tuple[Purpose, ...] = ("TxProfile", "TxDefaultProfile", "ChargePointMaxProfile")
    default_on_connector_0: bool = False
    clear_first: bool = False
    zero_limit: bool = True
    resend_after_resume: bool = False
    offline_unsafe: bool = False
    smart_charging_unlisted: bool = False
    remote_start: bool = False
    replug_after_stop: bool = False
    id_tag_setting: str | None = None
    steps_a: tuple[float, ...] = ()
    min_current_a: float = 6.0
    skip_validation: bool = False
    measurands: tuple[str, ...] = ()
    meter_interval_s: int | None = None
    poll_meter: bool = False
    never_trigger: tuple[Topic, ...] = ()
    change_availability: bool = True
    boot_trigger_after_s: int = 5
    boot_timeout_s: int = 60
    reconnect_within_s: int = 60
    reconnects: bool = True
    idle_close_s: int | None = None
    restarts_on: tuple[str, ...] = ()


def shipped() -> tuple[str, ...]:
    """Return the ids of the profiles that come with Noonward."""
    names = (item.name for item in resources.files(__package__).joinpath("stations").iterdir())
    return tuple(sorted(name.removesuffix(".yaml") for name in names if name.endswith(".yaml")))


@functools.cache
def load(name: str) -> StationProfile:
    """Return a profile that comes with Noonward; a test holds each to the schema."""
    row = dict(read(name))
    del row["kind"]
    known = tuple(Known(**one) for one in row.pop("known"))
    fields: dict[str, Any] = {key: tuple(row[key]) if key in LISTS else row[key] for key in row}
    return StationProfile(known=known, **fields)


def read(name: str) -> Mapping[str, Any]:
    """Return a shipped profile as it is written."""
    from ruamel.yaml import YAML  # noqa: PLC0415 - a site without charging stations never pays for it

    written = resources.files(__package__).joinpath("stations", f"{name}.yaml").read_text(encoding="utf-8")
    return MappingProxyType(YAML(typ="safe", pure=True).load(written))
