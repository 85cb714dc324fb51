"""What Home Assistant's documentation says of a device discovery message, as a check of its own.

Sources, each below https://www.home-assistant.io/integrations/: ``mqtt/#device-discovery-payload`` and
``mqtt/#discovery-topic``, ``sensor.mqtt/``, ``binary_sensor.mqtt/``, ``switch.mqtt/``, ``select.mqtt/``,
``button.mqtt/`` (configuration variables), ``sensor/#device-class`` and
https://developers.home-assistant.io/docs/core/entity/sensor/ (units and state classes of a device class).
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

import jinja2

TOPIC = re.compile(r"[a-zA-Z0-9_-]+(/[a-zA-Z0-9_-]+)*/device/[a-zA-Z0-9_-]+/config")
SHORT = {"dev": "device", "o": "origin", "cmps": "components", "p": "platform"}
SHORT_DEVICE = {
    "ids": "identifiers",
    "mf": "manufacturer",
    "mdl": "model",
    "sw": "sw_version",
    "sn": "serial_number",
    "hw": "hw_version",
}
SHORT_ORIGIN = {"sw": "sw_version", "url": "support_url"}

ROOT = {
    "device",
    "origin",
    "components",
    "availability",
    "availability_mode",
    "state_topic",
    "command_topic",
    "qos",
    "encoding",
}
DEVICE = {"configuration_url", "connections", "hw_version", "identifiers", "manufacturer", "model", "model_id", "name", "serial_number", "suggested_area", "sw_version", "via_device"}  # fmt: skip
ORIGIN = {"name", "sw_version", "support_url"}
COMMON = {"platform", "unique_id", "name", "availability", "availability_mode", "device_class", "enabled_by_default", "encoding", "entity_category", "entity_picture", "icon", "json_attributes_template", "json_attributes_topic", "qos"}  # fmt: skip
OWN = {
    "sensor": {"expire_after", "force_update", "last_reset_value_template", "options", "state_class", "state_topic", "suggested_display_precision", "unit_of_measurement", "value_template"},
    "binary_sensor": {"expire_after", "force_update", "off_delay", "payload_off", "payload_on", "state_topic", "value_template"},
    "switch": {"command_template", "command_topic", "optimistic", "payload_off", "payload_on", "retain", "state_off", "state_on", "state_topic", "value_template"},
    "select": {"command_template", "command_topic", "optimistic", "options", "retain", "state_topic", "value_template"},
    "button": {"command_template", "command_topic", "payload_press", "retain"},
}  # fmt: skip
REQUIRED = {
    "sensor": {"state_topic"},
    "binary_sensor": {"state_topic"},
    "switch": {"command_topic"},
    "select": {"command_topic", "options"},
    "button": {"command_topic"},
}
UNITS = {"power": {"mW", "W", "kW", "MW", "GW", "TW"}, "energy": {"Wh", "kWh", "MWh", "GWh", "TWh"}, "current": {"A", "mA"}, "battery": {"%"}, "temperature": {"°C", "°F", "K"}, "humidity": {"%"}}  # fmt: skip
STATE_CLASSES = {"power": {"measurement"}, "energy": {"total", "total_increasing"}, "current": {"measurement"}, "battery": {"measurement"}, "timestamp": set()}  # fmt: skip
BINARY = {"battery", "connectivity", "plug", "power", "problem", "running"}
STATE_MAX = 255


def whole(message: dict[str, Any]) -> dict[str, Any]:
    """Return a message with its abbreviations written out."""
    long = {SHORT.get(key, key): value for key, value in message.items()}
    long["device"] = {SHORT_DEVICE.get(key, key): value for key, value in long.get("device", {}).items()}
    long["origin"] = {SHORT_ORIGIN.get(key, key): value for key, value in long.get("origin", {}).items()}
    long["components"] = {
        key: {SHORT.get(name, name): value for name, value in one.items()}
        for key, one in long.get("components", {}).items()
    }
    return long


def wrong(topic: str, message: dict[str, Any]) -> list[str]:
    """Return everything in which a message is not as documented."""
    message = whole(message)
    found = [] if TOPIC.fullmatch(topic) else [f"topic {topic}"]
    found += [f"key {key}" for key in message.keys() - ROOT]
    found += [f"device.{key}" for key in message["device"].keys() - DEVICE]
    found += [f"origin.{key}" for key in message["origin"].keys() - ORIGIN]
    if not (message["device"].get("identifiers") or message["device"].get("connections")):
        found.append("the device has no identifier")
    if not message["origin"].get("name"):
        found.append("origin.name is required")
    if not message["components"]:
        found.append("no component")
    for key, one in message["components"].items():
        shared = {name: message[name] for name in ("state_topic", "command_topic") if name in message}
        found += [f"{key}: {problem}" for problem in _component(one, shared)]
    ids = [one["unique_id"] for one in message["components"].values() if "unique_id" in one]
    return found + [f"{one} twice" for one in set(ids) if ids.count(one) > 1]


def _component(one: dict[str, Any], shared: dict[str, Any]):
    platform = one.get("platform")
    if platform not in OWN:
        yield f"platform {platform}"
        return
    if one.keys() == {"platform"}:
        return  # takes the component away
    yield from (f"key {key}" for key in one.keys() - COMMON - OWN[platform])
    yield from (f"{key} is required" for key in REQUIRED[platform] - one.keys() - shared.keys())
    if not one.get("unique_id"):
        yield "unique_id is required"
    yield from (
        f"{key}: {value}" for key, value in one.items() if key.endswith("topic") and re.search(r"[+#\0]", value)
    )
    kind, unit = one.get("device_class"), one.get("unit_of_measurement")
    if platform == "sensor":
        if kind in UNITS and unit not in UNITS[kind]:
            yield f"unit {unit} of a {kind}"
        if kind == "timestamp" and unit:
            yield "a timestamp has no unit"
        if one.get("state_class") and one["state_class"] not in STATE_CLASSES.get(kind, {one["state_class"]}):
            yield f"state_class {one['state_class']} of a {kind}"
    if platform == "binary_sensor" and kind not in {None, *BINARY}:
        yield f"device_class {kind}"
    if not one.get("options", [1]):
        yield "no options"


_JINJA = jinja2.Environment(undefined=jinja2.StrictUndefined, autoescape=False)  # noqa: S701 - states are no HTML


def shown(template: str, value: Any) -> str:
    """Return what Home Assistant makes of a JSON state."""
    return _JINJA.from_string(template).render(value_json=value)


def takes(one: dict[str, Any], state: str) -> bool:  # noqa: PLR0911 - a table
    """Tell whether a state is one that the component takes; "None" is unknown."""
    if state == "None":
        return True
    match one["platform"], one.get("device_class"):
        case "sensor", "timestamp":
            return datetime.fromisoformat(state).tzinfo is not None
        case "sensor", None if "state_class" not in one:
            return 0 < len(state) <= STATE_MAX
        case "sensor", _:
            return float(state) == float(state)
        case (("binary_sensor" | "switch"), _):
            return state in {"ON", "OFF"}
        case "select", _:
            return state in one["options"]
    return False
