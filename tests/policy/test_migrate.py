"""Hot reload: what the engine remembers follows the policies."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from noonward.core.model import (
    Appliance,
    Got,
    Lease,
    MachineState,
    Mode,
    ReasonCode,
    Site,
    Stage,
    State,
    Stayed,
    Zone,
    ZoneState,
)
from noonward.core.modulate import Coverage, Target
from noonward.core.remembered import StationState
from noonward.core.sgready import state_names
from noonward.policy.migrate import migrate, ownerless

NOON = 1_780_000_000.0
RUNNING = MachineState(
    state="on", changed_at=NOON, cause=ReasonCode.TIMER, on_since=NOON + 1, starts=7, short_since=NOON + 90
)
FULL = replace(RUNNING, state="stage-2")
CHARGING = ZoneState(
    state="solar",
    changed_at=NOON,
    cause=ReasonCode.SURPLUS,
    target=Target(power_w=4140.0, changed_at=NOON),
    coverage=Coverage(vehicles=1, enough_since=NOON + 30, short_since=NOON + 60),
    starts=3,
)
PLUGGED = StationState(plugged_at=NOON - 600, queued_at=NOON - 600, raised_at=NOON)
CLOSED, OPEN = Lease(closed=True, at=NOON), Lease(closed=False, at=NOON)


def appliance(name: str = "boiler", *stages: str, **changes: object) -> Appliance:
    """An appliance whose k-th stage closes the relays named in the k-th word, one letter a relay."""
    stages = stages or ("a",)
    made = Appliance(
        name=name,
        mode=Mode.AUTO_TIMER,
        stages=tuple(Stage(power_w=3000.0 * k, relays=frozenset(s)) for k, s in enumerate(stages, 1)),
        relays=tuple(dict.fromkeys("".join(stages))),
        on_above_w=tuple(3000.0 * k for k, _ in enumerate(stages, 1)),
        off_below_w=tuple(3000.0 * k - 1500.0 for k, _ in enumerate(stages, 1)),
    )
    return replace(made, **changes)


def zone(name: str, **changes: object) -> Zone:
    made = Zone(
        name=name, mode=Mode.AUTO_SOLAR, stations=("cp-1",), phases=None, max_power_w=11_000.0, min_current_a=6.0
    )
    return replace(made, **changes)


def site(*policies: Appliance | Zone) -> Site:
    return Site(
        appliances=tuple(p for p in policies if isinstance(p, Appliance)),
        zones=tuple(p for p in policies if isinstance(p, Zone)),
    )


def state(machines: dict[str, MachineState], leases: dict[str, Lease] | None = None) -> State:
    return State(machines=machines, leases=leases or {})


EDITS_THAT_KEEP_THE_MACHINE = {
    "nothing": {},
    "mode": {"mode": Mode.ALWAYS_ON},
    "priority": {"priority": 1},
    "the timers, during the window": {"windows": None},
    "nominal power": {"stages": (Stage(power_w=2000.0, relays=frozenset("a")),)},
    "min-on, longer": {"min_on_s": 3600.0},
    "min-on, shorter": {"min_on_s": 60.0},
    "file and lines": {"file": "other.yaml", "lines": {"mode": 9}},
    "fail-safe": {"stale_after_s": 30.0},
}


@pytest.mark.parametrize("edit", EDITS_THAT_KEEP_THE_MACHINE.values(), ids=EDITS_THAT_KEEP_THE_MACHINE)
def test_an_edit_that_leaves_the_contacts_alone_keeps_the_machine(edit: dict[str, object]) -> None:
    """Edge cases 43 and 59: min-on and the run of a timer go on over a reload, even inside the window."""
    before = state({"boiler": RUNNING}, {"a": CLOSED})

    after = migrate(site(appliance()), site(appliance(**edit)), before)

    assert after is before


def test_a_moved_threshold_starts_its_delay_anew_and_keeps_the_run() -> None:
    after = migrate(site(appliance()), site(appliance(off_below_w=(500.0,))), state({"boiler": RUNNING}))

    assert after.machines["boiler"] == replace(RUNNING, short_since=None)


STAGES = [
    # before, state, after, expected state: nothing is closed that was open, and what can run on runs on
    (("a", "ab"), FULL, ("a", "ab"), "stage-2"),
    (("a", "ab"), FULL, ("ab",), "on"),
    (("a",), RUNNING, ("a", "ab"), "stage-1"),
    (("ab",), RUNNING, ("a", "ab"), "stage-2"),
    (("a", "ab"), FULL, ("a",), "on"),
    (("a", "ab"), FULL, ("a", "ac"), "stage-1"),
    (("a", "ab"), FULL, ("c", "cd"), "off"),
    (("a", "ab"), FULL, ("abc",), "off"),
    (("abc",), RUNNING, ("ab", "c"), "stage-1"),
    (("a",), RUNNING, ("b",), "off"),
    (("a",), RUNNING, ("b", "ab"), "off"),
    (("a",), RUNNING, ("ab", "abc"), "off"),
    (("a", "ab", "abc"), replace(RUNNING, state="stage-3"), ("b", "ab"), "stage-2"),
]


@pytest.mark.parametrize(("before", "machine", "after", "expected"), STAGES)
def test_a_state_that_is_gone_becomes_the_nearest_safe_one(before, machine, after, expected) -> None:
    """Edge case 65: an incompatible state is mapped, or goes to the safe state, and is never half applied."""
    old, new = site(appliance("boiler", *before)), site(appliance("boiler", *after))

    got = migrate(old, new, state({"boiler": machine})).machines["boiler"]

    assert got.state == expected
    assert got.starts == machine.starts
    assert got.on_since == (None if expected == "off" else machine.on_since)
    assert got.cause == (None if expected == "off" else machine.cause)


SG_READY = [
    # before, state, after, expected state
    (appliance("pump", "a"), "on", appliance("pump", "a", sg_ready=True), "recommended"),
    (appliance("pump", "a", sg_ready=True), "recommended", appliance("pump", "a"), "on"),
    (appliance("pump", "a", sg_ready=True), "recommended", appliance("pump", "a", "ab", sg_ready=True), "recommended"),
    (appliance("pump", "a", "ab", sg_ready=True), "forced", appliance("pump", "a", sg_ready=True), "recommended"),
    (appliance("pump", "a", "ab", sg_ready=True), "forced", appliance("pump", "c", sg_ready=True), "normal"),
    (appliance("pump", "a", sg_ready=True), "normal", appliance("pump", "a"), "off"),
    (appliance("pump", "a"), "off", appliance("pump", "a", sg_ready=True), "off"),
]


@pytest.mark.parametrize(("before", "named", "after", "expected"), SG_READY)
def test_the_same_contacts_keep_their_run_under_other_names(before, named, after, expected) -> None:
    machine = (
        replace(RUNNING, state=named) if before.stages and named not in {"off", "normal"} else MachineState(state=named)
    )

    got = migrate(site(before), site(after), state({"pump": machine})).machines["pump"]

    assert got.state == expected
    assert got.on_since == (None if expected in {"off", "normal"} else machine.on_since)


def test_off_stays_off_whatever_happens_to_the_relays() -> None:
    resting = MachineState(off_since=NOON, starts=3)
    before = state({"boiler": resting})

    assert migrate(site(appliance()), site(appliance("boiler", "x", "xy")), before) is before


RENAMES = [
    # old policies, machines, new policies (name, renamed_from), expected: new name -> old name
    (["a"], ["a"], [("b", "a")], {"b": "a"}),
    (["a"], ["a"], [("b", None)], {}),
    (["a", "c"], ["a", "c"], [("b", "a"), ("c", None)], {"b": "a", "c": "c"}),
    (["b"], ["b"], [("b", "a")], {"b": "b"}),  # the rename has long been carried out
    (["a"], ["a"], [("a", None), ("b", "a")], {"a": "a"}),  # a is still there: its memory is its own
    (["a"], ["a"], [("b", "z")], {}),
]


@pytest.mark.parametrize(("old", "machines", "new", "expected"), RENAMES)
def test_a_renamed_policy_takes_its_memory_along(old, machines, new, expected) -> None:
    remembered = {name: replace(RUNNING, starts=k) for k, name in enumerate(machines)}
    before = site(*(appliance(name) for name in old))
    after = site(*(appliance(name, renamed_from=former) for name, former in new))

    got = migrate(before, after, state(remembered)).machines

    assert set(got) == set(expected)
    assert all(got[name] is remembered[former] for name, former in expected.items())


def test_a_removed_policy_is_forgotten_and_its_closed_relay_is_not() -> None:
    """Edge case 65: the relay of a policy that is gone stays known until someone has opened it."""
    before = state({"boiler": RUNNING, "pump": MachineState()}, {"a": CLOSED, "p": OPEN, "q": CLOSED})
    old, new = site(appliance(), appliance("pump", "p")), site()

    after = migrate(old, new, before)

    assert after == state({}, {"a": CLOSED, "q": CLOSED})
    assert ownerless(new, after) == ("a", "q")
    assert ownerless(old, before) == ("q",)


def test_a_policy_of_another_kind_does_not_inherit() -> None:
    car = State(zones={"garage": CHARGING}, stations={"cp-1": PLUGGED})
    heater = state({"garage": RUNNING})

    assert migrate(site(zone("garage")), site(appliance("garage")), car) == State()
    assert migrate(site(appliance("garage")), site(zone("garage")), heater) == State()


EDITS_THAT_KEEP_THE_ZONE = {
    "nothing": {},
    "mode": {"mode": Mode.TIMER},
    "priority": {"priority": 2},
    "its maximum": {"max_power_w": 4140.0},
    "min-on": {"min_on_s": 60.0},
    "delays": {"on_delay_s": 10.0, "off_delay_s": 10.0},
    "a station more": {"stations": ("cp-1", "cp-2")},
    "standing wishes": {"always": ("04A1",), "charge_now": False},
}


@pytest.mark.parametrize("edit", EDITS_THAT_KEEP_THE_ZONE.values(), ids=EDITS_THAT_KEEP_THE_ZONE)
def test_an_edited_zone_keeps_its_run_and_the_sessions_at_its_stations(edit: dict[str, object]) -> None:
    before = State(zones={"garage": CHARGING}, stations={"cp-1": PLUGGED})

    assert migrate(site(zone("garage")), site(zone("garage", **edit)), before) is before


@pytest.mark.parametrize(
    "edit", [{"on_above": 0.5}, {"off_below": 0.2}, {"min_current_a": 8.0}, {"start_current_a": 7.0}]
)
def test_a_moved_threshold_of_a_zone_starts_its_delays_anew_and_keeps_the_run(edit: dict[str, object]) -> None:
    before = State(zones={"garage": CHARGING, "other": CHARGING}, stations={"cp-1": PLUGGED})
    old, new = site(zone("garage"), zone("other")), site(zone("garage", **edit), zone("other"))

    after = migrate(old, new, before)

    assert after.zones["garage"] == replace(CHARGING, coverage=Coverage(vehicles=1))
    assert after.zones["other"] is CHARGING
    assert migrate(old, new, after) is after


@pytest.mark.parametrize("coverage", [Coverage(enough_since=NOON), Coverage(vehicles=2, short_since=NOON)])
def test_either_delay_of_a_zone_starts_anew(coverage: Coverage) -> None:
    before = State(zones={"garage": ZoneState(coverage=coverage)})

    after = migrate(site(zone("garage")), site(zone("garage", on_above=0.5)), before)

    assert after.zones["garage"].coverage == Coverage(vehicles=coverage.vehicles)


def test_a_renamed_zone_takes_its_memory_along() -> None:
    before = State(zones={"garage": CHARGING}, stations={"cp-1": PLUGGED})

    after = migrate(site(zone("garage")), site(zone("garage-north", renamed_from="garage")), before)

    assert after == State(zones={"garage-north": CHARGING}, stations={"cp-1": PLUGGED})


def test_a_station_that_moves_to_another_zone_keeps_its_session() -> None:
    """Who is charging goes on charging, with the promise that the station was given, under the other zone's rules."""
    before = State(zones={"north": CHARGING, "south": ZoneState()}, stations={"cp-1": PLUGGED, "cp-2": StationState()})
    old = site(zone("north", stations=("cp-1",)), zone("south", stations=("cp-2",)))

    swapped = migrate(old, site(zone("north", stations=("cp-2",)), zone("south", stations=("cp-1",))), before)
    gone = migrate(old, site(zone("north", stations=("cp-1",))), before)

    assert swapped is before
    assert gone == State(zones={"north": CHARGING}, stations={"cp-1": PLUGGED})
    assert gone.stations["cp-1"] is PLUGGED


