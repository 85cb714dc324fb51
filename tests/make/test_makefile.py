"""The Makefile is what a newcomer meets first: it helps, and says what is missing."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "Makefile").read_text(encoding="utf-8")


def make(folder, *words):
    environ = {key: value for key, value in os.environ.items() if not key.startswith("MAKE")}  # as from a shell
    return subprocess.run(
        ["make", *words], cwd=folder, env=environ, capture_output=True, text=True, check=False, timeout=60
    )


@pytest.fixture
def fresh(tmp_path):
    """A checkout in which nothing has been set up."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    shutil.copytree(ROOT / "requirements", tmp_path / "requirements")
    return tmp_path


def python(folder, script):
    program = folder / "some-python"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    return f"PYTHON={program}"


def test_without_a_target_it_says_what_there_is():
    targets = set(re.search(r"^\.PHONY: (.*)$", TEXT, re.MULTILINE)[1].split())
    shown = make(ROOT).stdout
    assert {line.split()[1] for line in shown.splitlines()} == targets


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("exit 1", "Noonward needs Python 3.11 or newer"),
        ('case "$*" in *venv*) mkdir -p .venv/bin; touch .venv/bin/python; exit 1;; esac', "apt install python3-venv"),
    ],
    ids=["too old", "no venv"],
)
def test_what_is_missing_is_said_and_leaves_nothing_behind(fresh, script, said):
    done = make(fresh, python(fresh, script), "run")
    assert done.returncode == 2
    assert said in done.stderr
    assert not (fresh / ".venv").exists()


def test_every_benchmark_is_run_but_the_one_that_needs_recordings():
    listed = re.search(r"for b in ([\w ]+);", make(ROOT, "--dry-run", "bench").stdout)[1].split()
    assert set(listed) == {path.stem for path in (ROOT / "benchmarks").glob("*.py")} - {"jobs"}
