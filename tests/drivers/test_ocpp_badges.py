"""Who may charge, and what stations do with badges while the gateway is away."""

from __future__ import annotations

import pytest

from noonward_drivers.ocpp.badges import GATEWAY, Badges, list_version
from noonward_drivers.ocpp.facade import Token
from support.dict_memory import DictMemory
from support.ocpp_desk import Bench

LIST = Badges(accept=frozenset({"04A1", "04D4"}))
VERDICTS = [  # rules, badge, the gateway starts, verdict
    (Badges(), "whoever", False, "Accepted"),
    (Badges(), "", False, "Accepted"),
    (LIST, "04A1", False, "Accepted"),
    (LIST, "04a1", False, "Accepted"),
    (LIST, " 04a1 ", False, "Accepted"),
    (LIST, "04A2", False, "Invalid"),
    (LIST, "", False, "Invalid"),
    (LIST, GATEWAY, False, "Invalid"),
    (LIST, GATEWAY, True, "Accepted"),
    (LIST, None, False, "Accepted"),
    (Badges(accept=frozenset()), "04A1", False, "Invalid"),
]


@pytest.mark.parametrize(("badges", "badge", "remote", "verdict"), VERDICTS)
def test_the_verdict_on_a_badge(badges, badge, remote, verdict):
    token = None if badge is None else Token(id=badge)
    assert badges.verdict(token, remote_start=remote) == verdict


SETTINGS = [  # rules, offline: known, unknown; list, stop of an invalid one
    (Badges(), "true", "true", None, None),
    (Badges(offline="known"), "true", "false", None, None),
    (Badges(offline="refuse"), "false", "false", None, None),
    (LIST, "true", "true", "false", "true"),
    (Badges(accept=frozenset({"A"}), local_list=True, offline="known"), "true", "false", "true", "true"),
]
NAMES = {
    "1.6": ("LocalAuthorizeOffline", "AllowOfflineTxForUnknownId", "LocalAuthListEnabled", "StopTransactionOnInvalidId", "LocalPreAuthorize"),
    "2.0.1": ("AuthCtrlr.LocalAuthorizeOffline", "AuthCtrlr.OfflineTxForUnknownIdEnabled", "LocalAuthListCtrlr.Enabled", "TxCtrlr.StopTxOnInvalidId", "AuthCtrlr.LocalPreAuthorize"),
}  # fmt: skip


@pytest.mark.parametrize("version", NAMES)
@pytest.mark.parametrize(("badges", "known", "unknown", "listed", "stop"), SETTINGS)
def test_what_a_station_is_set_to(version, badges, known, unknown, listed, stop):
    expected = dict(zip(NAMES[version], (known, unknown, listed, stop, "false"), strict=True))
    found = {setting.key: setting.value for setting in badges.settings(version)}
    assert found == {key: value for key, value in expected.items() if value is not None}


async def test_a_badge_is_judged_wherever_it_is_shown():
    async with Bench({"cp-01": {}}, accept=["04a1"]) as bench:
        station = await bench.boots()
        assert await station.ask("Authorize", {"idTag": "04a1"}) == {"idTagInfo": {"status": "Accepted"}}
        assert await station.ask("Authorize", {"idTag": "04A2"}) == {"idTagInfo": {"status": "Invalid"}}
        answer = await station.starts("04A2")
        assert answer["idTagInfo"] == {"status": "Invalid"}
        assert bench.seen().id_tag is None
        await station.stops(answer["transactionId"])
        answer = await station.starts("04a1", ago_s=1.0)
        assert answer["idTagInfo"] == {"status": "Accepted"}
        assert bench.seen().id_tag == "04A1"


async def test_in_201_too():
    async with Bench({"cp-01": {}}, accept=["04a1"]) as bench:
        station = await bench.boots(version="2.0.1")
        for badge, status in (("04a1", "Accepted"), ("04A2", "Invalid")):
            verdict = {"idTokenInfo": {"status": status}}
            assert await station.ask("Authorize", {"idToken": {"idToken": badge, "type": "ISO14443"}}) == verdict
            assert await station.event("Started", f"tx-{badge}", 0, badge=badge) == verdict
            assert bench.seen().id_tag == "04A1"
            assert await station.event("Updated", f"tx-{badge}", 1, badge=badge) == verdict
            assert bench.seen().id_tag == "04A1"


async def test_the_gateways_own_token_is_nobodys_badge():
    async with Bench({"cp-01": {"start": "remote"}}, accept=["04A1"]) as bench:
        station = await bench.boots()
        answer = await station.starts(GATEWAY)
        assert answer["idTagInfo"] == {"status": "Accepted"}
        assert bench.seen().id_tag is None


async def test_a_badge_stands_while_its_vehicle_does():
    """Acceptance test 16, edge case 38: the gateway may end and begin a transaction to wake a car; the badge is still the driver's."""
    async with Bench({"cp-01": {"start": "remote"}}) as bench:
        station = await bench.boots()
        await station.status("Preparing")
        ident = (await station.starts("04A1"))["transactionId"]
        await station.stops(ident, "Remote")
        assert bench.seen().id_tag == "04A1"
        await station.starts(GATEWAY)
        assert bench.seen().id_tag == "04A1"
        await station.starts("04A2")
        assert bench.seen().id_tag == "04A2"
        await station.status("Available")
        assert bench.seen().id_tag is None


