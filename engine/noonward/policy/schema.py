"""The schemas of the file kinds, and what in a document differs from them."""

from __future__ import annotations

import difflib
import json
import re
from datetime import datetime
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend

from noonward.errors import UsageError
from noonward.policy import cron, units
from noonward.policy.humane import Finder

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from noonward.policy.problems import Problem
    from noonward.policy.project import Document
    from noonward.policy.yaml import KeyPath

KINDS = ("site/v1", "appliance/v1", "ev-zone/v1", "policy-test/v1", "scenario/v1", "device-profile/v1")
"""Every kind of file, as written behind ``kind:``."""

_ANNOTATIONS = frozenset({"description", "default", "examples", "title", "markdownEnumDescriptions"})


def folder() -> Path:
    """Return where the schemas are: in the installed package, or in the checkout that runs in place."""
    packaged = Path(str(files("noonward"))) / "schemas"
    return packaged if packaged.is_dir() else Path(__file__).parents[3] / "schemas"


def text(kind: str) -> str:
    """Return the schema of a kind as it stands, for editors.

    Raises:
        UsageError: There is no such kind.
    """
    known = {name.partition("/")[0]: name for name in KINDS}
    name = known.get(kind, kind)
    if name not in KINDS:
        raise UsageError(f'no schema "{kind}"; there are {", ".join(known)}')
    return (folder() / file_name(name)).read_text(encoding="utf-8")


def file_name(kind: str) -> str:
    """Return the name of the file that holds the schema of a kind: ``appliance.v1.json``."""
    return f"{kind.replace('/', '.')}.json"


@lru_cache(maxsize=len(KINDS))
def schema(kind: str) -> dict[str, Any]:
    """Return the schema of a kind with every ``$ref`` replaced by what it names, which validates faster."""
    whole = json.loads(text(kind))
    definitions = whole.pop("$defs", {})
    inlined: dict[str, Any] = _inline(whole, definitions)
    return inlined


def _inline(node: Any, definitions: Mapping[str, Any]) -> Any:
    if isinstance(node, list):
        return [_inline(item, definitions) for item in node]
    if not isinstance(node, dict):
        return node
    dropped = {"$ref", "pattern"} if "x-unit" in node else {"$ref"}  # x-unit is checked by what reads the value
    own = {key: _inline(value, definitions) for key, value in node.items() if key not in dropped}
    if "$ref" not in node:
        return own
    target = _inline(definitions[node["$ref"].removeprefix("#/$defs/")], definitions)
    if own.keys() - _ANNOTATIONS:
        return {"allOf": [target], **own}
    return {**target, **own}


# --- formats ---------------------------------------------------------------------------------------------------------

FORMATS = FormatChecker(formats=())


@FORMATS.checks("noonward-cron", raises=ValueError)
def _is_cron(value: object) -> bool:
    return not isinstance(value, str) or bool(cron.parse(value))


@FORMATS.checks("noonward-timezone", raises=ValueError)
def _is_timezone(value: object) -> bool:
    return not isinstance(value, str) or _exists(value)


@lru_cache(maxsize=64)
def _exists(timezone: str) -> bool:
    try:
        ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        near = difflib.get_close_matches(timezone, available_timezones(), 1, 0.6)
        hint = f'did you mean "{near[0]}"?' if near else "for example Europe/Zurich"
        raise cron.BadCron(f'"{timezone}" is not a time zone', hint) from None
    return True


@FORMATS.checks("noonward-time", raises=ValueError)
def _is_time(value: object) -> bool:
    if isinstance(value, str):
        datetime.fromisoformat(value)
    return True


# --- keywords --------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern[str]:
    """Return a pattern in which ``$`` is the end of the text, as in other languages, not before a last line feed."""
    return re.compile(pattern.removesuffix("$") + r"\Z" if pattern.endswith("$") else pattern)


def _pattern(_: Any, pattern: str, instance: Any, schema: Mapping[str, Any]) -> Iterator[ValidationError]:  # noqa: ARG001
    if isinstance(instance, str) and not _compiled(pattern).search(instance):
        yield ValidationError(f"{instance!r} does not match {pattern!r}")


def _x_unit(_: Any, quantities: list[str], instance: Any, schema: Mapping[str, Any]) -> Iterator[ValidationError]:
    if isinstance(instance, str):
        measure = units.parse(instance)
        if (
            measure is None
            or measure.quantity not in quantities
            or (measure.value < 0 and not schema.get("x-negative"))
        ):
            yield ValidationError(f"{instance!r} is not one of {quantities}")


_Validator: Any = extend(  # type: ignore[no-untyped-call] # the stubs leave extend untyped
    Draft202012Validator, {"pattern": _pattern, "x-unit": _x_unit}
)

# --- validation ------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=len(KINDS))
def _validator(kind: str) -> Any:
    return _Validator(schema(kind), format_checker=FORMATS)


def problems(document: Document) -> list[Problem]:
    """Return everything in which a document differs from the schema of its kind."""
    errors = _validator(document.kind).iter_errors(document.data)
    return list(Finder(document, (), schema(document.kind)).all(errors))


def device_problems(
    document: Document, path: KeyPath, entry: Mapping[str, Any], rules: Mapping[str, Any]
) -> list[Problem]:
    """Return everything in which the device entry at a path differs from its driver's schema.

    Args:
        document: The site.
        path: Where the entry stands.
        entry: Its keys besides ``driver``; a secret's reference is taken to be right.
        rules: The driver's schema.
    """
    validator = _Validator(dict(rules), format_checker=FORMATS)
    errors = (error for error in validator.iter_errors(dict(entry)) if not _is_secret(error.instance))
    return list(Finder(document, path, rules).all(errors))


def _is_secret(value: object) -> bool:
    return isinstance(value, str) and "${" in value
