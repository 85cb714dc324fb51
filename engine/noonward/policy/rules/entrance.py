"""R51x: who may come in by HTTP."""

from __future__ import annotations

from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from noonward.policy.rules.registry import Found, rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from noonward.policy.project import Project


@rule("R511", "error", "A proxy that nobody can be sure of")
def trusts_anyone(project: Project) -> Iterator[Found]:
    """Who may say who somebody is must be known by address."""
    site = project.site
    for k, written in enumerate((site and site.get("http", "proxy", "trusted")) or ()):
        why = _mistrusted(written)
        if site is not None and why is not None:
            hint = "name the address of the proxy, for example 127.0.0.1 or 10.89.0.2"
            yield Found(site, ("http", "proxy", "trusted", k), why, hint)


@rule("R512", "warning", "Whoever reaches the port sees everything")
def open_to_visitors(project: Project) -> Iterator[Found]:
    """When somebody is at home can be read from what a house draws."""
    site = project.site
    if site is None or site.get("http", "visitors") != "viewer":
        return
    host = urlsplit(f"//{site.get('http', 'listen') or '127.0.0.1'}").hostname or ""
    if not _here(host):
        yield Found(
            site,
            ("http", "visitors"),
            f"the port listens on {host}: whoever reaches it sees what this house draws, without signing in",
            "remove `visitors`, or write `visitors: none`",
        )


def _mistrusted(written: str) -> str | None:
    try:
        network = ip_network(written, strict=False)
    except ValueError:
        return f"{written} is neither an address nor a network"
    return f"{written} is every address there is: anyone could say who they are" if network.prefixlen == 0 else None


def _here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
