"""From a profile's YAML to its records.

JSON Schema checks the shape for editors and for ``noonward check``. What a schema cannot say is refused here: a sum of
signals that do not exist, a sentinel of another width than its number, more time than a register can count, golden
registers that mean something else than they should.
"""

from __future__ import annotations

import functools
import stat
from importlib import resources
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from noonward_drivers.entry import Faulty
from noonward_drivers.modbus import golden
from noonward_drivers.modbus.profile import WIDTH, Contacts, DeadMan, Line, Outputs, Profile, Signal
from noonward_drivers.modbus.sheet import SIZE_MAX, WORD_MAX, Band, Sheet, read_yaml

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

KIND: Final = "device-profile/v1"


def shipped() -> tuple[str, ...]:
    """Return the ids of the profiles that come with Noonward."""
    names = (item.name for item in resources.files(__package__).joinpath("profiles").iterdir())
    return tuple(sorted(name.removesuffix(".yaml") for name in names if name.endswith(".yaml")))


@functools.cache
def load_shipped(name: str) -> Profile:
    """Return a profile that comes with Noonward.

    Raises:
        Faulty: It is broken, which a test would have shown.
    """
    text = resources.files(__package__).joinpath("profiles", f"{name}.yaml").read_bytes()
    return parse(read_yaml(text))


def load_file(path: Path) -> Profile:
    """Return the profile in a file of the user's.

    Raises:
        Faulty: It cannot be read, or says something that cannot be.
    """
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise Faulty((), f"{path} is no file")
        with path.open("rb") as file:
            return parse(read_yaml(file.read(SIZE_MAX + 1)))
    except OSError as error:
        raise Faulty(
            (), f"cannot read {path}: {error.strerror}", "the path counts from the folder of site.yaml"
        ) from None


def parse(raw: Any) -> Profile:
    """Return the records of a profile that was read from YAML.

    Raises:
        Faulty: With the path of keys that leads to what is wrong.
    """
    sheet = Sheet.of(raw, "a profile")
    sheet.only(
        "kind",
        "id",
        "title",
        "notes",
        "sources",
        "verified",
        "link",
        "identify",
        "defaults",
        "signals",
        "outputs",
        "inputs",
        "golden",
    )
    sheet.choice("kind", (KIND,))
    signals = _signals(sheet)
    outputs = _outputs(sheet.below("outputs")) if "outputs" in sheet else None
    inputs = _contacts(sheet.below("inputs")) if "inputs" in sheet else None
    if not signals and outputs is None and inputs is None:
        raise sheet.fault(None, "a profile needs at least one of signals, outputs and inputs")
    profile = Profile(
        id=sheet.text("id"),
        title=sheet.text("title"),
        notes=sheet.text("notes", ""),
        sources=tuple(map(str, sheet.items("sources"))),
        verified=sheet.choice("verified", ("hardware", "documents"), "documents"),
        line=_line(sheet.below("link")),
        identify=_identify(sheet.below("identify"), signals) if "identify" in sheet else None,
        signals=signals,
        outputs=outputs,
        inputs=inputs,
    )
    golden.check(profile, sheet)
    return profile


def _line(sheet: Sheet) -> Line:
    sheet.only("unit", "baud", "parity", "stop_bits", "min_gap_ms", "timeout_ms", "max_read", "max_gap")
    timeout_ms = sheet.integer("timeout_ms", 20, 10_000, None)
    return Line(
        unit=sheet.integer("unit", 0, 255, 1),
        baud=sheet.integer("baud", 300, 1_000_000, 9600),
        parity=sheet.choice("parity", ("N", "E", "O"), "N"),
        stop_bits=sheet.integer("stop_bits", 1, 2, 1),
        min_gap_s=sheet.integer("min_gap_ms", 0, 2000, 0) / 1000,
        timeout_s=None if timeout_ms is None else timeout_ms / 1000,
        max_read=sheet.integer("max_read", 1, 125, 100),
        max_gap=sheet.integer("max_gap", 0, 124, 8),
    )


