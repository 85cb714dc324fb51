"""Setting only what still is as it was seen: entity tags, If-Match, and nothing between looking and setting."""

import asyncio
from dataclasses import replace

import pytest

from noonward.access.model import Grant, How, Principal, Role
from noonward.core.model import Mode, Reading
from noonward.errors import Unavailable, Unsupported
from support.carpark import carpark
from support.fakeengine import NOON, FakeEngine, appliance
from support.webclient import Client

POLICY, STATION = "/api/v1/policies/boiler", "/api/v1/stations/cp-02"
OTHER = '"0000000000000000"'


def engine(mode=Mode.MANUAL):
    return FakeEngine(appliance(mode=mode), appliance("sauna", mode=Mode.MANUAL)).see(grid_w=Reading(0.0, NOON))


async def tag(client, path=POLICY):
    answer = await client("GET", path)
    assert answer.headers["etag"] == answer.json()["etag"]
    return answer.headers["etag"]


async def test_a_tag_changes_with_what_is_set_and_with_nothing_else():
    shown = engine()
    client = Client(shown)
    first = await tag(client)
    shown.see(after_s=60, grid_w=Reading(-9000.0, NOON + 60))
    await client("PUT", "/api/v1/policies/sauna/switch", json={"on": True})
    assert await tag(client) == first
    seen = {first}
    for what, body in [
        ("switch", {"on": True}),
        ("boost", {"for": "1 h"}),
        ("override", {"mode": "timer"}),
        ("test", {"on": False}),
    ]:
        answer = await client("PUT", f"{POLICY}/{what}", json=body)
        assert answer.headers["etag"] == await tag(client)
        seen.add(answer.headers["etag"])
    assert len(seen) == 5
    shown.loaded = replace(shown.loaded, site=replace(shown.loaded.site, digest="another"))
    assert await tag(client) not in seen


async def test_what_is_set_for_a_station_is_not_its_neighbour_s_nor_its_zone_s():
    client = Client(carpark())
    station, neighbour, zone = [
        await tag(client, p) for p in (STATION, "/api/v1/stations/cp-04", "/api/v1/policies/garage")
    ]
    assert (await client("PUT", f"{STATION}/charge-now", json={})).status_code == 200
    assert await tag(client, STATION) != station
    assert await tag(client, "/api/v1/stations/cp-04") == neighbour
    assert await tag(client, "/api/v1/policies/garage") == zone


@pytest.mark.parametrize(
    ("match", "status"),
    [
        ([], 200),
        (["{tag}"], 200),
        (["*"], 200),
        ([OTHER, "{tag}"], 200),
        ([f"{OTHER}, {{tag}}"], 200),
        ([OTHER], 412),
        (["W/{tag}"], 412),  # a weak tag says that it is much the same
        (["{bare}"], 400),
        ([""], 400),
        (["{tag} {tag}"], 400),
        (["{tag}", "x"], 400),
        (["*, {tag}"], 400),
    ],
)
async def test_who_names_what_they_saw_sets_only_that(match, status):
    shown = engine()
    client = Client(shown)
    now = await tag(client)
    headers = [("if-match", one.format(tag=now, bare=now.strip('"'))) for one in match]
    answer = await client("PUT", f"{POLICY}/switch", json={"on": True}, headers=headers)
    assert answer.status_code == status, answer.text
    assert bool(shown.said) == (status == 200)
    if status == 412:
        assert answer.headers["etag"] == now
        assert answer.json()["now"]["switch"] == {"on": False}
        assert answer.json()["now"]["etag"] == now


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (f"{POLICY}/switch", {"on": True}),
        (f"{POLICY}/boost", {"for": "1 h"}),
        (f"{POLICY}/override", {"mode": "always-on"}),
        (f"{POLICY}/test", {"on": True}),
        (f"{POLICY}/override", None),
        (f"{STATION}/charge-now", {}),
        (f"{STATION}/need", {"energy_kwh": 5, "departure": "8 h"}),
        (f"{STATION}/need", None),
        (f"{STATION}/charge-now", None),
    ],
)
async def test_everything_that_can_be_set_heeds_it(path, body):
    shown = carpark() if "stations" in path else engine()
    method = "PUT" if body is not None else "DELETE"
    answer = await Client(shown)(method, path, json=body, headers={"if-match": OTHER})
    assert answer.status_code == 412
    assert shown.said == []


