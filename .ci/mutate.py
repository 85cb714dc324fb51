"""Mutate the core, run the core's own tests on every mutant, print the score and what nobody noticed.

    make mutate                      everything; the better part of an hour on two cores
    .ci/mutate.py surplus guard      only these modules of noonward/core

Two kinds of mutants. ``mutmut`` changes the bodies of functions. It cannot see data that is made when a module is
imported, and an appliance's behaviour is such data, so its rows and guards are mutated by ``mutate_rows.py``.

mutmut wants the package below ``src/``; this lays out such a tree in a temporary folder, with a conftest of its own:
tables are compiled anew for every test (else only the first test to need one would be seen to use it), and properties
draw few examples and do not shrink.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ROWS = "appliance"
"""The module that is nothing but rows and guards."""

SETTINGS = """\
[tool.pytest.ini_options]
addopts = ["--import-mode=importlib"]
pythonpath = ["src", "tests"]

[tool.mutmut]
source_paths = ["src/noonward/core"]
do_not_mutate = ["*/appliance.py"]
also_copy = ["src", "tests"]
pytest_add_cli_args_test_selection = ["tests/core"]
pytest_add_cli_args = ["-p", "no:cacheprovider"]
process_isolation = "forkserver"
"""
CONFTEST = """\
import pytest
from hypothesis import Phase, settings

from noonward.core import appliance

settings.register_profile(
    "mutants", max_examples=20, deadline=None, derandomize=True, database=None, phases=[Phase.explicit, Phase.generate]
)
settings.load_profile("mutants")


@pytest.fixture(autouse=True)
def _tables_are_compiled_anew():
    appliance._compiled.cache_clear()
"""
KILLED = {"killed", "timeout", "segfault"}
STATUS = re.compile(r"^\s*(\S+): (.+)$")


def lay_out(place: Path) -> None:
    """Copy what the core's tests need."""
    skip = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "engine" / "noonward", place / "src" / "noonward", ignore=skip)
    for folder in ("core", "support"):
        shutil.copytree(ROOT / "tests" / folder, place / "tests" / folder, ignore=skip)
    (place / "tests" / "conftest.py").write_text(CONFTEST)
    (place / "pyproject.toml").write_text(SETTINGS)


def statuses(place: Path, modules: list[str]) -> list[tuple[str, str]]:
    """Run both kinds of mutants and return (name, status) of each that was tried."""
    environment = {**os.environ, "PYTHONPATH": str(place / "src"), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}

    def output(*command: str | Path) -> str:
        done = subprocess.run(  # noqa: S603 - our own tools on our own tree
            [sys.executable, *command], cwd=place, env=environment, check=False, text=True, capture_output=True
        )
        if done.returncode:
            raise SystemExit(f"{' '.join(map(str, command))} failed:\n{done.stdout[-3000:]}{done.stderr}")
        return done.stdout

    printed = ""
    functions = [f"noonward.core.{module}.*" for module in modules if module != ROWS]
    if functions or not modules:
        output("-m", "mutmut", "run", *functions)
        printed += output("-m", "mutmut", "results", "--all", "true")
    if ROWS in modules or not modules:
        printed += output(ROOT / ".ci" / "mutate_rows.py")
    found = [match.groups() for line in printed.splitlines() if (match := STATUS.match(line))]
    return [(name, status) for name, status in found if status != "not checked"]


def main() -> int:
    """Print the score, module by module, and the mutants that nobody noticed."""
    place = Path(tempfile.mkdtemp(prefix="noonward-mutants-"))
    lay_out(place)
    found = statuses(place, sys.argv[1:])
    score: dict[str, Counter[bool]] = {}
    for name, status in found:
        score.setdefault(name.split(".")[2], Counter())[status in KILLED] += 1
    score["core"] = sum(score.values(), Counter())
    for module, counts in score.items():
        print(f"{module:12} {counts[True]:4} of {counts.total():4} noticed  {counts[True] / counts.total():6.1%}")
    print(f"\nnot noticed; look at one with: cd {place} && python -m mutmut show NAME")
    print("\n".join(f"  {name}: {status}" for name, status in found if status not in KILLED))
    return 0


if __name__ == "__main__":
    sys.exit(main())
