import pytest

from noonward.access import people, tokens
from noonward.access.model import Grant, Role
from noonward.access.tokens import EACH_MAX, LASTS_MAX_S, PREFIX
from noonward.errors import UsageError
from support.access import Tables, only
from support.fakeengine import NOON

VIEWER, RESIDENT = Grant(role=Role.VIEWER), Grant(role=Role.RESIDENT)


@pytest.fixture
def tables():
    found = Tables()
    found.person("marie", Role.OWNER)
    found.person("anna")
    return found


def make(tables, grant=VIEWER, owner="anna", name="grafana", lasts_s=3600.0):
    return tables(tokens.make, name=name, owner=owner, grant=grant, now=NOON, lasts_s=lasts_s)


def test_a_token_is_found_by_its_secret_until_it_is_over(tables):
    secret, made = make(tables)
    assert secret.startswith(PREFIX)
    assert len(secret) == 46
    found = tables(tokens.find, secret, NOON + 3599)
    assert (found.key, found.grant, found.called, found.used_at) == (made.key, VIEWER, "anna/grafana", None)
    assert tables(tokens.live, NOON)[0].used_at == NOON + 3599
    assert tables(tokens.find, secret, NOON + 3600) is None
    assert tables(tokens.live, NOON + 3600) == []


def test_a_token_that_was_deleted_is_none(tables):
    secret, made = make(tables)
    assert tables(tokens.end, made.key).name == "grafana"
    assert tables(tokens.end, made.key) is None
    assert tables(tokens.find, secret, NOON) is None


@pytest.mark.parametrize("secret", ["", "nw_", "nw_x", "x" * 46])
def test_nothing_else_is_one(tables, secret):
    make(tables)
    assert tables(tokens.find, secret, NOON) is None


def test_a_token_may_no_more_than_its_owner_still_may(tables):
    secret, _ = make(tables, RESIDENT)
    with tables.store.commit() as db:  # as if the change had not ended it
        db.execute("UPDATE people SET role = 'viewer' WHERE name = 'anna'")
    assert tables(tokens.find, secret, NOON) is None


def test_a_token_of_the_gateway_is_nobody_s(tables):
    secret, made = make(tables, Grant(role=Role.INSTALLER), owner=None)
    tables(people.delete, "anna")
    assert tables(tokens.find, secret, NOON).called == "grafana"
    assert [(one.key, one.owner) for one in tables(tokens.live, NOON)] == [(made.key, None)]


def test_a_scope_is_kept(tables):
    grant = Grant(role=Role.RESIDENT, scope=only("boiler"), modes=True)
    secret, _ = make(tables, grant, owner="marie")
    assert tables(tokens.find, secret, NOON).grant == grant


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"name": ""}, "needs a name"),
        ({"name": "x" * 65}, "needs a name"),
        ({"name": "a\nb"}, "needs a name"),
        ({"lasts_s": LASTS_MAX_S + 1}, "a year at most"),
        ({"lasts_s": 0.0}, "a year at most"),
    ],
)
def test_what_is_no_token(tables, more, words):
    with pytest.raises(UsageError, match=words):
        make(tables, **more)


def test_nobody_piles_them_up(tables):
    for _ in range(EACH_MAX):
        make(tables)
    with pytest.raises(UsageError, match="50 tokens already"):
        make(tables)
    make(tables, owner="marie")
