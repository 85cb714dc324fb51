"""A house and a browser for everyone who tries the portal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from support.portal import OWNER, PASSWORD, Visit, chromium, house

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

    from support.portal import House


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium; Playwright's event loop is over with the module, or no test of another could have its own."""
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Iterator[House]:
    """A house that has an owner."""
    with house(tmp_path_factory.mktemp("house")) as standing:
        standing.owned()
        yield standing


@pytest.fixture
def visit(browser, home) -> Iterator:
    """Return a browser of somebody: ``visit()`` of who has not signed in, ``visit(name, password)`` of who has."""
    open_: list[Visit] = []

    def come(name: str | None = None, password: str = PASSWORD, **options) -> Visit:
        one = Visit(browser, home.url, **options)
        open_.append(one)
        if name:
            one.sign_in(name, password)
        return one

    yield come
    for one in open_:
        one.close()


@pytest.fixture
def owner(visit) -> Visit:
    """Return the owner's browser."""
    return visit(OWNER)
