"""Plays policy tests through the engine's own ``step``, by the engine's own ``wake_at``, never by polling.

The world of a test is as small as it can be: one policy on its site, nothing else running. A command is confirmed at
once. A closed relay draws its nominal power from the same instant. The grid meter answers whenever the engine looks:
``surplus: S`` means grid = own draw − S, spread evenly over the phases but for the own draw, which is on the policy's.
What happens at the very end of a step has happened when the step is checked.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from noonward.core.model import (
    Decision,
    Inputs,
    Mode,
    Observation,
    Override,
    Reading,
    RelayState,
    State,
)
from noonward.core.step import step
from noonward.core.surplus import fresh_s
from noonward.core.timers import Windows
from noonward.core.units import current_a
from noonward.lab.testfile import Unplayable, read_case
from noonward.policy import units
from noonward.policy.sentences import sentence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from noonward.core.model import Appliance, Instant, RelayId, Site
    from noonward.lab.testfile import Case, Expectation, Step
    from noonward.policy.problems import Problem
    from noonward.policy.project import Document

SETTLING_STEPS = 20
"""Steps at one instant, each with the last one's commands confirmed, before the engine counts as running in circles."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """An expectation that did not hold.

    Attributes:
        problem: What, and where it stands in the file.
        at: When.
        decision: What the engine had decided then.
    """

    problem: Problem
    at: Instant
    decision: Decision


@dataclass(slots=True, kw_only=True)
class Touched:
    """What the cases of a policy have reached.

    Attributes:
        rows: Mode in force and row number.
        timers: Positions in the file's list of timers.
    """

    rows: set[tuple[Mode, int]] = field(default_factory=set)
    timers: set[int] = field(default_factory=set)


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """One case, played.

    Attributes:
        name: Of the case.
        line: Where it begins.
        failures: Expectations that did not hold, in order of time.
        problems: Why it could not be played at all.
        steps: How often the engine was stepped.
    """

    name: str
    line: int
    failures: tuple[Failure, ...] = ()
    problems: tuple[Problem, ...] = ()
    steps: int = 0

    @property
    def passed(self) -> bool:
        """Whether everything held."""
        return not self.failures and not self.problems


def play_file(document: Document, appliance: Appliance, site: Site, touched: Touched) -> Iterator[Played]:
    """Play every case of a test file, each from a fresh start.

    Args:
        document: The test file; its schema has been checked.
        appliance: The policy under test.
        site: Its site; every other policy on it is left out.
        touched: Notes what the cases reach.
    """
    for number, written in enumerate(document.get("cases")):
        line = document.line("cases", number)
        try:
            case = read_case(document, number, appliance, site)
        except Unplayable as error:
            yield Played(name=written["name"], line=line, problems=error.problems)
            continue
        game = _Game(appliance, site, case, touched)
        failures = tuple(
            Failure(
                problem=_problem(document, expectation, actual, site, game),
                at=game.now,
                decision=game.decision,
            )
            for expectation, actual in game.play()
        )
        yield Played(name=case.name, line=line, failures=failures, steps=game.steps)


class _Game:
    """One case: the world, the engine's state, and what has been seen of both."""

    def __init__(self, appliance: Appliance, site: Site, case: Case, touched: Touched) -> None:
        self.appliance = appliance
        self.site = replace(site, appliances=(appliance,), zones=())
        self.case = case
        self.touched = touched
        self.given: dict[str, Any] = {"surplus": 0.0, "meter": "fresh"}
        self.relays: dict[RelayId, RelayState] = {relay: RelayState(False, 0.0) for relay in appliance.relays}
        self.reading: Reading | None = None
        self.currents: tuple[Reading, ...] = ()
        self.state = State()
        self.now = case.start
        self.ran_s = 0.0
        self.steps = 0
        self.decision: Decision

    def play(self) -> Iterator[tuple[Expectation, object]]:
        """Play the case and yield every expectation that does not hold, with what was there instead."""
        for one in self.case.steps:
            self._begin(one)
            while True:
                wake = self._settle()
                if wake is None or wake > one.end:
                    break
                self._pass(wake)
            if one.end > self.now:
                self._pass(one.end)
                self._settle()
            for expectation in one.expects:
                actual = self._actual(expectation)
                if actual != expectation.wanted:
                    yield expectation, actual
        self._note_timers()

    def _begin(self, one: Step) -> None:
        if one.given.keys() & {"surplus", "grid"}:
            self.given.pop("surplus", None)
            self.given.pop("grid", None)
        self.given.update(one.given)
        self.site = replace(self.site, dim_cap_w=self.given.get("dim"))

    def _pass(self, until: Instant) -> None:
        if self._closed():
            self.ran_s += until - self.now
        self.now = until

    def _settle(self) -> Instant | None:
        """Step at this instant until nothing more is commanded, and return when to step next."""
        for _ in range(SETTLING_STEPS):
            outcome = step(self.site, self.state, self._observe(), self.now)
            self.steps += 1
            self.state, self.decision = outcome.state, outcome.decisions[0]
            self.touched.rows.add((self._mode(), self.decision.row))
            if not outcome.commands:
                break
            for command in outcome.commands:
                self.relays[command.relay] = RelayState(command.closed, self.now)
        else:
            raise RuntimeError(f"{self.appliance.name} commands without end at {self.now}")
        wake = outcome.wake_at
        if wake is not None and wake <= self.now:
            raise RuntimeError(f"{self.appliance.name} asks at {self.now} to be woken at {wake}")
        return wake

    def _observe(self) -> Observation:
        own_w = self._own_w()
        self._read_meter(own_w)
        mode = self.given.get("mode")
        inputs = Inputs(
            switch_on=self.given.get("switch", False), override=Override(mode=Mode(mode), by="test") if mode else None
        )
        return Observation(
            grid_w=self.reading,
            grid_a=self.currents,
            draws_w={self.appliance.name: Reading(own_w, self.now)} if self.appliance.meter else {},
            relays=self.relays,
            inputs={self.appliance.name: inputs},
            dim=self.given.get("dim") is not None,
        )

    def _read_meter(self, own_w: float) -> None:
        """Take a reading where the meter answers; a held one keeps its value and its age, a silent one keeps both."""
        meter = self.given["meter"]
        if meter == "silent":
            return
        base_w = -self.given["surplus"] if "surplus" in self.given else self.given["grid"] - own_w
        at = self.now
        if meter == "held":
            at -= (fresh_s(self.site.grid.every_s) + self.appliance.stale_after_s) / 2
            if self.reading is not None:
                self.reading = Reading(self.reading.value, at)
                self.currents = tuple(Reading(current.value, at) for current in self.currents)
                return
        self.reading = Reading(base_w + own_w, at)
        self.currents = tuple(Reading(ampere, at) for ampere in self._currents_a(base_w, own_w))

    def _currents_a(self, base_w: float, own_w: float) -> Iterator[float]:
        """Yield the current of each phase: the base evenly, the own draw on the policy's phases or evenly."""
        grid = self.site.grid
        own = self.appliance.phases or tuple(range(1, grid.phases + 1))
        for phase in range(1, grid.phases + 1):
            power_w = base_w / grid.phases + (own_w / len(own) if phase in own else 0.0)
            yield current_a(power_w, 1, grid.voltage_v)

    def _closed(self) -> frozenset[RelayId]:
        return frozenset(relay for relay, seen in self.relays.items() if seen.closed)

    def _own_w(self) -> float:
        """Return the nominal power of the contacts that are closed; between two stages, of the lower one. [W]."""
        closed = self._closed()
        return max((stage.power_w for stage in self.appliance.stages if stage.relays <= closed), default=0.0)

    def _mode(self) -> Mode:
        return Mode(self.given.get("mode", self.appliance.mode))

    def _actual(self, expectation: Expectation) -> object:
        """Return what there is in place of what was expected; a duration within a millisecond is the expected one."""
        if expectation.relay is not None:
            return self.relays[expectation.relay].closed
        if expectation.what == "because":
            return self.decision.code.value
        if expectation.what == "starts":
            return self.state.machines[self.appliance.name].starts if self.state.machines else 0
        wanted = expectation.wanted
        return wanted if isinstance(wanted, float) and abs(self.ran_s - wanted) < 1e-3 else self.ran_s  # noqa: PLR2004

    def _note_timers(self) -> None:
        windows = self.appliance.windows
        for number, timer in enumerate(windows.timers if windows else ()):
            if Windows((timer,), self.site.timezone).edges(self.case.start, self.now):
                self.touched.timers.add(number)


