"""The seed of what is known about stations: each file holds to the schema, and the schema to the record."""

from __future__ import annotations

import copy
import json
from dataclasses import fields
from importlib import resources

import pytest
from jsonschema import Draft202012Validator

from noonward_drivers.ocpp import quirks

SCHEMA = json.loads(resources.files("noonward_drivers.ocpp").joinpath("station-profile.v1.json").read_text())
VALID = Draft202012Validator(SCHEMA)


@pytest.mark.parametrize("name", quirks.shipped())
def test_a_shipped_profile_holds_to_the_schema(name):
    VALID.validate(dict(quirks.read(name)))
    profile = quirks.load(name)
    assert profile.known
    assert all(isinstance(getattr(profile, key), tuple) for key in quirks.LISTS)


def test_the_seed_is_there():
    assert len(quirks.shipped()) == 21
    assert len({quirks.load(name).name for name in quirks.shipped()}) == 21


def test_schema_and_record_have_the_same_keys():
    assert {field.name for field in fields(quirks.StationProfile)} == set(SCHEMA["properties"]) - {"kind"}
    assert {key for key, rule in SCHEMA["properties"].items() if rule.get("type") == "array"} - {
        "known"
    } == quirks.LISTS


GOOD = {
    "kind": "station-profile/v1",
    "name": "Acme Box",
    "evidence": "tried",
    "known": [{"what": "is ordinary", "source": "seen"}],
}
BAD = [
    ("unknown key", {"colour": "red"}),
    ("unknown unit", {"unit": "VA"}),
    ("unknown purpose", {"purposes": ["TxMax"]}),
    ("no purpose", {"purposes": []}),
    ("a version that is not offered", {"versions": ["2.1"]}),
    ("a step below 6 A", {"steps_a": [5, 6]}),
    ("text for a number", {"meter_interval_s": "30 s"}),
    ("a quirk without its source", {"known": [{"what": "is ordinary"}]}),
]  # fmt: skip


def test_a_good_profile_is_good():
    VALID.validate(GOOD)


@pytest.mark.parametrize(("why", "change"), BAD, ids=[row[0] for row in BAD])
def test_a_bad_profile_is_refused(why, change):
    assert not VALID.is_valid({**copy.deepcopy(GOOD), **change})


def test_what_it_says_reaches_the_record():
    assert quirks.load("huawei-scharger").unit == "W"
    assert quirks.load("necharge").steps_a == (6, 8, 10, 13, 16)
    assert quirks.load("go-e").offline_unsafe
    assert quirks.load("starcharge").never_trigger == ("boot",)
    assert quirks.load("warp").purposes[0] == "TxProfile"
