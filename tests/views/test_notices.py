from dataclasses import replace

import pytest

from noonward.core.model import Decision, Reading, ReasonCode, Station, StationState, Status
from noonward.core.outstanding import Promise
from noonward.daemon.engine import ChannelStatus
from noonward.daemon.needs import Standing
from noonward.policy.language import Language, speaking
from noonward.policy.loaded import Signal
from noonward.policy.problems import Problem
from noonward.policy.words import words
from noonward.views.notices import LEVELS, About, NoticeCode, notices, view
from support.carpark import carpark
from support.fakeengine import NOON, FakeEngine, appliance, decided, garage
from support.fakeengine import told as station_says


def running():
    return FakeEngine(appliance()).see(grid_w=Reading(-100.0, NOON))


def told(engine):
    return [(notice.level, notice.text) for notice in notices(engine)]


def test_a_house_where_all_is_well_says_nothing():
    assert told(running()) == []


def test_before_the_first_step():
    assert told(FakeEngine(appliance())) == [("note", "The engine is starting; nothing is decided yet.")]


def test_a_fault_comes_first():
    engine = running()
    engine.fault = "ZeroDivisionError"
    engine.see(after_s=60)
    assert told(engine)[0] == (
        "trouble",
        "The engine met a fault of its own and took the loads to fail-safe: ZeroDivisionError.",
    )


def test_an_engine_that_has_stopped_stepping_is_said_to():
    engine = running()
    wake = engine.outcome.wake_at
    engine.clock.at = wake + 30
    assert not any("last step" in text for _, text in told(engine))
    engine.clock.at = wake + 31
    assert ("trouble", f"The engine took its last step {wake + 31 - NOON:.0f} s ago: what follows is old.") in told(
        engine
    )


@pytest.mark.parametrize(
    ("age_s", "expected"),
    [
        (14, []),
        (60, [("note", "The grid meter has been silent for 60 s: nothing starts or stops on its last value.")]),
        (
            300,
            [("trouble", "The grid meter has been silent for 5 min: solar policies are in their fail-safe position.")],
        ),
    ],
)
def test_a_silent_grid_meter(age_s, expected):
    assert told(running().see(after_s=age_s)) == expected


def test_a_site_without_a_grid_meter_does_not_miss_it():
    assert told(FakeEngine(appliance(), signals={}).see()) == []


def test_an_outage_names_the_device_once():
    engine = running()
    engine.devices = (
        ChannelStatus(
            device="cellar", channel="relay-1", kind="relay", ok=False, last_ok=NOON - 900, last_error="timeout"
        ),
        ChannelStatus(
            device="cellar", channel="relay-2", kind="relay", ok=False, last_ok=NOON - 600, last_error="timeout"
        ),
        ChannelStatus(device="plug", channel="meter", kind="meter", ok=False),
        ChannelStatus(device="new", channel="relay-1", kind="relay"),
        ChannelStatus(device="grid", channel="meter", kind="meter", ok=True, last_error="once"),
    )
    assert told(engine) == [
        ("trouble", "cellar (relay-1, relay-2) has not answered since 11:50: timeout."),
        ("trouble", "plug (meter) has never answered."),
    ]


def wrong(severity):
    return Problem(code="S105", severity=severity, message=f"an {severity}.", file="a.yaml")


@pytest.mark.parametrize(
    ("problems", "words"),
    [
        ((wrong("error"),), "goes on: a.yaml: error[S105]: an error. “noonward check” tells it all."),
        ((wrong("info"), wrong("error"), wrong("error")), "an error and one problem more."),
        (("the folder is gone", *[wrong("error")] * 2), "goes on: the folder is gone and 2 problems more."),
    ],
)
def test_a_folder_that_does_not_load_says_the_first_error(problems, words):
    engine = running()
    engine.problems = problems
    ((level, text),) = told(engine)
    assert level == "trouble"
    assert words in text


def test_notes_stand_behind_trouble():
    engine = running().see(clock_trusted=False, dim=True, after_s=0)
    engine.problems = (wrong("error"),)
    assert [level for level, _ in told(engine)] == ["trouble", "note", "note"]
    assert "The grid operator has limited controlled loads." in told(engine)[2]


def one(engine, code):
    (found,) = (notice for notice in notices(engine) if notice.code is code)
    return found


def held(*decisions):
    engine = FakeEngine(appliance(), zones=(garage(),)).see(grid_w=Reading(-100.0, NOON))
    engine.says = {decision.policy: decision for decision in decisions}
    return engine.see(grid_w=Reading(-100.0, NOON))


def test_who_the_fuse_holds_back_is_told_once_however_many_stations_it_has():
    stations = [station_says(name, "paused", code=ReasonCode.FUSE) for name in ("cp-01", "cp-02")]
    engine = held(decided("garage", "solar", *stations))
    notice = one(engine, NoticeCode.FUSE_HOLDS)
    assert (notice.id, notice.about, notice.level) == ("fuse-holds:garage", About("garage"), "note")
    assert notice.text == "garage is held back: with it a phase would draw more than its fuse carries."


