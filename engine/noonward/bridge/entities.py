"""What Home Assistant is shown of a site, and what it may ask: literal tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from noonward.bridge.picture import MODES

if TYPE_CHECKING:
    from collections.abc import Mapping

SENTENCE_MAX = 255
"""Characters; Home Assistant takes no longer state."""


class Component(NamedTuple):
    """One entity.

    Attributes:
        key: Its name in the device, and the word it goes by.
        platform: Of Home Assistant.
        value: The template that finds its state; "" where it has none.
        options: Further keys of its configuration.
        command: The command that it sends; "" where it sends none.
    """

    key: str
    platform: str
    value: str = ""
    options: Mapping[str, Any] = {}
    command: str = ""


def _one(name: str) -> str:
    return f"{{{{ value_json.{name} }}}}"


def _yes(name: str) -> str:
    return f"{{{{ 'None' if value_json.{name} is none else 'ON' if value_json.{name} else 'OFF' }}}}"


def _any(name: str) -> str:
    """Return a template of what is there or not; nothing is no trouble, and a need that nobody has is not at risk."""
    return f"{{{{ 'ON' if value_json.{name} else 'OFF' }}}}"


def _percent(name: str) -> str:
    return f"{{{{ 'None' if value_json.{name} is none else (value_json.{name} * 100) | round(0) }}}}"


_POWER = {
    "device_class": "power",
    "unit_of_measurement": "W",
    "state_class": "measurement",
    "suggested_display_precision": 0,
}
_ENERGY = {"device_class": "energy", "unit_of_measurement": "kWh", "suggested_display_precision": 1}
_MOMENT = {"device_class": "timestamp"}
_TROUBLE = {"device_class": "problem"}
_CHARGE = {"device_class": "battery", "unit_of_measurement": "%", "state_class": "measurement"}
_SENTENCE = f"{{{{ value_json.sentence[:{SENTENCE_MAX}] }}}}"

SITE = (
    Component("grid_power", "sensor", _one("grid_w"), _POWER),
    Component("pv_power", "sensor", _one("pv_w"), _POWER),
    Component("battery_power", "sensor", _one("battery_w"), _POWER),
    Component("battery_charge", "sensor", _percent("battery_soc"), _CHARGE),
)
FLOWS = (
    Component("house_power", "sensor", _one("house_w"), _POWER),
    Component("controlled_power", "sensor", _one("controlled_w"), _POWER),
)
NOTICES = (
    Component("trouble", "binary_sensor", _any("trouble"), _TROUBLE),
    Component("notices", "sensor", _one("count"), {"state_class": "measurement"}),
)
POLICY = (
    Component("on", "binary_sensor", _yes("on"), {"device_class": "running"}),
    Component(
        "power",
        "sensor",
        "{{ value_json.power_w if value_json.draw_w is none else value_json.draw_w }}",
        _POWER,
    ),
    Component("reason", "sensor", _SENTENCE),
    Component("next_change", "sensor", _one("next_change_at"), _MOMENT),
)
NEED = (
    Component("missing", "sensor", _one("missing_kwh"), _ENERGY),
    Component("ready_by", "sensor", _one("ready_by"), _MOMENT),
    Component("at_risk", "binary_sensor", _any("at_risk"), _TROUBLE),
)
POLICY_COMMANDS = (
    Component("switch", "switch", _yes("switch"), command="switch"),
    Component("override", "select", _one("override"), {"options": list(MODES)}, "override"),
    Component("boost", "button", options={"payload_press": "1 h"}, command="boost"),
    Component("boost_end", "button", options={"payload_press": "OFF"}, command="boost"),
)
STATION = (
    Component("state", "sensor", _one("summary")),
    Component("reason", "sensor", _SENTENCE),
    Component("power", "sensor", _one("drawn_w"), _POWER),
    Component("limit", "sensor", _one("limit_a"), {"device_class": "current", "unit_of_measurement": "A"}),
    Component("session", "sensor", _one("session_kwh"), {**_ENERGY, "state_class": "total_increasing"}),
    Component("missing", "sensor", _one("missing_kwh"), _ENERGY),
    Component("ready_by", "sensor", _one("departure"), _MOMENT),
    Component("at_risk", "binary_sensor", _any("at_risk"), _TROUBLE),
    Component("plugged", "binary_sensor", _yes("plugged"), {"device_class": "plug"}),
    Component("online", "binary_sensor", _yes("online"), {"device_class": "connectivity"}),
    Component("trouble", "binary_sensor", _any("trouble"), _TROUBLE),
    Component("charging_now", "binary_sensor", _yes("charge_now"), {"device_class": "running"}),
)
STATION_COMMANDS = (
    Component("charge_now", "button", options={"payload_press": "ON"}, command="charge-now"),
    Component("charge_now_end", "button", options={"payload_press": "OFF"}, command="charge-now"),
    Component("wake", "button", options={"payload_press": "ON"}, command="wake"),
)
MANUAL = "{{ 'offline' if value_json.switch is none else 'online' }}"
"""When the switch can be used: in mode manual."""
