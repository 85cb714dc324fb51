"""The parts of a report that need no script: figures, and tables of controllers, policies, months and versions."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple
from zoneinfo import ZoneInfo

from noonward.html import Html, tag
from noonward.report.blocks import table
from noonward.report.daily import by_month

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from noonward.report.daily import Sums
    from noonward.report.data import Played

_NOTHING = "–"


class Metric(NamedTuple):
    """A number of the score.

    Attributes:
        name: For people.
        key: In the score.
        factor: What is shown is the number times this …
        decimals: … with so many decimals …
        unit: … in this unit.
    """

    name: str
    key: str
    factor: float
    decimals: int
    unit: str

    def of(self, score: Mapping[str, Any]) -> float | None:
        """Return it as it is shown; None where the score does not know it."""
        value = score.get(self.key)
        if value is None:
            return None
        return float(sum(value.values()) if isinstance(value, dict) else value) * self.factor

    def text(self, score: Mapping[str, Any]) -> str:
        """Return it with its unit."""
        value = self.of(score)
        return _NOTHING if value is None else f"{value:.{self.decimals}f} {self.unit}".replace("-", "−").rstrip()


METRICS = (
    Metric("captured", "captured", 100.0, 1, "%"),
    Metric("import", "import_kwh", 1.0, 1, "kWh"),
    Metric("export", "export_kwh", 1.0, 1, "kWh"),
    Metric("loads", "controlled_kwh", 1.0, 1, "kWh"),
    Metric("from the sun", "solar_share", 100.0, 0, "%"),
    Metric("unmet", "unmet_kwh", 1.0, 1, "kWh"),
    Metric("forced", "forced_kwh", 1.0, 1, "kWh"),
    Metric("violations", "violations", 1.0, 0, ""),
)
"""Columns of the table of controllers; starts come with the policies."""

_OWN = (
    Metric("energy", "energy_kwh", 1.0, 1, "kWh"),
    Metric("from the sun", "solar_kwh", 1.0, 1, "kWh"),
    Metric("unmet", "unmet_kwh", 1.0, 1, "kWh"),
    Metric("forced", "forced_kwh", 1.0, 1, "kWh"),
    Metric("on", "on_h", 1.0, 1, "h"),
    Metric("starts", "starts", 1.0, 0, ""),
    Metric("starts a day", "starts_per_day", 1.0, 1, ""),
)
_STATION = tuple(m for m in _OWN if m.key in {"energy_kwh", "unmet_kwh", "starts"})


def heading(site: str, what: str, score: Mapping[str, Any], timezone: str) -> Html:
    """Return what was played, and when."""
    first, last = (
        datetime.fromisoformat(score[key]).astimezone(ZoneInfo(timezone)).strftime("%Y-%m-%d %H:%M")
        for key in ("from", "to")
    )
    step_s = score["step_s"]
    step = f"{step_s / 60:g} min" if step_s >= 60 else f"{step_s:g} s"  # noqa: PLR2004 - seconds in a minute
    unknown = f", {score['unknown_h']:g} h of it unknown and in no sum" if score["unknown_h"] else ""
    return tag(
        "header",
        tag("h1", site),
        tag("p", f"{what}, {first} to {last} in steps of {step}{unknown}. Times are those of {timezone}."),
    )


def figures(score: Mapping[str, Any]) -> Html:
    """Return the headline of a run."""
    starts = sum(own["starts"] for own in score["policies"].values())
    a_day = sum(own["starts_per_day"] for own in score["policies"].values())
    at_once = score["import_uncontrolled_kwh"]
    saved = None if at_once is None else at_once - score["import_kwh"] - score["unmet_kwh"]
    word = "less" if saved is None or saved >= 0 else "more"
    broken = [f"{count} × {name.replace('_', ' ')}" for name, count in score["violations"].items() if count]
    missing = "missing at the deadlines" if round(score["unmet_kwh"], 1) else "every need met"
    counted = ", unmet counted" if round(score["unmet_kwh"], 1) else ""
    cards = [
        ("captured", _metric(score, "captured"), _why_captured(score)),
        (
            "imported",
            _metric(score, "import_kwh"),
            f"{abs(saved):.1f} kWh {word} than uncontrolled{counted}" if saved else "",
        ),
        ("from the sun", _metric(score, "solar_share"), f"of {score['controlled_kwh']:.1f} kWh that loads drew"),
        ("unmet", _metric(score, "unmet_kwh"), missing),
        ("starts", f"{starts}", f"{a_day:.1f} a day"),
        ("violations", f"{len(broken) and sum(score['violations'].values())}", ", ".join(broken) or "none"),
    ]
    return tag("dl", *(_card(*card) for card in cards), class_="figures")


def _card(name: str, value: str, remark: str) -> Html:
    return tag("div", tag("dt", name), tag("dd", tag("strong", value), tag("span", remark)))


def _metric(score: Mapping[str, Any], key: str) -> str:
    metric = next(m for m in METRICS if m.key == key)
    return metric.text(score)


def _why_captured(score: Mapping[str, Any]) -> str:
    if score["captured"] is not None:
        return "of what could be saved"
    return "not known without the optimum" if score["import_optimum_kwh"] is None else "too little could be saved"


def controllers(everybody: Sequence[Played]) -> Html:
    """Return the table of controllers, and how often each started each policy a day."""
    policies = list(dict.fromkeys(name for one in everybody for name in one.score["policies"]))
    rows = []
    for one in everybody:
        starts = [one.score["policies"].get(name, {}).get("starts_per_day") for name in policies]
        cells = [m.text(one.score) for m in METRICS]
        rows.append([one.name, *cells, *(_NOTHING if n is None else f"{n:.1f}" for n in starts)])
    return table(["controller", *(m.name for m in METRICS), *(f"{name}\nstarts a day" for name in policies)], rows)


def policies(score: Mapping[str, Any]) -> Html:
    """Return the table of policies and, below a zone, its stations."""
    rows = []
    for name, own in score["policies"].items():
        rows.append([name, *(m.text(own) for m in _OWN)])
        for station, part in own.get("stations", {}).items():
            rows.append([f"· {station}", *(m.text(part) if m in _STATION else "" for m in _OWN)])
    return table(["policy", *(m.name for m in _OWN)], rows) if rows else tag("p", "No policy was played.")


def months(one: Played) -> Html:
    """Return what came of a run month by month."""
    rows = [[month, *_sums(sums)] for month, sums in by_month(one.days).items()]
    heads = ["month", "production", "base load", "loads", "from the sun", "import", "export", "starts", "unknown"]
    return table(heads, rows)


def _sums(sums: Sums) -> Iterable[str]:
    energies = (sums.pv_wh, sums.base_wh, sums.controlled_wh, sums.import_wh, sums.export_wh)
    pv, base, loads, imported, exported = (f"{wh / 1000.0:.1f} kWh" for wh in energies)
    share = f"{100 * sums.solar_wh / sums.controlled_wh:.0f} %" if sums.controlled_wh else _NOTHING
    unknown = f"{sums.unknown_s / 3600.0:g} h" if sums.unknown_s else _NOTHING
    return pv, base, loads, share, imported, exported, str(sums.starts), unknown
