"""observe → step → save → act → confirm.

The loop sleeps until ``wake_at`` or until something new is seen, whichever is first. Whatever must survive is durable
before a command leaves. A step that raises takes the loads to their fail-safe position, is said once and tried again.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from noonward.daemon import failsafe, jump, log
from noonward.daemon.clock import sleep_or
from noonward.daemon.decisions import tell
from noonward.errors import StateError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from noonward.core.model import Inputs, Instant, Observation, Outcome, PolicyName, Site, State
    from noonward.daemon.actuate import Actuators
    from noonward.daemon.archive import Archive
    from noonward.daemon.atrisk import AtRisk
    from noonward.daemon.clock import MachineClock
    from noonward.daemon.decisions import Changes
    from noonward.daemon.events import Events
    from noonward.daemon.forecasts import Forecasts
    from noonward.daemon.health import Troubles
    from noonward.daemon.inputs import Wishes
    from noonward.daemon.notify import Notifier
    from noonward.daemon.sight import Sight
    from noonward.daemon.stations import Stations
    from noonward.policy.loaded import Loaded

    Step = Callable[[Site, State, Observation, Instant], Outcome]

BEAT_S = 10.0
"""Longest sleep: the wall clock may jump meanwhile, and systemd wants to hear from us. [s]"""

HUNG_BEATS = 3
"""After so many beats without a tick the loop counts as hung."""

BREATH_S = 0.05
"""Shortest sleep, so that no mistake in a ``wake_at`` makes the processor spin. [s]"""

LATE_S, IN_TIME_S = 1.0, 60.0
"""Waking later than the first means that the machine, or this process, cannot keep up; in time for the second, that it
can again. [s]"""

RETRY_S, RETRY_MAX_S = 10.0, 30.0
"""A step that raised is tried again after this long, doubled each time up to the second; that keeps the leases of
loads that stay on. [s]"""


class Loop:
    """The running site.

    Attributes:
        loaded: What it runs on.
        state: What the engine remembers.
        observation: What the latest step saw.
        outcome: What came of it, None before the first and while at fault.
        stepped_at: When that was.
        fault: What the step raised, while it does.
    """

    def __init__(
        self,
        loaded: Loaded,
        state: State,
        *,
        step: Step,
        clock: MachineClock,
        sight: Sight,
        stations: Stations,
        wishes: Wishes,
        forecasts: Forecasts,
        actuators: Actuators,
        archive: Archive,
        changes: Changes,
        troubles: Troubles,
        notifier: Notifier,
        events: Events,
        at_risk: AtRisk,
    ) -> None:
        self.loaded = loaded
        self.state = state
        self._step = step
        self._clock = clock
        self._sight = sight
        self._stations = stations
        self._wishes = wishes
        self._forecasts = forecasts
        self._actuators = actuators
        self._archive = archive
        self._changes = changes
        self._troubles = troubles
        self._notifier = notifier
        self._events = events
        self._at_risk = at_risk
        self.observation = sight.observation({}, clock_trusted=clock.trusted())
        self.outcome: Outcome | None = None
        self.stepped_at: Instant | None = None
        self.fault: str | None = None
        self._retry_at, self._retry_s = 0.0, 0.0
        self._late_at = 0.0
        self._woken = asyncio.Event()
        self._stopping = False
        self._ticking = asyncio.Lock()
        self._offset_s = clock.now() - clock.monotonic()
        self._ticked_at = clock.monotonic()
        self._segment: str | None = "start"
        beat = notifier.watchdog_s
        self._beat_s = BEAT_S if beat is None else min(BEAT_S, beat / 3)

    def deciding(self) -> bool:
        """Tell whether the last tick is so young that the loop cannot be hung."""
        return self._clock.monotonic() < self._ticked_at + HUNG_BEATS * BEAT_S

    def wake(self) -> None:
        """Step soon: something new is seen."""
        self._woken.set()

    def stop(self) -> None:
        """Let :meth:`run` return after the tick it is in."""
        self._stopping = True
        self._woken.set()

    async def run(self) -> None:
        """Tick until stopped."""
        while not self._stopping:
            self._woken.clear()
            await self.tick()
            await self._rest()

    async def tick(self) -> None:
        """Observe, step, save, act."""
        async with self._ticking:
            self._ticked_at = self._clock.monotonic()
            await self._notice_jump()
            now = self._clock.now()
            if self.fault is not None and self._clock.monotonic() < self._retry_at:
                return
            if self._wishes.expire(now, self.state):
                await self._save_wishes()
            began = self._clock.monotonic()
            self.observation = self._sight.observation(
                self._inputs(), self._stations.look(), self._forecasts.at(now), clock_trusted=self._clock.trusted()
            )
            try:
                self._begin_segment(now)
                outcome = self._step(self.loaded.site, self.state, self.observation, now)
                self._archive.journal.step(now, self.observation, outcome)
                records = self._changes.take(self.loaded.site, outcome, now)
                self._stations.stepped(self._clock.monotonic() - began)
            except Exception as error:  # noqa: BLE001 - whatever it is, loads must not stay on unwatched
                await self._stumble(error, now)
                return
            if self.fault is not None:
                self._recover(now)
            await self._archive.save(outcome.state, self._sight.relays)
            self._archive.recorder.step(self.loaded, self.state, outcome.state, self.observation, now)
            self.state, self.outcome, self.stepped_at = outcome.state, outcome, now
            self._actuators.give(outcome.commands)
            self._archive.note(records)
            tell(self.loaded.site, outcome, records, now)
            self._at_risk.look(self.loaded.site, outcome, self._wishes.inputs, now)
            self._events.step(now, tuple(dict.fromkeys(record.policy for record in records)))
            self._archive.flush_journal()
            if self._archive.journal.old(now):
                self._end_segment("day", now, self.state)
            self._notifier.status(_status(outcome))
            self._notifier.alive()

    async def replace(self, loaded: Loaded, connect: Callable[[State], Awaitable[State]]) -> None:
        """Run on another set of policies from the next step on; between two ticks, whole or not at all.

        Args:
            loaded: The new set.
            connect: Makes the devices those of the new set and returns what the engine is to remember; where it
                raises, everything stays as it was.
        """
        async with self._ticking:
            state = await connect(self.state)
            self._end_segment("reload", self._clock.now(), self.state)
            names = {policy.name for policy in loaded.site.policies}
            self._changes.forget((self.state.machines.keys() | self.state.zones.keys()) - names)
            self.loaded, self.state = loaded, state
            self._sight.look_at(loaded)
            self._stations.use(loaded.site.stations)
        self.wake()

    def seal(self, why: str) -> None:
        """Write the last line of the journal's segment; what happens to the state from here is in the next one."""
        self._end_segment(why, self._clock.now(), self.state)
        self._archive.recorder.end(self.loaded)

    def _inputs(self) -> dict[PolicyName, Inputs]:
        running = {policy.name for policy in self.loaded.site.policies}
        return {policy: wish for policy, wish in self._wishes.in_force.items() if policy in running}

    async def _notice_jump(self) -> None:
        """Move everything along with a wall clock that was set since the last tick."""
        offset_s = self._clock.now() - self._clock.monotonic()
        by_s = offset_s - self._offset_s
        self._offset_s = offset_s
        if abs(by_s) < jump.JUMP_S:
            return
        log.warn("clock-jumped", f"the wall clock jumped by {by_s:+.1f} s; durations go on as they were", by_s=by_s)
        self._end_segment("jump", self._clock.now(), self.state)
        self.state = jump.shift(self.state, by_s)
        if self._clock.trusted():
            self.state = jump.remembered(self.state, self._clock.now())
        self._sight.shift(by_s)
        self._archive.recorder.shift(by_s)
        self._wishes.inputs = jump.shift_wishes(self._wishes.inputs, by_s)
        self._wishes.tests.clear()
        await self._save_wishes()
        try:
            await self._stations.shift(by_s)
        except StateError as error:
            log.warn("state", f"that the clock jumped is not saved, vehicles may count as new after a restart: {error}")

    async def _save_wishes(self) -> None:
        try:
            await self._archive.save_inputs(self._wishes.inputs)
        except StateError as error:  # they are in force all the same; the next one who sets something is told
            log.warn("state", f"boosts and overrides are not saved: {error}")

    async def _stumble(self, error: Exception, now: Instant) -> None:
        """Take the loads to their fail-safe position."""
        if self.fault is None:
            self._retry_s = RETRY_S
            log.alarm("engine-fault", f"engine-fault: the step raised {error!r}; loads go to fail-safe", error)
            self._archive.journal.stumble(now, self.observation, error)
            self._end_segment("fault", now, None)
        else:
            self._retry_s = min(self._retry_s * 2, RETRY_MAX_S)
        self.fault = repr(error)
        self.outcome = None
        self._retry_at = self._clock.monotonic() + self._retry_s
        self.state, commands = failsafe.at_fault(self.loaded.site, self.state, now)
        await self._archive.save(self.state, self._sight.relays)
        self._actuators.give(commands)
        self._archive.recorder.step(self.loaded, self.state, self.state, self.observation, now)
        self._events.step(now, [])
        self._notifier.status(f"engine fault: {error!r}")
        self._notifier.alive()

    def _recover(self, now: Instant) -> None:
        log.say("recovered", "engine-fault is over; policies decide again", source="engine", at=now)
        self.fault = None

    def _begin_segment(self, now: Instant) -> None:
        if self._segment is not None:
            why, self._segment = self._segment, None
            self._archive.flush_journal(always=True)
            self._archive.journal.begin(why, now, self.loaded.files, self.loaded.site.digest, self.state)
            self._archive.prune(self.loaded)

    def _end_segment(self, why: str, now: Instant, state: State | None) -> None:
        if self._segment is None:
            self._archive.journal.end(why, now, state)
            self._segment = why

    async def _rest(self) -> None:
        """Sleep until something is new, or the next moment at which time alone changes something."""
        if self._woken.is_set():
            return
        seconds = self._beat_s
        if self.fault is not None:
            seconds = min(seconds, self._retry_at - self._clock.monotonic())
        elif self.outcome is not None and self.outcome.wake_at is not None:
            seconds = min(seconds, self.outcome.wake_at - self._clock.now())
        seconds = max(seconds, BREATH_S)
        due = self._clock.monotonic() + seconds
        await sleep_or(self._woken, self._clock, seconds)
        late_s = self._clock.monotonic() - due
        if late_s > LATE_S:
            self._late_at = due
            message = f"woken {late_s:.1f} s late: the machine is overloaded or was suspended"
            self._troubles.begin("engine", self._clock.now(), message)
        elif due - self._late_at > IN_TIME_S:
            self._troubles.end("engine", self._clock.now())


def _status(outcome: Outcome) -> str:
    on = [decision.policy for decision in outcome.decisions if decision.power_w > 0]
    line = f"{len(outcome.decisions)} policies; on: {', '.join(on) or 'none'}"
    stations = [station for decision in outcome.decisions for station in decision.stations]
    charging = sum(station.state == "charging" for station in stations)
    return f"{line}; {charging} of {len(stations)} stations charging" if stations else line
