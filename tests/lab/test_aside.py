"""Work in a process of its own: the same result, and no result lost."""

import os
import threading

import pytest

from noonward.lab import aside
from noonward.lab.aside import Aside


class Named:
    """Something that both processes have, and that is known by being itself."""


@pytest.fixture
def cores(monkeypatch):
    """Two of them, and no threads left over from other tests."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1})
    monkeypatch.setattr(threading, "active_count", lambda: 1)


@pytest.mark.usefixtures("cores")
def test_what_both_know_comes_back_as_itself_and_the_rest_as_a_copy():
    known, here = Named(), os.getpid()
    made = Aside(lambda: {"known": known, "list": [1.5, None], "where": os.getpid()}, [known])
    assert made.apart
    found = made.result()
    assert found["known"] is known
    assert found["list"] == [1.5, None]
    assert found["where"] != here


@pytest.mark.usefixtures("cores")
@pytest.mark.parametrize("what", ["nothing that can be copied", "a process that dies", "an error"])
def test_where_the_process_fails_it_is_done_here(what, capfd):
    here = os.getpid()

    def work():
        if os.getpid() == here:
            return lambda: "here"
        if what == "a process that dies":
            os._exit(9)
        if what == "an error":
            raise ValueError(what)
        return lambda: "there"

    assert Aside(work, []).result()() == "here"
    capfd.readouterr()  # the process may have said why


@pytest.mark.usefixtures("cores")
def test_an_error_that_is_the_works_own_is_raised(capfd):
    def work():
        raise ValueError("of the work")

    with pytest.raises(ValueError, match="of the work"):
        Aside(work, []).result()
    capfd.readouterr()


@pytest.mark.parametrize(
    ("cores", "threads", "starts", "enough"),
    [({0}, 1, ["fork"], True), ({0, 1}, 2, ["fork"], True), ({0, 1}, 1, ["spawn"], True), ({0, 1}, 1, ["fork"], False)],
)
def test_nothing_is_begun_where_it_would_not_pay_or_not_be_safe(monkeypatch, cores, threads, starts, enough):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: cores)
    monkeypatch.setattr(threading, "active_count", lambda: threads)
    monkeypatch.setattr(aside, "get_all_start_methods", lambda: starts)
    made = Aside(os.getpid, [], enough=enough)
    assert not made.apart
    assert made.result() == os.getpid()
