"""The schemas of the file kinds, and their errors in words for people.

A schema may carry annotations of ours: ``x-unit`` names the quantities a text stands for, ``x-negative`` allows them
below zero, ``x-error`` is the sentence for whatever fails right there.
"""

from __future__ import annotations

import difflib
import json
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from jsonschema import Draft202012Validator, FormatChecker

from noonward.errors import UsageError
from noonward.policy import cron, units

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from jsonschema.exceptions import ValidationError

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
    own = {key: _inline(value, definitions) for key, value in node.items() if key != "$ref"}
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
@lru_cache(maxsize=64)
def _is_timezone(value: object) -> bool:
    if isinstance(value, str):
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            near = difflib.get_close_matches(value, available_timezones(), 1, 0.6)
            hint = f'did you mean "{near[0]}"?' if near else "for example Europe/Zurich"
            raise cron.BadCron(f'"{value}" is not a time zone', hint) from None
    return True


@FORMATS.checks("noonward-time", raises=ValueError)
def _is_time(value: object) -> bool:
    if isinstance(value, str):
        datetime.fromisoformat(value)
    return True


# --- validation ------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=len(KINDS))
def _validator(kind: str) -> Draft202012Validator:
    return Draft202012Validator(schema(kind), format_checker=FORMATS)


def problems(document: Document) -> list[Problem]:
    """Return everything in which a document differs from the schema of its kind."""
    errors = _validator(document.kind).iter_errors(document.data)
    return list(_Finder(document, (), schema(document.kind)).all(errors))


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
    validator = Draft202012Validator(dict(rules), format_checker=FORMATS)
    errors = (error for error in validator.iter_errors(dict(entry)) if not _is_secret(error.instance))
    return list(_Finder(document, path, rules).all(errors))


def _is_secret(value: object) -> bool:
    return isinstance(value, str) and "${" in value


@dataclass(slots=True)
class _Finding:
    """An error on its way to a problem; of several at one value only the first by rank is told."""

    rank: int
    code: str
    message: str
    path: KeyPath
    hint: str | None = None
    key: bool = False
    about: str = ""
    """The key that is missing, or that an unknown key looks like."""


_TOP: KeyPath = ("kind",)
"""Where it is told that the file as a whole lacks a key."""


class _Finder:
    """Turns the validator's errors into problems."""

    def __init__(self, document: Document, base: KeyPath, rules: Mapping[str, Any]) -> None:
        self.document = document
        self.base = base
        self.rules = rules

    def all(self, errors: Iterable[ValidationError]) -> Iterator[Problem]:
        findings: dict[tuple[KeyPath, str], _Finding] = {}
        for error in errors:
            for finding in self.explain(error):
                # one value, one problem; a key may be missing or unknown beside others
                slot = (finding.path, finding.message if finding.code in {"S103", "S104"} else "")
                known = findings.get(slot)
                if known is None or finding.rank < known.rank:
                    findings[slot] = finding
        typed = self._typos(findings.values())
        for finding in findings.values():
            if finding.code == "S103" and (finding.path, finding.about) in typed:
                continue
            yield self.document.problem(
                finding.code, "error", finding.message, finding.path, key=finding.key, hint=finding.hint
            )

    @staticmethod
    def _typos(findings: Iterable[_Finding]) -> set[tuple[KeyPath, str]]:
        """Return the missing keys that are only misspelt: the unknown key says so already."""
        return {(finding.path[:-1] or _TOP, finding.about) for finding in findings if finding.code == "S104"}

    def explain(self, error: ValidationError) -> Iterator[_Finding]:
        path = (*self.base, *error.absolute_path)
        rule = str(error.validator)
        if "propertyNames" in error.absolute_schema_path:
            said = error.schema.get("x-error", f'"{error.instance}" cannot be a key here')
            yield _Finding(1, "S106", said, (*path, error.instance), key=True)
        elif rule == "additionalProperties":
            yield from self.unknown(error, path)
        elif rule == "required":
            yield self.missing(error, path)
        else:
            yield _EXPLAIN.get(rule, _other)(error, path)

    def unknown(self, error: ValidationError, path: KeyPath) -> Iterator[_Finding]:
        known = list(error.schema.get("properties", {}))
        where = f" in {_named(path)}" if path else ""
        for name in error.instance:
            if name in known:
                continue
            near = difflib.get_close_matches(str(name), known, 1, 0.6)
            free = [key for key in known if key not in error.instance]
            hint = f'did you mean "{near[0]}"?' if near else f"known here: {', '.join(free)}" if free else None
            about = near[0] if near else ""
            yield _Finding(2, "S104", f'unknown key "{name}"{where}', (*path, name), hint, key=True, about=about)

    def missing(self, error: ValidationError, path: KeyPath) -> _Finding:
        name = next(key for key in error.validator_value if key not in error.instance and f"'{key}'" in error.message)
        rules = _rules_at(self.rules, path[len(self.base) :]).get("properties", {}).get(name, {})
        hint = None if "properties" in error.schema else error.schema.get("x-error")
        if hint is None and rules.get("examples"):
            hint = f"for example `{name}: {_yaml(rules['examples'][0])}`"
        elif hint is None and "enum" in rules:
            hint = f"one of {', '.join(_yaml(choice) for choice in rules['enum'])}"
        said = f'"{name}" is missing' + (f" in {_named(path)}" if path else "")
        return _Finding(3, "S103", said, path or _TOP, hint, key=True, about=name)


def _rules_at(rules: Mapping[str, Any], path: KeyPath) -> Mapping[str, Any]:
    """Return the subschema for a place in the data, as far as plain descent finds it."""
    for key in path:
        below = rules.get("items") if isinstance(key, int) else rules.get("properties", {}).get(key)
        if below is None and isinstance(key, str):
            below = rules.get("additionalProperties")
        rules = below if isinstance(below, dict) else {}
    return rules


