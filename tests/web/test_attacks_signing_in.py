"""Guessing, stealing, foisting and outliving: passwords, codes, sessions and tokens. Each is refused, and noted."""

import asyncio
import re

import pytest

from noonward.access import passwords, sessions
from noonward.web.desk import HASHES
from support.gateway import PASSWORD, gateway

SWITCH = "policies/boiler/switch"
OTHERS = "somebody else's words"


@pytest.fixture
async def house(tmp_path):
    async with gateway(tmp_path) as found:
        yield found


# --- guessing -------------------------------------------------------------------------------------------------------


async def test_who_guesses_passwords_has_to_wait_ever_longer(house):
    await house.person("anna")
    thief, waits = house.browser(), []
    for _ in range(12):
        answer = await thief.sign_in("anna", "not her password")
        if answer.status_code == 429:
            waits.append(int(answer.headers["retry-after"]))
            house.engine.clock.at += waits[-1]
        else:
            assert answer.status_code == 401
    assert waits == sorted(waits)
    assert waits[:4] == [2, 4, 8, 16]
    assert (await thief.sign_in("anna")).status_code == 429  # the right one too, as long as it has to wait
    noted = await house.audit(what="sign-in", result="refused", who="anna")
    assert {one["detail"][:3] for one in noted} == {"401", "429"}


async def test_it_is_never_locked_for_ever_and_only_where_the_guesses_come_from(house):
    await house.person("anna")
    thief = house.browser()
    for _ in range(60):
        await thief.sign_in("anna", "not her password")
    house.engine.clock.at += 300
    assert (await thief.sign_in("anna")).status_code == 201


async def test_many_guesses_at_once_are_many_guesses(house):
    await house.person("anna")
    answers = await asyncio.gather(*(house.browser().sign_in("anna", f"guess number {k}") for k in range(16)))
    statuses = [answer.status_code for answer in answers]
    assert statuses.count(401) == 4
    assert statuses.count(429) == 12


async def test_nobody_keeps_the_gateway_busy_with_hashing(house):
    """Names that do not exist cost as much as others, and all of them together no more than a share of a core."""
    answers = [await house.browser().sign_in(f"nobody{k}", "x" * 20) for k in range(HASHES.burst + 5)]
    assert [answer.status_code for answer in answers].count(429) == 5


async def test_nobody_learns_who_there_is(house, monkeypatch):
    await house.person("anna")
    locked = await house.person("locked")
    await house.ask("POST", "people", {"name": "invited", "role": "viewer", "scope": None})
    await house.ask("PUT", "people/locked", {"locked": True})
    looked_at = []
    right = passwords.matches
    monkeypatch.setattr(passwords, "matches", lambda *both: looked_at.append(both) or right(*both))
    said = {
        (answer.status_code, answer.text)
        for name, password in [("anna", "wrong words"), ("nobody", PASSWORD), ("locked", PASSWORD), ("invited", "")]
        for answer in [await house.browser().sign_in(name, password)]
    }
    assert len(said) == 1
    assert len(looked_at) == 4
    assert looked_at[1][1] == looked_at[3][1] == passwords.NOBODY
    assert (await locked("GET", "me")).json()["signed_in"] is False


@pytest.mark.parametrize("password", ["", "short", "iloveyou", "aaaaaaaa", "noonward", "annaanna", "x" * 257])
async def test_nobody_chooses_a_password_that_is_guessed_first(house, password):
    made = await house.ask("POST", "people", {"name": "anna", "role": "viewer", "scope": None})
    answer = await house.browser()("POST", "setup", {"code": made["code"], "name": "anna", "password": password})
    assert answer.status_code == 422
    assert (await house.browser().sign_in("anna", password)).status_code == 401


async def test_codes_cannot_be_guessed_either(house):
    await house.ask("POST", "setup/code", {})
    thief, statuses = house.browser(), []
    for k in range(8):
        body = {"code": f"0000-0000-0000-{k:04}", "name": "thief", "password": PASSWORD}
        statuses.append((await thief("POST", "setup", body)).status_code)
    assert statuses == [403] * 4 + [429] * 4
    assert (await house.browser()("GET", "me")).json()["setup_needed"] is True
    assert await house.audit(what="set-up", result="refused")


# --- becoming the owner ---------------------------------------------------------------------------------------------


