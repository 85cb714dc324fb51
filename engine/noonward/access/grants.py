"""What somebody is granted, as it is kept and as it is written in a request."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from noonward.access.model import ALLOWED, GRANTABLE, Action, Grant, Role, Scope
from noonward.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

KEYS = ("role", "scope", "modes")


def told(grant: Grant) -> dict[str, Any]:
    """Return a grant as JSON."""
    scope = grant.scope
    return {
        "role": grant.role.value,
        "scope": scope and {"policies": sorted(scope.policies), "stations": sorted(scope.stations)},
        "modes": grant.modes,
    }


def row(grant: Grant) -> tuple[str, str | None, bool]:
    """Return a grant as three columns: role, scope, modes."""
    view = told(grant)
    return grant.role.value, view["scope"] and json.dumps(view["scope"]), grant.modes


def of_row(role: str, scope: str | None, modes: int) -> Grant:
    """Return the grant of three columns."""
    return Grant(role=Role(role), scope=None if scope is None else _scope(json.loads(scope)), modes=bool(modes))


def read(body: Mapping[str, Any]) -> Grant:
    """Return the grant from ``{"role", "scope", "modes"}`` of a request.

    Raises:
        UsageError: It is none; the message says what is.
    """
    role, modes = body.get("role"), body.get("modes", False)
    if role not in GRANTABLE:
        raise UsageError(f"{json.dumps(role)} is not a role: use {', '.join(GRANTABLE[:-1])} or {GRANTABLE[-1]}.")
    if not isinstance(modes, bool):
        raise UsageError("modes must be true or false: whether they may override modes within their scope.")
    return Grant(role=Role(str(role)), scope=_asked(body.get("scope")), modes=modes)


def covers(mine: Grant, other: Grant) -> bool:
    """Tell whether a grant allows everything that another does: nobody gives what they do not have."""
    if not _actions(other) <= _actions(mine):
        return False
    if mine.scope is None:
        return True
    return other.scope is not None and (
        other.scope.policies <= mine.scope.policies and other.scope.stations <= mine.scope.stations
    )


def _actions(grant: Grant) -> frozenset[Action]:
    extra = {Action.MODE} if grant.modes and grant.role is Role.RESIDENT else frozenset()
    return ALLOWED[grant.role] | extra


def _asked(scope: Any) -> Scope | None:
    if scope is None:
        return None
    if not isinstance(scope, dict) or scope.keys() - {"policies", "stations"}:
        raise UsageError('scope must be {"policies": [...], "stations": [...]}, or null for the whole site.')
    for names in scope.values():
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise UsageError("policies and stations of a scope must be lists of names.")
    return _scope(scope)


def _scope(scope: Mapping[str, Any]) -> Scope:
    return Scope(policies=frozenset(scope.get("policies", ())), stations=frozenset(scope.get("stations", ())))
