"""What a kWh costs and earns: ``prices:`` of site.yaml."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from noonward.core.timers import Timer, Windows
from noonward.policy import cron

if TYPE_CHECKING:
    from noonward.core.model import Instant
    from noonward.policy.project import Document


class Price(NamedTuple):
    """What holds at a moment.

    Attributes:
        import_kwh: Of a kWh from the grid.
        export_kwh: For a kWh to the grid; None: not given.
        until: When another price may begin; None: not within 400 days.
    """

    import_kwh: float
    export_kwh: float | None
    until: Instant | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A time with prices of its own.

    Attributes:
        windows: When it is open.
        import_kwh: Then; None: as outside.
        export_kwh: Likewise.
    """

    windows: Windows
    import_kwh: float | None = None
    export_kwh: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """A tariff.

    Attributes:
        currency: As people write it: CHF.
        import_kwh: Of a kWh from the grid, outside all windows.
        export_kwh: For a kWh to the grid; None: not given.
        windows: The first that is open and names a price gives it.
    """

    currency: str
    import_kwh: float
    export_kwh: float | None = None
    windows: tuple[Window, ...] = ()

    def at(self, t: Instant) -> Price:
        """Return what holds at a moment."""
        open_now = [window for window in self.windows if window.windows.is_open(t)]
        edges = [edge for window in self.windows if (edge := window.windows.next_edge(t)) is not None]
        imports = (w.import_kwh for w in open_now if w.import_kwh is not None)
        exports = (w.export_kwh for w in open_now if w.export_kwh is not None)
        return Price(next(imports, self.import_kwh), next(exports, self.export_kwh), min(edges, default=None))


def compiled(site: Document) -> Prices | None:
    """Return the prices of a site.yaml, None where it has none."""
    if site.get("prices") is None:
        return None
    return Prices(
        currency=site.get("prices", "currency"),
        import_kwh=site.get("prices", "import"),
        export_kwh=site.get("prices", "export"),
        windows=tuple(_window(site, index) for index in range(len(site.get("prices", "windows") or ()))),
    )


def _window(site: Document, index: int) -> Window:
    entry = site.get("prices", "windows")[index]
    timer = Timer(
        name=str(entry.get("name") or f"window {index + 1}"),
        start=cron.parse(entry["start"]),
        stop=cron.parse(entry["stop"]) if "stop" in entry else None,
        for_s=site.number("prices", "windows", index, "for"),
        line=site.line("prices", "windows", index),
    )
    return Window(
        windows=Windows((timer,), site.data["timezone"]),
        import_kwh=entry.get("import"),
        export_kwh=entry.get("export"),
    )
