"""Hot reload: the whole set or nothing, between two steps, with timers and min-on kept."""

import asyncio
import os

import pytest

from noonward.daemon.reload import fingerprint, watch
from noonward.lab.replay import replay
from support.clock import LeapClock
from support.house import BOILER, PUMP, SITE, advance, running, write

MIN = 60.0


async def on(house, daemon):
    house.pv_w = 6000.0
    await house.clock.run(3 * MIN)
    assert daemon.state.machines["boiler"].state == "on"


async def reload(house, daemon):
    await advance(house.clock, daemon.reload())
    await house.clock.run(1.0)


async def test_an_edited_policy_takes_over_and_keeps_its_min_on(house, folder, state):
    """Edge cases 43 and 59."""
    async with running(house, folder, state) as daemon:
        await on(house, daemon)
        on_since = daemon.state.machines["boiler"].on_since
        opened = list(house.opened)
        write(folder, boiler=BOILER.replace("min_on: 20 min", "min_on: 30 min"))
        house.pv_w = 0.0
        await reload(house, daemon)
        assert daemon.loaded.site.appliances[0].min_on_s == 1800.0
        assert daemon.state.machines["boiler"].on_since == on_since
        assert house.opened == opened, "devices whose entries did not change stay open"
        await house.clock.run(24 * MIN)
        assert house.relays["cellar/relay-1"].closed
        await house.clock.run(10 * MIN)
        assert not house.relays["cellar/relay-1"].closed
        assert len(house.relays["cellar/relay-1"].clicks) == 2
    assert replay(state / "journal").difference is None


@pytest.mark.parametrize(
    ("name", "text", "what"),
    [
        ("boiler", BOILER.replace("min_on", "min_onn"), "min_onn"),
        ("boiler", BOILER.replace("cellar/relay-1", "cellar/relay-9"), "relay-9"),
        ("pump", "kind: [", "pump.yaml"),
        ("site", SITE.replace("grid:", "grit:"), "grit"),
    ],
)
async def test_a_set_that_does_not_load_whole_never_replaces_the_running_one(
    house, folder, state, said, name, text, what
):
    """Edge cases 65 and 66."""
    async with running(house, folder, state) as daemon:
        await on(house, daemon)
        before = daemon.loaded
        write(folder, **{"boiler": BOILER.replace("20 min", "5 min"), name: text})
        await reload(house, daemon)
        assert daemon.loaded is before
        assert len(daemon.problems) >= 1
        assert len(said("reload-refused")) == 1
        assert what in said("reload-refused")[0]
        await house.clock.run(10 * MIN)
        assert house.relays["cellar/relay-1"].closed
        write(folder)
        await reload(house, daemon)
        assert daemon.problems == ()


async def test_a_renamed_policy_keeps_run_switch_and_override(house, folder, state):
    async with running(house, folder, state) as daemon:
        await on(house, daemon)
        await daemon.set_switch("pump", True, by="anna")
        await house.clock.run(5.0)
        on_since = daemon.state.machines["boiler"].on_since
        write(
            folder,
            boiler=BOILER.replace("name: boiler", "name: tank\nrenamed_from: boiler"),
            pump=PUMP.replace("name: pump", "name: well\nrenamed_from: pump"),
        )
        await reload(house, daemon)
        assert daemon.state.machines["tank"].on_since == on_since
        assert daemon.inputs["well"].switch_on
        assert "pump" not in daemon.inputs
        assert [len(relay.clicks) for relay in house.relays.values() if relay.clicks] == [1, 1]
    async with running(house, folder, state) as daemon:
        assert daemon.inputs["well"].switch_on


async def test_a_relay_whose_policy_is_gone_is_opened(house, folder, state, said):
    async with running(house, folder, state) as daemon:
        await on(house, daemon)
        (folder / "boiler.yaml").unlink()
        await reload(house, daemon)
        assert not house.relays["cellar/relay-1"].closed
        assert "boiler" not in daemon.state.machines
        assert len(said("release")) == 1


async def test_a_relay_whose_policy_went_while_the_daemon_was_down_is_opened_at_start(house, folder, state):
    async with running(house, folder, state) as daemon:
        await on(house, daemon)
    (folder / "boiler.yaml").unlink()
    async with running(house, folder, state):
        assert not house.relays["cellar/relay-1"].closed


