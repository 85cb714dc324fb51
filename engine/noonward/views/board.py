"""Notices, told once: each when it begins and when it is over, however often it is looked at and across restarts.

What is not as it should be (``noonward.views.notices``) is looked at again and again. The board remembers what it has
told. A notice is told once it has stood for a few seconds, and is over once it has been gone for a minute; one that
comes back within an hour must be gone four times as long as before, so a cable that makes bad contact is heard of a
few times, not all day.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any, TypeAlias

from noonward.policy.language import Language, spoken
from noonward.policy.wording import iso
from noonward.views.notices import About

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from noonward.core.model import Instant
    from noonward.views.notices import Notice

    InEach: TypeAlias = Callable[[Language], Iterable[Notice]]

STANDS_S = 8.0
"""So long a notice must stand before it is told: a start, or a reading that comes a little late, is none. [s]"""
GONE_S = 60.0
"""So long it must be gone before it is over. [s]"""
SETTLES_S = 120.0
"""So long after a restart nothing that was told before it is taken to be gone: stations take a while to come back, and
one that does not was away all the time. [s]"""
LONGER, GONE_MAX_S = 4.0, 3600.0
"""By how much longer if it comes back within ``GONE_MAX_S`` of its end, and no longer than that. [s]"""
KEPT = 60
"""Notices that are over and still known; the oldest is forgotten first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A notice that was told.

    Attributes:
        id: The same as long as it is about the same: code and subject.
        code: Its stable name.
        level: "trouble" needs someone, "note" only explains.
        about: What it is about: a policy, a station, a device, or the site.
        since: When it began.
        over_at: When it was over; None: it is not.
        gone_since: Since when it has been gone, until that has lasted long enough for it to be over.
        gone_s: So long it must be gone before it is over. [s]
        words: Language to its sentence and what to do.
    """

    id: str
    code: str
    level: str
    about: About
    since: Instant
    over_at: Instant | None = None
    gone_since: Instant | None = None
    gone_s: float = GONE_S
    words: Mapping[Language, tuple[str, str]]

    @property
    def key(self) -> str:
        """What it is kept under: no other ever had it."""
        return f"{self.since:.3f} {self.id}"

    @property
    def text(self) -> str:
        """Its sentence in the language that is spoken."""
        return self._said[0]

    @property
    def todo(self) -> str:
        """What to do about it, in the language that is spoken; "" where there is nothing to say."""
        return self._said[1]

    @property
    def _said(self) -> tuple[str, str]:
        return self.words.get(spoken()) or self.words.get(Language.EN) or ("", "")


class Board:
    """What was told and is not over, and what was over lately."""

    def __init__(self) -> None:
        self.present: dict[str, Told] = {}
        self.over: list[Told] = []
        self._standing: dict[str, float] = {}
        self._missing: dict[str, float] = {}
        self._before: frozenset[str] = frozenset()
        self._settled_s: float | None = None

    def look(self, seen: Iterable[Notice], in_each: InEach, now: Instant, monotonic_s: float) -> tuple[Told, ...]:
        """Compare what is there with what was told.

        Args:
            seen: Every notice there is.
            in_each: Says all of them in a language; asked only when something is to be told.
            now: The time of day.
            monotonic_s: A clock that never jumps; what stands and what is gone is measured by it. [s]

        Returns:
            What has begun and what is over since the last look; each is told once.
        """
        found = {one.id: one for one in seen}
        self._standing = {name: self._standing.get(name, monotonic_s) for name in found}
        self._settled_s = monotonic_s + SETTLES_S if self._settled_s is None else self._settled_s
        stand = {*found, *(self._before if monotonic_s < self._settled_s else ())}
        self._missing = {name: self._missing.get(name, monotonic_s) for name in self.present if name not in stand}
        self.present = {name: self._seen(one, now, monotonic_s) for name, one in self.present.items()}
        begun = [
            name
            for name, since_s in self._standing.items()
            if name not in self.present and monotonic_s - since_s >= STANDS_S
        ]
        over = [name for name, since_s in self._missing.items() if monotonic_s - since_s >= self.present[name].gone_s]
        news = [self._ends(name, now, monotonic_s) for name in over]
        if begun:
            said = {language: {one.id: one for one in in_each(language)} for language in Language}
            news += [self._begins(found[name], said, now, monotonic_s) for name in begun]
        return tuple(news)

    def told(self) -> list[Told]:
        """Return what is present, the latest first, and then what was over lately."""
        present = sorted(self.present.values(), key=lambda one: one.since, reverse=True)
        return [*present, *reversed(self.over)]

    def _seen(self, told: Told, now: Instant, monotonic_s: float) -> Told:
        """Return what is present as it is by now: there, or gone and not yet over."""
        gone = told.id in self._missing
        if gone is (told.gone_since is not None):
            return told
        return replace(told, gone_since=now - (monotonic_s - self._missing[told.id]) if gone else None)

    def _begins(
        self, notice: Notice, said: Mapping[Language, Mapping[str, Notice]], now: Instant, monotonic_s: float
    ) -> Told:
        before = next((one for one in reversed(self.over) if one.id == notice.id), None)
        again = before is not None and before.over_at is not None and now - before.over_at < GONE_MAX_S
        told = Told(
            id=notice.id,
            code=str(notice.code),
            level=notice.level,
            about=notice.about,
            since=now - (monotonic_s - self._standing[notice.id]) if notice.since is None else notice.since,
            gone_s=min(before.gone_s * LONGER, GONE_MAX_S) if before is not None and again else GONE_S,
            words={
                language: (one.text, one.todo)
                for language, every in said.items()
                for one in [every.get(notice.id, notice)]
            },
        )
        self.present[told.id] = told
        return told

    def _ends(self, name: str, now: Instant, monotonic_s: float) -> Told:
        over_at = now - (monotonic_s - self._missing.pop(name))
        told = replace(self.present.pop(name), over_at=over_at, gone_since=None)
        self.over.append(told)
        return told

    # --- across restarts --------------------------------------------------------------------------------------------

    def keep(self, news: Iterable[Told]) -> dict[str, Any]:
        """Return what must be kept now that this is told: key to JSON, None for what is forgotten."""
        changed: dict[str, Any] = {one.key: _kept(one) for one in news}
        forgotten, self.over = self.over[:-KEPT], self.over[-KEPT:]
        return {**changed, **{one.key: None for one in forgotten}}

    def restore(self, kept: Mapping[str, Any]) -> int:
        """Take up what was kept, and tell it no more; return how many of it cannot be read."""
        found = []
        for one in kept.values():
            with suppress(KeyError, TypeError, ValueError, AttributeError):
                found.append(_restored(one))
        self.present = {one.id: one for one in found if one.over_at is None}
        self._before = frozenset(self.present)
        self.over = sorted((one for one in found if one.over_at is not None), key=lambda one: one.over_at or 0.0)
        return len(kept) - len(found)


def shown(one: Told, timezone: str) -> dict[str, Any]:
    """Return a notice that was told as JSON, in the language that is spoken."""
    return {
        "id": one.id,
        "code": one.code,
        "level": one.level,
        "subject": one.about.device or one.about.station or one.about.policy or None,
        "text": one.text,
        "todo": one.todo or None,
        "since": iso(one.since, timezone),
        "over_at": None if one.over_at is None else iso(one.over_at, timezone),
        "gone_since": None if one.gone_since is None else iso(one.gone_since, timezone),
    }


def _kept(one: Told) -> dict[str, Any]:
    kept = {each.name: getattr(one, each.name) for each in fields(one)}
    return {
        **kept,
        "about": list(one.about),
        "words": {language.value: list(said) for language, said in one.words.items()},
    }


def _restored(kept: Mapping[str, Any]) -> Told:
    words = {Language(tag): (str(said[0]), str(said[1])) for tag, said in kept["words"].items()}
    return Told(**{**kept, "about": About(*kept["about"]), "words": words})
