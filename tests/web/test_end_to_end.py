"""The real daemon on the example site, over its port and its socket."""

import json
import shutil
import signal
import threading
import time

import httpx
import pytest

from support.daemon import POLICIES, daemon, noonward


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    folder = tmp_path_factory.mktemp("house")
    shutil.copytree(POLICIES, folder / "policies")
    with daemon(folder / "policies", folder / "state") as running:
        running.state = folder / "state"
        running.folder = folder / "policies"
        eventually(lambda: httpx.get(f"{running.url}readyz").status_code == 200)
        yield running


def eventually(claim, within_s=60.0):
    end = time.monotonic() + within_s
    while time.monotonic() < end:
        if found := claim():
            return found
        time.sleep(0.05)
    raise AssertionError("it did not come true")


def policy(place, name):
    return httpx.get(f"{place.url}api/v1/policies/{name}").json()


def test_every_policy_is_decided_and_says_why(place):
    found = httpx.get(f"{place.url}api/v1/policies").json()["policies"]
    assert [one["name"] for one in found] == ["garage", "heat-pump", "boiler-cellar", "boiler-3ph", "laundry", "pump"]
    for one in found:
        assert one["state"] is not None
        assert one["sentence"].endswith(".")
        assert one["line"] > 0


def test_the_switch_reaches_the_relay_and_back(place):
    on = noonward("switch", "pump", "on", state=place.state)
    assert on.stdout == "pump: On: somebody switched it on.\n"
    relay = eventually(lambda: next((r for r in policy(place, "pump")["relays"] if r["confirmed"]), None))
    assert (relay["commanded"], relay["closed"]) == (True, True)
    assert policy(place, "pump")["min_on_until"]
    off = noonward("switch", "pump", "off", state=place.state)
    assert off.stdout == "pump: Off: its switch is off.\n"  # a manual off ends min-on
    eventually(
        lambda: policy(place, "pump")["relays"][0]["confirmed"] and not policy(place, "pump")["relays"][0]["closed"]
    )
    codes = [one["code"] for one in httpx.get(f"{place.url}api/v1/decisions?policy=pump").json()["decisions"]]
    assert codes[:2] == ["switch-off", "switch-on"]


def station(place, name):
    return httpx.get(f"{place.url}api/v1/stations/{name}").json()


def test_a_zone_and_its_stations_are_alive(place):
    names = [one["station"] for one in httpx.get(f"{place.url}api/v1/stations").json()["stations"]]
    assert names == ["cp-01", "cp-02", "cp-03"]
    for name in names:
        one = eventually(lambda name=name: (found := station(place, name))["online"] and found)
        assert one["state"] in {"absent", "paused", "detecting", "offered", "charging", "satisfied"}
        assert one["why"]["sentence"] == one["sentence"]
        assert f'id="station-{name}"' in httpx.get(f"{place.url}status").text


def test_charge_now_and_a_need_come_and_go(place):
    told = noonward("charge-now", "cp-01", "--until", "10kWh", state=place.state)
    assert "charge now for 10 kWh" in told.stdout
    assert station(place, "cp-01")["charge_now"]["energy_kwh"] == 10
    told = noonward("need", "cp-02", "--energy", "5 kWh", "--departure", "8h", state=place.state)
    assert "needs 5 kWh by" in told.stdout
    assert station(place, "cp-02")["need"]["energy_kwh"] == 5
    noonward("charge-now", "cp-01", "clear", state=place.state)
    noonward("need", "cp-02", "clear", state=place.state)
    assert station(place, "cp-01")["charge_now"] is station(place, "cp-02")["need"] is None


def test_charge_now_is_refused_where_the_zone_is_off(place):
    noonward("override", "garage", "always-off", state=place.state)
    answer = noonward("charge-now", "cp-01", state=place.state, check=False)
    assert answer.returncode == 2
    assert "always-off" in answer.stderr
    assert policy(place, "garage")["sentence"] == "Off: its mode is always-off."
    noonward("override", "garage", "clear", state=place.state)
    answer = noonward("charge-now", "garage", state=place.state, check=False)
    assert "there are cp-01, cp-02, cp-03" in answer.stderr


def test_status_shows_what_the_api_says(place):
    lines = noonward("status", state=place.state).stdout.splitlines()
    assert lines[0].startswith("house-12, ")
    assert [line.split()[0] for line in lines if line.startswith("  cp-")] == ["cp-01", "cp-02", "cp-03"]
    for name in ("garage", "heat-pump", "boiler-cellar", "boiler-3ph", "laundry", "pump"):
        row = next(line for line in lines if line.startswith(name))
        assert policy(place, name)["mode"] in row


