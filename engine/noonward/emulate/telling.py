"""What people are told while a site is emulated: contacts that moved, stations that changed, the grid now and then."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from noonward.emulate.site import Emulation

GRID_EVERY: Final = 30
"""Looks between two lines about the grid connection."""


class Teller:
    """Tells what is new since it looked last."""

    def __init__(self, emulation: Emulation) -> None:
        self._emulation = emulation
        self._told: dict[str, str] = {}
        self._looks = 0

    def news(self) -> Iterator[str]:
        """Return a line for everything that has changed."""
        world = self._emulation.world
        for relay, contact in world.contacts.items():
            yield from self._new(relay, "closed" if contact.closed else "open", before="open")
        for name, parked in world.stations.items():
            point, number = parked.point, parked.connector
            link = "connected" if point.online else "offline"
            if point.refused is not None:
                link = f"refused with HTTP {point.refused}"
            offer = f"may draw {point.offer_a(number):.1f} A" if point.transaction(number) is not None else "idle"
            yield from self._new(name, f"{link}, {point.status(number)}, {offer}")
        if self._looks % GRID_EVERY == 0:
            grid_w, sun_w = (world.signals(role)["power_w"] for role in ("grid", "pv"))
            way = "import" if grid_w >= 0 else "export"
            yield f"sun {sun_w:.0f} W, {way} {abs(grid_w):.0f} W"
        self._looks += 1

    def _new(self, name: str, text: str, before: str = "") -> Iterator[str]:
        if self._told.get(name, before) != text:
            self._told[name] = text
            yield f"{name}: {text}"
