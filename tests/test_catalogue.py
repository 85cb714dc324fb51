"""Every case that charging must get right has a test that names it: "Edge case 34.", "Acceptance tests 5 and 6."."""

from __future__ import annotations

import re
from itertools import chain
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
NAMED = re.compile(r"((?:E|e)dge case|(?:A|a)cceptance test)s? (\d+(?:(?:,| and|, and| to|–| or)\s*\d+)*)")
NUMBERS = re.compile(r"(\d+)(?:(?: to |–)(\d+))?")

CHARGING = {
    "Acceptance test": {
        1: "junk frames never end a connection", 2: "a call fails at once when the socket dies",
        3: "stale results do not break the next call", 4: "a silent station costs one time-out; the newest limit is sent",
        5: "a reconnect without a word goes on with the transaction", 6: "samples of the past do not move control",
        7: "a station that accepts and ignores is found out", 8: "the gateway dies: every session falls to its safe limit",
        9: "a session that begins meanwhile is safe", 10: "a car on one phase charges on a station of watts",
        11: "zeros are no phases", 12: "power alone tells the phases by its slope", 13: "a car that cannot modulate is on or off",
        14: "decreases before increases, and the sum never above the limit", 15: "profiles are written seldom",
        16: "charge-now ends with the session", 17: "waking ends after three", 18: "keys", 19: "certificates",
        20: "a station that offers no version", 21: "a second connection replaces the first", 22: "a thousand stations",
    },
    "Edge case": {
        10: "dead band and ramp", 11: "quantisation", 12: "the floor of 6 A", 13: "between one phase and three",
        14: "clouds", 15: "two starts on one surplus", 16: "a higher load ends", 17: "the period of the loop", 18: "ties",
        19: "two controllers", 20: "fuse per phase, unbalance", 21: "a sum hides a phase", 22: "import limit",
        23: "safety above min-on", 24: "a maximum below one minimum", 25: "minimums above the maximum",
        26: "three-phase heater", 27: "power back", 28: "draws more than offered", 29: "draws less", 30: "cannot modulate",
        31: "one and two phases", 32: "deep standby", 33: "full, or limited by somebody", 34: "too many starts",
        35: "fault, unavailable", 36: "forgets, ignores, rejects, rounds", 37: "slow meter, wrong clock, ids again",
        38: "whose badge; how charge-now ends", 39: "blocked is shown", 40: "unplugged during the test charge",
        73: "loop gain and phases", 74: "start current", 75: "min-on from the confirmed current", 76: "no vehicle, no switching",
        77: "an offer not taken", 78: "foreign writes, after rounding", 79: "SuspendedEVSE means two things",
        80: "remote start can wedge", 81: "a full car is not started for ever", 82: "when a status changed",
        83: "profile writes wear flash", 84: "offline: keeps or drops its profile", 85: "thresholds of one and three phases",
        86: "stopped by the fuse on three phases",
    },
}  # fmt: skip


def named() -> dict[str, set[int]]:
    found: dict[str, set[int]] = {kind: set() for kind in CHARGING}
    texts = (path.read_text(encoding="utf-8") for path in TESTS.rglob("test_*.py") if path != Path(__file__))
    for kind, numbers in chain.from_iterable(NAMED.findall(text) for text in texts):
        for first, last in NUMBERS.findall(numbers):
            found[kind.capitalize()] |= set(range(int(first), int(last or first) + 1))
    return found


@pytest.mark.parametrize("kind", CHARGING)
def test_every_case_has_a_test_that_names_it(kind):
    have = named()[kind]
    missing = {number: what for number, what in CHARGING[kind].items() if number not in have}
    assert not missing


def test_names_are_read_as_they_are_written():
    said = "Edge cases 9, 10 and 60: x. Acceptance test 7. Edge cases 28 to 30, 41. Acceptance tests 5, and 6"
    assert [match[1] for match in NAMED.findall(said)] == ["9, 10 and 60", "7", "28 to 30, 41", "5, and 6"]
    assert NUMBERS.findall("28 to 30, 41") == [("28", "30"), ("41", "")]