def test_an_override_is_told_to_who_listens(place):
    with httpx.stream("GET", f"{place.url}api/v1/events") as answer:
        lines = answer.iter_lines()
        assert "event: site" in lines
        noonward("override", "laundry", "always-off", "--until", "1 h", "--reason", "broken", state=place.state)
        told = next(line for line in lines if line.startswith("data:") and '"reason":"broken"' in line)
    assert '"name":"laundry"' in told
    assert noonward("override", "laundry", "clear", state=place.state).returncode == 0
    assert policy(place, "laundry")["override"] is None


def test_a_no_is_an_exit_code_and_a_sentence(place):
    answer = noonward("switch", "laundry", "on", state=place.state, check=False)
    assert answer.returncode == 2
    assert answer.stderr.startswith("noonward: ")
    assert "timer" in answer.stderr
    elsewhere = noonward("status", state=place.state / "elsewhere", check=False)
    assert elsewhere.returncode == 1
    assert "no daemon runs" in elsewhere.stderr


def test_a_visitor_sets_nothing(place):
    answer = httpx.put(f"{place.url}api/v1/policies/pump/switch", json={"on": True})
    assert answer.status_code == 401
    assert httpx.get(place.url, headers={"host": "evil.test"}).status_code == 421
    assert policy(place, "pump")["switch"] == {"on": False}


def test_a_broken_edit_is_on_the_page_and_goes_when_it_is_mended(place):
    file = place.folder / "pump.yaml"
    good = file.read_text()
    file.write_text(good.replace("manual", "mannual"))
    place.process.send_signal(signal.SIGHUP)
    eventually(lambda: "mannual is not one of" in httpx.get(f"{place.url}status").text)
    file.write_text(good)
    place.process.send_signal(signal.SIGHUP)
    eventually(lambda: "mannual" not in httpx.get(f"{place.url}status").text)


def test_it_ends_at_once_though_somebody_listens_and_keeps_the_switch(tmp_path):
    folder, state = POLICIES, tmp_path / "state"
    with daemon(folder, state) as first:
        eventually(lambda: httpx.get(f"{first.url}readyz").status_code == 200)
        noonward("switch", "pump", "on", state=state)
        opened = threading.Event()

        def listen():
            with httpx.stream("GET", f"{first.url}api/v1/events") as answer:
                for _ in answer.iter_lines():
                    opened.set()

        listener = threading.Thread(target=listen)
        listener.start()
        assert opened.wait(30)
        begun = time.monotonic()
        assert first.stop() == 0
        assert time.monotonic() - begun < 15, "who listens is not waited for"
        listener.join(30)
        assert not listener.is_alive()
        assert not (state / "control.sock").exists()
    with daemon(folder, state) as second:
        eventually(lambda: httpx.get(f"{second.url}readyz").status_code == 200)
        assert policy(second, "pump")["switch"] == {"on": True}
        second.process.kill()  # leaves its socket behind
        second.process.wait(30)
    with daemon(folder, state) as third:
        eventually(lambda: httpx.get(f"{third.url}readyz").status_code == 200)
        assert "pump" in noonward("status", state=state).stdout


def events_of(lines):
    """Yield the name, the number and the data of each event."""
    fields = {}
    for line in lines:
        if line:
            name, _, value = line.partition(": ")
            fields[name] = value
        elif "event" in fields:
            yield fields["event"], fields["id"], json.loads(fields["data"])
            fields = {}


def test_a_stream_ends_with_the_daemon_and_begins_anew_with_the_next(tmp_path):
    shutil.copytree(POLICIES, tmp_path / "policies")
    begun = []
    for _ in range(2):
        with daemon(tmp_path / "policies", tmp_path / "state") as running:
            eventually(lambda url=running.url: httpx.get(f"{url}readyz").status_code == 200)
            with httpx.stream("GET", f"{running.url}api/v1/events", timeout=20) as stream:
                told = events_of(stream.iter_lines())
                begun.append([next(told) for _ in range(3)])
                running.process.send_signal(signal.SIGTERM)
                assert [name for name, _, _ in told][-1] == "stopping"
            assert running.stop() == 0
    first, second = begun
    assert [name for name, _, _ in first] == [name for name, _, _ in second] == ["policies", "site", "notices"]
    assert [len(told[0][2]["policies"]) for told in begun] == [6, 6]
    assert not {number for _, number, _ in first} & {number for _, number, _ in second}
