"""What people set for a charging station: what is allowed, what is kept, when it ends."""

from __future__ import annotations

from dataclasses import replace

import pytest

from noonward.core.model import (
    ChargeNow,
    Inputs,
    Mode,
    Need,
    Override,
    Session,
    Site,
    State,
    StationState,
    Zone,
)
from noonward.daemon.engine import UNPLUGGED, ModeConflict, NotAsleep, UnknownStation
from noonward.daemon.inputs import Wishes
from noonward.daemon.stationwishes import StationWishes, unspent
from noonward.errors import StateError, UsageError

NOW = 1_780_000_000.0
HOUR = 3600.0
ZONE = Zone(
    name="garage",
    mode=Mode.AUTO_SOLAR,
    stations=("cp-01", "cp-02"),
    phases=None,
    max_power_w=22_000.0,
    min_current_a=6.0,
    file="garage.yaml",
)


def site(**change):
    attic = replace(ZONE, name="attic", stations=("cp-09",))
    return Site(zones=(replace(ZONE, **change), attic), timezone="Europe/Zurich")


class Book:
    """Wishes, and what was made durable of them."""

    def __init__(self, **inputs):
        self.saved = None
        self.full = False
        self.wishes = Wishes(inputs, self.save)
        self.stations = StationWishes(self.wishes)

    async def save(self, inputs):
        if self.full:
            raise StateError("disk is full")
        self.saved = dict(inputs)

    async def charge_now(self, the_site=None, station="cp-01", until=None, energy_wh=None, at=NOW):
        zone, inputs = await self.stations.charge_now(
            the_site or site(), station, at, until=until, energy_wh=energy_wh, by="anna"
        )
        assert self.saved == self.wishes.inputs
        assert self.wishes.inputs.get(zone.name, Inputs()) == inputs
        return inputs.charge_now.get(station)

    async def need(self, the_site=None, station="cp-01", energy_wh=8000.0, departure=NOW + HOUR, at=NOW):
        _, inputs = await self.stations.need(
            the_site or site(), station, at, energy_wh=energy_wh, departure=departure, by="anna"
        )
        assert self.saved == self.wishes.inputs
        return inputs.needs.get(station)


@pytest.mark.parametrize(
    ("file", "given", "until", "energy_wh"),
    [
        ({}, {}, None, None),
        ({"charge_now_s": 2 * HOUR}, {}, NOW + 2 * HOUR, None),
        ({"charge_now_wh": 9000.0}, {}, None, 9000.0),
        ({"charge_now_s": 2 * HOUR}, {"until": UNPLUGGED}, None, None),
        ({"charge_now_s": 2 * HOUR}, {"until": NOW + 60}, NOW + 60, None),
        ({"charge_now_s": 2 * HOUR}, {"energy_wh": 500.0}, None, 500.0),
        ({"charge_now_wh": 9000.0}, {"until": NOW + 60}, NOW + 60, None),
        ({}, {"until": NOW + 60, "energy_wh": 500.0}, NOW + 60, 500.0),
    ],
)
async def test_when_charge_now_ends(file, given, until, energy_wh):
    """Edge case 38."""
    wish = await Book().charge_now(site(**file), **given)
    assert wish == ChargeNow(at=NOW, until=until, energy_wh=energy_wh, by="anna")


