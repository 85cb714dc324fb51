"""The past over HTTP: the numbers that were kept, each to whom they concern, and nothing else."""

import csv
import gzip
import io
import json
from importlib.resources import files

import jsonschema
import pytest

from noonward.access.model import Grant, How, Principal, Role, Scope
from noonward.history import sessions
from noonward.history.reading import Unreadable
from noonward.history.sessions import ChargingSession
from noonward.lab.tape import load_tape
from support.carpark import carpark
from support.pastfile import NOON, put
from support.webclient import Client

DAY = 86_400.0
WHOLE = {
    "pv_w": 20_000, "import_w": 1_000, "export_w": 4_000, "base_load_w": 5_000, "cost": 28_000, "earned": 32_000,
    "policy/garage": 12_000, "solar/garage": 9_000, "policy/pump": 3_000, "solar/pump": 3_000, "on/pump": 10_000,
    "station/cp-01": 8_000, "station-solar/cp-01": 6_000, "station/cp-02": 4_000, "station-solar/cp-02": 3_000,
}  # fmt: skip
USERS = {f"USER-{k}": f"user-{k}" for k in range(3)}
SPAN = "from=2026-06-01T12:00:00Z&to=2026-06-01T13:00:00Z"


@pytest.fixture
def engine():
    """A garage whose stations are cp-01 and cp-02, and an hour of its past."""
    shown = carpark()
    put(shown.history, NOON, [WHOLE] * 60)
    shown.history.rows.set_note("currency", "CHF")
    stays = [
        ChargingSession(zone="garage", station=f"cp-0{1 + k % 2}", arrival=NOON + 60 * k, departure=NOON + 60 * k + 50,
                        energy_wh=1000.0 * (k + 1), user=f"user-{k % 3}")
        for k in range(5)
    ]  # fmt: skip
    sessions.add(shown.history.db, shown.history.rows, shown.history.calendar, stays, USERS)
    return shown


def somebody(role=Role.RESIDENT, policies=(), stations=(), how=How.SESSION):
    scope = Scope(policies=frozenset(policies), stations=frozenset(stations))
    return Principal(name="x", grant=Grant(role=role, scope=scope), how=how)


BEN, MIA = somebody(stations=["cp-02"]), somebody(policies=["garage"])


async def asked(engine, path, principal=None, **more):
    return await Client(engine, principal=principal)("GET", f"/api/v1/{path}", **more)


async def test_curves(engine):
    answer = (await asked(engine, f"history?{SPAN}&signals=pv_w,grid_w,policy/garage,station/cp-01,battery_w")).json()
    assert {key: answer[key] for key in ("from", "to", "step_s")} == {"from": NOON, "to": NOON + 3600, "step_s": 60}
    assert answer["time"] == [NOON + 60 * k for k in range(60)]
    assert {name: set(curve) for name, curve in answer["signals"].items()} == {
        "pv_w": {2000.0}, "grid_w": {-300.0}, "policy/garage": {1200.0}, "station/cp-01": {800.0}, "battery_w": {None},
    }  # fmt: skip


async def test_a_step_can_be_named(engine):
    answer = (await asked(engine, f"history?{SPAN}&signals=pv_w&every=900")).json()
    assert (answer["step_s"], answer["signals"]["pv_w"]) == (900, [2000.0] * 4)


async def test_the_usual_that_may_be_seen_where_nothing_is_named(engine):
    names = set((await asked(engine, f"history?{SPAN}")).json()["signals"])
    usual = {name for name in WHOLE if not name.startswith(("solar/", "station-solar/"))}
    assert names == {*usual, "grid_w", "battery_w"}
    assert set((await asked(engine, f"history?{SPAN}", BEN)).json()["signals"]) == {
        "pv_w", "grid_w", "import_w", "export_w", "station/cp-02",
    }  # fmt: skip
    of_a_zone = set((await asked(engine, f"history?{SPAN}", MIA)).json()["signals"])
    assert of_a_zone >= {"policy/garage", "station/cp-01", "station/cp-02"}
    assert not of_a_zone & {"policy/pump", "base_load_w", "cost", "earned"}


