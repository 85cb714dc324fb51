"""X40x: what a file refers to must exist, be of the right kind, and belong to one owner."""

from __future__ import annotations

from difflib import get_close_matches
from string import digits
from typing import TYPE_CHECKING, NamedTuple

from noonward.policy.rules import facts
from noonward.policy.rules.registry import Found, rule
from noonward.policy.wording import current

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from noonward.policy.project import Devices, Document, Project
    from noonward.policy.yaml import KeyPath


class Reference(NamedTuple):
    """A mention of a channel.

    Attributes:
        document: In which file.
        path: Where in it.
        text: "device/channel", or a device alone where it has one channel of the kind.
        kind: What it must be.
    """

    document: Document
    path: KeyPath
    text: str
    kind: str

    @property
    def device(self) -> str:
        """The device's name."""
        return self.text.partition("/")[0]


SITE_REFERENCES: tuple[tuple[KeyPath, str], ...] = (
    (("grid", "meter"), "meter"),
    (("pv", "meter"), "meter"),
    (("battery", "meter"), "meter"),
    (("dim", "input"), "input"),
)
"""Where site.yaml mentions a channel, and of what kind."""

DECLARE = "declare it under `stations:` of a device whose driver knows stations"

SHOWN = 8
"""More names than this are not listed in a hint."""


def references(project: Project) -> Iterator[Reference]:
    """Yield every mention of a channel in the site and its policies; none where there is no site to look it up in."""
    if project.site is None:
        return
    for path, kind in SITE_REFERENCES:
        text = project.site.get(*path)
        if text is not None:
            yield Reference(project.site, path, text, kind)
    for policy in project.appliances:
        for relay, path in facts.relays(policy):
            yield Reference(policy, path, relay, "relay")
        meter = policy.get("load", "meter")
        if meter is not None:
            yield Reference(policy, ("load", "meter"), meter, "meter")


def resolve(devices: Devices, reference: Reference) -> str | None:
    """Return the "device/channel" that is meant, None where there is none of that kind."""
    match reference.kind:
        case "meter":
            return devices.meter(reference.text)
        case "input":
            return devices.input(reference.text)
        case _:
            return reference.text if reference.text in devices.relays else None


@rule("X401", "error", "A device that is not in site.yaml")
def unknown_device(project: Project) -> Iterator[Found]:
    """Every device is declared once."""
    names = project.devices.names
    for reference in references(project):
        if reference.device not in names:
            yield Found(
                reference.document,
                reference.path,
                f'there is no device "{reference.device}" in site.yaml',
                _near(reference.device, names, "declare it under `devices:`"),
            )


@rule("X402", "error", "A channel that the device does not have")
def unknown_channel(project: Project) -> Iterator[Found]:
    """The driver says what channels an entry has."""
    devices = project.devices
    for reference in _unresolved(project):
        own = _own(devices, reference)
        if reference.text in _all(devices):
            continue
        what = reference.kind
        if "/" in reference.text:
            channel = reference.text.partition("/")[2]
            message = f'device "{reference.device}" has no {what} "{channel}"'
        elif own:
            message = f'device "{reference.device}" has {len(own)} {what}s: say which'
        else:
            message = f'device "{reference.device}" has no {what}'
        yield Found(reference.document, reference.path, message, _near(reference.text, own, None))


@rule("X403", "error", "A channel of another kind")
def other_kind(project: Project) -> Iterator[Found]:
    """A meter cannot be switched, and a relay measures nothing."""
    devices = project.devices
    for reference in _unresolved(project):
        is_a = next((kind for kind, channels in _by_kind(devices) if reference.text in channels), None)
        if is_a is not None:
            yield Found(
                reference.document,
                reference.path,
                f'"{reference.text}" is {_a(is_a)}, but {_a(reference.kind)} is needed here',
                _near("", _own(devices, reference) or dict(_by_kind(devices))[reference.kind], None),
            )