def _named(path: KeyPath) -> str:
    """Write a path as people would: ``timers, entry 2`` or ``load``."""
    words = [f"entry {key + 1}" if isinstance(key, int) else str(key) for key in path]
    return ", ".join(words)


def _yaml(value: Any) -> str:
    """Write a short value as it would stand in a file."""
    if isinstance(value, list):
        return f"[{', '.join(_yaml(item) for item in value)}]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_yaml(item)}" for key, item in value.items()) + "}"
    if isinstance(value, str):
        plain = value and not any(c in value for c in ":#*&!%@`{}[],\"'|>") and value.lower() not in _WORDS
        return value if plain else json.dumps(value, ensure_ascii=False)
    return json.dumps(value)


_WORDS = frozenset({"on", "off", "yes", "no", "true", "false", "null", "~"})

_TYPES = {
    "string": "a text", "integer": "a whole number", "number": "a number", "boolean": "true or false",
    "array": "a list", "object": "a group of keys", "null": "nothing",
}  # fmt: skip


def _label(path: KeyPath) -> str:
    return f"{path[-1]}: " if path and isinstance(path[-1], str) else ""


def _found(value: Any) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return "a number"
    return "a text" if isinstance(value, str) else "a list" if isinstance(value, list) else "a group of keys"


def _type(error: ValidationError, path: KeyPath) -> _Finding:
    value, rules = error.instance, error.schema
    wanted = [rules["type"]] if isinstance(rules["type"], str) else list(rules["type"])
    if "x-unit" in rules and value is not None:
        return _unit(error, path)
    hint = rules.get("x-error")
    scalar = isinstance(value, str | int | float) and not isinstance(value, bool)
    if wanted == ["array"] and scalar:
        hint = f"write a list: [{_yaml(value)}]"
    elif hint is None and "string" in wanted and scalar:
        hint = f'put it in quotes: "{value}"'
    elif hint is None and value is None and rules.get("examples"):
        hint = f"for example {_yaml(rules['examples'][0])}"
    name = f"{path[-1]} " if path and isinstance(path[-1], str) else ""
    expected = " or ".join(_TYPES.get(kind, kind) for kind in wanted)
    return _Finding(1, "S102", f"{name}should be {expected}, found {_found(value)}", path, hint)


def _unit(error: ValidationError, path: KeyPath) -> _Finding:
    rules = error.schema
    message, hint = units.explain(error.instance, tuple(rules["x-unit"]), negative=rules.get("x-negative", False))
    return _Finding(1, "S106", message, path, hint)


def _pattern(error: ValidationError, path: KeyPath) -> _Finding:
    if "x-unit" in error.schema:
        return _unit(error, path)
    return _Finding(4, "S106", f'{_label(path)}"{error.instance}" is not accepted', path, error.schema.get("x-error"))


def _format(error: ValidationError, path: KeyPath) -> _Finding:
    cause = error.cause
    if error.validator_value == "noonward-time":
        return _Finding(
            2, "S107", f'"{error.instance}" is not a date and time: {cause}', path, error.schema.get("x-error")
        )
    hint = getattr(cause, "hint", None) or error.schema.get("x-error")
    code = "S108" if error.validator_value == "noonward-timezone" else "S107"
    return _Finding(2, code, str(cause or error.message), path, hint)


def _enum(error: ValidationError, path: KeyPath) -> _Finding:
    choices = [_yaml(choice) for choice in error.schema.get("enum", [error.schema.get("const")])]
    near = difflib.get_close_matches(str(error.instance).lower(), choices, 1, 0.5)
    hint = error.schema.get("x-error") or (f"did you mean {near[0]}?" if near else None)
    listed = f"one of {', '.join(choices)}" if len(choices) > 1 else choices[0]
    return _Finding(2, "S105", f"{_label(path)}{_yaml(error.instance)} is not {listed}", path, hint)


_BOUNDS = {
    "minimum": "{value} is less than {limit}",
    "maximum": "{value} is more than {limit}",
    "exclusiveMinimum": "{value} is not more than {limit}",
    "exclusiveMaximum": "{value} is not less than {limit}",
    "minItems": "has {count} of at least {limit} entries",
    "maxItems": "has {count} entries, at most {limit} are allowed",
    "minLength": "is empty",
    "maxLength": "has {count} characters, at most {limit} are allowed",
    "minProperties": "has {count} of at least {limit} keys",
    "maxProperties": "has {count} keys, at most {limit} are allowed",
    "uniqueItems": "names the same thing twice",
}


def _bound(error: ValidationError, path: KeyPath) -> _Finding:
    value = error.instance
    sized = isinstance(value, str | list | dict)
    said = _BOUNDS[str(error.validator)].format(
        value=value, limit=error.validator_value, count=len(value) if sized else ""
    )
    name = str(path[-1]) if path else "the file"
    message = f"{name} {said}" if sized else f"{name}: {said}"
    hint = error.schema.get("x-error")
    if hint is None and error.validator == "uniqueItems":
        twice = next((item for index, item in enumerate(value) if item in value[:index]), None)
        hint = f"{_yaml(twice)} is there more than once"
    return _Finding(5, "S109", message, path, hint)


def _other(error: ValidationError, path: KeyPath) -> _Finding:
    said = error.schema.get("x-error")
    if said:
        return _Finding(0, "S110", said, path, key=True)
    return _Finding(9, "S100", error.message[:160], path)


_EXPLAIN = {
    "type": _type,
    "pattern": _pattern,
    "format": _format,
    "enum": _enum,
    "const": _enum,
    **dict.fromkeys(_BOUNDS, _bound),
}
