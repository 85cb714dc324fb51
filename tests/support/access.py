"""A register of people in memory, for tests of one piece of work each."""

from __future__ import annotations

from noonward.access import people
from noonward.access.model import Grant, Role, Scope
from noonward.access.people import Person
from noonward.access.store import AccessStore
from support.fakeengine import NOON

KEPT = "scrypt$4$8$1$AAAA$AAAA"
"""Stands for a password; nobody's."""


class Tables:
    """``tables(sessions.find, secret, NOON)``: one piece of work, committed."""

    def __init__(self, path=None):
        self.store = AccessStore(path)
        if path is not None:
            self.aside = self.store.open(NOON)

    def __call__(self, work, *args, **more):
        with self.store.commit() as db:
            return work(db, *args, **more)

    def person(self, name, role=Role.RESIDENT, scope=None, *, password=KEPT, locked=False, modes=False):
        one = Person(
            name=name,
            grant=Grant(role=role, scope=scope, modes=modes),
            password=password,
            locked=locked,
            created_at=NOON,
            created_by="x",
        )
        self(people.add, one)
        return one


def only(*policies, stations=()):
    return Scope(policies=frozenset(policies), stations=frozenset(stations))
