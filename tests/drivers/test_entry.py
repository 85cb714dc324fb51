"""Values of a device entry as people write them, and what is said of those that cannot be meant."""

from __future__ import annotations

import re

import pytest

from noonward.errors import DriverError
from noonward_drivers.entry import EXAMPLES, UNITS, Entry, Faulty, parse, quantity_schema

WRITTEN = [
    ("power", "3 kW", 3000.0), ("power", "1380 W", 1380.0), ("power", "0.5MW", 500_000.0), ("power", "2.5 kW", 2500.0),
    ("power", "3", None), ("power", "kW", None), ("power", "3 kW 5 W", None), ("power", "3 kWh", None),
    ("power", "-3 kW", None), ("power", "3,5 kW", None), ("power", "3 kw", None), ("power", "", None),
    ("peak", "8 kWp", 8000.0), ("peak", "300 Wp", 300.0), ("peak", "8 kW", None),
    ("energy", "6 kWh", 6000.0), ("energy", "250 Wh", 250.0),
    ("duration", "300 ms", 0.3), ("duration", "45 s", 45.0), ("duration", "2 min", 120.0),
    ("duration", "1 h 30 min", 5400.0), ("duration", "1 d", 86400.0), ("duration", "1 h, 30 min", None),
    ("duration", "2 minutes", None), ("duration", "90", None), ("duration", "0 s", 0.0),
    ("volume", "300 l", 300.0), ("temperature", "60 °C", 60.0), ("temperature", "60 C", None),
]  # fmt: skip


@pytest.mark.parametrize(("quantity", "text", "value"), WRITTEN)
def test_a_quantity_is_read_with_its_unit_and_the_schema_agrees(quantity, text, value):
    assert parse(text, quantity) == value
    assert bool(re.search(quantity_schema(quantity, "")["pattern"], text)) is (value is not None)


@pytest.mark.parametrize("quantity", UNITS)
def test_the_example_of_a_quantity_is_one(quantity):
    assert parse(EXAMPLES[quantity], quantity) is not None


def ask(config, how, *args, **kwargs):
    try:
        return getattr(Entry(config, ("relays", "relay-1")), how)(*args, **kwargs)
    except Faulty as error:
        fault = error.fault
        assert fault.path[:2] == ("relays", "relay-1")
        return fault.path[2:], fault.message, fault.hint


@pytest.mark.parametrize(
    ("config", "call", "answer"),
    [
        ({"power": "3 kW"}, ("quantity", "power", "power"), 3000.0),
        ({}, ("quantity", "power", "power", 5.0), 5.0),
        ({}, ("quantity", "power", "power"), ((), '"power" is missing', None)),
        ({"power": 3000}, ("quantity", "power", "power"),
         (("power",), '"3000" is not a power', "write it with its unit, for example 3 kW")),
        ({"sky": "clear"}, ("choice", "sky", ("clear", "broken")), "clear"),
        ({"sky": "claer"}, ("choice", "sky", ("clear", "broken")),
         (("sky",), '"claer" is not a known "sky"', 'did you mean "clear"?')),
        ({"sky": 7}, ("choice", "sky", ("clear", "broken")),
         (("sky",), '"7" is not a known "sky"', "one of clear, broken")),
        ({"host": ""}, ("text", "host"), (("host",), '"" is not a text', 'put it in quotes: host: ""')),
        ({"unit": 1}, ("integer", "unit", 1, 3), 1),
        ({"unit": 3}, ("integer", "unit", 1, 3), 3),
        ({"unit": 0}, ("integer", "unit", 1, 3), (("unit",), '"0" is not a whole number from 1 to 3', None)),
        ({"unit": 4}, ("integer", "unit", 1, 3), (("unit",), '"4" is not a whole number from 1 to 3', None)),
        ({"unit": True}, ("integer", "unit", 1, 3), (("unit",), '"True" is not a whole number from 1 to 3', None)),
        ({"unit": 1.0}, ("integer", "unit", 1, 3), (("unit",), '"1.0" is not a whole number from 1 to 3', None)),
        ({"phases": ["L2", "L1"]}, ("several", "phases", ("L1", "L2"), ("L1",)), ("L2", "L1")),
        ({}, ("several", "phases", ("L1", "L2"), ("L1",)), ("L1",)),
        ({"phases": "L1"}, ("several", "phases", ("L1", "L2"), ("L1",)),
         (("phases",), '"L1" is not a list', "for example [L1]")),
        ({"phases": []}, ("several", "phases", ("L1",), ("L1",)), (("phases",), '"[]" is not a list', "for example [L1]")),
        ({"phases": ["L1", "L4"]}, ("several", "phases", ("L1", "L2"), ("L1",)),
         (("phases", 1), '"L4" is not known here', "one of L1, L2")),
        ({}, ("dead_man", 120.0), 120.0),
        ({"dead_man": "10 s"}, ("dead_man", 120.0), 10.0),
        ({"dead_man": "0 s"}, ("dead_man", 120.0), None),
        ({"dead_man": "9 s"}, ("dead_man", 120.0),
         (("dead_man",), "9 s is shorter than a restart: relays would click", "at least 10 s, or 0 s for none")),
        ({"power": 1}, ("only", "power"), None),
        ({"driver": "x"}, ("only", "power"), None),
        ({"pwoer": 1}, ("only", "power"), (("pwoer",), 'unknown key "pwoer"', 'did you mean "power"?')),
        ({"xyz": 1}, ("only", "power", "plant"), (("xyz",), 'unknown key "xyz"', "known here: power, plant")),
    ],
)  # fmt: skip
def test_what_an_entry_answers(config, call, answer):
    assert ask(config, *call) == answer


def test_entries_below_carry_their_path():
    ((name, below),) = Entry({"relays": {"relay-1": {"power": "x"}}}).entries("relays")
    with pytest.raises(Faulty) as raised:
        below.quantity("power", "power")
    assert (name, raised.value.fault.path) == ("relay-1", ("relays", "relay-1", "power"))


def test_whoever_opens_a_faulty_entry_gets_an_error_of_the_tree():
    assert issubclass(Faulty, DriverError)


def test_entries_below_must_be_mappings():
    with pytest.raises(Faulty, match='"relay-1" must be a mapping'):
        list(Entry({"relays": {"relay-1": "3 kW"}}).entries("relays"))
