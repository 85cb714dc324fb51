"""N6xx: what must be ready by when, and waiting for better sun until then."""

from __future__ import annotations

from typing import TYPE_CHECKING

from noonward.core.habits import ENOUGH
from noonward.core.model import Mode
from noonward.core.timers import DAY_S
from noonward.core.units import power_w
from noonward.policy import needs
from noonward.policy.rules import facts, recurrence
from noonward.policy.rules.registry import Found, rule
from noonward.policy.wording import duration, energy, power

if TYPE_CHECKING:
    from collections.abc import Iterator

    from noonward.core.needs import Requirement, Term
    from noonward.policy.project import Document, Project

NEVER_FORCED = frozenset({Mode.ALWAYS_ON, Mode.ALWAYS_OFF, Mode.MANUAL})
"""Modes that leave no room for a need: on or off is said already."""

SUN_FROM_S, SUN_TO_S = 9 * 3600.0, 16 * 3600.0
"""Hours of the day outside which a load gets little from the sun in most seasons. [s]"""


def _needing(policies: tuple[Document, ...]) -> Iterator[tuple[Document, Requirement]]:
    """Yield each policy whose mode heeds its need, with the need on a clock that never changes."""
    for policy in policies:
        need = needs.requirement(policy, "UTC")
        if need is not None and facts.mode(policy) not in NEVER_FORCED:
            yield policy, need


def _timed(project: Project) -> Iterator[tuple[Document, Requirement, tuple[Term, ...]]]:
    """Yield each appliance with a need, and its periods over a stretch that holds every case."""
    for policy, need in _needing(project.appliances):
        terms = recurrence.terms(need)
        if terms:
            yield policy, need, terms


def _times_s(terms: tuple[Term, ...]) -> list[float]:
    """Return how long each period leaves, up to its deadline. [s]."""
    return [term.by - term.start for term in terms if term.by is not None]


def _vehicle_w(project: Project, zone: Document) -> float:
    """Return the most that one vehicle of a zone can draw. [W]."""
    phases = facts.zone_phases(project, zone)
    stations = [power_w(p.info.max_a, min(phases, p.info.phases)) for p in facts.stations(project, zone)]
    return min(facts.nominal_w(zone), max(stations, default=facts.nominal_w(zone)))


@rule("N601", "error", "It cannot have that energy in the time")
def out_of_reach(project: Project) -> Iterator[Found]:
    """Even on from the first to the last second."""
    for policy, need, terms in _timed(project):
        times_s, most_w = _times_s(terms), facts.nominal_w(policy)
        if times_s and (need.energy_wh or 0.0) > most_w * max(times_s) / 3600:
            most_wh = most_w * max(times_s) / 3600
            yield Found(
                policy,
                ("need", "energy"),
                f"{power(most_w)} for {duration(max(times_s))} make {energy(most_wh)} at most",
                "lower the energy, or give it more time with `by` and `period`",
            )
    for zone, need in _needing(project.zones):
        stay_s, most_w = recurrence.longest_gap_s(need.by), _vehicle_w(project, zone)
        if (need.energy_wh or 0.0) > most_w * stay_s / 3600:
            yield Found(
                zone,
                ("need", "energy"),
                f"one vehicle draws {power(most_w)} at most, in {duration(stay_s)} {energy(most_w * stay_s / 3600)}",
                "lower the energy: it is that of one vehicle and stay",
            )


@rule("N602", "warning", "It cannot always have that energy")
def not_always(project: Project) -> Iterator[Found]:
    """In some periods, or with a vehicle at every station."""
    for policy, need, terms in _timed(project):
        times_s, most_w, wants_wh = _times_s(terms), facts.nominal_w(policy), need.energy_wh or 0.0
        if times_s and most_w * min(times_s) / 3600 < wants_wh <= most_w * max(times_s) / 3600:
            yield Found(
                policy,
                ("need", "energy"),
                f"the shortest period leaves {duration(min(times_s))} up to its deadline, enough for"
                f" {energy(most_w * min(times_s) / 3600)}",
                "lower the energy, or make periods and deadlines even",
            )
    for zone, need in _needing(project.zones):
        stay_s, most_w, count = recurrence.longest_gap_s(need.by), facts.nominal_w(zone), len(zone.get("stations"))
        wants_wh = need.energy_wh or 0.0
        if wants_wh <= _vehicle_w(project, zone) * stay_s / 3600 and count * wants_wh > most_w * stay_s / 3600:
            yield Found(
                zone,
                ("need", "energy"),
                f"{count} vehicles want {energy(count * wants_wh)}, the zone gives {energy(most_w * stay_s / 3600)} in"
                f" {duration(stay_s)}",
                "lower the energy, or raise `limits.max_power` where the cable allows it",
            )


