"""Whatever stations say in whatever order, with whatever is lost in between: the book is right and survives."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from hypothesis import event, given, settings
from hypothesis import strategies as st

from support.ocpp_desk import Bench

STATUSES = ("Available", "Preparing", "Charging", "SuspendedEV", "SuspendedEVSE", "Finishing", "Faulted", "Unavailable")
AGES = st.sampled_from((0.0, 5.0, 40.0, 3600.0, -7200.0))
WHICH = st.integers(-2, 1)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("status"), st.sampled_from(STATUSES), AGES),
        st.tuples(st.just("starts"), st.sampled_from(("04A1", "04A2")), AGES),
        st.tuples(st.just("stops"), WHICH, st.sampled_from(("Local", "EVDisconnected"))),
        st.tuples(st.just("meters"), WHICH, AGES),
        st.tuples(st.just("boots")),
        st.tuples(st.just("drops")),
        st.tuples(st.just("restarts")),
        st.tuples(st.just("waits"), st.sampled_from((1.0, 10.0, 100.0))),
    ),
    min_size=5,
    max_size=40,
)


@settings(max_examples=150, deadline=None)
@given(STEPS)
def test_the_book_is_right_and_survives(steps):
    """Acceptance test 5, edge cases 37, 61 and 62."""
    asyncio.run(_play(steps))


async def _play(steps):
    bench = await Bench({"cp-01": {}}).__aenter__()
    station = await bench.boots()
    given_ids: list[int] = []
    adopted = 0
    for kind, *what in steps:
        answer: object = {}
        match kind:
            case "status":
                answer = await station.status(what[0], ago_s=what[1])
            case "starts":
                answer = await station.starts(what[0], ago_s=what[1], meter_wh=1000 + len(given_ids))
                given_ids.append(answer["transactionId"])
            case "stops":
                answer = await station.stops(_picked(given_ids, what[0]), reason=what[1])
            case "meters":
                before = _running(bench)
                answer = await station.meters(_picked(given_ids, what[0]), ago_s=what[1], power_w=1000.0)
                adopted += before is None and _running(bench) is not None
            case "boots":
                answer = await station.boots()
            case "drops":
                await station.goes()
                station = await bench.comes()
            case "restarts":
                before = bench.seen()
                await bench.__aexit__()
                bench = await Bench({"cp-01": {}}, bench.memory, bench.clock).__aenter__()
                assert bench.seen() == replace(before, online=False, status=None, sample=None, booted_at=None)
                station = await bench.comes()
            case "waits":
                await bench.clock.run(what[0])
        await bench.clock.settle()
        assert isinstance(answer, dict), answer
        _holds(bench)
    assert given_ids == sorted(set(given_ids)), "an id was given twice"
    event(f"transactions adopted: {min(adopted, 3)}")
    await bench.__aexit__()


def _holds(bench):
    """Check what must be so after every message."""
    seen, running = bench.seen(), _running(bench)
    told = [one[1] for one in bench.told() if one[0] == "transaction"]
    assert (told[-1] if told else None) == running, "the limiter knows another transaction than the book"
    if running is not None:
        assert seen.plugged, "a transaction without a vehicle"
    if not seen.plugged:
        assert (seen.id_tag, seen.plugged_at, seen.sample) == (None, None, None)
    if seen.sample is not None:
        assert bench.clock.now() - 4000.0 < seen.sample.at <= bench.clock.now()


def _running(bench):
    book = bench.memory.kept.get("cp-01/1/book")
    return None if book is None or book["running"] is None else book["running"]["id"]


def _picked(ids, which):
    """Return one of the ids that were given, by its place from the end; another one where there is none."""
    return ids[which] if -len(ids) <= which < len(ids) else 4711
