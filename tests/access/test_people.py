import pytest

from noonward.access import codes, people, sessions, tokens
from noonward.access.model import Grant, Role
from noonward.access.people import PersonConflict, UnknownPerson
from noonward.errors import UsageError
from support.access import KEPT, Tables, only
from support.fakeengine import NOON

OWNER, VIEWER = Grant(role=Role.OWNER), Grant(role=Role.VIEWER)


@pytest.fixture
def tables():
    found = Tables()
    found.person("marie", Role.OWNER)
    return found


def signed_in(tables, name):
    return tables(sessions.begin, name, address="", agent="", now=NOON)[0]


@pytest.mark.parametrize("name", ["anna", "Anna-Lena", "anna.b@example", "Zoë", "李", "a_b", "x" * 64])
def test_names(name):
    assert people.name_of(name) == name


@pytest.mark.parametrize(
    "name", ["", " ", "a b", "a--b", "-a", "a/b", "..", "x" * 65, "a\n", "<b>", None, 7, "a\u202eb"]
)
def test_what_is_no_name(name):
    with pytest.raises(UsageError, match="A name has letters"):
        people.name_of(name)


def test_a_name_is_one_whatever_its_case(tables):
    with pytest.raises(PersonConflict, match="called MARIE already"):
        tables.person("MARIE")
    assert tables(people.get, "Marie").name == "marie"


def test_what_is_granted_is_kept(tables):
    tables.person("anna", scope=only("boiler", stations=["cp-01"]), modes=True)
    assert tables(people.get, "anna").grant == Grant(
        role=Role.RESIDENT, scope=only("boiler", stations=["cp-01"]), modes=True
    )
    assert [one.name for one in tables(people.everyone)] == ["anna", "marie"]


def test_nobody_is_nobody(tables):
    with pytest.raises(UnknownPerson, match="nobody called 'x'"):
        tables(people.get, "x")
    assert tables(people.find, "x") is None


CHANGES = {
    "another role": lambda db: people.change(db, "anna", VIEWER, locked=False),
    "another scope": lambda db: people.change(
        db, "anna", Grant(role=Role.RESIDENT, scope=only("boiler")), locked=False
    ),
    "locked": lambda db: people.change(db, "anna", Grant(role=Role.RESIDENT), locked=True),
    "deleted": lambda db: people.delete(db, "anna"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_what_hangs_on_a_grant_ends_with_it(tables, change):
    tables.person("anna")
    session, other = signed_in(tables, "anna"), signed_in(tables, "marie")
    token, _ = tables(tokens.make, name="x", owner="anna", grant=VIEWER, now=NOON, lasts_s=60)
    tables(change)
    assert tables(sessions.find, session, NOON) is None
    assert tables(tokens.find, token, NOON) is None
    assert tables(sessions.find, other, NOON)


def test_a_change_of_nothing_ends_nothing(tables):
    anna = tables.person("anna")
    session = signed_in(tables, "anna")
    tables(people.change, "anna", anna.grant, locked=False)
    assert tables(sessions.find, session, NOON)


def test_a_new_password_ends_sessions_and_codes(tables):
    tables.person("anna")
    session = signed_in(tables, "anna")
    code, _ = tables(codes.make, "anna", now=NOON, lasts_s=60)
    tables(people.set_password, "anna", "scrypt$new")
    assert tables(sessions.find, session, NOON) is None
    assert tables(codes.find, code, NOON) is None
    session = signed_in(tables, "anna")
    tables(people.set_password, "anna", "scrypt$newer", ends=False)
    assert tables(sessions.find, session, NOON)


LEAVING = {
    "deleted": lambda db: people.delete(db, "marie"),
    "locked": lambda db: people.change(db, "marie", OWNER, locked=True),
    "a viewer": lambda db: people.change(db, "marie", VIEWER, locked=False),
    "owner of a part": lambda db: people.change(db, "marie", Grant(role=Role.OWNER, scope=only("x")), locked=False),
}


@pytest.mark.parametrize("leave", LEAVING.values(), ids=LEAVING)
def test_the_last_owner_stays(tables, leave):
    tables.person("invited", Role.OWNER, password=None)
    tables.person("locked", Role.OWNER, locked=True)
    tables.person("partly", Role.OWNER, scope=only("boiler"))
    with pytest.raises(PersonConflict, match="marie is the only owner"):
        tables(leave)
    assert tables(people.has_owner)
    tables.person("second", Role.OWNER, password=KEPT)
    tables(leave)
    assert tables(people.has_owner)