@rule("X404", "error", "Two policies drive one relay")
def shared_relay(project: Project) -> Iterator[Found]:
    """They would switch it against each other."""
    owner: dict[str, tuple[Document, KeyPath]] = {}
    for policy in project.appliances:
        seen: set[str] = set()
        for relay, path in facts.relays(policy):
            first, there = owner.setdefault(relay, (policy, path))
            if first is not policy and relay not in seen:
                yield Found(
                    policy,
                    path,
                    f'relay "{relay}" is already driven by policy "{first.name}" ({first.file}:{first.line(*there)})',
                    "give each policy relays of its own",
                )
            seen.add(relay)


@rule("X405", "error", "A station in two zones")
def shared_station(project: Project) -> Iterator[Found]:
    """Each zone would promise it another power."""
    owner: dict[str, tuple[Document, KeyPath]] = {}
    for zone in project.zones:
        for station, path in facts.station_names(zone):
            first, there = owner.setdefault(station, (zone, path))
            if (first, there) != (zone, path):
                where = "in this zone" if first is zone else f'in zone "{first.name}"'
                yield Found(
                    zone,
                    path,
                    f'station "{station}" is already {where} ({first.file}:{first.line(*there)})',
                    "a station stands in one zone, once",
                )


@rule("X411", "error", "A station that no device declares")
def unknown_station(project: Project) -> Iterator[Found]:
    """Nobody would speak to it."""
    known = project.devices.stations
    for zone, path, station in _undeclared(project):
        connectors = [name for name in known if name.startswith(f"{station}:")]
        yield Found(
            zone,
            path,
            f'no device in site.yaml declares station "{station}"',
            f"it has several connectors: {', '.join(connectors[:SHOWN])}"
            if connectors
            else _near(station, known, DECLARE),
        )


@rule("X412", "info", "A station in no zone")
def unused_station(project: Project) -> Iterator[Found]:
    """It may connect and charge, and is only ever held to its safe current."""
    if project.site is None or not project.complete or any(_undeclared(project)):
        return  # one of these is the one that was meant
    used = {station for zone in project.zones for station, _ in facts.station_names(zone)}
    for station, devices in project.devices.stations.items():
        if station not in used:
            device, channel = next(iter(devices.items()))
            safe = channel.station.safe_a if channel.station else 0.0
            yield Found(
                project.site,
                ("devices", device, "stations", station),
                f'no zone names station "{station}": a vehicle there is left at its safe current of {current(safe)}',
                "name it in `stations:` of a zone",
                key=True,
            )


@rule("X413", "error", "A station that two devices declare")
def declared_twice(project: Project) -> Iterator[Found]:
    """Nobody could tell which of them is to limit it."""
    for station, devices in project.devices.stations.items():
        first, *others = devices
        for device in others:
            if project.site is not None:
                yield Found(
                    project.site,
                    ("devices", device, "stations", station),
                    f'station "{station}" is already declared by device "{first}"'
                    f" ({project.site.file}:{project.site.line('devices', first, 'stations', station)})",
                    "a station connects under one identity, to one device",
                    key=True,
                )


@rule("X406", "error", "Two policies of one name")
def same_name(project: Project) -> Iterator[Found]:
    """State, overrides and the portal know a policy by its name."""
    first: dict[str, Document] = {}
    for policy in project.policies:
        earlier = first.setdefault(policy.name, policy)
        if earlier is not policy:
            yield Found(
                policy,
                ("name",),
                f'"{policy.name}" is already the name of {earlier.file}:{earlier.line("name")}',
                "give each policy a name of its own",
            )


@rule("X407", "error", "renamed_from names a policy that is still there")
def not_renamed(project: Project) -> Iterator[Found]:
    """Its memory is its own."""
    names = {policy.name: policy for policy in project.policies}
    for policy in project.policies:
        former = policy.get("renamed_from")
        if former in names:
            still = names[former]
            where = "this policy itself" if still is policy else f"{still.file}:{still.line('name')}"
            yield Found(
                policy,
                ("renamed_from",),
                f'"{former}" was not renamed: it is the name of {where}',
                "remove `renamed_from`, or the other policy",
            )


