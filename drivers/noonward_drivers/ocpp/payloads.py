"""The only module that knows the package ``ocpp``: payloads made from its dataclasses, and held to its schemas.

Nothing else of the package is used (ADR 0007). What stations send is checked as it came, in camelCase, because the
package's way to snake_case and back loses the names inside ``customData``.

Checking is what a message costs most. The schemas are therefore compiled to functions, each when it is first needed
(some milliseconds); what such a function refuses the package's own validator judges, and words.
"""

from __future__ import annotations

import functools
from types import MappingProxyType, ModuleType
from typing import TYPE_CHECKING, Any, Final

import fastjsonschema
import ocpp.v16.call
import ocpp.v201.call
from jsonschema.exceptions import ValidationError
from ocpp import exceptions, messages
from ocpp.charge_point import remove_nones, serialize_as_dict, snake_to_camel_case

from noonward_drivers.ocpp.faults import CallFault

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from noonward_drivers.ocpp.facade import Version

messages.ASYNC_VALIDATION = False  # two thread hops a message, for nothing; the flag counts on that module only

_CALLS: Final[Mapping[Version, ModuleType]] = MappingProxyType({"1.6": ocpp.v16.call, "2.0.1": ocpp.v201.call})

SPELLING: Final[Mapping[Version, Mapping[str, str]]] = MappingProxyType(
    {
        "1.6": MappingProxyType({"FormatViolation": "FormationViolation"}),
        "2.0.1": MappingProxyType({}),
    }
)
"""Codes that a version spells differently from the package: 1.6 kept its typing error."""

WHY_MAX: Final = 200

IN_TENTHS: Final = frozenset({"SetChargingProfile", "RemoteStartTransaction", "GetCompositeSchedule"})
"""Actions whose numbers the package reads as decimals in 1.6, schema and payload; that is its own validator's work."""


def malformed(version: Version) -> str:
    """Return the code for a payload that is not as it should be."""
    return SPELLING[version].get("FormatViolation", "FormatViolation")


def build(version: Version, action: str, **fields: Any) -> dict[str, Any]:
    """Return the payload of a call, checked.

    Args:
        version: Of OCPP.
        action: Name of the action.
        **fields: Of the package's dataclass, in snake_case; nested objects as written on the wire.

    Raises:
        CallFault: It does not fit the schema: a bug of ours.
    """
    record = getattr(_CALLS[version], action)(**fields)
    payload: dict[str, Any] = snake_to_camel_case(remove_nones(serialize_as_dict(record)))
    check_call(version, action, payload)
    return payload


def check_call(version: Version, action: str, payload: dict[str, Any]) -> None:
    """Hold a request to its schema. ``action`` must be a name of ours: the package makes a file name of it.

    Raises:
        CallFault: It does not fit.
    """
    _check(version, messages.Call("", action, payload))


def check_result(version: Version, action: str, payload: dict[str, Any]) -> None:
    """Hold an answer to the schema of its action.

    Raises:
        CallFault: It does not fit.
    """
    _check(version, messages.CallResult("", payload, action))


def _check(version: Version, message: messages.Call | messages.CallResult) -> None:
    if message.action not in IN_TENTHS and _fits(version, message):
        return
    validation = messages.validate_payload(message, version)
    try:
        validation.send(None)  # with ASYNC_VALIDATION off it runs through without waiting for anything
    except StopIteration:
        return
    except exceptions.OCPPError as error:
        raise CallFault(SPELLING[version].get(error.code, error.code), _why(error)) from None
    except RecursionError:
        raise CallFault(malformed(version), "the payload is nested too deeply") from None
    validation.close()
    raise RuntimeError("the package ocpp validates in threads again")


def _why(error: exceptions.OCPPError) -> str:
    """Say what is wrong and where, never with the value: it may be a badge, and this is what gets logged."""
    found = error.__context__
    if not isinstance(found, ValidationError):
        return str(error.description)
    named = found.validator in {"required", "additionalProperties"}  # their messages name keys only
    what = found.message if named else f"the schema wants {found.validator} {found.validator_value}"
    return f"{found.json_path}: {what}"[:WHY_MAX]


def _fits(version: Version, message: messages.Call | messages.CallResult) -> bool:
    """Return True where a payload fits; False where the package has to judge."""
    try:
        _compiled(version, message.message_type_id, message.action)(message.payload)
    except (fastjsonschema.JsonSchemaException, RecursionError, OverflowError):
        return False
    return True


@functools.cache
def _compiled(version: Version, kind: int, action: str) -> Callable[[Any], Any]:
    schema = messages.get_validator(kind, action, version).schema
    compiled: Callable[[Any], Any] = fastjsonschema.compile(
        schema, use_default=False, use_formats=False, detailed_exceptions=False
    )
    return compiled
