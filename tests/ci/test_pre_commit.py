"""The hooks, run by pre-commit itself in the house that ``noonward init`` makes."""

import os
import shutil
import subprocess
import sys
import sysconfig
from importlib.metadata import version
from pathlib import Path

import pytest

from support.console import noonward
from support.hosted import QUIET, git

ROOT = Path(__file__).parents[2]
SOURCE = ("pyproject.toml", "README.md", "LICENSE", ".pre-commit-hooks.yaml", "engine", "drivers", "schemas")

pytestmark = pytest.mark.peer


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """Noonward's repository with the tag that is asked for."""
    pytest.importorskip("pre_commit")
    folder = tmp_path_factory.mktemp("noonward")
    for name in SOURCE:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, folder / name)
    git("init", "--quiet", "--initial-branch=main", cwd=folder)
    git("add", "--all", cwd=folder)
    git("commit", "--quiet", "-m", "Noonward", cwd=folder)
    git("tag", f"v{version('noonward')}", cwd=folder)
    return folder


@pytest.fixture(scope="module")
def house(source, tmp_path_factory):
    folder = tmp_path_factory.mktemp("house")
    assert noonward("init", folder, "--source", source.as_uri()).code == 0
    git("init", "--quiet", "--initial-branch=main", cwd=folder)
    git("add", "--all", cwd=folder)
    return folder


@pytest.fixture(scope="module")
def commit(house, tmp_path_factory):
    """A function that runs the hooks as a commit does; what pip needs is lent from here, so nothing is downloaded."""
    environ = {
        **{key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "COV", "PRE_COMMIT"))},
        **QUIET,
        "PRE_COMMIT_HOME": str(tmp_path_factory.mktemp("pre-commit")),
        "PYTHONPATH": f"{sysconfig.get_path('purelib')}:{sysconfig.get_path('platlib')}",
        "PIP_CONFIG_FILE": "/dev/null",
        "PIP_NO_INDEX": "1",
        "PIP_NO_DEPS": "1",
        "PIP_NO_BUILD_ISOLATION": "0",  # pip reads it the wrong way round, and promises to go on doing so
    }

    def run():
        done = subprocess.run(
            [sys.executable, "-m", "pre_commit", "run", "--all-files", "--color=never"],
            cwd=house,
            env=environ,
            capture_output=True,
            text=True,
            check=False,
            timeout=100,
        )
        return done.returncode, done.stdout + done.stderr

    return run


@pytest.fixture
def edit(house):
    """A function that edits a file of the house for one test."""
    before = {}

    def change(name, old, new):
        path = house / name
        before[path] = path.read_text()
        assert old in before[path]
        path.write_text(before[path].replace(old, new))

    yield change
    for path, text in before.items():
        path.write_text(text)


def test_they_are_what_pre_commit_takes_for_hooks():
    done = subprocess.run(
        [sys.executable, "-m", "pre_commit", "validate-manifest", ROOT / ".pre-commit-hooks.yaml"], check=False
    )
    assert done.returncode == 0


def test_a_good_house_passes(commit):
    code, said = commit()
    assert code == 0, said
    assert said.count("Passed") == 2


def test_a_typing_error_is_kept_from_being_committed(commit, edit):
    edit("garage.yaml", "wake_after", "wake_aftr")
    code, said = commit()
    assert code == 1
    assert 'error[S104]: unknown key "wake_aftr"' in said


def test_so_is_a_policy_that_fails_its_test(commit, edit):
    edit("water-heater.yaml", "energy: 6 kWh", "energy: 60 Wh")
    code, said = commit()
    assert (code, said.count("Passed"), said.count("Failed")) == (1, 1, 1), said
    assert "FAIL  a day without sun" in said
