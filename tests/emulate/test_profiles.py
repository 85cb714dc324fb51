"""Charging profiles hold as the specification has them: purposes, stack levels, kinds, units, periods, their ends."""

from __future__ import annotations

import pytest

from noonward.emulate.dialect import Refusal
from noonward.plant.vehicle import Vehicle, VehicleKind
from support.emulated import NOON, VERSIONS, Desk, written


@pytest.fixture(params=VERSIONS)
def desk(request):
    """A station of 16 A that charges a vehicle of three phases, an hour into its transaction."""
    made = Desk(request.param)
    made.plug(Vehicle(VehicleKind()))
    made.later(3600.0)
    return made


def transaction(desk):
    ident = desk.station.connectors[0].transaction.id
    return int(ident) if desk.version == "1.6" else ident


def test_without_a_profile_it_offers_all_it_has(desk):
    assert desk.offer_a() == 16.0


def test_a_profile_of_the_transaction_replaces_the_default_and_the_maximum_caps_both(desk):
    assert desk.profile((0, 10.0), purpose="TxDefaultProfile")
    assert desk.offer_a() == 10.0
    assert desk.profile((0, 13.0))
    assert desk.offer_a() == 13.0
    top = "ChargePointMaxProfile" if desk.version == "1.6" else "ChargingStationMaxProfile"
    assert desk.profile((0, 12.0), purpose=top, connector=0)
    assert desk.offer_a() == 12.0


def test_the_highest_stack_level_counts_until_it_ends(desk):
    assert desk.profile((0, 8.0), stack=1, ident=1)
    assert desk.profile((0, 14.0), stack=3, ident=2, duration=60)
    assert desk.profile((0, 9.0), stack=2, ident=3)
    assert desk.offer_a() == 14.0
    desk.later(61.0)
    assert desk.offer_a() == 9.0


def test_the_same_id_or_the_same_place_is_replaced(desk):
    assert desk.profile((0, 8.0), stack=1, ident=1)
    assert desk.profile((0, 10.0), stack=1, ident=2)
    assert desk.offer_a() == 10.0
    assert desk.profile((0, 7.0), purpose="TxDefaultProfile", ident=2)
    assert desk.offer_a() == 7.0
    assert len(list(desk.station.profiles)) == 1


def test_two_periods_are_a_dead_man(desk):
    assert desk.profile((0, 12.0), (360, 6.0), start=desk.now - 60.0)
    assert desk.offer_a() == 12.0
    desk.later(299.0)
    assert desk.offer_a() == 12.0
    desk.later(1.0)
    assert desk.offer_a() == 6.0


@pytest.mark.parametrize("more", [{"duration": 1003}, {}])
def test_an_edge_between_two_looks_is_kept_to_the_second(desk, more):
    """By a second period, or by the schedule's end where the default holds."""
    desk.profile((0, 6.0), purpose="TxDefaultProfile")
    begun_wh = desk.station.connectors[0].register_wh
    desk.profile((0, 12.0), *([] if more else [(1003, 6.0)]), **more)
    desk.later(2000.0)
    drawn_wh = desk.station.connectors[0].register_wh - begun_wh
    assert drawn_wh == pytest.approx(3 * 230.0 * (12.0 * 1003 + 6.0 * 997) / 3600.0)


def test_a_relative_schedule_counts_from_the_start_of_the_transaction(desk):
    """An hour into it, a Relative schedule of two minutes has long ended."""
    assert desk.profile((0, 8.0), kind="Relative", duration=120)
    assert desk.offer_a() == 16.0
    assert desk.profile((0, 8.0), (3660, 10.0), kind="Relative")
    assert desk.offer_a() == 8.0
    desk.later(61.0)
    assert desk.offer_a() == 10.0


def test_an_absolute_schedule_that_begins_later_does_not_hold_yet(desk):
    assert desk.profile((0, 8.0), start=desk.now + 30.0)
    assert desk.offer_a() == 16.0
    desk.later(30.0)
    assert desk.offer_a() == 8.0


def test_a_recurring_schedule_begins_anew_every_day(desk):
    assert desk.profile((0, 8.0), (7200, 13.0), kind="Recurring", recurrencyKind="Daily", start=NOON - 3 * 86400.0)
    assert desk.offer_a() == 8.0
    desk.later(3600.0)
    assert desk.offer_a() == 13.0
    desk.later(22 * 3600.0)
    assert desk.offer_a() == 8.0


def test_a_validity_bounds_a_profile(desk):
    assert desk.profile((0, 8.0), validFrom=written(desk.now + 60), validTo=written(desk.now + 120))
    seen = []
    for _ in range(3):
        seen.append(desk.offer_a())
        desk.later(60.0)
    assert seen == [16.0, 8.0, 16.0]


