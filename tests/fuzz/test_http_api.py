"""schemathesis against a running daemon: data that is right and data that is wrong, as owner and as visitor."""

import os
import re
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import httpx
import pytest

from support.daemon import POLICIES, daemon, noonward

SCHEMATHESIS = Path(sys.executable).with_name("schemathesis")
CONFIG = """[auth.openapi.token]
bearer = "${NOONWARD_FUZZ_TOKEN}"
"""
ENDLESS = "/api/v1/events"
"""A stream has no end to wait for; tests/web/test_events.py reads it."""

GUESSED = {"/api/v1/session", "/api/v1/setup", "/api/v1/me/password"}
"""Whoever guesses there has to wait, wherever they come from."""
WHOLE = ("--checks", "all", "--continue-on-failure", "--no-color", "--exclude-path", ENDLESS)


@pytest.fixture
def place(tmp_path):
    """A daemon on the example site; its devices are in memory."""
    shutil.copytree(POLICIES, tmp_path / "policies")
    with daemon(tmp_path / "policies", tmp_path / "state") as running:
        running.state = tmp_path / "state"
        running.folder = tmp_path
        reading = threading.Thread(target=lambda: running.log.extend(running.process.stderr))
        reading.start()  # it says so much that a pipe nobody reads would be full, and the daemon wait for ever
        yield running
        running.process.terminate()
        reading.join(20)


def tried(place, who, *arguments):
    """Run schemathesis as a role, or as a visitor; return what it printed."""
    token, key = "", ""
    if who != "visitor":
        token = noonward("auth", "token", "add", "fuzz", who, "--everything", state=place.state).stdout.split()[0]
        headers = {"authorization": f"Bearer {token}"}
        mine = httpx.get(f"{place.url}api/v1/tokens", headers=headers).json()["tokens"]
        key = mine[0]["key"] if mine else ""
    config = place.folder / "schemathesis.toml"
    config.write_text(CONFIG if token else "")
    names = [one["name"] for one in httpx.get(f"{place.url}api/v1/policies").json()["policies"]]
    stations = [one["station"] for one in httpx.get(f"{place.url}api/v1/stations").json()["stations"]]
    assert names
    assert stations
    done = subprocess.run(
        [SCHEMATHESIS, "--config-file", config, "run", f"{place.url}api/v1/openapi.json", *WHOLE, *arguments],
        env={
            **os.environ,
            "SCHEMATHESIS_HOOKS": "support.http_fuzz",
            "PYTHONPATH": str(Path(__file__).parents[1]),
            "NOONWARD_FUZZ_TOKEN": token,
            "NOONWARD_FUZZ_KEY": key,
            "NOONWARD_FUZZ_POLICIES": " ".join(names),
            "NOONWARD_FUZZ_STATIONS": " ".join(stations),
        },
        cwd=place.folder,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def check(place, who, *arguments, least):
    code, said = tried(place, who, *arguments)
    assert code == 0, said
    assert int(re.search(r"(\d+) generated", said)[1]) >= least, said
    limited = said.partition("Rate limited")[2].partition("💡")[0]
    assert set(re.findall(r"- \w+ (/api/v1/\S+)", limited)) <= GUESSED, said
    assert "token deleted tokens/fuzz" not in "".join(place.log), "it has deleted what it goes by"
    place.process.terminate()
    assert place.process.wait(20) == 0
    assert "Traceback" not in "".join(place.log), "".join(place.log)


@pytest.mark.timeout(600)  # half a minute where nothing else runs
def test_every_operation_takes_what_it_describes_and_refuses_the_rest(place):
    check(place, "owner", "--phases", "examples,coverage", "--seed", "1", least=1500)


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("who", ["owner", "installer", "resident", "viewer", "visitor"])
def test_at_length(place, who):
    """The bounds of every parameter and body, one after the other, then many at random, then one answer into the next."""
    check(place, who, "--max-examples", "50", least=1500)
