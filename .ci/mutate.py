"""Mutate the core and print the score, module by module, with what survived.

mutmut wants the package below ``src/``; this lays out such a tree in a temporary folder, runs the core's own tests on
every mutant, and shows what nobody noticed. Options are handed to ``mutmut run`` (names or patterns of mutants).
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
SETTINGS = """\
[tool.pytest.ini_options]
addopts = ["--import-mode=importlib"]
pythonpath = ["tests"]
markers = ["peer", "long"]
asyncio_mode = "auto"
timeout = 60

[tool.mutmut]
source_paths = ["src/noonward/core"]
also_copy = ["src", "tests"]
pytest_add_cli_args_test_selection = ["tests/core"]
pytest_add_cli_args = ["-p", "no:randomly", "-p", "no:cacheprovider"]
"""
KILLED = {"killed", "timeout", "segfault", "caught by type check"}
STATUS = re.compile(r"^\s+(\S+): (.+)$")


def lay_out(place: Path) -> None:
    """Copy what the core's tests need."""
    skip = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "engine" / "noonward", place / "src" / "noonward", ignore=skip)
    for folder in ("core", "support"):
        shutil.copytree(ROOT / "tests" / folder, place / "tests" / folder, ignore=skip)
    shutil.copy(ROOT / "tests" / "conftest.py", place / "tests" / "conftest.py")
    (place / "pyproject.toml").write_text(SETTINGS)


def main() -> int:
    """Run mutmut and print its score."""
    place = Path(tempfile.mkdtemp(prefix="noonward-mutants-"))
    lay_out(place)
    mutmut = [sys.executable, "-m", "mutmut"]
    environment = {**os.environ, "PYTHONPATH": str(place / "src")}
    run = subprocess.run(  # noqa: S603 - our own tool on our own tree
        [*mutmut, "run", *sys.argv[1:]], cwd=place, env=environment, check=False, stdout=subprocess.DEVNULL
    )
    results = subprocess.run(  # noqa: S603
        [*mutmut, "results", "--all", "true"], cwd=place, env=environment, check=False, capture_output=True, text=True
    )
    found = [match.groups() for line in results.stdout.splitlines() if (match := STATUS.match(line))]
    if not found:
        print(results.stdout + results.stderr, file=sys.stderr)
        return run.returncode or 1
    score: dict[str, Counter[str]] = {}
    for name, status in found:
        module = name.split(".x", 1)[0]
        score.setdefault(module, Counter())["killed" if status in KILLED else status] += 1
    for module, counts in sorted(score.items()):
        total = sum(counts.values())
        print(f"{module:32} {counts['killed']:4} of {total:4} killed  {counts['killed'] / total:6.1%}")
    killed, total = sum(c["killed"] for c in score.values()), len(found)
    print(f"{'core':32} {killed:4} of {total:4} killed  {killed / total:6.1%}")
    survivors = sorted(name for name, status in found if status not in KILLED)
    print(f"\nnot noticed ({len(survivors)}); look at one with: cd {place} && python -m mutmut show NAME")
    print("\n".join(f"  {name}" for name in survivors))
    return 0


if __name__ == "__main__":
    sys.exit(main())