@pytest.mark.parametrize(
    ("watts", "phases", "amps"),
    [(4140.0, None, 6.0), (6900.0, 3, 10.0), (1380.0, 1, 6.0), (1380.0, None, 0.0), (2760.0, 2, 6.0), (0.0, 1, 0.0)],
)
def test_watts_are_shared_among_the_phases_that_are_named_and_three_where_none_is(desk, watts, phases, amps):
    assert desk.profile((0, watts), unit="W", phases=phases)
    assert desk.offer_a() == pytest.approx(amps)


def test_a_default_on_connector_0_holds_for_all_and_the_connectors_own_before_it():
    desk = Desk(count=2)
    for number in (1, 2):
        desk.plug(Vehicle(VehicleKind()), number)
    assert desk.profile((0, 8.0), purpose="TxDefaultProfile", connector=0)
    assert desk.profile((0, 10.0), purpose="TxDefaultProfile", connector=2)
    assert (desk.offer_a(1), desk.offer_a(2)) == (8.0, 10.0)


def test_a_profile_for_a_transaction_needs_it_and_ends_with_it(desk):
    mine = transaction(desk)
    other = mine + 1 if desk.version == "1.6" else f"{mine}x"
    assert not desk.profile((0, 8.0), transactionId=other)
    assert desk.profile((0, 8.0), transactionId=mine)
    assert desk.offer_a() == 8.0
    desk.station.unplug()
    assert not desk.profile((0, 9.0))
    desk.plug(Vehicle(VehicleKind()))
    assert desk.offer_a() == 16.0


def test_profiles_outlast_a_link_loss_and_a_restart(desk):
    assert desk.profile((0, 8.0), purpose="TxDefaultProfile")
    desk.cut()
    desk.later(60.0)
    assert desk.offer_a() == 8.0
    desk.station.restart("PowerLoss")
    desk.connect()
    desk.station.unplug()
    desk.plug(Vehicle(VehicleKind()))
    assert desk.offer_a() == 8.0


def test_clearing_takes_what_matches_and_says_if_nothing_did(desk):
    desk.profile((0, 8.0), purpose="TxDefaultProfile")
    desk.profile((0, 10.0))
    one = {"connectorId": 1, "chargingProfilePurpose": "TxProfile"}
    two = {"chargingProfileCriteria": {"evseId": 1, "chargingProfilePurpose": "TxProfile"}}
    clear = one if desk.version == "1.6" else two
    assert desk.ask("ClearChargingProfile", **clear) == {"status": "Accepted"}
    assert desk.offer_a() == 8.0
    assert desk.ask("ClearChargingProfile", **clear) == {"status": "Unknown"}


def test_the_composite_schedule_is_what_will_be_offered(desk):
    desk.profile((0, 10.0), purpose="TxDefaultProfile")
    desk.profile((0, 12.0), (300, 6.0), duration=600)
    where = {"connectorId": 1} if desk.version == "1.6" else {"evseId": 1}
    answer = desk.ask("GetCompositeSchedule", duration=900, chargingRateUnit="A", **where)
    schedule = answer["chargingSchedule" if desk.version == "1.6" else "schedule"]
    assert [(p["startPeriod"], p["limit"]) for p in schedule["chargingSchedulePeriod"]] == [
        (0, 12.0),
        (300, 6.0),
        (600, 10.0),
    ]


@pytest.mark.parametrize(
    "broken",
    [
        {"chargingProfileKind": "Sometimes"},
        {"stackLevel": "high"},
        {"chargingSchedule": {}},
        {"chargingSchedule": []},
        {"chargingSchedule": {"chargingRateUnit": "A", "chargingSchedulePeriod": []}},
        {"chargingSchedule": {"chargingRateUnit": "A", "chargingSchedulePeriod": [{"startPeriod": 9, "limit": 6.0}]}},
        {"validFrom": "tomorrow"},
        {"chargingProfileKind": "Recurring"},
    ],
)
def test_a_profile_that_cannot_be_read_is_an_error_of_its_version(desk, broken):
    schedule = {"chargingRateUnit": "A", "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 6.0}]}
    raw = {
        "id": 1, "chargingProfileId": 1, "stackLevel": 1, "chargingProfilePurpose": "TxProfile",
        "chargingProfileKind": "Absolute", "chargingSchedule": schedule,
    }  # fmt: skip
    place = {"connectorId": 1, "evseId": 1}
    assert desk.ask("SetChargingProfile", csChargingProfiles=raw, chargingProfile=raw, **place) == {
        "status": "Accepted"
    }
    with pytest.raises(Refusal) as refused:
        desk.ask("SetChargingProfile", csChargingProfiles=raw | broken, chargingProfile=raw | broken, **place)
    assert refused.value.code == {"1.6": "FormationViolation", "2.0.1": "FormatViolation"}[desk.version]
