"""Edge case 68: what people read is made from the decision's own reason, and every code has a sentence."""

from dataclasses import replace

import pytest

from noonward.core.model import Inputs, Mode, Override, Reading, Reason, ReasonCode, Site, StationInfo, Zone
from noonward.core.timers import Cron, Timer, Windows
from noonward.lab.trial import Touched, Trial
from noonward.policy.sentences import placeholders, sentence
from noonward.policy.words.en import SCARCE, SENTENCES
from support.fakeengine import NOON, FakeEngine, appliance

UNITS = ("_w", "_wh", "_a", "_s", "_share", "_soc")
TEXTS = {"window", "then", "mode", "by", "reason", "online", "status"}
COUNTS = {"vehicles", "attempts", "starts"}
MOMENTS = {"until", "departure", "likely_at"}
SHARES = {"covers", "starts_at", "stops_below"}


def say(reason):
    return sentence(reason, now=NOON, timezone="Europe/Zurich")


def every(*names):
    return {name: "words" if name in TEXTS else NOON + 3600 if name in MOMENTS else 1500.0 for name in names}


@pytest.mark.parametrize("code", ReasonCode)
def test_every_code_has_a_sentence(code):
    assert code in SENTENCES
    assert say(Reason(code)).endswith(".")


@pytest.mark.parametrize("code", ReasonCode)
def test_templates_name_facts_with_units_and_end_without_any(code):
    *richer, plain = SENTENCES[code]
    assert placeholders(plain) == set()
    for template in richer:
        assert all(name in TEXTS | COUNTS | MOMENTS | SHARES or name.endswith(UNITS) for name in placeholders(template))
        told = say(Reason(code, every(*placeholders(template))))
        assert "{" not in told


@pytest.mark.parametrize("code", ReasonCode)
def test_each_template_is_the_one_used_when_just_its_facts_are_there(code):
    for number, template in enumerate(SENTENCES[code]):
        facts = every(*placeholders(template))
        first = next(k for k, one in enumerate(SENTENCES[code]) if placeholders(one) <= facts.keys())
        assert first == number, f"{template!r} is never reached"


def test_nothing_left_is_said_in_words():
    reason = Reason(ReasonCode.TOO_LITTLE_SURPLUS, {"surplus_w": -420.0, "on_above_w": 3000.0})
    assert say(reason) == "Waiting: nothing is left for it, and it starts at 3 kW."


PLANNED = {"covers": 0.41, "starts_at": 0.62, "by": NOON + 8 * 3600, "missing_wh": 2100.0}
LIKELY = {"likely_at": NOON + 900}
PLANS = [
    (ReasonCode.PLAN_WAITS, PLANNED | LIKELY,
     "Waiting for better sun: 41 % covered, starts at 62 %, likely by about 12:15; it needs 2.1 kWh by 20:00."),
    (ReasonCode.PLAN_WAITS, PLANNED | {"covers": -0.2},
     "Waiting for better sun: nothing covered, starts at 62 %; it needs 2.1 kWh by 20:00."),
    (ReasonCode.PLAN_WAITS, PLANNED | {"covers": -0.2, "starts_at": 0.0},
     "Waiting: not enough sun is expected before 20:00 for 2.1 kWh, and any surplus starts it."),
    (ReasonCode.SURPLUS, PLANNED | {"covers": 0.7, "stops_below": 0.2, "surplus_w": 2100.0, "on_above_w": 1860.0},
     "On: the surplus covers 70 %, it goes on down to 20 %, and needs 2.1 kWh by 20:00."),
    (ReasonCode.SURPLUS, PLANNED | {"covers": 0.7, "stops_below": -0.07},
     "On: the surplus covers 70 %, it goes on down to nothing, with up to 7 % bought, and needs 2.1 kWh by 20:00."),
    (ReasonCode.SURPLUS, PLANNED | {"covers": 0.1, "starts_at": 0.0, "stops_below": -0.3},
     "On: not enough sun is expected before 20:00 for 2.1 kWh, it takes any surplus, down to nothing, with up to 30 % bought."),
    (ReasonCode.TOO_LITTLE_SURPLUS, PLANNED | {"stops_below": 0.45},
     "The surplus covers 41 %; its plan starts it at 62 %, and a run goes on down to 45 %."),
    (ReasonCode.NEED_FORCED, {"by": NOON + 8 * 3600, "missing_wh": 2100.0},
     "On: the last chance before 20:00, 2.1 kWh are missing."),
]  # fmt: skip


@pytest.mark.parametrize(("code", "facts", "words"), PLANS)
def test_a_plan_says_what_it_waits_for_and_how_long_it_can(code, facts, words):
    assert say(Reason(code, facts)) == words


