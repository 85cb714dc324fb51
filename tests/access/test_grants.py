import pytest

from noonward.access import grants
from noonward.access.model import Grant, Role
from noonward.errors import UsageError
from support.access import only

GRANTS = [
    Grant(role=Role.OWNER),
    Grant(role=Role.RESIDENT, scope=only("boiler", stations=["cp-01"]), modes=True),
    Grant(role=Role.VIEWER, scope=only()),
]


@pytest.mark.parametrize("grant", GRANTS)
def test_a_grant_survives_being_kept_and_told(grant):
    assert grants.of_row(*grants.row(grant)) == grant
    assert grants.read(grants.told(grant)) == grant


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({}, "null is not a role: use viewer, resident, owner or installer"),
        ({"role": "gateway"}, "is not a role"),
        ({"role": "admin"}, "is not a role"),
        ({"role": ["owner"]}, "is not a role"),
        ({"role": "viewer", "modes": 1}, "modes must be true or false"),
        ({"role": "viewer", "scope": "all"}, "scope must be"),
        ({"role": "viewer", "scope": []}, "scope must be"),
        ({"role": "viewer", "scope": {"zones": []}}, "scope must be"),
        ({"role": "viewer", "scope": {"policies": "boiler"}}, "lists of names"),
        ({"role": "viewer", "scope": {"policies": [1]}}, "lists of names"),
    ],
)
def test_what_is_no_grant(body, words):
    with pytest.raises(UsageError, match=words):
        grants.read(body)


@pytest.mark.parametrize(
    ("mine", "other", "covered"),
    [
        (Grant(role=Role.OWNER), Grant(role=Role.VIEWER), True),
        (Grant(role=Role.OWNER), Grant(role=Role.INSTALLER), False),
        (Grant(role=Role.INSTALLER), Grant(role=Role.OWNER), False),
        (Grant(role=Role.GATEWAY), Grant(role=Role.OWNER), True),
        (Grant(role=Role.VIEWER), Grant(role=Role.RESIDENT), False),
        (Grant(role=Role.RESIDENT), Grant(role=Role.RESIDENT, modes=True), False),
        (Grant(role=Role.RESIDENT, scope=only("a")), Grant(role=Role.VIEWER), False),
        (Grant(role=Role.RESIDENT, scope=only("a", "b")), Grant(role=Role.VIEWER, scope=only("a")), True),
        (Grant(role=Role.RESIDENT, scope=only("a")), Grant(role=Role.VIEWER, scope=only("a", stations=["c"])), False),
    ],
)
def test_nobody_gives_what_they_do_not_have(mine, other, covered):
    assert grants.covers(mine, other) is covered
