"""Recordings of charging: CSV or Parquet files with one row for each vehicle that came and went.

``station, arrival, departure, energy_kwh`` and, where somebody knows, ``user, phases, min_current_a, max_current_a,
requested_kwh, estimated_departure``. Moments are ISO 8601 with an offset or Z.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from noonward.errors import UsageError
from noonward.lab.recording import instant, iso, number, only_once, opened

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from noonward.core.model import Instant, StationId

MOST_PHASES = 3

_ALIASES: Mapping[str, tuple[tuple[str, float], ...]] = {
    "station": (("station", 1.0),),
    "arrival": (("arrival", 1.0), ("arrival_utc", 1.0)),
    "departure": (("departure", 1.0), ("departure_utc", 1.0)),
    "energy_kwh": (("energy_kwh", 1000.0), ("energy_wh", 1.0)),
    "user": (("user", 1.0),),
    "phases": (("phases", 1.0),),
    "min_current_a": (("min_current_a", 1.0),),
    "max_current_a": (("max_current_a", 1.0),),
    "requested_kwh": (("requested_kwh", 1000.0), ("requested_wh", 1.0)),
    "estimated_departure": (("estimated_departure", 1.0), ("estimated_departure_utc", 1.0)),
}
"""What a column is, under the names it may have, and by what its numbers are multiplied to be in Wh, A or pieces."""

_REQUIRED = ("arrival", "departure", "energy_kwh")

_Places: TypeAlias = "Mapping[str, tuple[int, str, float]]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stay:
    """A vehicle at a station, as recorded.

    Attributes:
        station: Where.
        arrival: When it was plugged in.
        departure: When it was unplugged.
        energy_wh: What it took, and so needed. [Wh]
        user: Whose it was; "" where the file does not say.
        phases: On how many it charged; None: not said.
        min_current_a: Least that it charges with; None: not said. [A]
        max_current_a: Most; None: not said. [A]
        requested_wh: What the driver asked for; None: not said. [Wh]
        estimated_departure: When the driver meant to leave; None: not said.
    """

    station: StationId
    arrival: Instant
    departure: Instant
    energy_wh: float
    user: str = ""
    phases: int | None = None
    min_current_a: float | None = None
    max_current_a: float | None = None
    requested_wh: float | None = None
    estimated_departure: Instant | None = None


def load(path: Path, station: StationId | None = None) -> list[Stay]:
    """Read a file of sessions, by arrival.

    Args:
        path: The file.
        station: Where all of them were, if the file has no column ``station``.

    Raises:
        UsageError: The file is missing or is no such recording; the message names the line.
    """
    name = str(path)
    with opened(path) as (header, rows):
        places = _places(name, header)
        if "station" not in places and station is None:
            raise UsageError(
                f"{name}:1: no column station; add it, or write the station into the scenario: "
                "sessions: {file: …, station: cp-01}"
            )
        stays = [_Row(name, line, places, row).stay(station) for line, row in rows]
    return sorted(stays, key=lambda stay: (stay.arrival, stay.departure))


def _places(name: str, header: list[str]) -> _Places:
    """Return for each column that is there its place, its name in this file and its factor."""
    only_once(name, header)
    found = {}
    for what, aliases in _ALIASES.items():
        there = [(header.index(column), column, factor) for column, factor in aliases if column in header]
        if len(there) > 1:
            raise UsageError(f"{name}:1: both {there[0][1]} and {there[1][1]} are there; leave one of them out")
        if there:
            found[what] = there[0]
        elif what in _REQUIRED:
            names = " or ".join(column for column, _ in aliases)
            columns = ", ".join(filter(None, header)) or "none"
            raise UsageError(f"{name}:1: no column {names}; the columns are: {columns}")
    return found


class _Row:
    """One row in reading."""

    def __init__(self, name: str, line: int, places: _Places, row: list[str]) -> None:
        self._name, self._line, self._places, self._row = name, line, places, row

    def stay(self, station: StationId | None) -> Stay:
        """Return what the row says."""
        arrival, departure = self._moment("arrival"), self._moment("departure")
        energy_wh, where = self._number("energy_kwh"), self._text("station") or station
        least_a, most_a = self._number("min_current_a"), self._number("max_current_a")
        if where is None:
            raise self._error("station", "is empty; name the station")
        if arrival is None or departure is None or energy_wh is None:
            empty = next(what for what in _REQUIRED if not self._text(what))
            raise self._error(empty, "is empty; leave the whole row out where it is not known")
        if departure < arrival:
            raise self._error("departure", f"{iso(departure)} is before the arrival, {iso(arrival)}")
        if least_a is not None and most_a is not None and most_a < least_a:
            raise self._error("max_current_a", f"{most_a:g} A is less than min_current_a, {least_a:g} A")
        return Stay(
            station=where,
            arrival=arrival,
            departure=departure,
            energy_wh=energy_wh,
            user=self._text("user"),
            phases=self._phases(),
            min_current_a=least_a,
            max_current_a=most_a,
            requested_wh=self._number("requested_kwh"),
            estimated_departure=self._moment("estimated_departure"),
        )

    def _phases(self) -> int | None:
        count = self._number("phases")
        if count is None:
            return None
        if count not in range(1, MOST_PHASES + 1):
            raise self._error("phases", f"{count:g} is not 1, 2 or 3")
        return int(count)

    def _number(self, what: str) -> float | None:
        if what not in self._places:
            return None
        place, column, factor = self._places[what]
        value = number(self._name, self._line, column, self._row[place])
        if value is not None and value < 0.0:
            raise self._error(what, f"{value:g} is below 0")
        return None if value is None else value * factor

    def _moment(self, what: str) -> Instant | None:
        text = self._text(what)
        return instant(self._name, self._line, text) if text else None

    def _text(self, what: str) -> str:
        return self._row[self._places[what][0]].strip() if what in self._places else ""

    def _error(self, what: str, message: str) -> UsageError:
        column = self._places[what][1] if what in self._places else what
        return UsageError(f"{self._name}:{self._line}: {column}: {message}")


def stations(stays: Iterable[Stay]) -> tuple[StationId, ...]:
    """Return every station at which somebody charged, once."""
    return tuple(dict.fromkeys(stay.station for stay in stays))