def test_a_state_saved_by_an_unknown_site_is_taken_at_its_word() -> None:
    remembered = state({"boiler": FULL})

    assert migrate(Site(), site(appliance("boiler", "a", "ab")), remembered) is remembered
    assert migrate(Site(), site(appliance("boiler", "a")), remembered).machines["boiler"].state == "off"


INSTANTS = st.none() | st.sampled_from([NOON, NOON + 60.0])


@st.composite
def sites_and_states(draw: st.DrawFn) -> tuple[Site, State]:
    """A site, and something that its engine may remember."""
    names = draw(st.lists(st.sampled_from("uvwxyz"), unique=True, max_size=5))
    shapes = st.sampled_from([("a",), ("a", "ab"), ("b", "bc", "abc"), ("c",), ("a", "b"), ("a", "a")])
    policies = [appliance(name, *draw(shapes), renamed_from=draw(st.none() | st.sampled_from("rst"))) for name in names]
    machines = {
        policy.name: MachineState(
            state=draw(st.sampled_from(state_names(policy))),
            on_since=draw(INSTANTS),
            enough_since=draw(INSTANTS),
            short_since=draw(INSTANTS),
            starts=draw(st.integers(0, 9)),
        )
        for policy in policies
        if draw(st.booleans())
    }
    used = sorted({relay for policy in policies for relay in policy.relays})
    leases = {relay: draw(st.sampled_from([OPEN, CLOSED])) for relay in used} | {"gone/1": CLOSED}
    return site(*policies), State(machines=machines, leases=leases)


