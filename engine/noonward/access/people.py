"""People: who there is and what each is granted; what hangs on them ends with what they were granted."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from noonward.access import grants
from noonward.access.model import Role
from noonward.errors import UsageError

if TYPE_CHECKING:
    import sqlite3
    from typing import Any

    from noonward.access.model import Grant, Instant

NAME_MAX = 64
_NAME = re.compile(r"\w+([-_.@]\w+)*")
_COLUMNS = "name, role, scope, modes, locked, password, created_at, created_by"


class UnknownPerson(UsageError):
    """Nobody of that name (HTTP 404)."""


class PersonConflict(UsageError):
    """It cannot be as long as something else is as it is (HTTP 409)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who can sign in, or will.

    Attributes:
        name: Theirs, unique whatever its letters' case.
        grant: What they may.
        locked: They cannot sign in, although nothing of theirs is deleted.
        password: What is kept of it; None until they have set one. Never shown.
        created_at: Since when.
        created_by: Who invited them.
    """

    name: str
    grant: Grant
    locked: bool = False
    password: str | None = None
    created_at: Instant = 0.0
    created_by: str = ""


def name_of(written: Any) -> str:
    """Return a name as it is kept.

    Raises:
        UsageError: It cannot be one.
    """
    name = unicodedata.normalize("NFC", written) if isinstance(written, str) else ""
    if len(name) > NAME_MAX or not _NAME.fullmatch(name):
        raise UsageError(
            f"A name has letters and digits, with single . - _ or @ between them, and at most {NAME_MAX} characters."
        )
    return name


def everyone(db: sqlite3.Connection) -> list[Person]:
    """Return everyone, by name."""
    return [_person(row) for row in db.execute(f"SELECT {_COLUMNS} FROM people ORDER BY name")]  # noqa: S608 - our own


def find(db: sqlite3.Connection, name: str) -> Person | None:
    """Return somebody, None where there is nobody of that name."""
    found = db.execute(f"SELECT {_COLUMNS} FROM people WHERE name = ?", (name,)).fetchone()  # noqa: S608 - our own
    return found and _person(found)


def get(db: sqlite3.Connection, name: str) -> Person:
    """Return somebody.

    Raises:
        UnknownPerson: Nobody of that name.
    """
    found = find(db, name)
    if found is None:
        raise UnknownPerson(f"There is nobody called {name!r} here.")
    return found


def has_owner(db: sqlite3.Connection) -> bool:
    """Tell whether somebody is an owner who can sign in."""
    return any(_owns(one) for one in everyone(db))


def add(db: sqlite3.Connection, person: Person) -> None:
    """Add somebody.

    Raises:
        PersonConflict: There is somebody of that name.
    """
    if find(db, person.name) is not None:
        raise PersonConflict(f"There is somebody called {person.name} already.")
    db.execute(
        f"INSERT INTO people ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608 - our own
        (person.name, *grants.row(person.grant), person.locked, person.password, person.created_at, person.created_by),
    )


def change(db: sqlite3.Connection, name: str, grant: Grant, *, locked: bool) -> None:
    """Change what somebody is granted; their sessions and tokens end, so that nothing goes by the grant before.

    Raises:
        UnknownPerson: Nobody of that name.
        PersonConflict: The last owner would be none any more.
    """
    before = get(db, name)
    if grant.role is not Role.OWNER or grant.scope is not None or locked:
        _keep_an_owner(db, before)
    if (grant, locked) == (before.grant, before.locked):
        return
    db.execute(
        "UPDATE people SET role = ?, scope = ?, modes = ?, locked = ? WHERE name = ?",
        (*grants.row(grant), locked, before.name),
    )
    _end(db, before.name, tokens=True)


def delete(db: sqlite3.Connection, name: str) -> None:
    """Forget somebody, with their sessions, tokens and codes; what they did stays in the audit log.

    Raises:
        UnknownPerson: Nobody of that name.
        PersonConflict: They are the last owner.
    """
    before = get(db, name)
    _keep_an_owner(db, before)
    _end(db, before.name, tokens=True)
    db.execute("DELETE FROM codes WHERE name = ?", (before.name,))
    db.execute("DELETE FROM people WHERE name = ?", (before.name,))


def set_password(db: sqlite3.Connection, name: str, kept: str, *, ends: bool = True) -> None:
    """Set what is kept of somebody's password, and end their sessions and open codes.

    Args:
        db: The tables.
        name: Whose.
        kept: By ``passwords.keep``.
        ends: False where the password is the same, only kept in a newer way.
    """
    db.execute("UPDATE people SET password = ? WHERE name = ?", (kept, name))
    if ends:
        _end(db, name, tokens=False)
        db.execute("DELETE FROM codes WHERE name = ?", (name,))


def _keep_an_owner(db: sqlite3.Connection, leaving: Person) -> None:
    if _owns(leaving) and not any(_owns(one) for one in everyone(db) if one.name != leaving.name):
        raise PersonConflict(f"{leaving.name} is the only owner: make somebody else an owner first.")


def _owns(person: Person) -> bool:
    whole = person.grant.role is Role.OWNER and person.grant.scope is None
    return whole and person.password is not None and not person.locked


def _end(db: sqlite3.Connection, name: str, *, tokens: bool) -> None:
    db.execute("DELETE FROM sessions WHERE name = ?", (name,))
    if tokens:
        db.execute("DELETE FROM tokens WHERE owner = ?", (name,))


def _person(row: tuple[Any, ...]) -> Person:
    name, role, scope, modes, locked, password, created_at, created_by = row
    return Person(
        name=name,
        grant=grants.of_row(role, scope, modes),
        locked=bool(locked),
        password=password,
        created_at=created_at,
        created_by=created_by,
    )
