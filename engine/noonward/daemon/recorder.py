"""What the loop sees, on its way to ``history.db``: minutes that are over and vehicles that left, once a minute.

A power cut takes the minute that runs, and what of the one before the system has not yet brought to flash. A large site
writes less often (:data:`TOGETHER`), and loses so many minutes more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from noonward.daemon import log
from noonward.history.sampler import Sampler
from noonward.history.seen import levels
from noonward.history.sessions import Watch

if TYPE_CHECKING:
    from collections.abc import Callable

    from noonward.core.model import Instant, Observation, State
    from noonward.history.sampler import Minute
    from noonward.history.sessions import ChargingSession
    from noonward.policy.loaded import Loaded


TOGETHER = 250
"""For so many channels one minute is waited for. 200 stations have 1000, and write every five minutes: 15 MB a day
go to flash then; with a commit a minute it would be 55."""


class Batch(NamedTuple):
    """What is to be written together.

    Attributes:
        loaded: What ran.
        minutes: That are over.
        sessions: That ended.
    """

    loaded: Loaded
    minutes: list[Minute]
    sessions: list[ChargingSession]


class Recorder:
    """Never raises: nobody who writes down what was may keep the loop from deciding what is to be."""

    def __init__(self, hand_over: Callable[[Batch], None]) -> None:
        self._hand_over = hand_over
        self._sampler = Sampler()
        self._watch = Watch()
        self._minutes: list[Minute] = []
        self._sessions: list[ChargingSession] = []
        self._broken = False

    def step(self, loaded: Loaded, before: State, after: State, observation: Observation, now: Instant) -> None:
        """Take what a step saw and what came of it; while nobody knows the time nothing is kept.

        Args:
            loaded: What runs.
            before: What the engine remembered.
            after: What it remembers now.
            observation: What was seen.
            now: The moment of the step.
        """
        try:
            self._sessions += self._watch.step(loaded.site, before, after, observation)
            if observation.clock_trusted:
                minutes = self._sampler.step(now, levels(loaded, after, observation, now))
            else:
                minutes = self._sampler.end()
            self._give(loaded, minutes)
        except Exception as error:  # noqa: BLE001 - see above
            if not self._broken:
                log.alarm("history-bug", f"the history is broken and misses what happens: {error!r}", error)
            self._broken = True
        else:
            self._broken = False

    def shift(self, by_s: float) -> None:
        """Move along with a wall clock that was set. [s]"""
        self._sampler.shift(by_s)

    def end(self, loaded: Loaded) -> None:
        """Hand over what there is; the daemon stops."""
        self._give(loaded, self._sampler.end(), last=True)

    def _give(self, loaded: Loaded, minutes: list[Minute], *, last: bool = False) -> None:
        self._minutes += minutes
        due = minutes and len(self._minutes) * TOGETHER >= len(minutes[-1].values)
        if due or (last and (self._minutes or self._sessions)):
            batch = Batch(loaded, self._minutes, self._sessions)
            self._minutes, self._sessions = [], []
            self._hand_over(batch)
