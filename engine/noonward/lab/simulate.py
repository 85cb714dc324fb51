"""The closed loop: the engine's own ``step`` against plants, on a tape.

Event driven: the engine is stepped at every boundary of the tape and at every ``wake_at`` between. Power is constant
between events. Commands are carried out and confirmed at once: the engine is stepped again in the same instant with the
contacts and limits read back, so that min-on starts there. Nothing has a dead-man here, so there is no lease to renew.

Minutes in which all draw what they drew and no step would find anything new are passed over, many at once.
"""

from __future__ import annotations

from math import nan
from typing import TYPE_CHECKING

from noonward.core.calm import Steps
from noonward.core.explain import Decisions, Verdict
from noonward.core.model import (
    Appliance,
    Observation,
    ReasonCode,
    RelayState,
    SetLimit,
    SetRelay,
    State,
)
from noonward.core.records import replace
from noonward.lab.garage import MAY_END_MIN_ON, Garage
from noonward.lab.metering import Phases, metering
from noonward.lab.played import sites
from noonward.lab.run import TELL_EVERY, Floor, Run, mean_w

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import TypeAlias

    from noonward.core.calm import Lull
    from noonward.core.model import Command, Instant, Outcome, PolicyName, RelayId, Site
    from noonward.lab.game import Game, Load
    from noonward.lab.recording import Series
    from noonward.lab.run import Piece, Progress

    Step: TypeAlias = Callable[[State, Observation, Instant], Outcome]
    Engine: TypeAlias = Callable[[Site], Step]

ROUNDS = 20
"""Steps that one instant may take until nothing more is commanded; more means that two rules contradict each other."""

_SLACK_S = 1e-6
_SLACK_A = 1e-6
_NOBODY: Mapping[int, float] = {}


class Contacts:
    """The relays of one appliance.

    Attributes:
        k: Place of its load in the run.
        load: Its load.
        policy: Its policy.
        code: Why the engine wants it as it is, as it last said; None: it has said nothing yet.
    """

    __slots__ = ("code", "k", "load", "policy")

    def __init__(self, k: int, load: Load, policy: Appliance) -> None:
        self.k = k
        self.load = load
        self.policy = policy
        self.code: ReasonCode | None = None

    def selected_w(self, relays: Mapping[RelayId, RelayState]) -> float:
        """Return the power of the highest stage whose relays are all closed. [W]"""
        closed = {relay for relay in self.policy.relays if relays[relay].closed}
        power_w = 0.0
        for stage in self.policy.stages:
            if stage.relays <= closed:
                power_w = stage.power_w
        return power_w


