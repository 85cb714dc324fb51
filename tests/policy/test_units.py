"""``noonward.policy.units``."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from noonward.policy import units

GOOD = [
    ("3 kW", 3000.0, "power"),
    ("3kW", 3000.0, "power"),
    ("1380 W", 1380.0, "power"),
    ("-500 W", -500.0, "power"),
    ("0.0005 MW", 500.0, "power"),
    ("6 A", 6.0, "current"),
    ("230 V", 230.0, "voltage"),
    ("75 %", 0.75, "share"),
    ("57 %", 0.57, "share"),
    ("100%", 1.0, "share"),
    ("8 kWp", 8000.0, "peak"),
    ("6 kWh", 6000.0, "energy"),
    ("300 l", 300.0, "volume"),
    ("60 °C", 60.0, "temperature"),
    ("20 min", 1200.0, "duration"),
    ("1 h 30 min", 5400.0, "duration"),
    ("1h30min", 5400.0, "duration"),
    ("2 d 0.5 h 1 s", 174601.0, "duration"),
    ("0 s", 0.0, "duration"),
]


@pytest.mark.parametrize(("text", "value", "quantity"), GOOD)
def test_a_value_with_its_unit_is_read_into_base_units(text, value, quantity):
    assert units.parse(text) == units.Measure(value, quantity)
    assert units.number(text) == value


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "3", "3 KW", "3  kW", " 3 kW", "3 kW ", "3 kW 5 W", "2 W 3 W", "30 min 1 h", "1 h 1 h", "1 h 3 kW",
        "kW", "3,5 kW", "1e3 W", "--3 W", "- 3 W", "+3 W", "3 min 3", "nan W", "inf W", "3 kW\n", "٣ kW", "3_000 W", ".5 kW", "5. kW",
    ],
)  # fmt: skip
def test_anything_else_is_not_a_measure(text):
    assert units.parse(text) is None


@pytest.mark.parametrize(
    ("value", "expected"), [(3, 3.0), (0.5, 0.5), (True, None), (None, None), ([], None), ("x", None)]
)
def test_a_plain_number_stays_as_it_is(value, expected):
    assert units.number(value) == expected


@pytest.mark.parametrize(
    ("value", "quantities", "message", "hint"),
    [
        (3000, ("power",), "3000 has no unit", "write the unit: 3000 W"),
        ("3000", ("power",), "3000 has no unit", "write the unit: 3000 W"),
        (0, ("duration",), "0 has no unit", "write the unit: 0 min or 0 s"),
        (50, ("share", "power"), "50 has no unit", "write the unit: 50 % or 50 W"),
        ("3 KW", ("power",), '"3 KW" is not a power as it is written here', 'did you mean "3 kW"?'),
        ("3,5 kw", ("power",), '"3,5 kw" is not a power as it is written here', 'did you mean "3.5 kW"?'),
        ("3'000 W", ("power",), '"3\'000 W" is not a power as it is written here', 'did you mean "3000 W"?'),
        ("20 minutes", ("duration",), '"20 minutes" is not a duration as it is written here', 'did you mean "20 min"?'),
        ("1h30m", ("duration",), '"1h30m" is not a duration as it is written here', 'did you mean "1 h 30 min"?'),
        ("50 percent", ("share",), '"50 percent" is not a percentage as it is written here', 'did you mean "50 %"?'),
        ("16 amps", ("current",), '"16 amps" is not a current as it is written here', 'did you mean "16 A"?'),
        ("60 C", ("temperature",), '"60 C" is not a temperature as it is written here', 'did you mean "60 °C"?'),
        ("6 kWh", ("power",), '"6 kWh" is an energy, but this is a power', "for example 3 kW or 1380 W"),
        ("-3 W", ("power",), '"-3 W" is below zero', None),
        (
            "22:00",
            ("duration",),
            '"22:00" looks like a time of day, but this is a duration',
            "for example 20 min or 1 h 30 min",
        ),
        ("lots", ("power",), '"lots" is not a power', "for example 3 kW or 1380 W"),
        (True, ("power",), "expected a power", "for example 3 kW or 1380 W"),
        (["3 kW"], ("share", "power"), "expected a percentage or a power", "for example 75 % or 3 kW or 1380 W"),
    ],
)
def test_a_wrong_value_is_told_how_to_be_right(value, quantities, message, hint):
    assert units.explain(value, quantities) == (message, hint)


def test_below_zero_is_no_fault_where_it_is_allowed():
    message, _ = units.explain("-3 kWh", ("power",), negative=True)
    assert message == '"-3 kWh" is an energy, but this is a power'


@pytest.mark.parametrize(
    ("value", "quantity", "text"),
    [
        (3000.0, "power", "3 kW"), (1380.0, "power", "1380 W"), (500.0, "power", "500 W"), (0.0, "power", "0 W"),
        (-500.0, "power", "-500 W"), (22000.0, "power", "22 kW"), (0.75, "share", "75 %"), (6000.0, "energy", "6 kWh"),
        (6.0, "current", "6 A"), (0.0, "duration", "0 s"), (90.0, "duration", "1 min 30 s"), (1200.0, "duration", "20 min"),
        (5400.0, "duration", "1 h 30 min"), (86400.0, "duration", "1 d"), (0.5, "duration", "0.5 s"),
    ],
)  # fmt: skip
def test_a_number_is_written_as_people_write_it(value, quantity, text):
    assert units.write(value, quantity) == text


@given(st.integers(0, 10_000_000), st.sampled_from(["power", "duration", "energy", "current"]))
def test_what_is_written_reads_back(value, quantity):
    assert units.parse(units.write(float(value), quantity)) == units.Measure(float(value), quantity)


@given(st.text(max_size=30))
def test_no_text_breaks_reading_or_explaining(text):
    measure = units.parse(text)
    message, _ = units.explain(text, ("duration",))
    assert measure is None or measure.quantity in {quantity for quantity, _ in units.UNITS.values()}
    assert message
