"""Timers: expansion, windows, both clock changes."""

import pickle
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from croniter import croniter
from hypothesis import event, example, given, settings
from hypothesis import strategies as st

from noonward.core.timers import BLOCK_S, Cron, Timer, Windows, fires
from support.crontext import cron, timer, windows

ZURICH = "Europe/Zurich"
ZONES = (
    ZURICH,
    "America/New_York",
    "America/Havana",  # changes at midnight, back from 01:00 to 00:00
    "Africa/Casablanca",  # the clock goes back for Ramadan
    "Asia/Kathmandu",  # +05:45
    "Pacific/Apia",  # skipped a whole day in 2011
    "Pacific/Auckland",
    "UTC",
)
DAY = 86_400


def at(text: str, tz: str = ZURICH, fold: int = 0) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(tz), fold=fold).timestamp()


def wall(t: float, tz: str = ZURICH) -> str:
    return datetime.fromtimestamp(t, ZoneInfo(tz)).strftime("%Y-%m-%d %H:%M%z")


def pairs(found, tz=ZURICH):
    return [(wall(a, tz)[5:16], wall(b, tz)[5:16]) for a, b in zip(found[::2], found[1::2], strict=True)]


# --- one expression ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expression", "day", "expected"),
    [
        # spring, 2026-03-29: 02:00 … 02:59 does not exist
        ("30 2 * * *", "2026-03-29", ["03:00+0200"]),
        ("0 2 * * *", "2026-03-29", ["03:00+0200"]),
        ("*/30 2 * * *", "2026-03-29", ["03:00+0200"]),
        ("0 2,3 * * *", "2026-03-29", ["03:00+0200"]),
        ("30 1-3 * * *", "2026-03-29", ["01:30+0100", "03:00+0200", "03:30+0200"]),
        ("30 * 29 3 *", "2026-03-29", [f"{h:02}:30+0{1 if h < 2 else 2}00" for h in range(24) if h != 2]),
        # autumn, 2026-10-25: 02:00 … 02:59 comes twice
        ("30 2 * * *", "2026-10-25", ["02:30+0200"]),
        ("30 1-3 * * *", "2026-10-25", ["01:30+0200", "02:30+0200", "03:30+0100"]),
        ("0 3 * * *", "2026-10-25", ["03:00+0100"]),
        (
            "30 * 25 10 *",
            "2026-10-25",
            ["00:30+0200", "01:30+0200", "02:30+0200", "02:30+0100", *(f"{h:02}:30+0100" for h in range(3, 24))],
        ),
    ],
)
def test_clock_change_days_in_zurich(expression, day, expected):
    """Edge case 56."""
    lo = at(f"{day} 00:00")
    hi = at(f"{(datetime.fromisoformat(day) + timedelta(days=1)).date()} 00:00")
    assert [wall(t)[11:] for t in fires(cron(expression), ZoneInfo(ZURICH), lo, hi)] == expected


@pytest.mark.parametrize(
    ("expression", "year", "expected"),
    [
        ("0 12 29 2 *", 2028, ["2028-02-29"]),
        ("0 12 29 2 *", 2026, []),
        ("0 12 31 * *", 2026, [f"2026-{m:02}-31" for m in (1, 3, 5, 7, 8, 10, 12)]),
        ("0 12 13 2 5", 2026, ["2026-02-06", "2026-02-13", "2026-02-20", "2026-02-27"]),  # either day field suffices
        ("0 12 1 3 5", 2026, ["2026-03-01", "2026-03-06", "2026-03-13", "2026-03-20", "2026-03-27"]),
        ("0 12 * 2 0", 2026, ["2026-02-01", "2026-02-08", "2026-02-15", "2026-02-22"]),  # 0 is Sunday
    ],
)
def test_calendar(expression, year, expected):
    """Edge case 58, 29 February."""
    found = fires(cron(expression), ZoneInfo(ZURICH), at(f"{year}-01-01 00:00"), at(f"{year + 1}-01-01 00:00"))
    assert [wall(t)[:10] for t in found] == expected


def test_a_day_that_does_not_exist_fires_at_its_end():
    """Samoa went from 29 to 31 December 2011."""
    lo, hi = at("2011-12-28 00:00", "Pacific/Apia"), at("2012-01-02 00:00", "Pacific/Apia")
    found = [wall(t, "Pacific/Apia")[:16] for t in fires(cron("0 12 * 12 *"), ZoneInfo("Pacific/Apia"), lo, hi)]
    assert found == ["2011-12-28 12:00", "2011-12-29 12:00", "2011-12-31 00:00", "2011-12-31 12:00"]
    missing = at("2011-12-31 00:00", "Pacific/Apia")
    assert fires(cron("0 12 30 12 *"), ZoneInfo("Pacific/Apia"), missing, missing + DAY) == [missing]


