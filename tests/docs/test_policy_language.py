"""docs/reference/policy-language.md and schemas.md: their examples are checked, and no key is left out."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from noonward.core.model import Mode
from noonward.policy import schema, units, yaml
from noonward.policy.load import check
from noonward.policy.problems import to_text
from support.policyfolder import document

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/reference/policy-language.md").read_text(encoding="utf-8")
SCHEMAS = (ROOT / "docs/reference/schemas.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```$", PAGE + SCHEMAS, re.MULTILINE | re.DOTALL)
YAML = [text for language, text in BLOCKS if language == "yaml"]
WRONG = next(text for text in YAML if "auto-soler" in text)
WHOLE = [text for text in YAML if re.search(r"^kind:", text, re.MULTILINE) and text is not WRONG]
PARTS = [text for text in YAML if text is not WRONG and text not in WHOLE]


def test_the_page_has_examples_of_every_sort():
    assert {yaml.read(text).data["kind"] for text in WHOLE} == {"appliance/v1", "ev-zone/v1", "site/v1"}
    assert len(PARTS) == 2


@pytest.mark.parametrize("text", WHOLE)
def test_a_whole_example_is_valid(text, tmp_path):
    assert schema.problems(document(text, tmp_path)) == []


@pytest.mark.parametrize("text", PARTS)
def test_a_part_of_a_policy_is_valid_in_a_policy(text, tmp_path):
    rest = {"kind": "appliance/v1", "name": "x", "mode": "manual", "load": {"power": "3 kW"}, "relays": ["a/b"]}
    policy = document(
        text
        + "".join(
            f"{key}: {json.dumps(value)}\n"
            for key, value in rest.items()
            if not re.search(f"^{key}:", text, re.MULTILINE)
        ),
        tmp_path,
    )
    assert schema.problems(policy) == []


def test_the_wrong_example_is_told_as_the_page_shows_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("boiler.yaml").write_text(WRONG, encoding="utf-8")
    errors = [problem for problem in check([Path("boiler.yaml")]).problems if problem.severity == "error"]
    assert ("text", to_text(errors) + "\n") in BLOCKS


def keys(rules, path=()):
    """Yield every key of a schema with the keys above it."""
    for name, below in rules.get("properties", {}).items():
        yield (*path, name)
        yield from keys(below, (*path, name))
    for below in (rules.get("items"), rules.get("additionalProperties")):
        if isinstance(below, dict):
            yield from keys(below, path)


@pytest.mark.parametrize("kind", ["appliance/v1", "ev-zone/v1", "site/v1"])
def test_every_key_is_on_the_page(kind):
    for path in keys(schema.schema(kind)):
        described = schema.schema(kind)
        for key in path:
            described = described.get("properties", {}).get(key, {})
        if "properties" in described:
            continue  # its keys are listed
        names = {f"`{'.'.join(path)}`", f"`{path[-1]}`", f"{{{path[-1]}", f", {path[-1]}}}"}
        assert any(name in PAGE for name in names), ".".join(path)


def test_every_default_is_on_the_page():
    rows = {
        cells[0].strip(): cells[-1]
        for line in PAGE.splitlines()
        if line.startswith("| `") and (cells := line.strip("| ").split(" | "))
    }
    for kind in ("appliance/v1", "ev-zone/v1", "site/v1"):
        for path in keys(schema.schema(kind)):
            rules = schema.schema(kind)
            for key in path:
                rules = (
                    rules["properties"][key]
                    if key in rules.get("properties", {})
                    else rules["items"]["properties"][key]
                    if "items" in rules
                    else {}
                )
            row = rows.get(f"`{'.'.join(path)}`")
            if row and "default" in rules:
                default = rules["default"]
                wanted = json.dumps(default) if isinstance(default, bool) else str(default)
                assert wanted in row, (path, row)


def test_every_mode_and_unit_is_on_the_page():
    assert all(f"| `{mode}` |" in PAGE for mode in Mode)
    assert all(f"`{unit}`" in PAGE for unit in units.UNITS if unit != "V")


def test_every_schema_is_listed():
    assert all(f"`{kind}` | `{schema.file_name(kind)}`" in SCHEMAS for kind in schema.KINDS)
