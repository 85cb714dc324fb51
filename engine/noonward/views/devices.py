"""The devices of the running engine as JSON, for whoever installs or mends them: channels, leases, signals.

What a driver is configured with is not told: it holds addresses and secrets, and is in ``site.yaml``. Where
stations have to connect is: who sets one up needs it.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

from noonward.views import parts
from noonward.views.signals import signal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from noonward.core.model import Observation, PolicyName, Reading
    from noonward.daemon.engine import ChannelStatus, Engine

POWERS = ("grid", "pv", "battery")
"""Roles that are a power."""


def devices(engine: Engine) -> dict[str, Any]:
    """Return every device with its channels, and every signal with what it is read from."""
    drivers = {entry.name: entry.driver for entry in engine.loaded.devices}
    users = _users(engine)
    found = groupby(sorted(engine.devices, key=lambda one: (one.device, one.channel)), key=lambda one: one.device)
    return {
        "devices": [
            {
                "device": device,
                "driver": drivers.get(device),
                "channels": [_channel(engine, one, users) for one in channels],
            }
            for device, channels in found
        ],
        "signals": [_signal(engine, role) for role in engine.loaded.signals],
        "load_meters": [_load_meter(engine, policy) for policy in engine.loaded.load_meters],
    }


def channel(engine: Engine, one: ChannelStatus) -> dict[str, Any]:
    """Return how a channel is doing."""
    return {
        "channel": f"{one.device}/{one.channel}",
        "kind": one.kind,
        "ok": one.ok,
        "last_ok": parts.moment(engine, one.last_ok),
        "last_error": one.last_error,
        "last_error_at": parts.moment(engine, one.last_error_at),
        "answers": one.answers,
        "errors": one.errors,
    }


def _channel(engine: Engine, one: ChannelStatus, users: Mapping[str, PolicyName]) -> dict[str, Any]:
    name = one.channel if one.kind == "station" else f"{one.device}/{one.channel}"
    return {
        **channel(engine, one),
        "address": one.address or None,
        "policy": users.get(name),
        "relay": _relay(engine, name) if one.kind == "relay" else None,
        "station": _station(engine, name) if one.kind == "station" else None,
    }


def _relay(engine: Engine, name: str) -> dict[str, Any]:
    """Return what a relay was told, what it does, and when it lets go by itself."""
    info, lease = engine.loaded.site.relays.get(name), engine.state.leases.get(name)
    seen = engine.observation.relays.get(name)
    dead_man_s = info.dead_man_s if info else None
    held = lease is not None and lease.closed and dead_man_s is not None
    return {
        "commanded": lease.closed if lease else None,
        "commanded_at": parts.moment(engine, lease.at if lease else None),
        "closed": seen.closed if seen else None,
        "read_at": parts.moment(engine, seen.at if seen else None),
        "dead_man_s": dead_man_s,
        "lets_go_at": parts.moment(engine, lease.at + dead_man_s) if held and lease and dead_man_s else None,
    }


def _station(engine: Engine, name: str) -> dict[str, Any] | None:
    """Return what a station was granted, and what it falls to by itself when nobody renews that."""
    memory = engine.state.stations.get(name)
    if memory is None:
        return None
    promise = memory.promise
    return {
        "granted_a": promise.granted_a,
        "granted_at": parts.moment(engine, promise.sent_at or None),
        "accepted_at": parts.moment(engine, promise.accepted_at),
        "holds_a": promise.holds_a,
        "safe_a": promise.safe_a,
        "window_s": promise.window_s,
        "lets_go_at": parts.moment(engine, promise.until),
        "obeys": not promise.disbelieved(),
    }


def _signal(engine: Engine, role: str) -> dict[str, Any]:
    """Return a signal of the site; the dimming input is a contact, and has no power."""
    declared, seen = engine.loaded.signals[role], engine.observation
    told = {"role": role, "channel": declared.channel, "every_s": declared.every_s}
    if role in POWERS:
        return {**told, **(signal(engine, role, _read(seen, role)) or {}), "active": None}
    return {**told, "power_w": None, "at": None, "age_s": None, "quality": None, "active": seen.dim}


def _load_meter(engine: Engine, policy: PolicyName) -> dict[str, Any]:
    declared, reading = engine.loaded.load_meters[policy], engine.observation.draws_w.get(policy)
    return {
        "policy": policy,
        "channel": declared.channel,
        "every_s": declared.every_s,
        "power_w": parts.number(reading.value) if reading else None,
        "at": parts.moment(engine, reading.at if reading else None),
        "age_s": parts.age(engine, reading.at) if reading else None,
    }


def _read(seen: Observation, role: str) -> Reading | None:
    return {"grid": seen.grid_w, "pv": seen.pv_w, "battery": seen.battery_w}[role]


def _users(engine: Engine) -> dict[str, PolicyName]:
    """Return which policy drives a relay, or has a station."""
    site = engine.loaded.site
    relays = {relay: one.name for one in site.appliances for relay in one.relays}
    return relays | {station: zone.name for zone in site.zones for station in zone.stations}
