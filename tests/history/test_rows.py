"""Blocks: what is written is read again, whatever channels come and go."""

import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from noonward.history.calendar import DAYS, GRAINS, MINUTES, QUARTERS
from support.pastfile import past

CELL = st.tuples(st.integers(-(2**62), 2**62), st.integers(0, 1500))


@given(
    st.sampled_from(GRAINS),
    st.lists(st.dictionaries(st.integers(100_000, 100_800), st.dictionaries(st.sampled_from("abc"), CELL)), max_size=4),
)
def test_what_is_put_is_what_one_gets(grain, batches):
    with past() as made:
        truth = {}
        for batch in batches:
            made.rows.put(grain, batch)
            truth |= batch
        columns = made.rows.get(grain, 99_990, 100_810, "abcd")
        assert set(columns) == {name for row in truth.values() for name in row} | (
            set(columns) & {name for batch in batches for row in batch.values() for name in row}
        )
        for name, (sums, counts) in columns.items():
            expected = [truth.get(number, {}).get(name, (0, 0)) for number in range(99_990, 100_810)]
            assert list(zip(sums, counts, strict=True)) == expected


def test_a_row_that_is_written_again_forgets_what_it_was():
    with past() as made:
        made.rows.put(MINUTES, {60: {"a": (1, 1), "b": (2, 1)}})
        made.rows.put(MINUTES, {60: {"b": (3, 1)}})
        assert made.rows.get(MINUTES, 60, 61, "ab")["a"][1][0] == 0


def test_another_name_is_one_row_and_no_block_changes():
    with past() as made:
        made.rows.put(QUARTERS, {96: {"policy/old": (7, 15)}})
        before = made.db.execute("SELECT data FROM quarters").fetchall()
        assert made.rows.rename("policy/old", "policy/new")
        assert made.db.execute("SELECT data FROM quarters").fetchall() == before
        assert made.rows.get(QUARTERS, 96, 97, ["policy/new"])["policy/new"][0][0] == 7


def test_a_name_that_is_taken_is_not_given_twice():
    with past() as made:
        made.rows.put(MINUTES, {0: {"a": (1, 1), "b": (2, 1)}})
        assert not made.rows.rename("a", "b")
        assert not made.rows.rename("nobody", "c")
        assert set(made.rows.channels()) == {"a", "b"}


def test_of_a_block_that_flash_has_damaged_nothing_is_known_and_the_others_stand():
    with past() as made:
        made.rows.put(MINUTES, {0: {"a": (1, 1)}, 60: {"a": (2, 1)}})
        made.db.execute("UPDATE minutes SET data = substr(data, 1, 20) WHERE block = 0")
        sums, counts = made.rows.get(MINUTES, 0, 120, "a")["a"]
        assert (counts[0], sums[60]) == (0, 2)
        made.rows.put(MINUTES, {1: {"a": (5, 1)}})
        assert made.rows.get(MINUTES, 0, 2, "a")["a"][0][1] == 5


def test_ends_and_pruning_go_by_whole_blocks():
    with past() as made:
        assert made.rows.ends(MINUTES) is None
        made.rows.put(MINUTES, {number: {"a": (1, 1)} for number in (59, 60, 200)})
        assert made.rows.ends(MINUTES) == (0, 240)
        made.rows.prune(MINUTES, 119)
        assert made.rows.ends(MINUTES) == (60, 240)


def test_a_year_of_days_is_one_block():
    with past() as made:
        made.rows.put(DAYS, {739_000 + k: {"a": (k, 1440)} for k in range(30)})
        assert made.db.execute("SELECT count(*) FROM days").fetchone()[0] <= 2


def test_numbers_beyond_what_is_kept_are_refused_not_bent():
    with past() as made, pytest.raises(OverflowError):
        made.rows.put(MINUTES, {0: {"a": (2**63, 1)}})


def test_a_reader_sees_the_commit_of_a_writer(tmp_path):
    from noonward.history import reading

    path = tmp_path / "history.db"
    with past(path=path) as made:
        made.db.execute("PRAGMA journal_mode=WAL")
        made.rows.put(MINUTES, {60: {"a": (1, 1)}})
        with reading.opened(path) as seen:
            assert seen.rows.get(MINUTES, 60, 61, "a")["a"][0][0] == 1
            with pytest.raises(sqlite3.OperationalError):
                seen.rows.put(MINUTES, {61: {"a": (1, 1)}})
            made.rows.put(MINUTES, {61: {"a": (2, 1)}})
        with reading.opened(path) as seen:
            assert seen.rows.get(MINUTES, 61, 62, "a")["a"][0][0] == 2