def test_half_an_hour_of_change_is_where_croniter_differs():
    """Lord Howe moves by 30 minutes: 02:00 -> 02:30. The first existing minute after 02:15 is 02:30."""
    zone = ZoneInfo("Australia/Lord_Howe")
    lo = at("2026-10-04 00:00", "Australia/Lord_Howe")
    assert [wall(t, zone.key)[11:] for t in fires(cron("15 2 * * *"), zone, lo, lo + DAY)] == ["02:30+1100"]
    assert [wall(t, zone.key)[11:] for t in fires(cron("45 2 * * *"), zone, lo, lo + DAY)] == ["02:45+1100"]


def subset(lo, hi, most):
    return st.lists(st.integers(lo, hi), min_size=1, max_size=most, unique=True).map(
        lambda values: ",".join(map(str, sorted(values)))
    )


hours = st.one_of(st.just("*"), subset(0, 23, 4), subset(0, 4, 2), st.just("*/2"))
doms = st.one_of(st.just("*"), st.just("*"), subset(1, 31, 4))
dows = st.one_of(st.just("*"), st.just("*"), subset(0, 6, 3))
months = st.one_of(st.just("*"), subset(1, 12, 6))
expressions = st.tuples(st.one_of(subset(0, 59, 3), st.just("*/15")), hours, doms, months, dows).map(" ".join)


def changes(tz, year):
    """Return the days of this year on which the clock changes."""
    zone = ZoneInfo(tz)
    start = datetime(year, 1, 1, tzinfo=UTC)
    days = [start + timedelta(days=n) for n in range(366)]
    offsets = [day.astimezone(zone).utcoffset() for day in days]
    return [day for day, a, b in zip(days, offsets, offsets[1:], strict=False) if a != b]


def by_croniter(expression, zone, lo, hi):
    """Fires by ``get_next``, without the second pass of a named hour. croniter_range is wrong around the fold."""
    star = croniter.expand(expression)[0][1] == ["*"]
    iterator = croniter(expression, datetime.fromtimestamp(lo - 1, UTC).astimezone(zone), ret_type=datetime)
    found = []
    while True:
        try:
            moment = iterator.get_next()
        except ValueError:  # nothing within 50 years
            return found
        if moment.timestamp() >= hi:
            return found
        if moment.timestamp() >= lo and (star or not moment.fold):
            found.append(moment.timestamp())


def by_the_minute(expression, zone, lo, hi):
    """Walk every minute and every skipped wall minute: the rule, without any arithmetic of days."""
    fields = cron(expression)

    def names(wall):
        return wall.minute in fields.minutes and wall.hour in fields.hours and fields.on_day(wall.date())

    found = []
    before = datetime.fromtimestamp(lo - 60, zone).replace(tzinfo=None)
    for t in range(int(lo), int(hi), 60):
        moment = datetime.fromtimestamp(t, zone)
        naive = moment.replace(tzinfo=None)
        fired = names(naive) and (fields.hour_star or not moment.fold)
        skipped = before + timedelta(minutes=1)
        while skipped < naive and not fired and not fields.hour_star:
            fired = names(skipped)
            skipped += timedelta(minutes=1)
        if fired:
            found.append(t)
        before = naive
    return found


CRONITER_DIFFERS = {
    "Australia/Lord_Howe",  # half an hour of change
    "America/Santiago",  # the repeated hour belongs to the day before
}


