"""What a difference reads like."""

import pytest

from noonward.report.difference import to_markdown, to_text

EVIL = "boiler|<script>@anna"


def change(old, new):
    return {"old": old, "new": new, "change": None if old is None or new is None else new - old}


def said(policy, state, line):
    return {"policy": policy, "state": state, "power_w": 0.0, "code": "surplus", "row": 1, "stations": [],
            "because": ["Because of the sun."], "place": f"boiler.yaml:{line}"}  # fmt: skip


TOTALS = {
    "captured": change(0.80, 0.785), "import": change(10.0, 12.5), "export": change(0.0, 0.0), "unmet": change(0.0, 0.04),
    "energy": change(5.0, 5.0), "forced": change(0.0, 0.0), "solar_share": change(0.5, 0.5),
    "self_consumption": change(0.5, 0.4), "self_sufficiency": change(None, 0.4), "starts": change(3, 5),
    "on": change(2.0, 1.0), "cost": change(None, None), "violations": change(0, 0),
}  # fmt: skip
OWN = {"energy_kwh": change(5.0, 5.01), "solar_kwh": change(2.0, 1.0), "unmet_kwh": change(0.0, 0.0),
       "forced_kwh": change(0.0, 0.0), "starts": change(3, 5), "on_h": change(2.0, 1.0)}  # fmt: skip
FOUND = {
    "site": "house", "timezone": "Europe/Zurich", "recording": "june.yaml",
    "old": {"text": "main:policies", "commit": "1"}, "new": {"text": "policies", "commit": None},
    "structure": {
        "policies": [
            {"name": EVIL, "what": "changed", "was": None,
             "keys": [{"key": "load.min_on", "old": "5 min", "new": "20 min", "place": "boiler.yaml:4"}],
             "rows": [{"sign": "+", "number": 3, "text": "off → on because surplus"},
                      *({"sign": "~", "number": n, "text": "x"} for n in (5, 6, 7, 9))]},
            {"name": "pump", "what": "removed", "was": None, "keys": [], "rows": []},
            {"name": "tank", "what": "changed", "was": "cask", "keys": [], "rows": []},
        ],
        "site": [{"key": "grid.fuse", "old": "35 A", "new": "25 A", "place": "site.yaml"}],
    },
    "played": {"from": "2020-06-01T00:00:00Z", "to": "2020-06-02T00:00:00Z", "step_s": 60},
    "behaviour": {
        "totals": TOTALS,
        "policies": {EVIL: OWN, "pump": {key: change(one["old"], None) for key, one in OWN.items()}},
        "parting": {"at": "2020-06-01T10:00:30Z", "timezone": "Europe/Zurich", "policies": [
            {"policy": EVIL, "old": said(EVIL, "off", 4), "new": said(EVIL, "on", 5)},
            {"policy": "pump", "old": said("pump", "off", 3), "new": None}]},
        "days": [{"date": "2020-06-01", "import_kwh": 2.5, "policies": {EVIL: {"energy_kwh": 0.01, "starts": 2}}}],
    },
    "fail_on": None, "fails": True,
}  # fmt: skip


def test_text():
    text = to_text(FOUND)
    for line in (
        "house: main:policies → policies",
        "captured −1.5 pt, import +2.5 kWh, starts +2",
        "  pump: removed",
        "  cask: now called tank",
        "  site                  grid.fuse    35 A   25 A    site.yaml",
        "    +   3  off → on because surplus",
        "    ~ with other numbers: 5–7, 9",
        "june.yaml: 2020-06-01 02:00 to 2020-06-02 02:00 (1 day in steps of 1 min)",
        "They part on Mon 2020-06-01 at 12:00:30",
        "    old: off (boiler.yaml:4). Because of the sun.",
        "    new: not there",
    ):
        assert line in text.splitlines(), line
    assert f"{EVIL}: starts" in text
    assert f"{EVIL}: energy" not in text  # 0.01 kWh is no change that is shown
    assert "violations" not in text
    assert "self-sufficiency" not in text  # one of the two is not known
    assert "pump: energy" in text
    assert "pump: unmet" not in text


def test_markdown_is_text_to_the_letter():
    markdown = to_markdown(FOUND)
    assert markdown.startswith("<!-- noonward diff june.yaml -->\n")
    assert "<script>" not in markdown
    assert "@anna" not in markdown
    assert "| boiler\\|&lt;script&gt;@<!-- -->anna | load.min\\_on | 5 min | 20 min | boiler.yaml:4 |" in markdown
    rows = [line for line in markdown.splitlines() if line.startswith("|")]
    assert {line.replace("\\|", "").count("|") for line in rows} == {5, 6}


@pytest.mark.parametrize(
    ("behaviour", "gist"),
    [
        (None, "Both versions do the same in this scenario."),
        ({"parting": None, "days": []}, "Both versions decide the same in this scenario."),
        ({"days": []}, "Other decisions, same sums."),
    ],
)
def test_the_first_words(behaviour, gist):
    same = {name: change(one["old"], one["old"]) for name, one in TOTALS.items()}
    played = None if behaviour is None else FOUND["behaviour"] | {"totals": same, "policies": {}} | behaviour
    assert to_text(FOUND | {"behaviour": played}).split("\n\n")[1] == gist


def test_no_difference():
    found = FOUND | {"structure": {"policies": [], "site": []}, "behaviour": None, "played": None}
    assert to_text(found).splitlines()[-1] == "No difference."


def test_what_became_of_fail_on():
    judged = {"text": "captured < -1 pt or starts > +20 %", "holds": True, "conditions": [
        {"text": "captured < -1 pt", "change": -1.5, "unit": "pt", "holds": True},
        {"text": "starts > +20 %", "change": None, "unit": "%", "holds": True},
        {"text": "cost > +1", "change": None, "unit": "", "holds": None}]}  # fmt: skip
    text = to_text(FOUND | {"fail_on": judged})
    assert "--fail-on “captured < -1 pt or starts > +20 %” holds: too much." in text
    assert "  captured < -1 pt: -1.5 pt, yes" in text
    assert "  starts > +20 %: from nothing, yes" in text
    assert "  cost > +1: nobody knows" in text
    assert "+20 %” cannot be decided." in to_text(FOUND | {"fail_on": judged | {"holds": None}})
