"""A score as people read it in a terminal."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Mapping

_COLUMNS = (
    ("energy", "energy_kwh", "kWh", 1),
    ("from sun", "solar_kwh", "kWh", 1),
    ("unmet", "unmet_kwh", "kWh", 1),
    ("forced", "forced_kwh", "kWh", 1),
    ("on", "on_h", "h", 1),
    ("starts", "starts", "", 0),
    ("a day", "starts_per_day", "", 1),
)
"""Heading, key in the score, unit and decimals of the columns of the table of policies."""


def to_text(score: Mapping[str, Any], site: str, timezone: str) -> str:
    """Return the score in a few lines: what the building did, then what each policy did.

    Args:
        score: ``score.json``.
        site: Its name.
        timezone: Dates are written in it.
    """
    lines = [period(score, f"{site}, {score['controller']}", timezone), ""]
    for name, key, remark in (
        ("production", "pv_kwh", _percent(score["self_consumption"], "used in the house")),
        ("base load", "base_load_kwh", ""),
        ("loads", "controlled_kwh", _percent(score["solar_share"], "from the sun")),
        ("import", "import_kwh", _saved(score)),
        ("export", "export_kwh", ""),
        ("unmet", "unmet_kwh", "missing at the deadlines" if score["unmet_kwh"] else ""),
    ):
        lines.append(f"  {name:<12}{score[key]:>11.1f} kWh  {remark}".rstrip())
    if stored := score.get("battery"):
        remark = (
            f"{stored['discharged_kwh']:.1f} kWh given back, {stored['soc_from']:.0%} to {stored['soc_to']:.0%} full"
        )
        lines.append(f"  {'battery':<12}{stored['charged_kwh']:>11.1f} kWh  {remark}")
    lines += ["", *_table(score["policies"]), ""]
    lines += _remarks(score)
    return "\n".join(lines).rstrip()


def period(score: Mapping[str, Any], what: str, timezone: str) -> str:
    """Return what was played and from when to when: "house-12: 2020-06-01 06:00 to … (30 days in steps of 1 min)"."""
    start, end = (datetime.fromisoformat(score[key]) for key in ("from", "to"))
    first, last = (t.astimezone(ZoneInfo(timezone)).strftime("%Y-%m-%d %H:%M") for t in (start, end))
    days = (end - start).total_seconds() / 86400.0
    step_s = score["step_s"]
    step = f"{step_s / 60:g} min" if step_s >= 60 else f"{step_s:g} s"  # noqa: PLR2004 - seconds in a minute
    long = "1 day" if days == 1 else f"{days:.4g} days"
    return f"{what}: {first} to {last} ({long} in steps of {step})"


def _saved(score: Mapping[str, Any]) -> str:
    at_once = score["import_uncontrolled_kwh"]
    if at_once is None or score["controller"] == "uncontrolled":
        return ""
    saved = at_once - score["import_kwh"] - score["unmet_kwh"]
    word = "less" if saved >= 0 else "more"
    unmet = ", unmet counted as import" if score["unmet_kwh"] else ""
    return f"{abs(saved):.1f} kWh {word} than uncontrolled ({at_once:.1f} kWh){unmet}"


def _table(policies: Mapping[str, Mapping[str, Any]]) -> list[str]:
    if not policies:
        return ["  no policy was played"]
    width = max(len("policy"), *map(len, policies))
    heads = [f"{name} [{unit}]" if unit else name for name, _, unit, _ in _COLUMNS]
    lines = ["  " + "policy".ljust(width) + "".join(f"{head:>{len(head) + 3}}" for head in heads)]
    for name, own in policies.items():
        cells = [f"{own[key]:.{decimals}f}" for _, key, _, decimals in _COLUMNS]
        lines.append(
            "  "
            + name.ljust(width)
            + "".join(f"{cell:>{len(head) + 3}}" for cell, head in zip(cells, heads, strict=True))
        )
    return lines


def _remarks(score: Mapping[str, Any]) -> list[str]:
    remarks = []
    if score["captured"] is not None:
        remarks.append(f"  captured {100 * score['captured']:.1f} % of what could be saved")
    remarks += _least(score)
    if score["unknown_h"]:
        remarks.append(f"  {score['unknown_h']:g} h of the tape are unknown and left out of every sum")
    broken = [f"{count} x {name.replace('_', ' ')}" for name, count in score["violations"].items() if count]
    remarks.append(f"  VIOLATIONS: {', '.join(broken)}" if broken else "  violations: none")
    return remarks


def _least(score: Mapping[str, Any]) -> list[str]:
    """Return what could not be gone below, and how sure that is."""
    found_kwh, missed_kwh = score["import_optimum_kwh"], score["unmet_optimum_kwh"]
    if found_kwh is None:
        return []
    unmet = f" and leave {missed_kwh:.1f} kWh unmet" if missed_kwh else ""
    proven = "" if score["import_bound_kwh"] is None else f", {above_bound(score)}"
    return [f"  with perfect foresight it would import {found_kwh:.1f} kWh{unmet}{proven}"]


def above_bound(score: Mapping[str, Any]) -> str:
    """Return how far the optimum, its unmet need counted as import, is from the bound that was proven."""
    proven_kwh = score["import_bound_kwh"]
    gap = (score["import_optimum_kwh"] + score["unmet_optimum_kwh"]) / proven_kwh - 1 if proven_kwh > 0.0 else None
    return f"{'' if gap is None else f'{100 * gap:.2f} % '}above a proven bound of {proven_kwh:.1f} kWh"


def _percent(share: float | None, what: str) -> str:
    return "" if share is None else f"{100 * share:.0f} % {what}"
