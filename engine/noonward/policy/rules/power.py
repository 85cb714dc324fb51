"""P2xx: thresholds and stages of appliances, thresholds of zones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from noonward.core.model import Mode
from noonward.core.units import current_a
from noonward.policy import needs
from noonward.policy.rules import facts
from noonward.policy.rules.registry import Found, rule
from noonward.policy.wording import current, power, share

if TYPE_CHECKING:
    from collections.abc import Iterator

    from noonward.policy.project import Document, Project

NARROW_W = 50.0
"""Thresholds closer than this are crossed by the ordinary ripple of a house's base load (fridge, standby). [W]"""


def _solar(project: Project) -> Iterator[tuple[Document, float, float, float]]:
    """Yield each policy that looks at the surplus, the power of its first stage, and its thresholds. [W]."""
    for policy in project.policies:
        if facts.mode(policy) in facts.SOLAR:
            step_w = facts.vehicle_w(project, policy) if policy in project.zones else facts.stages_w(policy)[0]
            on_w = facts.threshold_w(policy, "on_above", step_w)
            off_w = facts.threshold_w(policy, "off_below", step_w)
            yield policy, step_w, on_w, off_w


@rule("P201", "error", "It would stop at a surplus at which it starts")
def crossed(project: Project) -> Iterator[Found]:
    """off_below above on_above: it starts and stops for ever."""
    for policy, _, on_w, off_w in _solar(project):
        if off_w > on_w:
            written = policy.has("surplus", "off_below")
            yield Found(
                policy,
                ("surplus", "off_below") if written else ("surplus", "on_above"),
                f"it starts at {power(on_w)} of surplus and stops below {power(off_w)}"
                f"{'' if written else ', the default'}: it would never stay on",
                f"make `off_below` smaller than `on_above`; the defaults are {_defaults(policy)}",
            )


def _defaults(policy: Document) -> str:
    return " and ".join(share(needs.default_share(policy, key)) for key in ("off_below", "on_above"))


@rule("P202", "warning", "The two thresholds are as good as one")
def narrow(project: Project) -> Iterator[Found]:
    """Without hysteresis it follows every ripple, as far as the minimum times let it."""
    for policy, _, on_w, off_w in _solar(project):
        if 0 <= on_w - off_w < NARROW_W:
            yield Found(
                policy,
                ("surplus",),
                f"it starts above {power(on_w)} and stops below {power(off_w)}: the ripple of a house crosses both",
                "leave room between `on_above` and `off_below`; half the nominal power serves most loads",
                key=True,
            )


@rule("P203", "info", "It starts before the sun covers it")
def buys(project: Project) -> Iterator[Found]:
    """on_above below 100 %: it buys energy that nobody asked for. With a need somebody did."""
    for policy, step_w, on_w, off_w in _solar(project):
        if policy.has("surplus", "on_above") and policy.get("need") is None and off_w <= on_w < step_w:
            yield Found(
                policy,
                ("surplus", "on_above"),
                f"it starts at {power(on_w)} of surplus and draws {power(step_w)}: the rest is bought",
                "with 100 % it starts only on sun alone",
            )


@rule("P204", "warning", "A load that the grid meter does not see follows the surplus")
def outside_the_meter(project: Project) -> Iterator[Found]:
    """What it draws does not come out of the surplus."""
    for policy in project.appliances:
        if policy.get("behind_meter") is False and facts.mode(policy) in facts.SOLAR:
            yield Found(
                policy,
                ("behind_meter",),
                f"mode {facts.mode(policy)} runs it on the surplus, but what it draws is bought at another meter",
                "use timers, or remove `behind_meter: false` if the grid meter does see it",
                key=True,
            )


@rule("P205", "error", "Stages do not go up in power")
def descending(project: Project) -> Iterator[Found]:
    """A higher stage is a higher power."""
    for policy in project.appliances:
        if policy.get("stages"):
            powers = facts.stages_w(policy)
            for k in range(1, len(powers)):
                if powers[k] <= powers[k - 1]:
                    yield Found(
                        policy,
                        ("stages", k, "power"),
                        f"stage {k + 1} draws {power(powers[k])}, no more than stage {k} with {power(powers[k - 1])}",
                        "list the stages from the smallest power to the largest",
                    )


