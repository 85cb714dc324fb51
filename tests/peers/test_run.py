"""``noonward run`` on boards and meters of three makes that nobody here wrote, TCP and RTU; mbpoll reads the coils back."""

import contextlib

import pytest

from support.field import presets, write
from support.peers import foreign_server, mbpoll, pty_pair
from support.process import Daemon

pytestmark = [pytest.mark.peer, pytest.mark.timeout(180)]

PEERS = [
    ("libmodbus", "tcp"),
    ("libmodbus", "rtu"),
    ("modbus-tk", "tcp"),
    ("modbus-tk", "rtu"),
    ("modbus-serial", "tcp"),
]


@pytest.mark.parametrize(("make", "kind"), PEERS)
def test_from_a_real_meter_to_a_real_relay(tmp_path, make, kind):
    with contextlib.ExitStack() as stack:
        ours = theirs = None
        if kind == "rtu":
            ours, theirs = stack.enter_context(pty_pair(tmp_path))
        server = stack.enter_context(foreign_server(make, units="1,2", serial=theirs, presets=presets(-5000.0)))
        site = write(tmp_path / "site", server.port, serial=ours, pump="board-1/relay-2", lamp="board-1/relay-3")
        place = (
            ("-m", "rtu", "-b", "9600", "-P", "none", "-a", "1", "-t", "0", "-r", "0", "-c", "4", str(ours))
            if kind == "rtu"
            else ("-m", "tcp", "-p", str(server.port), "-a", "1", "-t", "0", "-r", "0", "-c", "4", "127.0.0.1")
        )

        def coils():
            return [value == "1" for _, value in sorted(mbpoll(*place).items())]

        with Daemon(site, tmp_path / "state") as daemon:
            assert daemon.ready(), daemon.lines
            assert daemon.switch("pump", True)
            confirmed = "SELECT relay FROM contacts WHERE closed"
            assert daemon.until(lambda: set(daemon.kept(confirmed)) == {"board-1/relay-1", "board-1/relay-2"}), (
                daemon.lines
            )
            assert daemon.said("decision", "policy=boiler", "because=surplus")
            if kind == "tcp":
                assert coils() == [True, True, False, False]
            assert daemon.stop() == 0
            assert not daemon.said("outage"), daemon.lines
        assert coils() == [False, True, False, False], (
            "the boiler would burn on unwatched; the pump is as its owner wants"
        )
