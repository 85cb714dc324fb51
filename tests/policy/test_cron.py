"""``noonward.policy.cron``."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from noonward.core.timers import Cron
from noonward.policy import cron
from support.crontext import cron as by_croniter


def test_fields_become_sorted_numbers():
    assert cron.parse("*/15 22-6 1,15 jan-mar mon,7") == Cron(
        minutes=(0, 15, 30, 45),
        hours=(0, 1, 2, 3, 4, 5, 6, 22, 23),
        doms=(1, 15),
        months=(1, 2, 3),
        dows=(0, 1),
        hour_star=False,
        dom_star=False,
        dow_star=False,
    )


@pytest.mark.parametrize(
    ("text", "stars"),
    [
        ("0 * * * *", (True, True, True)),
        ("0 6 * * *", (False, True, True)),
        ("0 6 1 * *", (False, False, True)),
        ("0 6 * * 1", (False, True, False)),
    ],
)
def test_a_star_is_remembered_where_it_matters(text, stars):
    parsed = cron.parse(text)
    assert (parsed.hour_star, parsed.dom_star, parsed.dow_star) == stars


@pytest.mark.parametrize("text", ["0 6 * * sun", "0 6 * * 0", "0 6 * * 7", "0 6 * * SUN"])
def test_sunday_has_three_names(text):
    assert cron.parse(text).dows == (0,)


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        (
            "0 6 * * * *",
            "a sixth field (seconds or a year) is not allowed: expected five fields, found 6",
            'write "0 6 * * *"',
        ),
        ("0 6 * *", "expected five fields (minute hour day-of-month month day-of-week), found 4", None),
        ("", "expected five fields (minute hour day-of-month month day-of-week), found 0", None),
        (
            "22:30",
            "expected five fields (minute hour day-of-month month day-of-week), found 1",
            'every day at 22:30 is "30 22 * * *"',
        ),
        ("@daily", "@daily is not plain cron", 'write "0 0 * * *"'),
        ("@reboot", "@reboot is not plain cron", "write five fields"),
        ("R 6 * * *", "R (random) means another time at every start", "write a number"),
        ("H 6 * * *", "H (hashed) means another time in every program", "write a number"),
        ("H(0-5) 6 * * *", "H (hashed) means another time in every program", "write a number"),
        ("0 6 L * *", "L (last) is not plain cron", 'name the days, for example "0 6 28 * *"'),
        ("0 6 * * 5L", "L (last) is not plain cron", 'name the days, for example "0 6 28 * *"'),
        ("0 6 15W * *", "W (nearest working day) is not plain cron", "name the day of month"),
        ("0 6 LW * *", "W (nearest working day) is not plain cron", "name the day of month"),
        ("0 6 * * 5#1", "# (the n-th weekday) is not plain cron", 'name the days instead, for example "0 6 1-7 * *"'),
        ("0 6 ? * *", "? is not plain cron", "write *"),
        ("60 6 * * *", '"60" is not a value of the minute field (0…59)', None),
        ("0 24 * * *", '"24" is not a value of the hour field (0…23)', None),
        ("0 6 0 * *", '"0" is not a value of the day of month field (1…31)', None),
        ("0 6 * 13 *", '"13" is not a value of the month field (1…12)', None),
        ("0 6 * * 8", '"8" is not a value of the day of week field (0…7 or a name like mon)', None),
        ("0 6 * * funday", '"funday" is not a value of the day of week field (0…7 or a name like mon)', None),
        ("mon 6 * * *", '"mon" is not a value of the minute field (0…59)', None),
        ("1-60 6 * * *", '"60" is not a value of the minute field (0…59)', None),
        ("-1 6 * * *", '"-1" is not a value of the minute field', "numbers, names, lists, ranges and steps only"),
        ("1, 6 * * *", '"" is not a value of the minute field', "numbers, names, lists, ranges and steps only"),
        ("*-5 6 * * *", '"*-5" is not a value of the minute field', "numbers, names, lists, ranges and steps only"),
        ("5-5 6 * * *", '"5-5": a range of one value would mean every minute', 'write "5"'),
        ("*/0 6 * * *", '"*/0": a step in the minute field lies between 1 and 59', None),
        ("*/60 6 * * *", '"*/60": a step in the minute field lies between 1 and 59', None),
        ("0 0 30 2 *", "never fires: month 2 has no day 30", None),
        ("0 0 31 4,6 *", "never fires: month 4, 6 has no day 31", None),
        ("٣ 6 * * *", '"٣" is not a value of the minute field (0…59)', None),
    ],
)
def test_what_is_not_plain_cron_is_refused_with_a_way_out(text, message, hint):
    with pytest.raises(cron.BadCron) as caught:
        cron.parse(text)
    assert (str(caught.value), caught.value.hint) == (message, hint)


def test_a_long_text_is_refused_before_it_costs_anything():
    with pytest.raises(cron.BadCron, match="at most 200 characters"):
        cron.parse("1," * 50_000 + "1 6 * * *")


def test_29_february_is_a_day():
    assert cron.parse("0 0 29 2 *").doms == (29,)


def _field(low, high, names=()):
    number = st.integers(low, high).map(str)
    single = st.one_of(number, st.sampled_from(names)) if names else number
    spread = (
        st.tuples(st.integers(low, high), st.integers(low, high))
        .filter(lambda p: p[0] != p[1])
        .map(lambda p: f"{p[0]}-{p[1]}")
    )
    step = st.integers(1, max(1, high - low)).map(lambda n: f"*/{n}")
    return st.one_of(st.just("*"), step, st.lists(st.one_of(single, spread), min_size=1, max_size=3).map(",".join))


PLAIN = st.tuples(
    _field(0, 59),
    _field(0, 23),
    _field(1, 28),
    _field(1, 12, ("jan", "Dec")),
    _field(0, 6, ("mon", "SAT")),
).map(" ".join)


@given(PLAIN)
def test_every_plain_expression_means_what_croniter_takes_it_for(text):
    assert cron.parse(text) == by_croniter(text)


@given(st.text(max_size=40))
def test_no_text_raises_anything_but_bad_cron(text):
    try:
        parsed = cron.parse(text)
    except cron.BadCron as error:
        assert str(error)  # noqa: PT017 - either outcome is fine, a message there must be
    else:
        assert parsed.minutes