async def test_nobody_owns_the_gateway_by_being_first(house):
    first = house.browser()
    assert (await first("GET", "me")).json()["setup_needed"] is True
    for body in ({}, {"code": "", "name": "x", "password": PASSWORD}, {"name": "x", "password": PASSWORD}):
        assert (await first("POST", "setup", body)).status_code in {403, 422}
    assert (await first("POST", "people", {"name": "x", "role": "owner"})).status_code == 401
    assert (await first.sign_in("admin", "admin")).status_code == 401  # and there is no account from the start
    assert (await house.ask("GET", "people"))["people"] == []


async def test_the_code_makes_one_owner_once_and_not_for_long(house):
    code = (await house.ask("POST", "setup/code", {}))["code"]
    body = {"code": code, "name": "marie", "password": PASSWORD}
    house.engine.clock.at += 15 * 60
    assert (await house.browser()("POST", "setup", body)).status_code == 403
    body["code"] = (await house.ask("POST", "setup/code", {}))["code"]
    marie = house.browser()
    assert (await marie("POST", "setup", body)).status_code == 201
    me = (await marie("GET", "me")).json()
    assert (me["name"], me["role"], me["setup_needed"]) == ("marie", "owner", False)
    assert (await house.browser()("POST", "setup", {**body, "name": "thief"})).status_code == 403
    assert [one["name"] for one in (await house.ask("GET", "people"))["people"]] == ["marie"]


async def test_an_invitation_is_its_person_s(house):
    await house.person("marie", "owner", password=OTHERS)
    made = await house.ask("POST", "people", {"name": "anna", "role": "viewer", "scope": None})
    body = {"code": made["code"], "name": "marie", "password": PASSWORD}
    assert (await house.browser()("POST", "setup", body)).status_code == 403
    assert (await house.browser().sign_in("marie", OTHERS)).status_code == 201
    answer = await house.browser()("POST", "setup", {**body, "name": "ANNA"})
    assert (answer.status_code, answer.json()["name"], answer.json()["role"]) == (201, "anna", "viewer")
    assert (await house.browser()("POST", "setup", {**body, "name": "anna"})).status_code == 403


async def test_two_at_once_use_a_code_once(house):
    code = (await house.ask("POST", "setup/code", {}))["code"]
    bodies = [{"code": code, "name": f"owner{k}", "password": PASSWORD} for k in range(3)]
    answers = await asyncio.gather(*(house.browser()("POST", "setup", body) for body in bodies))
    assert sorted(answer.status_code for answer in answers) == [201, 403, 403]
    assert len((await house.ask("GET", "people"))["people"]) == 1


# --- sessions -------------------------------------------------------------------------------------------------------


async def test_a_session_cannot_be_foisted(house):
    """Fixation: the cookie that a browser comes with is never the one it leaves with."""
    await house.person("anna")
    victim = house.browser()
    victim.client.cookies.set("noonward", "chosen-by-somebody-else", domain="127.0.0.1")
    await victim.sign_in("anna")
    first = max(victim.client.cookies.jar, key=lambda one: len(one.value)).value
    assert first != "chosen-by-somebody-else"
    for secret in ("chosen-by-somebody-else", ""):
        stranger = house.browser(cookie=f"noonward={secret}")
        assert (await stranger("GET", "me")).json()["signed_in"] is False


async def test_signing_in_again_ends_the_session_before(house):
    anna = await house.person("anna")
    before = anna.cookie
    await anna.sign_in("anna")
    assert anna.cookie != before
    assert (await house.browser(cookie=f"noonward={before}")("GET", "me")).json()["signed_in"] is False
    assert len((await anna("GET", "sessions")).json()["sessions"]) == 1


async def test_the_cookie_is_kept_from_scripts_and_other_sites(house):
    await house.person("anna")
    answer = await house.browser().sign_in("anna")
    name, *parts = answer.headers["set-cookie"].split("; ")
    assert re.fullmatch(r"noonward=[\w-]{43}", name)
    assert {part.lower() for part in parts} == {"httponly", "samesite=strict", "path=/", "max-age=2592000"}


async def test_no_session_outlives_its_sign_out(house):
    anna = await house.person("anna")
    stolen = house.browser(cookie=f"noonward={anna.cookie}")
    assert (await stolen("GET", "me")).json()["name"] == "anna"
    assert (await anna("DELETE", "session")).status_code == 204
    assert (await stolen("GET", "me")).json()["signed_in"] is False
    assert (await stolen("PUT", SWITCH, {"on": True})).status_code == 401
    assert house.engine.inputs == {}


