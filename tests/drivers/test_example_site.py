"""The example site: its house lives, its policies run on it, and a newcomer's editor understands the files."""

from __future__ import annotations

import re
from importlib.metadata import entry_points
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from noonward.core.model import Observation, Reading, ReasonCode, RelayState, SetLimit, State
from noonward.core.step import step
from noonward.policy.load import load
from support.dict_memory import DictMemory
from support.hand_clock import HandClock

POLICIES = Path(__file__).parents[2] / "policies"
TICK_S = 5.0


class Gateway:
    """The smallest daemon there can be: it observes, steps and acts, every five seconds of a clock moved by hand."""

    def __init__(self):
        self.clock, self.state, self.devices = HandClock(), State(), {}
        self.loaded = load(POLICIES)
        self.stations = {}
        self.seen, self.cars = set(), set()
        self.worst_a = self.lasting_a = 0.0
        self.before_a = [0.0, 0.0, 0.0]
        self.clicks = 0

    async def open(self):
        drivers = {point.name: point for point in entry_points(group="noonward.drivers")}
        for entry in self.loaded.devices:
            driver = drivers[entry.driver].load()
            self.devices[entry.name] = await driver.open(entry.name, entry.config, self.clock, DictMemory())
            self.stations |= self.devices[entry.name].stations

    async def close(self):
        for device in self.devices.values():
            await device.close()

    def channel(self, kind, reference):
        device, _, name = reference.partition("/")
        channels = getattr(self.devices[device], kind)
        return channels[name or "meter"]

    async def observe(self):
        now, loaded = self.clock.now(), self.loaded
        grid = await self.channel("meters", loaded.signals["grid"].channel).read()
        currents = tuple(Reading(grid[f"current_l{k}_a"], now) for k in (1, 2, 3))
        self.worst_a = max(self.worst_a, *(reading.value for reading in currents))
        for k, reading in enumerate(currents):
            self.lasting_a = max(self.lasting_a, min(reading.value, self.before_a[k]))
            self.before_a[k] = reading.value
        draws = {
            policy: Reading((await self.channel("meters", signal.channel).read())["power_w"], now)
            for policy, signal in loaded.load_meters.items()
        }
        relays = {relay: RelayState(await self.channel("relays", relay).read(), now) for relay in loaded.site.relays}
        dim = await self.channel("inputs", loaded.signals["dim"].channel).read()
        return Observation(
            grid_w=Reading(grid["power_w"], now),
            grid_a=currents,
            draws_w=draws,
            relays=relays,
            stations={name: self.stations[name].seen() for name in loaded.site.stations},
            dim=dim,
        )

    async def run(self, seconds):
        for _ in range(int(seconds / TICK_S)):
            outcome = step(self.loaded.site, self.state, await self.observe(), self.clock.now())
            self.state = outcome.state
            for command in outcome.commands:
                if isinstance(command, SetLimit):
                    await self.stations[command.station].limit(command)
                    continue
                relay = self.channel("relays", command.relay)
                self.clicks += await relay.read() != command.closed
                await relay.set(command.closed, valid_for_s=command.valid_for_s)
            self.cars |= {
                (one.station, one.state, one.phases if one.state == "charging" else None, one.why.code)
                for decision in outcome.decisions
                for one in decision.stations
            }
            self.seen |= {(decision.policy, decision.wanted, decision.code) for decision in outcome.decisions}
            await self.clock.sleep(TICK_S)


@pytest.fixture
async def gateway():
    made = Gateway()
    await made.open()
    yield made
    await made.close()


async def test_the_sun_moves_the_loads_and_the_fuse_holds(gateway):
    await gateway.run(14 * 3600.0)  # seven short days: cars come first, and some leave the big boiler its sun
    on = {(policy, code) for policy, wanted, code in gateway.seen if wanted != "off"}
    assert {("boiler-cellar", ReasonCode.SURPLUS), ("heat-pump", ReasonCode.SURPLUS)} <= on
    assert ("boiler-3ph", ReasonCode.SURPLUS) in on
    assert ("laundry", ReasonCode.TIMER) in on, "it is Monday, and noon comes in the first hours"
    assert not any(policy == "pump" for policy, _ in on)
    assert gateway.lasting_a < 35.0, (
        "cars are filled up to the fuse; what the house adds is given back at the next look"
    )
    assert gateway.worst_a < 35.0 * 1.13, "a breaker carries 1.13 times its rating for an hour (IEC 60898-1)"
    assert ("garage", ReasonCode.SURPLUS) in on
    charging = {(name, phases, why) for name, state, phases, why in gateway.cars if state == "charging"}
    assert {("cp-01", 3, ReasonCode.SURPLUS), ("cp-02", 1, ReasonCode.SURPLUS)} <= charging
    assert ("cp-03", 3, ReasonCode.CHARGE_NOW) in charging, "its driver never waits for the sun"
    states = {(name, state) for name, state, _, _ in gateway.cars}
    assert {(name, state) for name in gateway.stations for state in ("absent", "detecting", "charging")} <= states
    assert ("cp-03", "satisfied") in states
    assert not {state for _, state in states} & {"unknown", "asleep", "needs-driver"}
    assert 4 <= gateway.clicks <= 60


async def test_when_the_gateway_dies_the_house_lets_go_of_its_loads(gateway):
    """Edge case 63."""
    relays = [gateway.channel("relays", relay) for relay in gateway.loaded.site.relays]
    while not any([await relay.read() for relay in relays]):
        await gateway.run(60.0)
    await gateway.run(600.0)
    assert any([await relay.read() for relay in relays]), "while the gateway lives, leases are renewed"
    await gateway.clock.sleep(121.0)
    assert not any([await relay.read() for relay in relays])


@pytest.mark.parametrize("file", sorted(path.name for path in POLICIES.glob("*.yaml")))
def test_an_editor_finds_the_schema_of_every_file(file):
    first = (POLICIES / file).read_text(encoding="utf-8").splitlines()[0]
    modeline = "# yaml-language-server: $schema="
    assert first.startswith(modeline)
    assert (POLICIES / first.removeprefix(modeline)).resolve().is_file()


def test_the_real_devices_in_its_comments_are_entries_too():
    """What a newcomer will copy must work."""
    text = (POLICIES / "site.yaml").read_text(encoding="utf-8")
    commented = re.findall(r"^  # ([\w-]+): (\{driver: .*\})$", text, re.MULTILINE)
    drivers = {point.name: point for point in entry_points(group="noonward.drivers")}
    assert {"modbus", "ocpp", "shelly"} == {YAML(typ="safe").load(entry)["driver"] for _, entry in commented}
    for name, entry in commented:
        config = YAML(typ="safe").load(entry)
        channels = drivers[config.pop("driver")].load().describe(config)
        assert isinstance(channels, tuple), channels
        assert name != "cellar" or {"relay-1", "relay-2", "relay-3", "relay-4"} <= {c.name for c in channels}


def test_the_files_pass_every_check_without_a_warning():
    assert [str(problem) for problem in load(POLICIES).warnings if getattr(problem, "severity", "") != "info"] == []
