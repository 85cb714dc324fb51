"""``noonward windows``: the calendar, clock changes marked."""

from pathlib import Path

import pytest

from support.console import noonward

POLICIES = Path(__file__).parents[2] / "policies"


def rows(name, begin, days):
    result = noonward("windows", POLICIES, name, "--from", begin, "--days", days)
    assert result.code == 0, result.err
    return [" ".join(line.split()) for line in result.out.splitlines()]


@pytest.mark.parametrize(
    ("name", "begin", "days", "expected"),
    [
        (
            "boiler-cellar",
            "2026-03-28 12:00",
            1,
            [
                "boiler-cellar: 1 days from Sat 2026-03-28 12:00, Europe/Zurich",
                "Sat 2026-03-28 22:30 - Sun 06:00 6 h 30 min low tariff * clock change: 60 min shorter than on the wall",
                "Sun 2026-03-29 02:00 * the clock changes to 03:00",
            ],
        ),
        (
            "boiler-cellar",
            "2026-10-24 12:00",
            2,
            [
                "boiler-cellar: 2 days from Sat 2026-10-24 12:00, Europe/Zurich",
                "Sat 2026-10-24 22:30 - Sun 06:00 8 h 30 min low tariff * clock change: 60 min longer than on the wall",
                "Sun 2026-10-25 03:00 * the clock changes to 02:00",
                "Sun 2026-10-25 12:00 - 14:00 2 h legionella",
                "Sun 2026-10-25 22:30 - Mon 06:00 7 h 30 min low tariff",
            ],
        ),
        (
            "laundry",
            "2026-06-06 12:00",  # a Saturday, inside the window
            1,
            [
                "laundry: 1 days from Sat 2026-06-06 12:00, Europe/Zurich",
                "Sat 2026-06-06 12:00 - 16:00 4 h weekend (open before)",
                "Sun 2026-06-07 10:00 - 12:00 2 h weekend (open after)",
            ],
        ),
        ("laundry", "2026-06-06 16:00", 0.5, None),
    ],
)
def test_calendar(name, begin, days, expected):
    """Edge case 56."""
    if expected is None:
        assert noonward("windows", POLICIES, name, "--from", begin, "--days", days).code == 2
    else:
        assert rows(name, begin, days)[: len(expected)] == expected


def test_without_timers():
    assert rows("pump", "2026-06-06", 3)[1:] == ["It has no timers."]


SITE = "kind: site/v1\nname: s\ntimezone: UTC\ngrid: {meter: m}\ndevices:\n  m: {driver: memory, meter: grid}\n  r: {driver: memory, relays: {relay-1: {power: 1 kW}}}\n"
LAMP = "kind: appliance/v1\nname: lamp\nmode: auto-solar\nload: {power: 1 kW}\nrelays: [r/relay-1]\ntimers: [{name: may, start: '0 6 1 5 *', for: 1 h}]\n"


def test_a_mode_that_does_not_look_at_timers_and_days_without_any(tmp_path):
    (tmp_path / "site.yaml").write_text(SITE)
    (tmp_path / "lamp.yaml").write_text(LAMP)
    result = noonward("windows", tmp_path, "lamp", "--from", "2026-06-01")
    assert result.code == 0, result.err
    assert result.out.splitlines()[1:] == [
        "Its mode is auto-solar, which does not look at timers.",
        "No window opens.",
    ]


@pytest.mark.parametrize(
    ("args", "said"),
    [
        ((POLICIES, "boiler-celar"), 'no policy "boiler-celar"; did you mean "boiler-cellar"?'),
        ((POLICIES, "xyzzy"), "it has "),
        ((POLICIES, "pump", "--from", "noon"), '"noon" is not a date and time'),
        ((POLICIES, "pump", "--days", "0"), "--days"),
    ],
)
def test_usage(args, said):
    result = noonward("windows", *args)
    assert result.code == 2
    assert said in result.err


def test_a_folder_that_does_not_load(tmp_path):
    (tmp_path / "site.yaml").write_text("kind: site/v1\n")
    result = noonward("windows", tmp_path, "pump")
    assert result.code == 1
    assert "error[S103]" in result.err


def test_a_zone_has_windows_too(tmp_path):
    (tmp_path / "site.yaml").write_text(
        "kind: site/v1\nname: s\ntimezone: Europe/Zurich\ngrid: {phases: 3}\n"
        "devices:\n  garage: {driver: memory, stations: {cp-01: {}}}\n"
    )
    (tmp_path / "garage.yaml").write_text(
        "kind: ev-zone/v1\nname: garage\nmode: timer\nstations: [cp-01]\nlimits: {max_power: 11.1 kW}\n"
        'timers: [{name: night, start: "0 23 * * *", for: 6 h}]\n'
    )
    result = noonward("windows", tmp_path, "garage", "--from", "2026-06-01 12:00", "--days", 1)
    assert result.code == 0, result.err
    assert [" ".join(line.split()) for line in result.out.splitlines()] == [
        "garage: 1 days from Mon 2026-06-01 12:00, Europe/Zurich",
        "Mon 2026-06-01 23:00 - Tue 05:00 6 h night",
    ]
