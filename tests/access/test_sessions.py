import pytest

from noonward.access import sessions
from noonward.access.sessions import EACH_MAX, IDLE_S, LASTS_S, TOUCH_S
from support.access import Tables
from support.fakeengine import NOON


@pytest.fixture
def tables():
    found = Tables()
    found.person("anna")
    found.person("bob")
    return found


def begin(tables, name="anna", now=NOON):
    return tables(sessions.begin, name, address="192.168.1.7", agent="Firefox " * 40, now=now)


def test_a_session_is_its_person_s(tables):
    secret, made = begin(tables)
    session, person = tables(sessions.find, secret, NOON)
    assert (session.key, session.name, person.name) == (made.key, "anna", "anna")
    assert len(session.agent) == 120
    assert made.key not in secret


def test_secrets_are_of_256_bits_and_never_the_same(tables):
    secrets = {begin(tables)[0] for _ in range(5)}
    assert len(secrets) == 5
    assert all(len(secret) == 43 for secret in secrets)


@pytest.mark.parametrize("secret", ["", "x", "0" * 43, "' OR 1=1 --"])
def test_nothing_else_is_one(tables, secret):
    begin(tables)
    assert tables(sessions.find, secret, NOON) is None


def test_an_idle_session_is_over(tables):
    secret, _ = begin(tables)
    assert tables(sessions.find, secret, NOON + IDLE_S - 1)
    other, _ = begin(tables)
    assert tables(sessions.find, other, NOON + IDLE_S) is None
    assert tables(sessions.find, other, NOON) is None  # and stays so


def test_no_session_outlives_its_time_however_it_is_used(tables):
    secret, _ = begin(tables)
    at = NOON
    while at < NOON + LASTS_S:
        assert tables(sessions.find, secret, at)
        at += IDLE_S / 2
    assert tables(sessions.find, secret, NOON + LASTS_S) is None


def test_use_is_noted_no_more_often_than_the_flash_bears(tables):
    secret, _ = begin(tables)

    def used():
        return tables(sessions.live, NOON)[0].used_at

    tables(sessions.find, secret, NOON + TOUCH_S - 1)
    assert used() == NOON
    tables(sessions.find, secret, NOON + TOUCH_S)
    assert used() == NOON + TOUCH_S


def test_who_is_locked_out_is_out_at_once(tables):
    secret, _ = begin(tables)
    tables(lambda db: db.execute("UPDATE people SET locked = 1 WHERE name = 'anna'"))
    assert tables(sessions.find, secret, NOON) is None


def test_a_session_that_was_ended_is_over(tables):
    secret, made = begin(tables)
    assert tables(sessions.end, made.key).name == "anna"
    assert tables(sessions.end, made.key) is None
    assert tables(sessions.find, secret, NOON) is None


def test_those_that_are_not_over_are_told(tables):
    _, first = begin(tables)
    _, second = begin(tables, now=NOON + 1)
    _, bobs = begin(tables, "bob", now=NOON + 2)
    assert [one.key for one in tables(sessions.live, NOON + 2)] == [bobs.key, second.key, first.key]
    assert tables(sessions.live, NOON + IDLE_S + 2) == []


def test_a_clock_that_was_never_set_ends_nothing(tables):
    secret, _ = begin(tables)
    assert tables(sessions.find, secret, 86_400.0) is None
    assert tables(sessions.find, secret, NOON)


def test_nobody_piles_them_up(tables):
    made = [begin(tables, now=NOON + k)[1].key for k in range(EACH_MAX + 3)]
    begin(tables, "bob")
    live = tables(sessions.live, NOON + 60)
    assert [one.key for one in live if one.name == "anna"] == made[:2:-1]
    assert [one.name for one in live].count("bob") == 1
