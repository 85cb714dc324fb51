"""Block planner and decoding: laws over all signals, and a table of what is not plausible."""

from __future__ import annotations

import itertools
import math
import struct
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from noonward_drivers.modbus.meter import Counter
from noonward_drivers.modbus.parse import load_shipped, parse
from noonward_drivers.modbus.profile import WIDTH, Line, Signal
from noonward_drivers.modbus.registers import decode, decode_block, identified, mirrored, plan, plausible, probe, signed
from noonward_drivers.modbus.sheet import Band

LINE = Line(unit=1, baud=9600, parity="N", stop_bits=1, min_gap_s=0, timeout_s=None, max_read=20, max_gap=4)
CODES = {"u16": "H", "s16": "h", "u32": "I", "s32": "i", "u64": "Q", "s64": "q", "f32": "f", "f64": "d"}


def signal(name="power_w", at=0, kind="u16", **more):
    return Signal(name=name, table=more.pop("table", "input"), at=at, type=kind, words=more.pop("words", "big"), **more)


def encoded(value, kind, words="big"):
    """Return the registers of a value, by struct and nothing of ours."""
    raw = struct.pack(">" + CODES[kind], value)
    regs = [int.from_bytes(raw[i : i + 2], "big") for i in range(0, len(raw), 2)]
    return regs if words == "big" else regs[::-1]


signals = st.lists(
    st.tuples(st.integers(0, 300), st.sampled_from(sorted(WIDTH)), st.sampled_from(["input", "holding"])),
    min_size=1,
    max_size=30,
).map(lambda rows: tuple(signal(f"s{i}_w", at, kind, table=table) for i, (at, kind, table) in enumerate(rows)))


@given(signals, st.integers(4, 125), st.integers(0, 20))
def test_a_plan_reads_every_signal_once_within_the_limits(chosen, max_read, max_gap):
    blocks = plan(chosen, replace(LINE, max_read=max_read, max_gap=max_gap))
    read = [one.name for block in blocks for one in block.signals]
    assert sorted(read) == sorted(one.name for one in chosen)
    for block in blocks:
        assert block.count <= max_read
        assert all(
            one.table == block.table and block.at <= one.at and one.at + one.width <= block.at + block.count
            for one in block.signals
        )
        covered = {at for one in block.signals for at in range(one.at, one.at + one.width)}
        unused = [at for at in range(block.at, block.at + block.count) if at not in covered]
        runs = [unused[i : i + max_gap + 1] for i in range(len(unused) - max_gap)]
        assert not any(run[-1] - run[0] == max_gap for run in runs), "a gap longer than the device stands"


@given(signals)
def test_a_plan_merges_what_it_may(chosen):
    """Two neighbouring requests of one table could not have been one."""
    blocks = plan(chosen, LINE)
    for first, second in itertools.pairwise(blocks):
        assert (
            first.table != second.table
            or second.at - (first.at + first.count) > LINE.max_gap
            or second.signals[0].at + second.signals[0].width - first.at > LINE.max_read
        )


values = st.one_of(
    *(st.tuples(st.just(kind), st.integers(0, 2 ** int(kind[1:]) - 1)) for kind in ("u16", "u32", "u64")),
    *(
        st.tuples(st.just(kind), st.integers(-(2 ** (int(kind[1:]) - 1)), 2 ** (int(kind[1:]) - 1) - 1))
        for kind in ("s16", "s32", "s64")
    ),
    st.tuples(st.just("f32"), st.floats(width=32, allow_nan=False, allow_infinity=False)),
    st.tuples(st.just("f64"), st.floats(allow_nan=False, allow_infinity=False)),
)


@given(
    values,
    st.sampled_from(["big", "little"]),
    st.sampled_from([1.0, 0.1, 1000.0, -1.0]),
    st.sampled_from([0.0, -273.15]),
)
def test_every_number_comes_back(value, order, scale, offset):
    kind, number = value
    got = decode(signal(kind=kind, words=order, scale=scale, offset=offset), encoded(number, kind, order))
    expected = float(number) * scale + offset
    assert got == (expected if math.isfinite(expected) else None)


@given(st.sampled_from(sorted(WIDTH)), st.lists(st.integers(0, 0xFFFF), min_size=4, max_size=4))
def test_no_registers_break_the_decoder(kind, words):
    got = decode(signal(kind=kind, valid=Band(-1e6, 1e6)), words[: WIDTH[kind]])
    assert got is None or -1e6 <= got <= 1e6


@pytest.mark.parametrize(
    ("one", "words", "expected"),
    [
        (signal(kind="f32"), [0x7FC0, 0], None),
        (signal(kind="f32"), [0x7F80, 0], None),
        (signal(kind="f64"), [0xFFF0, 0, 0, 0], None),
        (signal(kind="f32"), [0x4566, 0x0800], 3680.5),
        (signal(kind="f32", words="little"), [0x0800, 0x4566], 3680.5),
        (signal(kind="s32", na=(0x7FFF, 0xFFFF)), [0x7FFF, 0xFFFF], None),
        (signal(kind="s32", words="little", na=(0xFFFF, 0x7FFF)), [0xFFFF, 0x7FFF], None),
        (signal(kind="s16"), [0xFFFF], -1.0),
        (signal(kind="u16", valid=Band(45, 65), scale=0.1), [501], pytest.approx(50.1)),
        (signal(kind="u16", valid=Band(45, 65)), [44], None),
        (signal(kind="u16", valid=Band(45, 65)), [45], 45.0),
        (signal(kind="u16", valid=Band(45, 65)), [65], 65.0),
        (signal(kind="u16", valid=Band(45, 65)), [66], None),
        (signal(kind="u16", scale=-1.0), [5], -5.0),
    ],
)
def test_decode(one, words, expected):
    """Edge case 5: NaN, infinity, sentinels and values out of band are no numbers."""
    assert decode(one, words) == expected


