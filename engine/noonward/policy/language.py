"""The languages that people are spoken to in, and the one that is spoken here and now.

Every sentence is made where the engine runs. Who asks for one says once in which language (``speaking``), and the
functions that make words look it up (``spoken``): a context variable, so that two requests at a time stay apart.
"""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


class Language(StrEnum):
    """A language that everything is told in, by its tag; the first is spoken where nobody asks for another."""

    EN = "en"
    DE = "de"
    FR = "fr"
    IT = "it"

    @classmethod
    def of(cls, text: str | None) -> Language | None:
        """Return the language of a tag such as ``de`` or ``fr-CH`` (BCP 47); None: it is none that is spoken here."""
        primary = (text or "").strip().replace("_", "-").partition("-")[0].lower()
        return next((one for one in cls if one.value == primary), None)


_SPOKEN: ContextVar[Language] = ContextVar("spoken", default=Language.EN)


def spoken() -> Language:
    """Return the language that is spoken here and now; English where nobody asked for another."""
    return _SPOKEN.get()


@contextmanager
def speaking(language: Language) -> Iterator[None]:
    """Speak a language within the block, also in what it awaits and in the tasks that it starts."""
    token = _SPOKEN.set(language)
    try:
        yield
    finally:
        _SPOKEN.reset(token)


def preferred(header: str | None) -> Language:
    """Return the language that a browser likes best of those spoken here.

    Args:
        header: ``Accept-Language`` (RFC 9110, section 12.5.4): ranges with weights, in any order. Of two with the same
            weight the first is taken. A weight that cannot be read counts as none given. ``*`` is English.
    """
    best, weight = Language.EN, 0.0
    ranges = [_range(part) for part in (header or "").split(",")]
    refused = {Language.of(tag) for tag, q in ranges if q == 0.0}
    for tag, q in ranges:
        language = next((one for one in Language if one not in refused), None) if tag == "*" else Language.of(tag)
        if language is not None and q > weight:
            best, weight = language, q
    return best


def _range(part: str) -> tuple[str, float]:
    """Return a language range and its weight between 0 and 1."""
    tag, *parameters = (piece.strip() for piece in part.split(";"))
    weights = [
        value.strip() for name, _, value in (p.partition("=") for p in parameters) if name.strip().lower() == "q"
    ]
    try:
        weight = float(weights[0]) if weights else 1.0
    except ValueError:
        return tag, 1.0
    return tag, weight if 0.0 <= weight <= 1.0 else 1.0
