"""The page "Python API" is executed, and the names that ``noonward`` exports are cheap and documented."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import noonward

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/reference/python-api.md").read_text(encoding="utf-8")


def python(program):
    return subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True).stdout


def test_the_program_prints_what_the_page_shows():
    program, shown = re.search(r"```python\n(.*?)```\n\n```text\n(.*?)```", PAGE, re.DOTALL).groups()
    assert python(program) == shown


@pytest.mark.parametrize("name", noonward.__all__)
def test_an_exported_name_is_there_and_on_the_page(name):
    assert getattr(noonward, name).__name__ == name
    assert f":: noonward.{name}\n" in PAGE


def test_nothing_else_is_promised():
    assert set(re.findall(r":: noonward\.(\w+)\n", PAGE)) == set(noonward.__all__)
    with pytest.raises(AttributeError, match="'noonward' has no attribute 'stepp'"):
        noonward.stepp  # noqa: B018 - asking is the test


def test_importing_the_package_and_deciding_stay_light():
    loaded = "import sys, noonward; noonward.step, noonward.Observation; print(*sys.modules, sep='\\n')"
    modules = set(python(loaded).split())
    assert "noonward.core.step" in modules
    assert not modules & {"ruamel", "jsonschema", "croniter", "click", "asyncio", "noonward.policy"}
    assert "noonward.core" not in python("import sys, noonward; print(*sys.modules, sep='\\n')").split()