def test_expansion_is_the_rule_and_croniter():
    """Edge case 56."""
    reached = {"gap": 0, "fold": 0, "quiet": 0}

    @settings(max_examples=settings.default.max_examples * 3 // 2, deadline=None)
    @given(
        expression=expressions,
        tz=st.sampled_from([*ZONES, *CRONITER_DIFFERS]),
        year=st.integers(2020, 2037),
        which=st.integers(0, 3),
    )
    @example(expression="30 2 * * *", tz=ZURICH, year=2026, which=0)
    @example(expression="30 2 * * *", tz=ZURICH, year=2026, which=1)
    @example(expression="15,45 */2 * * *", tz=ZURICH, year=2026, which=0)
    @example(expression="15,45 */2 * * *", tz=ZURICH, year=2026, which=1)
    @example(expression="*/15 * 4 1,4 *", tz="America/Santiago", year=2020, which=0)
    @example(expression="15 2 * * *", tz="Australia/Lord_Howe", year=2026, which=1)
    def holds(expression, tz, year, which):
        zone = ZoneInfo(tz)
        days = changes(tz, year) or [datetime(year, 2, 28, tzinfo=UTC)]
        day = days[which % len(days)]
        lo, hi = day.timestamp() - 2 * DAY, day.timestamp() + 3 * DAY
        offsets = [datetime.fromtimestamp(t, zone).utcoffset() for t in (lo, hi)]
        kind = "gap" if offsets[0] < offsets[1] else "fold" if offsets[0] > offsets[1] else "quiet"
        reached[kind] += 1
        event(kind)
        found = fires(cron(expression), zone, lo, hi)
        assert found == by_the_minute(expression, zone, lo, hi)
        if tz not in CRONITER_DIFFERS:
            assert found == by_croniter(expression, zone, lo, hi)

    holds()
    assert min(reached["gap"], reached["fold"]) >= settings.default.max_examples // 5


# --- windows ---------------------------------------------------------------------------------------------------------

NIGHT = timer("0 22 * * *", stop="0 6 * * *", name="night")


@pytest.mark.parametrize(
    ("timers", "lo", "days", "expected"),
    [
        # a window over midnight; edge case 58
        ([NIGHT], "2026-06-01 12:00", 2, [("06-01 22:00", "06-02 06:00"), ("06-02 22:00", "06-03 06:00")]),
        # clock changes: stop is wall clock, for is elapsed; edge case 56
        ([NIGHT], "2026-03-28 12:00", 1, [("03-28 22:00", "03-29 06:00")]),
        ([timer("0 22 * * *", for_h=8)], "2026-03-28 12:00", 1, [("03-28 22:00", "03-29 07:00")]),
        ([NIGHT], "2026-10-24 12:00", 1, [("10-24 22:00", "10-25 06:00")]),
        ([timer("0 22 * * *", for_h=8)], "2026-10-24 12:00", 1, [("10-24 22:00", "10-25 05:00")]),
        # start and stop collapse into one instant: nothing happens, not a window of a day
        ([timer("15 2 * * *", stop="45 2 * * *")], "2026-03-28 12:00", 2, [("03-30 02:15", "03-30 02:45")]),
        ([timer("30 2 * * *", stop="0 4 * * *")], "2026-03-28 12:00", 1, [("03-29 03:00", "03-29 04:00")]),
        # contiguous and overlapping windows are one, across timers too
        ([timer("0 6,12 * * *", stop="0 12,18 * * *")], "2026-06-01 00:00", 1, [("06-01 06:00", "06-01 18:00")]),
        (
            [timer("0 6 * * *", stop="0 12 * * *"), timer("0 12 * * *", for_h=2), timer("0 13 * * *", for_h=0.5)],
            "2026-06-01 00:00",
            1,
            [("06-01 06:00", "06-01 14:00")],
        ),
        # a start while open and a stop while closed do nothing
        ([timer("0 6,8 * * *", stop="0 10,12 * * *")], "2026-06-01 00:00", 1, [("06-01 06:00", "06-01 10:00")]),
        ([timer("0 6,7 * * *", for_h=2)], "2026-06-01 00:00", 1, [("06-01 06:00", "06-01 09:00")]),
        # the whole weekend
        ([timer("0 22 * * 5", stop="0 6 * * 1")], "2026-06-04 00:00", 5, [("06-05 22:00", "06-08 06:00")]),
        # the same start and stop never open
        ([timer("0 6 * * *", stop="0 6 * * *")], "2026-06-01 00:00", 8, []),
        ([], "2026-06-01 00:00", 8, []),
    ],
)
def test_windows(timers, lo, days, expected):
    start = at(lo)
    assert pairs(windows(*timers).edges(start, start + days * DAY)) == expected


@pytest.mark.parametrize(
    ("make", "hours"),
    [
        (("2026-03-28 12:00", NIGHT), 7),
        (("2026-10-24 12:00", NIGHT), 9),
        (("2026-03-28 12:00", timer("0 22 * * *", for_h=8)), 8),
        (("2026-10-24 12:00", timer("0 22 * * *", for_h=8)), 8),
    ],
)
def test_length_of_a_night_with_a_clock_change(make, hours):
    """Edge case 56."""
    noon, entry = make
    opened, closed = windows(entry).edges(at(noon), at(noon) + DAY)
    assert (closed - opened) / 3600 == hours


def test_stop_at_the_repeated_hour_is_the_first_occurrence():
    found = windows(timer("0 1 * * *", stop="30 2 * * *")).edges(at("2026-10-25 00:00"), at("2026-10-26 00:00"))
    assert [wall(t)[11:] for t in found] == ["01:00+0200", "02:30+0200"]


def test_half_open():
    opens, closes = at("2026-06-01 22:00"), at("2026-06-02 06:00")
    night = windows(NIGHT)
    assert [night.is_open(t) for t in (opens - 1, opens, closes - 1, closes)] == [False, True, True, False]
    assert [night.next_edge(t) for t in (opens - 1, opens, closes - 1)] == [opens, closes, closes]
    assert night.next_edge(closes) == opens + DAY


@pytest.mark.parametrize("entry", [timer("0 22 * * *", stop="0 0 * * *"), timer("0 22 * * *", for_h=2)])
def test_a_window_that_ends_with_a_block(entry):
    border = BLOCK_S * 2575.0
    subject = windows(entry, tz="UTC")
    assert [subject.is_open(t) for t in (border - 1, border, border + 60)] == [True, False, False]
    assert subject.next_edge(border - 1) == border


@pytest.mark.parametrize("entry", [timer("0 22 * * *", stop="0 2 * * *"), timer("0 22 * * *", for_h=4)])
def test_a_window_over_the_border_of_a_block_has_no_edge_there(entry):
    border = BLOCK_S * 2575.0
    subject = windows(entry, tz="UTC")
    assert subject.next_edge(border - 60) == border + 2 * 3600
    assert subject.edges(border - DAY, border + DAY)[2:4] == (border - 2 * 3600, border + 2 * 3600)


def test_edges_are_cut_at_both_ends():
    lo, hi = at("2026-06-01 23:00"), at("2026-06-02 23:00")
    assert pairs(windows(NIGHT).edges(lo, hi)) == [("06-01 23:00", "06-02 06:00"), ("06-02 22:00", "06-02 23:00")]
    assert windows(NIGHT).edges(hi, lo) == ()
    assert windows(NIGHT).edges(lo, lo) == ()


def test_which_names_the_first_open_timer_of_the_file():
    both = windows(NIGHT, timer("0 5 * * *", for_h=2, name="morning"))
    names = [both.which(at(f"2026-06-02 {hour}")) for hour in ("04:59", "05:30", "06:00", "07:00")]
    assert names == ["night", "night", "morning", None]


def test_a_season_is_remembered_for_as_long_as_it_lasts():
    summer = windows(timer("0 0 1 5 *", stop="0 0 1 10 *"))
    assert [summer.is_open(at(f"2026-{m:02}-15 12:00")) for m in range(1, 13)] == [False] * 4 + [True] * 5 + [False] * 3
    assert summer.next_edge(at("2026-05-02 00:00")) == at("2026-10-01 00:00")
    assert summer.next_edge(at("2026-10-02 00:00")) == at("2027-05-01 00:00")


def test_open_since_a_leap_day():
    """Edge case 58: opened on 29 February, closed by a start of another leap year's day only."""
    leap = windows(timer("0 0 29 2 *", stop="0 0 1 1 *"))
    assert leap.is_open(at("2028-12-31 12:00"))
    assert not leap.is_open(at("2031-12-31 12:00"))


def test_never_in_sight_is_none():
    assert windows().next_edge(at("2026-06-01 00:00")) is None
    assert windows(timer("0 * * * *", for_h=1)).next_edge(at("2026-06-01 00:00")) is None  # open for ever
    assert windows(timer("0 * * * *", for_h=1)).is_open(at("2026-06-01 00:00"))


@pytest.mark.parametrize(
    ("start", "stop", "is_open"), [("30 0 * * *", "0 3 * * *", True), ("0 20 * * *", "30 0 * * *", False)]
)
def test_what_was_open_before_a_block_is_asked_in_the_zone_of_the_site(start, stop, is_open):
    """Half past midnight in Zurich is the evening before in UTC, where blocks begin."""
    assert windows(timer(start, stop=stop)).is_open(BLOCK_S * 2575.0) is is_open


def test_a_date_that_never_comes_opens_nothing():
    start, stop = (Cron((0,), (hour,), (30,), (2,), tuple(range(7)), False, False, True) for hour in (0, 6))
    assert not windows(Timer("never", start, stop, None, 1)).is_open(at("2026-06-01 12:00"))


def test_windows_are_called_by_their_timers_and_their_zone():
    assert repr(windows(NIGHT, timer("0 12 * * 0", for_h=2, name="rinse"))) == "Windows(night, rinse; Europe/Zurich)"


def test_start_and_stop_that_always_coincide_never_open():
    """Written differently, so that only the instants tell."""
    subject = windows(timer("0 6 * * *", stop="0 6 * * 0-6"))
    assert not subject.is_open(at("2026-06-01 12:00"))
    assert subject.next_edge(at("2026-06-01 12:00")) is None


def test_what_is_forgotten_is_expanded_again():
    """Thirteen years there and back, more than is kept."""
    subject, start = windows(NIGHT), at("2026-06-01 23:00")
    moments = [start + n * BLOCK_S for n in range(-300, 300)]
    first = [subject.next_edge(t) for t in moments]
    assert [subject.next_edge(t) for t in moments] == first
    assert first[300] == at("2026-06-02 06:00")


def test_another_time_zone_is_another_window():
    """Edge case 59: the zone of the site decides; nothing of the old one is kept."""
    here, there = windows(NIGHT), windows(NIGHT, tz="America/New_York")
    t = at("2026-06-01 23:00")
    assert here.is_open(t)
    assert not there.is_open(t)
    assert here != there


def test_equality_is_by_timers_and_zone_only():
    used, fresh = windows(NIGHT), windows(NIGHT)
    used.is_open(at("2026-06-01 23:00"))
    assert used == fresh
    assert hash(used) == hash(fresh)
    assert used != windows(timer("0 21 * * *", stop="0 6 * * *", name="night"))
    assert used != "night"
    assert pickle.loads(pickle.dumps(used)) == fresh  # noqa: S301 - our own bytes


@pytest.mark.parametrize("given_", [{"stop": None, "for_s": None}, {"stop": cron("0 6 * * *"), "for_s": 60.0}])
def test_a_timer_ends_in_one_way(given_):
    with pytest.raises(ValueError, match="exactly one of stop and for_s"):
        Timer(name="x", start=cron("0 5 * * *"), line=1, **given_)


walls = st.tuples(subset(0, 59, 2), st.one_of(subset(0, 23, 3), subset(1, 3, 2)), st.just("* *"), dows).map(" ".join)
timers_ = st.one_of(
    st.builds(lambda a, b: timer(a, stop=b), walls, walls),
    st.builds(lambda a, m: timer(a, for_h=m / 60), walls, st.sampled_from([1, 15, 60, 61, 1440, 1500])),
)


def slowly_open(windows_, t, back):
    """Replay every firing since ``back``, one instant at a time: the definition, written down a second time."""
    zone, result = ZoneInfo(windows_.timezone), False
    for entry in windows_.timers:
        starts = set(fires(entry.start, zone, back, t + 1))
        if entry.for_s is not None:
            result |= any(s <= t < s + entry.for_s for s in starts)
            continue
        stops = set(fires(entry.stop, zone, back, t + 1))
        is_open = False
        for moment in sorted(starts | stops):
            if (moment in starts) != (moment in stops):
                is_open = moment in starts
        result |= is_open
    return result


def test_windows_against_a_slow_definition():
    """Asked in any order, also across the border of a block."""
    seen = {True: 0, False: 0}

    @settings(max_examples=settings.default.max_examples * 6 // 5, deadline=None)
    @given(
        entries=st.lists(timers_, min_size=1, max_size=3),
        tz=st.sampled_from(ZONES),
        base=st.sampled_from([at("2026-03-29 00:00"), at("2026-10-25 00:00"), BLOCK_S * 2575.0]),
        offsets=st.lists(st.integers(-3 * 1440, 3 * 1440), min_size=1, max_size=12),
    )
    def holds(entries, tz, base, offsets):
        subject = windows(*entries, tz=tz)
        for minutes in offsets:
            t = base + minutes * 60
            expected = slowly_open(subject, t, base - 40 * DAY)
            seen[expected] += 1
            assert subject.is_open(t) == expected
            assert (subject.which(t) is not None) == expected
            edge = subject.next_edge(t)
            if edge is not None:
                assert subject.is_open(edge) != expected
                assert subject.is_open(edge - 1) == expected
                assert windows(*entries, tz=tz).next_edge(t) == edge

    holds()
    assert min(seen.values()) >= settings.default.max_examples


def test_a_year_of_minutes_is_open_as_long_as_its_windows_say():
    """Asked once a minute for a year, across both clock changes."""
    subject = Windows((NIGHT, timer("0 12 * * 0", for_h=2)), ZURICH)
    start = at("2026-01-01 00:00")
    minutes = sum(subject.is_open(start + 60 * n) for n in range(525_600))
    assert minutes == (365 * 8 + 52 * 2) * 60
