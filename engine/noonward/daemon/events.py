"""Events for whoever listens: pages, dashboards. Their shape is told in ``engine.Engine``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from noonward.daemon import log

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from noonward.core.model import Instant, PolicyName, StationId
    from noonward.ports import Publisher


class Events:
    """The listeners, and one method an event."""

    def __init__(self) -> None:
        self._publishers: list[Publisher] = []

    def subscribe(self, publisher: Publisher) -> Callable[[], None]:
        """Hand every event to ``publisher``; return what unsubscribes it."""
        self._publishers.append(publisher)
        return lambda: self._publishers.remove(publisher) if publisher in self._publishers else None

    def step(self, at: Instant, changed: Sequence[PolicyName]) -> None:
        """A step was taken."""
        self._publish("step", at, changed=list(changed))

    def inputs(self, at: Instant, policy: PolicyName) -> None:
        """Someone set something."""
        self._publish("inputs", at, policy=policy)

    def need(self, at: Instant, policy: PolicyName, station: StationId | None, ok: bool, message: str) -> None:
        """A need cannot be met any more, or is no longer at risk."""
        self._publish("need", at, policy=policy, station=station, ok=ok, message=message)

    def forecast(self, at: Instant) -> None:
        """A forecast was given, or taken back."""
        self._publish("forecast", at)

    def outage(self, name: str, ok: bool, at: Instant, message: str) -> None:
        """An outage began or ended."""
        self._publish("device", at, device=name, ok=ok, message=message)

    def reload(self, at: Instant, problems: int) -> None:
        """The folder was read again; with problems the set before runs on."""
        self._publish("reload", at, ok=not problems, problems=problems)

    def stopping(self, at: Instant) -> None:
        """Nothing comes after this."""
        self._publish("stopping", at)

    def _publish(self, event: str, at: Instant, **facts: Any) -> None:
        for publisher in tuple(self._publishers):
            try:
                publisher.publish({"event": event, "at": at, **facts})
            except Exception as error:  # noqa: BLE001 - nobody who listens may stop the loop
                self._publishers.remove(publisher)
                log.alarm("listener-bug", f"a listener is broken and hears no more: {error!r}", error)
