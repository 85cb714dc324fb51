"""What devices report, taken into the state."""

from __future__ import annotations

import pytest

from noonward.core.confirm import adopt, confirm
from noonward.core.model import Lease, MachineState, Mode, Observation, RelayState, State
from noonward.core.step import step
from support.world import appliance, decide, site

NOON = 1_780_308_000.0
STAGES = {"stages": (1000.0, 3000.0)}
R1, R2 = "boiler/relay-1", "boiler/relay-2"


def reads(**contacts: tuple[bool | None, float]) -> dict[str, RelayState]:
    """``r1=(True, 3.0)``: relay 1 reported itself closed three seconds after noon."""
    return {{"r1": R1, "r2": R2}[k]: RelayState(closed, NOON + s) for k, (closed, s) in contacts.items()}


def leases(**given: tuple[bool, float]) -> dict[str, Lease]:
    return {{"r1": R1, "r2": R2}[k]: Lease(closed=closed, at=NOON + s) for k, (closed, s) in given.items()}


@pytest.mark.parametrize(
    ("contacts", "state", "power_w"),
    [
        ({}, "off", 0.0),
        ({"r1": (False, 0.0), "r2": (False, 0.0)}, "off", 0.0),
        ({"r1": (True, 0.0), "r2": (False, 0.0)}, "stage-1", 1000.0),
        ({"r1": (True, 0.0)}, "stage-1", 1000.0),
        ({"r1": (True, 0.0), "r2": (True, 0.0)}, "stage-2", 3000.0),
        ({"r1": (False, 0.0), "r2": (True, 0.0)}, "off", 0.0),  # no stage looks like this: it is put in order
        ({"r1": (None, 0.0), "r2": (None, 0.0)}, "off", 0.0),  # a device that cannot tell
    ],
)
def test_begins_from_what_the_device_reports(contacts, state, power_w):
    """Edge case 61: a running stage is adopted; min-on counts from now, since nobody knows better."""
    machine = adopt(appliance(**STAGES), ("off", "stage-1", "stage-2"), Observation(relays=reads(**contacts)), NOON)
    running = MachineState(state=state, changed_at=NOON, before_w=power_w, on_since=NOON, off_since=None)
    assert machine == (running if power_w else MachineState())


@pytest.mark.parametrize("closed", [True, False])
def test_what_runs_is_commanded_once_more_so_that_its_lease_is_ours(closed):
    """Edge cases 61, 62: commands are absolute; a relay that stands as it should does not click."""
    outcome = step(site(appliance(mode=Mode.ALWAYS_ON)), State(), Observation(relays=reads(r1=(closed, 0.0))), NOON)
    assert [c.closed for c in outcome.commands] == [True]
    assert outcome.decisions[0].wanted == "on"


def test_what_reports_itself_open_and_should_be_is_left_alone():
    """Edge case 61."""
    seen = Observation(relays=reads(r1=(False, 0.0)))
    assert step(site(appliance(mode=Mode.ALWAYS_OFF)), State(), seen, NOON).commands == ()


STARTING = {"changed_at": NOON, "on_since": None, "off_since": None}


