import pytest

from noonward.access.limits import KEYS_MAX, Backoff, Bucket, Rate, Seldom, network


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("192.168.1.77", "192.168.1.0/24"),
        ("::ffff:192.168.1.77", "192.168.1.0/24"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
        ("unknown", "unknown"),
    ],
)
def test_what_one_attacker_has_many_of(address, expected):
    assert network(address) == expected


def test_a_few_failures_are_free_and_then_each_waits_twice_as_long():
    backoff = Backoff(free=3, first_s=2.0, most_s=60.0)
    waits = []
    for _ in range(10):
        waits.append(backoff.wait_s("anna", 0.0))
        backoff.failed("anna", 0.0)
    assert waits == [0, 0, 0, 2, 4, 8, 16, 32, 60, 60]
    assert backoff.wait_s("anna", 60.0) == 0
    assert backoff.wait_s("bob", 0.0) == 0


def test_nothing_locks_for_ever():
    backoff = Backoff()
    for k in range(10_000):
        backoff.failed("anna", float(k))
    assert backoff.wait_s("anna", 9_999.0) == backoff.most_s
    assert backoff.wait_s("anna", 9_999.0 + backoff.most_s) == 0
    assert backoff._of("anna", 9_999.0 + 2 * backoff.most_s + 1)[0] == 0


def test_who_gets_in_starts_anew():
    backoff = Backoff(free=1)
    for _ in range(3):
        backoff.failed("anna", 0.0)
    assert backoff.wait_s("anna", 0.0)
    backoff.passed("anna")
    assert backoff.wait_s("anna", 0.0) == 0


def test_a_bucket_lets_a_burst_pass_and_then_one_each_so_often():
    bucket = Bucket(Rate(burst=3, each_s=2.0))
    assert [bucket.take("a", 0.0) for _ in range(5)] == [0, 0, 0, 2.0, 2.0]
    assert bucket.take("a", 1.0) == 1.0
    assert bucket.take("a", 2.0) == 0
    assert bucket.take("a", 2.0) == 2.0
    assert bucket.take("b", 2.0) == 0
    assert [bucket.take("a", 100.0) for _ in range(4)] == [0, 0, 0, 2.0]


def test_a_clock_that_steps_back_lets_nobody_through():
    bucket = Bucket(Rate(burst=1, each_s=2.0))
    assert bucket.take("a", 100.0) == 0
    assert bucket.take("a", 50.0) == 2.0


def test_what_happens_again_and_again_is_told_seldom_and_counted():
    seldom = Seldom(60.0)
    assert [seldom.tell("x", at) for at in (0.0, 1.0, 59.0, 60.0, 61.0, 200.0)] == [1, 0, 0, 3, 0, 2]
    assert seldom.tell("y", 61.0) == 1


def test_a_crowd_of_attackers_uses_up_no_memory():
    backoff, bucket, seldom = Backoff(), Bucket(Rate(burst=1, each_s=1.0)), Seldom()
    for k in range(KEYS_MAX + 100):
        backoff.failed(k, float(k))
        bucket.take(k, float(k))
        seldom.tell(k, float(k))
    assert len(backoff._failed) == len(bucket._spent) == len(seldom._told) == KEYS_MAX