async def test_of_two_who_saw_the_same_one_sets_it():
    """The second is compared only when the first is done, however long that takes."""
    shown = engine()
    client, set_switch = Client(shown), shown.set_switch

    async def slow(*given):
        await asyncio.sleep(0.05)
        return await set_switch(*given)

    shown.set_switch = slow
    headers = {"if-match": await tag(client)}
    answers = await asyncio.gather(
        *(client("PUT", f"{POLICY}/switch", json={"on": True}, headers=headers) for _ in "ab")
    )
    assert sorted(answer.status_code for answer in answers) == [200, 412]
    assert len(shown.said) == 1


# --- a try, and waking ----------------------------------------------------------------------------------------------

INSTALLER = Principal(name="ida", grant=Grant(role=Role.INSTALLER), how=How.TOKEN)


async def test_an_installer_tries_a_device_and_ends_that():
    client = Client(engine(Mode.AUTO_SOLAR), principal=INSTALLER)
    assert (await client("GET", POLICY)).json()["test"] is None
    begun = (await client("PUT", f"{POLICY}/test", json={"on": True})).json()
    assert begun["test"] == {"on": True, "until": "2026-06-01T12:00:30+02:00", "by": "ida"}
    assert (begun["on"], begun["mode"], begun["file_mode"]) == (True, "always-on", "auto-solar")
    turned = (await client("PUT", f"{POLICY}/test", json={"on": False, "for": "5 min"})).json()
    assert (turned["test"]["on"], turned["mode"]) == (False, "always-off")
    ended = (await client("PUT", f"{POLICY}/test", json={"on": False, "for": "0 s"})).json()
    assert (ended["test"], ended["mode"]) == (None, "auto-solar")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({}, '{"on": true}'),
        ({"on": 1}, '{"on": true}'),
        ({"on": True, "for": "5 min 1 s"}, "up to “5 min”"),
        ({"on": True, "for": 30}, "up to “5 min”"),
        ({"on": True, "for": None}, "up to “5 min”"),
        ({"on": True, "until": "30 s"}, 'Unknown key "until"'),
    ],
)
async def test_a_test_that_is_not_clear_is_refused(body, words):
    shown = engine()
    answer = await Client(shown)("PUT", f"{POLICY}/test", json=body)
    assert answer.status_code == 422
    assert words in answer.json()["detail"]
    assert shown.said == []


@pytest.mark.parametrize("role", [Role.VIEWER, Role.RESIDENT, Role.OWNER])
async def test_nobody_but_who_looks_after_it_tries_a_device(role):
    shown = engine()
    answer = await Client(shown, principal=replace(INSTALLER, grant=Grant(role=role)))(
        "PUT", f"{POLICY}/test", json={"on": True}
    )
    assert answer.status_code == 403
    assert shown.said == []


@pytest.mark.parametrize(("station", "status"), [("cp-08", 200), ("cp-01", 409), ("cp-04", 409), ("cp-99", 404)])
async def test_only_what_sleeps_is_woken(station, status):
    shown = carpark()
    memory = shown.state.stations["cp-08"]
    shown.state = replace(
        shown.state,
        stations={**shown.state.stations, "cp-08": replace(memory, session=replace(memory.session, state="asleep"))},
    )
    answer = await Client(shown)("PUT", f"/api/v1/stations/{station}/wake", json={})
    assert answer.status_code == status, answer.text
    assert [change for _, _, change in shown.said] == ([{"wakes": {"cp-08": NOON}}] if status == 200 else [])


@pytest.mark.parametrize(("error", "status"), [(Unavailable("away"), 502), (Unsupported("keeps no log"), 409)])
async def test_a_station_that_sends_no_log_says_why(error, status):
    shown = carpark()

    async def diagnostics(station, url):
        raise error

    shown.diagnostics = diagnostics
    answer = await Client(shown)("PUT", f"{STATION}/diagnostics", json={"url": "ftp://x.org/"})
    assert answer.status_code == status
    assert str(error) in answer.json()["detail"]
