"""Parquet files from and to the rows that a CSV file would have; the only place that knows pyarrow.

pyarrow is in the extra ``lab``: a gateway has no use for it. It is loaded when the first such file is read or written.
"""

from __future__ import annotations

from datetime import datetime
from math import isnan
from typing import TYPE_CHECKING, Any

from noonward.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

SUFFIX = ".parquet"


def read(path: Path) -> tuple[list[str], Iterator[tuple[int, list[str]]]]:
    """Return the names of the columns, and the rows from 1 on.

    A timestamp becomes ISO 8601 with the offset of its column; what is null, and what pandas writes for it, NaN, is
    empty.

    Raises:
        UsageError: pyarrow is not installed, or the file is damaged or none.
        OSError: There is no such file.
    """
    try:
        from pyarrow import ArrowException, parquet  # noqa: PLC0415 - only who has such a file pays for it
    except ImportError as error:
        raise UsageError(
            f"{path}: to read Parquet install the extra lab: pip install 'noonward[lab]'; or write it as CSV or .csv.gz"
        ) from error
    try:
        with path.open("rb") as stream:
            table = parquet.read_table(stream)
        columns = [[_text(value) for value in column.to_pylist()] for column in table.columns]
    except (ArrowException, ValueError) as error:  # the latter of times between two microseconds
        raise UsageError(f"{path}: not a Parquet file that can be read ({str(error).splitlines()[0]})") from error
    return list(table.column_names), enumerate(map(list, zip(*columns, strict=True)), start=1)


def written(header: Sequence[str], rows: Iterable[Sequence[str | float | None]]) -> bytes:
    """Return a file with these rows; what is None is null.

    Raises:
        UsageError: pyarrow is not installed.
    """
    try:
        import pyarrow as pa  # noqa: PLC0415 - only who wants such a file pays for it
        from pyarrow import parquet  # noqa: PLC0415
    except ImportError as error:
        raise UsageError(
            "to write Parquet install the extra lab: pip install 'noonward[lab]'; or ask for csv.gz"
        ) from error
    columns = list(zip(*rows, strict=True)) or [()] * len(header)
    made = [pa.array(column, type=None if column else pa.string()) for column in columns]
    sink = pa.BufferOutputStream()
    parquet.write_table(pa.table(made, names=list(header)), sink, compression="zstd")
    return bytes(sink.getvalue())


def _text(value: Any) -> str:
    if value is None or (isinstance(value, float) and isnan(value)):
        return ""
    return value.isoformat() if isinstance(value, datetime) else str(value)
