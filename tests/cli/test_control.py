"""The commands that speak to a running daemon: against a real socket, a fake engine behind it."""

import socket
import subprocess
import sys
import threading

import pytest
from click.testing import CliRunner

from noonward.cli import control, socket_client
from noonward.core.model import Inputs, Mode, Override, Reading
from noonward.errors import UsageError
from noonward.policy.loaded import Signal
from support.carpark import carpark
from support.fakeengine import NOON, FakeEngine, appliance
from support.served import served


@pytest.fixture
def engine(tmp_path):
    signals = {role: Signal(channel=f"{role}/meter") for role in ("grid", "pv")}
    one = FakeEngine(appliance(), appliance("pump", Mode.MANUAL, power_w=400.0, priority=200), signals=signals)
    one.see(grid_w=Reading(-1000.0, NOON), pv_w=Reading(2345.0, NOON))
    with served(one, tmp_path):
        yield one


@pytest.fixture
def run(tmp_path):
    def call(name, *arguments):
        return CliRunner().invoke(getattr(control, name), [*arguments, "--state", str(tmp_path)])

    return call


def test_status_is_a_table(engine, run):
    answer = run("status")
    assert answer.exit_code == 0
    assert answer.output == (
        "house-12, Mon 12:00:00 · grid −1 kW · solar 2.35 kW\n"
        "\n"
        "policy  mode        state  why                                                   next change\n"
        "boiler  auto-solar  off    Waiting: 1 kW is left for it, and it starts at 3 kW.\n"
        "pump    manual      off    Off: its switch is off.\n"
    )


def test_status_says_trouble_first_and_marks_overrides(engine, run):
    engine.inputs["boiler"] = Inputs(override=Override(mode=Mode.ALWAYS_ON, until=NOON + 7200, by="anna"))
    engine.see(after_s=300)
    lines = run("status").output.splitlines()
    assert lines[0] == "house-12, Mon 12:05:00 · grid −1 kW (stale) · solar 2.35 kW (stale)"
    assert lines[1] == "! The grid meter has been silent for 5 min: solar policies are in their fail-safe position."
    assert "always-on*  on 3 kW" in lines[4]
    assert lines[4].endswith("14:00 its override ends")
    assert lines[-1] == "* overridden: the policy's file says otherwise"


def test_status_shows_a_zone_with_a_line_for_each_station(tmp_path, run):
    with served(carpark(), tmp_path):
        lines = run("status").output.splitlines()
    zone = next(k for k, line in enumerate(lines) if line.startswith("garage"))
    assert lines[zone].split(None, 3)[:3] == ["garage", "auto-solar", "solar"]
    rows = [line.split() for line in lines[zone + 1 : zone + 12]]
    assert [row[0] for row in rows] == [f"cp-{k:02}" for k in range(1, 12)]
    assert rows[0][1] == "charging"
    assert "Charging at 9.9 A on 3 phases, 6.85 kW. On: anna asked for it now. 4.23 kWh so far." in lines[zone + 1]
    assert lines[zone + 1].endswith("charge now until unplugged (anna)")
    assert lines[zone + 2].split(None, 2)[2].startswith("Waiting: less is left than a vehicle must be offered. ")
    assert lines[zone + 2].endswith("needs 10.5 kWh by Tue 07:00 (bo)")
    assert "Not answering. It is not connected; its last measurement is of 11:45." in lines[zone + 5]
    assert rows[8][1] == "needs-driver"
    assert lines[zone + 12].startswith("boiler")


def test_status_of_a_zone_that_is_not_decided_yet(tmp_path, run):
    engine = carpark()
    engine.outcome, engine.fault = None, "ZeroDivisionError"
    with served(engine, tmp_path):
        answer = run("status")
    assert answer.exit_code == 0
    assert "! The engine met a fault of its own" in answer.output
    assert answer.output.count("Not decided yet") == 13
    assert answer.output.count("Not decided yet: the engine has met a fault of its own.") == 2


def test_a_zone_is_boosted_and_overridden_as_any_policy(tmp_path, run):
    with served(carpark(), tmp_path) as engine:
        answer = run("boost", "garage", "--for", "1 h")
        assert answer.output.startswith("garage: On: 7.1 kW of surplus is left for it.\n  cp-01: charging at 9.9 A")
        assert engine.inputs["garage"].boost_until == NOON + 3600
        run("override", "garage", "always-off")
        assert engine.inputs["garage"].override.mode is Mode.ALWAYS_OFF


