"""The tutorial is executed: every command of it, in order, and its answers are held to what it shows.

"…" in a shown answer stands for anything. A command that waits for the daemon to notice something is repeated.
"""

import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from support.daemon import POLICIES, daemon

PAGE = Path(__file__).parents[2] / "docs/tutorial/first-evening.md"
SKIPPED = {"make run", ". .venv/bin/activate"}
"""Setting up needs the network; the test has the program already, and starts the house itself."""


def scenes():
    """Yield (command, shown answer) and (file, text), in the order of the page."""
    for kind, text in re.findall(
        r"^```(console|yaml)\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE
    ):
        if kind == "yaml":
            yield "file", re.match(r"# (\S+)\n", text)[1], text
            continue
        for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
            command, _, shown = part.partition("\n")
            yield "command", command, shown


def pattern(shown):
    lines = [".*".join(re.escape(piece) for piece in line.split("…")) for line in shown.splitlines()]
    return re.compile("\n".join("(?:.*\n)*?.*" if line == ".*" else line for line in lines) + "\\s*")


@pytest.fixture
def house(tmp_path):
    shutil.copytree(POLICIES, tmp_path / "policies")
    bin_folder = tmp_path / "bin"
    bin_folder.mkdir()
    script = bin_folder / "noonward"
    script.write_text(f"#!/bin/sh\nexec {sys.executable} -c 'from noonward.cli.main import main; main()' \"$@\"\n")
    script.chmod(0o755)
    quiet = {
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_CONFIG_SYSTEM": "/dev/null",
        "GIT_CEILING_DIRECTORIES": str(tmp_path.parent),
    }
    environ = {**os.environ, **quiet, "PATH": f"{bin_folder}:{os.environ['PATH']}", "NOONWARD_STATE": "state"}
    for command in ("git init -q", "git add policies", "git -c user.name=a -c user.email=a@b commit -qm a"):
        subprocess.run(command.split(), cwd=tmp_path, env=environ, check=True)

    def run(command):
        done = subprocess.run(
            ["sh", "-c", command], cwd=tmp_path, env=environ, capture_output=True, text=True, check=False, timeout=30
        )
        return done.stdout + done.stderr

    with daemon("policies", "state", cwd=tmp_path) as running:
        run.started = "".join(running.log)
        yield run


def test_the_tutorial_does_what_it_says(house, tmp_path):
    played = 0
    for kind, name, text in scenes():
        if kind == "file":
            (tmp_path / name).write_text(text, encoding="utf-8")
        elif name not in SKIPPED:
            expected, end = pattern(text), time.monotonic() + 10
            while not expected.fullmatch(answer := house(name)) and time.monotonic() < end:
                time.sleep(0.5)
            assert expected.fullmatch(answer), f"$ {name}\n{answer}\n--- but the page shows\n{text}"
            played += 1
    assert played >= 15
    assert (tmp_path / "policies/dehumidifier.yaml").exists()
    assert "6 policies from policies, state in state" in house.started
