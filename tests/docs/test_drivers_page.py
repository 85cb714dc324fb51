"""The page "Drivers" is written from the drivers' own schemas, and its examples are entries that they take."""

from __future__ import annotations

import re
from importlib.metadata import entry_points
from pathlib import Path

import jsonschema
import pytest
import ruamel.yaml

from noonward.ports import ConfigFault
from support.docpage import generator

DOCS = Path(__file__).parents[2] / "docs"
DRIVERS = {point.name: point for point in entry_points(group="noonward.drivers")}
PAGE = (DOCS / "reference" / "drivers.md").read_text(encoding="utf-8")
ENTRIES = [
    (name, entry)
    for block in re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    for name, entry in ruamel.yaml.YAML(typ="safe").load(block)["devices"].items()
]


def test_the_page_is_what_the_schemas_say():
    module = generator("drivers")
    assert module.page() == PAGE, "run: python docs/generate/drivers.py"


def test_every_driver_that_ships_is_on_the_page():
    assert [name for name in DRIVERS if f"`{name}`" not in PAGE] == []


@pytest.mark.parametrize(("name", "entry"), ENTRIES, ids=[name for name, _ in ENTRIES])
def test_an_example_is_an_entry_that_its_driver_takes(name, entry):
    driver = DRIVERS[entry["driver"]].load()
    config = {key: value for key, value in entry.items() if key != "driver"}
    jsonschema.validate(config, driver.schema)
    assert not isinstance(driver.describe(config), ConfigFault)
