"""Who may do what: roles, what a grant reaches, and the one table that answers.

Everything is denied that the table does not name. What a role may do ends where the safety envelope begins: fuse,
import cap, minimum on-times and the limits of a policy's file stand below every one of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

PolicyName: TypeAlias = str
StationId: TypeAlias = str
Instant: TypeAlias = float
"""Seconds of UTC since the epoch."""


class How(StrEnum):
    """By what somebody proved who they are."""

    SOCKET = "socket"
    SESSION = "session"
    TOKEN = "token"  # noqa: S105 - a word, not one
    PROXY = "proxy"
    MQTT = "mqtt"
    """By an account at the broker."""
    VISITOR = "visitor"
    """By nothing."""


class Role(StrEnum):
    """What somebody is to the site."""

    VIEWER = "viewer"
    RESIDENT = "resident"
    OWNER = "owner"
    INSTALLER = "installer"
    GATEWAY = "gateway"
    """Who has the machine itself: the account that the daemon runs under. Given to nobody, see ``GRANTABLE``."""


class Action(StrEnum):
    """What can be done; the first three to one policy or station, the others to the site."""

    SEE = "see"
    """Read state, reasons, history."""
    WISH = "wish"
    """Switch, boost, charge now, need, wake: what ends by itself and stays inside the file's limits."""
    MODE = "mode"
    """Override the mode."""
    FORECAST = "forecast"
    """Feed a forecast."""
    DEVICES = "devices"
    """See devices, their errors, and every signal."""
    TEST = "test"
    """Switch a device for a try, fetch a station's log."""
    PEOPLE = "people"
    """Read who has which grant."""
    GRANT = "grant"
    """Invite people, change what they are granted, end their sessions, make tokens for others."""
    AUDIT = "audit"
    """Read the audit log."""


ALLOWED: Mapping[Role, frozenset[Action]] = {
    Role.VIEWER: frozenset({Action.SEE}),
    Role.RESIDENT: frozenset({Action.SEE, Action.WISH}),
    Role.OWNER: frozenset(Action) - {Action.TEST},
    Role.INSTALLER: frozenset(Action) - {Action.GRANT},
    Role.GATEWAY: frozenset(Action),
}
"""The table."""

GRANTABLE = tuple(role for role in Role if role is not Role.GATEWAY)
"""Roles that a person or a token can have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What of a site a grant reaches.

    Attributes:
        policies: Appliances and zones, a zone with all its stations.
        stations: Single stations; of their zone nothing else.
    """

    policies: frozenset[PolicyName] = frozenset()
    stations: frozenset[StationId] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What one person, or one token, may.

    Attributes:
        role: Decides what.
        scope: Decides of what; None: the whole site.
        modes: A resident may override modes within the scope as well.
    """

    role: Role
    scope: Scope | None = None
    modes: bool = False

    def may(self, action: Action, policy: PolicyName | None = None, station: StationId | None = None) -> bool:
        """Tell whether an action is granted.

        Args:
            action: What.
            policy: To which policy; of a station the zone it belongs to. None: to the site as a whole.
            station: To which station; None: to the policy itself.
        """
        allowed = ALLOWED[self.role]
        if action not in allowed and not (action is Action.MODE and self.modes and self.role is Role.RESIDENT):
            return False
        return self.scope is None or self.reaches(policy, station)

    def reaches(self, policy: PolicyName | None, station: StationId | None = None) -> bool:
        """Tell whether a policy, or a station of it, is within the scope."""
        if self.scope is None:
            return True
        return policy in self.scope.policies or (station is not None and station in self.scope.stations)

    def glimpses(self) -> bool:
        """Tell whether anything of the site may be seen, and with it the totals that concern everyone: grid, PV."""
        return Action.SEE in ALLOWED[self.role] and (
            self.scope is None or bool(self.scope.policies or self.scope.stations)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """Who asks.

    Attributes:
        name: As it stands in the audit log.
        grant: What they may.
        how: By what they proved it.
        person: Who of those that are known by name; of a token with whom it ends. None: nobody of them.
        key: Of the session or token, for its list and its end; "" for the others.
        until: When that proof is over; None: it has no end of its own.
    """

    name: str
    grant: Grant
    how: How
    person: str | None = None
    key: str = ""
    until: Instant | None = None

    def may(self, action: Action, policy: PolicyName | None = None, station: StationId | None = None) -> bool:
        """Tell whether an action is granted; see ``Grant.may``."""
        return self.grant.may(action, policy, station)


SOCKET = Grant(role=Role.GATEWAY)
"""Of who has the control socket: the account the daemon runs under."""

LOOKS = Grant(role=Role.VIEWER)
"""Of a visitor, where visitors may look."""

NOTHING = Grant(role=Role.VIEWER, scope=Scope())
"""Of a visitor anywhere else."""