def _problem(document: Document, expectation: Expectation, actual: object, site: Site, game: _Game) -> Problem:
    found, wanted = _said(expectation, actual), _said(expectation, expectation.wanted)
    message = f"{_SUBJECTS[expectation.what].format(expectation.relay)} {found}, expected {wanted}"
    when = stamp(game.now, site.timezone)
    hint = sentence(game.decision.because[0], now=game.now, timezone=site.timezone)
    return document.problem("T001", "error", f"{message}, at {when}", expectation.path, hint=hint)


_SUBJECTS = {
    "relay": "the relay is",
    "relays": "{} is",
    "because": "the reason is",
    "starts": "its starts are",
    "ran": "it ran",
}
"""What was expected something of, in words that the value follows."""


def _said(expectation: Expectation, value: object) -> str:
    if expectation.relay is not None:
        return "closed" if value else "open"
    if expectation.what == "ran" and isinstance(value, float):
        return units.write(round(value, 3), "duration")
    return str(value)


def stamp(at: Instant, timezone: str) -> str:
    """Return a moment in site time, as a test file writes it."""
    moment = datetime.fromtimestamp(at, ZoneInfo(timezone))
    return moment.strftime("%Y-%m-%d %H:%M:%S" if moment.second else "%Y-%m-%d %H:%M")