@pytest.mark.parametrize(
    ("signals", "principal", "status"),
    [
        ("station/cp-02", BEN, 200),
        ("station/cp-01", BEN, 404),
        ("policy/garage", BEN, 404),
        ("policy/pump", BEN, 404),
        ("policy/nobody", BEN, 404),
        ("policy/garage,station/cp-01", MIA, 200),
        ("policy/pump", MIA, 404),
        ("pv_w", somebody(how=How.VISITOR), 401),
        ("pv_w", somebody(), 403),
        ("policy/nobody", None, 200),
        ("nonsense", None, 422),
        ("policy", None, 422),
        ("pv_w/x", None, 422),
        (",".join(["pv_w"] * 201), None, 422),
    ],
)
async def test_what_is_somebody_elses_is_not_there(engine, signals, principal, status):
    answer = await asked(engine, f"history?{SPAN}&signals={signals}", principal)
    assert answer.status_code == status, answer.text
    if status == 404:
        assert answer.json()["detail"] == "There is nothing of that name that you may see."


async def test_what_concerns_all_residents_is_told_and_the_rest_of_the_site_left_out(engine):
    answer = (await asked(engine, f"history?{SPAN}&signals=pv_w,base_load_w,battery_w", BEN)).json()
    assert set(answer["signals"]) == {"pv_w"}


async def test_energy_and_money(engine):
    answer = (await asked(engine, f"energy?by=month&{SPAN}")).json()
    (month,) = answer["periods"]
    assert (answer["by"], answer["currency"]) == ("month", "CHF")
    assert (month["from"], month["to"], month["known_h"]) == (
        "2026-06-01T00:00:00+02:00", "2026-07-01T00:00:00+02:00", 1.0,
    )  # fmt: skip
    assert month["site"] == {
        "pv_kwh": 2.0, "import_kwh": 0.1, "export_kwh": 0.4, "base_load_kwh": 0.5, "charge_kwh": None,
        "discharge_kwh": None, "cost": 0.028, "earned": 0.032, "self_consumed_kwh": 1.6, "controlled_kwh": 1.5,
    }  # fmt: skip
    assert month["policies"]["pump"] == {"energy_kwh": 0.3, "solar_kwh": 0.3, "on_h": 1.0, "cost": None}
    assert month["stations"]["cp-02"] == {"energy_kwh": 0.4, "solar_kwh": 0.3, "cost": None}
    assert month["users"]["user-0"] == {"sessions": 2, "energy_kwh": 5.0, "solar_kwh": 3.75, "cost": None}


async def test_a_resident_sees_only_own_energy(engine):
    (month,) = (await asked(engine, f"energy?by=month&{SPAN}", BEN)).json()["periods"]
    assert set(month["site"]) == {"pv_kwh", "import_kwh", "export_kwh", "self_consumed_kwh"}
    assert (month["policies"], set(month["stations"])) == ({}, {"cp-02"})
    assert {name: one["energy_kwh"] for name, one in month["users"].items()} == {"user-0": 4.0, "user-1": 2.0}


async def test_past_sessions_in_pages(engine):
    first = (await asked(engine, "charging?limit=2")).json()
    assert [one["energy_kwh"] for one in first["sessions"]] == [5.0, 4.0]
    second = (await asked(engine, f"charging?limit=2&before={first['next']}")).json()
    assert [one["energy_kwh"] for one in second["sessions"]] == [3.0, 2.0]
    last = (await asked(engine, f"charging?limit=2&before={second['next']}")).json()
    assert ([one["energy_kwh"] for one in last["sessions"]], last["next"]) == ([1.0], None)
    assert first["sessions"][0]["from"] == "2026-06-01T14:04:00+02:00"


@pytest.mark.parametrize(
    ("where", "principal", "found"),
    [
        ("", None, 5),
        ("", BEN, 2),
        ("", MIA, 5),
        ("", somebody(policies=["pump"]), 0),
        ("?station=cp-02", BEN, 2),
        ("?station=cp-01", BEN, 404),
        ("?station=nobody", BEN, 404),
        ("?station=nobody", None, 404),
        ("?limit=0", None, 422),
        ("?before=x", None, 422),
        ("?from=yesterday", None, 422),
        ("?to=2026-06-01T12:01:00Z", None, 1),
    ],
)
async def test_whose_sessions(engine, where, principal, found):
    answer = await asked(engine, f"charging{where}", principal)
    told = len(answer.json()["sessions"]) if answer.status_code == 200 else answer.status_code
    assert told == found, answer.text


async def test_a_visitor_who_may_look_is_not_told_who_charged(engine):
    """Everything else, as before."""
    visitor = Principal(name="visitor", grant=Grant(role=Role.VIEWER), how=How.VISITOR)
    told = (await asked(engine, "charging", visitor)).json()["sessions"]
    assert [one["energy_kwh"] for one in told] == [5.0, 4.0, 3.0, 2.0, 1.0]
    answers = [
        json.dumps(told),
        (await asked(engine, f"energy?by=month&{SPAN}", visitor)).text,
        (await asked(engine, "history/tape?what=sessions", visitor)).text,
    ]
    assert not [text for text in answers if "user-" in text]
    assert "user-0" in (await asked(engine, "charging")).text


