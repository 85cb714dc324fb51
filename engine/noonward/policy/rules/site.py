"""X42x: the site as a whole, its connection, its meters, its tests and scenarios."""

from __future__ import annotations

import os
from difflib import get_close_matches
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from noonward.policy.rules import facts
from noonward.policy.rules.registry import Found, rule
from noonward.policy.wording import current, duration, power

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from noonward.policy.project import Document, Project
    from noonward.policy.yaml import KeyPath

PHASES = ("L1", "L2", "L3")
NAMED = 3
"""More policies than this are counted, not listed."""


@rule("X421", "error", "Surplus without a grid meter")
def no_grid_meter(project: Project) -> Iterator[Found]:
    """Nobody would know of any surplus."""
    site = project.site
    if site is None or site.get("grid", "meter") is not None:
        return
    blind = [policy for policy in project.policies if facts.mode(policy) in facts.SOLAR]
    if blind:
        yield Found(
            site,
            ("grid",),
            f"there is no grid meter, but {_named(blind)} run{'s' if len(blind) == 1 else ''} on surplus",
            "name one with `grid.meter`",
            key=True,
        )


@rule("X422", "error", "A phase that the connection does not have")
def missing_phase(project: Project) -> Iterator[Found]:
    """A single-phase connection has L1 only."""
    for policy in project.appliances:
        for k, phase in enumerate(policy.get("load", "phases") or ()):
            if phase in PHASES[facts.site_phases(project) :]:
                yield Found(
                    policy,
                    ("load", "phases", k),
                    f"the site is connected to one phase: there is no {phase}",
                    "write [L1], or `grid.phases: 3` in site.yaml",
                )


@rule("X423", "info", "All loads together are more than the fuse")
def beyond_the_fuse(project: Project) -> Iterator[Found]:
    """Not all of them can run at once; the envelope holds some back."""
    fuse_w = facts.fuse_w(project)
    total_w = sum(facts.nominal_w(policy) for policy in project.policies)
    if project.site is not None and fuse_w is not None and total_w > fuse_w:
        yield Found(
            project.site,
            ("grid", "fuse"),
            f"all policies together may draw {power(total_w)}, the fuse carries {power(fuse_w)}",
            "the engine holds some of them back when it must",
        )


@rule("X424", "info", "Policies of one priority")
def ties(project: Project) -> Iterator[Found]:
    """Ties go by name, which is seldom meant."""
    rivals: dict[int, list[Document]] = {}
    for policy in project.policies:
        if facts.mode(policy) in facts.SOLAR:
            rivals.setdefault(facts.priority(policy), []).append(policy)
    for priority, tied in rivals.items():
        if len(tied) > 1:
            first, *others = sorted(tied, key=lambda policy: policy.name)
            yield Found(
                others[0],
                ("priority",) if others[0].has("priority") else ("name",),
                f'priority {priority} is shared with {_named([first, *others[1:]])}: ties go by name, so "{first.name}"'
                " is served first",
                "give them priorities; smaller is served first",
            )


@rule("X425", "warning", "Stale before the next reading")
def stale_between_readings(project: Project) -> Iterator[Found]:
    """The fail-safe would act between any two readings."""
    if project.site is None:
        return
    period_s = facts.grid_period_s(project.site)
    for policy in project.policies:
        if policy.has("fail_safe", "stale_after") and facts.stale_after_s(policy) < period_s:
            yield Found(
                policy,
                ("fail_safe", "stale_after"),
                f"the grid meter reports every {duration(period_s)}, so its value is stale before the next one comes",
                "give it at least three times that long",
            )


@rule("X426", "warning", "Frozen before it can have changed")
def frozen_too_soon(project: Project) -> Iterator[Found]:
    """Two equal readings in a row are nothing special."""
    site = project.site
    frozen_s = facts.site_number(project, "grid", "frozen_after")
    if site is not None and frozen_s is not None and frozen_s < 3 * facts.grid_period_s(site):
        yield Found(
            site,
            ("grid", "frozen_after"),
            f"the meter is read every {duration(facts.grid_period_s(site))}: two equal readings would be suspect",
            "give it at least three times that long; 10 min serves most meters",
        )


@rule("X427", "warning", "A standing wish of somebody unknown")
def unknown_user(project: Project) -> Iterator[Found]:
    """charge_now.always names users and badges of site.yaml."""
    if project.site is None:
        return
    users = project.site.get("users") or {}
    badges = {badge.upper(): badge for user in users.values() for badge in user.get("badges", ())}
    for zone in project.zones:
        for k, wish in enumerate(zone.get("charge_now", "always") or ()):
            path = ("charge_now", "always", k)
            if wish in users and not users[wish].get("badges"):
                message = f'user "{wish}" has no badge, so no station can tell that the car is theirs'
                yield Found(zone, path, message, "list the badges under `users:` in site.yaml")
            elif wish not in users and wish.upper() not in badges:
                known = {*users, *badges.values()}
                message = f'"{wish}" is neither a user nor a badge in site.yaml'
                yield Found(zone, path, message, _near(wish, known, "declare it under `users:`"))


@rule("X428", "error", "More unmeasured current than the fuse carries")
def unmeasured_beyond_fuse(project: Project) -> Iterator[Found]:
    """Nothing would be left for any load while the meter is silent."""
    site = project.site
    if site is None:
        return
    fuse_a, unmeasured_a = site.number("grid", "fuse"), site.number("grid", "unmeasured")
    if fuse_a is not None and unmeasured_a is not None and unmeasured_a >= fuse_a:
        yield Found(
            site,
            ("grid", "unmeasured"),
            f"{current(unmeasured_a)} of a fuse of {current(fuse_a)} leaves nothing for the loads while the meter is"
            " silent",
            "half the fuse is the default",
        )


