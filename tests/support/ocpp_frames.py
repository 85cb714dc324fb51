"""OCPP frames as a fuzzer wants them: right ones for every action, and what becomes of them under way.

``right`` makes a payload that fits an action's schema. ``bend`` changes it where it stands, as firmware gets it wrong; ``tear``
changes the text of a frame, as memory and cables do. All of them draw from a ``random.Random``, so that hypothesis, a
stopwatch run and a failing seed can all drive them. ``BADGE`` is in every field that is secret: look for it in the log.
"""

from __future__ import annotations

import json
from copy import deepcopy
from functools import cache
from importlib import resources
from random import Random  # noqa: TC003 - read at run time by who drives this
from typing import Any

from noonward_drivers.ocpp.v16 import HEARS as HEARS_16
from noonward_drivers.ocpp.v201 import HEARS as HEARS_201
from noonward_drivers.ocpp.wirelog import SECRET

BADGE = "ZXQ04A1B2"
HEARS = {"1.6": tuple(HEARS_16), "2.0.1": tuple(HEARS_201)}
TIMES = (
    "2026-06-01T08:00:00Z", "2026-06-01T10:00:00.123456789+02:00", "2026-06-01T08:00:00", "0001-01-01T00:00:00+23:59",
    "9999-12-31T23:59:59-23:59", "1970-01-01T00:00:00Z", "2026-02-30T00:00:00Z", "yesterday", "",
)  # fmt: skip
TEXTS = (
    "", " ", "0", "-1", " 9.6", "1e308", "1e999", "NaN", "-Infinity", "1,5", "٣", "L1", "L1-N", "N", "L1-L2", "\x00\x00",
    "\ud800", "\U0001f50c", "a\nERROR forged", "%s%n", "../../etc/passwd", "x" * 21, "x" * 5000, "9" * 400, "__class__",
    "Power.Active.Import", "Energy.Active.Import.Register.L1", "Current.Import", "SoC", "kWh", "Percent", "SignedData",
    "-0", "1_000", "0x10", "0.1", "230", "16.0", "Accepted", "Started", *TIMES,
)  # fmt: skip
NUMBERS = (0, 1, -1, 2, 5, 9, -9, 17, 300, -400, 2**31, 2**53 + 1, 2**63, -(2**63) - 1, 10**30, 0.1 + 0.2, 6.25, 1e-320, 1e308, -1e308, float("inf"), float("-inf"))  # fmt: skip
THINGS = (None, True, False, [], {}, [[]], [{}], {"": ""}, [None], {"a": {"b": [1, {"c": "d"}]}})
KEYS = (
    "",
    "value",
    "unit",
    "phase",
    "customData",
    "idTag",
    "transactionId",
    "sampledValue",
    "key",
    "__dict__",
    "x" * 300,
)
SNIPPETS = (
    "[", "]", "{", "}", '"', ",", ":", "\\", "[" * 2000, '{"a":' * 2000, "null", "true", "NaN", "Infinity", "-", "1e999",
    "9" * 5000, "\\ud800", "\\u0000", "\x00", "\n", "\ufeff", "é", "[3,", "[4,", "[2,", '"connectorId":-1,', '"idTag":{},',
    '"value":"', '"meterValue":[', "//", "'",
)  # fmt: skip


@cache
def schema(version: str, kind: int, action: str) -> dict[str, Any]:
    """Return the schema of a request (2) or an answer (3). Read past the package's own cache, which must not see this."""
    name = action + (("", "Response") if version == "1.6" else ("Request", "Response"))[kind - 2]
    path = resources.files("ocpp") / f"v{version.replace('.', '')}" / "schemas" / f"{name}.json"
    return json.loads(path.read_text(encoding="utf-8-sig"))


def right(rng: Random, version: str, action: str, kind: int = 2) -> Any:
    """Return a payload that fits."""
    whole = schema(version, kind, action)
    return _fits(rng, whole, whole.get("definitions", {}), "", 0)


