"""The register works in its own threads, says what is wrong with its file, and takes as long for nobody as for somebody."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from noonward.access import audit, codes, passwords, people
from noonward.access.audit import Entry
from noonward.access.model import Role
from noonward.access.people import PersonConflict
from noonward.access.register import Register, first_code
from noonward.errors import StateError
from support.access import Tables
from support.fakeengine import NOON


@pytest.fixture
async def register(tmp_path):
    found = Register(tmp_path / "access.db")
    assert await found.open(NOON) == ()
    yield found
    await found.close()


async def test_nothing_runs_in_the_loop(register):
    with ThreadPoolExecutor(1, thread_name_prefix="store") as executor:
        shared = Register(None, executor)
        assert (await shared.do(lambda _: threading.current_thread().name)).startswith("store")
    assert (await register.do(lambda _: threading.current_thread().name)).startswith("noonward-access")


async def test_what_work_raises_is_raised_and_undone(register):
    def work(db):
        people.add(db, Tables().person("anna"))
        raise PersonConflict("no")

    with pytest.raises(PersonConflict):
        await register.do(work)
    assert await register.do(people.everyone) == []


async def test_one_hash_at_a_time(monkeypatch):
    running, most = 0, 0
    lock = threading.Lock()

    def slow(password, kept):
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        threading.Event().wait(0.01)
        with lock:
            running -= 1
        return True

    monkeypatch.setattr(passwords, "matches", slow)
    register = Register()
    assert await asyncio.gather(*(register.matches("x", "y") for _ in range(5))) == [True] * 5
    assert most == 1


async def test_nobody_s_password_is_looked_at_as_well_and_never_right(monkeypatch):
    asked = []
    monkeypatch.setattr(passwords, "matches", lambda password, kept: asked.append(kept) or True)
    assert await Register().matches("x", None) is False
    assert asked == [passwords.NOBODY]


async def test_a_code_for_the_first_owner_and_for_no_other(register):
    first, second = await first_code(register, NOON), await first_code(register, NOON)
    assert await register.do(codes.find, first, NOON) is None
    assert await register.do(codes.find, second, NOON) == codes.SETUP
    await register.do(people.add, Tables().person("marie", Role.OWNER))
    assert await first_code(register, NOON) is None


async def test_what_is_wrong_with_the_file_is_said(tmp_path):
    path = tmp_path / "access.db"
    first = Register(path)
    await first.open(NOON)
    for k in range(3):
        one = Entry(at=NOON + k, who="anna", how="session", address="", what="switch", subject="policies/boiler")
        await first.do(audit.append, one)
    await first.do(lambda db: db.execute("DELETE FROM audit WHERE id = 2") and None)
    await first.close()
    again = Register(path)
    (said,) = await again.open(NOON)
    assert said == "The audit log was changed: entry 3 does not follow the one before it."
    await again.close()
    path.write_bytes(b"x" * 5000)
    broken = Register(path)
    (said,) = await broken.open(NOON)
    assert "could not be read" in said
    await broken.close()


async def test_a_file_that_cannot_be_opened_lets_nobody_in(tmp_path):
    (tmp_path / "access.db").mkdir()
    register = Register(tmp_path / "access.db")
    (said,) = await register.open(NOON)
    assert said.startswith("Nobody can sign in: ")
    with pytest.raises(StateError, match="is not open"):
        await register.do(people.everyone)
