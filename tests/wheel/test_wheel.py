"""The wheel is whole: installed into a bare environment it works far from the source."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from pathlib import Path
from shutil import copytree
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).parents[2]


def run(*command, cwd):
    environ = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "COV"))}
    done = subprocess.run(
        [str(part) for part in command], cwd=cwd, env=environ, capture_output=True, text=True, check=False, timeout=100
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder, cwd=ROOT)
    (built,) = folder.glob("noonward-*-py3-none-any.whl")
    return built


@pytest.fixture(scope="module")
def elsewhere(wheel, tmp_path_factory):
    """An environment with nothing of the source in it; what Noonward depends on is lent from this one."""
    place = tmp_path_factory.mktemp("elsewhere")
    run(sys.executable, "-m", "venv", "--without-pip", place / "venv", cwd=place)
    python = place / "venv/bin/python"
    pip = (sys.executable, "-m", "pip", "--python", python, "--disable-pip-version-check")
    run(*pip, "install", "--quiet", "--no-index", "--no-deps", wheel, cwd=place)
    (packages,) = (place / "venv/lib").glob("python3*/site-packages")
    (packages / "lent.pth").write_text(f"{sysconfig.get_path('purelib')}\n{sysconfig.get_path('platlib')}\n")
    copytree(ROOT / "policies", place / "policies")
    return place


def test_it_holds_what_is_not_code_too(wheel):
    names = set(ZipFile(wheel).namelist())
    expected = {
        *(f"noonward/schemas/{path.name}" for path in (ROOT / "schemas").glob("*.json")),
        *(
            str(path.relative_to(package.parent))
            for package in (ROOT / "engine/noonward", ROOT / "drivers/noonward_drivers")
            for path in package.rglob("*")
            if path.is_file() and "__pycache__" not in path.parts and path.suffix != ".pyc"
        ),
    }
    assert expected <= names, expected - names
    assert {"noonward/py.typed", "noonward_drivers/py.typed"} <= names
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert not [name for name in names if name.endswith(".pyc")]
    assert {name.split("/")[0].split("-")[0] for name in names} == {"noonward", "noonward_drivers"}


def test_it_is_the_wheel_that_runs(elsewhere):
    where = run("venv/bin/python", "-c", "import noonward; print(noonward.__file__)", cwd=elsewhere)
    assert where.startswith(str(elsewhere / "venv"))


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (("check", "policies"), "6 policies, 1 site"),
        (("test", "policies"), " passed"),
        (("schema", "list"), "appliance/v1"),
        (("schema", "show", "site"), '"$schema"'),
        (("explain", "policies", "pump"), "pump would be off"),
        (("init", "house"), "which run as they stand"),
        (("check", "house", "--profile", "strict"), "no problems"),
        (("--version",), "noonward, version"),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)
def test_its_commands_work_far_from_the_source(elsewhere, command, said):
    assert said in run("venv/bin/noonward", *command, cwd=elsewhere)


def test_its_drivers_and_profiles_are_found(elsewhere):
    site = elsewhere / "modbus"
    site.mkdir()
    (site / "site.yaml").write_text(
        "kind: site/v1\nname: far\ntimezone: UTC\ngrid: {meter: m}\n"
        'devices:\n  m: {driver: modbus, profile: eastron-sdm630, tcp: "192.0.2.1:502"}\n'
    )
    assert "1 site: no problems" in run("venv/bin/noonward", "check", "modbus", cwd=elsewhere)
