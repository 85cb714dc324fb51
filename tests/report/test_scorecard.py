import pytest

from noonward.lab import baselines, simulate
from noonward.lab.score import score
from noonward.report.scorecard import to_text
from support.games import game, job, load, quota, shipped, tape


def card(run, uncontrolled=None):
    return to_text(score(run, uncontrolled), "house-12", "Europe/Zurich")


def test_a_card_in_full():
    pv = [0.0] * 12 + [4000.0] * 4 + [0.0] * 8
    played = game(
        tape(pv, [500.0] * 24, 3600.0), [load("heater", 2000.0)], {"heater": quota(6, by=20, uncontrolled_from=5)}
    )
    at_once = baselines.play("uncontrolled", played)
    assert card(baselines.play("threshold", played), at_once).splitlines() == [
        "house-12, threshold: 2020-06-01 02:00 to 2020-06-02 02:00 (1 day in steps of 60 min)",
        "",
        "  production         16.0 kWh  50 % used in the house",
        "  base load          12.0 kWh",
        "  loads               6.0 kWh  100 % from the sun",
        "  import             10.0 kWh  6.0 kWh less than uncontrolled (16.0 kWh)",
        "  export              8.0 kWh",
        "  unmet               0.0 kWh",
        "",
        "  policy   energy [kWh]   from sun [kWh]   unmet [kWh]   forced [kWh]   on [h]   starts   a day",
        "  heater            6.0              6.0           0.0            0.0      3.0        1     1.0",
        "",
        "  violations: none",
    ]


@pytest.mark.parametrize(
    ("change", "line"),
    [
        ({"unknown_h": 2.5}, "2.5 h of the tape are unknown and left out of every sum"),
        ({"captured": 0.765}, "captured 76.5 % of what could be saved"),
        ({"import_optimum_kwh": 12.34}, "with perfect foresight it would import 12.3 kWh"),
        (
            {"import_optimum_kwh": 12.34, "unmet_optimum_kwh": 0.0, "import_bound_kwh": 12.3},
            "with perfect foresight it would import 12.3 kWh, 0.33 % above a proven bound of 12.3 kWh",
        ),
        (
            {"import_optimum_kwh": 8.0, "unmet_optimum_kwh": 2.1, "import_bound_kwh": 10.0},
            "import 8.0 kWh and leave 2.1 kWh unmet, 1.00 % above a proven bound of 10.0 kWh",
        ),
        (
            {"import_optimum_kwh": 0.1, "unmet_optimum_kwh": 0.0, "import_bound_kwh": 0.0},
            "with perfect foresight it would import 0.1 kWh, above a proven bound of 0.0 kWh",
        ),
        ({"violations": {"min_on": 2, "fuse": 0}}, "VIOLATIONS: 2 x min on"),
        (
            {"unmet_kwh": 3.0, "import_uncontrolled_kwh": 20.0, "import_kwh": 19.0},
            "2.0 kWh more than uncontrolled (20.0 kWh), unmet counted as import",
        ),
        ({"policies": {}}, "no policy was played"),
    ],
)
def test_remarks(change, line):
    result = score(simulate.play(job(shipped(1)))) | change
    assert line in to_text(result, "x", "UTC")
