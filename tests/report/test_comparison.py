"""The table of ``noonward compare``."""

from textwrap import dedent

from noonward.report.comparison import to_text


def row(imported, unmet, captured, starts, forced=0.0, broken=0):
    return {
        "import_kwh": imported, "unmet_kwh": unmet, "captured": captured, "solar_share": 0.5, "forced_kwh": forced,
        "violations": {"min_on": broken, "fuse": 0}, "policies": {"heater": {"starts_per_day": starts}},
    }  # fmt: skip


FOUND = {
    "from": "2020-06-01T00:00:00Z",
    "to": "2020-06-02T00:00:00Z",
    "step_s": 60,
    "unknown_h": 0.0,
    "import_bound_kwh": None,
    "departure_unknown": None,
    "controllers": {"uncontrolled": row(10.0, 0.0, 0.0, 1.0), "policies": row(4.25, 0.0, 0.93, 3.04, 1.0)},
}


def test_the_table():
    assert to_text(FOUND, "house", "UTC") == dedent(
        """\
        house: 2020-06-01 00:00 to 2020-06-02 00:00 (1 day in steps of 1 min)

                                                                                                         starts a day
                        import [kWh]  unmet [kWh]  captured [%]  from sun [%]  forced [kWh]  violations  heater
          uncontrolled          10.0          0.0           0.0            50           0.0           0     1.0
          policies               4.2          0.0          93.0            50           1.0           0     3.0"""
    )


def test_what_is_said_below():
    rows = FOUND["controllers"] | {
        "policies, departure unknown": row(3.0, 2.5, 0.9, 2.0),
        "optimum": row(3.92, 0.1, 1.0, 6.0) | {"import_optimum_kwh": 3.92, "unmet_optimum_kwh": 0.1},
    }
    cost = {"import_kwh": -1.25, "unmet_kwh": 2.5, "captured": -0.03}
    bound = {"import_bound_kwh": 4.0}
    rows["optimum"] |= bound
    text = to_text(FOUND | {"controllers": rows, "departure_unknown": cost} | bound, "house", "UTC")
    assert "the optimum is 0.50 % above a proven bound of 4.0 kWh" in text
    assert "an unknown departure costs: import -1.2 kWh, 2.5 kWh not delivered, captured -3.0 pt" in text
    nothing = to_text(FOUND | {"controllers": {"policies": row(4.0, 0.0, None, 1.0, broken=2)}}, "house", "UTC")
    assert "captured means nothing here: a plant has no need, or less than 1 % could be saved" in nothing
    assert nothing.splitlines()[4].split() == ["policies", "4.0", "0.0", "-", "50", "0.0", "2", "1.0"]
    assert "24 h of the tape are unknown" in to_text(FOUND | {"unknown_h": 24.0}, "house", "UTC")