@given(sites_and_states())
def test_nothing_changes_where_the_policies_did_not(drawn: tuple[Site, State]) -> None:
    policies, remembered = drawn

    assert migrate(policies, policies, remembered) is remembered


def test_a_reload_closes_no_contact_that_was_open() -> None:
    """Edge case 65, as a law: whatever is edited, the state after it holds closed no more than the state before."""
    running = 0

    @settings(max_examples=200)
    @given(sites_and_states(), sites_and_states())
    def law(one: tuple[Site, State], other: tuple[Site, State]) -> None:
        nonlocal running
        (old, remembered), (new, _) = one, other
        after = migrate(old, new, remembered)
        assert after.machines.keys() <= {policy.name for policy in new.appliances}
        for policy in new.appliances:
            if policy.name in after.machines:
                earlier = next(p for p in old.appliances if p.name == policy.name)
                held = contacts(earlier, remembered.machines[policy.name])
                assert contacts(policy, after.machines[policy.name]) <= held
                running += bool(contacts(policy, after.machines[policy.name]))
        assert {r for r, lease in remembered.leases.items() if lease.closed} == {
            r for r, lease in after.leases.items() if lease.closed
        }

    law()
    assert running > 20


def contacts(policy: Appliance, machine: MachineState) -> frozenset[str]:
    """The contacts that a state closes, counted from its name."""
    level = 1 if machine.state == "on" else int(machine.state.removeprefix("off").removeprefix("stage-") or 0)
    return policy.stages[level - 1].relays if level else frozenset()


def test_what_was_drawn_goes_with_a_policy_and_stays_with_their_station():
    drawn, stays = Got(start=NOON, wh=900.0), (Stayed(plugged_at=NOON - 9e3, unplugged_at=NOON, drew_wh=5e3),)
    state = State(
        got={"boiler": drawn, "gone": drawn}, stays={"cp-1": stays, "cp-9": stays}, stations={"cp-1": PLUGGED}
    )
    old = site(appliance("boiler"), appliance("gone"), zone("garage"))
    new = site(appliance("tank", renamed_from="boiler"), zone("yard"))
    after = migrate(old, new, state)
    assert after.got == {"tank": drawn}
    assert after.got["tank"] is drawn
    assert after.stays == {"cp-1": stays}
    assert migrate(new, new, after) is after