@rule("X429", "error", "A test names what its policy does not have")
def test_of_something_else(project: Project) -> Iterator[Found]:
    """A relay or station of another policy."""
    policies = {policy.path.resolve(): policy for policy in project.policies}
    for test in project.tests:
        place = _place(test, test.get("policy"))
        if place not in policies:
            continue
        policy = policies[place]
        relays = list(dict.fromkeys(relay for relay, _ in facts.relays(policy)))
        stations = policy.get("stations") or []
        for path, value in _mentions(test):
            match path[-1]:
                case "relay" if len(relays) != 1:
                    message = f'policy "{policy.name}" has {len(relays)} relays: say which, with `relays:`'
                    yield Found(test, path, message, key=True)
                case "relays" | "stations":
                    what, known = ("relay", relays) if path[-1] == "relays" else ("station", stations)
                    for name in value:
                        if name not in known:
                            message = f'policy "{policy.name}" has no {what} "{name}"'
                            yield Found(test, (*path, name), message, _near(name, known, None), key=True)
                case "charge_now" if value != "none" and value not in stations:
                    message = f'policy "{policy.name}" has no station "{value}"'
                    yield Found(test, path, message, _near(value, stations, None))
                case _:
                    pass


@rule("X430", "error", "A plant without a policy")
def plant_of_nothing(project: Project) -> Iterator[Found]:
    """It would never be played, and what was meant would be ignored."""
    names = {policy.name for policy in project.policies}
    if not project.complete:
        return
    for scenario in project.scenarios:
        for plant in scenario.get("plants") or ():
            if plant not in names:
                yield Found(
                    scenario,
                    ("plants", plant),
                    f'there is no policy "{plant}"',
                    _near(plant, names, "a plant has the name of its policy"),
                    key=True,
                )


@rule("X432", "error", "Sessions at a station that no zone has")
def sessions_elsewhere(project: Project) -> Iterator[Found]:
    """They would never be played."""
    stations = {station for zone in project.zones for station, _ in facts.station_names(zone)}
    for scenario in project.scenarios:
        station = scenario.get("sessions", "station")
        if project.complete and station is not None and station not in stations:
            message = f'no zone has a station "{station}"'
            yield Found(scenario, ("sessions", "station"), message, _near(station, stations, "name one of a zone"))


@rule("X431", "error", "A file that is not there")
def missing_file(project: Project) -> Iterator[Found]:
    """A policy under test, a tape, sessions, draws."""
    policies = {policy.path.resolve() for policy in project.policies}
    for document, path, what in _files(project):
        written = document.get(*path)
        place = _place(document, written)
        known = policies if what == "policy" else _beside(document, written)
        if place is None:
            hint = _nearest_file(written, known, document) or "the path counts from this file"
            yield Found(document, path, f'there is no {what} "{written}"', hint)
        elif what == "policy" and project.complete and place not in policies:
            yield Found(document, path, f'"{written}" is not a policy of this site', "name one of its policies")


def _files(project: Project) -> Iterator[tuple[Document, KeyPath, str]]:
    """Yield every mention of a file by a test or scenario, with what it should be."""
    for test in project.tests:
        yield test, ("policy",), "policy"
    for scenario in project.scenarios:
        yield scenario, ("tape",), "tape"
        if scenario.has("sessions", "file"):
            yield scenario, ("sessions", "file"), "file of sessions"
        for plant in scenario.get("plants") or ():
            if scenario.has("plants", plant, "draw"):
                yield scenario, ("plants", plant, "draw"), "file of draws"


def _place(document: Document, written: str) -> Path | None:
    """Return the file that a document names, None where there is none."""
    try:
        place = (document.path.parent / written).resolve()
        return place if place.is_file() else None
    except (OSError, ValueError):  # a name that is too long, or holds a NUL
        return None


def _beside(document: Document, written: str) -> list[Path]:
    """Return the files of the folder in which a file should be."""
    try:
        return list((document.path.parent / written).parent.iterdir())
    except (OSError, ValueError):
        return []


def _nearest_file(written: str, known: Iterable[Path], document: Document) -> str | None:
    """Return a hint with the path, as the document would write it, of the known file with the nearest name."""
    names = {other.name: other for other in known if other != document.path}
    close = get_close_matches(PurePath(written).name, sorted(names), 1)
    return f'did you mean "{os.path.relpath(names[close[0]], document.path.parent.resolve())}"?' if close else None


def _mentions(test: Document) -> Iterator[tuple[KeyPath, Any]]:
    """Yield every key of every `given`, `expect` and `always` of a test, with its value."""
    for c, case in enumerate(test.get("cases")):
        at: KeyPath = ("cases", c)
        blocks: list[tuple[KeyPath, Any]] = [((*at, "given"), case.get("given"))]
        blocks += [((*at, "always", k), block) for k, block in enumerate(case.get("always", ()))]
        for s, step in enumerate(case["steps"]):
            blocks += [((*at, "steps", s, key), step.get(key)) for key in ("given", "expect")]
        for path, block in blocks:
            for key, value in (block or {}).items():
                yield (*path, key), value


def _named(policies: list[Document]) -> str:
    names = [f'"{policy.name}"' for policy in policies]
    shown, rest = names[:NAMED], len(names) - NAMED
    if rest > 0:
        return f"{', '.join(shown)} and {rest} more"
    return " and ".join([", ".join(shown[:-1]), shown[-1]] if len(shown) > 1 else shown)


def _near(name: str, known: Iterable[str], otherwise: str | None) -> str | None:
    close = get_close_matches(name, sorted(known), 1)
    return f'did you mean "{close[0]}"?' if close else otherwise
