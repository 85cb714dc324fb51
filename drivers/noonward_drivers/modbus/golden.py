"""A profile tests itself: its golden cases say what raw registers mean, and what it makes of them must be that."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from noonward_drivers.modbus.registers import decode, plausible, signed
from noonward_drivers.modbus.relay import reading, sensing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from noonward_drivers.modbus.profile import Profile
    from noonward_drivers.modbus.sheet import Sheet
    from noonward_drivers.modbus.wire import Read

TOLERANCE: Final = 1e-6
"""Share by which a decoded float may differ from the number that people write for it."""

_TABLES: Final = ("coil", "discrete", "holding", "input")


def check(profile: Profile, sheet: Sheet) -> None:
    """Play the golden cases of a profile.

    Args:
        profile: As parsed.
        sheet: The same as written; ``golden`` stands in it.

    Raises:
        Faulty: A case is not understood, or something comes out that it does not expect.
    """
    for number, case in enumerate(sheet.many("golden")):
        case.only("name", "source", "raw", "expect")
        name = case.text("name")
        got = meaning(profile, _cells(case))
        for key, expected in case.plain("expect").items():
            if key not in got:
                raise case.fault("expect", f'case {number + 1}, "{name}": its registers do not give "{key}"')
            if not _same(got[key], expected):
                raise case.fault("expect", f'case {number + 1}, "{name}": {key} reads {got[key]}, expected {expected}')


def meaning(profile: Profile, cells: Mapping[tuple[str, int], int]) -> dict[str, float | bool | None]:
    """Return what raw registers mean, channel by channel; what they do not cover is left out."""
    decoded = {}
    for name, signal in profile.signals.items():
        words = [cells.get((signal.table, signal.at + i)) for i in range(signal.width)]
        known = [word for word in words if word is not None]
        if len(known) == signal.width:
            decoded[name] = decode(signal, known)
    found: dict[str, float | bool | None] = dict(signed(plausible(profile, decoded)))
    if profile.outputs is not None:
        shown = {profile.outputs.on: True, profile.outputs.off: False}
        bits = profile.outputs.readback_table in {"coil", "discrete"}
        for i, word in _covered(reading(profile.outputs), profile.outputs.count, cells):
            found[f"relay-{i + 1}"] = bool(word) if bits else shown.get(word)
    if profile.inputs is not None:
        for i, word in _covered(sensing(profile.inputs), profile.inputs.count, cells):
            found[f"input-{i + 1}"] = bool(word)
    return found


def _covered(read: Read, count: int, cells: Mapping[tuple[str, int], int]) -> list[tuple[int, int]]:
    found = ((i, cells.get((read.table, read.at + i))) for i in range(count))
    return [(i, word) for i, word in found if word is not None]


def _cells(case: Sheet) -> dict[tuple[str, int], int]:
    cells = {}
    for part in case.many("raw"):
        part.only("table", "at", "values")
        table, at = part.choice("table", _TABLES), part.address("at")
        cells.update({(table, at + i): word for i, word in enumerate(part.words("values"))})
    return cells


def _same(got: float | bool | None, expected: object) -> bool:
    if isinstance(got, bool) or isinstance(expected, bool) or got is None or expected is None:
        return got is expected
    return isinstance(expected, int | float) and math.isclose(got, expected, rel_tol=TOLERANCE, abs_tol=1e-9)