@pytest.mark.parametrize("form", ["csv", "csv.gz"])
async def test_the_tape_is_what_the_lab_reads(engine, tmp_path, form):
    answer = await asked(engine, f"history/tape?format={form}")
    assert answer.headers["content-disposition"] == f'attachment; filename="house-12-tape.{form}"'
    path = tmp_path / f"tape.{form}"
    path.write_bytes(answer.content)
    tape = load_tape(path)
    assert (tape.start, len(tape), set(tape.pv_w), set(tape.base_load_w)) == (NOON, 60, {2000.0}, {500.0})


async def test_the_tape_as_parquet(engine, tmp_path):
    pytest.importorskip("pyarrow")
    answer = await asked(engine, "history/tape?format=parquet")
    (tmp_path / "tape.parquet").write_bytes(answer.content)
    assert len(load_tape(tmp_path / "tape.parquet")) == 60


async def test_the_sessions_as_a_file(engine):
    answer = await asked(engine, "history/tape?what=sessions&format=csv.gz")
    rows = list(csv.DictReader(io.StringIO(gzip.decompress(answer.content).decode())))
    assert [(row["station"], row["energy_kwh"]) for row in rows] == [
        ("cp-01", "1"), ("cp-02", "2"), ("cp-01", "3"), ("cp-02", "4"), ("cp-01", "5"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("path", "principal", "status"),
    [
        ("history/tape", BEN, 403),
        ("history/tape", MIA, 403),
        ("history/tape", somebody(how=How.VISITOR), 401),
        ("history/tape?format=xlsx", None, 422),
        ("history/tape?what=people", None, 422),
        ("history/tape?from=2030-01-01", None, 404),
        ("history?from=2026-06-02&to=2026-06-01", None, 422),
        ("history?from=0001-01-01", None, 422),
        ("history?to=9999-12-31", None, 422),
        ("history?every=61", None, 422),
        ("history?every=60&from=2020-01-01", None, 422),
        ("energy?by=hour", None, 422),
        ("energy?by=day&from=2015-01-01", None, 422),
        ("energy?by=week&from=2001-01-01", None, 200),
    ],
)
async def test_what_cannot_be_asked_is_said(engine, path, principal, status):
    answer = await asked(engine, path, principal)
    assert answer.status_code == status, answer.text
    if status >= 400:
        assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("principal", [None, BEN])
@pytest.mark.parametrize(
    ("path", "schema"),
    [
        (f"history?{SPAN}", "History"),
        ("energy", "EnergyPeriods"),
        ("energy?by=year", "EnergyPeriods"),
        ("charging", "Charging"),
    ],
)
async def test_answers_are_as_described(engine, path, schema, principal):
    document = json.loads((files("noonward.web") / "openapi.json").read_text(encoding="utf-8"))
    rules = {"$ref": f"#/components/schemas/{schema}", "components": document["components"]}
    jsonschema.Draft202012Validator(rules).validate((await asked(engine, path, principal)).json())


@pytest.mark.parametrize("path", [f"history?{SPAN}", f"energy?by=month&{SPAN}", "charging"])
async def test_what_has_not_changed_is_not_sent_again(engine, path):
    first = await asked(engine, path)
    assert first.headers["cache-control"] == "private, no-cache"
    again = await asked(engine, path, headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    other = await asked(engine, path, BEN, headers={"if-none-match": first.headers["etag"]})
    assert (other.status_code, json.dumps(other.json()) != json.dumps(first.json())) == (200, True)


async def test_an_empty_past_is_empty_and_no_error():
    shown = carpark()
    assert (await asked(shown, f"history?{SPAN}&signals=pv_w")).json()["signals"] == {"pv_w": [None] * 60}
    (month,) = (await asked(shown, f"energy?by=month&{SPAN}")).json()["periods"]
    assert (month["known_h"], month["site"]["pv_kwh"], month["policies"]) == (0.0, None, {})
    assert (await asked(shown, "charging")).json() == {"sessions": [], "next": None}
    assert (await asked(shown, "history/tape")).status_code == 404


@pytest.mark.parametrize("path", ["history", "energy", "charging", "history/tape"])
async def test_a_file_that_cannot_be_read_is_said(engine, path):
    async def past(_):
        raise Unreadable("history.db cannot be read: disk I/O error")

    engine.past = past
    answer = await asked(engine, path)
    assert (answer.status_code, answer.json()["detail"]) == (503, "history.db cannot be read: disk I/O error")
