"""SG-Ready contacts and offers."""

from __future__ import annotations

import pytest

from noonward.core.model import Mode
from noonward.core.sgready import state_names, to_close, to_open
from support.world import World, appliance, site

NOON = 1_780_308_000.0


def pump(**changes) -> World:
    return World(
        site(
            appliance(
                "pump",
                **{"stages": (2000.0, 4000.0), "sg_ready": True, "min_on_s": 600.0, "min_off_s": 600.0, **changes},
            )
        ),
        now=NOON,
    )


def contacts(w: World) -> tuple[int, int]:
    return int(w.closed["pump/relay-1"]), int(w.closed["pump/relay-2"])


def test_contacts_of_the_label_and_never_locked_in_between():
    """Edge case 41."""
    w = pump(mode=Mode.MANUAL)
    w.run(0)
    w.sent.clear()
    w.set("pump", switch_on=True)
    w.run(10)
    w.set("pump", switch_on=False)
    w.run(10)
    k = {"pump/relay-1": 0, "pump/relay-2": 0}
    passed = []
    for _, command in w.sent:
        k[command.relay] = int(command.closed)
        passed.append(tuple(k.values()))
    assert passed == [(0, 1), (1, 1), (0, 1), (0, 0)]


def test_one_relay_is_k2():
    w = pump(stages=(2000.0,))
    w.run(60, surplus_w=2500)
    assert (w.decision("pump").wanted, w.closed) == ("recommended", {"pump/relay-1": True})
    w.run(600, surplus_w=0)
    assert w.decision("pump").wanted == "normal"


def test_minimum_times_of_ten_minutes():
    w = pump()
    w.run(60, surplus_w=2500)
    assert contacts(w) == (0, 1)
    w.run(599, surplus_w=-1000)
    assert contacts(w) == (0, 1)
    w.run(1)
    assert contacts(w) == (0, 0)
    w.run(599, surplus_w=9000)
    assert (contacts(w), w.why("pump")) == ((0, 0), "min-off")
    w.run(1)
    assert contacts(w) == (0, 1)


def test_an_offer_not_taken_frees_its_surplus_and_rests():
    """Edge case 77."""
    boiler = appliance("boiler", 2000.0, priority=200)
    heat = appliance("pump", 2000.0, priority=1, sg_ready=True, min_on_s=600.0, min_off_s=0.0, refused_after_s=300.0)
    w = World(site(heat, boiler), now=NOON, draws={"pump": 0.0})
    w.run(120, surplus_w=2500)
    assert (w.on("pump"), w.on("boiler")) == (True, False), "the pump may take minutes: its power is kept for it"
    w.run(300)
    assert w.on("boiler"), "not taken: free for the next"
    w.run(300)
    assert (w.on("pump"), w.why("pump")) == (False, "satisfied")
    w.draws.clear()
    w.run(1700, surplus_w=6000)
    assert not w.on("pump")
    w.run(200)
    assert w.on("pump")


@pytest.mark.parametrize("draw_w", [200.0, 2000.0])
def test_an_offer_that_is_taken_stays(draw_w):
    w = pump(stages=(2000.0,), refused_after_s=300.0)
    w.draws["pump"] = draw_w
    w.run(3600, surplus_w=2500)
    assert w.on("pump")


@pytest.mark.parametrize(
    ("stages", "sg_ready", "names"),
    [
        (1, False, ("off", "on")),
        (2, False, ("off", "stage-1", "stage-2")),
        (3, False, ("off", "stage-1", "stage-2", "stage-3")),
        (1, True, ("normal", "recommended")),
        (2, True, ("normal", "recommended", "forced")),
    ],
)
def test_names_of_the_states(stages, sg_ready, names):
    assert state_names(appliance(stages=tuple(1000.0 * (k + 1) for k in range(stages)), sg_ready=sg_ready)) == names


@pytest.mark.parametrize(
    ("sg_ready", "opening", "closing"),
    [(True, ["k1"], ["k2"]), (False, ["k1", "k2"], ["k1"])],
    ids=["SG-Ready", "any other"],
)
def test_which_contacts_move_now(sg_ready, opening, closing):
    """Edge case 41: one of an SG-Ready pair at a time, so that locked is never passed through."""
    a = appliance(stages=(1000.0, 2000.0), sg_ready=sg_ready)
    assert (to_open(a, ["k1", "k2"]), to_close(a, ["k1", "k2"])) == (opening, closing)


def test_off_is_normal_whatever_asks_for_it():
    """Edge case 42: surplus, always-off and release leave a pump alone, and never lock it."""
    for changes in ({"mode": Mode.ALWAYS_OFF}, {"mode": Mode.AUTO_SOLAR}, {"mode": Mode.TIMER}):
        w = pump(**changes)
        w.run(3600, surplus_w=-5000)
        assert (w.decision("pump").wanted, contacts(w)) == ("normal", (0, 0))


@pytest.mark.parametrize(("draw_w", "taken"), [(199.0, False), (200.0, True)])
def test_an_offer_is_taken_from_a_tenth_of_the_nominal_power_on(draw_w, taken):
    """Edge case 77."""
    w = pump(stages=(2000.0,), refused_after_s=600.0)
    w.draws["pump"] = draw_w
    w.run(900, surplus_w=2500)
    assert w.on("pump") is taken