def _fits(rng: Random, rule: dict[str, Any], named: dict[str, Any], name: str, depth: int) -> Any:  # noqa: PLR0911 - one row a kind
    if "$ref" in rule:
        return _fits(rng, named[rule["$ref"].rsplit("/", 1)[1]], named, name, depth)
    if "enum" in rule:
        return rng.choice(rule["enum"])
    kind = rule.get("type", "object")
    if kind == "object":
        must, may = rule.get("required", ()), rule.get("properties", {})
        chosen = [key for key in may if key in must or (depth < 5 and rng.random() < 0.6)]
        return {key: _fits(rng, may[key], named, key, depth + 1) for key in chosen}
    if kind == "array":
        return [
            _fits(rng, rule["items"], named, name, depth + 1) for _ in range(rng.randint(rule.get("minItems", 1), 3))
        ]
    if kind == "boolean":
        return rng.random() < 0.5
    if kind in {"integer", "number"}:
        return rng.choice((0, 1, 2, 3, 5, 1780300800))
    if rule.get("format") == "date-time":
        return rng.choice(TIMES[:3])
    most = rule.get("maxLength", 50)
    return (BADGE if name.lower() in SECRET else rng.choice(("16.1", "Box", "7", "Acme", "garage")))[:most]


def bend(rng: Random, payload: Any, times: int) -> Any:
    """Return a payload changed in so many places; what is under a secret key keeps the token somewhere inside."""
    bent = deepcopy(payload)
    for _ in range(times):
        spots = list(_spots(bent))
        if not spots:
            return bent
        holder, key = rng.choice(spots)
        _change(rng, holder, key)
    return bent


def everywhere(payload: Any, things: tuple[Any, ...]):
    """Yield the payload with each of these things in each of its places."""
    for n in range(len(list(_spots(payload)))):
        for thing in things:
            bent = deepcopy(payload)
            holder, key = list(_spots(bent))[n]
            holder[key] = thing
            yield bent


def _spots(value: Any):
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inner:
        yield value, key
        yield from _spots(one)


def _change(rng: Random, holder: Any, key: Any) -> None:
    how = rng.randrange(9)
    if how == 0:
        del holder[key]
    elif how == 1 and isinstance(holder, dict):
        value = holder.pop(key)  # a token under a name that nobody knows cannot be kept out of the log
        holder[rng.choice(KEYS)] = _thing(rng) if str(key).lower() in SECRET else value
    elif how == 2 and isinstance(holder, dict):
        holder[rng.choice(KEYS)] = _thing(rng)
    elif how == 3 and isinstance(holder, list):
        holder += [holder[key]] * rng.choice((1, 2, 100))
    elif how == 4:
        holder[key] = [holder[key]]
    elif how == 5:
        holder[key] = {"idToken": holder[key], "value": holder[key]}
    elif how == 6:
        deep = holder[key]
        for _ in range(rng.choice((1, 10, 60))):
            deep = [deep]
        holder[key] = deep
    elif isinstance(holder[key], int | float) and rng.random() < 0.5:
        holder[key] = rng.choice(NUMBERS)
    else:
        holder[key] = _thing(rng)


def _thing(rng: Random) -> Any:
    return deepcopy(rng.choice(rng.choice((TEXTS, NUMBERS, THINGS))))


def text_of(frame: Any) -> str:
    """Return a frame as a station writes it, lone surrogates and all; what is beyond all numbers is good JSON as 1e999."""
    return json.dumps(frame, ensure_ascii=False).replace("Infinity", "1e999")


def tear(rng: Random, text: str, times: int) -> str | bytes:
    """Return a text changed in so many places; sometimes as bytes, and not always good UTF-8."""
    for _ in range(times):
        at = rng.randrange(len(text) + 1)
        to = min(len(text), at + rng.choice((1, 1, 2, 5, 20, 200)))
        how = rng.randrange(6)
        if how == 0:
            text = text[:at] + text[to:]
        elif how == 1:
            text = text[:to] + text[at:]
        elif how == 2:
            text = text[:at]
        elif how == 3:
            text = text[:at] + rng.choice(TEXTS) + text[to:]
        else:
            text = text[:at] + rng.choice(SNIPPETS) + text[at:]
    if rng.random() < 0.2:
        raw = bytearray(text.encode("utf-8", "surrogatepass"))
        if raw and rng.random() < 0.5:
            raw[rng.randrange(len(raw))] = rng.randrange(256)
        return bytes(raw)
    return text


def call(rng: Random, version: str, ident: str) -> list[Any]:
    """Return a CALL, most often bent."""
    action = rng.choice(HEARS[version])
    return [2, ident, action, bend(rng, right(rng, version, action), rng.choice((0, 1, 1, 2, 4)))]
