"""InfluxDB's line protocol: https://docs.influxdata.com/influxdb/v2/reference/syntax/line-protocol/."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

    from noonward.core.model import Instant

Field: TypeAlias = "float | int | bool | str | None"

_IN_MEASUREMENT = str.maketrans({",": r"\,", " ": r"\ "})
_IN_KEY = _IN_MEASUREMENT | str.maketrans({"=": r"\="})
_IN_TEXT = str.maketrans({'"': r"\"", "\\": r"\\"})


def line(measurement: str, tags: Mapping[str, str], fields: Mapping[str, Field], at: Instant) -> str | None:
    """Return one point, None where no field is known.

    Args:
        measurement: Name of its table.
        tags: What it is of; an empty one is left out, as the protocol has none.
        fields: What is known of it; None, and numbers that are none, are left out.
        at: When; written to the second.
    """
    known = ",".join(f"{_key(name)}={_field(value)}" for name, value in fields.items() if _is_known(value))
    if not known:
        return None
    tagged = "".join(f",{_key(name)}={_key(value)}" for name, value in tags.items() if value)
    return f"{_flat(measurement).translate(_IN_MEASUREMENT)}{tagged} {known} {at:.0f}"


def _is_known(value: Field) -> bool:
    return value is not None and (not isinstance(value, float) or math.isfinite(value))


def _field(value: Field) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f'"{value.translate(_IN_TEXT)}"'
    return repr(float(value))  # type: ignore[arg-type] # None is not known


def _key(text: str) -> str:
    return _flat(text).translate(_IN_KEY)


def _flat(text: str) -> str:
    """Return a text without line breaks, and with slashes for backslashes: those could not stand before an escape."""
    return " ".join(text.replace("\\", "/").splitlines()) or "-"
