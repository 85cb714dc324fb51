"""A folder of files as semantic rules see it: documents that passed their schemas, and the channels of the devices."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from noonward.policy import units
from noonward.policy.problems import Problem, Severity, Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from noonward.core.model import StationInfo
    from noonward.policy.units import Measure
    from noonward.policy.yaml import KeyPath
    from noonward.ports import Channel


LONGEST = 500
"""A longer message, or hint, is cut in the middle. [characters]"""


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """One text file.

    Attributes:
        path: Where it is.
        file: What problems call it: the path as the user would type it.
        text: What it says.
        lines: The same, line by line.
    """

    path: Path
    file: str
    text: str
    lines: tuple[str, ...]


@dataclass(slots=True, kw_only=True, eq=False)
class Document:
    """One file of a kind, everything it extends merged in.

    Attributes:
        source: The file itself.
        kind: ``appliance/v1`` …
        data: Plain dicts, lists and scalars, values as written.
        values: Place of each value, in the file it came from.
        keys: Place of each key, likewise.
        origins: File of each place that came from a template; all others are in ``source``.
    """

    source: Source
    kind: str
    data: Any
    values: Mapping[KeyPath, Span] = field(default_factory=dict)
    keys: Mapping[KeyPath, Span] = field(default_factory=dict)
    origins: Mapping[KeyPath, Source] = field(default_factory=dict)

    @property
    def path(self) -> Path:
        """Where the file is."""
        return self.source.path

    @property
    def file(self) -> str:
        """What problems call the file."""
        return self.source.file

    @property
    def name(self) -> str:
        """Return the ``name:`` of a policy or site; of other kinds the file's name."""
        return str(self.data.get("name", self.source.path.name))

    def get(self, *path: str | int) -> Any:
        """Return the value at a path as written, None where there is none."""
        value = self.data
        for key in path:
            try:
                value = value[key]
            except (KeyError, IndexError, TypeError):
                return None
        return value

    def has(self, *path: str | int) -> bool:
        """Tell whether the file, or what it extends, gives a value at a path."""
        return path in self.values

    def number(self, *path: str | int) -> float | None:
        """Return the value at a path in base units (W, A, s, Wh, l, °C, shares 0…1), None where there is none."""
        return units.number(self.get(*path))

    def measure(self, *path: str | int) -> Measure | None:
        """Return a value with a unit as number and quantity, where the key takes more than one quantity."""
        value = self.get(*path)
        return units.parse(value) if isinstance(value, str) else None

    def value_span(self, path: KeyPath) -> Span | None:
        """Return the place of a value, or of the nearest thing around it."""
        while path and path not in self.values:
            path = path[:-1]
        return self.values.get(path)

    def key_span(self, path: KeyPath) -> Span | None:
        """Return the place of a key, of the list entry, or of the nearest thing around it."""
        while path and path not in self.keys and path not in self.values:
            path = path[:-1]
        return self.keys.get(path) or self.values.get(path)

    def source_of(self, path: KeyPath) -> Source:
        """Return the file that a value came from: this one or a template."""
        while path and path not in self.values:
            path = path[:-1]
        return self.origins.get(path, self.source)

    def line(self, *path: str | int) -> int:
        """Return the line of a key or list entry in its file, from 1."""
        span = self.key_span(path)
        return span.line if span else 1

    def problem(
        self,
        code: str,
        severity: Severity,
        message: str,
        path: KeyPath = (),
        *,
        key: bool = False,
        hint: str | None = None,
        safety: bool = False,
    ) -> Problem:
        """Return a problem at a value, or at its key; in a template where the value came from one."""
        source = self.source_of(path)
        span = self.key_span(path) if key or not path else self.value_span(path)
        return at(source, code, severity, message, span, hint=hint, safety=safety)


