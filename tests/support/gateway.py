"""A gateway on loopback as the world meets it: the real app behind a real server, with people who can sign in."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace

import httpx

from noonward.access import passwords
from noonward.access.register import Register
from noonward.core.model import Mode, Reading
from noonward.policy.admission import Admission
from noonward.web.server import serving
from support.fakeengine import NOON, FakeEngine, appliance, garage

PASSWORD = "three words for her"  # noqa: S105 - of people who live in a test


def house(**admission):
    """An engine with a boiler and a pump to switch, and a garage."""
    engine = FakeEngine(appliance("boiler", Mode.MANUAL), appliance("pump", Mode.MANUAL), zones=[garage()])
    engine.loaded = replace(engine.loaded, admission=Admission(**admission))
    return engine.see(grid_w=Reading(0.0, NOON))


class Browser:
    """Somebody at the page: it keeps cookies, and says where it is, as browsers do."""

    def __init__(self, gateway, name="", headers=None):
        self.gateway, self.name = gateway, name
        self.client = httpx.AsyncClient(
            base_url=gateway.url, headers={"origin": gateway.url.rstrip("/"), **(headers or {})}
        )

    async def __call__(self, method, path, json=None, **more):
        return await self.client.request(method, path if path.startswith("/") else f"/api/v1/{path}", json=json, **more)

    async def sign_in(self, name, password=PASSWORD):
        self.name = name
        return await self("POST", "session", {"name": name, "password": password})

    @property
    def cookie(self):
        return self.client.cookies["noonward"]


class Gateway:
    """What a test does with it; ``url`` is the port's, ``engine`` the fake daemon."""

    def __init__(self, engine, register, place):
        self.engine, self.register, self.url = engine, register, place.url
        self.port = int(place.url.rpartition(":")[2].strip("/"))
        self.control = httpx.AsyncClient(
            transport=httpx.AsyncHTTPTransport(uds=str(place.control)), base_url="http://localhost"
        )
        self._open = []

    def browser(self, name="", **headers):
        made = Browser(self, name, {key.replace("_", "-"): value for key, value in headers.items()})
        self._open.append(made)
        return made

    async def ask(self, method, path, json=None):
        """Ask on the control socket, and expect that it is done."""
        answer = await self.control.request(method, f"/api/v1/{path}", json=json)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    async def person(self, name, role="resident", policies=(), stations=(), password=PASSWORD, **more):
        """Return the browser of somebody who was invited and has chosen a password."""
        scope = {"policies": list(policies), "stations": list(stations)} if policies or stations else None
        made = await self.ask("POST", "people", {"name": name, "role": role, "scope": scope, **more})
        browser = self.browser(name)
        answer = await browser("POST", "setup", {"code": made["code"], "name": name, "password": password})
        assert answer.status_code == 201, answer.text
        return browser

    async def token(self, name="program", role="viewer", scope=None, **more):
        return (await self.ask("POST", "tokens", {"name": name, "role": role, "scope": scope, **more}))["token"]

    async def audit(self, **wanted):
        """Return the entries that are as wanted, newest first."""
        entries = (await self.ask("GET", "audit?limit=500"))["audit"]
        return [one for one in entries if all(one[key] == value for key, value in wanted.items())]

    async def raw(self, data, *, wait_s=5.0, then=()):
        """Send bytes and return what comes back before the line is closed, or nothing more comes."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            writer.write(data)
            for more in then:
                await asyncio.sleep(more[0])
                writer.write(more[1])
            return await asyncio.wait_for(reader.read(65536), wait_s)
        finally:
            writer.close()

    async def close(self):
        for browser in self._open:
            await browser.client.aclose()
        await self.control.aclose()


@asynccontextmanager
async def gateway(tmp_path, engine=None, **admission):
    """Serve until the block is left."""
    engine, register = engine or house(**admission), Register(tmp_path / "access.db")
    assert await register.open(engine.clock.now()) == ()
    with quick_hashes():
        async with serving(engine, state_dir=tmp_path, listen=("127.0.0.1", 0), register=register) as place:
            found = Gateway(engine, register, place)
            try:
                yield found
            finally:
                await found.close()
    await register.close()


@contextmanager
def quick_hashes():
    """Keep passwords in a way that takes no time: what a hash costs is not what these tests are about."""
    usual = passwords.LOG2_N, passwords.NOBODY
    passwords.LOG2_N, passwords.NOBODY = 4, passwords.NOBODY.replace("$14$", "$4$")
    try:
        yield
    finally:
        passwords.LOG2_N, passwords.NOBODY = usual
