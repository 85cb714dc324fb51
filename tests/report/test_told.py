from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from noonward.core.model import Reason, ReasonCode
from noonward.lab.changes import Change
from noonward.policy.sentences import sentence
from noonward.report.packed import Columns
from noonward.report.told import MINUTES, SECONDS, WHOLE, Told, taken_apart
from support.games import job, shipped
from support.reports import columns, played

NOON = 12 * 3600


def together(pattern, numbers, clock_s):
    """Put a sentence together again, as told.js does."""
    left = iter(numbers)

    def word(mark):
        if mark < SECONDS or mark > chr(ord(WHOLE) + 2):
            return mark
        n = next(left)
        if mark == SECONDS:
            s = (clock_s + n) % 86400
            return f"{s // 3600:02}:{s // 60 % 60:02}:{s % 60:02}"
        if mark == MINUTES:
            m = (clock_s // 60 + n) % 1440
            return f"{m // 60:02}:{m % 60:02}"
        decimals = ord(mark) - ord(WHOLE)
        return f"{n / 10**decimals:.{decimals}f}"

    return "".join(map(word, pattern))


@pytest.mark.parametrize(
    ("text", "pattern", "numbers"),
    [
        ("On.", "On.", []),
        ("2.13 kW until 12:05:30", "\ue004 kW until \ue000", [213, 330]),
        ("−850 W, 3 kW, 15.5 A", "−\ue002 W, \ue002 kW, \ue003 A", [850, 3, 155]),
        ("until Tue 06:00", "until Tue \ue001", [1440 - 360]),
        ("until 2026-12-01 06:00", None, None),
        ("at 07:00:00.5, 1.234, 007, 1:30, 25:61", None, None),
        ("window “0 5 * * 1-5”", None, None),
        ("x12 12x 1e5 \ue000", None, None),
    ],
)
def test_numbers_are_taken_out_of_a_text(text, pattern, numbers):
    found = taken_apart(text, NOON)
    assert together(*found, NOON) == text.replace("\ue000", "?")
    if pattern is not None:
        assert found == (pattern, numbers)


@given(st.text(st.sampled_from("0123456789:.,- akW−“"), max_size=40), st.integers(0, 86399))
def test_any_text_comes_together_again(text, clock_s):
    pattern, numbers = taken_apart(text, clock_s)
    assert together(pattern, numbers, clock_s) == text


def unpacked(told, start, timezone):
    """What was told, as (at, state, code, text) of each speaker."""
    packed = Columns()
    told.pack(packed)
    left = columns(packed.text())
    slots = [[next(left) for mark in pattern.text if "\ue000" <= mark <= "\ue004"] for pattern in told.patterns]
    used = [0] * len(slots)
    rest = list(left)
    for seconds, places in zip(rest[::2], rest[1::2], strict=True):
        said = []
        for s, place in zip(seconds, places, strict=True):
            then = datetime.fromtimestamp(start + s, ZoneInfo(timezone))
            clock_s = then.hour * 3600 + then.minute * 60 + then.second
            state, code, text = told.patterns[place]
            numbers = [slot[used[place]] for slot in slots[place]]
            used[place] += 1
            said.append((start + s, state, code, together(text, numbers, clock_s)))
        yield said


@pytest.mark.parametrize("timezone", ["UTC", "Europe/Zurich", "Asia/Kathmandu"])
def test_every_sentence_of_a_run_can_be_read_again(timezone):
    one = played(job(shipped(5), timezone=timezone))
    start = one.run.game.tape.start
    told = Told(timezone)
    spoken = [one.changes.policies[name] for name in ("heater", "heat-pump")]
    for said in spoken:
        told.add(said, start)
    expected = [
        [(c.at, c.state, c.reason.code, sentence(c.reason, now=c.at, timezone=timezone)) for c in said]
        for said in spoken
    ]
    assert list(unpacked(told, start, timezone)) == expected
    assert len(told.patterns) < 30 < sum(map(len, spoken))


def test_a_moment_within_a_second_is_told_by_its_second():
    told = Told("UTC")
    reason = Reason(ReasonCode.OFF_DELAY, {"surplus_w": 850.0, "off_below_w": 1000.0, "until": 1060.6})
    told.add([Change(1000.6, "on", reason)], 0.0)
    ((said,),) = unpacked(told, 0.0, "UTC")
    assert said == (1000, "on", "off-delay", sentence(reason, now=1000.6, timezone="UTC"))
