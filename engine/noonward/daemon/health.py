"""Who answers and who does not: an outage is said once when it begins and once when it ends."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from noonward.daemon import log
from noonward.daemon.engine import ChannelStatus

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from noonward.core.model import Instant
    from noonward.ports import ChannelKind

FAILURES = 2
"""So many failures in a row make an outage; a single lost telegram is none."""


class Troubles:
    """What is wrong at present, by a name; begin and end are said once each."""

    def __init__(self, publish: Callable[[str, bool, Instant, str], None]) -> None:
        self._publish = publish
        self._since: dict[str, Instant] = {}
        self._messages: dict[str, str] = {}

    def __contains__(self, name: str) -> bool:
        return name in self._since

    def begin(self, name: str, now: Instant, message: str) -> None:
        """Say that something is wrong, unless that was said."""
        if name not in self._since:
            self._since[name] = now
            self._messages[name] = message
            log.warn("outage", f"{name}: {message}", source=name)
            self._publish(name, False, now, message)

    def end(self, name: str, now: Instant) -> None:
        """Say that it is over, if it was."""
        since = self._since.pop(name, None)
        self._messages.pop(name, None)
        if since is not None:
            message = f"well again after {max(now - since, 0.0):.0f} s"
            log.say("recovered", f"{name}: {message}", source=name, lasted_s=max(now - since, 0.0))
            self._publish(name, True, now, message)

    def change(self, name: str, now: Instant, message: str) -> bool:
        """Say that something is wrong, also where something else was wrong before; return False where it was said."""
        if self._messages.get(name) == message:
            return False
        self.drop([name])
        self.begin(name, now, message)
        return True

    def drop(self, names: Iterable[str]) -> None:
        """Forget what is no longer there."""
        for name in names:
            self._since.pop(name, None)
            self._messages.pop(name, None)


class Health:
    """How every channel is doing; an outage is told once a device, however many channels it has, and once a station."""

    def __init__(self, troubles: Troubles) -> None:
        self._troubles = troubles
        self._failures: dict[str, int] = {}
        self.channels: dict[str, ChannelStatus] = {}

    def watch(self, channel: str, kind: ChannelKind, address: str = "") -> None:
        """Keep an eye on "device/channel"; ``address`` is where a station has to connect."""
        device, _, name = channel.partition("/")
        known = self.channels.get(channel) or ChannelStatus(device=device, channel=name, kind=kind)
        self.channels[channel] = replace(known, address=address)

    def forget(self, channels: Iterable[str]) -> None:
        """Let go of channels that no policy uses any more."""
        gone = {_source(self.channels.pop(channel)) for channel in channels if channel in self.channels}
        self._failures = {channel: count for channel, count in self._failures.items() if channel in self.channels}
        self._troubles.drop(gone - {_source(status) for status in self.channels.values()})

    def answered(self, channel: str, now: Instant) -> None:
        """Note an answer."""
        if (status := self.channels.get(channel)) is None:
            return
        self.channels[channel] = replace(status, ok=True, last_ok=now, answers=status.answers + 1)
        self._failures.pop(channel, None)
        if status.device in self._troubles and not self._away(status.device):
            self._troubles.end(status.device, now)

    def failed(self, channel: str, now: Instant, error: BaseException) -> None:
        """Note a failure."""
        if (status := self.channels.get(channel)) is None:
            return
        said = str(error) or type(error).__name__
        self.channels[channel] = replace(status, ok=False, last_error=said, last_error_at=now, errors=status.errors + 1)
        self._failures[channel] = self._failures.get(channel, 0) + 1
        if self._failures[channel] >= FAILURES:
            self._troubles.begin(status.device, now, f"{status.channel} does not answer: {said}")

    def judge(
        self, channel: str, now: Instant, *, ok: bool | None, trouble: str | None, away_since: Instant | None = None
    ) -> None:
        """Note how a station is doing, which is never asked.

        Args:
            channel: "device/station".
            now: The moment.
            ok: It is connected; None: it was not so far.
            trouble: What is wrong with it and should be said; None: nothing, or not for long enough.
            away_since: Since when it is not connected; None: it is.
        """
        if (status := self.channels.get(channel)) is None:
            return
        status = replace(status, away_since=away_since)
        if trouble is not None:
            if self._troubles.change(status.channel, now, trouble):
                status = replace(status, last_error=trouble, last_error_at=now)
            self.channels[channel] = replace(status, ok=False)
        elif ok:
            self.channels[channel] = replace(status, ok=True, last_ok=now)
            self._troubles.end(status.channel, now)
        else:
            self.channels[channel] = replace(status, ok=ok)

    def away(self, channel: str) -> bool:
        """Return True while a channel has failed so often in a row that it counts as away."""
        return self._failures.get(channel, 0) >= FAILURES

    def _away(self, device: str) -> bool:
        return any(
            count >= FAILURES and self.channels[channel].device == device for channel, count in self._failures.items()
        )


def _source(status: ChannelStatus) -> str:
    """Return the name that its outage is told under."""
    return status.channel if status.kind == "station" else status.device
