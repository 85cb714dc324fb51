"""The real daemon against real sockets that misbehave: each fault ends in the declared state, is said once, and heals.

Every scene has its own server and its own daemon; they run side by side, since most of what they do is wait.
"""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from support.field import METER, PV, measure, write
from support.peers import modbus_server
from support.process import Daemon

pytestmark = [pytest.mark.peer, pytest.mark.timeout(240)]

SLOW_S = 60.0
"""Whatever takes longer than this on a busy machine is broken."""


def on(server):
    return server.coils.get((1, 0), False)


def closes(daemon, server):
    assert daemon.until(lambda: on(server), SLOW_S), daemon.lines


def opens(daemon, server):
    assert daemon.until(lambda: not on(server), SLOW_S), daemon.lines


def meter_fault(folder, state, begin, end, *, frozen="", pv=False):
    """Sun, fault, fail-safe, recovery; return the daemon and the boiler's clicks."""
    with modbus_server(units="1-3") as server:
        site = write(folder, server.port, frozen=frozen, pv=pv)
        measure(server, -5000.0)
        if pv:
            measure(server, 6000.0, PV)
        with Daemon(site, state) as daemon:
            closes(daemon, server)
            begin(server)
            opens(daemon, server)
            assert daemon.until(lambda: daemon.said("decision", "because=meter-stale"), SLOW_S), daemon.lines
            end(server)
            closes(daemon, server)
            assert daemon.until(lambda: daemon.said("recovered"), SLOW_S), daemon.lines
            assert daemon.stop() == 0
        return daemon, [click.closed for click in server.clicks]


def silent(folder, state):
    return meter_fault(
        folder,
        state,
        lambda s: s.tell(f"unit {METER} silent on"),
        lambda s: s.tell(f"unit {METER} silent off"),
    )


def not_a_number(folder, state):
    return meter_fault(folder, state, lambda s: s.tell("nan on"), lambda s: s.tell("nan off"))


def frozen(folder, state):
    return meter_fault(folder, state, lambda _: None, lambda s: measure(s, -5001.0), frozen="15 s")


def flipped(folder, state):
    """At dusk: 3.4 kW are imported, the meter says they are exported, and the inverter says 200 W."""

    def begin(server):
        measure(server, 200.0, PV)
        measure(server, -3400.0)

    def end(server):
        measure(server, 6000.0, PV)
        measure(server, -5000.0)

    return meter_fault(folder, state, begin, end, pv=True)


METER_FAULTS = {"silent": silent, "nan": not_a_number, "flipped": flipped, "frozen": frozen}


def one_dead_of_eight(folder, state):
    """Unit 5 is dead, the others obey at once; when it is back it gets what it missed."""
    boards = (1, *range(4, 11))
    loads = {f"load-{unit}": f"board-{unit}/relay-1" for unit in boards[1:]}
    with modbus_server(units="1-10") as server:
        site = write(folder, server.port, boards=boards, **loads)
        measure(server, 500.0)
        server.tell("unit 5 silent on")
        with Daemon(site, state) as daemon:
            assert daemon.ready(), daemon.lines
            began = time.monotonic()
            for name in loads:
                assert daemon.switch(name, True)
            others = [unit for unit in boards[1:] if unit != 5]
            assert daemon.until(lambda: all(server.coils.get((unit, 0)) for unit in others), SLOW_S), daemon.lines
            took = time.monotonic() - began
            assert daemon.until(lambda: daemon.said("outage"), SLOW_S), daemon.lines
            server.tell("unit 5 silent off")
            assert daemon.until(lambda: server.coils.get((5, 0)), 2 * SLOW_S), daemon.lines
            assert daemon.until(lambda: daemon.said("recovered"), SLOW_S), daemon.lines
            daemon.stop()
        return daemon, took, server


def cable(folder, state):
    """The cable to everything is pulled, and put back; the module kept its contacts."""
    with modbus_server(units="1,2") as server:
        site = write(folder, server.port, min_on="24 h", pump="board-1/relay-2")
        measure(server, -5000.0)
        port = server.port
        with Daemon(site, state) as daemon:
            closes(daemon, server)
            server.stop()
            assert daemon.until(lambda: len(daemon.said("outage")) == 2, SLOW_S), daemon.lines
            assert daemon.switch("pump", True)
            with modbus_server(units="1,2", port=port) as back:
                measure(back, -5000.0)
                assert daemon.until(lambda: back.coils.get((1, 0)) and back.coils.get((1, 1)), 2 * SLOW_S), daemon.lines
                assert daemon.until(lambda: len(daemon.said("recovered")) == 2, SLOW_S), daemon.lines
                assert daemon.stop() == 0
        return daemon


@pytest.fixture(scope="module")
def scenes(tmp_path_factory):
    """Start every scene at once; a test takes the one it is about."""
    with ThreadPoolExecutor(8) as pool:
        out = {}
        for scene in (*METER_FAULTS.values(), one_dead_of_eight, cable):
            place = tmp_path_factory.mktemp(scene.__name__)
            out[scene] = pool.submit(scene, place / "site", place / "state")
        yield out


@pytest.mark.parametrize("fault", METER_FAULTS)
def test_meter(scenes, fault):
    """Edge case 5."""
    daemon, clicks = scenes[METER_FAULTS[fault]].result()
    assert clicks[:3] == [True, False, True]
    assert len(daemon.said("outage")) == 1, daemon.lines
    assert len(daemon.said("recovered")) == 1, daemon.lines


def test_one_dead_unit_of_eight(scenes):
    """Edge case 49."""
    daemon, took, server = scenes[one_dead_of_eight].result()
    assert took < 10.0
    assert len(daemon.said("outage")) == len(daemon.said("outage", "source=board-5")) == 1
    assert len(daemon.said("recovered", "source=board-5")) == 1
    assert all(server.coils[unit, 0] for unit in range(4, 11))
    assert len(server.clicks) == 7, "nobody clicked twice"


def test_cable_pulled_and_put_back(scenes):
    """Edge cases 48 and 49: contacts that fell while nobody could see them are closed again."""
    daemon = scenes[cable].result()
    assert {line.split("source=")[1].split()[0] for line in daemon.said("outage")} == {"grid-meter", "board-1"}
    assert len(daemon.said("outage")) == len(daemon.said("recovered")) == 2
