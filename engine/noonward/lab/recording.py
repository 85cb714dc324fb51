"""Recordings: CSV or Parquet files with one row for each interval of a constant step.

The column ``time`` (or ``timestamp_utc``) holds the start of the interval in ISO 8601 with an offset or Z; the other
columns hold means over it. An empty field or a missing row is unknown, and unknown is ``None``, never 0.
"""

from __future__ import annotations

import csv
import gzip
import math
import zlib
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from typing import IO, TYPE_CHECKING, TypeAlias

from noonward.errors import UsageError
from noonward.lab import parquet

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from noonward.core.model import Instant

TIME_COLUMNS = ("time", "timestamp_utc")
MAX_INTERVALS = 20_000_000
"""38 years at 1 min; more is a slip in a date, not a recording."""

Series: TypeAlias = list[float | None]
Rows: TypeAlias = "Iterator[tuple[int, list[str]]]"
"""Lines of a CSV file from 2 on, rows of a Parquet file from 1 on, each with its fields; empty lines are left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """The columns of a file that were asked for.

    Attributes:
        name: Where it came from, for messages.
        start: Start of the first interval.
        step_s: Length of every interval. [s]
        header: Every column of the file.
        series: The columns that were asked for and are there.
    """

    name: str
    start: Instant
    step_s: float
    header: tuple[str, ...]
    series: Mapping[str, Series]


def iso(t: Instant) -> str:
    """Return an instant as people and files write it, in UTC."""
    return datetime.fromtimestamp(t, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def load(path: Path, required: Mapping[str, str], optional: tuple[str, ...] = ()) -> Recording:
    """Read the columns ``required`` (name to what it is) and, where they are there, ``optional``.

    Raises:
        UsageError: The file is missing or is not such a recording; the message names the line.
    """
    with opened(path) as (header, rows):
        return _read(str(path), header, rows, required, optional)


@contextmanager
def opened(path: Path) -> Iterator[tuple[list[str], Rows]]:
    """Open a file for a ``with`` block that reads its columns' names and its rows: CSV, CSV compressed, or Parquet.

    Raises:
        UsageError: The file is missing, damaged or no such file, or a row has more or fewer fields than the header.
    """
    name = str(path)
    try:
        if path.suffix == parquet.SUFFIX:
            yield parquet.read(path)
            return
        with _stream(path) as stream:
            reader = csv.reader(stream)
            header = [column.strip() for column in next(reader, [])]
            yield header, _rows(name, reader, len(header))
    except UnicodeDecodeError as error:
        raise UsageError(f"{name}: not a text file in UTF-8 ({error.reason}); write it as CSV or .csv.gz") from error
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise UsageError(f"{name}: the gzip file is damaged or cut short ({error})") from error
    except OSError as error:
        raise UsageError(f"{name}: {error.strerror or error}") from error
    except csv.Error as error:
        raise UsageError(f"{name}: not a CSV file ({error})") from error


def _stream(path: Path) -> IO[str]:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8-sig", newline="")
    return path.open(encoding="utf-8-sig", newline="")


def _rows(name: str, reader: Iterator[list[str]], width: int) -> Rows:
    for line, row in enumerate(reader, start=2):
        if not row:
            continue
        if len(row) != width:
            raise UsageError(f"{name}:{line}: {len(row)} fields where the header has {width}")
        yield line, row


def only_once(name: str, header: list[str]) -> None:
    """Refuse a header with two columns of one name.

    Raises:
        UsageError: There are two.
    """
    twice = [column for column, count in Counter(header).items() if count > 1 and column]
    if twice:
        raise UsageError(f"{name}:1: the column {twice[0]} stands there twice")


def _read(
    name: str, header: list[str], found: Rows, required: Mapping[str, str], optional: tuple[str, ...]
) -> Recording:
    columns = _columns(name, header, required, optional)
    at = next(header.index(column) for column in TIME_COLUMNS if column in header)
    places = [header.index(column) for column in columns]
    numbered = [*found]
    lines, rows = [line for line, _ in numbered], [row for _, row in numbered]
    times = _instants(name, lines, [row[at] for row in rows])
    values = [_numbers(name, lines, header[i], [row[i] for row in rows]) for i in places]
    step_s = _step(name, lines, times)
    start = times[0]
    n = round((times[-1] - start) / step_s) + 1
    if n > MAX_INTERVALS:
        raise UsageError(f"{name}: {n} intervals between {iso(start)} and {iso(times[-1])}; is a date mistyped?")
    if n > len(rows):
        intervals = [round((t - start) / step_s) for t in times]
        values = [_spread(column, intervals, n) for column in values]
    by_name = dict(zip(columns, values, strict=True))
    return Recording(name=name, start=start, step_s=step_s, header=tuple(header), series=by_name)


def _spread(known: Series, places: Sequence[int], n: int) -> Series:
    """Return a series of ``n`` intervals with what is known at its places, and nothing elsewhere."""
    found: Series = [None] * n
    for place, value in zip(places, known, strict=True):
        found[place] = value
    return found


def _instants(name: str, lines: Sequence[int], texts: Sequence[str]) -> list[Instant]:
    """Return the moments of a column; all at once, where nothing is wrong with any of them."""
    try:
        moments = [*map(datetime.fromisoformat, texts)]
    except ValueError:
        moments = []
    if moments and all(moment.tzinfo for moment in moments):
        return [moment.timestamp() for moment in moments]
    return [instant(name, line, text) for line, text in zip(lines, texts, strict=True)]


def _numbers(name: str, lines: Sequence[int], column: str, texts: Sequence[str]) -> Series:
    """Return the numbers of a column; all at once, where nothing is wrong with any of them and none is missing."""
    try:
        values = [*map(float, texts)]
    except ValueError:
        values = [math.nan]
    if all(map(math.isfinite, values)):
        return [*values]
    return [number(name, line, column, text) for line, text in zip(lines, texts, strict=True)]


def _columns(name: str, header: list[str], required: Mapping[str, str], optional: tuple[str, ...]) -> list[str]:
    """Return the value columns to read."""
    found = ", ".join(filter(None, header)) or "none"
    if not any(column in header for column in TIME_COLUMNS):
        raise UsageError(f"{name}:1: no column {' or '.join(TIME_COLUMNS)}; the columns are: {found}")
    for column, meaning in required.items():
        if column not in header:
            raise UsageError(f"{name}:1: no column {column} ({meaning}); the columns are: {found}")
    only_once(name, header)
    return [*required, *(column for column in optional if column in header)]


def instant(name: str, line: int, text: str) -> Instant:
    """Return the moment that a field holds.

    Raises:
        UsageError: It holds none, or one without an offset.
    """
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise UsageError(
            f"{name}:{line}: {text!r} is not a time in ISO 8601, as 2026-06-01T00:15+02:00 or 2026-05-31T22:15Z"
        ) from None
    if moment.tzinfo is None:
        raise UsageError(f"{name}:{line}: {text!r} has no offset; write Z for UTC, or the offset as in +02:00")
    return moment.timestamp()


def number(name: str, line: int, column: str, text: str) -> float | None:
    """Return the number that a field holds, None where it is empty.

    Raises:
        UsageError: It holds something else.
    """
    if not text or text.isspace():
        return None
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise UsageError(
            f"{name}:{line}: {column}: {text!r} is not a number; leave the field empty where it is unknown"
        )
    return value


def _step(name: str, lines: Sequence[int], times: Sequence[Instant]) -> float:
    """Return the step: the most frequent distance of two rows. Every other distance must be a multiple of it."""
    if len(times) <= 1:
        found = "1 row" if len(times) == 1 else f"{len(times)} rows"
        raise UsageError(f"{name}: {found}; at least two are needed, since the step is found from them")
    distances = [after - before for before, after in pairwise(times)]
    counted = Counter(distances)
    if min(counted) <= 0.0:
        k = next(k for k, distance in enumerate(distances) if distance <= 0.0)
        before, after = times[k], times[k + 1]
        raise UsageError(f"{name}:{lines[k + 1]}: {iso(after)} is not after the row before it, {iso(before)}")
    step_s = max(counted, key=lambda distance: (counted[distance], -distance))
    if any(distance % step_s for distance in counted):
        k = next(k for k, distance in enumerate(distances) if distance % step_s)
        raise UsageError(
            f"{name}:{lines[k + 1]}: {distances[k]:g} s after the row before it, but the step of this file is "
            f"{step_s:g} s; the step must be constant, with rows left out where nothing is known"
        )
    return step_s
