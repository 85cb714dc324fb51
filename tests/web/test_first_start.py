"""The real daemon, from its first start on: the code in its log, the owner, a restart, a broken file, a set that reloads."""

import re
import signal
import stat
import time
from contextlib import ExitStack

import httpx
import pytest

from support.daemon import daemon, noonward

SITE = """\
kind: site/v1
name: house-12
timezone: Europe/Zurich
grid: {phases: 3, fuse: 35 A, meter: grid-meter}
devices:
  grid-meter: {driver: memory, meter: grid}
  plug: {driver: memory, relays: {relay-1: {power: 2 kW}}}
"""
BOILER = """\
kind: appliance/v1
name: boiler
mode: manual
load: {power: 2 kW}
relays: [plug/relay-1]
"""
PASSWORD = "drei Wolken Lampe"  # noqa: S105 - of people who live in a test


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "site.yaml").write_text(SITE)
    (tmp_path / "site" / "boiler.yaml").write_text(BOILER)
    return tmp_path / "site"


def code_in(running):
    """Return the one-time code of the log, None where it says there is an owner by asking for none."""
    for line in running.process.stderr:
        running.log.append(line)
        if found := re.search(r"event=setup-code .*enter ([0-9A-Z-]{19}) at http", line):
            return found[1]
        if "event=decision" in line:
            return None
    raise AssertionError("".join(running.log))


@pytest.fixture
def at():
    """Make browsers: ``at(running, header=value)``."""
    with ExitStack() as stack:

        def browser(running, **headers):
            here = {"origin": running.url.rstrip("/"), **headers}
            return stack.enter_context(httpx.Client(base_url=running.url, headers=here))

        yield browser


def test_the_owner_comes_by_the_log_and_stays(folder, tmp_path, at):
    state = tmp_path / "state"
    with daemon(folder, state) as running:
        code = code_in(running)
        owner = at(running)
        body = {"code": code.lower(), "name": "marie", "password": PASSWORD}
        assert owner.post("/api/v1/setup", json=body).status_code == 201
        assert owner.get("/api/v1/me").json()["role"] == "owner"
        switched = owner.put("/api/v1/policies/boiler/switch", json={"on": True})
        assert switched.json()["switch"] == {"on": True}
        assert stat.S_IMODE((state / "access.db").stat().st_mode) == 0o600
        assert running.stop() == 0
    log = "".join(running.log)
    assert "event=audit result=done how=visitor entry=1" in log
    assert PASSWORD not in log
    cookie = owner.cookies["noonward"]
    assert cookie not in log
    with daemon(folder, state) as running:
        assert code_in(running) is None
        owner = at(running, cookie=f"noonward={cookie}")
        assert owner.get("/api/v1/me").json()["name"] == "marie"
        told = noonward("auth", "audit", state=state).stdout
        assert re.search(r'marie \(session, 127\.0\.0\.1\)  switch policies/boiler: - -> \{"switch_on":true\}', told)
        assert running.stop() == 0


def test_a_broken_file_opens_nothing(folder, tmp_path, at):
    state = tmp_path / "state"
    with daemon(folder, state) as running:
        owner = at(running)
        owner.post("/api/v1/setup", json={"code": code_in(running), "name": "marie", "password": PASSWORD})
        assert running.stop() == 0
    (state / "access.db").write_bytes(b"not a database" * 500)
    with daemon(folder, state) as running:
        assert code_in(running) is not None
        log = "".join(running.log)
        assert "<3>event=access" in log
        assert "could not be read" in log
        stale = at(running, cookie=f"noonward={owner.cookies['noonward']}")
        assert stale.get("/api/v1/me").json()["signed_in"] is False
        assert stale.put("/api/v1/policies/boiler/switch", json={"on": True}).status_code == 401
        again = {"name": "marie", "password": PASSWORD}
        assert at(running).post("/api/v1/session", json=again).status_code == 401
        assert noonward("switch", "boiler", "on", state=state).returncode == 0  # who has the machine has the switch
        assert running.stop() == 0
    assert len(list(state.glob("access.db.aside-*"))) == 1


def test_where_nothing_can_be_kept_nobody_signs_in(folder, tmp_path, at):
    state = tmp_path / "state"
    (state / "access.db").mkdir(parents=True)
    with daemon(folder, state) as running:
        assert code_in(running) is None
        assert "Nobody can sign in" in "".join(running.log)
        answer = at(running).post("/api/v1/session", json={"name": "marie", "password": PASSWORD})
        assert answer.status_code == 503
        token = at(running, authorization="Bearer nw_x")
        assert token.get("/api/v1/policies").status_code == 503
        assert at(running).get("/api/v1/policies").status_code == 200  # visitors still look, on loopback
        assert noonward("switch", "boiler", "on", state=state).returncode == 0
        assert running.stop() == 0
    assert "the audit log cannot be written" in "".join(running.log)


def test_who_may_come_in_follows_the_folder(folder, tmp_path, at):
    with daemon(folder, tmp_path / "state") as running:
        code_in(running)
        named = at(running, host="solar.example.org", origin="http://solar.example.org")
        assert named.get("/api/v1/policies").status_code == 421
        (folder / "site.yaml").write_text(SITE + "http: {names: [solar.example.org], visitors: none}\n")
        running.process.send_signal(signal.SIGHUP)
        end = time.monotonic() + 30
        while named.get("/healthz").status_code != 200 and time.monotonic() < end:
            time.sleep(0.05)
        assert named.get("/healthz").status_code == 200
        assert named.get("/api/v1/policies").status_code == 401
        assert running.stop() == 0