def test_a_block_is_cut_where_its_signals_stand():
    parts = (signal("a_w", 10, "u16"), signal("b_w", 12, "s32"))
    (block,) = plan(parts, LINE)
    assert decode_block(block, [7, 99, 0xFFFF, 0xFFFE]) == {"a_w": 7.0, "b_w": -2.0}


METER = load_shipped("eastron-sdm630")
U, F, P, P1, P2, P3, I1 = (
    "voltage_l1_v",
    "frequency_hz",
    "power_w",
    "power_l1_w",
    "power_l2_w",
    "power_l3_w",
    "current_l1_a",
)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({U: 230, P: 100}, {U: 230, P: 100}),
        ({U: None, P: 0}, {U: None, P: None}),
        ({U: None, F: 50, P: 0}, {U: None, F: 50, P: 0}),
        ({P: 0}, {P: 0}),
        ({P: 600, P1: 100, P2: 200, P3: 300}, {P: 600, P1: 100, P2: 200, P3: 300}),
        ({P: 700, P1: 100, P2: 200, P3: 300}, {P: 700, P1: 100, P2: 200, P3: 300}),
        ({P: 701, P1: 100, P2: 200, P3: 300}, {P: None, P1: 100, P2: 200, P3: 300}),
        ({P: 9e3, P1: None, P2: 200, P3: 300}, {P: 9e3, P1: None, P2: 200, P3: 300}),
    ],
    ids=["good", "zeros", "frequency seen", "nothing to tell by", "sum", "within", "beyond", "a part unknown"],
)
def test_plausible(values, expected):
    """Edge case 5: a burst of zeros, a total that contradicts its parts."""
    assert plausible(METER, values) == expected


def test_a_meter_the_other_way_round():
    """Edge case 1."""
    reading = {P: 500.0, P1: None, I1: 2.0, U: 230.0, "import_wh": 10.0, "export_wh": 20.0}
    turned = signed(mirrored(reading | {P1: 500.0}))
    assert turned == {P: -500.0, P1: -500.0, I1: -2.0, U: 230.0, "export_wh": 10.0, "import_wh": 20.0}
    assert mirrored(reading)[P1] is None


@pytest.mark.parametrize(
    ("values", "current"),
    [
        ({I1: 5.0, P1: -10.0}, -5.0),
        ({I1: -5.0, P1: 10.0}, 5.0),
        ({I1: 5.0, P1: None}, 5.0),
        ({I1: 5.0, P1: None, P: -10.0}, 5.0),
        ({I1: 5.0, P: -10.0}, -5.0),
        ({I1: None, P1: -10.0}, None),
    ],
)
def test_currents_take_the_sign_of_their_phase(values, current):
    assert signed(values)[I1] == current


@pytest.mark.parametrize(("hertz", "known"), [(50.0, True), (45.0, True), (0.0, False), (230.2, False), (None, False)])
def test_identity(hertz, known):
    complaint = identified(METER, {F: hertz})
    assert (complaint is None) is known
    if complaint:
        assert "frequency_hz reads" in complaint
        assert "not 45 to 65 (Eastron SDM630 Modbus); are two unit ids swapped?" in complaint


def test_the_probe_is_one_small_read():
    assert (probe(METER).at, probe(METER).count) == (0x46, 2)
    assert (probe(load_shipped("eastron-sdm72")).at, probe(load_shipped("eastron-sdm72")).count) == (0x34, 2)


@pytest.mark.parametrize(
    ("read", "kept"),
    [
        ([10, 11, 11, 12], [10, 11, 11, 12]),
        ([10, None, 11], [10, None, 11]),
        ([10, 3, 11], [10, None, 11]),
        ([10, 3, 4, 5], [10, None, 4, 5]),
        ([10, 3, 2, 4], [10, None, None, 4]),
    ],
    ids=["grows", "unknown", "one slip", "exchanged meter", "falls twice"],
)
def test_counters_only_grow(read, kept):
    """Edge case 8."""
    counter = Counter()
    assert [counter.take(value) for value in read] == kept


def test_profiles_parse_into_signals_with_their_defaults():
    raw = {
        "kind": "device-profile/v1", "id": "x", "title": "X", "sources": ["s"], "link": {},
        "defaults": {"table": "holding", "type": "f32", "words": "little"},
        "signals": {"a_w": {"at": "0x10"}, "b_w": {"at": 18, "table": "input", "type": "u16", "words": "big"}},
    }  # fmt: skip
    got = parse(raw).signals
    assert (got["a_w"].table, got["a_w"].type, got["a_w"].words, got["a_w"].at) == ("holding", "f32", "little", 16)
    assert (got["b_w"].table, got["b_w"].type, got["b_w"].words, got["b_w"].at) == ("input", "u16", "big", 18)
