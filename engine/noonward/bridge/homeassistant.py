"""Home Assistant finds the site: a device for the gateway, each policy and each station, and what each shows and takes.

Device discovery, as documented at https://www.home-assistant.io/integrations/mqtt/#device-discovery-payload: one
retained message a device, with its ``components``. An entity is known by its ``unique_id``, which is made of the first
name that a policy had (``names``), so a renamed policy keeps its entities, their history and dashboards.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from noonward.bridge import entities, topics
from noonward.bridge.picture import text
from noonward.bridge.words import word
from noonward.core.model import Zone

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from noonward.bridge.entities import Component
    from noonward.bridge.names import Names
    from noonward.core.model import Appliance
    from noonward.policy.bridges import Mqtt
    from noonward.policy.loaded import Loaded

STATUS = "status"
"""Below the discovery prefix: where Home Assistant says that it is up."""
BIRTH = b"online"


def devices(loaded: Loaded, mqtt: Mqtt, names: Names, version: str) -> dict[str, dict[str, Any]]:
    """Return the discovery topic of every device to its message, in the language that is spoken."""
    return {f"{mqtt.discovery}/device/{key}/config": one for key, one in _devices(loaded, mqtt, names, version)}


def _devices(loaded: Loaded, mqtt: Mqtt, names: Names, version: str) -> Iterator[tuple[str, dict[str, Any]]]:
    site, gateway = loaded.site, names.site
    shown = [one for one in entities.SITE if one.key.partition("_")[0] in loaded.signals]
    made = _Device(mqtt, version, gateway, None)
    yield (
        gateway,
        made.message(
            {"name": site.name, "model": word("site")},
            topics.SITE,
            {**made.entities([*shown, *entities.FLOWS]), **made.entities(entities.NOTICES, topics.NOTICES)},
        ),
    )
    for policy in site.policies:
        made = _Device(mqtt, version, names.policy(policy.name), gateway)
        yield made.key, made.policy(policy, topics.POLICY.format(topics.level(policy.name)))
    for zone in site.zones:
        for station in zone.stations:
            made = _Device(mqtt, version, names.station(station), names.policy(zone.name))
            yield made.key, made.station(station, topics.STATION.format(topics.level(station)))


class _Device:
    """Makes the message of one device.

    Args:
        mqtt: The broker.
        version: Of Noonward.
        key: What the device is known by.
        via: Key of the device behind which it stands.
    """

    def __init__(self, mqtt: Mqtt, version: str, key: str, via: str | None) -> None:
        self.key = key
        self._mqtt = mqtt
        self._version = version
        self._via = via
        self._available = {"topic": self._topic(topics.AVAILABILITY)}

    def policy(self, policy: Appliance | Zone, state: str) -> dict[str, Any]:
        """Return the message of a policy."""
        kind = "ev-zone" if isinstance(policy, Zone) else "appliance"
        shown = self.entities(
            [*entities.POLICY, *(entities.NEED if policy.need is not None and kind == "appliance" else ())]
        )
        if self._mqtt.commands:
            takes = self.entities(entities.POLICY_COMMANDS, thing=("policy", policy.name))
            manual = {"topic": self._topic(state), "value_template": entities.MANUAL}
            takes["switch"] |= {"availability": [self._available, manual], "availability_mode": "all"}
            shown |= takes
        return self.message({"name": policy.name, "model": word(kind)}, state, shown)

    def station(self, station: str, state: str) -> dict[str, Any]:
        """Return the message of a station."""
        shown = self.entities(entities.STATION)
        if self._mqtt.commands:
            shown |= self.entities(entities.STATION_COMMANDS, thing=("station", station))
        return self.message({"name": station, "model": word("station")}, state, shown)

    def message(self, device: Mapping[str, Any], state: str, components: Mapping[str, Any]) -> dict[str, Any]:
        """Return the whole message."""
        via = {"via_device": self._via} if self._via else {}
        return {
            "device": {
                "identifiers": [self.key],
                "manufacturer": "Noonward",
                "sw_version": self._version,
                **via,
                **device,
            },
            "origin": {"name": "Noonward", "sw_version": self._version},
            "availability": [self._available],
            "state_topic": self._topic(state),
            "qos": 1,
            "components": dict(components),
        }

    def entities(
        self, components: Iterable[Component], state: str | None = None, thing: tuple[str, str] = ("", "")
    ) -> dict[str, dict[str, Any]]:
        """Return the configuration of each component, by its key."""
        return {one.key: self._entity(one, state, thing) for one in components}

    def _entity(self, one: Component, state: str | None, thing: tuple[str, str]) -> dict[str, Any]:
        entity = {"platform": one.platform, "unique_id": f"{self.key}_{one.key}", "name": word(one.key), **one.options}
        if one.value:
            entity["value_template"] = one.value
        if state is not None:
            entity["state_topic"] = self._topic(state)
        if one.key == "notices" and state is not None:
            entity["json_attributes_topic"] = self._topic(state)
        if one.command:
            entity |= {"command_topic": self._topic(topics.command(*thing, one.command)), "retain": False}
        return entity

    def _topic(self, below: str) -> str:
        return f"{self._mqtt.topic}/{below}"


def changes(known: Mapping[str, Mapping[str, str]], wanted: Mapping[str, Mapping[str, Any]]) -> list[tuple[str, str]]:
    """Return what is to be published, retained, so that exactly the wanted devices and entities are there.

    What is gone from a device is first sent with its platform alone, which removes the entity, and then left out.

    Args:
        known: Discovery topic to the components that were told there, and their platforms.
        wanted: Discovery topic to message.
    """
    made = [(topic, "") for topic in known if topic not in wanted]
    for topic, message in wanted.items():
        components = message["components"]
        gone = {key: {"platform": was} for key, was in known.get(topic, {}).items() if key not in components}
        if gone:
            made.append((topic, text({**message, "components": {**components, **gone}})))
        made.append((topic, text(message)))
    return made


def told(wanted: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, str]]:
    """Return what to remember of messages: discovery topic to components and their platforms."""
    return {
        topic: {key: one["platform"] for key, one in message["components"].items()} for topic, message in wanted.items()
    }
