"""SG-Ready: the four states of the label on one or two contacts, and the order in which contacts move.

Contacts (K1, K2), after the SG-Ready label of Bundesverband Wärmepumpe: (0,0) normal, (0,1) recommended, (1,1) forced,
(1,0) locked. Noonward offers surplus; it never locks a pump. A policy with one relay has K2; with two, K1 comes first.

One contact moves at a time: closing K2 before K1 and opening K1 before K2, so that (1,0) is never passed through.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from noonward.core.model import Appliance, RelayId

STATES = ("normal", "recommended", "forced")
"""Names of the stages."""


def state_names(appliance: Appliance) -> tuple[str, ...]:
    """Return the names of the policy's states, index is the stage."""
    top = len(appliance.stages)
    if appliance.sg_ready:
        return STATES[: top + 1]
    return ("off", "on") if top == 1 else ("off", *(f"stage-{k}" for k in range(1, top + 1)))


def to_open(appliance: Appliance, relays: list[RelayId]) -> list[RelayId]:
    """Return which of these closed relays to open now: all at once, an SG-Ready pair K1 first."""
    return relays[:1] if appliance.sg_ready else relays


def to_close(appliance: Appliance, relays: list[RelayId]) -> list[RelayId]:
    """Return which of these open relays to close now: one at a time, of an SG-Ready pair K2 first."""
    return relays[-1:] if appliance.sg_ready else relays[:1]
