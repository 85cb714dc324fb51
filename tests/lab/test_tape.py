import pytest

from noonward.errors import UsageError
from support.games import MIDNIGHT, shipped, tape

TEN = tape(range(10), [100.0] * 10, dimmed=(False,) * 5 + (True,) * 5)


@pytest.mark.parametrize(
    ("lo", "hi", "first", "last"),
    [
        (None, None, 0, 10),
        (0, 600, 0, 10),
        (-1e6, 1e6, 0, 10),
        (61, 299, 2, 4),  # whole intervals only
        (60, 300, 1, 5),
        (540, None, 9, 10),
    ],
)
def test_between_takes_whole_intervals(lo, hi, first, last):
    cut = TEN.between(*(None if t is None else MIDNIGHT + t for t in (lo, hi)))
    assert cut.pv_w == list(range(first, last))
    assert cut.start == MIDNIGHT + 60 * first
    assert cut.end == MIDNIGHT + 60 * last
    assert cut.dimmed == TEN.dimmed[first:last]


@pytest.mark.parametrize(("lo", "hi"), [(600, None), (None, 59), (61, 119), (300, 300)])
def test_between_of_nothing_says_what_there_is(lo, hi):
    with pytest.raises(UsageError, match="it runs from 2020-06-01T00:00:00Z to 2020-06-01T00:10:00Z"):
        TEN.between(*(None if t is None else MIDNIGHT + t for t in (lo, hi)))


def test_scaling_the_array_leaves_the_base_load_and_the_unknown():
    gappy = tape([1.0, None, 3.0], [100.0, 100.0, None])
    assert gappy.scaled(0.4).pv_w == [0.4, None, pytest.approx(1.2)]
    assert gappy.scaled(0.4).base_load_w == gappy.base_load_w


def test_the_shipped_june_is_whole():
    june = shipped(29)
    assert (june.step_s, len(june)) == (900.0, 29 * 96)
    assert None not in june.net_w()
    assert sum(june.pv_w) / 4000 == pytest.approx(1098, abs=1)  # kWh, both halves of the array