@pytest.mark.parametrize(
    ("inputs", "change", "words"),
    [
        (Inputs(), {"mode": Mode.ALWAYS_OFF}, "always-off"),
        (Inputs(), {"mode": Mode.MANUAL}, "switched off"),
        (Inputs(switch_on=True), {"mode": Mode.MANUAL}, None),
        (Inputs(override=Override(mode=Mode.ALWAYS_OFF)), {}, "always-off"),
        (Inputs(override=Override(mode=Mode.ALWAYS_OFF, until=NOW)), {}, None),
        (Inputs(override=Override(mode=Mode.TIMER)), {"mode": Mode.ALWAYS_OFF}, None),
        (Inputs(), {"charge_now": False}, "charge_now.allowed is false in garage.yaml"),
        (Inputs(), {"mode": Mode.TIMER}, None),
    ],
)
async def test_when_it_is_not_allowed(inputs, change, words):
    for ask in (Book.charge_now, Book.need):
        book = Book(garage=inputs)
        if words is None:
            assert await ask(book, site(**change)) is not None
        else:
            with pytest.raises(ModeConflict, match=words) as caught:
                await ask(book, site(**change))
            assert isinstance(caught.value.mode, Mode)
            assert book.wishes.inputs == {"garage": inputs}


@pytest.mark.parametrize(
    ("ask", "words"),
    [
        (lambda book: book.charge_now(until=NOW), "ended already"),
        (lambda book: book.charge_now(until=float("nan")), "ended already"),
        (lambda book: book.charge_now(until=float("inf")), "ended already"),
        (lambda book: book.charge_now(energy_wh=0.0), "more than 0"),
        (lambda book: book.charge_now(energy_wh=float("nan")), "more than 0"),
        (lambda book: book.need(departure=NOW), "past"),
        (lambda book: book.need(departure=float("nan")), "past"),
        (lambda book: book.need(energy_wh=-1.0), "more than 0"),
    ],
)
async def test_nonsense_is_refused_and_nothing_set(ask, words):
    book = Book()
    with pytest.raises(UsageError, match=words):
        await ask(book)
    assert (book.saved, book.wishes.inputs) == (None, {})


async def test_a_station_that_no_zone_has_is_named_beside_those_there_are():
    book = Book()
    for ask in (
        book.charge_now(station="cp-7"),
        book.need(station="cp-7"),
        book.stations.clear(site(), "cp-7", "needs"),
    ):
        with pytest.raises(UnknownStation, match=r"'cp-7'; there are cp-01, cp-02, cp-09"):
            await ask


async def test_wishes_for_two_stations_of_a_zone_stand_beside_each_other_and_go_one_by_one():
    book = Book(garage=Inputs(boost_until=NOW + 5))
    first = await book.charge_now(station="cp-01")
    second = await book.charge_now(station="cp-02", at=NOW + 1)
    need = await book.need(station="cp-01")
    await book.charge_now(station="cp-09")
    assert book.wishes.inputs["garage"] == Inputs(
        boost_until=NOW + 5, charge_now={"cp-01": first, "cp-02": second}, needs={"cp-01": need}
    )
    await book.stations.clear(site(mode=Mode.ALWAYS_OFF), "cp-01", "charge_now")
    assert book.wishes.inputs["garage"].charge_now == {"cp-02": second}
    await book.stations.clear(site(), "cp-01", "needs")
    await book.stations.clear(site(), "cp-01", "needs")
    await book.stations.clear(site(), "cp-09", "charge_now")
    assert book.wishes.inputs == {"garage": Inputs(boost_until=NOW + 5, charge_now={"cp-02": second})}
    assert book.saved == book.wishes.inputs


async def test_what_is_not_durable_is_not_set():
    book = Book()
    book.full = True
    for ask in (book.charge_now(), book.need()):
        with pytest.raises(StateError):
            await ask
    assert book.wishes.inputs == {}


def car(**change):
    drew_wh = change.pop("drew_wh", 0.0)
    return State(stations={"cp-01": StationState(session=Session(drew_wh=drew_wh), **change)})


