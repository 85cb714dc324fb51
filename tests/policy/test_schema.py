"""``noonward.policy.schema``, and the schemas themselves."""

from __future__ import annotations

import json
import re
from pathlib import Path
from zipfile import ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from noonward.errors import UsageError
from noonward.policy import schema, units

CHECKOUT = Path(__file__).parents[2] / "schemas"

SCHEMAS = [pytest.param(json.loads(schema.text(kind)), id=kind) for kind in schema.KINDS]


def walk(node, path=()):
    """Yield every subschema with its path."""
    if isinstance(node, dict):
        yield path, node
        for key, below in node.items():
            if key not in {"examples", "default", "enum", "const"}:
                yield from walk(below, (*path, key))
    elif isinstance(node, list):
        for index, below in enumerate(node):
            yield from walk(below, (*path, index))


@pytest.mark.parametrize("rules", SCHEMAS)
def test_a_schema_is_valid_and_stands_alone(rules):
    Draft202012Validator.check_schema(rules)
    assert rules["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert "oneOf" not in rules
    for _, node in walk(rules):
        if "$ref" in node:
            assert node["$ref"].removeprefix("#/$defs/") in rules["$defs"]


@pytest.mark.parametrize("rules", SCHEMAS)
def test_a_schema_describes_every_key(rules):
    for path, node in walk(rules):
        conditional = {"if", "then", "else", "not"} & set(map(str, path))
        if path and path[-2:-1] == ("properties",) and not conditional:
            target = rules["$defs"][node["$ref"].removeprefix("#/$defs/")] if "$ref" in node else {}
            assert node.get("description") or target.get("description"), path


@pytest.mark.parametrize("rules", SCHEMAS)
def test_a_schema_allows_no_unknown_key(rules):
    for path, node in walk(rules):
        if node.get("type") == "object" and "propertyNames" not in node and path[-1:] != ("signals",):
            open_ended = "additionalProperties" not in node
            assert not open_ended or path[-1:] == ("additionalProperties",) or path == ("$defs", "plant"), path


@pytest.mark.parametrize("rules", SCHEMAS)
def test_a_schema_says_the_same_to_editors_and_to_us(rules):
    for path, node in walk(rules):
        if "pattern" in node and "propertyNames" not in path:
            assert "patternErrorMessage" in node, path
            assert node.get("x-error", node["patternErrorMessage"]).startswith(node["patternErrorMessage"]), path
            assert ("x-unit" in node) != ("x-error" in node) or node.get("format"), path


@pytest.mark.parametrize("rules", SCHEMAS)
def test_examples_and_defaults_of_a_schema_are_valid(rules):
    for path, node in walk(rules):
        if "$ref" in node:
            target = rules["$defs"][node["$ref"].removeprefix("#/$defs/")]
            checked = {**target, **{key: value for key, value in node.items() if key != "$ref"}}
        else:
            checked = node
        for value in [*checked.get("examples", ()), *([checked["default"]] if "default" in checked else ())]:
            errors = [
                e.message for e in Draft202012Validator({**checked, "$defs": rules.get("$defs", {})}).iter_errors(value)
            ]
            assert not errors, (path, value, errors)


def test_what_schemas_share_is_the_same_in_all():
    seen = {}
    for kind in schema.KINDS:
        for name, rules in json.loads(schema.text(kind)).get("$defs", {}).items():
            if name in {"signal", "band"}:
                continue
            first_kind, first = seen.setdefault(name, (kind, rules))
            assert rules == first, f"{name} differs between {first_kind} and {kind}"


@pytest.mark.parametrize(
    ("kind", "name", "quantities"),
    [
        ("appliance", "power", ("power",)), ("appliance", "threshold", ("share", "power")), ("appliance", "duration", ("duration",)),
        ("ev-zone", "current", ("current",)), ("ev-zone", "percent", ("share",)), ("scenario", "energy", ("energy",)),
        ("scenario", "volume", ("volume",)),
    ],
)  # fmt: skip
def test_the_pattern_for_editors_accepts_what_the_loader_accepts(kind, name, quantities):
    pattern = json.loads(schema.text(kind))["$defs"][name]["pattern"]

    @given(st.lists(st.sampled_from(["1", "20", "0.5", ".", " ", "  ", "-", *units.UNITS]), max_size=9).map("".join))
    def same(text):
        measure = units.parse(text)
        ours = measure is not None and measure.quantity in quantities and not text.startswith("-")
        assert bool(re.search(pattern, text)) == ours, text

    same()


def test_schemas_are_found_in_the_checkout_and_in_an_installed_package(tmp_path, monkeypatch):
    assert schema.folder() == CHECKOUT
    (tmp_path / "schemas").mkdir()
    monkeypatch.setattr(schema, "files", lambda package: tmp_path)
    assert schema.folder() == tmp_path / "schemas"


def test_the_wheel_carries_every_schema(tmp_path):
    wheel = pytest.importorskip("hatchling.builders.wheel", reason="hatchling is not installed")
    (built,) = wheel.WheelBuilder(str(CHECKOUT.parent)).build(directory=str(tmp_path), versions=["standard"])
    with ZipFile(built) as archive:
        for kind in schema.KINDS:
            assert archive.read(f"noonward/schemas/{schema.file_name(kind)}").decode() == schema.text(kind)


@pytest.mark.parametrize("kind", ["appliance", "appliance/v1"])
def test_a_schema_is_shown_by_kind_with_or_without_version(kind):
    assert schema.text(kind) == (CHECKOUT / "appliance.v1.json").read_text(encoding="utf-8")


@pytest.mark.parametrize("kind", ["boiler", "appliance/v2", "../pyproject", ""])
def test_an_unknown_kind_is_a_usage_error(kind):
    with pytest.raises(UsageError, match="there are site, appliance"):
        schema.text(kind)
