"""What the engine said in a run, and when that changed: for reports, and to see where two versions part.

Most steps say what the step before said, and a decision's reason is made only when somebody asks for it. So what is
compared at every step is the row of the table that held, and only a change is put into words and kept. What was said to
last until a moment is asked for anew when that has come.
"""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, Any, NamedTuple

from noonward.core.calm import Steps
from noonward.core.explain import Decisions, Verdict
from noonward.core.model import StationDecision

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from noonward.core.model import (
        Decision,
        Instant,
        Observation,
        Outcome,
        PolicyName,
        Reason,
        ReasonCode,
        Site,
        State,
        StationId,
    )
    from noonward.core.zonestep import ZoneVerdict
    from noonward.lab.simulate import Step


class Change(NamedTuple):
    """From ``at`` on the engine said this of a policy or a station.

    Attributes:
        at: When it was said first. Its numbers are those of that moment.
        state: Of the policy's machine ("off", "on", "stage-2", "solar" …), or of a station's vehicle ("charging" …).
        reason: Why, with the facts that ``noonward.policy.sentences`` puts into words.
    """

    at: Instant
    state: str
    reason: Reason


class Changes:
    """Everything that was said in one run.

    Attributes:
        policies: Of each policy that was played, in order of time. One change differs from the one before in state or
            code, or says that what the one before had said to be over by now lasts.
        stations: Of each charging station, likewise.
    """

    __slots__ = ("_before", "_until", "policies", "stations")

    def __init__(self) -> None:
        self.policies: dict[PolicyName, list[Change]] = {}
        self.stations: dict[StationId, list[Change]] = {}
        self._before: Sequence[Verdict | ZoneVerdict] = ()
        self._until: list[Instant] = []

    def engine(self, site: Site) -> Step:
        """Return what steps a site and listens: ``simulate.play(game, engine=changes.engine)``."""
        return _Listening(site, self)

    def hear(self, decisions: Iterable[Decision], t: Instant) -> None:
        """Note what one step said that the step before did not.

        Args:
            decisions: Of the step. Those of a step that found everything as before hold no verdicts, and are passed.
            t: The moment of the step; at one moment the last word counts.
        """
        verdicts = decisions.verdicts if isinstance(decisions, Decisions) else ()
        if not verdicts:
            return
        if not self._before:
            self._until = [inf] * len(verdicts)
        before, self._before = self._before or (None,) * len(verdicts), verdicts
        for k, (was, verdict) in enumerate(zip(before, verdicts, strict=True)):
            if was is None or verdict.number != was.number or t >= self._until[k] or _parts(was, verdict):
                self._until[k] = self._note(verdict.decision(), t)

    def over(self) -> Changes:
        """Return what was said, when nothing more will be: without what the next step would be compared with."""
        found = Changes()
        found.policies, found.stations = self.policies, self.stations
        return found

    def _note(self, decision: Decision, t: Instant) -> Instant:
        """Keep what is new; return until when it lasts by its own words."""
        said = self.policies.setdefault(decision.policy, [])
        _say(said, t, decision.wanted, decision.code, decision)
        until = _until(said[-1], t)
        for one in decision.stations:
            said = self.stations.setdefault(one.station, [])
            _say(said, t, one.state, one.code, one)
            until = min(until, _until(said[-1], t))
        return until


class _Listening(Steps):
    """Steps that are listened to. Those that are passed over in a lull have nothing to say."""

    __slots__ = ("_changes",)

    def __init__(self, site: Site, changes: Changes) -> None:
        super().__init__(site)
        self._changes = changes

    def __call__(self, state: State, observation: Observation, now: Instant) -> Outcome:
        """Return what ``step`` would, and note what it says."""
        outcome = super().__call__(state, observation, now)
        self._changes.hear(outcome.decisions, now)
        return outcome


def _until(change: Change, t: Instant) -> Instant:
    """Return until when a change lasts by its own words; for ever, if that is over and it was said again."""
    until = change.reason.facts.get("until")
    return until if isinstance(until, float) and until > t else inf


def _say(said: list[Change], t: Instant, state: str, code: ReasonCode, told: Decision | StationDecision) -> None:
    """Add what was said, if it is news; what was said earlier in the same instant was never in force."""
    if said and said[-1].at == t:
        said.pop()
    reason = None
    if said and (said[-1].state, said[-1].reason.code) == (state, code):
        over = said[-1].reason.facts.get("until")
        if not isinstance(over, float) or over > t:
            return
        reason = _reason(told)
        if reason.facts.get("until") == over:
            return
    said.append(Change(t, state, reason or _reason(told)))


def _reason(told: Decision | StationDecision) -> Reason:
    return told.why if isinstance(told, StationDecision) else told.because[0]


def _parts(was: Verdict | ZoneVerdict, verdict: Verdict | ZoneVerdict) -> bool:
    """Tell whether two verdicts of one policy, by rows of one number, may say different things."""
    if isinstance(verdict, Verdict) and isinstance(was, Verdict):
        return verdict.level != was.level or verdict.table is not was.table
    if isinstance(verdict, Verdict) or isinstance(was, Verdict):
        return True
    return verdict.table is not was.table or _zone(verdict) != _zone(was)


def _zone(verdict: ZoneVerdict) -> tuple[Any, ...]:
    """Return what differs whenever a zone or one of its stations says something else."""
    s, limits = verdict.situation, verdict.limits
    granted = limits.wanted_a
    berths = [
        (b.session.state, b.reason, b.urgent, b.memory.test is None, b.seen.online, bool(granted.get(b.name)), b.held())
        if b.plugged()
        else (b.seen.online, b.seen.plugged)
        for b in s.berths
    ]
    return (verdict.memory.state, s.over, limits.whys, berths)
