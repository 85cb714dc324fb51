"""The numbers of a score that two versions are compared by, and that ``--fail-on`` may name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


class Metric(NamedTuple):
    """One number of a whole run.

    Attributes:
        label: As a table calls it.
        kind: "energy" (kWh), "share" (0…1), "time" (h), "money" (in the tape's) or "count".
        of: Takes it out of a score; None where the score does not know it.
    """

    label: str
    kind: str
    of: Callable[[Mapping[str, Any]], float | None]


def _key(name: str) -> Callable[[Mapping[str, Any]], float | None]:
    return lambda score: score[name]


def _sum(name: str) -> Callable[[Mapping[str, Any]], float | None]:
    return lambda score: round(sum(own[name] for own in score["policies"].values()), 3)


METRICS: Mapping[str, Metric] = {
    "captured": Metric("captured", "share", _key("captured")),
    "import": Metric("import", "energy", _key("import_kwh")),
    "export": Metric("export", "energy", _key("export_kwh")),
    "unmet": Metric("unmet", "energy", _key("unmet_kwh")),
    "energy": Metric("loads", "energy", _key("controlled_kwh")),
    "forced": Metric("forced", "energy", _key("forced_kwh")),
    "solar_share": Metric("loads from the sun", "share", _key("solar_share")),
    "self_consumption": Metric("self-consumption", "share", _key("self_consumption")),
    "self_sufficiency": Metric("self-sufficiency", "share", _key("self_sufficiency")),
    "starts": Metric("starts", "count", _sum("starts")),
    "on": Metric("on", "time", _sum("on_h")),
    "cost": Metric("cost", "money", lambda score: score.get("cost")),
    "violations": Metric("violations", "count", lambda score: sum(score["violations"].values())),
}
"""Name, as ``--fail-on`` writes it, to where it is found."""

UNITS: Mapping[str, Mapping[str, float]] = {
    "energy": {"kWh": 1.0, "Wh": 1e-3, "MWh": 1e3},
    "share": {"pt": 0.01},
    "time": {"h": 1.0, "min": 1 / 60},
    "money": {"": 1.0},
    "count": {"": 1.0},
}
"""Kind to the units that a change of it may be written in, and what one of them is in the score."""

POLICY: Mapping[str, str] = {
    "energy_kwh": "energy",
    "solar_kwh": "energy",
    "unmet_kwh": "energy",
    "forced_kwh": "energy",
    "starts": "count",
    "on_h": "time",
}
"""Numbers of one policy's score that are compared, and their kind."""
