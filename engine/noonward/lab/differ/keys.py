"""Which keys of two compiled records differ, and what they hold in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from noonward.core.timers import Cron, Windows
from noonward.lab.differ import words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from noonward.core.model import Stage

ASIDE = frozenset({"name", "file", "renamed_from", "digest", "appliances", "zones", "timezone"})
"""Fields that are no key of their own, or are told in another place."""


class KeyChange(NamedTuple):
    """A key with another value.

    Attributes:
        key: As the file writes it, "surplus.on_above".
        old: Its value in words; "not set" where there was none.
        new: Likewise.
        place: "file:line" in the new version, where the key stands in it.
    """

    key: str
    old: str
    new: str
    place: str = ""


def differing(old: Any, new: Any, lead: str = "") -> Iterator[KeyChange]:
    """Yield the keys that differ between two records of one kind, records in them likewise.

    Args:
        old: A record; None: there was none, and every key of the new one is new.
        new: Likewise.
        lead: Before every key.
    """
    there, both = new if new is not None else old, old is not None and new is not None
    for f in fields(there):
        before, after = getattr(old, f.name, None), getattr(new, f.name, None)
        if f.compare and f.name not in ASIDE and before != after and (both or before or after):
            yield from _value(f"{lead}{words.key(there, f.name)}", f.name, before, after)


def _value(key: str, field: str, old: Any, new: Any) -> Iterator[KeyChange]:
    there = new if new is not None else old
    if isinstance(there, Windows):
        yield from _timers(old, new)
    elif field == "stages":
        yield from _stages(key, old, new)
    elif isinstance(there, Mapping):
        before, after = old or {}, new or {}
        for name in dict.fromkeys((*before, *after)):
            if before.get(name) != after.get(name):
                yield from _value(f"{key}.{name}", field, before.get(name), after.get(name))
    elif is_dataclass(there) and not isinstance(there, Cron):
        yield from differing(old, new, f"{key}.")
    else:
        yield KeyChange(key, words.value(field, old), words.value(field, new))


def _stages(key: str, old: Sequence[Stage], new: Sequence[Stage]) -> Iterator[KeyChange]:
    """Yield steps of power; one alone has its relays under another key."""
    if len(old) > 1 or len(new) > 1:
        yield KeyChange("stages", words.value("stages", old), words.value("stages", new))
    elif old[0].power_w != new[0].power_w:
        yield KeyChange(key, words.value("power_w", old[0].power_w), words.value("power_w", new[0].power_w))


def _timers(old: Windows | None, new: Windows | None) -> Iterator[KeyChange]:
    """Yield timers that differ; one that only stands on another line does not."""
    before, after = ({name: words.timer(one) for name, one in words.timers(w).items()} for w in (old, new))
    for name in dict.fromkeys((*before, *after)):
        was, now = before.get(name, "not set"), after.get(name, "not set")
        if was != now:
            yield KeyChange(f"timers.{name}", was, now)