# -- the stations' own list ------------------------------------------------------------------------------------------------


def listing(known=None, have=0, send="Accepted"):
    """Return what a station answers about its list."""
    rows = [{"key": key, "readonly": True, "value": str(value)} for key, value in (known or {}).items()]
    return {
        "GetConfiguration": {"configurationKey": rows},
        "GetLocalListVersion": {"listVersion": have},
        "SendLocalList": {"status": send},
    }


def sent(station):
    """Return the lists that a station was sent: how, version, badges."""
    lists = [payload for action, payload in station.asked if action == "SendLocalList"]
    return [
        (one["updateType"], one["listVersion"], [row["idTag"] for row in one["localAuthorizationList"]])
        for one in lists
    ]


BADGES = [f"04{number:02}" for number in range(25)]
ALL = list_version(BADGES)
LISTS = [  # what the station says of its room, some are left out, parts that it gets
    ({}, False, [("Full", ALL - 1, BADGES[:20]), ("Differential", ALL, BADGES[20:])]),
    ({"SendLocalListMaxLength": 100}, False, [("Full", ALL, BADGES)]),
    ({"SendLocalListMaxLength": 10}, False,
     [("Full", ALL - 2, BADGES[:10]), ("Differential", ALL - 1, BADGES[10:20]), ("Differential", ALL, BADGES[20:])]),
    ({"LocalAuthListMaxLength": 3}, True, [("Full", list_version(BADGES[:3]), BADGES[:3])]),
    ({"LocalAuthListMaxLength": 0}, True, [("Full", list_version([]), [])]),
    ({"LocalAuthListMaxLength": "?", "SendLocalListMaxLength": "?"}, False,
     [("Full", ALL - 1, BADGES[:20]), ("Differential", ALL, BADGES[20:])]),
]  # fmt: skip


@pytest.mark.parametrize(("room", "cut", "parts"), LISTS)
async def test_a_station_gets_the_list_in_parts_that_fit(room, cut, parts, caplog):
    async with Bench({"cp-01": {}}, accept=BADGES, local_list=True) as bench:
        station = await bench.boots(plays=listing(room))
        assert sent(station) == parts
        assert ("need the gateway" in caplog.text) is cut


async def test_in_201_a_station_that_says_how_long_its_list_is_may_still_get_a_longer_one():
    room = {"LocalAuthListCtrlr": {"Entries": "0", "ItemsPerMessage": "2"}}

    def variables(payload):
        rows = []
        for asked in payload["getVariableData"]:
            value = room.get(asked["component"]["name"], {}).get(asked["variable"]["name"])
            status = (
                {"attributeStatus": "UnknownVariable"}
                if value is None
                else {"attributeStatus": "Accepted", "attributeValue": value}
            )
            rows.append({**asked, **status})
        return {"getVariableResult": rows}

    plays = {"GetVariables": variables, "GetLocalListVersion": {"versionNumber": 0}}
    async with Bench({"cp-01": {}}, accept=BADGES[:3], local_list=True) as bench:
        station = await bench.boots(version="2.0.1", plays=plays)
        lists = [payload for action, payload in station.asked if action == "SendLocalList"]
        assert [(one["updateType"], len(one["localAuthorizationList"])) for one in lists] == [
            ("Full", 2),
            ("Differential", 1),
        ]
        assert lists[-1]["versionNumber"] == list_version(BADGES[:3])
        assert lists[0]["localAuthorizationList"][0]["idToken"] == {"idToken": "0400", "type": "ISO14443"}


async def test_a_station_that_has_the_list_is_left_alone():
    async with Bench({"cp-01": {}}, accept=BADGES, local_list=True) as bench:
        assert sent(await bench.boots(plays=listing(have=ALL))) == []
    async with Bench({"cp-01": {}}, accept=BADGES[:-1], local_list=True) as bench:
        assert len(sent(await bench.boots(plays=listing(have=ALL)))) == 1 + (len(BADGES) - 1) // 21
    async with Bench({"cp-01": {}}, accept=BADGES) as bench:
        assert sent(await bench.boots(plays=listing())) == []


async def test_a_station_that_keeps_no_list_is_told_of_and_charges(caplog):
    async with Bench({"cp-01": {}}, accept=BADGES, local_list=True) as bench:
        station = await bench.boots(plays=listing(send="NotSupported"))
        assert len(sent(station)) == 1
        assert "cp-01 does not take the list of badges" in caplog.text
        assert (await station.starts("0401"))["idTagInfo"] == {"status": "Accepted"}


async def test_no_badge_of_the_list_is_in_the_log(caplog):
    caplog.set_level("DEBUG")
    async with Bench({"cp-01": {}}, DictMemory(), accept=["SECRETBADGE"], local_list=True) as bench:
        station = await bench.boots(plays=listing())
        await station.starts("secretbadge")
    assert "secretbadge" not in caplog.text.lower()


def test_a_version_tells_lists_apart():
    versions = {list_version(BADGES[:length]) for length in range(26)}
    assert len(versions) == 26
    assert all(1001 <= version < 2**31 for version in versions)
