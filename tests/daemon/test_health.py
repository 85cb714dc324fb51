"""How every channel is doing: what is counted of its answers and errors."""

from noonward.daemon.health import Health, Troubles

NOW = 1_780_000_000.0


def test_answers_and_errors_are_counted_for_each_channel():
    health = Health(Troubles(lambda *_: None))
    health.watch("cellar/relay-1", "relay")
    health.watch("cellar/relay-2", "relay")
    for k in range(5):
        health.answered("cellar/relay-1", NOW + k)
    health.failed("cellar/relay-1", NOW + 5, TimeoutError("no answer"))
    health.answered("cellar/relay-1", NOW + 6)
    health.answered("gone/meter", NOW)
    first, second = health.channels["cellar/relay-1"], health.channels["cellar/relay-2"]
    assert (first.answers, first.errors, first.ok, first.last_error) == (6, 1, True, "no answer")
    assert (second.answers, second.errors, second.ok) == (0, 0, None)
    health.watch("cellar/relay-1", "relay")  # as after a reload
    assert health.channels["cellar/relay-1"] == first
