"""Errors of a JSON Schema in words for people, each at the key or value that it is about.

A schema may carry annotations of ours: ``x-unit`` names the quantities a text stands for, ``x-negative`` allows them
below zero, ``x-error`` is the sentence for whatever fails right there.
"""

from __future__ import annotations

import difflib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from noonward.policy import units

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from noonward.policy.problems import Problem
    from noonward.policy.project import Document
    from noonward.policy.yaml import KeyPath

Error: TypeAlias = Any
"""jsonschema's ValidationError; its attributes are declared as unions that an error from ``iter_errors`` never has."""


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


LISTED = 12
"""More choices than this are listed only where none of them is near."""

_TOP: KeyPath = ("kind",)
"""Where it is told that the file as a whole lacks a key."""


class Finder:
    """Turns the validator's errors into problems.

    Args:
        document: The file.
        base: Where in it the data stands that was validated.
        rules: The schema.
    """

    def __init__(self, document: Document, base: KeyPath, rules: Mapping[str, Any]) -> None:
        self.document = document
        self.base = base
        self.rules = rules

    def all(self, errors: Iterable[Error]) -> Iterator[Problem]:
        """Yield the problems that errors stand for; of several errors at one value the one that says most."""
        findings: dict[tuple[KeyPath, str], _Finding] = {}
        for error in errors:
            for finding in self._explain(error):
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

    def _explain(self, error: Error) -> Iterator[_Finding]:
        path = (*self.base, *error.absolute_path)
        rule = str(error.validator)
        if "propertyNames" in error.absolute_schema_path:
            said = error.schema.get("x-error", f'"{error.instance}" cannot be a key here')
            yield _Finding(1, "S106", said, (*path, error.instance), key=True)
        elif rule == "additionalProperties":
            yield from self._unknown(error, path)
        elif rule == "required":
            yield self._missing(error, path, error.validator_value)
        elif rule == "dependentRequired":
            present = [(key, names) for key, names in error.validator_value.items() if key in error.instance]
            yield self._missing(error, path, [name for _, names in present for name in names])
        else:
            yield _EXPLAIN.get(rule, _other)(error, path)

    def _unknown(self, error: Error, path: KeyPath) -> Iterator[_Finding]:
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

    def _missing(self, error: Error, path: KeyPath, needed: Iterable[str]) -> _Finding:
        name = next(key for key in needed if key not in error.instance and f"'{key}'" in error.message)
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


def _type(error: Error, path: KeyPath) -> _Finding:
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


def _unit(error: Error, path: KeyPath) -> _Finding:
    rules = error.schema
    message, hint = units.explain(error.instance, tuple(rules["x-unit"]), negative=rules.get("x-negative", False))
    return _Finding(1, "S106", message, path, hint)


def _pattern(error: Error, path: KeyPath) -> _Finding:
    return _Finding(4, "S106", f'{_label(path)}"{error.instance}" is not accepted', path, error.schema.get("x-error"))


def _format(error: Error, path: KeyPath) -> _Finding:
    cause = error.cause
    if error.validator_value == "noonward-time":
        reason = "" if "isoformat" in str(cause) else f": {cause}"
        message = f'"{error.instance}" is not a date and time{reason}'
        return _Finding(2, "S107", message, path, error.schema.get("x-error"))
    hint = getattr(cause, "hint", None) or error.schema.get("x-error")
    code = "S108" if error.validator_value == "noonward-timezone" else "S107"
    return _Finding(2, code, str(cause or error.message), path, hint)


def _enum(error: Error, path: KeyPath) -> _Finding:
    choices = [_yaml(choice) for choice in error.schema.get("enum", [error.schema.get("const")])]
    near = difflib.get_close_matches(str(error.instance).lower(), choices, 1, 0.5)
    hint = error.schema.get("x-error") or (f"did you mean {near[0]}?" if near else None)
    listed = f"one of {', '.join(choices)}" if len(choices) > 1 else choices[0]
    if near and len(choices) > LISTED:  # the nearest one says more than all of them
        listed = f"one of the {len(choices)} values it can have"
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


def _bound(error: Error, path: KeyPath) -> _Finding:
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


def _other(error: Error, path: KeyPath) -> _Finding:
    said = error.schema.get("x-error")
    if said:
        return _Finding(0, "S110", said, path, key=True)
    return _Finding(9, "S100", error.message[:160], path)


_EXPLAIN = {
    "type": _type,
    "x-unit": _unit,
    "pattern": _pattern,
    "format": _format,
    "enum": _enum,
    "const": _enum,
    **dict.fromkeys(_BOUNDS, _bound),
}
