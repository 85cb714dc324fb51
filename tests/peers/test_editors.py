"""The schemas, as they stand, in the tools that people have: yaml-language-server (editors) and check-jsonschema (CI)."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from zlib import crc32

import pytest
from ruamel.yaml import YAML

from noonward.policy import schema
from support.lsp import YamlLanguageServer

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "policies").rglob("*.yaml"))

APPLIANCE = """\
# yaml-language-server: $schema=../schemas/appliance.v1.json
kind: appliance/v1
name: boiler
mode: timer
load: {power: 3 kW, min_on: 20 min}
relays: [cellar/relay-1]
timers:
  - {name: low tariff, start: "30 22 * * *", stop: "0 6 * * *"}
"""

BAD = {
    "a power without its unit": (APPLIANCE.replace("3 kW", '"3000"'), ["5: write a power with its unit, for example 3 kW or 1380 W"]),
    "a duration in words": (APPLIANCE.replace("20 min", "20 minutes"), ["5: write a duration with its unit, for example 20 min or 1 h 30 min"]),
    "a name in capitals": (APPLIANCE.replace("boiler", "Boiler"), ["3: write small letters, digits and single hyphens, for example boiler-cellar"]),
    "a relay without its device": (APPLIANCE.replace("cellar/", ""), ["6: write device/channel, for example cellar/relay-1"]),
    "a sixth cron field": (APPLIANCE.replace("30 22", "0 30 22"), ['8: write five cron fields in quotes: minute hour day-of-month month day-of-week, for example "30 22 * * *"']),
    "an unknown key": (APPLIANCE + "prority: 3\n", ["9: Property prority is not allowed."]),
    "a missing key": (APPLIANCE.partition("timers")[0], ['2: Missing property "timers".']),
    "a wrong mode": (APPLIANCE.replace("mode: timer", "mode: auto-soler"), ['4: Value is not accepted. Valid values: "auto-solar", "auto-timer", "timer", "always-on", "always-off", "manual".']),
    "a number for a power": (APPLIANCE.replace("3 kW", "3000"), ['5: Incorrect type. Expected "string".']),
}  # fmt: skip


@pytest.fixture(scope="module")
def editor():
    with YamlLanguageServer() as server:
        yield server


@pytest.mark.peer
@pytest.mark.parametrize("name", EXAMPLES)
def test_editors_show_no_red_on_the_example_site(editor, name):
    path = ROOT / name
    text = path.read_text(encoding="utf-8")
    assert text.startswith("# yaml-language-server: $schema=")
    assert editor.messages(path, text) == []


@pytest.mark.peer
@pytest.mark.parametrize("kind", schema.KINDS)
def test_editors_show_no_red_on_the_examples_of_the_schemas(editor, kind, tmp_path):
    for index, example in enumerate(json.loads(schema.text(kind)).get("examples", [])):
        text = f"# yaml-language-server: $schema={ROOT}/schemas/{schema.file_name(kind)}\n{json.dumps(example)}\n"
        assert editor.messages(tmp_path / f"{index}.yaml", text) == []


@pytest.mark.peer
@pytest.mark.parametrize(("text", "expected"), BAD.values(), ids=BAD)
def test_editors_say_what_to_write(editor, text, expected):
    path = ROOT / "policies" / f"unsaved-{crc32(text.encode())}.yaml"
    assert editor.messages(path, text) == expected


@pytest.mark.peer
def test_editors_explain_and_complete(editor):
    path = ROOT / "policies" / "unsaved.yaml"
    editor.messages(path, APPLIANCE)
    assert "What turns it on" in editor.hover(path, 4, 2)
    assert "Shortest run" in editor.hover(path, 5, 23)
    assert {"auto-solar", "manual"} <= set(editor.complete(path, 4, 7))


# --- check-jsonschema ------------------------------------------------------------------------------------------------


def check(kind, *paths):
    program = Path(sys.executable).parent / "check-jsonschema"
    if not program.exists():
        pytest.skip("check-jsonschema is not installed")
    arguments = [str(program), "--schemafile", str(ROOT / "schemas" / schema.file_name(kind)), *map(str, paths)]
    return subprocess.run(arguments, capture_output=True, text=True, check=False)


@pytest.mark.peer
def test_check_jsonschema_accepts_the_example_site():
    kinds = {}
    for name in EXAMPLES:
        kinds.setdefault(
            YAML(typ="safe", pure=True).load((ROOT / name).read_text(encoding="utf-8")).get("kind"), []
        ).append(ROOT / name)
    kinds.pop(None, None)  # templates
    assert {"site/v1", "appliance/v1"} <= set(kinds)
    for kind, paths in kinds.items():
        result = check(kind, *paths)
        assert result.returncode == 0, result.stdout


@pytest.mark.peer
def test_check_jsonschema_refuses_what_editors_refuse(tmp_path):
    paths = []
    for index, (text, _) in enumerate(BAD.values()):
        paths.append(tmp_path / f"{index}.yaml")
        paths[-1].write_text(text, encoding="utf-8")
    result = check("appliance/v1", *paths)
    assert result.returncode == 1
    assert all(f"/{index}.yaml::$" in result.stdout for index in range(len(BAD))), result.stdout


@pytest.mark.peer
def test_check_jsonschema_accepts_every_schema_as_a_schema():
    program = Path(sys.executable).parent / "check-jsonschema"
    if not program.exists():
        pytest.skip("check-jsonschema is not installed")
    paths = [str(ROOT / "schemas" / schema.file_name(kind)) for kind in schema.KINDS]
    result = subprocess.run([str(program), "--check-metaschema", *paths], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout
