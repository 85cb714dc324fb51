"""What people are told, a file of literal tables per language; ``en`` says what each must have."""

from __future__ import annotations

import re
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple

from noonward.policy.language import Language, spoken

if TYPE_CHECKING:
    from collections.abc import Mapping

    from noonward.core.model import ReasonCode

_UNBROKEN = re.compile(r" (?=[:;!?»%])|(?<=«) ")
"""Spaces at which no line is broken; in the files they are plain ones, which people can see and type."""


class Words(NamedTuple):
    """All words of a language; see ``en`` for what stands where."""

    sentences: Mapping[ReasonCode, tuple[str, ...]]
    scarce: Mapping[ReasonCode, tuple[str, ...]]
    phrases: Mapping[str, str]
    refusals: Mapping[str, str]


@cache
def words(language: Language) -> Words:
    """Return the words of a language; its file is read when somebody first speaks it."""
    tables = import_module(f"{__name__}.{language}")
    return Words(
        {code: tuple(map(_unbroken, found)) for code, found in tables.SENTENCES.items()},
        {code: tuple(map(_unbroken, found)) for code, found in tables.SCARCE.items()},
        {name: _unbroken(found) for name, found in tables.PHRASES.items()},
        {english: _unbroken(found) for english, found in tables.REFUSALS.items()},
    )


def phrase(name: str, /, **facts: str) -> str:
    """Return a phrase in the language that is spoken, with facts that are words already."""
    return filled(words(spoken()).phrases[name], facts)


def filled(template: str, facts: Mapping[str, str]) -> str:
    """Return a template with its facts filled in."""
    return template.format_map({name: _Fact(words) for name, words in facts.items()})


class _Fact(str):
    """Words in a template, with the preposition they ask for: ``{until:um|am}`` is "um 14:05" and "am Di 06:00"."""

    __slots__ = ()

    def __format__(self, prepositions: str) -> str:
        of_time, _, of_date = prepositions.partition("|")
        preposition = of_time if self[2:3] == ":" else of_date
        return f"{preposition} {self}" if preposition else str(self)


def _unbroken(text: str) -> str:
    return _UNBROKEN.sub("\N{NO-BREAK SPACE}", text)
