import re

import pytest

from noonward.access import codes
from noonward.access.codes import SETUP, SETUP_S
from support.access import Tables
from support.fakeengine import NOON


@pytest.fixture
def tables():
    return Tables()


def make(tables, name=SETUP, lasts_s=SETUP_S):
    return tables(codes.make, name, now=NOON, lasts_s=lasts_s)[0]


def test_a_code_is_of_eighty_bits_and_can_be_read_out(tables):
    made = {make(tables) for _ in range(20)}
    assert len(made) == 20
    assert all(re.fullmatch(r"([0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}", code) for code in made)


def test_it_is_good_for_a_while_and_once(tables):
    code = make(tables)
    assert tables(codes.find, code, NOON + SETUP_S - 1) == SETUP
    assert tables(codes.find, code, NOON + SETUP_S) is None
    tables(codes.use, SETUP)
    assert tables(codes.find, code, NOON) is None


def test_as_people_type_it(tables):
    code = make(tables)
    for typed in (code.lower(), code.replace("-", ""), code.replace("-", " "), f" {code} ", code.replace("0", "O")):
        assert tables(codes.find, typed, NOON) == SETUP
    assert tables(codes.find, code.replace("1", "l").replace("0", "o"), NOON) == SETUP


@pytest.mark.parametrize("typed", ["", "-", "0000-0000-0000-0000", "%", "' OR 1=1"])
def test_nothing_else_is_one(tables, typed):
    make(tables)
    assert tables(codes.find, typed, NOON) is None


def test_a_new_one_makes_the_one_before_void_and_no_other(tables):
    first, annas = make(tables), make(tables, "anna")
    second = make(tables)
    assert tables(codes.find, first, NOON) is None
    assert tables(codes.find, second, NOON) == SETUP
    assert tables(codes.find, annas, NOON) == "anna"


def test_until_when_an_invitation_is_open(tables):
    make(tables, "anna", 60.0)
    assert tables(codes.open_until, "ANNA", NOON) == NOON + 60
    assert tables(codes.open_until, "anna", NOON + 60) is None
    assert tables(codes.open_until, "bob", NOON) is None
