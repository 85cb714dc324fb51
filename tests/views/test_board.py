"""Notices are told once each, with an all-clear, however often it is looked."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from noonward.policy.language import Language, speaking
from noonward.views.board import GONE_MAX_S, GONE_S, KEPT, SETTLES_S, STANDS_S, Board, shown
from noonward.views.notices import About, Notice, NoticeCode

T0 = 1_780_000_000.0


def silent(device, text="silent"):
    return Notice(code=NoticeCode.DEVICE_SILENT, about=About(device=device), text=text, todo="Look at its cable.")


CELLAR, ATTIC = silent("cellar"), silent("attic")


def in_each(language):
    return [silent("cellar", f"cellar, {language}"), silent("attic", f"attic, {language}")]


class Watch:
    """Looks every second."""

    def __init__(self, board=None):
        self.board = board or Board()
        self.at_s = 0.0
        self.kept = {}
        self.news = []

    def see(self, *seen, for_s=1.0):
        """Return what was told, and whether it began."""
        told = []
        for _ in range(int(for_s)):
            news = self.board.look(seen, in_each, T0 + self.at_s, self.at_s)
            for key, value in self.board.keep(news).items():
                if value is None:
                    del self.kept[key]
                else:
                    self.kept[key] = json.loads(json.dumps(value))
            told += [(one.id, one.over_at is None) for one in news]
            self.at_s += 1.0
        return told

    def restarted(self):
        again = Watch()
        assert again.board.restore(self.kept) == 0
        again.at_s, again.kept = self.at_s + 30.0, self.kept
        return again


def test_it_begins_once_and_is_over_once():
    watch = Watch()
    assert watch.see(CELLAR, for_s=STANDS_S) == []
    assert watch.see(CELLAR, for_s=600) == [(CELLAR.id, True)]
    assert watch.see(for_s=GONE_S) == []
    assert watch.see(for_s=600) == [(CELLAR.id, False)]
    (over,) = watch.board.over
    assert (over.since, over.over_at) == (T0, T0 + STANDS_S + 600)


def test_what_is_gone_says_since_when_until_it_is_over_or_back():
    watch = Watch()
    watch.see(CELLAR, for_s=STANDS_S + 1)
    gone = lambda: watch.board.present[CELLAR.id].gone_since  # noqa: E731 - read again and again
    assert gone() is None
    left_at = T0 + watch.at_s
    watch.see(for_s=GONE_S)
    assert gone() == left_at
    watch.see(CELLAR)
    assert gone() is None
    left_at = T0 + watch.at_s
    watch.see(for_s=GONE_S + 1)
    (over,) = watch.board.over
    assert (over.over_at, over.gone_since) == (left_at, None)


def test_what_comes_for_a_moment_is_not_told():
    watch = Watch()
    for _ in range(20):
        assert watch.see(CELLAR, for_s=STANDS_S - 1) == []
        assert watch.see(for_s=1) == []


def test_what_goes_for_a_moment_is_not_over():
    watch = Watch()
    watch.see(CELLAR, for_s=STANDS_S + 1)
    for _ in range(20):
        assert watch.see(for_s=GONE_S) == []
        assert watch.see(CELLAR) == []


@pytest.mark.parametrize(("up_s", "down_s"), [(60, 70), (20, 300), (600, 600)])
def test_a_bad_contact_is_heard_of_a_few_times_a_day_only(up_s, down_s):
    watch = Watch()
    told = []
    for _ in range(86_400 // (up_s + down_s)):
        told += watch.see(CELLAR, for_s=up_s)
        told += watch.see(for_s=down_s)
    assert 1 <= len(told) <= 7, told
    assert [begun for _, begun in told] == [True, False] * (len(told) // 2) + [True] * (len(told) % 2)


def test_after_a_good_hour_it_is_as_new():
    watch = Watch()
    for _ in range(5):
        assert watch.see(CELLAR, for_s=20) == [(CELLAR.id, True)]
        assert watch.see(for_s=GONE_S + 1) == [(CELLAR.id, False)]
        watch.see(for_s=GONE_MAX_S)


def test_a_restart_repeats_nothing():
    watch = Watch()
    watch.see(CELLAR, ATTIC, for_s=20)
    watch.see(ATTIC, for_s=GONE_S + 2)
    watch = watch.restarted()
    assert watch.see(ATTIC, for_s=600) == []
    assert watch.see(for_s=GONE_S + 1) == [(ATTIC.id, False)]
    assert [one.id for one in watch.restarted().board.over] == [CELLAR.id, ATTIC.id]


def test_what_ended_while_the_gateway_was_off_has_its_all_clear_once_all_had_time_to_come_back():
    watch = Watch()
    watch.see(CELLAR, for_s=20)
    watch = watch.restarted()
    assert watch.see(for_s=SETTLES_S) == []
    assert watch.board.present[CELLAR.id].gone_since is None
    assert watch.see(for_s=GONE_S) == []
    assert watch.board.present[CELLAR.id].gone_since is not None
    assert watch.see(for_s=1) == [(CELLAR.id, False)]


def test_what_cannot_be_read_any_more_costs_only_itself():
    watch = Watch()
    watch.see(CELLAR, ATTIC, for_s=20)
    first, second = watch.kept
    watch.kept[first] = {"id": "x"}
    again = Board()
    assert again.restore(watch.kept) == 1
    assert list(again.present) == [watch.kept[second]["id"]]


def test_the_oldest_are_forgotten_and_so_they_are_in_the_file():
    watch = Watch()
    for k in range(KEPT + 5):
        watch.see(silent(f"x{k}"), for_s=STANDS_S + 1)
        watch.see(for_s=GONE_S + 1)
    assert len(watch.board.over) == len(watch.kept) == KEPT
    assert watch.board.over[0].id == "device-silent:x5"


def test_it_is_told_in_the_language_that_is_spoken():
    watch = Watch()
    watch.see(CELLAR, for_s=20)
    (told,) = watch.restarted().board.told()
    with speaking(Language.DE):
        assert shown(told, "Europe/Zurich") == {
            "id": "device-silent:cellar",
            "code": "device-silent",
            "level": "trouble",
            "subject": "cellar",
            "text": "cellar, de",
            "todo": "Look at its cable.",
            "since": "2026-05-28T22:26:40+02:00",
            "over_at": None,
            "gone_since": None,
        }


def test_what_the_engine_knows_the_beginning_of_began_then():
    watch = Watch()
    watch.see(replace(CELLAR, since=T0 - 900), for_s=20)
    assert watch.board.told()[0].since == T0 - 900


def test_what_is_present_stands_in_front_and_the_latest_first():
    watch = Watch()
    watch.see(CELLAR, for_s=20)
    watch.see(ATTIC, for_s=GONE_S + 5)
    watch.see(ATTIC, silent("garage"), for_s=20)
    assert [one.about.device for one in watch.board.told()] == ["garage", "attic", "cellar"]
