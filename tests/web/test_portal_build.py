"""The portal that is committed is what its sources build, and small and plain enough for old browsers."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from noonward.web import portal

pytestmark = pytest.mark.peer
SOURCES = Path(__file__).parents[2] / "engine" / "portal"
BUILT = Path(portal.__file__).parent / "portal"
LEFT_OUT = {"node_modules", "README.md"}


def node(*command, cwd=SOURCES, **environ):
    if shutil.which("node") is None:
        pytest.skip("node is not installed")
    if not (SOURCES / "node_modules").is_dir():
        pytest.skip("engine/portal has no node_modules: run make portal")
    path = {"PATH": f"{Path(shutil.which('node')).parent}:/usr/bin:/bin", "HOME": str(cwd)}
    return subprocess.run(
        ["node", *command], check=False, cwd=cwd, env={**path, **environ}, capture_output=True, text=True, timeout=100
    )


def vite(out, cwd=SOURCES):
    done = node(
        str(SOURCES / "node_modules/vite/bin/vite.js"), "build", "--logLevel", "error", cwd=cwd, PORTAL_OUT=str(out)
    )
    assert done.returncode == 0, done.stderr
    return {str(path.relative_to(out)): path.read_bytes() for path in out.rglob("*") if path.is_file()}


def weigh(folder):
    done = node(str(SOURCES / "weigh.mjs"), str(folder))
    return done.returncode, done.stdout, done.stderr


def test_what_is_committed_is_what_the_sources_build(tmp_path):
    built = vite(tmp_path / "out")
    committed = {str(path.relative_to(BUILT)): path.read_bytes() for path in BUILT.rglob("*") if path.is_file()}
    assert sorted(built) == sorted(committed), "run make portal, and commit engine/noonward/web/portal"
    assert [name for name in built if built[name] != committed[name]] == []


def test_the_build_does_not_depend_on_where_it_is_made(tmp_path):
    for name in ("here", "a longer place/there"):
        shutil.copytree(SOURCES, tmp_path / name, ignore=lambda _, names: LEFT_OUT & set(names))
        (tmp_path / name / "node_modules").symlink_to(SOURCES / "node_modules")
    here, there = (
        vite(tmp_path / f"out-{k}", cwd=tmp_path / name) for k, name in enumerate(("here", "a longer place/there"))
    )
    assert here == there


def test_it_is_within_its_weight_and_old_browsers_read_it():
    status, told, faults = weigh(BUILT)
    assert (status, faults) == (0, "")
    assert float(re.search(r"([\d.]+) kB gzipped of script", told)[1]) <= 60


FAULTS = {
    "young syntax": ("const one = window?.name;", "ChainExpression is younger than ES2019"),
    "nullish": ("const one = window.name ?? 1;", "?? is younger than ES2019"),
    "assignment": ("let one; one ||= 1;", "||= is younger than ES2019"),
    "class field": ("class One { two = 1 }", "PropertyDefinition is younger than ES2019"),
    "lookbehind": ("const one = /(?<=a)b/;", "is younger than ES2019"),
    "meta": ("const one = import.meta.url;", "MetaProperty is younger than ES2019"),
    "address": ('fetch("https://example.org/x");', "https://example.org/x"),
    "beacon": ('const one = "//cdn.example.org/x.js";', "//cdn.example.org/x.js"),
    "eval": ('const one = eval("1"); const two = new Function("return 1");', "eval"),
    "weight": (
        "const one = [" + ",".join(str(k * k * 7919 % 99991) for k in range(40_000)) + "];",
        "the script weighs",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_what_may_not_be_in_it_is_found(tmp_path, fault):
    script, said = FAULTS[fault]
    shutil.copytree(BUILT, tmp_path / "portal")
    (tmp_path / "portal/assets/zz-12345678.js").write_text(script)
    status, _, faults = weigh(tmp_path / "portal")
    assert status == 1
    assert said in faults


def test_styles_name_nothing_outside():
    for path in (BUILT / "assets").glob("*.css"):
        assert re.findall(r"@import|url\((?!#)", path.read_text()) == []


def test_the_licence_of_everything_in_it_comes_along():
    """MIT and Apache-2.0 both ask for it; what only builds is not in what is built."""
    lock = json.loads((SOURCES / "package-lock.json").read_text())["packages"]
    packages = [path for path, one in lock.items() if path and not one.get("dev") and not one.get("optional")]
    assert "node_modules/preact" in packages
    told = (BUILT / "licences.txt").read_text()
    for path in packages:
        if not (SOURCES / path).is_dir():
            pytest.skip("engine/portal has no node_modules: run make portal")
        assert (SOURCES / path / "LICENSE").read_text().strip() in told, path