def test_who_the_import_cap_holds_back_is_told():
    engine = held(Decision("garage", "off", 0.0, ReasonCode.IMPORT_CAP))
    assert one(engine, NoticeCode.IMPORT_CAP_HOLDS).id == "import-cap-holds:garage"
    served_later = notices(held(Decision("garage", "off", 0.0, ReasonCode.PREEMPTED)))
    assert NoticeCode.IMPORT_CAP_HOLDS not in {notice.code for notice in served_later}


def test_a_vehicle_that_sleeps_is_told_and_one_that_does_not_wake_needs_someone():
    found = {notice.code: notice for notice in notices(carpark())}
    driver = found[NoticeCode.VEHICLE_NEEDS_DRIVER]
    assert (driver.subject, driver.about.station, driver.level) == ("cp-09", "cp-09", "trouble")
    for state in ("asleep", "waking"):
        asleep = one(held(decided("garage", "solar", station_says("cp-02", state, 6.0))), NoticeCode.VEHICLE_ASLEEP)
        assert (asleep.id, asleep.about.policy) == ("vehicle-asleep:cp-02", "garage")


def station_channel(station="cp-02", **more):
    return ChannelStatus(**{"device": "charging", "channel": station, "kind": "station", "ok": False} | more)


def with_station(channel, station="cp-02", state=None, **seen):
    """A garage where a station is as told."""
    engine = held(decided("garage", "solar", station_says(station, "paused")))
    engine.devices = (channel,)
    if state is not None:
        engine.state = replace(engine.state, stations={station: state})
    return engine.see(stations={station: Station(**seen)} if seen else {}) if seen or state else engine


ADDRESS = "ws://<gateway>:8887/ocpp/cp-02"


def test_a_station_that_never_came_is_told_as_such_and_where_it_should_come():
    engine = with_station(station_channel(away_since=NOON - 90, address=ADDRESS))
    assert told(engine) == [("trouble", "cp-02 has never connected.")]
    notice = one(engine, NoticeCode.STATION_AWAY)
    assert (notice.id, notice.about, notice.since) == ("station-away:cp-02", About("garage", "cp-02"), NOON - 90)
    assert notice.todo == f"Check its power and its network, and that its OCPP address leads here ({ADDRESS})."
    engine.devices = (replace(engine.devices[0], address=""),)
    assert one(engine, NoticeCode.STATION_AWAY).todo.endswith("leads to this gateway.")


def test_a_station_that_is_lost_says_since_when_and_nothing_else_of_it_is_told():
    known = StationState(booted_at=NOON - 86_400, promise=Promise(misses=9))
    channel = station_channel(away_since=NOON - 900, last_error="is not connected", last_error_at=NOON - 840)
    engine = with_station(channel, state=known, online=False, status=Status.FAULTED)
    assert told(engine) == [("trouble", "cp-02 has not been connected since 11:45.")]
    engine.devices = (replace(channel, away_since=NOON - 59),)
    assert told(engine) == [], "it may only restart"
    engine.devices = (replace(channel, away_since=NOON - 900, ok=None),)
    assert told(engine) == [], "stations take a while to come back to a gateway that has just started"


def test_a_station_that_reports_a_fault_is_told():
    engine = with_station(station_channel(ok=True), online=True, status=Status.FAULTED)
    assert told(engine) == [("trouble", "cp-02 reports a fault.")]
    assert one(engine, NoticeCode.STATION_FAULTED).id == "station-faulted:cp-02"


def test_a_station_that_takes_no_limit_is_told_as_connected_and_once():
    channel = station_channel(last_error="does not take its limit: Rejected", last_error_at=NOON - 300)
    engine = with_station(channel, online=True)
    said = "cp-02 is connected, but not all is well with it: does not take its limit: Rejected."
    assert told(engine) == [("trouble", said)]
    assert one(engine, NoticeCode.STATION_AMISS).since == NOON - 300
    disobeys = with_station(channel, state=StationState(promise=Promise(misses=9)), online=True)
    assert told(disobeys) == [("trouble", "cp-02 draws more than it is told to.")]


METERS = {role: Signal(channel=f"{role}/meter") for role in ("grid", "pv", "battery")}
REVERSED = [
    # grid, pv, battery, which signals the site has, whether the sign can only be wrong
    (-400.0, 0.0, None, ("grid", "pv"), True),
    (-400.0, 0.0, 10.0, ("grid", "pv", "battery"), True),
    (-400.0, 0.0, -900.0, ("grid", "pv", "battery"), False),
    (-400.0, 0.0, None, ("grid", "pv", "battery"), False),
    (-400.0, 3000.0, None, ("grid", "pv"), False),
    (-400.0, None, None, ("grid", "pv"), False),
    (-400.0, None, None, ("grid",), False),
    (-90.0, 0.0, None, ("grid", "pv"), False),
    (400.0, 0.0, None, ("grid", "pv"), False),
]


