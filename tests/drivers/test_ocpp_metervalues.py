"""Meter values as stations write them."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ocpp.charge_point import camel_to_snake_case, snake_to_camel_case

from noonward_drivers.ocpp import wiretime
from noonward_drivers.ocpp.metervalues import samples

T = "2026-06-01T08:00:00Z"
AT = 1_780_300_800.0
AMP, P, E, V = "Current.Import", "Power.Active.Import", "Energy.Active.Import.Register", "Voltage"
NONE = (None, None, None)


def row(value, measurand=None, phase=None, unit=None, **more):
    known = {"measurand": measurand, "phase": phase, "unit": unit}
    return {"value": value, **{key: found for key, found in known.items() if found is not None}, **more}


def one(*rows, timestamp=T):
    """Return the one sample of these rows, None where there is none."""
    found = samples([{"timestamp": timestamp, "sampledValue": list(rows)}])
    assert len(found) <= 1
    return found[0] if found else None


SINGLE = [  # one sampled value, the field it fills, what it is
    (row("1380", P, unit="W"), "power_w", 1380.0),
    (row("1380", P), "power_w", 1380.0),
    (row("7.36", P, unit="kW"), "power_w", 7360.0),
    (row("7.36", P, unit="KW"), "power_w", 7360.0),
    (row(" 9.6", P, unit=" W "), "power_w", 9.6),
    (row("  9.6\n", AMP), "current_lone_a", 9.6),
    (row("-40", P), "power_w", -40.0),
    (row("1e3", P), "power_w", 1000.0),
    (row(1380, P), "power_w", 1380.0),
    (row(1380.5, P), "power_w", 1380.5),
    (row("12345"), "energy_wh", 12345.0),
    (row("12.345", unit="kWh"), "energy_wh", 12345.0),
    (row("12345", E, unit="Wh"), "energy_wh", 12345.0),
    (row("0", E), "energy_wh", 0.0),
    (row("16", "Current.Offered"), "offered_a", 16.0),
    (row("11", "Power.Offered", unit="kW"), "offered_w", 11000.0),
    (row("44", "SoC", unit="Percent"), "soc_percent", 44.0),
    (row("16000", AMP, "L1", "mA"), "current_a", (16.0, None, None)),
    (row("15.9", AMP, "L1"), "current_a", (15.9, None, None)),
    (row("15.9", AMP, "L2-N"), "current_a", (None, 15.9, None)),
    (row("15.9", AMP, "N"), "current_a", (15.9, None, None)),
    (row("15.9", "Current.Import.L3"), "current_a", (None, None, 15.9)),
    (row("231", V, "L1-N", "V"), "voltage_v", (231.0, None, None)),
    (row("3680", P, "L1"), "power_phase_w", (3680.0, None, None)),
    (row("3680", P, "L1"), "power_w", 3680.0),
    ({"value": 7.36, "measurand": P, "unitOfMeasure": {"unit": "W", "multiplier": 3}}, "power_w", 7360.0),
    ({"value": 7.36, "measurand": P, "unitOfMeasure": {"unit": "kW"}}, "power_w", 7360.0),
    ({"value": 5, "unitOfMeasure": {"multiplier": 3}}, "energy_wh", 5000.0),
]


@pytest.mark.parametrize(("value", "field", "expected"), SINGLE, ids=range(len(SINGLE)))
def test_one_value_is_read(value, field, expected):
    assert getattr(one(value), field) == expected


UNKNOWN = [
    row("1e308", E, unit="kWh"),  # a number as it stands, and none in Wh
    row("-9e13", P),
    row("", P), row("   ", P), row("n/a", P), row("NaN", P), row("inf", P), row("1e400", P), row("9,6", P), row(None, P),
    row(True, P), row([], P), row("1", P, unit="VA"), row("1", "Temperature", unit="Celsius"), row("1", V, "L1-L2"),
    row("1", P, "L4"), row("1", "Power.Active.Export"), row("1", ["Voltage"]), row("1", P, {}), {}, {"measurand": P},
    {"value": 1, "measurand": P, "unitOfMeasure": {"multiplier": 99}}, {"value": 1, "measurand": P, "unitOfMeasure": "W", "unit": 7},
    row("OCMF|{}", E, format="SignedData"), row("1" * 5000, P),
]  # fmt: skip


@pytest.mark.parametrize("value", UNKNOWN, ids=range(len(UNKNOWN)))
def test_what_cannot_be_read_is_unknown_and_never_zero(value):
    assert one(value) is None
    beside = one(value, row("6", AMP, "L1"))
    assert beside.power_w is None
    assert beside.energy_wh is None
    assert beside.current_a == (6.0, None, None)


def test_three_phases():
    found = one(*(row(str(n), AMP, f"L{n}") for n in (1, 2, 3)), *(row(f"23{n}", V, f"L{n}-N") for n in (1, 2, 3)))
    assert found.current_a == (1.0, 2.0, 3.0)
    assert found.voltage_v == (231.0, 232.0, 233.0)


def test_zero_placeholders_are_values():
    """A station that reports three phases for a car on one; who counts phases knows that zeros do not count."""
    assert one(row("7.9", AMP, "L1"), row("0.0", AMP, "L2"), row("0.0", AMP, "L3")).current_a == (7.9, 0.0, 0.0)


@pytest.mark.parametrize("n_first", [True, False])
def test_n_is_a_phase_only_where_there_is_no_other(n_first):
    rows = [row("0.3", AMP, "N"), row("8", AMP, "L2")]
    assert one(*(rows if n_first else rows[::-1])).current_a == (None, 8.0, None)
    assert one(row("8", AMP, "N"), row("231", V, "L1")).current_a == (8.0, None, None)


def test_one_current_and_three_voltages():
    found = one(row(" 9.6", AMP), *(row("231", V, f"L{n}") for n in (1, 2, 3)))
    assert (found.current_lone_a, found.current_a) == (9.6, NONE)
    assert found.voltage_v == (231.0, 231.0, 231.0)


def test_power_is_the_total_before_the_sum_of_phases():
    phases = [row("1000", P, f"L{n}") for n in (1, 2, 3)]
    assert one(*phases).power_w == 3000.0
    assert one(*phases, row("2990", P)).power_w == 2990.0
    assert one(*phases, row("2990", P)).power_phase_w == (1000.0, 1000.0, 1000.0)


@pytest.mark.parametrize("order", [1, -1])
def test_the_nearer_to_the_plug_counts(order):
    rows = [row("5000", P, location="Inlet"), row("3000", P, location="Outlet"), row("40", "SoC", location="EV")][
        ::order
    ]
    found = one(*rows)
    assert (found.power_w, found.soc_percent) == (3000.0, 40.0)
    assert one(row("5000", P, location="Inlet")).power_w == 5000.0


def test_the_time_is_the_payload_s():
    """Acceptance test 6, its groundwork: each entry keeps the time at which it was measured."""
    found = samples([
        {"timestamp": "2026-06-01T08:00:00Z", "sampledValue": [row("1", P)]},
        {"timestamp": "2026-06-01T07:00:00Z", "sampledValue": [row("2", P)]},
        {"timestamp": "2026-06-01T09:00:00Z", "sampledValue": []},
    ])  # fmt: skip
    assert [(sample.at - AT, sample.power_w) for sample in found] == [(0.0, 1.0), (-3600.0, 2.0)]


TIMES = [
    ("2026-06-01T08:00:00Z", AT), ("2026-06-01T08:00:00", AT), ("2026-06-01T10:00:00+02:00", AT),
    ("2026-06-01T08:00:00.500Z", AT + 0.5), ("2026-06-01T08:00:00.5000000Z", AT + 0.5), (" 2026-06-01T08:00:00Z ", AT),
    ("20260601T080000Z", AT), ("", None), ("yesterday", None), (None, None), (7, None), ("2026-13-01T08:00:00Z", None),
    ("0001-01-01T00:00:00+14:00", None),
]  # fmt: skip


@pytest.mark.parametrize(("text", "at"), TIMES, ids=range(len(TIMES)))
def test_a_time_is_read(text, at):
    found = wiretime.instant(text)
    assert found == at if at is not None else found is None or found < 0


def test_a_time_is_written_as_it_is_read():
    assert wiretime.written(AT + 0.25) == "2026-06-01T08:00:00.250Z"
    assert wiretime.instant(wiretime.written(AT + 0.25)) == AT + 0.25


@pytest.mark.parametrize("context", ["Transaction.End", "Trigger"])
def test_the_context_is_kept(context):
    assert one(row("1", P, context=context)).context == context
    assert one(row("1", P)).context == "Sample.Periodic"


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6) | st.sampled_from([AMP, P, E, "L1", "kW"]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(["value", "measurand", "phase", "unit", "unitOfMeasure", "multiplier", "location", "context", "sampledValue", "timestamp"]), inner, max_size=6),
    max_leaves=20,
)  # fmt: skip


@settings(max_examples=200)
@given(anything)
def test_whatever_is_there_nothing_raises(payload):
    for sample in samples(payload):
        assert sample.power_w is None or abs(sample.power_w) < float("inf")


def test_the_package_s_way_to_snake_case_and_back_loses_names():
    """Defect 12, as it is, and why payloads are read as they came."""
    custom = {"myKWhValue": 1, "EVSEPowerLimit": 2}
    assert snake_to_camel_case(camel_to_snake_case(custom)) != custom


def test_validation_stays_in_its_thread():
    """Defect 13: two thread hops a message, for nothing."""
    from ocpp import messages

    from noonward_drivers.ocpp import payloads

    assert messages.ASYNC_VALIDATION is False
    hops = []

    async def check():
        loop = asyncio.get_running_loop()
        loop.run_in_executor = lambda *args: hops.append(args)
        payloads.check_call("1.6", "Heartbeat", {})
        payloads.build("1.6", "ClearCache")

    asyncio.run(check())
    assert hops == []
    payloads.check_call("1.6", "Heartbeat", {})  # no loop is needed either
