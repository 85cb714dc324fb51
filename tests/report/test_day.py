import re
from datetime import date
from xml.etree import ElementTree as ET

import pytest

from noonward.lab import baselines, simulate
from noonward.report import day
from support.games import MIDNIGHT, game, job, load, quota, shipped, stay, tape, with_cars, zone

NS = "{http://www.w3.org/2000/svg}"
JUNE = simulate.play(job(shipped(5)))


def drawn(run, span=None):
    text = day.plot(run, span or day.best_day(run))
    return text, ET.fromstring(text)  # noqa: S314 - our own file


def texts(root):
    return [element.text for element in root.iter(f"{NS}text")]


def made(pv, base, step_s=60.0, start=MIDNIGHT, timezone="UTC", name="heater"):
    return simulate.play(
        game(tape(pv, base, step_s, start), [load(name, 2000.0)], {name: quota(6, by=20)}, timezone=timezone)
    )


def test_a_day_is_one_small_file_without_script_or_address():
    text, root = drawn(JUNE)
    assert root.tag == f"{NS}svg"
    assert len(text) < 30_000
    assert "<script" not in text
    assert text.count("http") == 1  # the namespace
    assert "prefers-color-scheme:dark" in text


def test_title_legend_and_one_lane_per_load():
    said = texts(drawn(JUNE, list(day.days(JUNE))[1])[1])
    assert said[0] == "made, Wednesday 3 June 2020"
    assert said[1].startswith("policies: ")
    assert {"production", "base load", "heater", "heat-pump", "kW"} <= set(said)
    assert sum(" starts" in line and line[0].isdigit() for line in said) == 2


def test_bars_stand_at_the_exact_times_of_the_contact():
    pv = [0] * 600 + [2500] * 120 + [0] * 720
    run = made(pv, [100] * 1440)
    _, root = drawn(run)
    (bar,) = [r for r in root.iter(f"{NS}rect") if " o" in r.get("class", "")]
    (span,) = run.loads[0].spans
    assert bar.findtext(f"{NS}title") == "heater on 10:02 to 12:02: surplus"
    width = day.WIDTH - day.LEFT - day.RIGHT
    assert float(bar.get("x")) == pytest.approx(day.LEFT + width * (span.start - MIDNIGHT) / 86400, abs=0.06)
    assert float(bar.get("width")) == pytest.approx(width * (span.stop - span.start) / 86400, abs=0.1)


def test_loads_stand_on_the_base_load_and_reach_their_sum():
    run = made([0] * 60 + [4000] * 60 + [0] * 1320, [1000] * 1440)
    _, root = drawn(run)
    top = day.TOP + day.PLOT_HEIGHT
    (heater,) = [p for p in root.iter(f"{NS}path") if p.get("class") == "c0"]
    highest = min(float(y) for y in re.findall(r"(?:V|M[0-9.]+ )([0-9.]+)", heater.get("d")))
    axis_w = 4000.0  # the highest is 4 kW
    assert top - highest == pytest.approx(day.PLOT_HEIGHT * 3000 / axis_w, abs=0.1)


def test_what_is_unknown_is_shown_as_such():
    assert (
        len(
            [
                r
                for r in drawn(made([100, None, None, 100, None] * 100, [1] * 500))[1].iter(f"{NS}rect")
                if r.get("class") == "u"
            ]
        )
        == 200
    )
    assert not [r for r in drawn(JUNE)[1].iter(f"{NS}rect") if r.get("class") == "u"]


@pytest.mark.parametrize(
    ("month", "hours"),
    [("2026-03-29", 23), ("2026-10-25", 25), ("2026-06-01", 24)],
)
def test_days_are_those_of_the_wall_clock(month, hours):
    """Edge case 45."""
    noon = date.fromisoformat(month)
    start = (noon - date(1970, 1, 1)).days * 86400.0 - 86400
    run = made([0.0] * 72, [100.0] * 72, 3600.0, start, "Europe/Zurich")
    span = next(span for span in day.days(run) if span.date == noon)
    assert (span.end - span.start) / 3600 == span.last - span.first == hours
    marks = [text for text in texts(drawn(run, span)[1]) if text.isdigit() and len(text) == 2]
    assert marks[-9:] == ["00", "03", "06", "09", "12", "15", "18", "21", "24"]


def test_the_best_day_is_the_one_with_most_sun_in_the_loads():
    pv = [0.0] * 1440 + [0.0] * 600 + [3000.0] * 300 + [0.0] * 540 + [0.0] * 1440
    assert day.best_day(made(pv, [100.0] * len(pv))).date == date(2020, 6, 2)
    dark = [0.0] * 2880
    assert day.best_day(made(dark, dark)).date == date(2020, 6, 1)


def test_part_of_a_day_a_baseline_and_many_loads():
    names = [f"load-{k}" for k in range(8)]
    played = game(tape([4000.0] * 90, [0.0] * 90), [load(n, 500.0) for n in names], {n: quota(6, by=20) for n in names})
    said = texts(drawn(baselines.play("threshold", played))[1])
    assert [name for name in said if name in names] == names


def test_a_station_shows_who_was_plugged_in_and_what_was_drawn():
    played = with_cars(
        game(tape([9000.0] * 600 + [0.0] * 840, [0.0] * 1440), [load("heater", 2000.0)], {"heater": quota(6, by=20)}),
        zone(name="the-garage"),
        [stay(60, 240, 9), stay(1380, 1500, 5)],
    )
    _, root = drawn(simulate.play(played))
    assert {"cp-01", "heater"} <= set(texts(root))
    assert "the-garage" not in texts(root)
    titles = [r.findtext(f"{NS}title") for r in root.iter(f"{NS}rect") if " o" in r.get("class", "")]
    assert titles[:2] == [
        "cp-01 plugged in 01:00 to 04:00: needed 9.0 kWh, got 9.0 kWh",
        "cp-01 plugged in 23:00 to 00:00: needed 5.0 kWh, got 0.0 kWh",
    ]
