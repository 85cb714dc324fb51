"""sd_notify over a real datagram socket."""

import socket

import pytest

from noonward.daemon.notify import Notifier
from support.clock import LeapClock
from support.house import House, advance, running, write


@pytest.fixture
def systemd(tmp_path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(tmp_path / "notify"))
        listener.setblocking(False)

        def received():
            out = []
            while True:
                try:
                    out.append(listener.recv(4096).decode())
                except BlockingIOError:
                    return out

        received.path = str(tmp_path / "notify")
        yield received


def test_words(systemd):
    notifier = Notifier(LeapClock(), {"NOTIFY_SOCKET": systemd.path, "WATCHDOG_USEC": "30000000"}, 7)
    notifier.ready("5 policies")
    notifier.alive()
    notifier.reloading()
    notifier.stopping()
    assert systemd() == [
        "READY=1\nSTATUS=5 policies",
        "WATCHDOG=1",
        "RELOADING=1\nMONOTONIC_USEC=1000000000",
        "STOPPING=1\nSTATUS=stopping",
    ]


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({}, None),
        ({"WATCHDOG_USEC": "30000000"}, 30.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "7"}, 30.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "8"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
    ],
)
def test_watchdog_belongs_to_one_process(environ, expected):
    assert Notifier(LeapClock(), environ, 7).watchdog_s == expected


def test_silent_where_nobody_listens(tmp_path, systemd):
    Notifier(LeapClock(), {}, 7).ready("")
    assert systemd() == []
    Notifier(LeapClock(), {"NOTIFY_SOCKET": systemd.path}, 7).alive()
    assert systemd() == [], "systemd does not wait for it"
    Notifier(LeapClock(), {"NOTIFY_SOCKET": str(tmp_path / "gone")}, 7).ready("")
    Notifier(LeapClock(), {"NOTIFY_SOCKET": "@noonward-nobody"}, 7).ready("")


async def test_a_running_daemon_says_ready_after_its_first_decision_and_lives_by_its_ticks(tmp_path, systemd):
    """Edge case 67: no tick, no sign of life."""
    house = House()
    environ = {"NOTIFY_SOCKET": systemd.path, "WATCHDOG_USEC": "30000000"}
    async with running(house, write(tmp_path / "p"), tmp_path / "s", environ=environ) as daemon:
        said = [line for line in systemd() if line != "WATCHDOG=1"]
        assert said == ["STATUS=2 policies; on: none", "READY=1\nSTATUS=2 policies"]
        await house.clock.run(60.0)
        assert systemd().count("WATCHDOG=1") >= 6
        await daemon._loop._ticking.acquire()  # hang the loop
        await house.clock.run(60.0)
        assert systemd() == []
        daemon._loop._ticking.release()
        await advance(house.clock, daemon.reload())
        words = [line.split("=")[0] for line in systemd() if not line.startswith(("WATCHDOG", "STATUS"))]
        assert words == ["RELOADING", "READY"]
    assert any(line.startswith("STOPPING=1") for line in systemd())
