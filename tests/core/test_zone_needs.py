"""What vehicles need by when: said by their drivers, by the zone's file, or learnt."""

import pytest

from noonward.core.model import Inputs, Mode, Need, Pace, Past, Requirement, State, StationInfo, Stayed
from noonward.core.past import SLOTS, Running
from noonward.core.timers import Cron
from noonward.core.vehicle import STARTS
from support.parking import T0, VOLTAGE_V, Car, Garage

ONE = {"phases": 1, "mode": Mode.AUTO_SOLAR}
INFO = StationInfo(phases=1, lines=(1,), max_a=16.0)
FULL_W = 16.0 * VOLTAGE_V
H = 3600.0


def said(wh, in_s, at=0.0):
    need = Need(at=T0 + at, energy_wh=wh, departure=T0 + in_s)
    return lambda _: {"garage": Inputs(needs={"cp": need})}


def learnt(share, now=T0):
    """Days alike, with sun enough for this share of a vehicle's minimum all day, and twice that in two hours."""
    end = int(now // 900)
    sun = [share * 1380.0 * (2.0 if 8 <= (k - end) % SLOTS < 12 else 1.0) for k in range(end - 3 * SLOTS, end)]
    clear = tuple(max(1.0, sun[(k - (end - 3 * SLOTS)) % SLOTS]) for k in range(SLOTS))
    return Past(end=end, pv_w=tuple(sun), load_w=(0.0,) * len(sun), clear_w=clear, running=Running(end, now))


def garage(car=None, inputs=None, zone=None, past=None, stays=(), info=INFO, sun=0.0):
    found = Garage(
        {"cp": car or Car(phases=1, lines=(1,))},
        sun=lambda _: sun,
        base_w=0.0,
        zone=ONE | (zone or {}),
        info=info,
        inputs=inputs or (lambda _: {}),
    )
    found.state = State(past=past or Past(), stays={"cp": tuple(stays)} if stays else {})
    return found


FROM_USER = {"need": Requirement(from_user=True)}


@pytest.mark.parametrize("plan", [None, *Pace])
def test_what_a_driver_needs_is_charged_in_time(plan):
    house = garage(inputs=said(1840.0, 2 * H), zone=FROM_USER | {"plan": plan})
    house.run(int(1.4 * H))
    assert house.draws["cp"] == 0.0
    assert house.station("cp").why.code.value == ("plan-waits" if plan else "too-little-surplus")
    house.run(int(2 * H))
    assert house.cars["cp"].drawn_wh >= 1840.0
    assert house.cars["cp"].drawn_wh < 2100.0


def test_a_file_says_what_counts_where_the_driver_says_nothing():
    by = Cron((30,), (15,), tuple(range(1, 32)), tuple(range(1, 13)), tuple(range(7)), False, True, True)
    filed = {"need": Requirement(energy_wh=920.0, by=by, from_user=True)}  # T0 is 13:46:40
    house = garage(zone=filed)
    house.run(6000)
    assert house.station("cp").why.code.value == "need-forced"
    assert house.station("cp").why.facts["missing_wh"] > 0.0
    house.run(6250)
    assert 920.0 <= house.cars["cp"].drawn_wh <= 1000.0
    more = garage(zone=filed, inputs=said(5000.0, 8 * H)).run(6250)
    assert more.cars["cp"].drawn_wh < 1.0  # what the driver says goes first


def test_with_a_plan_a_vehicle_waits_for_better_sun():
    house = garage(
        inputs=said(1000.0, 10 * H), zone=FROM_USER | {"plan": Pace.NORMAL}, past=learnt(0.7), sun=0.7 * 1380.0
    )
    house.run(1800)
    station = house.station("cp")
    assert station.limit_a == 0.0
    assert station.why.code.value == "plan-waits"
    assert station.why.facts["covers"] == pytest.approx(0.7, abs=0.01)
    assert 0.7 < station.why.facts["starts_at"] <= 0.88
    assert station.why.facts["likely_at"] == pytest.approx(T0 + 2 * H, abs=900.0)
    assert house.decision().code.value == "plan-waits"
    assert house.decision().because[0].facts["missing_wh"] == pytest.approx(1000.0)


def test_the_more_it_needs_the_less_it_waits():
    house = garage(
        inputs=said(14500.0, 10 * H), zone=FROM_USER | {"plan": Pace.NORMAL}, past=learnt(0.7), sun=0.75 * 1380.0
    )
    house.run(1800)
    assert house.limits() == {"cp": 6.0}
    assert house.decision().code.value == "surplus"


def test_stays_are_remembered_and_tell_when_a_vehicle_leaves():
    car = Car(phases=1, lines=(1,), leaves=3000.0)
    house = garage(car, zone={"mode": Mode.ALWAYS_ON}).run(3100)
    (stay,) = house.state.stays["cp"]
    assert stay.plugged_at == T0
    assert stay.unplugged_at == pytest.approx(T0 + 3000.0, abs=10.0)
    assert stay.drew_wh == pytest.approx(car.drawn_wh, rel=0.05)


def usual(count, lasted_h=2.0, wh=1840.0):
    """Stays of the days before, at this time of day."""
    came = [T0 - k * 86400.0 for k in range(1, count + 1)]
    return [Stayed(plugged_at=t, unplugged_at=t + lasted_h * H, drew_wh=wh) for t in came]


def test_who_says_nothing_is_taken_to_leave_as_usual():
    house = garage(zone=FROM_USER, stays=usual(7)).run(int(1.3 * H))
    assert house.draws["cp"] == 0.0
    house.run(int(1.5 * H))
    assert house.station("cp").why.code.value == "need-forced"
    house.run(int(2 * H))
    assert house.cars["cp"].drawn_wh >= 1840.0


def test_of_whom_too_little_is_known_has_the_sun_alone():
    assert garage(zone=FROM_USER, stays=usual(4)).run(int(2 * H)).cars["cp"].drawn_wh < 1.0


def test_who_stays_longer_than_any_charges_at_once_and_until_it_is_full():
    car = Car(phases=1, lines=(1,), needs_wh=3000.0)
    house = garage(car, zone=FROM_USER, stays=usual(7, lasted_h=0.5, wh=300.0)).run(720)
    assert house.station("cp").why.code.value == "need-forced"
    house.run(2 * int(H))
    assert house.cars["cp"].drawn_wh == pytest.approx(3000.0, abs=2.0)
    assert house.station("cp").why.code.value == "satisfied"
    assert house.state.stations["cp"].session.starts == 1


def test_whose_file_asks_nobody_has_the_sun_alone():
    assert garage(stays=usual(7)).run(int(2 * H)).cars["cp"].drawn_wh < 1.0


BY = Cron((30,), (15,), tuple(range(1, 32)), tuple(range(1, 13)), tuple(range(7)), False, True, True)
HALF = [  # what the file says, from when on it charges if nobody else says anything, and what it takes
    (Requirement(from_user=True, energy_wh=920.0), 2.0 - 0.25 - 2 / 60, 920.0),  # stays of two hours tell when
    (Requirement(from_user=True, by=BY), (6200.0 - 1800.0 - 120.0) / H, 1840.0),  # half past three; they took so much
]


@pytest.mark.parametrize(("need", "begins_h", "takes_wh"), HALF)
def test_only_what_the_file_does_not_say_is_guessed(need, begins_h, takes_wh):
    house = garage(zone={"need": need}, stays=usual(7)).run(int(begins_h * H) - 60)
    assert house.draws["cp"] == 0.0
    house.run(int(begins_h * H) + 60)
    assert house.station("cp").why.code.value == "need-forced"
    house.run(int(2 * H))
    assert house.cars["cp"].drawn_wh >= takes_wh


def test_a_vehicle_that_takes_less_than_the_station_gives_is_begun_with_earlier():
    """The second time: the first time nobody could know."""
    slow = {"info": StationInfo(phases=1, lines=(1,), max_a=32.0), "zone": FROM_USER}
    first = garage(inputs=said(1840.0, 1.5 * H), **slow).run(int(1.5 * H))
    assert first.cars["cp"].drawn_wh < 1500.0
    assert first.state.stations["cp"].takes_w == pytest.approx(FULL_W, rel=0.05)
    known = [Stayed(plugged_at=1.0, unplugged_at=2.0, drew_wh=1000.0, takes_w=FULL_W)]
    second = garage(inputs=said(1840.0, 1.5 * H), stays=known, **slow).run(int(1.5 * H))
    assert second.cars["cp"].drawn_wh >= 1840.0


def test_a_vehicle_that_tapers_off_is_not_taken_for_a_slow_one():
    car = Car(phases=1, lines=(1,), leaves=5400.0)
    house = garage(car, zone={"mode": Mode.ALWAYS_ON}).run(3600)
    car.max_a = 8.0
    (stay,) = house.run(5500).state.stays["cp"]
    assert stay.drew_w == pytest.approx(FULL_W, rel=0.05)
    assert stay.takes_w is None


SLOW = [Stayed(plugged_at=1.0, unplugged_at=2.0, drew_wh=1000.0, takes_w=8.0 * VOLTAGE_V)]


def test_a_vehicle_that_draws_more_than_others_did_waits_once_that_is_seen():
    house = garage(inputs=said(7000.0, 4 * H), stays=SLOW, zone=FROM_USER).run(620)
    assert house.station("cp").why.code.value == "need-forced", "others would have to begin by now"
    house.run(int(1.5 * H))
    assert house.draws["cp"] == 0.0
    house.run(int(4 * H) - 1)
    assert house.cars["cp"].drawn_wh >= 7000.0
    assert house.state.stations["cp"].session.starts == 2


@pytest.mark.parametrize("stays", [(), SLOW])
def test_the_last_start_of_a_session_is_kept_for_the_need_and_goes_on_until_it_is_met(stays):
    """Edge case 34: clouds may use up all but one."""
    calm = {"min_on_s": 0.0, "on_delay_s": 0.0, "off_delay_s": 0.0}
    house = garage(inputs=said(7000.0, 5 * H), stays=stays, zone=FROM_USER | calm)
    house.sun = lambda t: 1500.0 if t % 120 < 60 else 0.0
    house.run(2400)
    assert house.state.stations["cp"].session.starts == STARTS - 1
    assert house.station("cp").why.code.value == "starts-exhausted"
    house.run(int(5 * H) - 1)
    assert house.cars["cp"].drawn_wh >= 6999.0
    assert house.state.stations["cp"].session.starts == STARTS


def test_a_vehicle_on_fewer_phases_than_are_declared_is_begun_with_in_time():
    """From its first minute on the sun: what it takes of three phases tells what it takes at most."""
    house = garage(inputs=said(5520.0, 3 * H), zone=FROM_USER | {"phases": 3}, info=StationInfo(max_a=16.0), sun=4200.0)
    house.run(600)
    memory = house.state.stations["cp"]
    assert memory.drew_w == pytest.approx(6.0 * VOLTAGE_V)
    assert memory.takes_w == pytest.approx(FULL_W)
    house.sun = lambda _: 0.0
    house.run(int(3 * H) - 1)
    assert house.cars["cp"].drawn_wh >= 5519.0


@pytest.mark.parametrize(("slept", "begins_h"), [(False, 1.5 - 120 / H), (True, 1.5 - 600 / H)])
def test_where_vehicles_had_to_be_woken_there_is_time_for_it(slept, begins_h):
    stays = [Stayed(plugged_at=1.0, unplugged_at=2.0, drew_wh=1000.0, slept=slept)]
    house = garage(inputs=said(1840.0, 2 * H), stays=stays, zone=FROM_USER).run(int(begins_h * H) - 30)
    assert house.draws["cp"] == 0.0
    assert house.run(int(begins_h * H) + 30).draws["cp"] == 16.0


def test_a_vehicle_that_must_be_charged_begins_with_more_than_the_minimum_where_it_wants_more():
    """It let the sun of 6 A pass; nobody knows then whether it sleeps, and what wakes it."""
    car = Car(phases=1, lines=(1,), start_a=12.0)
    house = garage(car, inputs=said(1840.0, 2 * H), zone=FROM_USER, sun=1500.0).run(int(1.3 * H))
    assert car.drawn_wh == 0.0
    assert house.station("cp").state == "needs-driver"
    house.run(int(2 * H) - 1)
    assert car.drawn_wh > 1700.0


def crowd(count, room):
    """So many cars that need half an hour each, in a zone with power for fewer; all leave at once."""
    names = [f"cp-{k}" for k in range(count)]
    needs = {name: Need(at=T0, energy_wh=1840.0, departure=T0 + 2 * H) for name in names}
    house = Garage(
        {name: Car(phases=1, lines=(1,)) for name in names},
        base_w=0.0,
        zone=ONE | FROM_USER | {"max_power_w": room * FULL_W, "min_on_s": 0.0},
        info=INFO,
        inputs=lambda _: {"garage": Inputs(needs=needs)},
    )
    house.state = State(past=Past())
    return house


@pytest.mark.parametrize(
    ("count", "room", "begins_h"),
    [
        (2, 2.0, 1.5),  # all fit beside each other
        (2, 1.0, 1.0),  # one after the other
        (3, 2.0, 1.0),  # two, and one before
        (3, 1.9, 0.5),
        (4, 1.0, 0.0),
    ],
)
def test_who_needs_the_same_power_begins_one_after_the_other(count, room, begins_h):
    house = crowd(count, room)
    began = {}

    def watch(one):
        if one.t > 60:  # what a station does before it is told anything is over
            began.update({name: one.t for name, amperes in one.draws.items() if amperes and name not in began})

    house.run(int(2 * H) - 1, watch)
    assert min(began.values()) == pytest.approx(max(61.0, begins_h * H - 120.0), abs=30.0)
    assert all(car.drawn_wh >= 1700.0 for car in house.cars.values())
    assert sum(car.drawn_wh for car in house.cars.values()) >= 1839.0 * count - (120.0 if count == 4 else 0.0)


def test_who_leaves_first_is_not_kept_from_its_power_by_who_leaves_later():
    names = {"early": 1.0, "late": 1.25}
    needs = {name: Need(at=T0, energy_wh=1840.0, departure=T0 + due_h * H) for name, due_h in names.items()}
    house = Garage(
        {name: Car(phases=1, lines=(1,), leaves=due_h * H) for name, due_h in names.items()},
        sun=lambda _: 1500.0,
        base_w=0.0,
        zone=ONE | FROM_USER | {"max_power_w": FULL_W},
        info=INFO,
        inputs=lambda _: {"garage": Inputs(needs=needs)},
    )
    house.run(int(1.25 * H) - 1)
    assert all(car.drawn_wh >= 1838.0 for car in house.cars.values())


def test_a_vehicle_that_must_be_charged_is_woken_once_more():
    """Its three attempts went by while the sun gave too little."""
    car = Car(phases=1, lines=(1,), start_a=12.0, asleep=True)
    house = garage(car, inputs=said(1840.0, 2 * H), zone=FROM_USER, sun=1500.0).run(int(1.3 * H))
    assert house.station("cp").state == "needs-driver"
    before = len(house.sent("cp"))
    house.run(int(1.5 * H))
    sent = [limit for _, limit in house.sent("cp")[before:]]
    assert sent.count(0.0) == 1, "a rest, once"
    assert sent[sent.index(0.0) + 1] == 16.0
    assert house.station("cp").state == "needs-driver"