@pytest.mark.parametrize("width", [72, 100, 140])
def test_on_a_terminal_the_table_is_folded(width):
    rows = [("boiler", "auto-solar", "off", "word " * 30, "22:30 its window “low tariff” opens")]
    rows += [("  cp-01", "", "needs-driver", "Needs its driver.", "charge now until unplugged (anna)")]
    lines = list(control._table(rows, width))
    assert all(len(line) <= width for line in lines)
    assert " ".join(" ".join(lines).split()).count("word") == 30


def test_the_switch(engine, run):
    answer = run("switch", "pump", "on")
    assert answer.exit_code == 0
    assert answer.output == "pump: On: somebody switched it on.\n"
    assert engine.inputs["pump"].switch_on is True
    run("switch", "pump", "off")
    assert engine.inputs["pump"].switch_on is False


def test_who_asks_is_told(engine, run, monkeypatch):
    monkeypatch.setenv("SUDO_USER", "anna")
    run("switch", "pump", "on")
    assert engine.said[-1][1] == "anna"


def test_an_override_comes_and_goes(engine, run):
    answer = run("override", "boiler", "always-on", "--until", "2 h", "--reason", "guests at six")
    assert answer.exit_code == 0
    assert "boiler: On: its mode is always-on." in answer.output
    assert "until 14:00: guests at six" in answer.output
    assert engine.inputs["boiler"].override.until == NOON + 7200
    assert run("override", "boiler", "clear").exit_code == 0
    assert engine.inputs["boiler"].override is None


def test_until_is_site_time(engine, run):
    run("override", "boiler", "timer", "--until", "2026-06-01T18:00")
    assert engine.inputs["boiler"].override.until == NOON + 6 * 3600


def test_a_boost(engine, run):
    assert run("boost", "boiler", "--for", "1 h").output == "boiler: On: boosted until 13:00.\n"
    assert engine.inputs["boiler"].boost_until == NOON + 3600
    run("boost", "boiler", "--for", "0 s")
    assert engine.inputs["boiler"].boost_until is None


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("switch", "boiler", "on"), "mode is auto-solar"),
        (("switch", "none", "on"), "there are: boiler, pump"),
        (("switch", "../site", "on"), "There is nothing at"),
        (("boost", "boiler", "--for", "1 hour"), "write it like “1 h”"),
        (("override", "boiler", "timer", "--until", "yesterday"), "is not a time"),
        (("override", "boiler", "timer", "--until", "2020-01-01"), "over already"),
    ],
)
def test_a_no_comes_with_the_daemon_s_reason(engine, run, arguments, words):
    answer = run(*arguments)
    assert isinstance(answer.exception, UsageError)  # exit code 2
    assert words in str(answer.exception)
    assert engine.said == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("switch", "pump", "maybe"), "'on', 'off'"),
        (("override", "pump", "on"), "'always-on'"),
        (("override", "pump", "clear", "--reason", "x"), "clear takes neither"),
        (("boost", "pump"), "--for"),
    ],
)
def test_usage(run, arguments, words):
    answer = run(*arguments)
    assert answer.exit_code == 2
    assert words in answer.output


def test_without_a_daemon_it_says_how_to_start_one(tmp_path, run):
    assert "no daemon runs with its state in" in str(run("status").exception)
    with socket.socket(socket.AF_UNIX) as left_behind:
        left_behind.bind(str(tmp_path / "control.sock"))
    assert "start one with “noonward run”" in str(run("status").exception)


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (b"", "broke off"),
        (b"SSH-2.0-OpenSSH_9\r\n", "broke off"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", "is not a noonward"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]", "is not a noonward"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}", "broke off"),
        (b'HTTP/1.1 503 No\r\nContent-Length: 21\r\n\r\n{"detail": "is busy"}', "is busy"),
        (None, "has not answered for"),
    ],
)
def test_whatever_answers_ends_in_one_clear_line(tmp_path, run, reply, words, monkeypatch):
    monkeypatch.setattr(socket_client, "PATIENCE_S", 0.2)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "control.sock"))
        listener.listen()
        done = threading.Event()

        def answer():
            connection, _ = listener.accept()
            with connection:
                connection.recv(4096)
                connection.sendall(reply or b"") if reply is not None else done.wait(5)

        thread = threading.Thread(target=answer)
        thread.start()
        error = run("status").exception
        done.set()
        thread.join(5)
    assert words in str(error)


def test_a_stranger_s_socket_is_named(run, monkeypatch):
    def forbidden(_):
        raise PermissionError

    monkeypatch.setattr(socket_client._SocketConnection, "connect", forbidden)
    assert "belongs to someone else" in str(run("status").exception)


def test_the_commands_start_without_the_server():
    code = (
        "import sys, noonward.cli.station;"
        "print([m for m in sys.modules if m.split('.')[0] in ('starlette', 'uvicorn', 'rich', 'asyncio', 'ruamel', 'jsonschema')])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
