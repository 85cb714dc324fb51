"""Commands are leases: armed, renewed, repeated, one contact at a time."""

from __future__ import annotations

import pytest

from noonward.core.contacts import commands, confirmed
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


# --- one look at a time ----------------------------------------------------------------------------------------------


def look(level, given, seen, *, dead_man_s=None, **policy):
    """Return ((relay, closed) …, seconds until the next look) of one appliance at noon.

    ``given`` and ``seen`` hold (closed, seconds before noon) of each relay, None for nothing.
    """
    a = appliance(**{"stages": (1000.0, 2000.0)[: len(given)], **policy})
    leases = {r: Lease(closed=g[0], at=NOON - g[1]) for r, g in zip(a.relays, given, strict=True) if g}
    states = {r: RelayState(s[0], NOON - s[1]) for r, s in zip(a.relays, seen, strict=True) if s}
    infos = {r: RelayInfo(dead_man_s=dead_man_s) for r in a.relays}
    sent, again = commands(a, level, leases, states, infos, NOON)
    assert all(c.valid_for_s == (dead_man_s if c.closed else None) for c in sent)
    return [(a.relays.index(c.relay) + 1, c.closed) for c in sent], None if again is None else again - NOON


def close(relay: int) -> tuple[int, bool]:
    return relay, True


def open_(relay: int) -> tuple[int, bool]:
    return relay, False


LONG_AGO, FRESH = 3600.0, 0.0
CLOSED, OPENED = (True, LONG_AGO), (False, LONG_AGO)
READ_CLOSED, READ_OPEN = (True, FRESH), (False, FRESH)

LOOKS = {
    # nobody has commanded it yet
    "off, reports open": (0, [None], [READ_OPEN], {}, ([], None)),
    "off, reports closed": (0, [None], [READ_CLOSED], {}, ([open_(1)], 10.0)),
    "off, cannot tell": (0, [None], [(None, FRESH)], {}, ([open_(1)], 10.0)),
    "off, never answered": (0, [None], [None], {}, ([open_(1)], 10.0)),
    "on, reports open": (1, [None], [READ_OPEN], {}, ([close(1)], 10.0)),
    "on, reports closed": (1, [None], [READ_CLOSED], {}, ([close(1)], 10.0)),
    # what was commanded
    "stands": (1, [CLOSED], [READ_CLOSED], {}, ([], None)),
    "must move": (0, [CLOSED], [READ_CLOSED], {}, ([open_(1)], 10.0)),
    "cannot tell, but answered": (1, [CLOSED], [(None, FRESH)], {}, ([], None)),
    "contradicted": (1, [CLOSED], [READ_OPEN], {}, ([close(1)], 10.0)),
    "contradicted a moment ago": (1, [(True, 9.5)], [READ_OPEN], {}, ([], 0.5)),
    "silent": (1, [(True, 4.0)], [None], {}, ([], 6.0)),
    "silent for long": (1, [(True, 10.0)], [None], {}, ([close(1)], 10.0)),
    "read before the command": (1, [(True, 4.0)], [(True, 5.0)], {}, ([], 6.0)),
    "read in the instant of the command": (1, [(True, 4.0)], [(True, 4.0)], {}, ([], None)),
    # leases
    "lease runs": (1, [(True, 30.0)], [READ_CLOSED], {"dead_man_s": 120.0}, ([], 10.0)),
    "lease is renewed": (1, [(True, 40.0)], [READ_CLOSED], {"dead_man_s": 120.0}, ([close(1)], 10.0)),
    "a short lease": (1, [(True, 3.0)], [READ_CLOSED], {"dead_man_s": 9.0}, ([close(1)], 3.0)),
    "nothing to renew when open": (0, [(False, 900.0)], [READ_OPEN], {"dead_man_s": 120.0}, ([], None)),
    "not confirmed before the lease is due": (1, [(True, 4.0)], [None], {"dead_man_s": 120.0}, ([], 6.0)),
    # several contacts
    "one after the other": (2, [OPENED, OPENED], [READ_OPEN, READ_OPEN], {}, ([close(1)], 2.0)),
    "the other, once it rests": (2, [(True, 1.0), OPENED], [READ_CLOSED, READ_OPEN], {}, ([close(2)], 10.0)),
    "not before": (2, [(True, 1.5), OPENED], [None, READ_OPEN], {}, ([], 0.5)),
    "but after settle all the same": (2, [(True, 2.0), OPENED], [None, READ_OPEN], {}, ([close(2)], 8.0)),
    "read before it moved": (2, [(True, 1.5), OPENED], [(True, 1.6), READ_OPEN], {}, ([], 0.5)),
    "all open at once": (0, [CLOSED, CLOSED], [READ_CLOSED, READ_CLOSED], {}, ([open_(1), open_(2)], 10.0)),
    "what opens does not wait": (0, [(True, 1.0), CLOSED], [None, READ_CLOSED], {}, ([open_(1), open_(2)], 10.0)),
    "one is renewed while the other moves": (
        2,
        [(True, 40.0), OPENED],
        [READ_CLOSED, READ_OPEN],
        {"dead_man_s": 120.0},
        ([close(1), close(2)], 10.0),
    ),
    "a renewal is near while the other waits": (
        2,
        [(True, 39.9), (False, 1.0)],
        [READ_CLOSED, None],
        {"dead_man_s": 120.0},
        ([], pytest.approx(0.1)),
    ),
    # SG-Ready: K1, K2; closing K2 before K1, opening K1 before K2, one at a time
    "sg: forced to normal": (0, [CLOSED, CLOSED], [READ_CLOSED] * 2, {"sg_ready": True}, ([open_(1)], 2.0)),
    "sg: and then": (0, [(False, 1.0), CLOSED], [READ_OPEN, READ_CLOSED], {"sg_ready": True}, ([open_(2)], 10.0)),
    "sg: not before K1 rests": (0, [(False, 1.5), CLOSED], [None, READ_CLOSED], {"sg_ready": True}, ([], 0.5)),
    "sg: normal to forced": (2, [OPENED, OPENED], [READ_OPEN] * 2, {"sg_ready": True}, ([close(2)], 2.0)),
    "sg: and on": (2, [OPENED, (True, 1.0)], [READ_OPEN, READ_CLOSED], {"sg_ready": True}, ([close(1)], 10.0)),
}


@pytest.mark.parametrize(("level", "given", "seen", "more", "found"), LOOKS.values(), ids=list(LOOKS))
def test_what_is_commanded_and_when_to_look_again(level, given, seen, more, found):
    """Edge cases 41, 47, 62, 63."""
    assert look(level, given, seen, **more) == found


@pytest.mark.parametrize(
    ("state", "lease", "closed", "answer"),
    [
        (None, None, True, False),
        (RelayState(True, NOON), None, True, True),
        (RelayState(False, NOON), None, True, False),
        (RelayState(True, NOON), Lease(closed=True, at=NOON), True, True),
        (RelayState(True, NOON - 1.0), Lease(closed=True, at=NOON), True, False),
        (RelayState(None, NOON), Lease(closed=True, at=NOON), True, True),
        (RelayState(None, NOON - 1.0), Lease(closed=True, at=NOON), True, False),
    ],
)
def test_confirmed_is_reported_since_the_command(state, lease, closed, answer):
    assert confirmed(state, lease, closed) is answer
