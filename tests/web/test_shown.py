"""What of the views somebody is shown, and what they may do to it."""

from dataclasses import replace

import pytest

from noonward.access.model import Grant, How, Principal, Role, Scope
from noonward.core.model import Mode, Reading
from noonward.policy.language import Language
from noonward.views.board import Board, Told
from noonward.views.notices import About
from noonward.web.shown import notices_for, site_for
from support.carpark import carpark
from support.fakeengine import NOON, FakeEngine, appliance
from support.webclient import Client

ZONE, STATION, NOTHING = Scope(policies=frozenset({"garage"})), Scope(stations=frozenset({"cp-02"})), Scope()


def somebody(role=Role.RESIDENT, scope=None, modes=False):
    return Principal(name="x", grant=Grant(role=role, scope=scope, modes=modes), how=How.SESSION)


@pytest.mark.parametrize(
    ("who", "policy", "station", "locked"),
    [
        (somebody(Role.VIEWER), [], [], True),
        (somebody(Role.RESIDENT), ["wish"], ["wish"], False),
        (somebody(Role.RESIDENT, modes=True), ["wish", "mode"], ["wish"], False),
        (somebody(Role.OWNER), ["wish", "mode"], ["wish"], False),
        (somebody(Role.INSTALLER), ["wish", "mode", "test"], ["wish", "test"], False),
        (somebody(Role.RESIDENT, ZONE), ["wish"], ["wish"], False),
        (somebody(Role.VIEWER, ZONE), [], [], True),
    ],
)
async def test_everything_says_what_its_asker_may_do_to_it(who, policy, station, locked):
    client = Client(carpark(), principal=who)
    zone = (await client("GET", "/api/v1/policies/garage")).json()
    assert zone["may"] == policy
    assert {tuple(one["may"]) for one in zone["stations"]} == {tuple(station)}
    assert (await client("GET", "/api/v1/stations/cp-02")).json()["may"] == station
    assert (await client("GET", "/api/v1/site")).json()["locked"] is locked


async def test_who_has_a_station_sees_it_alone():
    client = Client(carpark(), principal=somebody(Role.RESIDENT, STATION))
    assert (await client("GET", "/api/v1/policies")).json() == {"policies": []}
    assert [one["station"] for one in (await client("GET", "/api/v1/stations")).json()["stations"]] == ["cp-02"]
    site = (await client("GET", "/api/v1/site")).json()
    assert (site["policies"], site["devices"], site["locked"]) == ([], [], False)
    assert site["energy"]["pv_w"]["value"] == 8300.0  # the totals concern everyone


def told(number, about, over_s=None):
    return Told(
        id=f"n{number}",
        code="device-silent",
        level="trouble",
        about=about,
        since=NOON - 600,
        over_at=None if over_s is None else NOON - over_s,
        words={Language.EN: (f"notice {number}", "do it")},
    )


def board():
    made = Board()
    made.present = {"dimmed": replace(told(0, About()), id="dimmed")}
    made.over = [
        told(1, About(policy="garage", station="cp-02"), 300),
        told(2, About(policy="garage", station="cp-03"), 200),
        told(3, About(device="cellar"), 100),
    ]
    return made


@pytest.mark.parametrize(
    ("scope", "seen"),
    [
        (None, ["dimmed", "n3", "n2", "n1"]),
        (ZONE, ["n2", "n1"]),
        (STATION, ["n1"]),
        (NOTHING, []),
    ],
)
def test_notices_are_those_that_concern_somebody_the_present_first_then_the_latest(scope, seen):
    engine = FakeEngine(appliance()).see(grid_w=Reading(0.0, NOON), dim=True)
    found = notices_for(somebody(Role.VIEWER, scope), engine, board())
    assert [one["id"] for one in found] == seen
    assert [one["over_at"] is None for one in found] == [one == "dimmed" for one in seen]
    if scope is None:
        assert found[0]["since"] == "2026-06-01T11:50:00+02:00"  # as it was told, the engine itself does not know
        assert found[1]["text"] == "notice 3"


def test_a_notice_that_has_gone_stays_in_sight_until_its_all_clear():
    engine = FakeEngine(appliance()).see(grid_w=Reading(0.0, NOON), dim=True)
    told_of, who = board(), somebody(Role.OWNER)
    told_of.present["old"] = replace(told(4, About()), gone_since=NOON - 30)
    engine.see(dim=False)
    found = {one["id"]: one for one in notices_for(who, engine, told_of)}
    assert list(found) == ["dimmed", "n4", "n3", "n2", "n1"]
    assert {name for name, one in found.items() if one["over_at"] is None} == {"dimmed", "n4"}
    assert found["n4"]["gone_since"] == "2026-06-01T11:59:30+02:00"
    assert found["dimmed"]["gone_since"] is None, "the board has not looked yet"
    engine.see(dim=True)
    assert notices_for(who, engine, told_of)[0]["gone_since"] is None
    mine = notices_for(somebody(Role.VIEWER, STATION), engine, told_of)
    assert [one["id"] for one in mine] == ["n1"]


def test_a_station_that_needs_its_driver_concerns_its_own_people():
    engine = carpark()
    all_ = {one["subject"] for one in site_for(somebody(Role.OWNER), engine)["notices"]}
    assert all_ > {"cp-09"}
    mine = site_for(somebody(Role.RESIDENT, Scope(stations=frozenset({"cp-09"}))), engine)["notices"]
    assert {one["subject"] for one in mine} == {"cp-09"}
    assert site_for(somebody(Role.RESIDENT, STATION), engine)["notices"] == []


async def test_notices_are_answered_and_hidden_from_who_sees_nothing():
    engine = FakeEngine(appliance(mode=Mode.MANUAL)).see(grid_w=Reading(0.0, NOON)).see(after_s=20)
    answer = await Client(engine)("GET", "/api/v1/notices")
    assert [one["code"] for one in answer.json()["notices"]] == ["meter-held"]
    nobody = replace(somebody(Role.VIEWER, NOTHING), how=How.VISITOR)
    assert (await Client(engine, principal=nobody)("GET", "/api/v1/notices")).status_code == 401
