"""``noonward run`` with stations of another make (ocpp-rpc, strict schemas on), each with something that real ones do."""

from __future__ import annotations

import pytest

from support.garage import FastClock, Gateway, NodeCar, free_port

pytestmark = [pytest.mark.peer, pytest.mark.timeout(180)]

SITE = """\
kind: site/v1
name: garage-house
timezone: UTC
grid: {{meter: grid-meter, every: 5 s}}
stagger: 0 s
devices:
  grid-meter: {{driver: memory, meter: grid}}
  charging:
    driver: ocpp
    listen: "127.0.0.1:{port}"
    accept: {accept}
    stations: {stations}
"""

ZONE = """\
kind: ev-zone/v1
name: garage
mode: {mode}
stations: [{stations}]
phases: auto
limits: {{max_power: 200 kW, min_current: 6 A}}
"""

KINDS = {  # what its entry says, what the station and the car are like, on how many phases the car charges
    "three": ("{window: 1 min}", {}, 3),
    "one": ("{phases: 3}", {"phases": 1}, 1),
    "two-oh-one": ('{versions: ["2.0.1"], window: 1 min}', {"protocol": "ocpp2.0.1", "phases": 1}, 1),
    "power-only": ("{}", {"meter": "power", "phases": 1}, 1),
    "energy-only": ("{}", {"meter": "energy", "phases": 1}, 1),
    "watts-only": ("{}", {"unit": "Power", "meter": "power", "phases": 1}, 1),
    "stubborn": ("{}", {"phases": 1, "fixed": 10}, 1),
}
LIAR = {"liar": ("{max_current: 10 A}", {"ignores": True}, 3)}
WHOLE_A = 16.0


def garage(folder, port, kinds, mode="always-on", accept="anyone"):
    folder.mkdir()
    entries = "{" + ", ".join(f"{kind}: {(KINDS | LIAR)[kind][0]}" for kind in kinds) + "}"
    (folder / "site.yaml").write_text(SITE.format(port=port, stations=entries, accept=accept))
    (folder / "garage.yaml").write_text(ZONE.format(mode=mode, stations=", ".join(kinds)))
    return folder


class Stage:
    """A gateway and its stations, on a clock that runs faster."""

    def __init__(self, tmp_path, kinds, factor=20.0, mode="always-on", accept="anyone", **more):
        self.clock, port = FastClock(factor), free_port()
        self.place = garage(tmp_path / "site", port, kinds, mode, accept)
        self.gateway = Gateway(self.place, tmp_path / "state", self.clock)
        url = f"ws://127.0.0.1:{port}/ocpp"
        self.cars = {kind: NodeCar(url, kind, self.clock, **{**(KINDS | LIAR)[kind][1], **more}) for kind in kinds}

    def __enter__(self):
        assert self.gateway.ready(), self.gateway.lines
        for car in self.cars.values():
            assert car.until(lambda car: car.said("ready")), car.lines
            # its safe limit stands; on this clock the seconds before it are minutes
            assert car.until(lambda car: car.got("SetChargingProfile")), car.lines
        return self

    def __exit__(self, *_):
        for car in self.cars.values():
            car.__exit__()
        self.gateway.__exit__()

    def shown(self, station):
        """What the gateway says of a station."""
        return next(one for one in self.gateway.zone("garage")["stations"] if one["station"] == station)


def test_stations_of_all_kinds_charge(tmp_path):
    """Acceptance tests 10, 11, 12 and 13. Edge cases 30, 31 and 37: by phases, by power, by energy alone, in watts, or not at all."""
    with Stage(tmp_path, KINDS) as stage:
        for car in stage.cars.values():
            car.tell("plug")
        for kind, car in stage.cars.items():
            phases, amperes = KINDS[kind][2], KINDS[kind][1].get("fixed", WHOLE_A)
            whole_w = amperes * phases * 230.0
            assert car.until(lambda car, whole_w=whole_w: car.now["w"] == pytest.approx(whole_w)), (kind, car.now)
            assert stage.gateway.until(lambda kind=kind, phases=phases: stage.shown(kind)["phases"] == phases), (
                stage.shown(kind)
            )
            assert stage.gateway.until(lambda kind=kind: stage.shown(kind)["state"] == "charging"), stage.shown(kind)
        for car in stage.cars.values():
            car.tell("unplug")
        for kind, car in stage.cars.items():
            assert stage.gateway.until(lambda kind=kind: stage.shown(kind)["state"] == "absent"), stage.shown(kind)
            assert car.kept_to_the_floor(), kind
            assert not car.said("invalid"), car.said("invalid")
            assert not car.said("failed"), car.said("failed")
        assert not [line for line in stage.gateway.lines if "Traceback" in line]


def test_a_station_that_accepts_and_ignores_is_told_on(tmp_path):
    """Acceptance test 7. Edge case 36: it is held to what it draws, told again in other ways, and shown."""
    with Stage(tmp_path, LIAR) as stage:
        car = stage.cars["liar"]
        car.tell("plug")
        assert stage.gateway.until(lambda: "does not obey" in stage.shown("liar")["sentence"]), stage.shown("liar")
        assert stage.gateway.until(lambda: stage.shown("liar")["trouble"]), stage.shown("liar")
        assert car.until(lambda car: len(car.got("ClearChargingProfile")) >= 1), car.lines[-5:]


