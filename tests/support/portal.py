"""A building behind the real daemon, and people in front of it: libmodbus boards, a foreign charging station, Chromium."""

from __future__ import annotations

import contextlib
import re
import subprocess
import time
from typing import TYPE_CHECKING

import httpx
from playwright.sync_api import sync_playwright

from support.field import PV, measure
from support.garage import FastClock, NodeCar, free_port
from support.peers import modbus_server, need
from support.process import NOONWARD, Daemon

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, BrowserContext, Page

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]  # fmt: skip

SITE = """\
kind: site/v1
name: house-12
description: Three flats and a garage
timezone: Europe/Zurich
grid: {{meter: grid-meter, every: 1 s}}
pv: {{peak: 8 kWp, meter: inverter, every: 1 s}}
stagger: 0 s
devices:
  grid-meter: {{driver: modbus, profile: eastron-sdm630, {link}, unit: 2, timeout: 500 ms}}
  inverter: {{driver: modbus, profile: eastron-sdm630, {link}, unit: 3, timeout: 500 ms}}
  cellar: {{driver: modbus, profile: generic-coils-8, {link}, unit: 1, timeout: 500 ms}}
  charging:
    driver: ocpp
    listen: "127.0.0.1:{ocpp}"
    accept: anyone
    stations: {{cp-01: {{window: 1 min}}, cp-02: {{window: 1 min}}}}
{more}"""

FILES = {
    "boiler.yaml": """\
kind: appliance/v1
name: boiler
description: Hot water, 300 l
mode: auto-solar
priority: 10
load: {power: 3 kW, min_on: 1 s}
relays: [cellar/relay-1]
surplus: {on_delay: 0 s, off_delay: 0 s}
fail_safe: {stale_after: 10 s}
""",
    "fountain.yaml": """\
kind: appliance/v1
name: fountain
mode: manual
priority: 30
load: {power: 400 W, min_on: 0 s}
relays: [cellar/relay-2]
""",
    "sauna.yaml": """\
kind: appliance/v1
name: sauna
description: Flat 2
mode: manual
priority: 40
load: {power: 6 kW, min_on: 0 s}
relays: [cellar/relay-3]
""",
    "garage.yaml": """\
kind: ev-zone/v1
name: garage
description: Underground, two places
mode: auto-solar
priority: 20
stations: [cp-01, cp-02]
limits: {max_power: 22 kW, min_current: 6 A}
phases: auto
""",
}

OWNER, PASSWORD = "anna", "a long way to the lake"


class House:
    """A running site.

    Attributes:
        board: The libmodbus server that plays the meters (units 2 and 3) and the relay board (unit 1).
        url: Of the portal, with no path.
    """

    def __init__(self, folder: Path, state: Path, board, ocpp: int, more: str = "") -> None:
        self.folder, self.state, self.board, self.ocpp = folder, state, board, ocpp
        folder.mkdir(parents=True, exist_ok=True)
        link = f'tcp: "127.0.0.1:{board.port}"'
        (folder / "site.yaml").write_text(SITE.format(link=link, ocpp=ocpp, more=more))
        for name, text in FILES.items():
            (folder / name).write_text(text)
        self.port = free_port()
        self.daemon = self.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> Daemon:
        """Start the daemon, on the same port as before."""
        self.daemon = Daemon(self.folder, self.state, "--http", f"127.0.0.1:{self.port}")
        assert self.daemon.ready(), self.daemon.lines
        return self.daemon

    def grid(self, power_w: float) -> None:
        """Have the grid meter say this, import positive. [W]"""
        measure(self.board, power_w)

    def sun(self, power_w: float) -> None:
        """Have the inverter say this. [W]"""
        measure(self.board, power_w, PV)

    def closed(self, relay: int) -> bool:
        """Tell whether a relay of the board is closed."""
        return self.board.coils.get((1, relay - 1), False)

    def setup_code(self) -> str:
        """Return the one-time code that the log shows at a first start."""
        found: list[str] = []
        pattern = re.compile(r"\b[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}\b")

        def shown() -> bool:
            found.extend(match[0] for line in self.daemon.lines if (match := pattern.search(line)))
            return bool(found)

        assert self.daemon.until(shown), self.daemon.lines
        return found[-1]

    def ask(self, method: str, path: str, body=None, headers=None) -> tuple[int, object]:
        """Ask over the port as a program would."""
        answer = httpx.request(method, f"{self.url}{path}", json=body, headers=headers, timeout=10)
        return answer.status_code, answer.json() if answer.content else None

    def owned(self) -> None:
        """Make the first owner, as its installer would on the gateway."""
        status, said = self.ask(
            "POST", "/api/v1/setup", {"code": self.setup_code(), "name": OWNER, "password": PASSWORD},
            {"origin": self.url},
        )  # fmt: skip
        assert status in {200, 201}, said

    def run(self, *words: str) -> str:
        """Run a command against the daemon; return what it prints."""
        done = subprocess.run(
            [NOONWARD, *words, "--state", str(self.state)], capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def car(self, station: str = "cp-01", **options) -> NodeCar:
        """Return a charging station of a make of its own, with a car."""
        return NodeCar(f"ws://127.0.0.1:{self.ocpp}/ocpp", station, FastClock(1.0, time.time()), **options)

    def stop(self) -> None:
        """End the daemon."""
        self.daemon.stop()


@contextlib.contextmanager
def house(place: Path, more: str = "") -> Iterator[House]:
    """Run a site until the block is left."""
    with modbus_server(units="1-3") as board:
        measure(board, 300.0)
        measure(board, 900.0, PV)
        standing = House(place / "site", place / "state", board, free_port(), more)
        try:
            yield standing
        finally:
            standing.daemon.__exit__()


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """Run Debian's Chromium until the block is left."""
    program = need("chromium")
    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=program, args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


class Visit:
    """One person's browser: what it asked for, and what it complained of.

    Attributes:
        requests: Address of every request.
        complaints: Errors on the console, and breaches of the content security policy.
    """

    def __init__(self, browser: Browser, url: str, **options) -> None:
        self.url = url
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self.context: BrowserContext = browser.new_context(locale=options.pop("locale", "en-GB"), **options)
        self.context.set_default_timeout(15_000)

    def sign_in(self, name: str, password: str) -> None:
        """Sign in as the page does it, without opening one."""
        answer = self.context.request.post(
            f"{self.url}/api/v1/session", data={"name": name, "password": password}, headers={"origin": self.url}
        )
        assert answer.ok, answer.text()

    def page(self, path: str = "/") -> Page:
        """Open a page."""
        page = self.context.new_page()
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("console", lambda said: self.complaints.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.goto(self.url + path)
        return page

    def outside(self) -> list[str]:
        """Return what was asked of anybody else."""
        return [one for one in self.requests if not one.startswith((self.url, "data:", "about:", "blob:"))]

    def close(self) -> None:
        """Close every tab."""
        self.context.close()
