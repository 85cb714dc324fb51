import sqlite3
import stat

import pytest

from noonward.access import people, sessions
from noonward.access.model import Grant, Role
from noonward.access.people import Person
from noonward.access.store import SCHEMA, AccessStore, digest
from noonward.errors import StateError
from support.access import Tables
from support.fakeengine import NOON


@pytest.fixture
def path(tmp_path):
    return tmp_path / "state" / "access.db"


def test_what_was_kept_is_there_after_a_restart(path):
    tables = Tables(path)
    tables.person("anna", Role.OWNER)
    secret, _ = tables(sessions.begin, "anna", address="", agent="", now=NOON)
    tables.store.close()
    again = Tables(path)
    assert again.aside is None
    assert again(people.get, "anna").grant.role is Role.OWNER
    assert again(sessions.find, secret, NOON)


def test_only_the_account_of_the_daemon_may_read_it(path):
    Tables(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_every_commit_is_on_the_disk(path):
    store = Tables(path).store
    with store.commit() as db:
        assert db.execute("PRAGMA synchronous").fetchone() == (2,)  # FULL
        assert db.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_no_secret_is_in_the_file(path):
    tables = Tables(path)
    tables.person("anna")
    secret, _ = tables(sessions.begin, "anna", address="", agent="", now=NOON)
    tables.store.close()
    assert secret.encode() not in path.read_bytes()
    assert digest(secret) in path.read_bytes()


@pytest.mark.parametrize(
    "spoil",
    [
        lambda path: path.write_bytes(b"not a database" * 100),
        lambda path: path.write_bytes(path.read_bytes()[:4096] + bytes(4096) + path.read_bytes()[8192:]),
        lambda path: sqlite3.connect(path).execute(f"PRAGMA user_version={SCHEMA + 1}"),
    ],
    ids=["not a database", "a page of zeros", "of a later version"],
)
def test_what_cannot_be_read_is_moved_aside_and_lets_nobody_in(path, spoil):
    tables = Tables(path)
    tables.person("anna", Role.OWNER)
    secret, _ = tables(sessions.begin, "anna", address="", agent="", now=NOON)
    tables.store.close()
    spoil(path)
    spoilt = path.read_bytes()
    again = Tables(path)
    assert f"kept as {path}.aside-{NOON:.0f}" in again.aside
    assert path.with_name(f"access.db.aside-{NOON:.0f}").read_bytes() == spoilt
    assert again(sessions.find, secret, NOON) is None
    assert not again(people.has_owner)


def test_a_folder_that_cannot_be_written_is_said(tmp_path):
    (tmp_path / "state").write_text("a file")
    store = AccessStore(tmp_path / "state" / "access.db")
    with pytest.raises(StateError, match=r"access\.db"):
        store.open(NOON)
    with pytest.raises(StateError, match="is not open"), store.commit():
        pass


def test_half_a_change_is_none():
    tables = Tables()

    def half(db):
        people.add(db, Person(name="cora", grant=Grant(role=Role.VIEWER)))
        db.execute("INSERT INTO nowhere VALUES (1)")

    with pytest.raises(StateError, match="nowhere"):
        tables(half)
    assert tables(people.find, "cora") is None
