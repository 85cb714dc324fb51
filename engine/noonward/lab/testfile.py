"""A policy test as written (``policy-test/v1``), read into cases: what is given, how long, what is expected where.

``noonward check`` has seen the file. What is left to find here: keys that a policy of this kind does not have, stations
that are not in the zone, times that run backwards, a held meter that can never be.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING, Any

from noonward.core.model import Zone
from noonward.core.surplus import fresh_s
from noonward.policy import units
from noonward.policy.moment import instant

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from noonward.core.model import Appliance, Instant, Site
    from noonward.plant.house import Sky
    from noonward.policy.problems import Problem
    from noonward.policy.project import Document
    from noonward.policy.yaml import KeyPath

ZONE_KEYS = frozenset({"charge_now", "stations", "limit"})
"""Keys that only an EV zone has."""

APPLIANCE_KEYS = frozenset({"relay", "relays", "draws"})
"""Keys that only an appliance has."""


@dataclass(frozen=True, slots=True)
class Expectation:
    """One thing that must hold at the end of a step.

    Attributes:
        what: Key in ``expect``; of a station "station limit" or "station state".
        of: Which relay or station; None where it is about the policy.
        wanted: A closed contact as bool, a reason or state as text, a count, seconds, watts or amperes.
        path: Where it stands in the file.
    """

    what: str
    of: str | None
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
        past: Sky of the days before; None: nothing is known of them.
    """

    name: str
    start: Instant
    steps: tuple[Step, ...]
    path: KeyPath
    past: Sky | None = None


class Unplayable(Exception):
    """A case that cannot be played.

    Attributes:
        problems: Why, and where.
    """

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("; ".join(problem.message for problem in problems))
        self.problems = problems


def read_case(document: Document, number: int, policy: Appliance | Zone, site: Site) -> Case:
    """Read case ``number`` (from 0) of a test file.

    Raises:
        Unplayable: The case does not fit the policy, or its times run backwards.
    """
    path: KeyPath = ("cases", number)
    written = document.get(*path)
    problems: list[Problem] = list(_misfits(document, path, written, policy, site))
    start = at = _moment(document, (*path, "start"), site.timezone)
    _check_departures(document, path, written, site.timezone)
    always = [
        expectation
        for n, one in enumerate(written.get("always", ()))
        for expectation in _expectations(one, (*path, "always", n), policy)
    ]
    steps = []
    for n, one in enumerate(written["steps"]):
        where = (*path, "steps", n)
        end = _moment(document, (*where, "until"), site.timezone) if "until" in one else at + _number(one["for"])
        if end < at:
            hint = "`until` is a point in time; a length is written with `for`"
            message = "this step ends before it begins"
            problems.append(document.problem("T003", "error", message, (*where, "until"), hint=hint))
        given = one.get("given", {}) if n else _joined(written.get("given", {}), one.get("given", {}))
        expects = (*_expectations(one.get("expect", {}), (*where, "expect"), policy), *always)
        steps.append(Step(_values(given, site.timezone), end, expects))
        at = end
    if problems:
        raise Unplayable(tuple(problems))
    return Case(written["name"], start, tuple(steps), path, written.get("past"))


def _expectations(written: Mapping[str, Any], path: KeyPath, policy: Appliance | Zone) -> Iterator[Expectation]:
    for key, value in written.items():
        where = (*path, key)
        if key == "relay" and not isinstance(policy, Zone):
            yield Expectation(key, policy.relays[0], value == "closed", where)
        elif key == "relays":
            for relay, position in value.items():
                yield Expectation(key, relay, position == "closed", (*where, relay))
        elif key == "stations":
            for station, one in value.items():
                for what, wanted in one.items():
                    value_of = _number(wanted) if what == "limit" else wanted
                    yield Expectation(f"station {what}", station, value_of, (*where, station, what))
        elif key in {"ran", "limit"}:
            yield Expectation(key, None, _number(value), where)
        else:
            yield Expectation(key, None, value, where)


