"""What the daemon says: one line an event, for people on a terminal, for programs in a pipe.

On a terminal a line begins with the time of day; anywhere else with journald's ``<N>`` priority, then
``event=…`` and ``key=value`` pairs, so that ``journalctl -p warning`` and ``grep event=outage`` both work.
"""

from __future__ import annotations

import json
import logging
import sys
from datetime import datetime
from typing import Any, TextIO
from zoneinfo import ZoneInfo

PRIORITY = {logging.DEBUG: 7, logging.INFO: 6, logging.WARNING: 4, logging.ERROR: 3, logging.CRITICAL: 2}
"""Level to the priority of syslog(3)."""

_LOGGER = logging.getLogger("noonward")


def say(event: str, message: str, /, level: int = logging.INFO, **facts: Any) -> None:
    """Log one event.

    Args:
        event: Its stable name, for programs.
        message: A sentence, for people.
        level: As in ``logging``.
        facts: What programs want to know; None is left out.
    """
    known = {key: value for key, value in facts.items() if value is not None}
    _LOGGER.log(level, "%s", message, extra={"event": event, "facts": known})


def warn(event: str, message: str, /, **facts: Any) -> None:
    """Log what someone should look at."""
    say(event, message, logging.WARNING, **facts)


def alarm(event: str, message: str, /, error: BaseException | None = None, **facts: Any) -> None:
    """Log what someone must look at, with where it was raised if it was."""
    known = {key: value for key, value in facts.items() if value is not None}
    _LOGGER.error("%s", message, exc_info=error, extra={"event": event, "facts": known})


class ForPrograms(logging.Formatter):
    """``<4>event=outage device=grid-meter msg="grid-meter does not answer"``."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line; what was raised follows as one escaped value."""
        facts = dict(getattr(record, "facts", {}))
        if record.exc_info:
            facts["trace"] = self.formatException(record.exc_info)
        pairs = {"event": getattr(record, "event", record.name), **facts, "msg": record.getMessage()}
        line = " ".join(f"{key}={_value(value)}" for key, value in pairs.items())
        return f"<{PRIORITY.get(record.levelno, 6)}>{line}"


class ForPeople(logging.Formatter):
    """``20:31:05  ! grid-meter does not answer``, by the site's clock."""

    def __init__(self, timezone: str | None) -> None:
        super().__init__()
        self._zone = None if timezone is None else ZoneInfo(timezone)

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        mark = {logging.WARNING: "! ", logging.ERROR: "!! "}.get(record.levelno, "")
        line = f"{datetime.fromtimestamp(record.created, self._zone):%H:%M:%S}  {mark}{record.getMessage()}"
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line


def _value(value: Any) -> str:
    if isinstance(value, float):
        value = round(value, 3)
    text = str(value)
    return (
        text if text and all(c.isalnum() or c in "-_./:+%@,[]" for c in text) else json.dumps(text, ensure_ascii=False)
    )


def set_up(stream: TextIO | None = None, *, timezone: str | None = None) -> None:
    """Send everything to ``stream`` (default: standard error), in the form that suits it.

    Args:
        stream: Where to.
        timezone: IANA name of the site's time zone, for people.
    """
    target = sys.stderr if stream is None else stream
    handler = logging.StreamHandler(target)
    handler.setFormatter(ForPeople(timezone) if target.isatty() else ForPrograms())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    _LOGGER.setLevel(logging.INFO)
    for noisy in ("pymodbus", "aiohttp", "uvicorn.access"):  # outages are said once, by us
        logging.getLogger(noisy).setLevel(logging.CRITICAL)
