"""Where two versions part: the first instant at which they command something else, and what each then says of it.

Both versions are played, at once where there are two cores, and what they command is noted. They part at the first note
that only one of them has. Then both are played once more, up to that instant, for what they say and its numbers.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from functools import partial
from math import inf
from typing import TYPE_CHECKING, NamedTuple, TypeAlias, TypeVar

from noonward.core.calm import Steps
from noonward.core.model import Decision, SetLimit, StationDecision
from noonward.lab import simulate
from noonward.lab.aside import LONG, Aside, known

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from noonward.core.calm import Lull
    from noonward.core.model import (
        Command,
        Instant,
        Observation,
        Outcome,
        PolicyName,
        Site,
        State,
    )
    from noonward.lab.changes import Changes
    from noonward.lab.game import Game
    from noonward.lab.run import Progress, Run
    from noonward.lab.simulate import Step

Moves: TypeAlias = "frozenset[tuple[str, int, float]]"
"""What one step commands: policy or station, place of the relay in the policy, contact or limit."""


class Note(NamedTuple):
    """A step that commanded something."""

    at: Instant
    moves: Moves


class Parting(NamedTuple):
    """The first instant at which two versions command something else.

    Attributes:
        at: When.
        old: Decisions of the old version in that step.
        new: Of the new one.
    """

    at: Instant
    old: Sequence[Decision]
    new: Sequence[Decision]


class _Found(Exception):
    """What was looked for has been found; nothing more needs to be played."""


class _Watched(Steps):
    """Steps of a site that somebody takes notes of."""

    __slots__ = ("_scribe",)

    def __init__(self, site: Site, scribe: _Scribe) -> None:
        super().__init__(site)
        self._scribe = scribe

    def __call__(self, state: State, observation: Observation, now: Instant) -> Outcome:
        """Return what ``step`` would, perhaps to be stepped again earlier."""
        outcome = super().__call__(state, observation, now)
        if self._scribe.heard is not None:
            self._scribe.heard.hear(outcome.decisions, now)
        return self._scribe.look(outcome, now)

    def lull(self, state: State) -> Lull | None:
        """Return a lull that ends where whoever takes notes wants to look."""
        lull, due = super().lull(state), self._scribe.due
        return lull if lull is None or lull.until <= due else lull._replace(until=due)


class _Scribe:
    """Makes steps of a site that note what they command.

    Attributes:
        notes: Steps that commanded something.
        heard: Hears what is said too.
        due: When to look again at the latest.
    """

    def __init__(self, called: Mapping[PolicyName, PolicyName], heard: Changes | None = None) -> None:
        self.notes: list[Note] = []
        self.heard = heard
        self.due = inf
        self._called = called
        self._relays: dict[str, tuple[str, int]] = {}

    def engine(self, site: Site) -> Step:
        """Return steps of a site; it is asked twice, for living and for silent meters."""
        self._relays = {
            relay: (self._called.get(a.name, a.name), k) for a in site.appliances for k, relay in enumerate(a.relays)
        }
        return _Watched(site, self)

    def look(self, outcome: Outcome, now: Instant) -> Outcome:
        """Take note of a step."""
        if outcome.commands:
            self.notes.append(Note(now, self.moves(outcome.commands)))
        return outcome

    def moves(self, commands: Sequence[Command]) -> Moves:
        """Return commands as they compare between versions."""
        return frozenset(
            (c.station, -1, c.limit_a) if isinstance(c, SetLimit) else (*self._relays[c.relay], float(c.closed))
            for c in commands
        )


class _Witness(_Scribe):
    """Plays up to an instant, for the decisions there."""

    def __init__(self, matched: int, at: Instant, step_s: float) -> None:
        super().__init__({})
        self._left = matched
        self.due = at
        self._step_s = step_s
        self.decisions: Sequence[Decision] = ()

    def look(self, outcome: Outcome, now: Instant) -> Outcome:
        """Stop at the step that comes after the last that was alike."""
        if not self._left and now >= self.due:
            self.decisions = tuple(_said(decision) for decision in outcome.decisions)
            raise _Found
        if outcome.commands:
            self._left -= 1
        return woken(outcome, self.due) if now < self.due < now + self._step_s else outcome


T = TypeVar("T")


def _said(decision: Decision) -> Decision:
    """Return a decision that has its reasons, to be taken to another process without all that they were found in."""
    d = decision
    stations = tuple(
        StationDecision(s.station, s.state, s.limit_a, s.phases, s.code, partial(_itself, s.why)) for s in d.stations
    )
    because = partial(_itself, d.because)
    return Decision(d.policy, d.wanted, d.power_w, d.code, d.row, d.line, d.wake_at, because, stations)


def _itself(made: T) -> T:
    return made


def woken(outcome: Outcome, at: Instant) -> Outcome:
    """Return the same outcome, to be stepped again at an instant at the latest."""
    if outcome.wake_at is not None and outcome.wake_at <= at:
        return outcome
    return replace(outcome, wake_at=at)


def watch(
    game: Game, called: Mapping[PolicyName, PolicyName], heard: Changes | None = None, progress: Progress | None = None
) -> tuple[Run, Sequence[Note]]:
    """Play a version; return what came of it, and its steps that commanded something.

    Args:
        game: Its game.
        called: What its policies are called in the notes, where that is not their name.
        heard: Hears what it says.
        progress: Told how far it has come.
    """
    scribe = _Scribe(called, heard)
    return simulate.play(game, progress, scribe.engine), scribe.notes


def part(old: Game, new: Game, before: Sequence[Note], after: Sequence[Note]) -> Parting | None:
    """Return where two versions part that were played, None where they never do.

    Args:
        old: Game of the old version.
        new: Of the new one.
        before: Notes of the old one.
        after: Of the new one.
    """
    found = _parting(before, after)
    if found is None:
        return None
    matched, at = found
    late = at - old.tape.start >= LONG * old.tape.step_s
    aside = Aside(partial(_witness, old, matched, at), known(old), enough=late)
    said = _witness(new, matched, at)
    return Parting(at, aside.result(), said)


def _parting(old: Sequence[Note], new: Sequence[Note]) -> tuple[int, Instant] | None:
    """Return how many notes are alike from the beginning, and when the first comes that is not; None: all are."""
    alike = next((k for k, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))
    ahead = [notes[alike].at for notes in (old, new) if len(notes) > alike]
    return (alike, min(ahead)) if ahead else None


def _witness(game: Game, matched: int, at: Instant) -> Sequence[Decision]:
    """Return what a version says in the step at which they part."""
    witness = _Witness(matched, at, game.tape.step_s)
    with suppress(_Found):
        simulate.play(game, None, witness.engine)
    return witness.decisions


def parted(parting: Parting, renamed: Mapping[PolicyName, PolicyName]) -> list[tuple[Decision | None, Decision | None]]:
    """Return the decisions that differ, old beside new, in the order of the new version."""
    before = {renamed.get(d.policy, d.policy): d for d in parting.old}
    after = {d.policy: d for d in parting.new}
    pairs = [(before.get(name), after.get(name)) for name in dict.fromkeys((*after, *before))]
    differing = [(a, b) for a, b in pairs if a is None or b is None or _wants(a) != _wants(b)]
    return differing or pairs


def _wants(decision: Decision) -> tuple[str, ...]:
    return (decision.wanted, *(f"{one.station} {one.limit_a:g}" for one in decision.stations))