def _joined(first: Mapping[str, Any], then: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what is given after two blocks: `surplus` and `grid` replace one another, stations join key by key."""
    shadowed = {"surplus", "grid"} if then.keys() & {"surplus", "grid"} else set()
    both = {**{key: value for key, value in first.items() if key not in shadowed}, **then}
    if "stations" in both:
        parts = first.get("stations", {}), then.get("stations", {})
        both["stations"] = {name: {**parts[0].get(name, {}), **parts[1].get(name, {})} for name in parts[0] | parts[1]}
    return both


def _moment(document: Document, path: KeyPath, timezone: str) -> Instant:
    try:
        return instant(document.get(*path), timezone)
    except ValueError as error:
        raise Unplayable((document.problem("T003", "error", str(error), path),)) from None


def _check_departures(document: Document, path: KeyPath, written: Mapping[str, Any], timezone: str) -> None:
    """Look at every departure that a driver gives: the days of some months do not exist."""
    for block in ((*path, "given"), *((*path, "steps", n, "given") for n in range(len(written["steps"])))):
        for station, one in (document.get(*block, "stations") or {}).items():
            if isinstance(one.get("need"), dict):
                _moment(document, (*block, "stations", station, "need", "departure"), timezone)


def _values(given: Mapping[str, Any], timezone: str) -> Mapping[str, Any]:
    """Return what is given in numbers: powers in W, "none" as None, the switch as a bool, moments as instants."""
    values = {key: _READ[key](value) if key in _READ else value for key, value in given.items()}
    if "stations" in given:
        values["stations"] = {station: _vehicle(one, timezone) for station, one in given["stations"].items()}
    return values


def _vehicle(written: Mapping[str, Any], timezone: str) -> Mapping[str, Any]:
    """Return a station in numbers: "full" as infinite, "none" as 0, and of a need as None."""
    values = {key: _VEHICLE[key](value) if key in _VEHICLE else value for key, value in written.items()}
    if "need" in written:
        need = written["need"]
        values["need"] = None if need == "none" else {
            "energy_wh": _number(need["energy"]), "departure": instant(need["departure"], timezone)
        }  # fmt: skip
    return values


_DRAWS: Mapping[str, float] = {"full": inf, "none": 0.0}


def _drawn(text: str) -> float:
    return _DRAWS[text] if text in _DRAWS else _number(text)


_VEHICLE: Mapping[str, Callable[[str], float]] = {
    "draws": _drawn,
    "min_current": lambda text: _number(text),  # noqa: PLW0108 - defined below
}

_READ: Mapping[str, Callable[[Any], Any]] = {
    "draws": _drawn,
    "surplus": units.number,
    "grid": units.number,
    "dim": units.number,  # "none" is no number: None
    "switch": lambda position: position == "on",
    "charge_now": lambda station: None if station == "none" else station,
}


def _number(text: str) -> float:
    value = units.number(text)
    assert value is not None  # noqa: S101 - the schema has seen it
    return value


def _misfits(
    document: Document, path: KeyPath, written: Mapping[str, Any], policy: Appliance | Zone, site: Site
) -> Iterator[Problem]:
    """Yield a problem for everything that this policy cannot have."""
    givens = [(*path, "given"), *((*path, "steps", n, "given") for n in range(len(written["steps"])))]
    expects = [(*path, "steps", n, "expect") for n in range(len(written["steps"]))]
    expects += [(*path, "always", n) for n in range(len(written.get("always", ())))]
    others, owner, kind = ZONE_KEYS, "EV zones", "an appliance"
    if isinstance(policy, Zone):
        others, owner, kind = APPLIANCE_KEYS, "appliances", "an EV zone"
    for block in (*givens, *expects):
        for key in document.get(*block) or ():
            if key in others:
                message = f"`{key}` is for {owner}, and {policy.name} is {kind}"
                yield document.problem("T002", "error", message, (*block, key), key=True)
        if isinstance(policy, Zone):
            yield from _strangers(document, block, policy)
    for block in givens:
        if document.get(*block, "meter") == "held" and policy.stale_after_s <= fresh_s(site.grid.every_s):
            message = "this policy never sees a held meter: its stale_after is not longer than a reading stays fresh"
            yield document.problem("T002", "error", message, (*block, "meter"))


def _strangers(document: Document, block: KeyPath, zone: Zone) -> Iterator[Problem]:
    """Yield a problem for every station that is not in the zone."""
    hint = f"its stations are {', '.join(zone.stations)}"
    for station in document.get(*block, "stations") or ():
        if station not in zone.stations:
            message = f"{zone.name} has no station {station}"
            yield document.problem("T002", "error", message, (*block, "stations", station), key=True, hint=hint)
    station = document.get(*block, "charge_now")
    if station not in {None, "none", *zone.stations}:
        message = f"{zone.name} has no station {station}"
        yield document.problem("T002", "error", message, (*block, "charge_now"), hint=hint)
