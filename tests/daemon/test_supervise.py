"""``noonward run`` as a process: signals, one instance, ports, --once."""

import signal
import socket
import sqlite3
import subprocess

import pytest

from noonward.lab.replay import replay
from support.process import NOONWARD, Daemon

SITE = """\
kind: site/v1
name: process
timezone: UTC
grid: {meter: grid-meter, every: 1 s}
stagger: 0 s
devices:
  grid-meter: {driver: memory, meter: grid}
  board: {driver: memory, relays: {relay-1: {power: 1 kW}, relay-2: {power: 1 kW}}}
"""

MANUAL = """\
kind: appliance/v1
name: lamp
mode: manual
load: {power: 1 kW, min_on: 0 s}
relays: [board/relay-1]
"""

ALWAYS = MANUAL.replace("lamp", "fan").replace("manual", "always-on").replace("relay-1", "relay-2")


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "policies"
    place.mkdir()
    (place / "site.yaml").write_text(SITE)
    (place / "lamp.yaml").write_text(MANUAL)
    return place


def run(*arguments, timeout=30.0):
    return subprocess.run(
        [NOONWARD, "run", *map(str, arguments)], capture_output=True, text=True, timeout=timeout, check=False
    )


def state_of(folder):
    with sqlite3.connect(folder / "state.db") as db:
        leases = dict(db.execute("SELECT relay, closed FROM leases"))
    db.close()
    return leases


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGUSR1])
def test_stops_within_seconds_saves_and_replays(folder, tmp_path, number):
    state = tmp_path / "s"
    with Daemon(folder, state) as daemon:
        assert daemon.ready(), daemon.lines
        assert daemon.switch("lamp", True)
        assert daemon.until(
            lambda: daemon.said("decision", "policy=lamp after=on") or daemon.said("decision", "before=off after=on")
        ), daemon.lines
        assert daemon.stop(number) == 0, daemon.lines
        assert daemon.said("stopped", "msg=stopped") or "event=stopped" in daemon.lines[-1]
    assert state_of(state) == {"board/relay-1": 1}
    assert replay(state / "journal").difference is None
    assert not (state / "control.sock").exists()


def test_sighup_reads_the_folder_again(folder, tmp_path):
    with Daemon(folder, tmp_path / "s") as daemon:
        assert daemon.ready(), daemon.lines
        (folder / "fan.yaml").write_text(ALWAYS)
        daemon.process.send_signal(signal.SIGHUP)
        assert daemon.until(lambda: daemon.said("decision", "policy=fan", "because=always-on")), daemon.lines
        (folder / "fan.yaml").write_text(ALWAYS.replace("mode", "mood"))
        assert daemon.until(lambda: daemon.said("reload-refused", "mood")), "an edit is noticed without any signal"
        assert daemon.ask("GET", "/api/v1/policies/fan")[0] == 200


def test_a_folder_that_broke_while_it_was_down_runs_on_as_it_ran_last_until_it_is_mended(folder, tmp_path):
    """Edge case 66."""
    (folder / "fan.yaml").write_text(ALWAYS)
    state = tmp_path / "s"
    assert run(folder, "--state", state, "--once").returncode == 0
    (folder / "fan.yaml").write_text(ALWAYS.replace("mode", "mood"))
    with Daemon(folder, state) as daemon:
        assert daemon.until(lambda: daemon.said("decision", "policy=fan", "because=always-on")), daemon.lines
        assert daemon.said("last-good")
        assert 'unknown key "mood"' in "".join(daemon.lines)
        (folder / "fan.yaml").write_text(ALWAYS.replace("always-on", "always-off"))
        assert daemon.until(lambda: daemon.said("decision", "policy=fan", "because=always-off")), daemon.lines
    assert run(folder, "--state", state, "--once").returncode == 0
    assert "always-off" in (state / "last-good" / "fan.yaml").read_text()


def test_a_second_daemon_on_the_same_state_is_refused(folder, tmp_path):
    with Daemon(folder, tmp_path / "s") as daemon:
        assert daemon.ready(), daemon.lines
        second = run(folder, "--state", tmp_path / "s")
        assert second.returncode == 2
        assert f"another noonward (process {daemon.process.pid})" in second.stderr


def test_once_decides_switches_confirms_and_ends(folder, tmp_path):
    (folder / "fan.yaml").write_text(ALWAYS)
    done = run(folder, "--state", tmp_path / "s", "--once")
    assert done.returncode == 0, done.stderr
    assert "event=decision policy=fan after=on because=always-on" in done.stderr
    with sqlite3.connect(tmp_path / "s" / "state.db") as db:
        memory = dict(db.execute("SELECT policy, memory FROM machines"))
    db.close()
    assert "on_since" in memory["fan"], "confirmed"
    assert state_of(tmp_path / "s") == {"board/relay-2": 1}, "nothing is switched at the end"


def test_a_taken_port_is_a_clear_error_before_anything_is_switched(folder, tmp_path):
    (folder / "fan.yaml").write_text(ALWAYS)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = run(folder, "--state", tmp_path / "s", "--http", f"127.0.0.1:{port}")
    assert done.returncode == 2
    assert "something else listens there" in done.stderr
    assert "event=decision" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("{folder}", "--http", "8077"), 2, "give HOST:PORT"),
        (("{folder}", "--http", "localhost:99999"), 2, "give HOST:PORT"),
        (("{folder}", "--ocpp", "8887"), 2, "--ocpp 8887: give HOST:PORT, for example 127.0.0.1:8887"),
        (("{folder}", "--ocpp", "127.0.0.1:8887"), 2, "one device of driver ocpp; process has none"),
        (("{folder}/..",), 2, "no site.yaml in"),
        (("{folder}/gone",), 2, "there is no"),
        (("{folder}/lamp.yaml",), 0, "lamp: Off"),
        (("{broken}",), 1, "moode"),
    ],
)
def test_usage(folder, tmp_path, arguments, code, words):
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "site.yaml").write_text(SITE)
    (broken / "lamp.yaml").write_text(MANUAL.replace("mode", "moode"))
    given = [a.format(folder=folder, broken=broken) for a in arguments]
    done = run(*given, "--state", tmp_path / "s", "--once")
    assert done.returncode == code, done.stderr
    assert words in done.stderr


def test_runs_without_a_page(folder, tmp_path):
    with Daemon(folder, tmp_path / "s", "--http", "none") as daemon:
        assert daemon.until(lambda: daemon.said("decision")), daemon.lines
        assert not daemon.said("listening")
        assert not (tmp_path / "s" / "control.sock").exists()
        assert daemon.stop() == 0