@rule("P206", "error", "Two stages close the same relays")
def same_contacts(project: Project) -> Iterator[Found]:
    """Nothing would tell them apart."""
    for policy in project.appliances:
        first: dict[frozenset[str], int] = {}
        for k, stage in enumerate(policy.get("stages") or ()):
            contacts = frozenset(stage["relays"])
            if contacts in first:
                yield Found(
                    policy,
                    ("stages", k, "relays"),
                    f"stage {k + 1} closes the same relays as stage {first[contacts] + 1}",
                    "each stage needs its own combination of relays",
                )
            first.setdefault(contacts, k)


@rule("P207", "warning", "Thresholds that the mode does not look at")
def thresholds_ignored(project: Project) -> Iterator[Found]:
    """They would be read as doing something."""
    for policy in project.policies:
        if policy.get("surplus") and facts.mode(policy) not in facts.SOLAR:
            yield Found(
                policy,
                ("surplus",),
                f"mode {facts.mode(policy)} does not look at the surplus",
                "use mode auto-solar or auto-timer, or remove the thresholds",
                key=True,
            )


@rule("P208", "warning", "The array can never reach the threshold")
def beyond_the_array(project: Project) -> Iterator[Found]:
    """It would never start on surplus."""
    peak_w = facts.site_number(project, "pv", "peak")
    for policy, _, on_w, _ in _solar(project):
        if peak_w is not None and on_w > peak_w:
            path = ("surplus", "on_above") if policy.has("surplus", "on_above") else ("mode",)
            yield Found(
                policy,
                path,
                f"it starts at {power(on_w)} of surplus, more than the array's peak of {power(peak_w)}p",
                "lower `on_above`, or check `load.power` here and `pv.peak` in site.yaml",
            )


@rule("P209", "error", "One load alone is more than the connection carries")
def beyond_the_fuse(project: Project) -> Iterator[Found]:
    """The envelope would never let it on."""
    fuse_a = facts.site_number(project, "grid", "fuse")
    for policy in project.appliances:
        phases = policy.get("load", "phases")
        if fuse_a is None or (phases is None and facts.site_phases(project) > 1):
            continue  # a load of unknown phases may be spread over all of them
        load_a = current_a(facts.nominal_w(policy), len(phases or (1,)))
        if load_a > fuse_a:
            yield Found(
                policy,
                ("load", "power") if policy.has("load", "power") else ("stages",),
                f"it draws {current(load_a)} a phase, the fuse carries {current(fuse_a)}: it would never be let on",
                "check its power and `load.phases`, and `grid.fuse` in site.yaml",
            )


@rule("P210", "warning", "One load alone is more than the import cap")
def beyond_the_cap(project: Project) -> Iterator[Found]:
    """Without sun the envelope would never let it on."""
    cap_w = facts.site_number(project, "grid", "import_cap")
    for policy in project.policies:
        zone = policy in project.zones
        least_w = facts.vehicle_w(project, policy) if zone else facts.stages_w(policy)[0]
        if cap_w is not None and least_w > cap_w and facts.mode(policy) not in {Mode.AUTO_SOLAR, Mode.ALWAYS_OFF}:
            path = ("limits",) if zone else ("load", "power") if policy.has("load", "power") else ("stages", 0, "power")
            yield Found(
                policy,
                path,
                f"{'a vehicle' if zone else 'it'} draws {power(least_w)}, more than the import cap of {power(cap_w)}:"
                " without sun it stays off",
                "raise `grid.import_cap` in site.yaml, or use mode auto-solar",
            )


@rule("P211", "warning", "Nothing slows its switching")
def restless(project: Project) -> Iterator[Found]:
    """With no minimum times a passing cloud wears out the contactor."""
    for policy in project.appliances:
        if facts.mode(policy) in facts.SOLAR and facts.min_on_s(policy) == facts.min_off_s(policy) == 0:
            yield Found(
                policy,
                ("load", "min_on"),
                "it has neither a minimum on-time nor a minimum off-time: every cloud may switch it",
                "leave `min_on` out (15 min), or choose what its contactor and the appliance can stand",
            )