@pytest.mark.parametrize("kind", ["three", "two-oh-one"])
def test_a_lost_link_loses_no_session(tmp_path, kind):
    """Acceptance test 5. Edge case 84: without the gateway it falls to its safe limit by itself; back and mute, it goes on."""
    with Stage(tmp_path, [kind], factor=40.0, mute=20) as stage:
        car = stage.cars[kind]
        whole_w = WHOLE_A * KINDS[kind][2] * 230.0
        car.tell("plug")
        assert car.until(lambda car: car.now["w"] == pytest.approx(whole_w)), car.now
        transaction = car.now["tx"]
        car.tell("drop 150")
        assert car.until(lambda car: car.said("back"), 60.0), car.lines[-5:]
        alone = [row["limit"] for row in car.seconds if not row["online"]]
        assert alone[-1] == pytest.approx(6.0), alone  # however late the test looks
        assert car.until(lambda car: car.now["w"] == pytest.approx(whole_w)), (car.now, stage.shown(kind))
        bound = car.got("SetChargingProfile")[-1]
        profile = bound.get("csChargingProfiles") or bound["chargingProfile"]
        assert str(profile.get("transactionId")) == str(transaction) == str(car.now["tx"])
        assert stage.gateway.until(lambda: stage.shown(kind)["state"] == "charging"), stage.shown(kind)
        assert car.kept_to_the_floor()


@pytest.mark.parametrize("kind", ["three", "two-oh-one"])
def test_what_happened_while_the_link_was_down_is_told_and_believed_by_its_time(tmp_path, kind):
    """Acceptance test 6: a car left and another came meanwhile; the backlog ends one session and begins the other."""
    with Stage(tmp_path, [kind]) as stage:
        car = stage.cars[kind]
        whole_w = WHOLE_A * KINDS[kind][2] * 230.0
        car.tell("plug 04A1B2")
        assert car.until(lambda car: car.now["w"] == pytest.approx(whole_w)), car.now
        before = stage.shown(kind)
        car.tell("drop 60")
        car.tell("unplug")
        car.tell("plug 99C3D4")
        assert car.until(lambda car: car.said("back"), 60.0), car.lines[-5:]
        # a session that began while nobody was there began at the safe limit
        assert [row["limit"] for row in car.seconds if not row["online"]][-1] == pytest.approx(6.0)
        assert car.until(lambda car: car.now["w"] == pytest.approx(whole_w), 60.0), (car.now, stage.shown(kind))
        after = stage.shown(kind)
        assert after["id_tag"].endswith("3D4")
        assert after["session_kwh"] < before["session_kwh"] + 1.0
        assert car.kept_to_the_floor()


def test_junk_between_frames_changes_nothing(tmp_path):
    """Acceptance test 1: neither for the station that sends it nor for another."""
    with Stage(tmp_path, ["three", "one"]) as stage:
        for car in stage.cars.values():
            car.tell("plug")
        for _ in range(10):
            stage.cars["one"].tell("junk")
            stage.clock.sleep(4.0)
        for kind, car in stage.cars.items():
            whole_w = WHOLE_A * KINDS[kind][2] * 230.0
            assert car.until(lambda car, whole_w=whole_w: car.now["w"] == pytest.approx(whole_w)), (kind, car.now)
            assert car.now["online"]
        assert not stage.gateway.said("outage", "charging"), stage.gateway.lines
        assert not [line for line in stage.gateway.lines if "Traceback" in line]


def test_an_unknown_badge_charges_nothing(tmp_path):
    """Edge case 38: only whom the site accepts."""
    with Stage(tmp_path, ["three"], accept="[AFFE01]") as stage:
        car = stage.cars["three"]
        car.tell("plug 04A1B2")
        assert car.until(lambda car: car.said("verdict")), car.lines
        assert car.said("verdict")[0]["verdict"] != "Accepted"
        car.tell("unplug")
        car.tell("plug affe01")
        assert car.until(lambda car: car.now["w"] == pytest.approx(WHOLE_A * 690.0)), car.now


def test_charge_now_is_for_the_car_that_is_there(tmp_path):
    """Acceptance test 16: without sun it charges at once, and the wish ends when it is unplugged: the next car waits."""
    with Stage(tmp_path, ["three"], mode="auto-solar") as stage:
        car = stage.cars["three"]
        car.tell("plug")
        assert stage.gateway.until(lambda: stage.shown("three")["state"] == "paused"), stage.shown("three")
        assert car.until(lambda car: car.now["limit"] == 0.0), car.now
        status, said = stage.gateway.ask("PUT", "/api/v1/stations/three/charge-now", {"until": "unplugged"})
        assert status == 200, said
        assert car.until(lambda car: car.now["w"] == pytest.approx(WHOLE_A * 690.0)), (car.now, stage.shown("three"))
        assert stage.shown("three")["charge_now"]
        car.tell("unplug")
        assert stage.gateway.until(lambda: stage.shown("three")["state"] == "absent")
        car.tell("plug 99C3D4")
        assert stage.gateway.until(lambda: stage.shown("three")["state"] == "paused"), stage.shown("three")
        assert not stage.shown("three")["charge_now"]
        assert car.until(lambda car: car.now["w"] == 0.0), car.now
        assert car.kept_to_the_floor()
