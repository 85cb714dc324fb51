"""Edge case 68: what people read is made from the decision's own reason, and every code has a sentence."""

from dataclasses import replace

import pytest

from noonward.core.model import Inputs, Mode, Override, Reading, Reason, ReasonCode, Site
from noonward.core.timers import Cron, Timer, Windows
from noonward.policy.sentences import SENTENCES, placeholders, sentence
from support.fakeengine import NOON, FakeEngine, appliance

UNITS = ("_w", "_wh", "_a", "_s", "_share", "_soc")
TEXTS = {"window", "then", "mode", "by", "reason", "online", "status"}
COUNTS = {"vehicles", "attempts", "starts"}
MOMENTS = {"until", "departure"}


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
        assert all(name in TEXTS | COUNTS | MOMENTS or name.endswith(UNITS) for name in placeholders(template))
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
