import pytest

from noonward.lab.scenario import Often
from noonward.lab.spells import Spells, spells
from support.games import MIDNIGHT, tape

INF = float("inf")


def test_spells_hold_from_their_start_to_their_end():
    some = Spells([(10, 20), (30, 40)])
    assert [t for t in range(50) if some.hold(t)] == [*range(10, 20), *range(30, 40)]
    assert [some.next_edge(t) for t in (0, 10, 20, 39.9, 40)] == [10, 20, 30, 40, INF]
    assert some
    assert not Spells(())


def test_spells_that_touch_are_one():
    assert Spells([(30, 50), (10, 20), (15, 30), (7, 7)]).spans == ((10, 50),)


@pytest.mark.parametrize("share", [0.01, 0.25, 1.0])
def test_by_chance_the_share_is_met_and_the_same_in_every_run(share):
    days = tape([0.0] * 96 * 10, [0.0] * 96 * 10, step_s=900.0)
    one, again, other = (spells(Often(share=share, lasts_s=600.0), days, name) for name in ("gaps", "gaps", "freezes"))
    assert one.spans == again.spans
    assert (one.spans != other.spans) or share == 1.0
    held_s = sum(max(min(hi, days.end) - lo, 0.0) for lo, hi in one.spans)
    assert held_s == pytest.approx(share * 864_000.0, abs=600.0)


def test_none_and_those_that_are_written():
    day = tape([0.0] * 96, [0.0] * 96, step_s=900.0)
    assert not spells(Often(share=0.0, lasts_s=600.0), day, "gaps")
    assert spells(((MIDNIGHT, 60.0),), day, "gaps").spans == ((MIDNIGHT, MIDNIGHT + 60.0),)
