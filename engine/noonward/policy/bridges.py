"""What site.yaml says of the world around: a broker, a time-series database, webhooks."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

from noonward.policy import secrets, units
from noonward.policy.language import Language

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from noonward.policy.problems import Problem
    from noonward.policy.project import Document
    from noonward.policy.yaml import KeyPath

KEYS = ("mqtt", "influx", "webhooks")
"""Keys of site.yaml that this is about."""

PORT, TLS_PORT = 1883, 8883
"""Registered with IANA for MQTT without and with TLS."""
EVERY_S = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Tls:
    """How a broker proves who it is, and the gateway to it.

    Attributes:
        ca: File of the authorities that are trusted; None: those of the machine.
        cert: File of the gateway's own certificate; None: it has none.
        key: File of its key; None: it is in ``cert``.
    """

    ca: str | None = None
    cert: str | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mqtt:
    """The MQTT broker.

    Attributes:
        host: Its name or address.
        port: Its port.
        tls: None: not encrypted.
        user: None: nobody in particular.
        password: Of that user; not shown in ``repr``, nor are the secrets below.
        topic: In front of every topic.
        discovery: Prefix of Home Assistant's discovery topics; None: nothing is discovered.
        commands: Whether the broker's users may set what a resident may.
        language: Of every sentence and name.
    """

    host: str
    port: int
    tls: Tls | None = None
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    topic: str = "noonward"
    discovery: str | None = "homeassistant"
    commands: bool = False
    language: Language = Language.EN


@dataclass(frozen=True, slots=True, kw_only=True)
class Influx:
    """A database that takes InfluxDB's line protocol by HTTP.

    Attributes:
        url: Its address; ``/api/v2/write`` is added.
        org: Organisation; InfluxDB 3 needs none.
        bucket: Bucket, or database.
        token: None: none is sent.
        every_s: How often a point of each series is written. [s]
    """

    url: str
    org: str | None = None
    bucket: str
    token: str | None = field(default=None, repr=False)
    every_s: float = EVERY_S


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """Someone who is told of notices by HTTP POST.

    Attributes:
        url: Where to; it may hold a secret, so only ``host`` of it is ever shown.
        secret: Signs each message; None: it is not signed.
        language: Of the sentences.
        level: "trouble": only what needs someone; "note": everything.
    """

    url: str = field(repr=False)
    secret: str | None = field(default=None, repr=False)
    language: Language = Language.EN
    level: Literal["trouble", "note"] = "note"

    @property
    def host(self) -> str:
        """Name of the machine that is told."""
        return urlsplit(self.url).hostname or "?"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bridges:
    """Everything around that a site speaks to."""

    mqtt: Mqtt | None = None
    influx: Influx | None = None
    webhooks: tuple[Webhook, ...] = ()


def bridges(site: Document, environ: Mapping[str, str] | None) -> Bridges:
    """Return what a site that has no problems says of the world around."""
    given = {key: site.get(key) for key in KEYS}
    if environ is not None:
        given = secrets.resolve(given, environ)
    mqtt, influx = given["mqtt"], given["influx"]
    return Bridges(
        mqtt=_mqtt(mqtt, site.name, site.path.parent) if mqtt else None,
        influx=_influx(influx) if influx else None,
        webhooks=tuple(_webhook(one) for one in given["webhooks"] or ()),
    )


def entries(site: Document) -> dict[KeyPath, Mapping[str, Any]]:
    """Return what is written of each one around, by its place in site.yaml."""
    found: dict[KeyPath, Mapping[str, Any]] = {}
    for key in KEYS:
        given = site.get(key)
        found |= {(key, k): one for k, one in enumerate(given)} if isinstance(given, list) else {(key,): given or {}}
    return found


def problems(site: Document, environ: Mapping[str, str] | None) -> Iterator[Problem]:
    """Yield what is wrong with the secrets of a site that passed its schema, and with addresses that they make."""
    for path, entry in entries(site).items():
        wrong = list(secrets.problems(site, path, entry, environ))
        yield from wrong
        if (
            environ is not None
            and not wrong
            and not _is_address(secrets.resolve(entry, environ).get("url", "http://a"))
        ):
            message = "this is no address with http:// or https://"  # it may hold a secret
            yield site.problem("D312", "error", message, (*path, "url"), hint="for example https://example.org/path")


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        return False


def _mqtt(given: Mapping[str, Any], site: str, folder: Path) -> Mqtt:
    tls = given.get("tls", False)
    files = tls if isinstance(tls, dict) else {}
    discovery = given.get("discovery", "homeassistant")
    return Mqtt(
        host=given["host"],
        port=given.get("port", TLS_PORT if tls else PORT),
        tls=Tls(**{key: str(folder / name) for key, name in files.items()}) if tls else None,
        user=given.get("user"),
        password=given.get("password"),
        topic=given.get("topic", f"noonward/{site}"),
        discovery=discovery or None,
        commands=given.get("commands", False),
        language=Language(given.get("language", Language.EN)),
    )


def _influx(given: Mapping[str, Any]) -> Influx:
    every_s = units.number(given.get("every"))
    return Influx(
        url=given["url"].rstrip("/"),
        org=given.get("org"),
        bucket=given["bucket"],
        token=given.get("token"),
        every_s=EVERY_S if every_s is None else every_s,
    )


def _webhook(given: Mapping[str, Any]) -> Webhook:
    return Webhook(
        url=given["url"],
        secret=given.get("secret"),
        language=Language(given.get("language", Language.EN)),
        level=given.get("level", "note"),
    )