async def test_no_session_outlives_its_time(house):
    anna = await house.person("anna")
    house.engine.clock.at += sessions.IDLE_S
    assert (await anna("GET", "me")).json()["signed_in"] is False
    await anna.sign_in("anna")
    for _ in range(10):
        house.engine.clock.at += sessions.LASTS_S / 10 - 1
        assert (await anna("GET", "me")).json()["signed_in"] is True
    house.engine.clock.at += 10
    assert (await anna("GET", "me")).json()["signed_in"] is False


ENDINGS = {
    "own password": (lambda house, anna: anna("PUT", "me/password", {"old": PASSWORD, "new": "other words now"})),
    "locked": (lambda house, _: house.ask("PUT", "people/anna", {"locked": True})),
    "another role": (lambda house, _: house.ask("PUT", "people/anna", {"role": "viewer"})),
    "another scope": (lambda house, _: house.ask("PUT", "people/anna", {"scope": {"policies": ["pump"]}})),
    "deleted": (lambda house, _: house.ask("DELETE", "people/anna")),
    "ended": (lambda house, _: end_all(house)),
}


async def end_all(house):
    for one in (await house.ask("GET", "sessions"))["sessions"]:
        await house.ask("DELETE", f"sessions/{one['key']}")


@pytest.mark.parametrize("ending", ENDINGS.values(), ids=ENDINGS)
async def test_what_ends_a_session_ends_all_of_them_and_their_streams(house, ending):
    anna = await house.person("anna")
    elsewhere = house.browser()
    await elsewhere.sign_in("anna")

    async def listen():
        async with elsewhere.client.stream("GET", "/api/v1/events") as answer:
            listening.set_result(answer.status_code)
            async for _ in answer.aiter_bytes():
                pass

    listening = asyncio.get_running_loop().create_future()
    stream = asyncio.create_task(listen())
    assert await asyncio.wait_for(listening, 5) == 200
    await ending(house, anna)
    await asyncio.wait_for(stream, 5)
    assert (await elsewhere("GET", "me")).json()["signed_in"] is False
    assert (await elsewhere("PUT", SWITCH, {"on": True})).status_code == 401


async def test_a_password_is_changed_by_who_knows_it_only(house):
    anna = await house.person("anna")
    stolen = house.browser(cookie=f"noonward={anna.cookie}")
    answer = await stolen("PUT", "me/password", {"old": "a guess", "new": "the thief's own words"})
    assert answer.status_code == 403
    assert (await anna("GET", "me")).json()["signed_in"] is True
    bearer = {"authorization": f"Bearer {await house.token(role='owner')}"}
    answer = await house.browser(**bearer)("PUT", "me/password", {"old": PASSWORD, "new": "the thief's own words"})
    assert answer.status_code == 403
    for _ in range(3):
        await stolen("PUT", "me/password", {"old": "a guess", "new": "the thief's own words"})
    assert (await stolen("PUT", "me/password", {"old": PASSWORD, "new": "the thief's own words"})).status_code == 429


async def test_who_changes_the_password_stays_signed_in_alone(house):
    anna = await house.person("anna")
    before = anna.cookie
    assert (await anna("PUT", "me/password", {"old": PASSWORD, "new": "other words now"})).status_code == 200
    assert anna.cookie != before
    assert (await anna("GET", "me")).json()["name"] == "anna"
    assert (await house.browser().sign_in("anna")).status_code == 401
    assert (await house.browser().sign_in("anna", "other words now")).status_code == 201
    (noted,) = await house.audit(what="password changed")
    assert (noted["who"], noted["subject"], noted["before"], noted["after"]) == ("anna", "people/anna", None, None)


async def test_each_ends_their_own_sessions_only(house):
    anna, bob = await house.person("anna"), await house.person("bob")
    theirs = (await bob("GET", "sessions")).json()["sessions"]
    assert [one["name"] for one in theirs] == ["bob"]
    assert (await anna("DELETE", f"sessions/{theirs[0]['key']}")).status_code == 404
    assert (await bob("GET", "me")).json()["signed_in"] is True
    assert (await bob("DELETE", f"sessions/{theirs[0]['key']}")).status_code == 204
    assert (await bob("GET", "me")).json()["signed_in"] is False


# --- tokens ---------------------------------------------------------------------------------------------------------


