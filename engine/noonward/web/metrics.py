"""Numbers for Prometheus: text exposition format 0.0.4, base units, unknown left out.

Labels are names from the policies folder and words of closed vocabularies, never a badge or a text that someone wrote:
so a site has as many series as it has policies, stations and devices, however long it runs.
"""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from noonward.views import policies, site

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from noonward.daemon.engine import Engine

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
JOULES_PER_KWH = 3.6e6

Value: TypeAlias = "float | bool | None"
View: TypeAlias = "Mapping[str, Any]"


class Metric(NamedTuple):
    """One metric of something that has a view.

    Attributes:
        name: Below ``noonward_``, with its unit at the end.
        kind: gauge or counter.
        help: What it is.
        value: Found in the view; None is left out.
    """

    name: str
    kind: str
    help: str
    value: Callable[[View], Value]


SITE = (
    Metric(
        "up",
        "gauge",
        "Whether a whole step has been taken and the engine meets no fault.",
        lambda s: s["ready"] and not s["fault"],
    ),
    Metric("dimmed", "gauge", "Whether the dimming input is active, or broken.", lambda s: s["dimmed"]),
)
SECONDS_PER_DAY = 86_400.0
LEARNT = (
    Metric(
        "learnt_seconds",
        "gauge",
        "How much of the last days is known, to plan with.",
        lambda s: s["learnt"] and s["learnt"]["days"] * SECONDS_PER_DAY,
    ),
    Metric(
        "forecast_age_seconds",
        "gauge",
        "Age of the forecast from outside that is in force.",
        lambda s: s["forecast"] and s["forecast"]["age_s"],
    ),
)
NEEDS = (
    Metric("joules", "gauge", "What is needed in its period, or stay.", lambda n: n["energy_kwh"] * JOULES_PER_KWH),
    Metric("missing_joules", "gauge", "What is still missing of that.", lambda n: n["missing_kwh"] * JOULES_PER_KWH),
    Metric("at_risk", "gauge", "Whether it cannot be met any more, even at full power.", lambda n: n["at_risk"]),
)
SIGNALS = (
    Metric("power_watts", "gauge", "Measured power: import, charging, production +.", lambda s: s["power_w"]),
    Metric("age_seconds", "gauge", "Age of that measurement.", lambda s: s["age_s"]),
    Metric("charge_ratio", "gauge", "State of charge.", lambda s: s.get("soc")),
)
POLICIES = (
    Metric("on", "gauge", "Whether it is on; of a zone whether it lets vehicles charge.", lambda p: p["on"]),
    Metric("power_watts", "gauge", "Nominal power of its state.", lambda p: p["power_w"]),
    Metric("draw_watts", "gauge", "Its own measured draw.", lambda p: p["draw_w"]),
    Metric("starts_total", "counter", "How often it left off.", lambda p: p["starts"]),
)
STATIONS = (
    Metric("online", "gauge", "Whether it is connected to the gateway.", lambda s: s["online"]),
    Metric("plugged", "gauge", "Whether a vehicle is connected.", lambda s: s["plugged"]),
    Metric("limit_amperes", "gauge", "What it is to be limited to, per phase.", lambda s: s["limit_a"]),
    Metric("accepted_amperes", "gauge", "The newest limit that it accepted, per phase.", lambda s: s["accepted_a"]),
    Metric("phases", "gauge", "How many the vehicle uses.", lambda s: s["phases"]),
    Metric("draw_watts", "gauge", "What its vehicle draws.", lambda s: s["drawn_w"] if s["online"] else None),
    Metric(
        "session_joules",
        "gauge",
        "Drawn since the vehicle was plugged in.",
        lambda s: None if s["session_kwh"] is None else s["session_kwh"] * JOULES_PER_KWH,
    ),
    Metric("charge_now", "gauge", "Whether somebody asked that it charges at once.", lambda s: bool(s["charge_now"])),
    Metric("trouble", "gauge", "Whether someone should look at it.", lambda s: bool(s["trouble"])),
)
DEVICES = (Metric("up", "gauge", "Whether it answered when it was last asked.", lambda d: d["ok"]),)


def text(engine: Engine) -> str:
    """Return everything at this moment."""
    return "".join(f"{line}\n" for line in _lines(engine))


def _lines(engine: Engine) -> Iterator[str]:
    whole, every = site.site(engine), policies.policies(engine)
    stations = [each for one in every for each in one.get("stations", ())]
    yield from _family("", SITE, [({}, whole)])
    yield from _family("", LEARNT, [({}, whole)])
    yield from _head("info", "gauge", "What runs.")
    yield _line("info", {"version": version("noonward"), "policies": whole["digest"]}, value=True)
    signals = [(role, whole[role]) for role in ("grid", "pv", "battery") if whole[role]]
    yield from _family("signal_", SIGNALS, [({"signal": role}, one) for role, one in signals])
    yield from _family("policy_", POLICIES, [({"policy": one["name"], "kind": one["kind"]}, one) for one in every])
    needs = [({"policy": one["name"]}, one["need"]) for one in every if one.get("need")]
    yield from _family("need_", NEEDS, needs)
    named = [({"station": one["station"], "zone": one["zone"]}, one) for one in stations]
    yield from _family("station_", STATIONS, named)
    yield from _family("station_need_", NEEDS, [(labels, one["need"]) for labels, one in named if one["need"]])
    yield from _head("station_state", "gauge", "1 for the state that its vehicle is in.")
    for labels, one in named:
        if one["state"]:
            yield _line("station_state", {**labels, "state": one["state"]}, value=True)
    yield from _head("station_current_amperes", "gauge", "Measured on one of its conductors.")
    for labels, one in named:
        for line, current_a in one["drawn_a"].items() if one["online"] else ():
            if current_a is not None:
                yield _line("station_current_amperes", {**labels, "line": line}, current_a)
    levels = [one["level"] for one in whole["notices"]]
    yield from _head("notices", "gauge", "How much is not as it should be: what needs someone, and what only explains.")
    for level in ("trouble", "note"):
        yield _line("notices", {"level": level}, levels.count(level))
    yield from _family("device_", DEVICES, [({"channel": one["channel"]}, one) for one in whole["devices"]])


def _family(prefix: str, metrics: tuple[Metric, ...], things: list[tuple[dict[str, str], View]]) -> Iterator[str]:
    for metric in metrics:
        found = [(labels, metric.value(view)) for labels, view in things]
        known = [(labels, value) for labels, value in found if value is not None]
        if known:
            yield from _head(prefix + metric.name, metric.kind, metric.help)
        for labels, value in known:
            yield _line(prefix + metric.name, labels, value)


def _head(name: str, kind: str, words: str) -> Iterator[str]:
    yield f"# HELP noonward_{name} {words}"
    yield f"# TYPE noonward_{name} {kind}"


def _line(name: str, labels: Mapping[str, str], value: float) -> str:
    written = ",".join(f'{key}="{_escaped(one)}"' for key, one in labels.items())
    return f"noonward_{name}{{{written}}} {float(value):.10g}" if written else f"noonward_{name} {float(value):.10g}"


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
