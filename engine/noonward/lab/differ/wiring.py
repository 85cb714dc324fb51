"""Which keys of two versions' site.yaml differ: the connection, devices, signals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from noonward.lab.differ import words
from noonward.lab.differ.keys import KeyChange, differing
from noonward.policy.files import SITE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from noonward.core.model import Site
    from noonward.lab.versions import Version
    from noonward.policy.loaded import Loaded

_SECRETS = frozenset({"password", "token", "secret", "api_key", "key"})
"""Keys of a device whose values nobody is told, unless they only say where the secret is."""


def site_keys(old: tuple[Version, Loaded], new: tuple[Version, Loaded]) -> Iterator[KeyChange]:
    """Yield the keys of site.yaml that differ."""
    was, now = old[1].site, new[1].site
    for key in ("name", "timezone"):
        if getattr(was, key) != getattr(now, key):
            yield KeyChange(key, getattr(was, key), getattr(now, key), SITE)
    for change in differing(_bare(was), _bare(now)):
        yield change._replace(place=SITE)
    before, after = (dict(_flat(*version)) for version in (old, new))
    for key in dict.fromkeys((*before, *after)):
        if before.get(key) != after.get(key):
            yield KeyChange(key, _shown(key, before.get(key)), _shown(key, after.get(key)), SITE)


def _bare(site: Site) -> Site:
    """Return a site without what its devices say of themselves."""
    return replace(site, relays={}, stations={})


def _flat(version: Version, loaded: Loaded) -> Iterator[tuple[str, str]]:
    """Yield devices and signals, one key a value, as written; paths are counted from the folder."""
    for device in loaded.devices:
        yield f"devices.{device.name}.driver", device.driver
        yield from _leaves(f"devices.{device.name}", device.config, version)
    for role, signal in loaded.signals.items():
        yield f"{role}.{'input' if role == 'dim' else 'meter'}", signal.channel
        yield f"{role}.every", words.value("every_s", signal.every_s)
        yield f"{role}.frozen_after", words.value("frozen_after_s", signal.frozen_after_s)
    yield "http.listen", "{}:{}".format(*loaded.http)


def _leaves(key: str, config: Any, version: Version) -> Iterator[tuple[str, str]]:
    if isinstance(config, Mapping):
        for name, below in config.items():
            yield from _leaves(f"{key}.{name}", below, version)
    elif isinstance(config, list) and any(isinstance(one, Mapping | list) for one in config):
        for k, below in enumerate(config):
            yield from _leaves(f"{key}.{k}", below, version)
    else:
        yield key, version.inside(words.value("", config))


def _shown(key: str, text: str | None) -> str:
    if text is None:
        return "not set"
    return "(hidden)" if key.rpartition(".")[2] in _SECRETS and "${" not in text else text