async def test_devices_come_go_and_change_while_the_rest_stays_open(house, folder, state):
    async with running(house, folder, state) as daemon:
        await on(house, daemon)
        house.opened.clear()
        write(
            folder,
            site=SITE.replace("relay-2: {power: 1 kW}}}", "relay-2: {power: 2 kW}}}").replace("  attic:", "  loft:"),
            pump=PUMP.replace("attic", "loft"),
        )
        await reload(house, daemon)
        assert sorted(house.opened) == ["-attic", "-cellar", "cellar", "loft"]
        assert {(s.device, s.ok) for s in daemon.devices} == {
            ("cellar", True),
            ("loft", True),
            ("grid-meter", True),
            ("inverter", True),
        }
        assert house.relays["cellar/relay-1"].closed
        await daemon.set_switch("pump", True, by="anna")
        await house.clock.run(1.0)
        assert house.relays["loft/relay-1"].closed


async def test_a_device_that_cannot_be_opened_refuses_the_whole_reload(house, folder, state, said):
    async with running(house, folder, state) as daemon:
        await on(house, daemon)
        before = daemon.loaded
        house.refuses.add("loft")
        write(folder, site=SITE.replace("  attic:", "  loft:"), pump=PUMP.replace("attic", "loft"))
        await reload(house, daemon)
        assert daemon.loaded is before
        assert "loft" in said("reload-refused")[0]
        await daemon.set_switch("pump", True, by="anna")
        await house.clock.run(30.0)
        assert house.relays["attic/relay-1"].closed
        assert daemon.observation.grid_w.at >= house.clock.now() - 5.0, "meters are read on"


async def test_a_bug_in_the_loader_does_not_end_the_daemon(house, folder, state, said):
    async with running(house, folder, state) as daemon:
        await on(house, daemon)

        async def broken(_):
            raise RecursionError("too deep")

        daemon._load = broken
        await reload(house, daemon)
        assert len(said("reload-refused")) == 1
        assert daemon.problems
        await house.clock.run(30.0)
        assert daemon.observation.grid_w.at >= house.clock.now() - 5.0


async def test_another_meter_is_read_and_what_the_old_one_said_is_not_kept(house, folder, state):
    async with running(house, folder, state) as daemon:
        await on(house, daemon)
        write(folder, site=SITE.replace("pv: {peak: 8 kWp, meter: inverter, every: 5 s}", "pv: {peak: 8 kWp}"))
        await reload(house, daemon)
        assert daemon.observation.pv_w is None
        assert daemon.observation.grid_w is not None


async def test_touching_a_file_without_changing_it_changes_nothing(house, folder, state, said):
    async with running(house, folder, state) as daemon:
        before = daemon.loaded
        os.utime(folder / "boiler.yaml", ns=(1, 1))
        await reload(house, daemon)
        assert daemon.loaded is before
        assert said("reload") == ["nothing changed in the folder"]


def test_the_fingerprint_sees_edits_new_and_vanished_files_and_nothing_else(tmp_path):
    folder = write(tmp_path / "p")
    first = fingerprint(folder)
    (folder / "notes.txt").write_text("not ours")
    (folder / ".git").mkdir()
    (folder / ".git" / "x.yaml").write_text("a: 1")
    assert fingerprint(folder) == first
    (folder / "templates").mkdir()
    (folder / "templates" / "t.yaml").write_text("a: 1")
    second = fingerprint(folder)
    assert second != first
    os.utime(folder / "boiler.yaml", ns=(1, 1))
    assert fingerprint(folder) != second
    (folder / "templates" / "t.yaml").unlink()
    assert len(fingerprint(folder)) == len(first)
    assert fingerprint(tmp_path / "gone") == ()


async def test_the_watcher_waits_until_an_edit_is_over_and_obeys_sighup_at_once(tmp_path):
    folder, clock, asked, calls = write(tmp_path / "p"), LeapClock(), asyncio.Event(), []

    async def changed():
        calls.append(clock.monotonic() - 1000.0)

    task = asyncio.ensure_future(watch(folder, clock, asked, changed))
    await clock.run(10.0)
    assert calls == []
    (folder / "boiler.yaml").write_text("half")
    await clock.run(2.0)
    (folder / "boiler.yaml").write_text("half and half")
    await clock.run(2.0)
    assert calls == [], "still being written"
    await clock.run(2.0)
    assert calls == [16.0]
    await clock.run(10.0)
    assert calls == [16.0]
    asked.set()
    await clock.run(0.1)
    assert calls == [16.0, 26.0]
    task.cancel()