def at(
    source: Source,
    code: str,
    severity: Severity,
    message: str,
    span: Span | None = None,
    *,
    hint: str | None = None,
    safety: bool = False,
) -> Problem:
    """Return a problem at a place in a file, with the line it stands on."""
    line = source.lines[span.line - 1] if span and span.line <= len(source.lines) else ""
    return Problem(
        code=code,
        severity=severity,
        message=_short(message),
        file=source.file,
        span=span,
        hint=hint and _short(hint),
        source=line,
        safety=safety,
    )


def _short(text: str) -> str:
    """Return a message that fits on a screen: what it quotes from a file may be as long as the file."""
    return text if len(text) <= LONGEST else f"{text[: LONGEST // 2]} … {text[-LONGEST // 3 :]}"


@dataclass(slots=True, kw_only=True, eq=False)
class Devices:
    """What the device entries of a site offer, as far as they can be told from their configuration.

    Attributes:
        relays: "device/channel" to channel.
        meters: Likewise.
        inputs: Likewise.
        stations: Station to the devices that declare it, one unless something is wrong, each with its channel. Zones
            name a station without its device.
        names: Every entry.
        unclear: Entries whose channels could not be told, because something is wrong with them. Nothing can be said
            about a reference to one.
    """

    relays: dict[str, Channel] = field(default_factory=dict)
    meters: dict[str, Channel] = field(default_factory=dict)
    inputs: dict[str, Channel] = field(default_factory=dict)
    stations: dict[str, dict[str, Channel]] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)
    unclear: set[str] = field(default_factory=set)

    def meter(self, reference: str) -> str | None:
        """Return the "device/channel" meant by a meter reference, which may be a device with exactly one meter."""
        return self._resolve(reference, self.meters)

    def input(self, reference: str) -> str | None:
        """Return the "device/channel" meant by an input reference, which may be a device with exactly one input."""
        return self._resolve(reference, self.inputs)

    def station(self, name: str) -> StationInfo | None:
        """Return what is known of a charging station, None where no device declares it."""
        return next((channel.station for channel in self.stations.get(name, {}).values()), None)

    @staticmethod
    def _resolve(reference: str, channels: Iterable[str]) -> str | None:
        if "/" in reference:
            return reference if reference in channels else None
        own = [channel for channel in channels if channel.startswith(f"{reference}/")]
        return own[0] if len(own) == 1 else None


@dataclass(kw_only=True, eq=False)
class Project:
    """Everything that semantic rules may look at. Documents that failed their schema are left out.

    Attributes:
        folder: The folder that was loaded.
        site: site.yaml; None where it is missing or failed its schema.
        documents: All others, sorted by file.
        devices: Channels of the site's device entries.
        complete: False where a document failed its schema: what is not used by the rest may be used there.
    """

    folder: Path
    site: Document | None
    documents: tuple[Document, ...]
    devices: Devices = field(default_factory=Devices)
    complete: bool = True

    def of(self, kind: str) -> tuple[Document, ...]:
        """Return the documents of a kind without its version: ``appliance``, ``ev-zone``, ``policy-test`` …"""
        return tuple(document for document in self.documents if document.kind.partition("/")[0] == kind)

    @cached_property
    def appliances(self) -> tuple[Document, ...]:
        """The appliance policies."""
        return self.of("appliance")

    @cached_property
    def zones(self) -> tuple[Document, ...]:
        """The EV zone policies."""
        return self.of("ev-zone")

    @cached_property
    def policies(self) -> tuple[Document, ...]:
        """Appliances and zones, sorted by file."""
        return tuple(sorted((*self.appliances, *self.zones), key=lambda document: document.file))

    @cached_property
    def tests(self) -> tuple[Document, ...]:
        """The policy tests."""
        return self.of("policy-test")

    @cached_property
    def scenarios(self) -> tuple[Document, ...]:
        """The scenarios."""
        return self.of("scenario")

    @property
    def timezone(self) -> str:
        """The site's time zone, UTC where there is no site."""
        return str(self.site.data["timezone"]) if self.site else "UTC"