@rule("N603", "info", "Periods without a deadline")
def without_deadline(project: Project) -> Iterator[Found]:
    """In those nothing is forced."""
    for policy, _, terms in _timed(project):
        missing = sum(term.by is None for term in terms)
        if missing:
            which = "no period" if missing == len(terms) else f"only {len(terms) - missing} of {len(terms)} periods"
            yield Found(
                policy,
                ("need", "by"),
                f"{which} {'has' if missing == len(terms) else 'have'} a deadline: in the others nothing is forced",
                "write a `by` that falls into every period, unless that is meant",
            )


@rule("N604", "warning", "A deadline that never counts")
def second_deadline(project: Project) -> Iterator[Found]:
    """A period has one deadline, the first in it."""
    for policy, need, terms in _timed(project):
        most = recurrence.most_within(need.by, terms)
        if most > 1:
            yield Found(
                policy,
                ("need", "by"),
                f"`by` falls {most} times into one period, and only the first is its deadline",
                "let a need begin at each: `period` takes the same fields as `by`",
            )


@rule("N605", "warning", "The deadline comes before the sun")
def before_the_sun(project: Project) -> Iterator[Found]:
    """From the beginning of each period to its deadline it is night."""
    for policy, _, terms in _timed(project):
        due = [term for term in terms if term.by is not None]
        if facts.mode(policy) in facts.SOLAR and due and not any(_sunny(term.start, term.by or 0.0) for term in due):
            by = policy.get("need", "by")
            yield Found(
                policy,
                ("need", "by"),
                f"a need begins {_begins(policy)} and is due before the sun can serve it: it is bought every time",
                f'let it begin at the deadline before: `period: "{by}"`',
            )


def _sunny(start: float, end: float) -> bool:
    """Tell whether some of a stretch of time lies in the sunny hours of a day."""
    day = start // DAY_S * DAY_S
    while day < end:
        if start < day + SUN_TO_S and day + SUN_FROM_S < end:
            return True
        day += DAY_S
    return False


def _begins(policy: Document) -> str:
    written = policy.get("need", "period")
    return "at midnight" if written is None else f'at "{written}"'


@rule("N606", "info", "A need that the mode does not heed")
def unheeded(project: Project) -> Iterator[Found]:
    """Nothing is forced where on or off is said already."""
    for policy in project.policies:
        if policy.get("need") is not None and facts.mode(policy) in NEVER_FORCED:
            yield Found(
                policy,
                ("need",),
                f"mode {facts.mode(policy)} forces nothing and waits for nothing",
                "it counts again in modes auto-solar, auto-timer and timer",
                key=True,
            )


@rule("N607", "warning", "It waits for a sun that its mode does not look at")
def plan_without_sun(project: Project) -> Iterator[Found]:
    """Outside the windows it is off, sun or not."""
    for policy in project.policies:
        if policy.get("plan") is not None and facts.mode(policy) is Mode.TIMER:
            yield Found(
                policy,
                ("plan",),
                "mode timer runs in windows, sun or not, and when its need is due: there is nothing to wait for",
                "use mode auto-solar or auto-timer, or remove `plan`",
                key=True,
            )


@rule("N608", "warning", "Thresholds that a plan replaces")
def replaced(project: Project) -> Iterator[Found]:
    """They count only once the need is over."""
    for policy in project.policies:
        if policy.get("plan") is not None and facts.mode(policy) in facts.SOLAR:
            for key in ("on_above", "off_below"):
                if policy.has("surplus", key):
                    yield Found(
                        policy,
                        ("surplus", key),
                        f"while the need is open the plan finds its own threshold; `{key}` counts once it is over",
                        "remove it, or write `# noonward: ignore N608` and what it is for",
                        key=True,
                    )


