"""Every role, every action, inside and outside its scope."""

import pytest

from noonward.access.model import ALLOWED, Action, Grant, Role, Scope

MINE = Scope(policies=frozenset({"water-heater", "garage-a"}), stations=frozenset({"cp-07"}))
SITE_WIDE = (Action.FORECAST, Action.DEVICES, Action.TEST, Action.PEOPLE, Action.GRANT, Action.AUDIT)


@pytest.mark.parametrize(
    ("role", "allowed"),
    [
        (Role.VIEWER, "see"),
        (Role.RESIDENT, "see wish"),
        (Role.OWNER, "see wish mode forecast devices people grant audit"),
        (Role.INSTALLER, "see wish mode forecast devices test people audit"),
    ],
)
def test_a_role_may_what_the_table_says_and_nothing_else(role, allowed):
    assert {action for action in Action if Grant(role=role).may(action, "any")} == {Action(a) for a in allowed.split()}


@pytest.mark.parametrize(
    ("policy", "station", "reached"),
    [
        ("water-heater", None, True),
        ("garage-a", None, True),
        ("garage-a", "cp-01", True),
        ("garage-b", None, False),
        ("garage-b", "cp-07", True),
        ("garage-b", "cp-08", False),
        (None, None, False),
        (None, "cp-07", True),
    ],
)
def test_a_scope_ends_where_it_says(policy, station, reached):
    assert Grant(role=Role.RESIDENT, scope=MINE).may(Action.WISH, policy, station) is reached


@pytest.mark.parametrize("role", Role)
def test_nobody_with_a_scope_reaches_the_site_as_a_whole(role):
    assert not any(Grant(role=role, scope=MINE).may(action) for action in SITE_WIDE)


def test_a_resident_overrides_modes_only_where_the_grant_says_so_and_only_their_own():
    plain, more = Grant(role=Role.RESIDENT, scope=MINE), Grant(role=Role.RESIDENT, scope=MINE, modes=True)
    assert not plain.may(Action.MODE, "water-heater")
    assert more.may(Action.MODE, "water-heater")
    assert not more.may(Action.MODE, "heat-pump")
    assert not Grant(role=Role.VIEWER, modes=True).may(Action.MODE, "water-heater")


def test_every_role_is_in_the_table():
    assert set(ALLOWED) == set(Role)
