"""The page about the HTTP API: its commands are run against a daemon, its answers hold what it shows, its tables all routes."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import httpx
import pytest

from noonward.web.routes import EXECUTED, ROUTES
from support.daemon import POLICIES, daemon, noonward

PAGE = (Path(__file__).parents[2] / "docs/reference/http-api.md").read_text(encoding="utf-8")
CONSOLE = re.compile(r"^```console\n(?P<commands>.*?)^```\n(?:```json\n(?P<shown>.*?)^```$)?", re.DOTALL | re.MULTILINE)
MOVES = frozenset({"id", "at", "next", "setup_needed"})
"""Keys whose values are another time's."""


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    folder = tmp_path_factory.mktemp("house")
    shutil.copytree(POLICIES, folder / "policies")
    with daemon(folder / "policies", folder / "state") as running:
        running.state = folder / "state"
        while httpx.get(f"{running.url}readyz").status_code != 200:
            pass
        yield running


def holds(answer, shown, where="answer"):
    """Tell that an answer has everything that is shown of it."""
    if isinstance(shown, dict):
        for key, value in shown.items():
            assert key in answer, f"{where} has no {key}: {list(answer)}"
            if key not in MOVES:
                holds(answer[key], value, f"{where}.{key}")
    elif isinstance(shown, list):
        if shown and isinstance(shown[0], dict):
            holds(answer[0], shown[0], f"{where}[0]")
        else:
            assert set(shown) <= set(answer), where
    else:
        assert answer == shown, where


def test_the_page_does_what_it_says(place):
    token, tried = "", 0
    for block in CONSOLE.finditer(PAGE):
        commands = re.findall(r"^\$ ((?:.*\\\n)*.*)", block["commands"], re.MULTILINE)
        for command in commands:
            if command.startswith("noonward "):
                token = noonward(*command.split()[1:], state=place.state).stdout.split()[0]
                continue
            here = command.replace("http://127.0.0.1:8077/", place.url).replace("/var/lib/noonward", str(place.state))
            assert here != command
            done = subprocess.run(
                ["bash", "-c", here], env={**os.environ, "TOKEN": token}, capture_output=True, text=True, check=False
            )
            tried += 1
            if "/events" in command:
                told = re.findall(r"^(?:event|retry): (.*)$", block["commands"], re.MULTILINE)
                said = re.findall(r"^(?:event|retry): (.*)$", done.stdout, re.MULTILINE)
                assert said[: len(told)] == told
            else:
                assert done.returncode == 0, done.stderr
                answer, shown = json.loads(done.stdout), json.loads(block["shown"])
                if "/stations/" in command:  # nobody knows what a vehicle of the example is doing just now
                    assert shown.keys() <= answer.keys()
                else:
                    holds(answer, shown)
    assert tried == len(re.findall(r"^\$ curl", PAGE, re.MULTILINE)) >= 9


def test_everything_that_can_be_set_is_in_the_table_with_what_it_needs():
    shown = {
        (verb, path): need
        for verb, path, need in re.findall(r"^\| `(PUT|DELETE) (\S+)` \|.*\| `(\w+)` \|$", PAGE, re.MULTILINE)
    }
    table = {
        (entry.method, entry.path.removeprefix("/api/v1/")): entry.needs.value
        for entry in ROUTES
        if entry.needs in EXECUTED
    }
    assert shown == table


def test_everything_that_can_be_looked_at_is_in_the_table():
    looking = PAGE[PAGE.index("## Looking") : PAGE.index("### Needs and plans")]
    paths = {
        path.partition("?")[0]
        for cell in re.findall(r"^\| (`.*?) \|", looking, re.MULTILINE)
        for path in re.findall(r"`([^`]+)`", cell)
    }
    routes = {
        entry.path.removeprefix("/api/v1/")
        for entry in ROUTES
        if entry.method == "GET" and entry.path.startswith("/api/v1/")
    }
    assert routes - {"openapi.json", "people/{name}"} == paths - {"GET", "/api/v1"}
