"""CPU of sharing a zone among 200 stations, and its ratio to a naive loop that hands out one step at a time.

Run ``python benchmarks/zone.py [STATIONS]``. Both run in the same process on the same zone, so that the ratio holds on
any machine; the zone has less power than all want and two phases that are tight, so that every part of it has work.
"""

from __future__ import annotations

import sys
from time import process_time

from noonward.core.sharing import Candidate, Room, share

AIM_S = 0.005
ROUNDS = 50


def main(count: int) -> None:
    cars = [
        Candidate(
            station=f"cp-{k:03}",
            queued_at=float(k * 7 % 31),
            phases=3 if k % 2 else 1,
            lines=(1, 2, 3) if k % 2 else (1 + k // 2 % 3,),
            max_a=(16.0, 32.0, 13.0)[k % 3],
            charging=k % 4 != 0,
            charge_now=k % 50 == 0,
            takes_a=7.5 if k % 8 == 1 else None,
        )
        for k in range(count)
    ]
    line_a = (9.0 * count, 6.5 * count, 6.0 * count)
    room = Room(max_power_w=4000.0 * count, target_w=3500.0 * count, line_a=line_a)
    shared = share(cars, room)
    begun = process_time()
    for k in range(ROUNDS):  # never the same again, or it would be remembered
        share(cars, room._replace(target_w=room.target_w - k))
    shared_s = (process_time() - begun) / ROUNDS
    begun = process_time()
    naively = naive(cars, room)
    naive_s = process_time() - begun
    charging = sum(g.limit_a > 0.0 for g in shared.values())
    assert charging > 0
    print(f"zone of {count} stations shared: {shared_s * 1e3:.2f} ms CPU (aim {AIM_S * 1e3:.0f} ms), {charging} charge")
    print(f"naive loop, a step at a time: {naive_s * 1e3:.1f} ms CPU, ratio {shared_s / naive_s:.3f}")
    print(f"amperes given: {sum(g.limit_a for g in shared.values()):.0f}, naive {sum(naively.values()):.0f}")


def naive(cars, room):
    """Minimums in the order of the queue, then an ampere at a time to whoever has least and may have more."""
    given = dict.fromkeys((c.station for c in cars), 0.0)
    queue = sorted(cars, key=lambda c: (not c.held, not c.charge_now, c.queued_at, not c.charging, c.station))

    def fits():
        watts = sum(c.phases * 230.0 * given[c.station] for c in cars)
        lines = [sum(given[c.station] for c in cars if line in c.lines) for line in (1, 2, 3)]
        return watts <= min(room.max_power_w, room.target_w) and all(
            u <= a for u, a in zip(lines, room.line_a, strict=True)
        )

    for c in queue:
        given[c.station] = c.min_a
        if not fits():
            given[c.station] = 0.0
    open_to = [c for c in queue if given[c.station]]
    while open_to:
        c = min(open_to, key=lambda c: given[c.station])
        cap = c.max_a if c.takes_a is None else min(c.max_a, c.takes_a + 1.5)
        given[c.station] += 1.0
        if given[c.station] > cap or not fits():
            given[c.station] -= 1.0
            open_to.remove(c)
    return given


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
