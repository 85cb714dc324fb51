"""Checked documents to the nouns of the core: every unit converted, every default filled in."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from noonward.core.model import Appliance, BatteryRule, FailSafe, Grid, Mode, RelayInfo, Site, Stage, StationInfo, Zone
from noonward.core.timers import Timer, Windows
from noonward.core.units import MIN_CURRENT_A, current_a
from noonward.policy import bridges, catalogue, cron, needs, prices
from noonward.policy.admission import admission
from noonward.policy.loaded import DeviceEntry, Keep, Loaded, Signal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from noonward.policy.project import Devices, Document, Project

ON_DELAY_S = 60.0
MIN_ON_S, MIN_OFF_S = 900.0, 0.0
SG_READY_MIN_S = 600.0
"""The SG-Ready label: a state is held for at least 10 min, on and off."""
WAKE_AFTER_S = 180.0
STALE_AFTER_S = 120.0
PRIORITY = 100
EVERY_S = 5.0
STAGGER_S = 60.0
LISTEN = ("127.0.0.1", 8077)

_PHASES = {"L1": 1, "L2": 2, "L3": 3}
_THREE = 3


def compiled(project: Project, texts: Mapping[str, str], environ: Mapping[str, str] | None) -> Loaded:
    """Return what runs.

    Args:
        project: Documents without errors, with a site.
        texts: Text of every file by its path from the folder.
        environ: Where secrets come from; None leaves the references as they are written.
    """
    site = project.site
    assert site is not None  # noqa: S101 - a set without a site has an error
    appliances = _by_priority(appliance(document, project) for document in project.appliances)
    zones = _by_priority(zone(document, project) for document in project.zones)
    every_s = _or(site.number("grid", "every"), EVERY_S)
    return Loaded(
        site=_site(site, project.devices, appliances, zones, digest(project, texts)),
        devices=tuple(_entry(site, name, entry, environ) for name, entry in (site.get("devices") or {}).items()),
        signals=_signals(site, project.devices),
        load_meters={
            policy.name: Signal(channel=policy.meter, every_s=every_s) for policy in appliances if policy.meter
        },
        http=_listen(site.get("http", "listen")),
        admission=admission(site),
        bridges=bridges.bridges(site, environ),
        prices=prices.compiled(site),
        keep=_keep(site),
        badges={
            badge.upper(): name for name, user in (site.get("users") or {}).items() for badge in user.get("badges", ())
        },
        files=dict(texts),
    )


def digest(project: Project, texts: Mapping[str, str]) -> str:
    """Return a hash of what the site was compiled from; tests and scenarios leave it as it is."""
    others = {document.path.relative_to(project.folder).as_posix() for document in (*project.tests, *project.scenarios)}
    hashed = hashlib.sha256()
    for name, text in sorted(texts.items()):
        if name not in others:
            for part in (name, text):
                raw = part.encode()
                hashed.update(len(raw).to_bytes(8) + raw)
    return hashed.hexdigest()


def appliance(document: Document, project: Project) -> Appliance:
    """Return one appliance policy."""
    sg_ready = document.get("contact") == "sg-ready"
    stages, relays = _stages(document, sg_ready=sg_ready)
    on_above_w, off_below_w = _thresholds(document, stages)
    phases = document.get("load", "phases")
    meter = document.get("load", "meter")
    return Appliance(
        **_common(document, project),
        stages=stages,
        relays=relays,
        on_above_w=on_above_w,
        off_below_w=off_below_w,
        min_on_s=_or(document.number("load", "min_on"), SG_READY_MIN_S if sg_ready else MIN_ON_S),
        min_off_s=_or(document.number("load", "min_off"), SG_READY_MIN_S if sg_ready else MIN_OFF_S),
        phases=tuple(sorted(_PHASES[phase] for phase in phases)) if phases else None,
        meter=(project.devices.meter(meter) or meter) if meter else None,
        behind_meter=bool(document.data.get("behind_meter", True)),
        sg_ready=sg_ready,
        refused_after_s=document.number("load", "refused_after"),
    )


def zone(document: Document, project: Project) -> Zone:
    """Return one EV zone policy."""
    phases = document.data.get("phases", "auto")
    declared = phases if isinstance(phases, int) else _only_phase(project)
    min_power_w = document.number("limits", "min_power")
    default_a = MIN_CURRENT_A if min_power_w is None else current_a(min_power_w, declared or _THREE)
    until = document.measure("charge_now", "until")
    bound = {until.quantity: until.value} if until else {}
    return Zone(
        **_common(document, project),
        stations=tuple(document.data["stations"]),
        phases=declared,
        max_power_w=_or(document.number("limits", "max_power"), 0.0),
        min_current_a=_or(document.number("limits", "min_current"), default_a),
        start_current_a=_or(document.number("limits", "start_current"), 0.0),
        min_on_s=_or(document.number("vehicle", "min_on"), MIN_ON_S),
        modulates=bool(_or(document.get("vehicle", "modulates"), True)),
        wake_after_s=_or(document.number("vehicle", "wake_after"), WAKE_AFTER_S),
        on_above=_or(document.number("surplus", "on_above"), needs.default_share(document, "on_above")),
        off_below=_or(document.number("surplus", "off_below"), needs.default_share(document, "off_below")),
        charge_now=bool(_or(document.get("charge_now", "allowed"), True)),
        charge_now_s=bound.get("duration"),
        charge_now_wh=bound.get("energy"),
        always=tuple(_badges(document, project.site)),
    )


def _only_phase(project: Project) -> int | None:
    """Return 1 where the site is connected to one phase, so that there is nothing to find out about a vehicle."""
    return 1 if project.site and project.site.get("grid", "phases") == 1 else None


def _badges(document: Document, site: Document | None) -> Iterable[str]:
    """Return the badges of a zone's standing wishes in upper case, for case says nothing in a badge; each once."""
    users = (site.get("users") if site else None) or {}
    wishes = document.get("charge_now", "always") or ()
    named = (badge for wish in wishes for badge in (users[wish].get("badges", ()) if wish in users else (wish,)))
    return dict.fromkeys(badge.upper() for badge in named)