def test_where_no_better_sun_comes_it_says_so_only_with_the_numbers_for_it():
    for code, templates in SCARCE.items():
        for template in templates:
            assert say(Reason(code, {"starts_at": 0.0, **every(*placeholders(template))})) != say(Reason(code))
        assert say(Reason(code, {"starts_at": 0.0})) == say(Reason(code))


def windows(hour=11, stop=15):
    def cron(at):
        days, months = tuple(range(1, 32)), tuple(range(1, 13))
        return Cron((0,), (at,), days, months, tuple(range(7)), hour_star=False, dom_star=True, dow_star=True)

    return Windows([Timer("low tariff", cron(hour), cron(stop), None, 1)], "Europe/Zurich")


def told(engine):
    return [
        sentence(one, now=engine.clock.now(), timezone="Europe/Zurich") for one in engine.outcome.decisions[0].because
    ]


def grid(engine, power_w, after_s=0.0):
    return engine.see(after_s=after_s, grid_w=Reading(power_w, engine.clock.now() + after_s))


SCENES = [
    (Mode.ALWAYS_ON, {}, -500, ["On: its mode is always-on."]),
    (Mode.ALWAYS_OFF, {}, -500, ["Off: its mode is always-off."]),
    (Mode.MANUAL, {}, -500, ["Off: its switch is off."]),
    (Mode.AUTO_SOLAR, {}, 500, ["Waiting: nothing is left for it, and it starts at 3 kW."]),
    (Mode.AUTO_SOLAR, {}, -1234, ["Waiting: 1.23 kW is left for it, and it starts at 3 kW."]),
    (Mode.AUTO_SOLAR, {}, -3456, ["Waiting: 3.46 kW is left and 3 kW is enough; it starts at 12:01:00 if that lasts."]),
    (Mode.TIMER, {"windows": windows()}, 0, ["On: its window “low tariff” is open until 15:00."]),
    (Mode.TIMER, {"windows": windows(13)}, 0, ["Off: no window is open until 13:00."]),
    (
        Mode.AUTO_TIMER,
        {"windows": windows(13)},
        0,
        ["Waiting: nothing is left for it, and it starts at 3 kW.", "Off: no window is open until 13:00."],
    ),
]


@pytest.mark.parametrize(("mode", "more", "grid_w", "words"), SCENES)
def test_what_the_core_decides_reads_well(mode, more, grid_w, words):
    engine = grid(FakeEngine(appliance(mode=mode, **more)), grid_w)
    assert told(engine) == words


def test_a_run_reads_well_from_start_to_stop():
    engine = FakeEngine(appliance(min_on_s=120.0))
    for _ in range(7):
        grid(engine, -3456, after_s=10)
    grid(engine, -456, after_s=10)
    assert told(engine) == ["On: 3.46 kW of surplus is left for it, and it goes on down to 1.5 kW."]
    grid(engine, 2000, after_s=10)
    assert told(engine) == [
        "On for now: 1 kW is left, less than 1.5 kW; it stops at 12:02:30 unless the surplus comes back."
    ]
    for _ in range(7):
        grid(engine, 2000, after_s=8)
    assert told(engine)[0].startswith("On for now")
    grid(engine, 2000, after_s=10)
    assert told(engine)[0] == "On: once started it stays on for at least 2 min, until 12:03:10."


def test_an_override_says_who_until_when_and_why():
    engine = FakeEngine(appliance())
    wish = Override(mode=Mode.ALWAYS_ON, until=NOON + 7200, by="anna", reason="guests at six")
    engine.inputs["boiler"] = Inputs(override=wish)
    assert told(grid(engine, 0)) == [
        "On: its mode is always-on.",
        "anna set its mode to always-on until 14:00: guests at six",
    ]
    engine.inputs["boiler"] = Inputs(override=replace(wish, until=None, reason=""))
    assert told(grid(engine, 0))[1] == "anna set its mode to always-on until further notice."


def test_a_silent_meter_is_named():
    engine = grid(FakeEngine(appliance()), -100)
    engine.see(after_s=60)
    assert told(engine) == ["No change: the grid meter's last value is 60 s old, and nothing starts or stops on it."]
    engine.see(after_s=90)
    assert told(engine) == ["Fail-safe “release”: the grid meter has been silent for 2 min 30 s."]


def test_the_zone_decides_what_the_clock_says():
    reason = Reason(ReasonCode.BOOST, {"until": NOON})
    assert Site().timezone == "UTC"
    assert sentence(reason, now=NOON - 3600, timezone="UTC") == "On: boosted until 10:00."
    assert sentence(reason, now=NOON - 3600, timezone="Europe/Zurich") == "On: boosted until 12:00."


