"""Mosquitto, as Debian ships it, on loopback: with TLS, users and an access list where a test asks for them.

with broker(tmp_path, tls=pki, acl=ACL, users={"noonward": "one"}) as mosquitto:
    watch = Watch(mosquitto, user="anna")   # an MQTT client of another make, in a thread of its own
    watch.until(lambda: "a/b" in watch.now)
"""

from __future__ import annotations

import contextlib
import shutil
import socket
import subprocess
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import paho.mqtt.client as paho

from support.peers import need

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

START_S = 10.0


@dataclass
class Broker:
    """A broker that can be killed and come back."""

    folder: Path
    port: int
    tls: Path | None = None
    users: Mapping[str, str] = field(default_factory=dict)
    process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        log = (self.folder / "mosquitto.log").open("a")
        self.process = subprocess.Popen(
            [_mosquitto(), "-c", str(self.folder / "mosquitto.conf"), "-v"], stdout=log, stderr=log, text=True
        )
        log.close()
        end = time.monotonic() + START_S
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1.0):
                return
            assert self.process.poll() is None, self.log()
            assert time.monotonic() < end, self.log()
            time.sleep(0.02)

    def kill(self) -> None:
        """End it as a power cut does; what it kept is gone."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def log(self) -> str:
        return (self.folder / "mosquitto.log").read_text()


def _mosquitto() -> str:
    """Return the program's path, also for who has no /usr/sbin in theirs; or skip the test."""
    return shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin") or need("mosquitto")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def broker(
    folder: Path,
    *,
    tls: Path | None = None,
    acl: str | None = None,
    users: Mapping[str, str] | None = None,
    more: tuple[str, ...] = (),
) -> Iterator[Broker]:
    """Run a broker until the block is left; nothing is kept on disk. ``more``: lines of its configuration."""
    folder.mkdir(exist_ok=True)
    one = Broker(folder, free_port(), tls, users or {})
    lines = [f"listener {one.port} 127.0.0.1", "persistence false", f"allow_anonymous {'false' if users else 'true'}"]
    if tls is not None:
        lines += [f"cafile {tls}/ca.pem", f"certfile {tls}/server.pem", f"keyfile {tls}/server.key"]
    if users:
        (folder / "passwords").touch(mode=0o600)
        for name, password in users.items():
            command = [need("mosquitto_passwd"), "-b", str(folder / "passwords"), name, password]
            subprocess.run(command, check=True, capture_output=True)
        lines.append(f"password_file {folder}/passwords")
    if acl is not None:
        (folder / "acl").write_text(acl)
        (folder / "acl").chmod(0o600)
        lines.append(f"acl_file {folder}/acl")
    lines += more
    lines.append("user root")  # else it could not read what the test's user wrote
    (folder / "mosquitto.conf").write_text("\n".join(lines) + "\n")
    one.start()
    try:
        yield one
    finally:
        one.kill()


@dataclass(frozen=True)
class Message:
    topic: str
    text: str
    retained: bool
    at_s: float


class Watch:
    """Hears everything that it may, and can publish."""

    def __init__(self, mosquitto: Broker, user: str | None = None, topics: tuple[str, ...] = ("#",)) -> None:
        self.all: list[Message] = []
        self.now: dict[str, str] = {}
        self._topics = topics
        self._subscribed = threading.Event()
        self._client = client = paho.Client(paho.CallbackAPIVersion.VERSION2, protocol=paho.MQTTv5)
        client.on_message = self._heard
        client.on_connect = lambda *_: client.subscribe([(topic, paho.SubscribeOptions(qos=1)) for topic in topics])
        client.on_subscribe = lambda *_: self._subscribed.set()
        if user is not None:
            client.username_pw_set(user, mosquitto.users[user])
        if mosquitto.tls is not None:
            client.tls_set(ca_certs=str(mosquitto.tls / "ca.pem"))
        client.reconnect_delay_set(1, 1)
        client.connect("127.0.0.1", mosquitto.port)
        client.loop_start()
        assert self._subscribed.wait(START_S)

    def _heard(self, _client: object, _data: object, message: paho.MQTTMessage) -> None:
        text = message.payload.decode()
        self.all.append(Message(message.topic, text, message.retain, time.monotonic()))
        self.now[message.topic] = text

    def publish(self, topic: str, text: str, *, retain: bool = False) -> None:
        self._client.publish(topic, text, qos=1, retain=retain).wait_for_publish(5.0)

    def until(self, holds, within_s: float = 10.0) -> bool:
        """Wait until something holds; return whether it came to hold."""
        end = time.monotonic() + within_s
        while time.monotonic() < end:
            if holds():
                return True
            time.sleep(0.02)
        return bool(holds())

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()


@contextlib.contextmanager
def watching(mosquitto: Broker, user: str | None = None, topics: tuple[str, ...] = ("#",)) -> Iterator[Watch]:
    watch = Watch(mosquitto, user, topics)
    try:
        yield watch
    finally:
        watch.close()
