"""What can be set for a policy or a station, as one short tag: who sets something can say what they saw before.

It changes with whatever somebody sets, and with the folder: after a reload the same words may mean something else.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from noonward.core.model import NO_INPUTS

if TYPE_CHECKING:
    from noonward.core.model import PolicyName, StationId
    from noonward.daemon.engine import Engine


def of_policy(engine: Engine, name: PolicyName) -> str:
    """Return the entity tag of a policy: of what is set for it, its stations left out."""
    wish = engine.inputs.get(name, NO_INPUTS)
    return _tag(engine, wish.switch_on, wish.boost_until, wish.override)


def of_station(engine: Engine, zone: PolicyName, station: StationId) -> str:
    """Return the entity tag of a station: of what is set for it."""
    wish = engine.inputs.get(zone, NO_INPUTS)
    return _tag(engine, wish.charge_now.get(station), wish.needs.get(station), wish.wakes.get(station))


def _tag(engine: Engine, *wishes: object) -> str:
    said = repr((engine.loaded.site.digest, *wishes))
    return f'"{sha256(said.encode()).hexdigest()[:16]}"'
