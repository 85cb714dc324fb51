"""``noonward auth`` against the real app on a real control socket, with a fake daemon behind it."""

import json
import re

import pytest
from click.testing import CliRunner

from noonward.cli.main import cli
from noonward.errors import UsageError
from support.gateway import house, quick_hashes
from support.served import served


@pytest.fixture
def gateway(tmp_path):
    with quick_hashes(), served(house(), tmp_path):
        yield tmp_path


@pytest.fixture
def auth(gateway):
    def run(*words, refused=None):
        found = CliRunner().invoke(cli, ["auth", *words, "--state", str(gateway)])
        if refused is None:
            assert found.exit_code == 0, found.output + str(found.exception)
        else:
            said = found.output if found.exit_code == 2 else str(found.exception)
            assert found.exit_code == 2 or isinstance(found.exception, UsageError)
            assert re.search(refused, said), said
        return found.stdout

    return run


CODE = r"([0-9A-Z]{4}-){3}[0-9A-Z]{4}  \(good until 2026-06-\d\d \d\d:\d\d, once\)\n"


def test_a_code_makes_an_owner(auth):
    assert re.fullmatch(CODE, auth("code"))
    assert auth("people", "list") == "Nobody yet: “noonward auth code” makes an owner.\n"


def test_people_are_invited_changed_locked_and_forgotten(auth):
    said = auth("people", "add", "anna", "resident", "--policy", "boiler", "--station", "cp-01", "--modes")
    assert re.fullmatch(rf"anna is a resident and reaches boiler, cp-01\.\n{CODE}", said)
    assert auth("people", "list") == "anna  resident  boiler, cp-01  invited until 2026-06-04 12:00\n"
    assert auth("people", "change", "anna", "--role", "viewer", "--everything") == (
        "anna is a viewer, reaches everything.\n"
    )
    assert auth("people", "change", "anna", "--policy", "pump", "--lock") == (
        "anna is a viewer, reaches pump, and is locked out.\n"
    )
    assert auth("people", "list").endswith("pump  locked out\n")
    assert re.fullmatch(CODE, auth("code", "anna"))
    assert auth("people", "delete", "anna") == "anna can sign in no more.\n"
    assert "Nobody yet" in auth("people", "list")


def test_what_stays_unsaid_stays_as_it_is(auth):
    auth("people", "add", "anna", "resident", "--policy", "boiler", "--modes")
    assert auth("people", "change", "anna", "--lock") == "anna is a resident, reaches boiler, and is locked out.\n"
    assert auth("people", "change", "anna", "--unlock") == "anna is a resident, reaches boiler.\n"


@pytest.mark.parametrize(
    ("words", "refused"),
    [
        (("people", "add", "anna", "resident"), "say what they reach: --policy NAME"),
        (("people", "add", "anna", "viewer", "--everything", "--policy", "boiler"), "goes without --policy"),
        (("people", "add", "anna", "viewer", "--policy", "sauna"), "no policy 'sauna' here; there are: boiler"),
        (("people", "add", "anna", "viewer", "--station", "cp-9"), "no station 'cp-9' here; there are: cp-01"),
        (("people", "add", "a b", "owner"), "A name has letters"),
        (("people", "add", "anna", "admin"), "'admin' is not one of"),
        (("people", "change", "anna"), "say what is to change"),
        (("people", "change", "anna", "--lock"), "nobody called 'anna'"),
        (("people", "delete", "../anna"), "nobody called|There is nothing at"),
        (("code", "anna"), "nobody called 'anna'"),
        (("token", "add", "x", "viewer"), "say what they reach"),
        (("token", "add", "x", "owner", "--until", "2 years"), "is not a time"),
        (("token", "add", "x", "owner", "--until", "800 d"), "A token lasts a year at most"),
        (("token", "delete", "x"), "no such token"),
        (("audit", "--limit", "0"), "0 is not in the range"),
    ],
)
def test_what_cannot_be_is_said(auth, words, refused):
    auth(*words, refused=refused)


def test_a_token_is_shown_once_and_alone_so_that_a_script_can_keep_it(auth):
    secret = auth("token", "add", "grafana", "viewer", "--everything", "--until", "30 d")
    assert re.fullmatch(r"nw_[\w-]{43}\n", secret)
    listed = auth("token", "list")
    assert re.fullmatch(r"[0-9a-f]{12}  grafana  -  viewer  everything  until 2026-07-01 12:00\n", listed)
    auth("token", "delete", listed.split()[0])
    assert auth("token", "list") == "There are none.\n"


def test_the_log_says_who_did_what(auth):
    auth("people", "add", "anna", "viewer", "--everything")
    auth("people", "change", "anna", "--role", "owner")
    auth("people", "add", "anna", "viewer", "--everything", refused="called anna already")
    viewer = '{"locked":false,"modes":false,"role":"viewer","scope":null}'
    lines = auth("audit").splitlines()
    assert [re.sub(r"^ +\d+  \S+ \S+  \S+ \(socket\)  ", "", line) for line in lines] == [
        "person added people refused: 409 There is somebody called anna already.",
        f"person changed people/anna: {viewer} -> {viewer.replace('viewer', 'owner')}",
        'person added people/anna: - -> {"modes":false,"role":"viewer","scope":null}',
    ]
    page = json.loads(auth("audit", "--json", "--limit", "1"))
    assert page["next"] == 3
    assert [one["id"] for one in json.loads(auth("audit", "--json", "--before", "3"))["audit"]] == [2, 1]


def test_a_changed_past_is_said(gateway, auth, monkeypatch):
    from noonward.access import audit

    auth("code")
    monkeypatch.setattr(audit, "broken", lambda *_: 1)
    found = CliRunner().invoke(cli, ["auth", "audit", "--state", str(gateway)])
    assert "Entry 1 is not as it was written" in found.stderr