@rule("N609", "info", "Its energy is counted, not measured")
def unmeasured(project: Project) -> Iterator[Found]:
    """Nominal power times on-time counts what a thermostat did not take."""
    for policy, _ in _needing(project.appliances):
        if not policy.has("load", "meter") and not facts.is_sg_ready(policy):
            yield Found(
                policy,
                ("need",),
                "no meter sees what it draws: its energy counts as nominal power times on-time",
                "name its meter with `load.meter`; without one a thermostat that opens goes unseen",
                key=True,
            )


@rule("N610", "info", "Drivers who say nothing")
def only_from_drivers(project: Project) -> Iterator[Found]:
    """What counts for them is guessed."""
    for zone, need in _needing(project.zones):
        lacking = [key for key in ("energy", "by") if not zone.has("need", key)]
        if need.from_user and lacking:
            yield Found(
                zone,
                ("need",),
                f"where a driver says nothing, {_LACKING[tuple(lacking)]}",
                f"say what counts then with {' and '.join(f'`{key}`' for key in lacking)}",
                key=True,
            )


_UNTIL = f"before {ENOUGH} of them are known it has the sun alone"
_LACKING = {
    ("energy", "by"): f"energy and departure are guessed from past stays; {_UNTIL}",
    ("energy",): "it charges until it is full, in time for `by` once past stays tell how long that takes",
    ("by",): f"its departure is guessed from past stays; {_UNTIL}",
}
"""What counts instead, by what is not written."""


@rule("N611", "warning", "Nobody sees whether the heat pump takes the offer")
def offer_unseen(project: Project) -> Iterator[Found]:
    """An SG-Ready contact offers; what the pump makes of it is its own affair."""
    for policy, _ in _needing(project.appliances):
        if facts.is_sg_ready(policy) and not policy.has("load", "meter"):
            yield Found(
                policy,
                ("need",),
                "an SG-Ready contact only offers: without a meter an offer that the pump refuses counts as energy",
                "name its meter with `load.meter`",
                key=True,
            )


@rule("N612", "info", "One run draws more than it needs")
def overshoots(project: Project) -> Iterator[Found]:
    """The minimum on-time outlasts the need."""
    for policy, need in _needing(project.appliances):
        run_wh = facts.stages_w(policy)[0] * facts.min_on_s(policy) / 3600
        if need.energy_wh is not None and run_wh > need.energy_wh:
            yield Found(
                policy,
                ("need", "energy"),
                f"once on it stays on for {duration(facts.min_on_s(policy))} and draws {energy(run_wh)},"
                f" more than {policy.get('need', 'energy')}",
                "shorten `min_on`, unless the appliance needs it",
            )


@rule("N613", "info", "A plan that sees only the balance")
def balance_only(project: Project) -> Iterator[Found]:
    """What is exported stands for the sun, so that a cloud and a hob look alike."""
    if project.site is None or project.site.has("pv", "meter"):
        return
    for policy in project.policies:
        if policy.get("plan") is not None and facts.mode(policy) in facts.SOLAR:
            yield Found(
                policy,
                ("plan",),
                "the forecast is made of production and load, and the grid meter alone shows only their difference",
                "name the inverter's meter with `pv.meter` in site.yaml",
                key=True,
            )


@rule("N614", "info", "A scenario asks for more than its policy promises")
def more_than_promised(project: Project) -> Iterator[Found]:
    """A policy is forced by its own need alone, so what is missing at the plant's deadline is unmet."""
    policies = {policy.name: policy for policy in project.appliances}
    for scenario in project.scenarios:
        for name, plant in (scenario.get("plants") or {}).items():
            policy, asked_wh = policies.get(name), scenario.number("plants", name, "energy")
            if policy is None or asked_wh is None or facts.mode(policy) is not Mode.AUTO_SOLAR:
                continue
            need_wh = policy.number("need", "energy")
            if need_wh is None or need_wh < asked_wh:
                promises = "states no need" if need_wh is None else f"states a need of {energy(need_wh)}"
                yield Found(
                    scenario,
                    ("plants", name, "energy"),
                    f"it needs {plant['energy']}, and its policy {promises}: what the sun does not bring stays unmet",
                    f"state it in {policy.file.rpartition('/')[2]}, for example"
                    f' `need: {{energy: {plant["energy"]}, by: "{plant.get("by", "0 20 * * *")}"}}`',
                )