@rule("X408", "warning", "One meter for two things")
def shared_meter(project: Project) -> Iterator[Found]:
    """The house's power would be taken for a load's, or the array's for the house's."""
    first: dict[str, Reference] = {}
    for reference in references(project):
        channel = resolve(project.devices, reference)
        if reference.kind != "meter" or channel is None:
            continue
        earlier = first.setdefault(channel, reference)
        if earlier is not reference:
            place = f"{earlier.document.file}:{earlier.document.line(*earlier.path)}"
            yield Found(
                reference.document,
                reference.path,
                f'"{channel}" already measures `{".".join(map(str, earlier.path))}` ({place})',
                "each thing that is measured needs a meter of its own",
            )


@rule("X409", "error", "A state of charge that nobody reports")
def no_state_of_charge(project: Project) -> Iterator[Found]:
    """While the state of charge is unknown the battery comes first, so it would always."""
    for reference in references(project):
        channel = resolve(project.devices, reference)
        if reference.path == ("battery", "meter") and channel is not None:
            signals = project.devices.meters[channel].signals
            if reference.document.has("battery", "min_soc") and "soc" not in signals:
                yield Found(
                    reference.document,
                    ("battery", "min_soc"),
                    f'"{channel}" does not report a state of charge: the battery would always come first',
                    "name a meter that does, or remove `min_soc`",
                    key=True,
                )


@rule("X410", "info", "A device that nothing uses")
def unused_device(project: Project) -> Iterator[Found]:
    """It is opened and polled for nothing, or its name was mistyped elsewhere."""
    if project.site is None or not project.complete:
        return
    used = {reference.device for reference in references(project)}
    used |= {device for devices in project.devices.stations.values() for device in devices}  # X412 tells of those
    if not used <= project.devices.names:
        return  # one of the unused is the one that was meant
    for name in project.site.get("devices") or ():
        if name not in used:
            message = f'nothing uses device "{name}"'
            yield Found(project.site, ("devices", name), message, "use it, or remove it", key=True)


def _undeclared(project: Project) -> Iterator[tuple[Document, KeyPath, str]]:
    """Yield each station of a zone that no device declares; none where some device could not be asked."""
    if project.site is None or project.devices.unclear:
        return
    for zone in project.zones:
        for station, path in facts.station_names(zone):
            if station not in project.devices.stations:
                yield zone, path, station


def _unresolved(project: Project) -> Iterator[Reference]:
    """Yield each reference to a known, clear device that leads to no channel of its kind."""
    devices = project.devices
    for reference in references(project):
        clear = reference.device in devices.names and reference.device not in devices.unclear
        if clear and resolve(devices, reference) is None:
            yield reference


def _by_kind(devices: Devices) -> tuple[tuple[str, Iterable[str]], ...]:
    return (("relay", devices.relays), ("meter", devices.meters), ("input", devices.inputs))


def _all(devices: Devices) -> set[str]:
    return {channel for _, channels in _by_kind(devices) for channel in channels}


def _own(devices: Devices, reference: Reference) -> list[str]:
    """Return the channels of the right kind that the reference's device has."""
    channels = dict(_by_kind(devices))[reference.kind]
    return [channel for channel in channels if channel.startswith(f"{reference.device}/")]


def _near(text: str, names: Iterable[str], otherwise: str | None) -> str | None:
    """Return a hint: the nearest name, or all of them where they are few and the nearest differs in its number only."""
    known = sorted(names)
    close = get_close_matches(text, known, 1)
    another_number = close and close[0].rstrip(digits) == text.rstrip(digits)
    if 0 < len(known) <= SHOWN and (another_number or not close):
        return f"there {'is' if len(known) == 1 else 'are'} {', '.join(known)}"
    return f'did you mean "{close[0]}"?' if close else otherwise


def _a(kind: str) -> str:
    return f"{'an' if kind == 'input' else 'a'} {kind}"
