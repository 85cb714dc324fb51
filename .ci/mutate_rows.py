"""Mutate the rows and guards of an appliance: drop a row, drop one of its guards, blur its reason; fix a guard.

Run by ``mutate.py`` inside the tree that it lays out. Every mutant is tried in a process of its own, forked after the
tests were imported.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from noonward.core import appliance
from noonward.core.model import FailSafe, Mode, ReasonCode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from noonward.core.table import Row

Rows = tuple["Row", ...]
PYTEST = ("-x", "-q", "-p", "no:cacheprovider", "tests/core", "--ignore=tests/core/test_timers.py")


def row_mutants() -> Iterator[tuple[str, Callable[[], None]]]:
    """Yield a name and what makes the mutant, for every distinct row of every table."""
    original = appliance._rows  # noqa: SLF001 - what is mutated is not public
    shapes = product(Mode, FailSafe, (True, False))
    rows = dict.fromkeys(row for mode, then, offers in shapes for row in original(mode, then, offers=offers))

    def put(row: Row, instead: Rows) -> Callable[[], None]:
        def make() -> None:
            def mutated(mode: Mode, then: FailSafe, *, offers: bool) -> Rows:
                return tuple(
                    r for old in original(mode, then, offers=offers) for r in (instead if old == row else (old,))
                )

            appliance._rows = mutated  # noqa: SLF001

        return make

    for row in rows:
        name = f"({row.source}->{row.target}|{'+'.join(row.guards)}|{row.why.value})".replace(" ", "_")
        yield f"{name}.dropped", put(row, ())
        yield f"{name}.blurred", put(row, (row._replace(why=ReasonCode.NO_VEHICLE),))
        for guard in row.guards:
            less = tuple(g for g in row.guards if g != guard)
            yield f"{name}.without_{guard.replace(' ', '_')}", put(row, (row._replace(guards=less),))


def guard_mutants() -> Iterator[tuple[str, Callable[[], None]]]:
    """Yield a name and what makes the mutant: a guard that always holds, or never."""

    def fix(guard: str, holds: bool) -> Callable[[], None]:
        def make() -> None:
            appliance.GUARDS[guard] = lambda _: holds  # type: ignore[index]  # read-only for everyone else

        return make

    for guard, holds in product(appliance.GUARDS, (True, False)):
        yield f"{guard.replace(' ', '_')}.always_{holds}", fix(guard, holds)


MUTANTS = dict((*row_mutants(), *guard_mutants()))


def tried(name: str) -> str:
    """Make a mutant and tell whether a test noticed."""
    MUTANTS[name]()
    with Path(os.devnull).open("w") as nowhere, contextlib.redirect_stdout(nowhere):
        return "killed" if pytest.main([*PYTEST]) else "survived"


def main() -> None:
    """Try all of them and print one line each."""
    with Path(os.devnull).open("w") as nowhere, contextlib.redirect_stdout(nowhere):
        pytest.main([*PYTEST, "--collect-only"])
    fresh = multiprocessing.get_context("fork")
    with fresh.Pool(maxtasksperchild=1) as pool:
        for name, status in zip(MUTANTS, pool.imap(tried, MUTANTS), strict=True):
            print(f"noonward.core.appliance.{name}: {status}")


if __name__ == "__main__":
    main()
