"""What is vendored is what its authors published."""

import hashlib
import json
from importlib.resources import files
from pathlib import Path

import pytest

NODE = Path(__file__).parents[1] / "peers" / "node"
STATIC = files("noonward.report") / "static"
VERSION = "1.6.32"
PACKAGE = "sha512-KIMVnG68zvu5XXUbC4LQEPnhwOxBuLyW1AHtpm6IKTXImkbLgkMy+jabjLgSLMasNuGGzQm/ep3tOkyTxpiQIw=="
"""Of the npm package uplot, as the registry has it; npm holds what it installs to it."""
VENDORED = {
    "uPlot.iife.min.js": "dist/uPlot.iife.min.js",
    "uPlot.min.css": "dist/uPlot.min.css",
    "uPlot.LICENSE": "LICENSE",
}
HASHES = {
    "uPlot.iife.min.js": "19c8d4c6ad88929a79f4ae49d6f7161566dfd0ba3d15cc495e974f787eb78f1f",
    "uPlot.min.css": "df630c6a8d6f8eeaff264b50f73ce5b114f646ffd9a0bb74f049b0a00135fa04",
}


@pytest.mark.parametrize("name", HASHES)
def test_a_vendored_file_is_unchanged(name):
    assert hashlib.sha256((STATIC / name).read_bytes()).hexdigest() == HASHES[name]


def test_version_and_licence_are_kept():
    assert f"(v{VERSION})" in (STATIC / "uPlot.iife.min.js").read_text()[:100]
    assert "MIT License" in (STATIC / "uPlot.LICENSE").read_text()


@pytest.mark.peer
def test_the_files_are_those_of_the_npm_package():
    package = NODE / "node_modules" / "uplot"
    if not package.is_dir():
        pytest.skip("npm ci --prefix tests/peers/node was not run")
    assert json.loads((package / "package.json").read_text())["version"] == VERSION
    for name, path in VENDORED.items():
        assert (package / path).read_bytes() == (STATIC / name).read_bytes(), name


def test_the_package_is_pinned_by_its_hash():
    lock = json.loads((NODE / "package-lock.json").read_text())["packages"]["node_modules/uplot"]
    assert (lock["version"], lock["integrity"]) == (VERSION, PACKAGE)