def windows(document: Document, timezone: str) -> Windows | None:
    """Return the timers of a policy, None where it has none."""
    entries = document.get("timers")
    if not entries:
        return None
    timers = tuple(
        Timer(
            name=str(entry.get("name") or f"timer {index + 1}"),
            start=cron.parse(entry["start"]),
            stop=cron.parse(entry["stop"]) if "stop" in entry else None,
            for_s=document.number("timers", index, "for"),
            line=document.line("timers", index),
        )
        for index, entry in enumerate(entries)
    )
    return Windows(timers, timezone)


def _common(document: Document, project: Project) -> dict[str, Any]:
    """Return what every policy has."""
    data = document.data
    return {
        "name": data["name"],
        "mode": Mode(data["mode"]),
        "priority": data.get("priority", PRIORITY),
        "description": data.get("description", ""),
        "on_delay_s": _or(document.number("surplus", "on_delay"), ON_DELAY_S),
        "off_delay_s": _or(document.number("surplus", "off_delay"), needs.default_off_delay_s(document)),
        "windows": windows(document, project.timezone),
        "need": needs.requirement(document, project.timezone),
        "plan": needs.pace(document),
        "stale_after_s": _or(document.number("fail_safe", "stale_after"), STALE_AFTER_S),
        "then": FailSafe(document.get("fail_safe", "then") or FailSafe.RELEASE),
        "renamed_from": data.get("renamed_from"),
        "file": document.file,
        "lines": {
            path[0]: span.line
            for path, span in document.keys.items()
            if len(path) == 1 and path not in document.origins and isinstance(path[0], str)
        },
    }


def _stages(document: Document, *, sg_ready: bool) -> tuple[tuple[Stage, ...], tuple[str, ...]]:
    """Return the steps of power, and all relays in the order of the file."""
    written = document.get("stages")
    if written:
        stages = tuple(
            Stage(power_w=_or(document.number("stages", index, "power"), 0.0), relays=frozenset(entry["relays"]))
            for index, entry in enumerate(written)
        )
        return stages, tuple(dict.fromkeys(relay for entry in written for relay in entry["relays"]))
    power_w = _or(document.number("load", "power"), 0.0)
    relays = tuple(document.data["relays"])
    if not sg_ready:
        return (Stage(power_w=power_w, relays=frozenset(relays)),), relays
    recommended = Stage(power_w=power_w, relays=frozenset(relays[-1:]))  # K2 alone
    if document.has("surplus", "force_above"):
        return (recommended, Stage(power_w=power_w, relays=frozenset(relays))), relays
    return (recommended,), relays


