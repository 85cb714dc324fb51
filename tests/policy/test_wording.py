import pytest

from noonward.policy import wording

NOON = 1_780_308_000.0  # Monday 2026-06-01 12:00 in Zurich


@pytest.mark.parametrize(
    ("watts", "words"),
    [
        (0, "0 W"),
        (-0.2, "0 W"),
        (850, "850 W"),
        (999.4, "999 W"),
        (999.6, "1 kW"),
        (2970, "2.97 kW"),  # never "3.0 kW of the 3.0 kW it needs"
        (3000, "3 kW"),
        (9999, "10 kW"),
        (12_345, "12.3 kW"),
        (22_000, "22 kW"),
        (-1234, "−1.23 kW"),
    ],
)
def test_power_has_three_digits(watts, words):
    assert wording.power(watts) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-3, "0 s"),
        (0.4, "0 s"),
        (60, "60 s"),
        (119, "119 s"),
        (120, "2 min"),
        (150, "2 min 30 s"),
        (719, "12 min"),
        (3600, "1 h"),
        (7800, "2 h 10 min"),
        (3 * 86_400 + 4 * 3600, "3 d 4 h"),
        (86_400, "1 d"),
    ],
)
def test_duration_has_two_units(seconds, words):
    assert wording.duration(seconds) == words


@pytest.mark.parametrize(
    ("after_s", "words"),
    [
        (30, "12:00:30"),
        (-30, "11:59:30"),
        (600, "12:10"),
        (11 * 3600, "23:00"),
        (13 * 3600, "Tue 01:00"),
        (5 * 86_400, "Sat 12:00"),
        (30 * 86_400, "2026-07-01 12:00"),
        (200 * 86_400, "2026-12-18 11:00"),  # winter time by then
    ],
)
def test_moment_has_as_much_date_as_it_needs(after_s, words):
    assert wording.moment(NOON + after_s, now=NOON, timezone="Europe/Zurich") == words


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("surplus_w", 1500.0, "1.5 kW"),
        ("missing_wh", 6000.0, "6 kWh"),
        ("limit_a", 6.04, "6 A"),
        ("delay_s", 60.0, "60 s"),
        ("min_soc", 0.2, "20 %"),
        ("until", NOON + 600, "12:10"),
        ("starts", 3.0, "3"),
        ("mode", "always-on", "always-on"),
    ],
)
def test_a_fact_is_worded_by_its_unit(name, value, words):
    assert wording.fact(name, value, now=NOON, timezone="Europe/Zurich") == words


def test_iso_has_the_offset_of_the_site():
    assert wording.iso(NOON, "Europe/Zurich") == "2026-06-01T12:00:00+02:00"
    assert wording.iso(NOON + 0.25) == "2026-06-01T10:00:00.250+00:00"
