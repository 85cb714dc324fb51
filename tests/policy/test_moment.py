"""Written moments into instants."""

from datetime import UTC, datetime

import pytest

from noonward.policy.moment import instant


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-06-01 11:00", "2026-06-01T09:00+00:00"),
        ("2026-06-01T11:00:30", "2026-06-01T09:00:30+00:00"),
        ("2026-06-01", "2026-05-31T22:00+00:00"),
        ("2026-06-01T11:00Z", "2026-06-01T11:00+00:00"),
        ("2026-06-01 11:00+05:45", "2026-06-01T05:15+00:00"),
        (" 2026-06-01 11:00 ", "2026-06-01T09:00+00:00"),
        ("2026-10-25 02:30", "2026-10-25T00:30+00:00"),  # comes twice: the first
        ("2026-10-25T02:30+01:00", "2026-10-25T01:30+00:00"),
        ("2026-03-29 02:30", "2026-03-29T01:30+00:00"),  # does not exist: 03:30 on the wall
    ],
)
def test_instant(text, expected):
    """Edge case 56."""
    assert datetime.fromtimestamp(instant(text, "Europe/Zurich"), UTC) == datetime.fromisoformat(expected)


@pytest.mark.parametrize("text", ["", "noon", "11:00", "2026-02-30 11:00", "01.06.2026", "2026-06-01 25:00"])
def test_what_is_no_moment(text):
    with pytest.raises(ValueError, match="is not a date and time such as 2026-06-01 11:00"):
        instant(text, "Europe/Zurich")
