"""Commands are leases: armed, renewed, repeated, one contact at a time."""

from __future__ import annotations

from noonward.core.contacts import commands
from noonward.core.model import Lease, Mode, RelayInfo, RelayState, SetRelay
from support.world import World, appliance, site

NOON = 1_780_308_000.0


def test_a_relay_with_a_dead_man_is_armed_and_renewed_at_a_third():
    """Edge case 63."""
    w = World(site(appliance(mode=Mode.ALWAYS_ON), relays={"boiler/relay-1": RelayInfo(dead_man_s=120.0)}), now=NOON)
    w.run(119)
    armed = [(at - NOON, c.valid_for_s) for at, c in w.sent]
    assert armed == [(0, 120.0), (40, 120.0), (80, 120.0)]


def test_what_opens_needs_no_lease():
    w = World(site(appliance(mode=Mode.MANUAL), relays={"boiler/relay-1": RelayInfo(dead_man_s=120.0)}), now=NOON)
    w.set(switch_on=True)
    w.run(10)
    w.set(switch_on=False)
    w.run(300)
    assert w.sent[-1][1] == SetRelay(relay="boiler/relay-1", closed=False, valid_for_s=None)
    assert w.sent[-1][0] == NOON + 10


def test_a_contact_closed_by_a_foreign_hand_is_opened_again_but_not_at_every_step():
    """Edge case 19, 47."""
    w = World(site(appliance(mode=Mode.ALWAYS_OFF)), now=NOON)
    w.run(60)
    w.sent.clear()
    w.dead.clear()
    w.closed["boiler/relay-1"] = True
    w.run(0)
    assert [c.closed for _, c in w.sent] == [False]


def test_unanswered_commands_are_repeated_every_ten_seconds():
    w = World(site(appliance(mode=Mode.ALWAYS_ON)), now=NOON, dead={"boiler/relay-1"})
    w.run(35)
    assert [at - NOON for at, _ in w.sent] == [0, 10, 20, 30]


def test_a_stage_change_between_disjoint_relays_opens_before_it_closes():
    a = appliance(stages=(1000.0, 2000.0))
    swap = a.relays[0], a.relays[1]
    leases = {swap[0]: Lease(closed=False, at=NOON - 60), swap[1]: Lease(closed=True, at=NOON - 60)}
    seen = {swap[0]: RelayState(False, NOON), swap[1]: RelayState(True, NOON)}
    sent, again = commands(a, 1, leases, seen, {}, NOON)  # stage 1 wants relay-1 alone
    assert [(c.relay, c.closed) for c in sent] == [(swap[1], False)]
    assert again == NOON + 2
    leases[swap[1]] = Lease(closed=False, at=NOON)
    sent, again = commands(a, 1, leases, seen, {}, NOON + 1)
    assert (sent, again) == ([], NOON + 2), "the opening contact is not at rest yet"
    sent, _ = commands(a, 1, leases, {**seen, swap[1]: RelayState(False, NOON + 1)}, {}, NOON + 1)
    assert [(c.relay, c.closed) for c in sent] == [(swap[0], True)]


def test_a_device_that_cannot_report_confirms_by_answering():
    a = appliance()
    lease = {a.relays[0]: Lease(closed=True, at=NOON)}
    assert commands(a, 1, lease, {a.relays[0]: RelayState(None, NOON + 1)}, {}, NOON + 60) == ([], None)


def test_openings_are_sent_before_closings():
    w = World(
        site(appliance("a", priority=1, mode=Mode.MANUAL), appliance("b", priority=2, mode=Mode.MANUAL)), now=NOON
    )
    w.set("b", switch_on=True)
    w.run(60)
    w.set("b", switch_on=False)
    w.set("a", switch_on=True)
    w.sent.clear()
    w.run(0)
    assert [(c.relay, c.closed) for _, c in w.sent] == [("b/relay-1", False), ("a/relay-1", True)]
