"""A comparison of controllers as one table in a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from noonward.lab.compare import OPTIMUM, POLICIES, UNKNOWN
from noonward.report import scorecard

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_COLUMNS = (
    ("import [kWh]", "import_kwh", 1.0, 1),
    ("unmet [kWh]", "unmet_kwh", 1.0, 1),
    ("captured [%]", "captured", 100.0, 1),
    ("from sun [%]", "solar_share", 100.0, 0),
    ("forced [kWh]", "forced_kwh", 1.0, 1),
)
"""Heading, key in the score, factor and decimals of the first columns; starts a day and violations follow."""


def to_text(found: Mapping[str, Any], site: str, timezone: str) -> str:
    """Return the table, and what is to be said about it.

    Args:
        found: ``compare --json``.
        site: Its name.
        timezone: Dates are written in it.
    """
    scores: Mapping[str, Mapping[str, Any]] = found["controllers"]
    policies = list(scores[POLICIES]["policies"])
    head = [heading for heading, *_ in _COLUMNS] + ["violations", *policies]
    rows = [("", head), *((name, _cells(score, policies)) for name, score in scores.items())]
    table = _table(rows, starts=len(policies))
    return "\n".join([scorecard.period(found, site, timezone), "", *table, "", *_remarks(found)]).rstrip()


def _cells(score: Mapping[str, Any], policies: Sequence[str]) -> list[str]:
    numbers = [
        "-" if score[key] is None else f"{score[key] * factor:.{decimals}f}" for _, key, factor, decimals in _COLUMNS
    ]
    broken = sum(score["violations"].values())
    starts = [f"{score['policies'][name]['starts_per_day']:.1f}" for name in policies]
    return [*numbers, str(broken), *starts]


def _table(rows: Sequence[tuple[str, list[str]]], starts: int) -> list[str]:
    """Return the rows with their columns aligned, and over the last columns what they hold."""
    first = max(len(name) for name, _ in rows)
    widths = [max(len(cells[k]) for _, cells in rows) + 2 for k in range(len(rows[0][1]))]
    lines = [
        "  " + name.ljust(first) + "".join(cell.rjust(width) for cell, width in zip(cells, widths, strict=True))
        for name, cells in rows
    ]
    if starts:
        lead = 2 + first + sum(widths[:-starts]) + 2
        lines.insert(0, " " * lead + "starts a day")
    return lines


def _remarks(found: Mapping[str, Any]) -> list[str]:
    scores = found["controllers"]
    remarks = []
    if scores[POLICIES]["captured"] is None:
        remarks.append("  captured means nothing here: a plant has no need, or less than 1 % could be saved")
    if found["import_bound_kwh"] is not None and OPTIMUM in scores:
        remarks.append(f"  the optimum is {scorecard.above_bound(scores[OPTIMUM])}")
    cost = found["departure_unknown"]
    if cost is not None:
        captured = "" if cost["captured"] is None else f", captured {100 * cost['captured']:+.1f} pt"
        remarks.append(
            f"  an unknown departure costs: import {cost['import_kwh']:+.1f} kWh, "
            f"{scores[UNKNOWN]['unmet_kwh']:.1f} kWh not delivered{captured}"
        )
    if found["unknown_h"]:
        remarks.append(f"  {found['unknown_h']:g} h of the tape are unknown and left out of every sum")
    return remarks
