"""The entry of an ocpp device is edited while cars charge, and its port is taken: over real websockets."""

from __future__ import annotations

import asyncio
import signal
import socket
import time

from support.chargepark import STATION, Garage, charging, remembered, same_cars

STATIONS = ("cp-01", "cp-02", "cp-03")


async def test_a_station_more_in_the_folder_and_the_others_charge_on_as_they_did(tmp_path):
    made = Garage(tmp_path, STATIONS)
    site = made.folder / "site.yaml"
    try:
        with made.daemon() as daemon:
            await charging(made, daemon, tested=False)
            before, offers, edited_at = remembered(daemon), made.offers(), time.time()
            site.write_text(site.read_text().replace("cp-01:", f"{STATION.format('cp-99')}, cp-01:"))
            daemon.process.send_signal(signal.SIGHUP)
            await made.until(lambda: not all(point.online for point in made.points.values()))
            await made.until(lambda: all(point.online for point in made.points.values()))
            await asyncio.sleep(0.5)
            assert made.offers() == offers
            assert all(set(limits) == {offers[ident]} for ident, limits in made.limits(edited_at).items())
            same_cars(before, remembered(daemon), STATIONS)
            assert set(made.begun().values()) == {1}
            assert not daemon.said("reload-refused")
            assert await asyncio.to_thread(daemon.stop) == 0
    finally:
        await made.close()


def test_a_port_that_is_taken_is_an_error_that_says_which(tmp_path):
    made = Garage(tmp_path, STATIONS)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", made.port))
        taken.listen()
        with made.daemon() as daemon:
            assert daemon.process.wait(20.0) == 2
            daemon.kill()
            text = "".join(daemon.lines)
    assert f"127.0.0.1:{made.port}" in text
    assert "charging" in text
    assert "Traceback" not in text
