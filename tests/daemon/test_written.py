"""Moments and measures as people write them in a request."""

from datetime import UTC, datetime

import pytest

from noonward.daemon.written import FAR_S, measure, moment
from noonward.errors import UsageError

NOW = datetime(2026, 3, 1, tzinfo=UTC).timestamp()
ZURICH = "Europe/Zurich"


def at(written, **more):
    return moment(written, now=NOW, timezone=ZURICH, what="a wish", endless="say “always”.", **more)


MOMENTS = [
    ("2 h", "2026-03-01T02:00:00+00:00"),
    (" 90min ", "2026-03-01T01:30:00+00:00"),
    ("2026-03-01T12:00", "2026-03-01T11:00:00+00:00"),  # site time, winter
    ("2026-06-01T12:00", "2026-06-01T10:00:00+00:00"),  # site time, summer
    ("2026-06-01T12:00Z", "2026-06-01T12:00:00+00:00"),
    ("2026-06-01 12:00:00-04:00", "2026-06-01T16:00:00+00:00"),
    ("2026-10-25T02:30", "2026-10-25T00:30:00+00:00"),  # shown twice: the first
    ("2026-03-29T02:30", "2026-03-29T01:30:00+00:00"),  # never shown: as the clock would have gone on
    ("20260601", "2026-05-31T22:00:00+00:00"),
]


@pytest.mark.parametrize(("written", "expected"), MOMENTS)
def test_a_moment(written, expected):
    assert datetime.fromtimestamp(at(written), UTC).isoformat() == expected


REFUSED = [
    ("0 s", "0 s is over already; a wish must end in the future."),
    ("-1 h", "-1 h is over already; a wish must end in the future."),
    ("2026-03-01T00:59", "2026-03-01T00:59 is over already; a wish must end in the future."),
    ("4000 d", "4000 d is more than ten years away; say “always”."),
    ("2,5 h", '"2,5 h" is not a time as it is written here; did you mean "2.5 h"?'),
    (
        "07:30",
        '"07:30" is not a time: say 2026-06-01T18:00 (site time, Europe/Zurich), 2026-06-01T16:00Z, or a duration',
    ),
    ("10 kWh", '"10 kWh" is not a time: say'),
    ("2026-02-30T12:00", '"2026-02-30T12:00" is not a time'),
    (None, "null is not a time"),
    (7200, "7200 is not a time"),
    ({"h": 2}, '{"h": 2} is not a time'),
]


@pytest.mark.parametrize(("written", "words"), REFUSED)
def test_what_is_no_moment_to_come_is_refused(written, words):
    with pytest.raises(UsageError) as refused:
        at(written)
    assert str(refused.value).startswith(words)


def test_what_else_would_do_is_said():
    with pytest.raises(UsageError) as refused:
        at("soon", also=("energy",))
    assert str(refused.value).endswith("2026-06-01T16:00Z, a duration like 2 h, or an energy like 10 kWh.")
    with pytest.raises(UsageError) as refused:
        at("10,5 kWh", also=("energy",))
    assert str(refused.value).endswith('did you mean "10.5 kWh"?')


def test_ten_years_are_the_end():
    assert at(f"{FAR_S / 86400:.0f} d") == NOW + FAR_S
    with pytest.raises(UsageError):
        at(f"{FAR_S / 86400:.0f} d 1 s")


@pytest.mark.parametrize(
    ("written", "quantity", "value"),
    [
        ("2 h", "duration", 7200.0),
        ("2 h", "energy", None),
        ("10kWh", "energy", 10_000.0),
        ("10,5 kWh", "energy", None),
        (10, "energy", None),
        (None, "duration", None),
        ("", "duration", None),
    ],
)
def test_a_measure_is_a_text_with_its_unit(written, quantity, value):
    assert measure(written, quantity) == value