def _thresholds(document: Document, stages: tuple[Stage, ...]) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Return for each stage the surplus that starts it and the surplus below which it ends. [W].

    Stage k starts at P(k−1) + on_above·(P(k) − P(k−1)) and ends below the same with off_below. A forced heat pump
    starts at ``force_above`` and has the hysteresis of the recommended state.
    """
    forced_w = document.number("surplus", "force_above")
    steps = stages[:1] if forced_w is not None else stages
    below = (0.0, *(stage.power_w for stage in steps))
    on, off = (
        tuple(_threshold(document, key, low, stage.power_w) for low, stage in zip(below, steps, strict=False))
        for key in ("on_above", "off_below")
    )
    if forced_w is None:
        return on, off
    return (*on, forced_w), (*off, forced_w - (on[0] - off[0]))


def _threshold(document: Document, key: str, low_w: float, high_w: float) -> float:
    measure = document.measure("surplus", key)
    if measure is not None and measure.quantity == "power":
        return measure.value
    share = needs.default_share(document, key) if measure is None else measure.value
    return round(low_w + share * (high_w - low_w), 6)


def _site(
    site: Document, devices: Devices, appliances: tuple[Appliance, ...], zones: tuple[Zone, ...], sha: str
) -> Site:
    fuse_a = site.number("grid", "fuse")
    half_a = None if fuse_a is None else fuse_a / 2
    phases = _or(site.get("grid", "phases"), _THREE)
    relays = dict.fromkeys(relay for policy in appliances for relay in policy.relays)
    stations = dict.fromkeys(station for policy in zones for station in policy.stations)
    return Site(
        name=site.data["name"],
        timezone=site.data["timezone"],
        grid=Grid(
            phases=phases,
            fuse_a=fuse_a,
            import_cap_w=site.number("grid", "import_cap"),
            unmeasured_a=_or(site.number("grid", "unmeasured"), half_a),
            every_s=_or(site.number("grid", "every"), EVERY_S),
            lag_s=_or(site.number("grid", "lag"), 0.0),
            unbalance_a=site.number("grid", "unbalance"),
        ),
        battery=_battery(site),
        appliances=appliances,
        zones=zones,
        relays={relay: _relay(relay, devices) for relay in relays},
        stations={station: _station(station, devices, phases) for station in stations},
        dim_cap_w=site.number("dim", "cap"),
        pv_peak_w=site.number("pv", "peak"),
        stagger_s=_or(site.number("stagger"), STAGGER_S),
        digest=sha,
    )


def _relay(relay: str, devices: Devices) -> RelayInfo:
    channel = devices.relays.get(relay)
    return RelayInfo(dead_man_s=channel.dead_man_s if channel else None)


def _station(station: str, devices: Devices, phases: int) -> StationInfo:
    """Return what is known of a station; it has no more phases than the site."""
    known = devices.station(station) or StationInfo()
    return known if known.phases <= phases else replace(known, phases=phases, lines=known.lines[:phases])


def _battery(site: Document) -> BatteryRule | None:
    if site.get("battery", "serve") is None:
        return None
    return BatteryRule(
        priority=site.get("battery", "priority"),
        reserve_w=_or(site.number("battery", "reserve"), 0.0),
        min_soc=_or(site.number("battery", "min_soc"), 0.0),
    )


def _signals(site: Document, devices: Devices) -> dict[str, Signal]:
    """Return where each signal of the site is measured."""
    signals = {}
    for role, key in (("grid", "meter"), ("pv", "meter"), ("battery", "meter"), ("dim", "input")):
        reference = site.get(role, key)
        if reference is not None:
            found = devices.input(reference) if key == "input" else devices.meter(reference)
            signals[role] = Signal(
                channel=found or reference,
                every_s=_or(site.number(role, "every"), EVERY_S),
                frozen_after_s=site.number(role, "frozen_after"),
            )
    return signals


def _entry(site: Document, name: str, entry: Mapping[str, Any], environ: Mapping[str, str] | None) -> DeviceEntry:
    rules = catalogue.driver(entry["driver"]).schema
    return DeviceEntry(name=name, driver=entry["driver"], config=catalogue.configured(site, entry, rules, environ))


def _keep(site: Document) -> Keep:
    said = {name: site.number("history", name) for name in ("minutes", "quarters", "hours", "sessions")}
    return Keep(**{f"{name}_s": seconds for name, seconds in said.items() if seconds is not None})


def _listen(text: str | None) -> tuple[str, int]:
    if text is None:
        return LISTEN
    parts = urlsplit(f"//{text}")
    return parts.hostname or LISTEN[0], parts.port or 0


def _by_priority(policies: Iterable[Any]) -> tuple[Any, ...]:
    return tuple(sorted(policies, key=lambda policy: (policy.priority, policy.name)))


def _or(value: Any, default: Any) -> Any:
    return default if value is None else value
