import pytest

from noonward.report.packed import Columns
from support.reports import columns


@pytest.mark.parametrize(
    "written",
    [
        [[]],
        [[0]],
        [[5, 5, 5], [], [-1, 63, 64, -64, -65]],
        [[0, 2**31, -(2**31), 10**12]],
        [list(range(0, 100_000, 7))],
    ],
)
def test_what_is_packed_comes_out_again(written):
    packed = Columns()
    for numbers in written:
        packed.add(numbers)
    assert list(columns(packed.text())) == written


def test_what_is_alike_takes_next_to_nothing():
    packed = Columns()
    packed.add([2000] * 35_040)
    assert len(packed.text()) < 100


def test_columns_can_be_put_behind_others():
    one, two = Columns(), Columns()
    one.add([1, 2])
    two.add([3])
    one.append(two)
    assert list(columns(one.text())) == [[1, 2], [3]]
