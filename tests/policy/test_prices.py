"""Prices of site.yaml: what holds when, in words of the language."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from noonward.errors import PolicyError
from noonward.policy.load import load
from noonward.policy.loaded import Keep

ZURICH = ZoneInfo("Europe/Zurich")
SITE = "kind: site/v1\nname: x\ntimezone: Europe/Zurich\ngrid: {}\n"


def site(tmp_path, more):
    (tmp_path / "site.yaml").write_text(SITE + more)
    return load(tmp_path)


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=ZURICH).timestamp()


TARIFF = """\
prices:
  currency: CHF
  import: 0.30
  export: 0.08
  windows:
    - {name: night, start: "0 22 * * *", stop: "0 6 * * *", import: 0.20}
    - {name: summer noon, start: "0 11 * 6-8 *", for: 4 h, export: -0.01}
    - {name: weekend, start: "0 0 * * sat", for: 48 h, import: 0.25}
"""


@pytest.mark.parametrize(
    ("moment", "imports", "exports", "until"),
    [
        ("2026-06-02T09:00", 0.30, 0.08, "2026-06-02T11:00"),
        ("2026-06-02T11:00", 0.30, -0.01, "2026-06-02T15:00"),
        ("2026-06-02T22:00", 0.20, 0.08, "2026-06-03T06:00"),
        ("2026-06-06T12:00", 0.25, -0.01, "2026-06-06T15:00"),
        ("2026-06-06T23:00", 0.20, 0.08, "2026-06-07T06:00"),
        ("2026-10-25T05:30", 0.20, 0.08, "2026-10-25T06:00"),
    ],
)
def test_the_first_open_window_that_names_a_price_gives_it(tmp_path, moment, imports, exports, until):
    price = site(tmp_path, TARIFF).prices.at(at(moment))
    assert price == (imports, exports, at(until))


def test_a_plain_price_holds_for_ever_and_nobody_need_give_one(tmp_path):
    prices = site(tmp_path, "prices: {currency: EUR, import: 0.4}\n").prices
    assert (prices.at(0.0), prices.currency) == ((0.4, None, None), "EUR")
    assert site(tmp_path, "").prices is None


@pytest.mark.parametrize(
    ("prices", "says"),
    [
        ("{import: 0.3}", '"currency" is missing'),
        ("{currency: CHF}", '"import" is missing'),
        ("{currency: Fr., import: 0.3}", "three capital letters"),
        ('{currency: CHF, import: "0.30 CHF"}', "should be a number"),
        ("{currency: CHF, import: 3000}", "is more than 100"),
        ('{currency: CHF, import: 0.3, windows: [{start: "0 22 * * *", import: 0.2}]}', "needs `stop`"),
        ('{currency: CHF, import: 0.3, windows: [{start: "0 22 * * *", stop: "0 6 * * *", for: 8 h}]}', "not both"),
        ('{currency: CHF, import: 0.3, windows: [{start: "0 22 * * *", for: 8 h}]}', "a price of its own"),
        ('{currency: CHF, import: 0.3, windows: [{start: "22:00", for: 8 h, import: 1}]}', "five fields"),
    ],
)
def test_what_is_wrong_is_said(tmp_path, prices, says):
    with pytest.raises(PolicyError) as refused:
        site(tmp_path, f"prices: {prices}\n")
    assert says in " ".join(f"{p.message} {p.hint}" for p in refused.value.problems)


def test_how_long_the_past_is_kept_and_whose_badge_it_is(tmp_path):
    assert site(tmp_path, "").keep == Keep()
    made = site(tmp_path, "history: {minutes: 30 d, sessions: 10 d}\nusers: {anna: {badges: [ab-1, cd-2]}, ben: {}}\n")
    assert made.keep == Keep(minutes_s=30 * 86_400.0, sessions_s=10 * 86_400.0)
    assert made.badges == {"AB-1": "anna", "CD-2": "anna"}