@pytest.mark.parametrize(
    ("wish", "state", "after_s", "over"),
    [
        ({}, State(), 1e6, False),
        ({}, car(unplugged_at=NOW - 1), 1e6, False),  # of the vehicle before
        ({}, car(unplugged_at=NOW), 0.0, True),
        ({}, car(unplugged_at=NOW + 9), 10.0, True),
        ({"until": NOW + 60}, car(), 59.0, False),
        ({"until": NOW + 60}, car(), 60.0, True),
        ({"until": NOW + 60}, car(unplugged_at=NOW + 5), 6.0, True),
        ({"energy_wh": 100.0}, car(wished_at=NOW, wished_wh=50.0, drew_wh=149.0), 1.0, False),
        ({"energy_wh": 100.0}, car(wished_at=NOW, wished_wh=50.0, drew_wh=150.0), 1.0, True),
        (
            {"energy_wh": 100.0},
            car(wished_at=NOW - 1, wished_wh=0.0, drew_wh=150.0),
            1.0,
            False,
        ),  # another wish's count
        ({"energy_wh": 100.0}, State(), 1.0, False),
    ],
)
def test_when_charge_now_is_over(wish, state, after_s, over):
    """Edge case 38."""
    wishes = Wishes({"garage": Inputs(charge_now={"cp-01": ChargeNow(at=NOW, **wish)})}, None)
    assert wishes.expire(NOW + after_s, state) is over
    assert wishes.inputs == ({} if over else {"garage": Inputs(charge_now={"cp-01": ChargeNow(at=NOW, **wish)})})


@pytest.mark.parametrize(
    ("state", "after_s", "over"),
    [
        (State(), 0.0, False),
        (State(), HOUR, True),
        (car(unplugged_at=NOW + 1), 2.0, True),
        (car(needed_at=NOW, needed_wh=50.0, drew_wh=149.0), 1.0, False),
        (car(needed_at=NOW, needed_wh=50.0, drew_wh=150.0), 1.0, False),
        (car(wished_at=NOW, drew_wh=150.0), 1.0, False),
    ],
)
def test_when_a_need_is_over(state, after_s, over):
    need = Need(at=NOW, energy_wh=100.0, departure=NOW + HOUR)
    wishes = Wishes({"garage": Inputs(switch_on=True, needs={"cp-01": need})}, None)
    assert wishes.expire(NOW + after_s, state) is over
    assert wishes.inputs == {"garage": Inputs(switch_on=True, needs={} if over else {"cp-01": need})}


def sleeping(state="asleep", since=NOW - 60):
    return State(stations={"cp-01": StationState(session=Session(state=state, since=since))})


@pytest.mark.parametrize("state", ["asleep", "needs-driver"])
async def test_a_vehicle_that_sleeps_can_be_woken_also_where_its_zone_is_off(state):
    book = Book()
    zone, inputs = await book.stations.wake(site(mode=Mode.ALWAYS_OFF), "cp-01", NOW, sleeping(state), by="anna")
    assert (zone.name, inputs) == ("garage", Inputs(wakes={"cp-01": NOW}))
    assert book.saved == {"garage": inputs}


@pytest.mark.parametrize(
    "state", [State(), sleeping("absent"), sleeping("charging"), sleeping("satisfied"), sleeping("waking")]
)
async def test_no_other_vehicle_is_woken(state):
    book = Book()
    with pytest.raises(NotAsleep, match="no vehicle sleeps at cp-01"):
        await book.stations.wake(site(), "cp-01", NOW, state, by="anna")
    with pytest.raises(UnknownStation):
        await book.stations.wake(site(), "cp-7", NOW, sleeping(), by="anna")
    assert book.saved is None


@pytest.mark.parametrize(
    ("state", "over"),
    [
        (sleeping(), False),
        (sleeping(since=NOW), True),  # it was tried, and sleeps anew
        (sleeping(since=NOW + 75), True),
        (sleeping("waking", since=NOW), True),
        (sleeping("charging", since=NOW + 20), True),
        (sleeping("absent", since=NOW + 5), True),
        (State(), True),
    ],
)
def test_when_a_wake_is_over(state, over):
    wish = Inputs(wakes={"cp-01": NOW}, switch_on=True)
    assert unspent(wish, state, NOW + 1) == (Inputs(switch_on=True) if over else wish)
