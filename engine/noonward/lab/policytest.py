"""Plays the cases of a policy test and compares what was expected with what there is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from noonward.lab.testfile import Unplayable, read_case
from noonward.lab.trial import Touched, Trial
from noonward.policy import units
from noonward.policy.sentences import sentence

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from noonward.core.model import Appliance, Decision, Instant, Site, Zone
    from noonward.lab.testfile import Case, Expectation
    from noonward.policy.problems import Problem
    from noonward.policy.project import Document
    from noonward.policy.units import Quantity


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """An expectation that did not hold.

    Attributes:
        problem: What, and where it stands in the file.
        expected: As the file has it.
        actual: Likewise.
        at: When.
        decision: What the engine had decided then.
    """

    problem: Problem
    expected: str
    actual: str
    at: Instant
    decision: Decision


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


def play_file(document: Document, policy: Appliance | Zone, site: Site, touched: Touched) -> Iterator[Played]:
    """Play every case of a test file, each from a fresh start.

    Args:
        document: The test file; its schema has been checked.
        policy: Under test.
        site: Its site; every other policy on it is left out.
        touched: Notes what the cases reach.
    """
    for number, written in enumerate(document.get("cases")):
        line = document.line("cases", number)
        try:
            case = read_case(document, number, policy, site)
        except Unplayable as error:
            yield Played(name=written["name"], line=line, problems=error.problems)
            continue
        trial = Trial(policy, site, case.start, touched, case.past)
        failures = tuple(_failure(document, site, trial, *missed) for missed in _missed(case, trial))
        yield Played(name=case.name, line=line, failures=failures, steps=trial.steps)


def _missed(case: Case, trial: Trial) -> Iterator[tuple[Expectation, object]]:
    """Play a case and yield every expectation that does not hold, with what is there instead."""
    for one in case.steps:
        trial.give(one.given)
        trial.play(one.end)
        for expectation in one.expects:
            actual = _actual(expectation, trial)
            if actual != expectation.wanted:
                yield expectation, actual


def _actual(expectation: Expectation, trial: Trial) -> object:
    """Return what there is in place of what was expected; a number that is the same to people is the expected one."""
    actual = _LOOK[expectation.what](trial, expectation.of or "")
    wanted = expectation.wanted
    if isinstance(actual, float) and isinstance(wanted, float) and abs(actual - wanted) < _SLACK[expectation.what]:
        return wanted
    return actual


_LOOK: Mapping[str, Callable[[Trial, str], object]] = {
    "relay": lambda trial, relay: trial.is_closed(relay),
    "relays": lambda trial, relay: trial.is_closed(relay),
    "because": lambda trial, _: trial.decision.code.value,
    "starts": lambda trial, _: trial.starts,
    "ran": lambda trial, _: trial.ran_s,
    "limit": lambda trial, _: trial.decision.power_w,
    "station limit": lambda trial, station: trial.limit_a(station),
    "station state": lambda trial, station: trial.station_state(station),
}
"""Where what was expected something of is looked up, by policy and by relay or station."""

_SLACK: Mapping[str, float] = {"ran": 1e-3, "limit": 0.5, "station limit": 1e-3}
"""Numbers closer than this are the same. [s, W, A]"""


def _failure(document: Document, site: Site, trial: Trial, expectation: Expectation, actual: object) -> Failure:
    found, wanted = _said(expectation, actual), _said(expectation, expectation.wanted)
    what = f"{_SUBJECTS[expectation.what].format(expectation.of)} {found}, expected {wanted}"
    hint = sentence(trial.decision.because[0], now=trial.now, timezone=site.timezone)
    return Failure(
        problem=document.problem(
            "T001", "error", f"{what}, at {stamp(trial.now, site.timezone)}", expectation.path, hint=hint
        ),
        expected=wanted,
        actual=found,
        at=trial.now,
        decision=trial.decision,
    )


_SUBJECTS = {
    "relay": "the relay is",
    "relays": "{} is",
    "because": "the reason is",
    "starts": "its starts are",
    "ran": "it ran",
    "limit": "its limit is",
    "station limit": "{} is limited to",
    "station state": "{} is",
}
"""What was expected something of, in words that the value follows."""


def _said(expectation: Expectation, value: object) -> str:
    if isinstance(value, bool):
        return "closed" if value else "open"
    if isinstance(value, float):
        return units.write(round(value, 3), _QUANTITY[expectation.what])
    return str(value)


_QUANTITY: Mapping[str, Quantity] = {"ran": "duration", "limit": "power", "station limit": "current"}


def stamp(at: Instant, timezone: str) -> str:
    """Return a moment in site time, as a test file writes it."""
    moment = datetime.fromtimestamp(at, ZoneInfo(timezone))
    return moment.strftime("%Y-%m-%d %H:%M:%S" if moment.second else "%Y-%m-%d %H:%M")
