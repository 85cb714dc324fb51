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
    from collections.abc import Iterator

    from noonward.core.model import Appliance, Decision, Instant, Site
    from noonward.lab.testfile import Case, Expectation
    from noonward.policy.problems import Problem
    from noonward.policy.project import Document


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
        trial = Trial(appliance, site, case.start, touched)
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
    """Return what there is in place of what was expected; a time on within a millisecond of it is the expected one."""
    if expectation.relay is not None:
        return trial.is_closed(expectation.relay)
    if expectation.what == "because":
        return trial.decision.code.value
    if expectation.what == "starts":
        return trial.machine.starts
    wanted = expectation.wanted
    return wanted if isinstance(wanted, float) and abs(trial.ran_s - wanted) < 1e-3 else trial.ran_s  # noqa: PLR2004


def _failure(document: Document, site: Site, trial: Trial, expectation: Expectation, actual: object) -> Failure:
    found, wanted = _said(expectation, actual), _said(expectation, expectation.wanted)
    what = f"{_SUBJECTS[expectation.what].format(expectation.relay)} {found}, expected {wanted}"
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
