"""What is kept of every minute: the channels, by name, and in which whole numbers each is kept.

Whole numbers, so that sums are exact: a day's total is that of its minutes to the last digit, however it was added up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

POWER, SHARE, CURRENT, PRICE, MONEY = 0.1, 0.0001, 0.01, 0.00001, 0.000001
"""What a kept 1 stands for: [W], [0…1], [A], [per kWh], [per h]."""


class Kind(NamedTuple):
    """One kind of channel.

    Attributes:
        scale: What a kept 1 stands for.
        of: Whose it is: "site", or one for each "policy" or "station".
    """

    scale: float
    of: str = "site"


KINDS: Mapping[str, Kind] = {
    "pv_w": Kind(POWER),
    "import_w": Kind(POWER),
    "export_w": Kind(POWER),
    "charge_w": Kind(POWER),
    "discharge_w": Kind(POWER),
    "battery_soc": Kind(SHARE),
    "base_load_w": Kind(POWER),
    "dim_w": Kind(POWER),
    "price_import": Kind(PRICE),
    "price_export": Kind(PRICE),
    "cost": Kind(MONEY),
    "earned": Kind(MONEY),
    "policy": Kind(POWER, "policy"),
    "solar": Kind(POWER, "policy"),
    "policy-cost": Kind(MONEY, "policy"),
    "on": Kind(SHARE, "policy"),
    "stage": Kind(SHARE, "policy"),
    "station": Kind(POWER, "station"),
    "station-solar": Kind(POWER, "station"),
    "station-cost": Kind(MONEY, "station"),
    "limit": Kind(CURRENT, "station"),
    "plugged": Kind(SHARE, "station"),
}
"""A site's channel is named as its kind; a policy's or a station's "kind/name".

``import_w`` and ``export_w`` are the parts of the grid power above and below zero, each integrated by itself, as the
registers of a meter do; ``charge_w`` and ``discharge_w`` those of the battery. ``solar`` is the part of a draw that the
sun covers, ``dim_w`` what the grid operator allows, known only while it limits. Money is counted per hour.
"""

DIFFERENCES: Mapping[str, tuple[str, str]] = {
    "grid_w": ("import_w", "export_w"),
    "battery_w": ("charge_w", "discharge_w"),
}
"""Signals that are not kept, since they are the difference of two that are."""

NAMES = (*DIFFERENCES, *(kind if what.of == "site" else f"{kind}/NAME" for kind, what in KINDS.items()))
"""Every signal there can be, as people are told of them."""

TOTALS = frozenset({"pv_w", "grid_w", "import_w", "export_w"})
"""What of the site everybody may see who may see anything of it."""


def split(channel: str) -> tuple[str, str]:
    """Return kind and name of a channel; the name of a site's own is ""."""
    kind, _, name = channel.partition("/")
    return kind, name


def scale(channel: str) -> float:
    """Return what a kept 1 of a channel stands for."""
    return KINDS[split(channel)[0]].scale


def parts(signal: str) -> tuple[str, ...]:
    """Return the channels that a signal is made of."""
    return DIFFERENCES.get(signal, (signal,))


def known(signal: str) -> bool:
    """Tell whether there can be such a signal."""
    if signal in DIFFERENCES:
        return True
    kind, name = split(signal)
    return kind in KINDS and (KINDS[kind].of == "site") == (not name)
