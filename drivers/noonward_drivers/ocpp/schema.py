"""JSON Schema of a ``driver: ocpp`` entry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from noonward_drivers.entry import quantity_schema

if TYPE_CHECKING:
    from collections.abc import Mapping

LISTEN: Final = "127.0.0.1:8887"
LINES: Final = ("L1", "L2", "L3")

STATION: Final[Mapping[str, Any]] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "profile": {
            "type": "string",
            "description": "Model of the station, where one is known to need it: see the list of profiles.",
            "examples": ["alfen-eve"],
        },
        "key": {
            "type": "string",
            "minLength": 1,
            "description": "Its AuthorizationKey; write ${env:NAME}, never the key itself.",
            "examples": ["${env:CP01_KEY}"],
        },
        "security": {
            "enum": [0, 1, 2, 3],
            "description": "Security profile: 0 none, 1 a key, 2 a key over TLS, 3 its own certificate over TLS. "
            "Default: the best that key, certificate and stations_ca allow.",
        },
        "max_current": quantity_schema(
            "current", "Most that station, fuse and cable allow on each phase.", default="32 A"
        ),
        "phases": {"enum": [1, 2, 3], "default": 3, "description": "How many it is wired to."},
        "rotation": {
            "type": "array",
            "minItems": 1,
            "maxItems": 3,
            "uniqueItems": True,
            "items": {"enum": list(LINES)},
            "description": "Grid phase behind its L1, L2, L3; without it a car on one phase counts on all.",
            "examples": [["L2", "L3", "L1"]],
        },
        "safe_current": quantity_schema(
            "current", "What it falls back to by itself when the gateway is gone; 0 A pauses.", default="6 A"
        ),
        "step": quantity_schema(
            "current",
            "What its limit is a multiple of: 1 A fits every station, 0.1 A follows the sun closer.",
            default="1 A",
        ),
        "window": quantity_schema("duration", "How long after the last limit it does.", default="10 min"),
        "versions": {
            "type": "array",
            "minItems": 1,
            "uniqueItems": True,
            "x-error": 'write a list in quotes, best first, for example ["2.0.1", "1.6"]',
            "items": {"enum": ["1.6", "2.0.1"], "x-error": 'write "1.6" or "2.0.1", in quotes'},
            "description": "Versions of OCPP that it may speak, best first. Default: of its profile, else 1.6.",
            "examples": [["2.0.1", "1.6"]],
        },
        "connectors": {
            "type": "integer",
            "minimum": 1,
            "maximum": 16,
            "default": 1,
            "description": "How many it has; from two on they are stations of their own, cp-01:1, cp-01:2.",
        },
        "start": {
            "enum": ["station", "remote"],
            "description": "Who begins a charge: the station (by itself or by a badge), or the gateway. "
            "Default: as its profile has it, else station.",
        },
    },
}

SCHEMA: Final[Mapping[str, Any]] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["stations"],
    "properties": {
        "listen": {
            "type": "string",
            "pattern": r"^(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+):[0-9]{1,5}$",
            "x-error": f"write HOST:PORT, for example {LISTEN}",
            "default": LISTEN,
            "description": "Where stations connect: ws://HOST:PORT/ocpp/ID.",
        },
        "certificate": {
            "type": "string",
            "minLength": 1,
            "x-path": True,
            "description": "Certificate of the gateway with what chains it up, PEM: stations then use wss://.",
        },
        "private_key": {"type": "string", "minLength": 1, "x-path": True, "description": "Its private key, PEM."},
        "stations_ca": {
            "type": "string",
            "minLength": 1,
            "x-path": True,
            "description": "Certificate, PEM, of who signs those of the stations, for security profile 3.",
        },
        "accept": {
            "anyOf": [
                {"const": "anyone"},
                {"type": "array", "maxItems": 1000, "uniqueItems": True, "items": {"type": "string", "minLength": 1}},
            ],
            "x-error": "write anyone, or a list of badges in quotes",
            "default": "anyone",
            "description": "Whose badges may charge: `anyone`, or a list of them as the stations read them.",
            "examples": [["04A1B2C3D4E5F6"]],
        },
        "local_list": {
            "type": "boolean",
            "default": False,
            "description": "true: the stations get the list of accept, for when the gateway is away.",
        },
        "offline": {
            "enum": ["accept", "known", "refuse"],
            "default": "accept",
            "description": "What stations do with a badge while the gateway is away: accept any, accept those of their "
            "own list or memory (known), or refuse all (refuse).",
        },
        "stations": {
            "type": "object",
            "minProperties": 1,
            "description": "Stations by the id that they connect with; all keys of a station may be left out: "
            "`cp-01: {}`.",
            "propertyNames": {
                "pattern": r"^[A-Za-z0-9*_=:+|@.-]{1,48}$",
                "x-error": "a station's id has 48 letters, digits, - _ . : at most, as the station spells it",
            },
            "additionalProperties": STATION,
        },
    },
}
"""JSON Schema of the entry."""
