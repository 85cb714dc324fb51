"""What the device entries of a site offer, asked of the drivers that are installed."""

from __future__ import annotations

import difflib
from functools import lru_cache
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any

from noonward.policy import schema, secrets
from noonward.policy.project import Devices
from noonward.ports import Channel, ConfigFault

if TYPE_CHECKING:
    from collections.abc import Mapping
    from importlib.metadata import EntryPoint

    from noonward.policy.problems import Problem
    from noonward.policy.project import Document
    from noonward.ports import Driver

GROUP = "noonward.drivers"


@lru_cache(maxsize=1)
def installed() -> Mapping[str, EntryPoint]:
    """Return every installed driver by the name to write behind ``driver:``, without importing any."""
    return {entry.name: entry for entry in entry_points(group=GROUP)}


@lru_cache(maxsize=64)
def driver(name: str) -> Driver:
    """Return a driver, importing it the first time.

    Raises:
        KeyError: There is no driver of this name.
        ImportError: It is installed but cannot be imported.
    """
    loaded: Driver = installed()[name].load()
    return loaded


def configured(
    site: Document, entry: Mapping[str, Any], rules: Mapping[str, Any], environ: Mapping[str, str] | None
) -> dict[str, Any]:
    """Return a device entry as its driver gets it: secrets resolved, paths counted from the folder of site.yaml.

    Args:
        site: Where the entry stands.
        entry: As written; secrets in it are known good.
        rules: The driver's schema; keys it marks with ``x-path`` may hold a path, which has a slash in it.
        environ: Where secrets come from; None leaves them unresolved.
    """
    config = {key: value for key, value in entry.items() if key != "driver"}
    if environ is not None:
        config = secrets.resolve(config, environ)
    for key, rule in rules.get("properties", {}).items():
        written = config.get(key)
        if rule.get("x-path") and isinstance(written, str) and "/" in written:
            config[key] = str(site.path.parent / written)
    return config


def devices(site: Document, environ: Mapping[str, str] | None = None) -> tuple[Devices, list[Problem]]:
    """Return the channels of all device entries of a site, and what is wrong with them.

    Args:
        site: A site that passed its schema.
        environ: Where secrets come from; None leaves them unresolved.
    """
    known, problems = Devices(), []
    for name, entry in (site.get("devices") or {}).items():
        known.names.add(name)
        found = list(_describe(site, name, entry, environ, known))
        if found:
            known.unclear.add(name)
            problems += found
    return known, problems


def _describe(
    site: Document, name: str, entry: Mapping[str, Any], environ: Mapping[str, str] | None, known: Devices
) -> list[Problem]:
    path = ("devices", name)
    written = {key: value for key, value in entry.items() if key != "driver"}
    try:
        chosen = driver(entry["driver"])
    except KeyError:
        near = difflib.get_close_matches(entry["driver"], installed(), 1, 0.5)
        hint = f'did you mean "{near[0]}"?' if near else f"installed are {', '.join(sorted(installed()))}"
        return [site.problem("D301", "error", f'there is no driver "{entry["driver"]}"', (*path, "driver"), hint=hint)]
    except Exception as error:  # noqa: BLE001 - a driver is someone else's code; whatever it raises is told
        message = f'driver "{entry["driver"]}" cannot be loaded: {error}'
        return [site.problem("D303", "error", message, (*path, "driver"))]
    problems = [
        *secrets.problems(site, path, written, environ),
        *schema.device_problems(site, path, written, chosen.schema),
    ]
    if problems:
        return problems
    try:
        answer = chosen.describe(configured(site, entry, chosen.schema, environ))
    except Exception as error:  # noqa: BLE001 - as above; the message may hold a secret, the type does not
        message = f'driver "{entry["driver"]}" failed on this entry: {type(error).__name__}'
        return [site.problem("D304", "error", message, path, hint="report this to who wrote the driver")]
    if isinstance(answer, ConfigFault):
        return [site.problem("D302", "error", answer.message, (*path, *answer.path), hint=answer.hint)]
    for channel in answer:
        _add(known, name, channel)
    return []


def _add(known: Devices, device: str, channel: Channel) -> None:
    if channel.kind == "station":
        known.stations.setdefault(channel.name, {})[device] = channel
    else:
        kinds = {"relay": known.relays, "meter": known.meters, "input": known.inputs}
        kinds[channel.kind][f"{device}/{channel.name}"] = channel
