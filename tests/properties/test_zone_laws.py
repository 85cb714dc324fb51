"""Laws of an EV zone; each test also shows that it was not vacuous."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from noonward.core.model import ReasonCode
from noonward.core.sharing import Candidate, Room, share

LAW = settings(max_examples=400, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
LINES = {1: ((1,), (2,), (3,), (1, 2, 3)), 2: ((1, 2), (2, 3), (1, 2, 3)), 3: ((1, 2, 3),)}
SLACK = 1e-3


@st.composite
def candidates(draw, station):
    phases = draw(st.sampled_from((1, 2, 3)))
    charging = draw(st.booleans())
    return Candidate(
        station=station,
        queued_at=draw(st.sampled_from((0.0, 1.0, 2.0))),
        min_a=draw(st.sampled_from((6.0, 8.0, 10.0))),
        start_a=draw(st.sampled_from((0.0, 7.0))),
        max_a=draw(st.sampled_from((10.0, 13.0, 16.0, 32.0))),
        step_a=draw(st.sampled_from((0.1, 1.0))),
        phases=phases,
        lines=draw(st.sampled_from(LINES[phases])),
        charging=charging,
        held=charging and draw(st.booleans()),
        charge_now=draw(st.sampled_from((False, False, True))),
        modulates=draw(st.sampled_from((True, True, False))),
        takes_a=draw(st.sampled_from((None, None, 0.2, 7.5))) if charging else None,
    )


@st.composite
def zones(draw):
    count = draw(st.integers(1, 6))
    cars = [draw(candidates(f"cp-{k}")) for k in range(count)]
    most = draw(st.sampled_from((44_000.0, 22_000.0, 11_000.0, 8280.0, 4140.0, 1379.0)))
    target = draw(st.sampled_from((99_000.0, 20_000.0, 12_000.0, 9000.0, 4140.0, 4139.0, -1.0)))
    line = st.sampled_from((99.0, 80.0, 63.0, 50.0, 35.0, 25.0, 16.0, 5.0))
    return cars, Room(max_power_w=most, target_w=target, line_a=(draw(line), draw(line), draw(line)))


def used(cars, grants):
    watts = sum(c.phases * 230.0 * grants[c.station].limit_a for c in cars)
    lines = [sum(grants[c.station].limit_a for c in cars if line in c.lines) for line in (1, 2, 3)]
    return watts, lines


def test_shares_keep_every_limit_whatever_the_order():
    """Edge cases 12, 20, 24, 71."""
    reached = Counter()

    @LAW
    @given(zones(), st.randoms(use_true_random=False))
    def law(zone, shuffle):
        cars, room = zone
        grants = share(cars, room)
        mixed = list(cars)
        shuffle.shuffle(mixed)
        assert share(mixed, room) == grants
        assert set(grants) == {c.station for c in cars}, "everyone gets a decision"
        watts, lines = used(cars, grants)
        assert watts <= room.max_power_w + SLACK
        assert all(u <= fuse + SLACK for u, fuse in zip(lines, room.line_a, strict=True))
        ordinary = [c for c in cars if not (c.held or c.charge_now)]
        if any(grants[c.station].limit_a for c in ordinary):
            assert watts <= room.target_w + SLACK
            reached["ordinary"] += 1
            reached["behind charge-now"] += any(c.charge_now and grants[c.station].limit_a for c in cars)
        for c in cars:
            limit, why = grants[c.station]
            least = c.min_a if c.charging else max(c.min_a, c.start_a)
            assert limit == 0.0 or limit >= (c.max_a if not c.modulates else least) - SLACK
            assert limit <= c.max_a + 1e-9
            assert abs(limit / c.step_a - round(limit / c.step_a)) < 1e-6
            assert (limit == 0.0) == (why not in {None, ReasonCode.CHARGE_NOW})
            reached["refused" if not limit else "between" if least < limit < c.max_a else "edge"] += 1
            reached[why] += 1

    law()
    assert all(reached[k] > 15 for k in ("ordinary", "behind charge-now", "refused", "between", "edge")), reached
    for code in ("CHARGE_NOW", "ZONE_FULL", "BELOW_MINIMUM", "FUSE", "TOO_LITTLE_SURPLUS"):
        assert reached[ReasonCode[code]] > 10, reached


def test_nobody_could_have_more_without_someone_with_less_losing():
    """Max-min fairness: a step more for any vehicle would pass a limit, or take from one that has no more than it."""
    reached = Counter()

    @LAW
    @given(zones())
    def law(zone):
        cars, room = zone
        cars = [replace(c, takes_a=None, modulates=True, charge_now=False, step_a=0.1) for c in cars]
        grants = share(cars, room)
        watts, lines = used(cars, grants)
        for c in cars:
            mine = grants[c.station].limit_a
            if not mine or mine > c.max_a - 0.3:
                continue
            watt_a = c.phases * 230.0 * 0.3
            tight = [None] if watts + watt_a > min(room.max_power_w, room.target_w) else []
            tight += [n for n in c.lines if lines[n - 1] + 0.3 > room.line_a[n - 1]]
            assert tight, "room was left although this vehicle could take it"
            richer = [
                o
                for o in cars
                if grants[o.station].limit_a > max(mine, o.min_a, 0.0 if o.charging else o.start_a) + 0.3
            ]
            # the others on a limit that stops this vehicle stand at their own minimum or have no more than it
            assert any(all(n is not None and n not in o.lines for o in richer) for n in tight), (c, grants)
            reached["stopped"] += 1
            reached["richer elsewhere"] += bool(richer)

    law()
    assert reached["stopped"] > 50, reached
    assert reached["richer elsewhere"] > 10, reached


def test_turns_go_round():
    """Edge case 25: where not all fit, each that would fit alone charges again and again."""
    reached = Counter()
    min_on_s = 600.0

    @settings(LAW, max_examples=60)
    @given(st.lists(st.sampled_from((1, 3)), min_size=2, max_size=6), st.sampled_from((4140.0, 5600.0, 8300.0)))
    def law(phases, room_w):
        waiting = {f"cp-{k}": float(k) for k in range(len(phases))}
        started: dict[str, float] = {}
        last = dict.fromkeys(waiting, 0.0)
        longest = 0.0
        for now in range(0, 40 * 600, 60):
            cars = [
                Candidate(
                    station=s,
                    queued_at=started[s] + min_on_s if s in started else waiting[s],
                    phases=n,
                    charging=s in started,
                    held=s in started and now < started[s] + min_on_s,
                    max_a=32.0,
                )
                for s, n in zip(waiting, phases, strict=True)
            ]
            grants = share(cars, Room(max_power_w=room_w))
            for c in cars:
                if grants[c.station].limit_a:
                    started.setdefault(c.station, float(now))
                    longest = max(longest, now - last[c.station])
                    last[c.station] = now
                elif started.pop(c.station, None) is not None:
                    assert not c.held
                    waiting[c.station] = float(now)
                    reached["stopped"] += 1
        longest = max(longest, *(40 * 600 - 60 - at for at in last.values()))
        assert longest <= (len(phases) + 1) * (min_on_s + 60.0), longest
        reached["all fit"] += 1 if not reached["stopped"] else 0

    law()
    assert reached["stopped"] > 100, reached
