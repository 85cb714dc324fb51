"""The page "Add a device" runs: its sessions are played, its excerpts are the code they quote."""

from __future__ import annotations

import asyncio
import doctest
import re
import textwrap
import tomllib
from io import StringIO
from pathlib import Path

import pytest
import ruamel.yaml

from noonward.ports import ConfigFault
from noonward_drivers._blueprint import DRIVER
from support.text_box import TextBox

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/how-to/add-a-device.md").read_text()
QUOTED = [
    (ROOT / place).read_text() for place in ("drivers/noonward_drivers/_blueprint.py", "tests/support/benches.py")
]


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("excerpt", blocks("python"))
def test_an_excerpt_stands_in_the_code_it_is_taken_from(excerpt):
    assert any(excerpt in code for code in QUOTED), "the page quotes code that has changed"


def test_the_sessions_say_what_really_happens():
    loop = asyncio.new_event_loop()
    box = TextBox()
    loop.run_until_complete(box.plug_in())
    try:
        session = "\n".join(blocks("pycon"))
        names = {"box": box, "run": loop.run_until_complete}
        test = doctest.DocTestParser().get_doctest(session, names, "add-a-device", None, 0)
        told = StringIO()
        result = doctest.DocTestRunner(verbose=False).run(test, out=told.write)
    finally:
        loop.run_until_complete(box.unplug())
        loop.close()
    assert result.attempted >= 8
    assert result.failed == 0, told.getvalue()


def test_the_entry_for_site_yaml_is_one():
    (written,) = blocks("yaml")
    ((_, entry),) = ruamel.yaml.YAML(typ="safe").load(written)["devices"].items()
    assert entry.pop("driver") == DRIVER.name
    assert not isinstance(DRIVER.describe(entry), ConfigFault)


def test_the_entry_point_is_of_our_group():
    (written,) = blocks("toml")
    ours = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["entry-points"]
    assert set(tomllib.loads(written)["project"]["entry-points"]) == set(ours)


def test_the_files_that_it_names_exist():
    named = re.findall(r"`((?:drivers|tests|docs)/[\w/.-]+\.py)`", PAGE)
    assert len(named) >= 4
    assert [name for name in named if not (ROOT / name).exists() and "NAME" not in name] == []


def test_the_command_that_it_shows_selects_tests():
    (command,) = blocks("sh")
    assert textwrap.dedent(command).split() == ["pytest", "tests/contract", "-k", DRIVER.name]