async def test_a_token_is_over_when_it_is_over(house):
    secret = await house.token(role="resident", until="1 h")
    program = house.browser(authorization=f"Bearer {secret}")
    assert (await program("PUT", SWITCH, {"on": True})).status_code == 200
    house.engine.clock.at += 3600
    for method, path, body in (("PUT", SWITCH, {"on": False}), ("GET", "policies", None), ("GET", "events", None)):
        answer = await program(method, path, body)
        assert answer.status_code == 401
        assert "unknown, over, or was deleted" in answer.json()["detail"]
    assert house.engine.inputs["boiler"].switch_on is True
    assert {one["what"] for one in await house.audit(result="refused")} == {"switch", "look"}


async def test_a_deleted_token_is_over_at_once(house):
    secret = await house.token(role="resident")
    program = house.browser(authorization=f"Bearer {secret}")
    (key,) = [one["key"] for one in (await house.ask("GET", "tokens"))["tokens"]]
    await house.ask("DELETE", f"tokens/{key}")
    assert (await program("GET", "policies")).status_code == 401


@pytest.mark.parametrize("shown", ["Bearer nw_x", "Bearer", "bearer x y", "Bearer " + "x" * 4000])
async def test_what_is_no_token_is_nobody_even_where_visitors_may_look(house, shown):
    assert (await house.browser()("GET", "policies")).status_code == 200
    assert (await house.browser(authorization=shown)("GET", "policies")).status_code == 401


async def test_a_token_is_shown_once_and_never_again(house):
    secret = await house.token()
    for path in ("tokens", "audit", "people", "sessions"):
        answer = await house.control.get(f"/api/v1/{path}")
        assert secret[3:] not in answer.text


async def test_nobody_gives_a_token_more_than_they_have(house):
    anna = await house.person("anna", "resident", ["boiler"])
    for more in (
        {"role": "owner"},
        {"role": "resident"},
        {"role": "resident", "scope": {"policies": ["boiler", "pump"]}},
        {"role": "resident", "scope": {"policies": ["boiler"]}, "modes": True},
    ):
        assert (await anna("POST", "tokens", {"name": "x", **more})).status_code == 403
    body = {"name": "x", "role": "resident", "scope": {"policies": ["boiler"]}}
    made = (await anna("POST", "tokens", body)).json()
    program = house.browser(authorization=f"Bearer {made['token']}")
    assert (await program("PUT", SWITCH, {"on": True})).status_code == 200
    assert (await program("POST", "tokens", body)).status_code == 403
    await house.ask("PUT", "people/anna", {"role": "viewer"})
    assert (await program("PUT", SWITCH, {"on": False})).status_code == 401


async def test_each_deletes_their_own_tokens_only(house):
    anna, bob = await house.person("anna"), await house.person("bob")
    made = (await anna("POST", "tokens", {"name": "x", "role": "viewer"})).json()
    assert (await bob("GET", "tokens")).json() == {"tokens": []}
    assert (await bob("DELETE", f"tokens/{made['key']}")).status_code == 404
    assert (await anna("DELETE", f"tokens/{made['key']}")).status_code == 204


async def test_a_token_of_the_gateway_is_nobody_s_whatever_it_is_called(house):
    anna = await house.person("anna")
    made = (await anna("POST", "tokens", {"name": "x", "role": "viewer"})).json()
    (session,) = (await anna("GET", "sessions")).json()["sessions"]
    namesake = house.browser(authorization=f"Bearer {await house.token('anna', role='resident')}")
    assert (await namesake("GET", "sessions")).json() == {"sessions": []}
    assert (await namesake("GET", "tokens")).json() == {"tokens": []}
    assert (await namesake("DELETE", f"sessions/{session['key']}")).status_code == 404
    assert (await namesake("DELETE", f"tokens/{made['key']}")).status_code == 404
    assert (await namesake("POST", "tokens", {"name": "x", "role": "viewer"})).status_code == 403


async def test_no_secret_is_in_the_audit_log_or_on_the_line(house, caplog):
    caplog.set_level(0)
    anna = await house.person("anna")
    secret = await house.token()
    await house.browser().sign_in("anna", "a wrong one, but close")
    await anna("PUT", "me/password", {"old": PASSWORD, "new": "other words now"})
    said = "".join(record.getMessage() for record in caplog.records if record.name.startswith(("noonward", "uvicorn")))
    assert "anna from 127.0.0.1: password changed" in said
    told = str(await house.audit()) + said
    for private in (PASSWORD, "other words now", "a wrong one, but close", secret, anna.cookie):
        assert private not in told