class Loop:
    """One game in play."""

    def __init__(self, game: Game, engine: Engine | None = None) -> None:
        self.run = Run(controller="policies", game=game, loads=game.loads(), storage=game.storage())
        self._live, self._silent = ((engine or Steps)(site) for site in sites(game))
        self._phases = Phases(game, self.run.loads)
        self._storage = self.run.storage
        self._meters = metering(game, self.run.loads, self._phases, self._storage)
        self._floor = Floor(self.run.loads)
        self._garage = Garage(self.run) if game.zones else None
        self._contacts = {
            load.policy.name: Contacts(k, load, load.policy)
            for k, load in enumerate(self.run.loads)
            if isinstance(load.policy, Appliance)
        }
        self._on_w = [0.0] * len(self.run.loads)
        self._net_w, self._pv_w = _numbers(game.net_w), _numbers(game.tape.pv_w)
        self._relays: Mapping[RelayId, RelayState] = {
            relay: RelayState(False, game.tape.start)
            for contacts in self._contacts.values()
            for relay in contacts.policy.relays
        }
        self._state = game.learnt
        self._dimmed = False
        self._seen = Observation()

    def play(self, progress: Progress | None) -> Run:
        """Play the tape to its end."""
        tape, meters, floor, garage = self.run.game.tape, self._meters, self._floor, self._garage
        on_w, phases = self._on_w, self._phases
        step_s, start, dimmed = tape.step_s, tape.start, tape.dimmed
        means = [0.0] * len(self.run.loads)
        i, told, n = 0, 0, len(tape)
        while i < n:
            t = start + i * step_s
            if t >= floor.edge:
                floor.turn(t)
                if garage is not None:
                    garage.turn(t, on_w)
                    phases.turn()
            if dimmed:
                self._dimmed = dimmed[i]
            meters.begin(i, t, means)
            wake = self._decide(t)
            first, before, end = i, means, t + step_s
            i += 1
            if meters.sampled or (wake is not None and wake < end):
                pieces = self._eventful(first, t, wake)
                means = mean_w(pieces)
            else:
                pieces = self._uneventful(first, t, end)
                means = mean_w(pieces)
                if means == before and meters.still and len(pieces) == 1:
                    i = self._go_on(i, means)
            self._note(first, i, pieces, means)
            if progress is not None and i >= told + TELL_EVERY:
                told = i
                progress(i)
        floor.turn(tape.end)
        return self.run

    def _go_on(self, first: int, draws: list[float]) -> int:
        """Pass over intervals in which all draw what they drew, and no step would find anything new.

        Args:
            first: The next interval.
            draws: What each load draws. [W]

        Returns:
            The next interval to be played.
        """
        step, garage, tape = self._live, self._garage, self.run.game.tape
        if not isinstance(step, Steps) or (lull := step.lull(self._state)) is None:
            return first
        if garage is not None and not garage.is_still(lull.stands):
            return first
        own_w = sum(draws)
        end = self._alike(first, lull, draws, own_w)
        if end == first:
            return first
        start, step_s = tape.start, tape.step_s
        starts = [start + k * step_s for k in range(first, end)]
        count = self._floor.go_on(self._on_w, draws, starts, step_s)
        if count:
            end = first + count
            energies_wh = {} if garage is None else garage.go_on(lull.stands, count, step_s)
            grid_w = [net + own_w for net in self._net_w[first - 1 : end - 1]]  # what is read is of the interval before
            pv_w = self._pv_w[first - 1 : end - 1]
            self._state = step.passed(self._state, starts[:count], grid_w, pv_w, energies_wh)
        return first + count

    def _alike(self, first: int, lull: Lull, draws: list[float], own_w: float) -> int:
        """Return the interval from ``first`` on with which a lull ends, if all go on drawing this. [W]"""
        tape, net_w, phases = self.run.game.tape, self._net_w, self._phases
        until = max(tape.start, min(lull.until, tape.end, self._floor.edge))
        last = int((until - tape.start) / tape.step_s)  # nothing wakes before one ends
        low_w, high_w = lull.low_w - own_w, lull.high_w - own_w
        for phase, low_a, high_a in lull.bands:
            low_w = max(low_w, phases.net_w(phase, low_a, draws))
            high_w = min(high_w, phases.net_w(phase, high_a, draws))
        end = first
        while end < last and low_w < net_w[end - 1] <= high_w:
            end += 1
        if tape.dimmed:
            end = next((i for i in range(first, end) if tape.dimmed[i] is not self._dimmed), end)
        return end

    def _note(self, first: int, end: int, pieces: list[Piece], means: list[float]) -> None:
        """Note what the loads drew in intervals that were alike.

        Args:
            first: First of them.
            end: The first that is none of them any more.
            pieces: What they drew in each, piece by piece.
            means: On average. [W]
        """
        if len(pieces) > 1:
            self.run.split[first] = pieces
        count = end - first
        for load, mean in zip(self.run.loads, means, strict=True):
            if mean:
                load.draw_w[first:end] = [mean] * count
        for contacts in self._contacts.values():
            if contacts.code is ReasonCode.NEED_FORCED:
                contacts.load.forced[first:end] = [True] * count
        if self._garage is not None:
            self._garage.watch(first, end, pieces)
        if self._phases.watched and any(means):
            self._watch_fuse(first, end, means)

    def _uneventful(self, i: int, t: Instant, end: Instant) -> list[Piece]:
        """Play an interval in which nobody decides anything more; return it as stretches of constant power."""
        pieces = self._floor.pass_time(self._on_w, t, end)
        if self._garage is not None:
            self._garage.passed(t, pieces)
        if self._storage is not None:
            self._storage.note(i, pieces, self._storage.follow(self.run.game.net_w[i], pieces))
        return pieces

    def _eventful(self, i: int, t: Instant, wake: Instant | None) -> list[Piece]:
        """Play an interval in which the engine is stepped more than once; return it as stretches of constant power."""
        meters, storage, end = self._meters, self._storage, t + self.run.game.tape.step_s
        pieces: list[Piece] = []
        stored: list[float] = []
        while True:
            stop = min(meters.next_change(t), end)
            if wake is not None and wake < stop:
                stop = wake
            passed = self._floor.pass_time(self._on_w, t, stop, end)
            if self._garage is not None:
                self._garage.passed(t, passed)
            for piece in passed:
                if storage is not None:
                    stored += storage.follow(self.run.game.net_w[i], [piece])
                meters.feed(t, piece[1])
                t += piece[0]
                if storage is None and pieces and pieces[-1][1] == piece[1]:
                    pieces[-1] = (pieces[-1][0] + piece[0], piece[1])
                else:
                    pieces.append(piece)
            if stop >= end:
                if storage is not None:
                    storage.note(i, pieces, stored)
                return pieces
            t = stop
            wake = self._decide(t)

    def _decide(self, t: Instant) -> Instant | None:
        """Step the engine at ``t`` until it commands nothing more; return when it wants to be stepped again."""
        meters = self._meters
        meters.look(t, _NOBODY if self._garage is None else self._garage.look(t))
        step = self._silent if meters.silent else self._live
        outcome = step(self._state, self._observation(), t)
        if outcome.commands or _decided(self._state, outcome.state):
            outcome = self._act(step, outcome, t)
        self._state = outcome.state
        wake = outcome.wake_at
        if wake is not None and wake <= t:
            raise AssertionError(f"the engine wants to be woken at {wake}, which is not after {t}")
        return wake

    def _act(self, step: Step, outcome: Outcome, t: Instant) -> Outcome:
        """Carry out what the engine commands, and step it again with that read back, until it is content."""
        codes: dict[PolicyName, ReasonCode | None] = {}
        relays = self._relays
        for _ in range(ROUNDS):
            self._state = outcome.state
            self._hear(outcome, t)
            if not outcome.commands:
                if self._relays is not relays:
                    self._switch(t, codes)
                return outcome
            for name, contacts in self._contacts.items():
                codes.setdefault(name, contacts.code)
            self._obey(outcome.commands, t)
            outcome = step(self._state, self._observation(), t)
        raise AssertionError(f"the engine still commands after {ROUNDS} steps at {t}: {outcome.commands}")

    def _observation(self) -> Observation:
        """Return what the engine sees now: what it saw last, but for what may have moved."""
        meters, garage, seen = self._meters, self._garage, self._seen
        self._seen = seen = replace(
            seen,
            grid_w=meters.grid_w,
            pv_w=meters.pv_w,
            battery_w=meters.battery_w,
            battery_soc=meters.battery_soc,
            grid_a=meters.grid_a,
            draws_w=meters.draws_w,
            relays=self._relays,
            stations=seen.stations if garage is None else garage.stations,
            inputs=seen.inputs if garage is None else garage.inputs,
            dim=self._dimmed,
        )
        return seen

    def _obey(self, commands: Sequence[Command], t: Instant) -> None:
        """Carry out what the engine commands."""
        moved = {c.relay: RelayState(c.closed, t) for c in commands if isinstance(c, SetRelay)}
        if moved:
            self._relays = {**self._relays, **moved}
        for command in commands:
            if isinstance(command, SetLimit) and self._garage is not None:
                self._garage.obey(command, t, self._on_w)

    def _hear(self, outcome: Outcome, t: Instant) -> None:
        """Note what was decided, as far as the score asks for it: of verdicts, which need not be made decisions."""
        decisions = outcome.decisions
        for one in (isinstance(decisions, Decisions) and decisions.verdicts) or decisions:
            contacts = self._contacts.get(one.policy)
            if contacts is not None:
                contacts.code = one.code
            elif self._garage is not None and not isinstance(one, Verdict):
                self._garage.hear(one.stations, t)

    def _switch(self, t: Instant, codes: Mapping[PolicyName, ReasonCode | None]) -> None:
        """Count starts, stops and runs cut short, once the contacts have settled in this instant."""
        for name, contacts in self._contacts.items():
            load, k = contacts.load, contacts.k
            self._on_w[k] = on_w = contacts.selected_w(self._relays)
            if contacts.policy.sg_ready:
                load.wire([bool(self._relays[relay].closed) for relay in contacts.policy.relays])
            code = codes[name]
            if load.is_on and not on_w:
                ran_s = t - load.spans[-1].start
                if ran_s < load.policy.min_on_s - _SLACK_S and code not in MAY_END_MIN_ON:
                    load.short_runs += 1
            if load.is_on is not (on_w > 0.0):
                load.go(on_w > 0.0, t, "" if code is None else code.value)
                self._meters.switched(k, on_w > 0.0, t)

    def _watch_fuse(self, first: int, end: int, means: list[float]) -> None:
        """Count intervals in which the loads passed the fuse by what the engine could see when they began."""
        fuse_a, net_w, storage = self.run.game.site.grid.fuse_a, self._net_w, self._storage
        assert fuse_a is not None  # noqa: S101 - else nobody watches the phases
        most_w = self._phases.within_w(fuse_a + _SLACK_A, means)
        for i in range(first, end):
            seen_w = net_w[max(i - 1, 0)]
            if storage is not None:
                seen_w += storage.mean_w[max(i - 1, 0)]
            if seen_w > most_w:
                self.run.fuse += 1


def _numbers(series: Series) -> list[float]:
    """Return a series with what is not known as NaN, which is neither above nor below anything."""
    return [nan if w is None else w for w in series] if None in series else series  # type: ignore[return-value] # so


def _decided(was: State, now: State) -> bool:
    """Tell whether anything was decided anew that loads or score hear; what was counted, measured or learnt is not."""
    if now.machines is not was.machines:
        return True
    if now.zones is was.zones and now.stations is was.stations:
        return False
    for name, z in now.zones.items():
        y = was.zones.get(name)
        if z is not y and (y is None or (z.state, z.cause) != (y.state, y.cause)):
            return True
    for name, b in now.stations.items():
        c = was.stations.get(name)
        if b is not c and (c is None or (b.session.state, b.forced) != (c.session.state, c.forced)):
            return True
    return False


def play(game: Game, progress: Progress | None = None, engine: Engine | None = None) -> Run:
    """Play a game with the site's policies.

    Args:
        game: What is played.
        progress: Told how far it has come.
        engine: Makes what steps a site, for whoever wants to watch the steps; None: :class:`Steps`.
    """
    return Loop(game, engine).play(progress)