@pytest.mark.parametrize(("grid_w", "pv_w", "battery_w", "signals", "told"), REVERSED)
def test_a_meter_that_sells_what_nothing_gives_is_reversed(grid_w, pv_w, battery_w, signals, told):
    engine = FakeEngine(appliance(), signals={role: METERS[role] for role in signals})
    seen = {"grid_w": grid_w, "pv_w": pv_w, "battery_w": battery_w}
    engine.see(**{name: Reading(value, NOON) for name, value in seen.items() if value is not None})
    found = [notice.text for notice in notices(engine) if notice.code is NoticeCode.METER_REVERSED]
    said = (
        "The grid meter says that 400 W is sold, while neither the sun nor a battery gives any: its sign is reversed."
    )
    assert found == ([said] if told else [])


def test_a_silent_device_has_an_id_that_stays_and_says_since_when():
    engine = running()
    relay = {"device": "cellar", "kind": "relay", "ok": False, "last_error": "timeout"}
    engine.devices = (ChannelStatus(**relay, channel="relay-1", last_ok=NOON - 900),)
    before = one(engine, NoticeCode.DEVICE_SILENT)
    engine.devices = (*engine.devices, ChannelStatus(**relay, channel="relay-2", last_ok=NOON - 600))
    after = one(engine, NoticeCode.DEVICE_SILENT)
    assert before.id == after.id == "device-silent:cellar"
    assert (before.since, after.since) == (NOON - 900, NOON - 600)
    assert view(engine, after) == {
        "id": "device-silent:cellar",
        "code": "device-silent",
        "level": "trouble",
        "subject": "cellar",
        "text": "cellar (relay-1, relay-2) has not answered since 11:50: timeout.",
        "todo": "Check its power and network cable; it is asked again by itself.",
        "since": "2026-06-01T11:50:00+02:00",
    }


def test_every_code_has_a_level_and_says_what_to_do_in_every_language():
    assert list(LEVELS) == list(NoticeCode)
    for language in Language:
        for code in NoticeCode:
            assert words(language).phrases[f"todo.{code}"].endswith(".")
            assert any(name.startswith(f"notice.{code}") for name in words(language).phrases)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (Language.DE, "Der Netzzähler schweigt seit 5 min: Was der Sonne folgt, ist in Sicherheitsstellung."),
        (Language.FR, "Le compteur se tait depuis 5 min : ce qui suit le soleil est en position de sécurité."),
        (Language.IT, "Il contatore di rete tace da 5 min: ciò che segue il sole è in posizione di sicurezza."),
    ],
)
def test_notices_are_told_in_the_language_that_is_spoken(language, said):
    engine = running().see(after_s=300)
    with speaking(language):
        found = one(engine, NoticeCode.METER_STALE)
    assert found.text.replace("\N{NO-BREAK SPACE}", " ") == said
    assert found.id == "meter-stale"


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize(("code", "after_s"), [(NoticeCode.METER_HELD, 0), (NoticeCode.METER_STALE, 300)])
def test_a_meter_that_never_answered_has_no_age(language, code, after_s):
    engine = FakeEngine(appliance())
    engine.started_at = NOON
    engine.see(after_s=after_s)
    engine.observation = replace(engine.observation, started_at=NOON)
    with speaking(language):
        found = one(engine, code)
    assert found.since is None
    assert "{" not in found.text
    assert found.text == words(language).phrases[f"notice.{code}-never"]


@pytest.mark.parametrize("language", Language)
def test_dimming_says_to_how_much_where_the_site_says_it(language):
    engine = running()
    engine.loaded = replace(engine.loaded, site=replace(engine.loaded.site, dim_cap_w=4200.0))
    engine.see(dim=True)
    with speaking(language):
        found = one(engine, NoticeCode.DIMMED)
    assert ("4.2" if language is Language.EN else "4,2") in found.text


@pytest.mark.parametrize("language", Language)
def test_a_device_that_never_answered_says_what_is_wrong(language):
    engine = running()
    engine.devices = (ChannelStatus(device="plug", channel="relay", kind="relay", ok=False, last_error="no route"),)
    with speaking(language):
        found = one(engine, NoticeCode.DEVICE_SILENT)
    assert found.text.endswith("no route.")
    assert "plug (relay)" in found.text


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize(
    ("by", "code"), [(NOON + 1800.0, NoticeCode.NEED_AT_RISK), (NOON - 60.0, NoticeCode.NEED_MISSED)]
)
def test_a_need_of_a_vehicle_names_its_station(monkeypatch, language, by, code):
    engine = running()
    need = Standing(
        policy="garage", station="cp-02", since=NOON - 3600, energy_wh=9000.0, drawn_wh=1000.0, by=by, most_w=7000.0
    )
    monkeypatch.setattr("noonward.views.notices.waited_for", lambda *_: [need])
    with speaking(language):
        found = one(engine, code)
    assert (found.id, found.about) == (f"{code}:cp-02", About("garage", "cp-02"))
    assert "cp-02" in found.text
    assert "8" in found.text