GARAGE = Zone(
    name="garage",
    mode=Mode.AUTO_SOLAR,
    stations=("cp-01",),
    phases=3,
    max_power_w=11_040.0,
    min_current_a=6.0,
    always=("04A1",),
)
THERE, HOUR = {"plugged": True, "phases": 3}, 3600.0
ZONE_SCENES = [
    # what the zone is, what is given, what the zone says, what the station says
    ({}, {"surplus": 5000.0}, "Waiting: no vehicle is plugged in.", "Waiting: no vehicle is plugged in."),
    ({}, {"surplus": 5000.0, "stations": {"cp-01": THERE}}, "On: the surplus of 5 kW carries 1 of the zone's vehicles.", None),
    ({}, {"surplus": 4000.0, "stations": {"cp-01": THERE}}, "Waiting: 4 kW is left, too little for one vehicle more.", None),
    ({}, {"surplus": -10.0, "stations": {"cp-01": THERE}}, "Waiting: nothing is left, too little for one vehicle more.", None),
    ({}, {"charge_now": "cp-01", "stations": {"cp-01": THERE}}, "On: whoever drives it wants it to charge now, whatever the sun does.", "On: test asked for it now."),
    ({"mode": Mode.ALWAYS_OFF}, {"charge_now": "cp-01", "stations": {"cp-01": THERE}}, "Off: its mode is always-off.", None),
    ({"mode": Mode.TIMER, "windows": windows(11)}, {"stations": {"cp-01": THERE}}, "On: its window “low tariff” is open until 15:00.", None),
    ({"mode": Mode.TIMER, "windows": windows(14)}, {"stations": {"cp-01": THERE}}, "Off: no window is open until 14:00.", None),
    ({"max_power_w": 4000.0}, {"surplus": 9000.0, "stations": {"cp-01": THERE}}, "Waiting: less is left than 6 A on each phase, and no vehicle may be offered less.", None),
    ({}, {"surplus": 9000.0, "meter": "silent", "stations": {"cp-01": THERE}}, "Fail-safe “release”: the grid meter is silent.", None),
]  # fmt: skip


@pytest.mark.parametrize(("more", "given", "zone_says", "station_says"), ZONE_SCENES)
def test_what_the_core_decides_for_a_zone_reads_well(more, given, zone_says, station_says):
    zone = replace(GARAGE, **more)
    site = Site(timezone="Europe/Zurich", zones=(zone,), stations={"cp-01": StationInfo(max_a=16.0)})
    trial = Trial(zone, site, NOON - HOUR, Touched())
    trial.give(given)
    trial.play(NOON)
    why = trial.decision.stations[0].why

    assert sentence(trial.decision.because[0], now=NOON, timezone=site.timezone) == zone_says
    assert sentence(why, now=NOON, timezone=site.timezone) == (station_says or zone_says)


NIGHT = {"surplus": 9000.0, "stations": {"cp-01": {**THERE, "asleep": True}}}
FULL = {"stations": {"cp-01": {"draws": 0.0}}}
CARS = [
    # what happened before, what happens then, for how long, what the station says
    ({"surplus": 9000.0}, NIGHT, 2 * HOUR, "The vehicle is asleep: it is offered current and draws none. Wake attempts: 3 of 3, then its driver."),
    ({"surplus": 9000.0, "stations": {"cp-01": THERE}}, FULL, 600.0, "Resting: it took {} since it was plugged in and wants no more."),
    ({"surplus": 9000.0, "stations": {"cp-01": THERE}}, {"surplus": 2500.0}, 20.0, "On: the surplus of 2.5 kW carries 1 of the zone's vehicles."),
    ({"surplus": 9000.0, "stations": {"cp-01": THERE}}, {"surplus": 1900.0}, 20.0, "On for now: 1.9 kW is left, too little for all that charge; one pauses at 12:01:00 unless it comes back."),
]  # fmt: skip


@pytest.mark.parametrize(("before", "given", "for_s", "words"), CARS)
def test_what_the_core_decides_for_a_vehicle_reads_well(before, given, for_s, words):
    site = Site(timezone="Europe/Zurich", zones=(GARAGE,), stations={"cp-01": StationInfo(max_a=16.0)})
    trial = Trial(GARAGE, site, NOON - HOUR, Touched())
    trial.give(before)
    trial.play(NOON)
    trial.give(given)
    trial.play(NOON + for_s)

    told = sentence(trial.decision.stations[0].why, now=trial.now, timezone=site.timezone)
    beginning, _, end = words.partition("{}")
    assert told.startswith(beginning)
    assert told.endswith(end)


def test_a_badge_of_a_standing_wish_is_not_told_and_a_need_is():
    now = Reason(ReasonCode.CHARGE_NOW)
    need = Reason(ReasonCode.NEED_FORCED, {"energy_wh": 9000.0, "departure": NOON + 2 * HOUR})
    assert say(now) == "On: whoever drives it wants it to charge now, whatever the sun does."
    assert say(need) == "On: its driver needs 9 kWh by 14:00, and that takes all the time there is."
