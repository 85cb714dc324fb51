"""A policy test as written (``policy-test/v1``), read into cases: what is given, how long, what is expected where.

``noonward check`` has seen the file. What is left to find here: keys that an appliance does not have, times that run
backwards, a held meter that can never be.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from noonward.core.surplus import fresh_s
from noonward.policy import units
from noonward.policy.moment import instant

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from noonward.core.model import Appliance, Instant, Site
    from noonward.policy.problems import Problem
    from noonward.policy.project import Document
    from noonward.policy.yaml import KeyPath

ZONE_KEYS = frozenset({"charge_now", "stations", "limit"})
"""Keys that only an EV zone has."""


@dataclass(frozen=True, slots=True)
class Expectation:
    """One thing that must hold at the end of a step.

    Attributes:
        what: Key in ``expect``: relay, relays, because, starts or ran.
        relay: Which relay, for ``relay`` and ``relays``.
        wanted: A closed contact as bool, a reason or state as text, a count, or seconds.
        path: Where it stands in the file.
    """

    what: str
    relay: str | None
    wanted: bool | str | float
    path: KeyPath


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a case.

    Attributes:
        given: What changes at its beginning; powers in W, "none" as None.
        end: When it ends.
        expects: What must hold then.
    """

    given: Mapping[str, Any]
    end: Instant
    expects: tuple[Expectation, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """One course of events.

    Attributes:
        name: As people wrote it.
        start: When it begins.
        steps: One after the other; the case's own ``given`` is in the first.
        path: Where it stands in the file.
    """

    name: str
    start: Instant
    steps: tuple[Step, ...]
    path: KeyPath


class Unplayable(Exception):
    """A case that cannot be played.

    Attributes:
        problems: Why, and where.
    """

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("; ".join(problem.message for problem in problems))
        self.problems = problems


def read_case(document: Document, number: int, appliance: Appliance, site: Site) -> Case:
    """Read case ``number`` (from 0) of a test file.

    Raises:
        Unplayable: The case does not fit the policy, or its times run backwards.
    """
    path: KeyPath = ("cases", number)
    written = document.get(*path)
    problems: list[Problem] = list(_misfits(document, path, written, appliance, site))
    start = at = _moment(document, (*path, "start"), site.timezone)
    always = [
        expectation
        for n, one in enumerate(written.get("always", ()))
        for expectation in _expectations(one, (*path, "always", n), appliance)
    ]
    steps = []
    for n, one in enumerate(written["steps"]):
        where = (*path, "steps", n)
        end = _moment(document, (*where, "until"), site.timezone) if "until" in one else at + _seconds(one["for"])
        if end < at:
            hint = "`until` is a point in time; a length is written with `for`"
            message = "this step ends before it begins"
            problems.append(document.problem("T003", "error", message, (*where, "until"), hint=hint))
        given = one.get("given", {}) if n else _joined(written.get("given", {}), one.get("given", {}))
        expects = (*_expectations(one.get("expect", {}), (*where, "expect"), appliance), *always)
        steps.append(Step(_values(given), end, expects))
        at = end
    if problems:
        raise Unplayable(tuple(problems))
    return Case(written["name"], start, tuple(steps), path)


def _expectations(written: Mapping[str, Any], path: KeyPath, appliance: Appliance) -> Iterator[Expectation]:
    for key, value in written.items():
        if key == "relay":
            yield Expectation(key, appliance.relays[0], value == "closed", (*path, key))
        elif key == "relays":
            for relay, position in value.items():
                yield Expectation(key, relay, position == "closed", (*path, key, relay))
        elif key == "ran":
            yield Expectation(key, None, _seconds(value), (*path, key))
        else:
            yield Expectation(key, None, value, (*path, key))


def _joined(first: Mapping[str, Any], then: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what is given after two blocks: `surplus` and `grid` replace one another."""
    shadowed = {"surplus", "grid"} if then.keys() & {"surplus", "grid"} else set()
    return {**{key: value for key, value in first.items() if key not in shadowed}, **then}


def _moment(document: Document, path: KeyPath, timezone: str) -> Instant:
    try:
        return instant(document.get(*path), timezone)
    except ValueError as error:
        raise Unplayable((document.problem("T003", "error", str(error), path),)) from None


def _values(given: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what is given in numbers: powers in W, "none" as None, the switch as a bool."""
    return {key: _READ[key](value) if key in _READ else value for key, value in given.items()}


_READ: Mapping[str, Callable[[str], Any]] = {
    "surplus": units.number,
    "grid": units.number,
    "dim": units.number,  # "none" is no number: None
    "switch": lambda position: position == "on",
}


def _seconds(text: str) -> float:
    seconds = units.number(text)
    assert seconds is not None  # noqa: S101 - the schema has seen it
    return seconds


def _misfits(
    document: Document, path: KeyPath, written: Mapping[str, Any], appliance: Appliance, site: Site
) -> Iterator[Problem]:
    """Yield a problem for every key that this policy cannot have."""
    givens = [(*path, "given"), *((*path, "steps", n, "given") for n in range(len(written["steps"])))]
    expects = [(*path, "steps", n, "expect") for n in range(len(written["steps"]))]
    expects += [(*path, "always", n) for n in range(len(written.get("always", ())))]
    for block in (*givens, *expects):
        for key in document.get(*block) or ():
            if key in ZONE_KEYS:
                message = f"`{key}` is for EV zones, and {appliance.name} is an appliance"
                yield document.problem("T002", "error", message, (*block, key), key=True)
    for block in givens:
        if document.get(*block, "meter") == "held" and appliance.stale_after_s <= fresh_s(site.grid.every_s):
            message = "this policy never sees a held meter: its stale_after is not longer than a reading stays fresh"
            yield document.problem("T002", "error", message, (*block, "meter"))
