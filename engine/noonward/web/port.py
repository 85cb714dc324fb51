"""What the web asks of the running engine; ``noonward.daemon.engine`` fulfils it, tests fake it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from noonward.core.model import Inputs, Instant, Observation, Outcome, Override, PolicyName, Site
    from noonward.ports import Clock, Publisher


class Engine(Protocol):
    """The running engine: what it last saw, decided and knows, and the three things that people may set.

    Setters save before they return and make the engine step soon. They take any policy that ``site`` has; whether
    the mode allows it is the caller's business.
    """

    @property
    def clock(self) -> Clock:
        """The clock that the engine itself uses."""

    @property
    def site(self) -> Site:
        """The policies in force; another object after a reload."""

    @property
    def observation(self) -> Observation | None:
        """What the last whole step saw; None before the first."""

    @property
    def outcome(self) -> Outcome | None:
        """Result of the last whole step; None before the first."""

    @property
    def stepped_at(self) -> Instant | None:
        """When the last whole step was taken; None before the first."""

    def inputs(self, policy: PolicyName) -> Inputs:
        """Return what people have set for a policy, also what no step has seen yet."""

    def decisions(self, *, policy: PolicyName | None, limit: int) -> Sequence[Mapping[str, Any]]:
        """Return recorded changes of decision, newest first."""

    async def set_switch(self, policy: PolicyName, on: bool, *, by: str) -> None:
        """Set the switch that mode ``manual`` follows."""

    async def set_boost(self, policy: PolicyName, until: Instant | None, *, by: str) -> None:
        """Switch on until then, or end a boost."""

    async def set_override(self, policy: PolicyName, override: Override | None) -> None:
        """Replace the mode of the file, or follow the file again."""

    def subscribe(self, publisher: Publisher) -> Callable[[], None]:
        """Tell ``publisher`` of every step that changed something; call what is returned to stop."""
