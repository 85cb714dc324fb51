"""What site.yaml says of who may come in: visitors, names of the gateway, a proxy that signs people in."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import ip_network
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from ipaddress import IPv4Network, IPv6Network

    from noonward.policy.project import Document


@dataclass(frozen=True, slots=True, kw_only=True)
class Proxy:
    """A reverse proxy before the port.

    Attributes:
        trusted: Where it connects from; what it says is believed from nowhere else.
        user_header: In which it says who has signed in with it, in small letters; None: it only forwards.
        groups_header: In which it says their groups; None: it does not.
        roles: Group to the role of who is in it.
    """

    trusted: tuple[IPv4Network | IPv6Network, ...]
    user_header: str | None = None
    groups_header: str | None = None
    roles: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """Who may come in.

    Attributes:
        visitors: What somebody sees who has not signed in; None: it depends on where the port listens.
        names: Further names of the gateway, in small letters.
        proxy: None: nothing stands before the port.
    """

    visitors: Literal["viewer", "none"] | None = None
    names: frozenset[str] = frozenset()
    proxy: Proxy | None = None


def admission(site: Document) -> Admission:
    """Return what the site says of it.

    Raises:
        ValueError: A network that is none; ``rules.entrance`` has said so.
    """
    said = site.get("http", "proxy")
    return Admission(
        visitors=site.get("http", "visitors"),
        names=frozenset(name.lower() for name in site.get("http", "names") or ()),
        proxy=said
        and Proxy(
            trusted=tuple(ip_network(one, strict=False) for one in said["trusted"]),
            user_header=_lower(said.get("user_header")),
            groups_header=_lower(said.get("groups_header")),
            roles=dict(said.get("roles", {})),
        ),
    )


def _lower(name: str | None) -> str | None:
    return None if name is None else name.lower()