@pytest.mark.parametrize(
    ("commanded", "contacts", "since"),
    [
        ({"r1": (True, 0.0), "r2": (True, 0.0)}, {"r1": (True, 1.0), "r2": (True, 3.0)}, 3.0),  # the last to answer
        ({"r1": (True, 0.0), "r2": (True, 0.0)}, {"r1": (True, 3.0), "r2": (True, 1.0)}, 3.0),
        ({"r1": (True, 0.0), "r2": (True, 0.0)}, {"r1": (True, 1.0), "r2": (True, -0.1)}, None),  # from before
        ({"r1": (True, 0.0), "r2": (True, 0.0)}, {"r1": (True, 1.0), "r2": (False, 1.0)}, None),
        ({"r1": (True, 0.0), "r2": (True, 0.0)}, {"r1": (True, 1.0)}, None),
        ({"r1": (True, 0.0), "r2": (False, 0.0)}, {"r1": (True, 1.0), "r2": (True, 1.0)}, None),  # not commanded yet
        ({"r1": (True, -9.0), "r2": (True, -9.0)}, {"r1": (True, -5.0), "r2": (True, -5.0)}, 0.0),  # never before
        ({"r1": (True, 0.0), "r2": (True, 0.0)}, {"r1": (None, 1.0), "r2": (None, 2.0)}, 2.0),  # answers, cannot tell
        ({}, {"r1": (True, 1.0), "r2": (True, 1.0)}, 1.0),  # someone else did it
    ],
)
def test_a_start_counts_from_the_last_contact_that_was_confirmed(commanded, contacts, since):
    """Edge case 75."""
    a, machine = appliance(**STAGES), MachineState(state="stage-2", **STARTING)
    after, let_go = confirm(a, machine, 2, State(leases=leases(**commanded)), Observation(relays=reads(**contacts)))
    assert (after.on_since, let_go) == (None if since is None else NOON + since, False)
    if since is None:
        assert after is machine


@pytest.mark.parametrize(
    ("contact", "since"), [((False, 1.0), 1.0), ((True, 1.0), None), ((False, -1.0), None), ((None, 1.0), 1.0)]
)
def test_a_stop_counts_from_the_confirmed_opening(contact, since):
    a = appliance()
    machine = MachineState(state="off", changed_at=NOON, off_since=None)
    state = State(leases=leases(r1=(False, 0.0)))
    after, let_go = confirm(a, machine, 0, state, Observation(relays=reads(r1=contact)))
    assert (after.off_since, let_go) == (None if since is None else NOON + since, False)


def test_a_confirmed_run_goes_on_counting_from_its_start():
    a, since = appliance(), NOON - 500.0
    machine = MachineState(state="on", changed_at=since, on_since=since, off_since=None)
    after, _ = confirm(a, machine, 1, State(leases=leases(r1=(True, -90.0))), Observation(relays=reads(r1=(True, 0.0))))
    assert after is machine


@pytest.mark.parametrize(
    ("commanded", "contact", "on_since", "let_go"),
    [
        ((True, -90.0), (False, 0.0), NOON - 500.0, True),
        ((True, -90.0), (False, -90.0), NOON - 500.0, False),  # read in the instant of the command
        ((True, -90.0), (False, -91.0), NOON - 500.0, False),  # and before it
        ((True, -90.0), (False, 0.0), None, False),  # it was never confirmed: it has not closed yet
        ((True, -90.0), (None, 0.0), NOON - 500.0, False),
        ((False, -90.0), (False, 0.0), NOON - 500.0, False),  # we opened it
        (None, (False, 0.0), NOON - 500.0, False),  # we never closed it
        ((True, -90.0), None, NOON - 500.0, False),  # silence is not an open contact
    ],
)
def test_a_contact_that_opened_by_itself(commanded, contact, on_since, let_go):
    """Edge cases 47, 63."""
    machine = MachineState(state="on", changed_at=NOON - 500.0, on_since=on_since, off_since=None)
    state = State(leases=leases(r1=commanded) if commanded else {})
    seen = Observation(relays=reads(r1=contact) if contact else {})
    after, found = confirm(appliance(), machine, 1, state, seen)
    assert (after, found) == (machine, let_go)


def test_the_end_of_a_run_by_the_device_is_a_stop_like_any_other():
    """Edge case 47: it is not switched on again before min-off."""
    a = appliance(mode=Mode.ALWAYS_ON, min_off_s=300.0)
    outcome = decide(site(a), NOON, running={"boiler": 1}, relays=reads(r1=(False, 0.0)))
    assert [(d.wanted, d.code.value) for d in outcome.decisions] == [("off", "not-answering")]
    assert [c.closed for c in outcome.commands] == [False]
