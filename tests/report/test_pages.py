"""Reports as text: what is in them, that they ask for nothing, and that they stay small."""

import base64
import hashlib
import random
import re
from dataclasses import replace

import pytest

from noonward.report import data
from noonward.report.blocks import Heading, Items, Rows, Says, Table
from noonward.report.pages import STYLES, diff_report, run_report
from support.games import MIDNIGHT, game, garage, job, load, shipped, stay, tape
from support.reports import Page, block, columns, names, plain, played

HOSTILE = "</script><img src=x onerror=alert(1)>&\"'"
JUNE = job(shipped(3))
RUN = played(JUNE)
OTHERS = [plain(JUNE, name) for name in ("uncontrolled", "threshold")]
PAGE = run_report(RUN, OTHERS)


def dull(one, share=0.2):
    """The same game with a heater that goes on for longer."""
    heater, pump = one.site.appliances
    patient = replace(heater, off_below_w=(heater.stages[0].power_w * share,))
    return replace(one, site=replace(one.site, appliances=(patient, pump)))


def test_the_page_allows_its_own_style_and_script_and_nothing_else():
    csp = next(a["content"] for tag, a in Page(PAGE).elements if a.get("http-equiv") == "Content-Security-Policy")
    rules = dict(rule.split(" ", 1) for rule in csp.split("; "))
    assert rules["default-src"] == "'none'"
    for kind, tag in (("style-src", "style"), ("script-src", "script")):
        (text,) = re.findall(rf"<{tag}>(.*?)</{tag}>", PAGE, re.DOTALL)
        assert rules[kind] == f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def test_nothing_is_fetched_and_nothing_is_styled_or_scripted_in_passing():
    for tag, attributes in Page(PAGE).elements:
        assert not any(name == "style" or name.startswith("on") for name in attributes), tag
        for name in ("src", "href", "action"):
            assert attributes.get(name, "#").startswith(("#", "data:,")), tag
    assert "@import" not in PAGE
    assert "url(" not in PAGE
    assert "Copyright (c) 2022 Leon Sorokin" in PAGE
    assert set(re.findall(r"https?://[^\s\")]+", PAGE)) == {"https://github.com/leeoniya/uPlot"}  # its credit


def test_the_headline_is_that_of_the_score():
    for said in (
        f"{RUN.score['import_kwh']:.1f} kWh",
        f"{100 * RUN.score['solar_share']:.0f} %",
        f"{RUN.score['unmet_kwh']:.1f} kWh",
        f"{sum(own['starts'] for own in RUN.score['policies'].values())}</strong>",
    ):
        assert said in PAGE


def test_every_controller_has_its_row_in_the_order_given():
    rows = re.findall(r'<th scope="row">([^<]+)</th><td>[^<]*</td><td>([^<]+)</td>', PAGE)
    assert [name for name, _ in rows[:3]] == ["policies", "uncontrolled", "threshold"]
    assert [kwh for _, kwh in rows[:3]] == [f"{one.score['import_kwh']:.1f} kWh" for one in [RUN, *OTHERS]]


def test_what_the_score_says_of_the_optimum_is_shown():
    score = {**RUN.score, "captured": 0.915, "import_optimum_kwh": 3.0}
    page = run_report(replace_score(RUN, score))
    assert "91.5 %" in page
    assert "of what could be saved" in page
    assert "not known without the optimum" in PAGE


def replace_score(one, score):
    return data.Played(name=one.name, run=one.run, score=score, changes=one.changes)


def test_names_are_text_wherever_they_come_from():
    site = replace(JUNE.site, name=HOSTILE)
    one = played(replace(JUNE, site=site), name=HOSTILE)
    page = run_report(one)
    assert "<img" not in page
    assert page.count("</script>") == 3
    assert names(page)["shown"][0]["name"] == HOSTILE


def test_curves_are_those_of_the_run():
    given = names(PAGE)
    left = columns(block(PAGE, "columns"))
    for pattern in given["patterns"]:
        for _ in re.findall("[\ue000-\ue004]", pattern[2]):
            next(left)
    told = [(next(left), next(left)) for _ in given["loads"]]
    assert [len(times) for times, _ in told] == [len(RUN.changes.policies[one["name"]]) for one in given["loads"]]
    unknown, pv, base = next(left), next(left), next(left)
    assert (unknown, given["step"]) == ([], 900.0)
    assert pv == [round(w / 10) for w in RUN.run.game.tape.pv_w]
    assert base == [round(w / 10) for w in RUN.run.game.tape.base_load_w]
    for load_ in RUN.run.loads:
        assert next(left) == [round(w / 10) for w in load_.draw_w]
    assert (next(left), next(left)) == ([], [])  # no battery
    for load_ in RUN.run.loads:
        assert [next(left), next(left)] == [
            [round(min(t, RUN.run.game.tape.end) - RUN.run.game.tape.start) for t in times]
            for times in zip(*((span.start, span.stop) for span in load_.spans), strict=True)
        ]
        assert (next(left), next(left)) == ([], [])
    assert next(left) == [0, 86400, 2 * 86400]
    assert next(left) == [3 * 86400]


