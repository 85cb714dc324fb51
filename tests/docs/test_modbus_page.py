"""docs/reference/modbus.md says what is so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from noonward.policy.load import check
from noonward_drivers.modbus import parse
from noonward_drivers.modbus.device import SCHEMA, understand
from noonward_drivers.modbus.sheet import read_yaml

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "modbus.md").read_text()
BLOCKS = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
TABLE = PAGE.split("## Shipped profiles")[1].split("All of them")[0]
DEAD_MAN = {None: "", "per_command": "flash-on, each relay", "device_wide": "safe mode, whole module"}


def test_every_key_of_an_entry_is_told():
    told = set(re.findall(r"`(\w+)`", PAGE.split("| key | default | meaning |")[1].split("Channels:")[0]))
    assert set(SCHEMA["properties"]) <= told


def test_the_entries_shown_are_good(tmp_path):
    (tmp_path / "my-meter.yaml").write_text(BLOCKS[1])
    for config in read_yaml(BLOCKS[0].encode())["devices"].values():
        path = config["profile"]
        understand({**config, "profile": str(tmp_path / path) if "/" in path else path})


@pytest.mark.parametrize("name", parse.shipped())
def test_every_shipped_profile_stands_in_the_table_with_its_dead_man(name):
    profile = parse.load_shipped(name)
    if name.startswith("generic-coils-"):
        assert name.removeprefix("generic-coils") in TABLE
        return
    (row,) = (line for line in TABLE.splitlines() if f"`{name}`" in line)
    cells = [cell.strip() for cell in row.strip("|").split("|")]
    dead_man = profile.outputs.dead_man.kind if profile.outputs and profile.outputs.dead_man else None
    assert cells[4] == DEAD_MAN[dead_man]
    if "TCP" not in cells[3]:
        assert cells[3] == f"{profile.line.baud} 8{profile.line.parity}{profile.line.stop_bits}"
    assert ("relays" in cells[2]) == (profile.outputs is not None)
    assert ("meter" in cells[2]) == bool(profile.signals)


@pytest.mark.parametrize("text", BLOCKS[1:])
def test_the_profiles_shown_are_good(tmp_path, text):
    profile = parse.parse(read_yaml(text.encode()))
    (tmp_path / f"{profile.id}.yaml").write_text(text)
    (tmp_path / "site.yaml").write_text("kind: site/v1\nname: house\ntimezone: UTC\ngrid: {fuse: 35 A}\n")
    assert not [str(problem) for problem in check([tmp_path]).problems if problem.file.endswith(f"{profile.id}.yaml")]
