"""The daemon killed at random moments, on a relay board that logs every movement of every coil."""

import contextlib
import http.client
import itertools
import json
import random
import sqlite3
import threading
import time

import pytest

from support.field import measure, write
from support.peers import modbus_server
from support.process import Daemon

pytestmark = [pytest.mark.peer, pytest.mark.timeout(900)]

BOILER, PUMP = 0, 1
"""Coils of unit 1."""


class Toggler(threading.Thread):
    """Throws the pump's switch as fast as it is answered; knows what was acknowledged and what was in flight."""

    def __init__(self, daemon: Daemon, position: bool) -> None:
        super().__init__(daemon=True)
        self.daemon_ = daemon
        self.acknowledged = position
        self.in_flight = position
        self.thrown = 0

    def run(self) -> None:
        while True:
            self.in_flight = not self.acknowledged
            try:
                if not self.daemon_.switch("pump", self.in_flight):
                    return
            except (OSError, http.client.HTTPException):
                if self.daemon_.process.poll() is not None:
                    return
                time.sleep(0.02)
                continue
            self.acknowledged = self.in_flight
            self.thrown += 1
            time.sleep(0.03)


def remembered(state):
    """Return what state.db holds of the boiler."""
    with contextlib.closing(sqlite3.connect(state / "state.db")) as db:
        return json.loads(db.execute("SELECT memory FROM machines WHERE policy = 'boiler'").fetchone()[0])


@pytest.mark.parametrize(
    ("kills", "board"),
    [
        (5, "waveshare-modbus-rtu-relay-8"),
        pytest.param(100, "waveshare-modbus-rtu-relay-8", marks=pytest.mark.long),
        pytest.param(100, "generic-coils-8", marks=pytest.mark.long),
    ],
)
def test_sigkill_at_random_moments(tmp_path, kills, board):
    """Edge cases 43, 61, 62 and 63: no corrupt state, min-on and switch kept, no click that nobody asked for.

    One board has a dead-man that every restart must be quicker than, the other has none.
    """
    dice = random.Random(kills)
    state = tmp_path / "state"
    with modbus_server(units="1,2", options=("flash",)) as server:
        folder = write(tmp_path / "site", server.port, board=board, min_on="24 h", pump="board-1/relay-2")
        measure(server, -5000.0)
        with Daemon(folder, state) as daemon:
            assert daemon.until(lambda: server.coils.get((1, BOILER))), daemon.lines
            assert daemon.until(lambda: "on_since" in remembered(state))
            daemon.kill()
        on_since = remembered(state)["on_since"]
        measure(server, 4000.0)  # only min-on keeps the boiler on from here
        position, thrown, mid_start = False, 0, 0
        for _ in range(kills):
            with Daemon(folder, state) as daemon:
                toggler = Toggler(daemon, position)
                if dice.random() < 0.2:  # while it is still starting
                    time.sleep(dice.uniform(0.1, 1.0))
                    mid_start += 1
                else:
                    assert daemon.ready(), daemon.lines
                    toggler.start()
                    time.sleep(dice.uniform(0.05, 1.0))
                daemon.kill()
                if toggler.ident is not None:
                    toggler.join()
                thrown += toggler.thrown
                assert not daemon.said("state-lost"), daemon.lines
            db = sqlite3.connect(state / "state.db")
            assert db.execute("PRAGMA quick_check").fetchone() == ("ok",)
            switch = db.execute("SELECT wish FROM inputs WHERE policy = 'pump'").fetchone()
            db.close()
            saved = switch is not None and "true" in switch[0]
            assert saved in {toggler.acknowledged, toggler.in_flight}
            position = saved
        with Daemon(folder, state) as daemon:
            assert daemon.ready()
            assert daemon.until(lambda: server.coils.get((1, PUMP), False) == position)
            daemon.kill()
        assert remembered(state)["on_since"] == on_since, "min-on counts from the first confirmation"
        assert server.coils[1, BOILER]
        assert sum(click.coil == BOILER for click in server.clicks) == 1
        pump = [click.closed for click in server.clicks if click.coil == PUMP]
        assert thrown > 3 * (kills - mid_start), "the switch was thrown while it was killed"
        assert pump, "and the relay followed"
        assert len(pump) <= thrown + kills, "never more clicks than throws, acknowledged or in flight"
        assert all(a != b for a, b in itertools.pairwise(pump))
        assert {click.coil for click in server.clicks} == {BOILER, PUMP}
