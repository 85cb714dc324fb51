"""What the log may know of a frame: never a key, a badge or a password, not even at debug level."""

from __future__ import annotations

import logging
from typing import Any, Final

LOG: Final = logging.getLogger("noonward_drivers.ocpp")

SECRET: Final = frozenset(
    {
        "additionalidtoken",
        "additionalinfo",
        "authorizationkey",
        "basicauthpassword",
        "certificate",
        "csr",
        "data",
        "groupidtoken",
        "idtag",
        "idtoken",
        "localauthorizationlist",
        "location",
        "parentidtag",
        "password",
        "remotelocation",
        "tokenid",
    }
)
"""Keys, in small letters, whose values stay out; ``location`` is where a log goes, with the password in its address."""

SECRET_SETTING: Final = ("authorizationkey", "password", "passphrase", "passwd", "secret", "idtag", "identifier", "psk")
"""What is in the name of a setting whose value is a secret, in small letters: ``{"key": "AuthorizationKey", …}``,
what 2.0.1 makes of it, and what stations tell unasked, as the password of the house's wireless network.
"""

DEPTH_MAX: Final = 8
WHAT_MAX: Final = 200


def masked(value: Any, depth: int = DEPTH_MAX) -> Any:
    """Return a payload as the log may show it."""
    if depth == 0:
        return "…"
    if isinstance(value, dict):
        secret = _names_secret(value)
        return {
            key: "***" if _hidden(str(key), secret=secret) else masked(inner, depth - 1) for key, inner in value.items()
        }
    if isinstance(value, list):
        return [masked(inner, depth - 1) for inner in value]
    return value


def plain(text: str) -> str:
    """Return what a station wrote as a log may show it: on one line, and not endless."""
    return "".join(letter if letter.isprintable() else "?" for letter in text[:WHAT_MAX])


def frame(station: str, direction: str, what: str, payload: Any = None) -> None:
    """Log one frame, at debug level, without what is secret."""
    if LOG.isEnabledFor(logging.DEBUG):
        LOG.debug("%s %s %s %s", station, direction, plain(what), "" if payload is None else masked(payload))


def _hidden(key: str, *, secret: bool) -> bool:
    return key.lower() in SECRET or (secret and "value" in key.lower())


def _names_secret(record: dict[str, Any]) -> bool:
    variable = record.get("variable")
    name = variable.get("name") if isinstance(variable, dict) else record.get("key")
    return isinstance(name, str) and any(word in name.lower() for word in SECRET_SETTING)
