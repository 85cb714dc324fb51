"""Where two versions part: the first instant at which they command something else, and what each then says of it.

The old version is played first, and what it commands is noted. The new one is played beside these notes: at the first
step in which it commands something else, or does not command what the old one did, its decisions are taken down. Then
the old version is played once more, up to that instant, for the numbers behind its decisions.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from math import inf
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from noonward.core.calm import Steps
from noonward.core.model import SetLimit
from noonward.lab import simulate

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from noonward.core.calm import Lull
    from noonward.core.model import Command, Decision, Instant, Observation, Outcome, PolicyName, Site, State
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


class _Reader(_Scribe):
    """Makes steps that are held against the notes of another run, until the first that differs.

    Attributes:
        parted_at: When it came to do something else; None: not so far.
        matched: How many notes it did the same as.
        decisions: Of the step at which they parted.
    """

    def __init__(self, heard: Changes | None, beside: Sequence[Note], step_s: float) -> None:
        super().__init__({}, heard)
        self._beside = beside
        self._step_s = step_s
        self.parted_at: Instant | None = None
        self.matched = 0
        self.decisions: Sequence[Decision] = ()
        self._await()

    def look(self, outcome: Outcome, now: Instant) -> Outcome:
        """Compare a step with the notes; have it stepped again where the other run commanded something."""
        if self.parted_at is not None:
            return outcome
        if outcome.commands:
            if self.due < inf and self._beside[self.matched] == Note(now, self.moves(outcome.commands)):
                self.matched += 1
                self._await()
                return outcome
            self._part(outcome, now)
        elif self.due <= now:
            self._part(outcome, now)
        elif self.due < now + self._step_s:
            return woken(outcome, self.due)
        return outcome

    def _await(self) -> None:
        self.due = self._beside[self.matched].at if self.matched < len(self._beside) else inf

    def _part(self, outcome: Outcome, now: Instant) -> None:
        self.parted_at, self.decisions, self.due = now, tuple(outcome.decisions), inf


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
            self.decisions = tuple(outcome.decisions)
            raise _Found
        if outcome.commands:
            self._left -= 1
        return woken(outcome, self.due) if now < self.due < now + self._step_s else outcome


def woken(outcome: Outcome, at: Instant) -> Outcome:
    """Return the same outcome, to be stepped again at an instant at the latest."""
    if outcome.wake_at is not None and outcome.wake_at <= at:
        return outcome
    return replace(outcome, wake_at=at)


def play_both(
    old: Game,
    new: Game,
    renamed: Mapping[PolicyName, PolicyName],
    watched: Callable[[str], Progress | None] = lambda _: None,
    heard: tuple[Changes, Changes] | tuple[None, None] = (None, None),
) -> tuple[Run, Run, Parting | None]:
    """Play both versions, and find where they part; None where they never do.

    Args:
        old: Game of the old version.
        new: Of the new one.
        renamed: Old name to new.
        watched: Returns who is told how far each of them has come.
        heard: Hear what each version says, for whoever wants to know more than where they part.
    """
    step_s = old.tape.step_s
    scribe = _Scribe(renamed, heard[0])
    before = simulate.play(old, watched("old"), scribe.engine)
    reader = _Reader(heard[1], scribe.notes, step_s)
    after = simulate.play(new, watched("new"), reader.engine)
    if reader.parted_at is None:
        return before, after, None
    witness = _Witness(reader.matched, reader.parted_at, step_s)
    with suppress(_Found):
        simulate.play(old, None, witness.engine)
    return before, after, Parting(reader.parted_at, witness.decisions, reader.decisions)


def parted(parting: Parting, renamed: Mapping[PolicyName, PolicyName]) -> list[tuple[Decision | None, Decision | None]]:
    """Return the decisions that differ, old beside new, in the order of the new version."""
    before = {renamed.get(d.policy, d.policy): d for d in parting.old}
    after = {d.policy: d for d in parting.new}
    pairs = [(before.get(name), after.get(name)) for name in dict.fromkeys((*after, *before))]
    differing = [(a, b) for a, b in pairs if a is None or b is None or _wants(a) != _wants(b)]
    return differing or pairs


def _wants(decision: Decision) -> tuple[str, ...]:
    return (decision.wanted, *(f"{one.station} {one.limit_a:g}" for one in decision.stations))
