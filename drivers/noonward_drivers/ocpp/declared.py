"""A ``driver: ocpp`` entry of site.yaml, read."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from noonward.core.model import StationInfo
from noonward.ports import Channel
from noonward_drivers.entry import Entry, Faulty
from noonward_drivers.ocpp import quirks
from noonward_drivers.ocpp.entry import StationEntry
from noonward_drivers.ocpp.schedule import Meaning
from noonward_drivers.ocpp.schema import LINES, LISTEN, SCHEMA, STATION

if TYPE_CHECKING:
    from collections.abc import Mapping

    from noonward_drivers.ocpp.entry import SecurityProfile
    from noonward_drivers.ocpp.quirks import StationProfile

Offline: TypeAlias = Literal["accept", "known", "refuse"]

VOLTAGE_V: Final = 230.0
LEAST_A: Final = 6.0
"""Below it no vehicle charges (IEC 61851-1, table A.8). [A]"""

ORDINARY: Final = quirks.StationProfile(name="any station that keeps to the specification", evidence="source", known=())
BADGE_MAX: Final = 36
"""Longest token of 2.0.1; an idTag of 1.6 has 20 characters."""

_LISTEN: Final = re.compile(r"(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+):(?P<port>[0-9]{1,5})")
_STATION: Final = re.compile(r"[A-Za-z0-9*_=:+|@.-]{1,48}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """A station, as the site has declared it."""

    entry: StationEntry
    profile: StationProfile

    @property
    def info(self) -> StationInfo:
        """What the engine must know of each of its connectors."""
        entry = self.entry
        return StationInfo(
            max_a=entry.max_a,
            step_a=entry.step_a,
            safe_a=entry.safe_a,
            offline_a=entry.max_a if self.profile.offline_unsafe else None,
            window_s=entry.window_s,
            phases=entry.phases,
            lines=entry.lines,
        )

    def names(self) -> tuple[str, ...]:
        """Return the name of each connector, the first first: what zones call a station."""
        ident, count = self.entry.id, self.entry.connectors
        return (ident,) if count == 1 else tuple(f"{ident}:{connector}" for connector in range(1, count + 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Charging:
    """A device entry.

    Attributes:
        host: Where to listen.
        port: The same; 0: any that is free.
        certificate: PEM, for ``wss://``.
        private_key: Of the certificate.
        stations_ca: Who signs the stations' certificates.
        accept: Badges in capital letters; None: anyone.
        local_list: The stations get the badges, for when the gateway is away.
        offline: What they do with badges then.
        stations: By id.
    """

    host: str
    port: int
    certificate: Path | None = None
    private_key: Path | None = None
    stations_ca: Path | None = None
    accept: frozenset[str] | None = None
    local_list: bool = False
    offline: Offline = "accept"
    stations: Mapping[str, Declared]

    def channels(self) -> tuple[Channel, ...]:
        """Return one a connector."""
        return tuple(
            Channel(name=name, kind="station", station=declared.info)
            for declared in self.stations.values()
            for name in declared.names()
        )


def read(config: Mapping[str, Any]) -> Charging:
    """Read a device entry.

    Raises:
        Faulty: Something in it cannot be used.
    """
    entry = Entry(config)
    entry.only(*SCHEMA["properties"])
    host, port = _listen(entry)
    files = {key: Path(entry.text(key)) for key in ("certificate", "private_key", "stations_ca") if key in entry}
    for key, other in (
        ("certificate", "private_key"),
        ("private_key", "certificate"),
        ("stations_ca", "certificate"),
    ):
        if key in files and other not in files:
            raise entry.fault(key, f'"{key}" alone does nothing', f'name the file of "{other}" too')
    accept = _accept(entry, config.get("accept", "anyone"))
    local_list = entry.flag("local_list", default=False)
    if local_list and accept is None:
        raise entry.fault("local_list", "there is no list to send", "write the badges: accept: [04A1B2C3, 04D4E5F6]")
    stations = {ident: _station(ident, one, files) for ident, one in entry.entries("stations")}
    if not stations:
        raise entry.fault(
            "stations" if "stations" in entry else None, "no station is declared", "stations: {cp-01: {}}"
        )
    _unique(entry, stations)
    return Charging(
        host=host,
        port=port,
        accept=accept,
        local_list=local_list,
        offline=entry.choice("offline", ("accept", "known", "refuse"), "accept"),
        stations=stations,
        **files,
    )


def _listen(entry: Entry) -> tuple[str, int]:
    written = entry.text("listen", LISTEN)
    match = _LISTEN.fullmatch(written)
    if match is None or int(match["port"]) > 0xFFFF:  # noqa: PLR2004 - TCP
        raise entry.fault("listen", f'"{written}" is not HOST:PORT', f'for example listen: "{LISTEN}"')
    return match["host"].strip("[]"), int(match["port"])


def _accept(entry: Entry, written: Any) -> frozenset[str] | None:
    """Return the badges in capital letters: their case means nothing (OCPP 1.6, CiString20Type)."""
    if written == "anyone":
        return None
    if not isinstance(written, list):
        raise entry.fault("accept", f'"{written}" is neither anyone nor a list of badges', "accept: [04A1B2C3]")
    for place, badge in enumerate(written):
        if not isinstance(badge, str) or not 0 < len(badge.strip()) <= BADGE_MAX:
            hint = f'put it in quotes: "{badge}"' if isinstance(badge, int | float) else "as the station reads it"
            raise Faulty(("accept", place), f'"{badge}" is not a badge', hint)
    return frozenset(badge.strip().upper() for badge in written)


def _station(ident: str, entry: Entry, files: Mapping[str, Path]) -> Declared:
    entry.only(*STATION["properties"])
    if not _STATION.fullmatch(ident):
        raise entry.fault(
            None, f'"{ident}" is not the id of a station', "letters, digits, - _ . : and the like, 48 at most"
        )
    name = entry.choice("profile", quirks.shipped(), None)
    profile = ORDINARY if name is None else quirks.load(name)
    max_a = entry.quantity("max_current", "current", 32.0)
    if max_a < LEAST_A:
        raise entry.fault("max_current", f"no vehicle charges with {max_a:g} A", f"at least {LEAST_A:g} A")
    phases = entry.integer("phases", 1, 3, 3)
    start = entry.choice("start", ("station", "remote"), "remote" if profile.remote_start else "station")
    return Declared(
        profile=profile,
        entry=StationEntry(
            id=ident,
            security=_security(entry, files),
            key=entry.text("key", None),
            meaning=Meaning(unit=profile.unit, voltage_v=VOLTAGE_V),
            versions=_versions(entry, profile),
            skip_validation=profile.skip_validation,
            connectors=entry.integer("connectors", 1, 16, 1),
            max_a=max_a,
            safe_a=_safe_a(entry, max_a, profile),
            step_a=_step_a(entry),
            window_s=_window_s(entry),
            phases=phases,
            lines=_lines(entry, phases),
            remote_start=start == "remote",
        ),
    )


def _security(entry: Entry, files: Mapping[str, Path]) -> SecurityProfile:
    """Return the profile written; else the best that what there is allows."""
    key = "key" in entry
    secured = (2 if "certificate" in files else 1) if key else (3 if "stations_ca" in files else 0)
    written: SecurityProfile = entry.integer("security", 0, 3, secured)
    if written in {1, 2} and not key:
        raise entry.fault(None, f"security profile {written} needs a key", 'for example key: "${env:CP01_KEY}"')
    if written in {0, 3} and key:
        raise entry.fault(
            "key", f"security profile {written} asks for no key", "write security: 1 or 2, or leave it out"
        )
    wanted = {2: ("certificate",), 3: ("certificate", "stations_ca")}.get(written, ())
    missing = [name for name in wanted if name not in files]
    if missing:
        raise entry.fault(
            "security",
            f"security profile {written} needs {' and '.join(missing)} of the device",
            f"beside stations:, write {missing[0]}: FILE",
        )
    return written


def _versions(entry: Entry, profile: StationProfile) -> Any:
    if "versions" not in entry:
        return profile.versions
    try:
        return entry.several("versions", ("1.6", "2.0.1"), profile.versions)
    except Faulty as faulty:
        hint = 'in quotes, best first: versions: ["2.0.1", "1.6"]'
        raise Faulty(faulty.fault.path, faulty.fault.message, hint) from None


def _safe_a(entry: Entry, max_a: float, profile: StationProfile) -> float:
    least_a = max(LEAST_A, profile.min_current_a)
    safe_a: float = entry.quantity("safe_current", "current", min(least_a, max_a))
    if 0.0 < safe_a < least_a:
        raise entry.fault(
            "safe_current", f"{safe_a:g} A is below the {least_a:g} A that this station offers at least", "0 A pauses"
        )
    if safe_a > max_a:
        raise entry.fault("safe_current", f"{safe_a:g} A is more than its max_current, {max_a:g} A")
    return safe_a


def _step_a(entry: Entry) -> float:
    step_a: float = entry.quantity("step", "current", 1.0)
    if not 0.1 <= step_a <= 4.0 or abs(step_a * 10 - round(step_a * 10)) > 1e-9:  # noqa: PLR2004 - the message says
        raise entry.fault(
            "step", f"{step_a:g} A is no step", "tenths from 0.1 A to 4 A; most stations take 1 A or 0.1 A"
        )
    return step_a


def _window_s(entry: Entry) -> float:
    window_s: float = entry.quantity("window", "duration", 600.0)
    if not 60.0 <= window_s <= 86400.0:  # noqa: PLR2004 - the bounds are in the message
        raise entry.fault(
            "window", f"{window_s:g} s is out of bounds", "from 1 min to 1 d; each renewal wears its flash"
        )
    return window_s


def _lines(entry: Entry, phases: int) -> tuple[int, ...]:
    if "rotation" not in entry:
        return ()
    lines = entry.several("rotation", LINES, LINES)
    if len(lines) != phases:
        raise entry.fault(
            "rotation", f"it names {len(lines)} phases, the station has {phases}", f"phases: {len(lines)}"
        )
    return tuple(LINES.index(line) + 1 for line in lines)


def _unique(entry: Entry, stations: Mapping[str, Declared]) -> None:
    """Refuse two connectors with one name: station "a" has "a:1" and "a:2", which may be a station's id as well."""
    owner: dict[str, str] = {}
    for ident, declared in stations.items():
        for name in declared.names():
            if owner.setdefault(name, ident) != ident:
                raise entry.fault("stations", f'"{name}" is both a station and a connector of "{owner[name]}"')
