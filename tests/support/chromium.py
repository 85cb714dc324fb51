"""Debian's Chromium, steered over its DevTools protocol: what a page really does in a browser."""

from __future__ import annotations

import asyncio
import base64
import itertools
import json
import shutil
from contextlib import asynccontextmanager, suppress

import pytest
import websockets

PROGRAM = shutil.which("chromium")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--remote-debugging-port=0",
]


class Tab:
    """One open page: what it asked for, what it complained of, what it says."""

    def __init__(self, socket):
        self._socket = socket
        self._numbers = itertools.count(1)
        self._waiting = {}
        self.requests = []
        self.complaints = []
        self._reader = asyncio.create_task(self._read())

    async def _read(self):
        with suppress(websockets.ConnectionClosed):
            await self._listen()

    async def _listen(self):
        async for text in self._socket:
            message = json.loads(text)
            if "id" in message:
                self._waiting.pop(message["id"]).set_result(message)
                continue
            details = message.get("params", {})
            if message["method"] == "Network.requestWillBeSent":
                self.requests.append(details["request"]["url"])
            if message["method"] == "Log.entryAdded":
                self.complaints.append(details["entry"]["text"])
            if message["method"] == "Runtime.exceptionThrown":
                self.complaints.append(details["exceptionDetails"]["text"])

    async def call(self, method, **details):
        number = next(self._numbers)
        self._waiting[number] = asyncio.get_running_loop().create_future()
        await self._socket.send(json.dumps({"id": number, "method": method, "params": details}))
        answer = await asyncio.wait_for(self._waiting[number], 20)
        assert "error" not in answer, answer
        return answer["result"]

    async def open(self, url, *, width=1280, height=900, dark=False, scripts=True):
        for domain in ("Page", "Runtime", "Network", "Log"):
            await self.call(f"{domain}.enable")
        await self.call("Emulation.setScriptExecutionDisabled", value=not scripts)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        await self.call("Emulation.setEmulatedMedia", features=[scheme])
        await self.call(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600
        )
        await self.call("Page.navigate", url=url)

    async def value(self, expression):
        return (await self.call("Runtime.evaluate", expression=expression, returnByValue=True))["result"].get("value")

    async def becomes_true(self, expression, within_s=10.0):
        for _ in range(int(within_s / 0.05)):
            if await self.value(expression):
                return
            await asyncio.sleep(0.05)
        raise AssertionError(
            f"{expression} did not become true; the page says: {await self.value('document.body?.innerText')}"
        )

    async def picture(self, path):
        size = await self.value("[document.documentElement.scrollWidth, document.documentElement.scrollHeight]")
        clip = {"x": 0, "y": 0, "width": size[0], "height": size[1], "scale": 1}
        shot = await self.call("Page.captureScreenshot", format="png", captureBeyondViewport=True, clip=clip)
        path.write_bytes(base64.b64decode(shot["data"]))


@asynccontextmanager
async def tab(home):
    """Start a browser with one tab; everything it writes goes below ``home``."""
    if PROGRAM is None:
        pytest.skip("chromium is not installed")
    process = await asyncio.create_subprocess_exec(
        PROGRAM,
        *FLAGS,
        f"--user-data-dir={home}",
        "about:blank",
        stderr=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
    )
    try:
        port_file = home / "DevToolsActivePort"
        for _ in range(200):
            if port_file.exists() and port_file.read_text().count("\n"):
                break
            await asyncio.sleep(0.05)
        port, browser = port_file.read_text().split()
        async with websockets.connect(f"ws://127.0.0.1:{port}{browser}", max_size=None) as control:
            await control.send(json.dumps({"id": 1, "method": "Target.getTargets"}))
            targets = json.loads(await control.recv())["result"]["targetInfos"]
        page = next(one["targetId"] for one in targets if one["type"] == "page")
        async with websockets.connect(f"ws://127.0.0.1:{port}/devtools/page/{page}", max_size=None) as socket:
            yield Tab(socket)
    finally:
        process.kill()
        await process.wait()