def noisy(minutes):
    """A recording that packs badly."""
    chance = random.Random(1)
    pv, base = ([chance.uniform(0.0, most_w) for _ in range(minutes)] for most_w in (5000.0, 800.0))
    return tape(pv, base)


def test_curves_get_as_coarse_as_they_must(monkeypatch):
    one = played(game(noisy(2 * 1440), [load("heater", 2000.0)], {}))
    assert names(run_report(one))["step"] == 60.0
    monkeypatch.setattr(data, "ROOM", 4000)
    page = run_report(one)
    assert names(page)["step"] == 300.0
    assert len(block(page, "columns")) < 4500


def test_brief_decisions_are_left_out_where_decisions_alone_are_too_many(monkeypatch):
    def said(page):
        return sum(len(column) for column in list(columns(block(page, "columns")))[:20])

    whole = said(run_report(RUN))
    monkeypatch.setattr(data, "ROOM", 300)
    assert said(run_report(RUN)) < whole


def test_a_diff_shows_both_versions_and_what_is_said_of_them():
    said = [
        Says("import −3.2 kWh", strong=True),
        Heading("What changed <in> the files"),
        Table(("", "key", "old", "new"), [("heater", "off_below", "50 %", "20 %")], left=2),
        Items(["heater", "  old: off"]),
        Rows("heater: rows of its table", ["- 3 a < b", "+ 4"]),
    ]
    page = diff_report(played(JUNE, "main"), played(dull(JUNE), "calmer <b>"), said)
    assert [one["name"] for one in names(page)["shown"]] == ["main", "calmer <b>"]
    for markup in (
        "calmer &lt;b&gt;",
        "<p><strong>import −3.2 kWh</strong></p>",
        "<section><h2>What changed &lt;in&gt; the files</h2>",
        '<th scope="row">heater</th><td class="words">off_below</td><td>50 %</td><td>20 %</td>',
        '<li>heater</li><li class="below">old: off</li>',
        "<summary>heater: rows of its table</summary><pre>- 3 a &lt; b\n+ 4</pre>",
    ):
        assert markup in page


def test_a_policy_with_a_new_name_is_one_load_of_both_versions():
    heater, pump = JUNE.site.appliances
    plants = {"boiler": JUNE.plants["heater"], "heat-pump": JUNE.plants["heat-pump"]}
    later = replace(JUNE, site=replace(JUNE.site, appliances=(replace(heater, name="boiler"), pump)), plants=plants)
    old, new = played(JUNE, "old"), played(later, "new")
    called = data.Played(name="old", run=old.run, score=old.score, changes=old.changes, called={"heater": "boiler"})
    assert {one["name"] for one in names(diff_report(called, new))["loads"]} == {"boiler", "heat-pump"}
    assert len(names(diff_report(old, new))["loads"]) == 3
    left = list(columns(block(diff_report(called, new), "columns")))
    assert left == list(columns(block(diff_report(played(later, "old"), new), "columns")))


@pytest.mark.parametrize(
    "one",
    [
        pytest.param(lambda: game(tape([0.0] * 48, [300.0] * 48, 3600.0), [], {}), id="no loads"),
        pytest.param(lambda: job(tape([None] * 96, [None] * 96, 900.0)), id="nothing known"),
        pytest.param(lambda: job(tape([3000.0], [300.0], 900.0)), id="one interval"),
        pytest.param(lambda: garage(tape([9e3] * 1440, [3e2] * 1440), [stay(400, 1300, 9)]), id="a car"),
        pytest.param(lambda: job(shipped(2, start=MIDNIGHT + 7 * 60 * 60)), id="from the morning"),
    ],
)
def test_there_is_a_report_of_anything(one):
    page = run_report(played(one()))
    assert names(page)["firstDay"].startswith("2020-06-0")


def test_zones_and_their_stations_are_both_shown():
    page = run_report(played(garage(tape([9e3] * 1440, [3e2] * 1440), [stay(400, 1300, 9)])))
    given = names(page)
    assert given["zones"] == ["garage"]
    assert given["loads"] == [{"name": "cp-01", "policy": "garage", "station": True}]
    assert "· cp-01" in page


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_colours_are_defined_for_both_schemes(scheme):
    style = re.search(r"<style>(.*?)</style>", PAGE, re.DOTALL)[1]
    light, dark = (dict(re.findall(r"--([\w-]+): (#\w+)", part)) for part in style.split("@media (prefers-color")[:2])
    assert light.keys() == dark.keys()
    assert STYLES[-1] == "report.css"
