"""R5xx: what happens when something fails, and what an SG-Ready heat pump asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from noonward.core.model import FailSafe
from noonward.policy import bridges
from noonward.policy.rules import facts
from noonward.policy.rules.registry import Found, rule
from noonward.policy.wording import duration

if TYPE_CHECKING:
    from collections.abc import Iterator

    from noonward.policy.project import Document, Project
    from noonward.policy.yaml import KeyPath

SAVED_BY = "a relay with a timer of its own (Shelly, Wiren Board, WAGO) lets go by itself"


def _failing(project: Project, then: FailSafe) -> Iterator[Document]:
    """Yield the policies that look at the surplus and do this when the grid meter is silent."""
    for policy in project.policies:
        if facts.mode(policy) in facts.SOLAR and facts.then(policy) is then:
            yield policy


@rule("R501", "info", "The fail-safe is left to its defaults")
def no_fail_safe(project: Project) -> Iterator[Found]:
    """Two minutes, then release: good for most loads, and worth a thought."""
    for policy in project.policies:
        if facts.mode(policy) in facts.SOLAR and not policy.has("fail_safe"):
            yield Found(
                policy,
                ("mode",),
                f"when the grid meter is silent for {duration(facts.STALE_AFTER_S)} it is released",
                "write it down with `fail_safe:`, or choose keep or force",
            )


@rule("R502", "warning", "Nothing releases the relay if the gateway dies", safety=True)
def no_dead_man(project: Project) -> Iterator[Found]:
    """A relay without a timer of its own stays as it was."""
    relays = project.devices.relays
    for policy in _failing(project, FailSafe.RELEASE):
        bare = {
            relay: path for relay, path in facts.relays(policy) if relay in relays and relays[relay].dead_man_s is None
        }
        if bare:
            names, path = ", ".join(bare), next(iter(bare.values()))
            yield Found(
                policy,
                ("fail_safe", "then") if policy.has("fail_safe", "then") else path,
                f"it is to be released, but {names} stays closed if the gateway itself fails",
                SAVED_BY,
            )


@rule("R503", "warning", "Forced on without a minimum on-time of its own", safety=True)
def forced_without_min_on(project: Project) -> Iterator[Found]:
    """A meter that comes and goes switches the load each time."""
    for policy in _failing(project, FailSafe.FORCE):
        if not (policy.number("load", "min_on") or policy.number("vehicle", "min_on")):
            yield Found(
                policy,
                ("fail_safe", "then"),
                "a meter that comes and goes forces it on each time, and no `min_on` says for how long",
                "write the `min_on` that this load needs",
            )


@rule("R504", "warning", "It keeps running on a value that nobody has", safety=True)
def kept(project: Project) -> Iterator[Found]:
    """Then: keep has no end while the meter is silent."""
    for policy in _failing(project, FailSafe.KEEP):
        yield Found(
            policy,
            ("fail_safe", "then"),
            "while the grid meter is silent it stays as it was, for days if need be",
            "release is the safe choice; keep is for loads that may run on for ever",
        )


@rule("R505", "warning", "A fail-safe that the mode does not look at")
def fail_safe_ignored(project: Project) -> Iterator[Found]:
    """A mode that does not look at the surplus does not miss the meter."""
    for policy in project.policies:
        if policy.has("fail_safe") and facts.mode(policy) not in facts.SOLAR:
            yield Found(
                policy,
                ("fail_safe",),
                f"mode {facts.mode(policy)} goes on without the grid meter: `fail_safe` does nothing here",
                "remove it, or use mode auto-solar or auto-timer",
                key=True,
            )


@rule("R506", "error", "An offer is watched without a meter")
def refused_unseen(project: Project) -> Iterator[Found]:
    """Only the heat pump's own meter tells whether it took the offer."""
    for policy in project.appliances:
        if policy.has("load", "refused_after") and not policy.has("load", "meter"):
            yield Found(
                policy,
                ("load", "refused_after"),
                "nobody can see whether the heat pump takes the offer: it has no meter of its own",
                "name one with `load.meter`, or remove `refused_after`",
                key=True,
            )


@rule("R507", "warning", "Shorter than SG-Ready asks for")
def too_short_for_sg_ready(project: Project) -> Iterator[Found]:
    """The SG-Ready label asks for 10 minutes in a state."""
    least_s = facts.SG_READY_MIN_S
    for policy in project.appliances:
        for key, says in (("min_on", facts.min_on_s), ("min_off", facts.min_off_s)):
            if facts.is_sg_ready(policy) and says(policy) < least_s:
                yield Found(
                    policy,
                    ("load", key),
                    f"an SG-Ready heat pump is to keep a state for {duration(least_s)}, not {duration(says(policy))}",
                    f"leave `{key}` out, or write {duration(least_s)} or more",
                )


@rule("R508", "error", "A secret stands in the file")
def secret_as_text(project: Project) -> Iterator[Found]:
    """Policies live in git, and git never forgets."""
    site = project.site
    if site is None:
        return
    devices: dict[KeyPath, Any] = {("devices", name): entry for name, entry in (site.get("devices") or {}).items()}
    for path, entry in {**devices, **bridges.entries(site)}.items():
        for key, value in entry.items():
            if key in SECRETS and isinstance(value, str) and "${" not in value:
                name = path[1] if path in devices else str(path[0]).removesuffix("s")
                yield Found(
                    site,
                    (*path, key),
                    f"the {key} stands in the file, and with it in git for ever",
                    f'write "${{env:{str(name).upper().replace("-", "_")}_{key.upper()}}}" and change the {key}',
                )


@rule("R513", "warning", "MQTT crosses the network in the clear")
def mqtt_in_the_clear(project: Project) -> Iterator[Found]:
    """Who can read the network reads the password; who can write to it commands."""
    site = project.site
    mqtt = site.get("mqtt") if site else None
    if site is None or not mqtt or mqtt.get("tls") or mqtt["host"] in LOOPBACK:
        return
    crosses = [
        *(["the password"] if mqtt.get("password") else []),
        *(["commands"] if mqtt.get("commands") else []),
    ]
    if crosses:
        yield Found(
            site,
            ("mqtt", "host"),
            f"{' and '.join(crosses)} cross{'es' if crosses == ['the password'] else ''} the network to {mqtt['host']} "
            "in the clear",
            "add `tls: true`, or `tls: {ca: …}` for an authority of your own",
        )


LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
"""Nothing that goes there leaves the machine."""

SECRETS = frozenset({"password", "token", "secret", "api_key"})
"""Keys whose values are nobody else's business."""