def _signals(sheet: Sheet) -> Mapping[str, Signal]:
    defaults = sheet.below("defaults") if "defaults" in sheet else Sheet({}, ("defaults",))
    defaults.only("table", "type", "words")
    signals = {name: _signal(name, one, defaults) for name, one in sheet.sheets("signals")}
    for signal in signals.values():
        for part in signal.sum_of:
            if part not in signals:
                raise Faulty(("signals", signal.name, "check", "sum_of"), f'there is no signal "{part}"')
    return MappingProxyType(signals)


def _signal(name: str, sheet: Sheet, defaults: Sheet) -> Signal:
    sheet.only(
        "at", "table", "type", "words", "scale", "offset", "na", "valid", "check", "every_s", "monotonic", "description"
    )
    tables, orders = ("holding", "input"), ("big", "little")
    kind = sheet.choice("type", tuple(WIDTH), defaults.choice("type", tuple(WIDTH), "u16"))
    check = sheet.below("check") if "check" in sheet else None
    if check is not None:
        check.only("sum_of", "tol_w")
    return Signal(
        name=name,
        table=sheet.choice("table", tables, defaults.choice("table", tables, "input")),
        at=sheet.address("at"),
        type=kind,
        words=sheet.choice("words", orders, defaults.choice("words", orders, "big")),
        scale=sheet.number("scale", 1.0),
        offset=sheet.number("offset", 0.0),
        na=sheet.words("na", WIDTH[kind]) if "na" in sheet else None,
        valid=sheet.band("valid") if "valid" in sheet else None,
        sum_of=tuple(map(str, check.items("sum_of"))) if check else (),
        tol_w=check.number("tol_w") if check else 0.0,
        every_s=sheet.number("every_s", 0.0),
        monotonic=sheet.flag("monotonic", default=False),
    )


def _identify(sheet: Sheet, signals: Mapping[str, Signal]) -> tuple[Signal, Band]:
    sheet.only("signal", "between")
    return signals[sheet.choice("signal", tuple(signals))], sheet.band("between")


def _outputs(sheet: Sheet) -> Outputs:
    sheet.only("count", "set", "readback", "dead_man", "power_up")
    how, back = sheet.below("set"), sheet.below("readback")
    how.only("table", "at", "on", "off")
    back.only("table", "at", "count")
    count = sheet.integer("count", 1, 64)
    return Outputs(
        count=count,
        set_table=how.choice("table", ("coil", "holding")),
        set_at=how.slot("at"),
        on=how.integer("on", 0, 65535, 1),
        off=how.integer("off", 0, 65535, 0),
        readback_table=back.choice("table", ("coil", "discrete", "holding", "input")),
        readback_at=back.address("at"),
        readback_count=back.integer("count", count, 64, count),
        dead_man=_dead_man(sheet.below("dead_man")) if "dead_man" in sheet else None,
        power_up=sheet.choice("power_up", ("open", "closed", "last", "set"), "open"),
    )


def _dead_man(sheet: Sheet) -> DeadMan:
    sheet.only("kind", "table", "at", "ticks_per_s", "max_s", "default_s")
    max_s = sheet.number("max_s")
    dead_man = DeadMan(
        kind=sheet.choice("kind", ("per_command", "device_wide")),
        table=sheet.choice("table", ("coil", "holding"), "holding"),
        at=sheet.slot("at"),
        ticks_per_s=sheet.number("ticks_per_s"),
        max_s=max_s,
        default_s=sheet.number("default_s", min(120.0, max_s)),
    )
    if dead_man.kind == "device_wide" and dead_man.table != "holding":
        raise sheet.fault("table", "the time-out of a whole module stands in a holding register")
    if not 0 < dead_man.default_s <= max_s:
        raise sheet.fault("default_s", f"{dead_man.default_s:g} s is not between 0 and max_s, {max_s:g} s")
    if max_s * dead_man.ticks_per_s > WORD_MAX:
        raise sheet.fault("max_s", f"{max_s:g} s are more ticks than a register holds")
    return dead_man


def _contacts(sheet: Sheet) -> Contacts:
    sheet.only("count", "table", "at")
    return Contacts(
        count=sheet.integer("count", 1, 64),
        table=sheet.choice("table", ("coil", "discrete")),
        at=sheet.address("at"),
    )
