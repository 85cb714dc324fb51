"""A vehicle that has fallen asleep at an emulated station, and somebody who wakes it from the portal."""

from __future__ import annotations

import asyncio
import contextlib
import re
import threading
import time
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from noonward.daemon.clock import SystemClock
from noonward.emulate.point import ChargePoint
from noonward.plant.vehicle import Vehicle, VehicleKind
from support.portal import FILES, OWNER, PASSWORD, Visit, house

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.peer, pytest.mark.timeout(300)]

SLEEPER = VehicleKind(phases=1, sleeps_after_s=2.0)
"""It wakes when it is offered nothing for a while, and then 8 A or more."""
QUICKLY = (
    FILES["garage.yaml"].replace("phases: auto", "phases: 1")
    + "vehicle: {wake_after: 10 s}\nsurplus: {on_delay: 0 s}\n"
)


@contextlib.contextmanager
def station(ident: str, url: str) -> Iterator[ChargePoint]:
    """Run an emulated station in a thread of its own until the block is left."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    def run(work):
        return asyncio.run_coroutine_threadsafe(work, loop).result(timeout=30)

    async def made() -> ChargePoint:
        point = ChargePoint(ident, clock=SystemClock())
        await point.connect(url)
        return point

    point = run(made())
    try:
        point.tell = loop.call_soon_threadsafe
        yield point
    finally:
        run(point.close())
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def until(seen, seconds):
    end = time.monotonic() + seconds
    while not seen():
        if time.monotonic() > end:
            return False
        time.sleep(0.1)
    return True


def told_a(point):
    """Return the limits that a station was told, one after the other. [A]."""
    profiles = [payload["csChargingProfiles"] for _, action, payload in point.asked if action == "SetChargingProfile"]
    return [one["chargingSchedule"]["chargingSchedulePeriod"][0]["limit"] for one in profiles]


def test_the_car_is_woken_by_who_presses_wake(browser, tmp_path):
    with house(tmp_path) as standing:
        standing.owned()
        (standing.folder / "garage.yaml").write_text(QUICKLY)
        standing.sun(12_000.0)
        standing.grid(-9000.0)
        assert until(lambda: "wake_after" in str(standing.ask("GET", "/api/v1/policies/garage/source")), 30.0)
        visit = Visit(browser, standing.url)
        visit.sign_in(OWNER, PASSWORD)
        with station("cp-01", f"ws://127.0.0.1:{standing.ocpp}/ocpp/") as point:
            page = visit.page("/stations/cp-01")
            vehicle = page.locator("#vehicle")
            wake = page.get_by_role("button", name="Wake the car")
            expect(vehicle).to_contain_text("Free", timeout=30_000)
            assert wake.count() == 0
            sleeper = Vehicle(SLEEPER, asleep=True)
            point.tell(point.plug, sleeper)
            expect(wake).to_be_visible(timeout=90_000)
            expect(vehicle).to_contain_text("Asleep")
            assert sleeper.asleep
            before = len(told_a(point))
            wake.click()
            expect(vehicle).to_contain_text("Being woken", timeout=15_000)
            assert wake.count() == 0
            card = visit.page("/").locator("#station-cp-01")
            expect(card).to_contain_text("Being woken")
            assert card.get_by_role("button", name="Wake the car").count() == 0, "it would be refused"
            assert until(lambda: sleeper.current_a > 0.0, 60.0), told_a(point)[before:]
            rest, offered_a, *_ = told_a(point)[before:]
            assert (rest, sleeper.asleep) == (0.0, False)
            assert offered_a >= SLEEPER.wake_current_a
            expect(vehicle).to_contain_text(re.compile("Charging at"), timeout=30_000)
            assert wake.count() == 0
        log = visit.page("/audit").locator(".log > li")
        expect(
            log.filter(has_text="cp-01").filter(has_text=re.compile("wake|woke", re.IGNORECASE)).first
        ).to_be_visible()
        assert visit.complaints == []
        visit.close()
