"""Every topic, below the one that site.yaml gives (``mqtt.topic``).

===============================  ========  ====================================================================
``availability``                 retained  ``online``; ``offline`` is the last will
``site/state``                   retained  JSON: what the site measures, how the engine is doing
``policy/NAME/state``            retained  JSON: what one policy does, and why
``station/ID/state``             retained  JSON: what one charging station and its car do, and why
``notices/state``                retained  JSON: what is not as it should be
``event``                                  JSON: a notice begins, or is over
``policy/NAME/COMMAND/set``      heard     switch, boost, override, where ``mqtt.commands`` is true
``station/ID/COMMAND/set``       heard     charge-now, need, where ``mqtt.commands`` is true
``result``                                 JSON: what became of a command
===============================  ========  ====================================================================
"""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import quote, unquote

AVAILABILITY = "availability"
SITE = "site/state"
POLICY = "policy/{}/state"
STATION = "station/{}/state"
NOTICES = "notices/state"
EVENT = "event"
RESULT = "result"
SET = ("policy/+/+/set", "station/+/+/set")
ONLINE, OFFLINE = "online", "offline"


def level(name: str) -> str:
    """Return a name as one level of a topic; a station may be called ``+`` or ``#`` or ``a/b``."""
    return quote(name, safe="")


def command(thing: str, name: str, what: str) -> str:
    """Return the topic of a command."""
    return f"{thing}/{level(name)}/{what}/set"


class Heard(NamedTuple):
    """A topic of a command.

    Attributes:
        thing: policy or station.
        name: Which.
        what: Which command.
    """

    thing: str
    name: str
    what: str


def heard(topic: str) -> Heard | None:
    """Return what a topic, without what stands in front of it, asks for; None: it is no command."""
    match topic.split("/"):
        case [("policy" | "station") as thing, name, what, "set"]:
            return Heard(thing, unquote(name), what)
    return None
