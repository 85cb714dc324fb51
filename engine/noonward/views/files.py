"""What is written about a policy: the file that it comes from, and when its timers are open.

Nothing of ``site.yaml`` is ever shown: its devices have secrets.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from noonward.core.model import NO_INPUTS, Mode
from noonward.policy import calendar
from noonward.views import parts
from noonward.views.stations import masked

if TYPE_CHECKING:
    from collections.abc import Sequence

    from noonward.core.model import Appliance, Instant, Zone
    from noonward.daemon.engine import Engine

TIMED = frozenset({Mode.TIMER, Mode.AUTO_TIMER})
"""Modes that look at timers."""
SITE_FILE = "site.yaml"


def source(engine: Engine, one: Appliance | Zone) -> dict[str, Any]:
    """Return the text of a policy's file, with its revision and the line of the row that decided."""
    badges = [tag for zone in engine.loaded.site.zones for tag in zone.always]
    files = {name: text for name, text in engine.loaded.files.items() if name.rpartition("/")[2] != SITE_FILE}
    found = max((name for name in files if f"/{one.file}".endswith(f"/{name}")), key=len, default=None)
    made = parts.decision(engine, one.name)
    return {
        "policy": one.name,
        "file": found,
        "text": None if found is None else _without(badges, files[found]),
        "revision": engine.revision,
        "line": made.line or None if made else None,
    }


def _without(badges: Sequence[str], text: str) -> str:
    """Return a text with badges shown by their end only: whoever knows the whole of one can charge with it."""
    if not badges:
        return text
    any_of_them = "|".join(re.escape(badge) for badge in sorted(badges, key=len, reverse=True))
    return re.sub(any_of_them, lambda found: masked(found[0]) or "", text, flags=re.IGNORECASE)


def windows(engine: Engine, one: Appliance | Zone, start: Instant, days: int) -> dict[str, Any]:
    """Return when the timers of a policy are open from a moment on, for so many days of the site's calendar."""
    zone = ZoneInfo(engine.loaded.site.timezone)
    end = (datetime.fromtimestamp(start, zone) + timedelta(days=days)).timestamp()
    mode = engine.inputs.get(one.name, NO_INPUTS).mode(one.mode, engine.clock.now())
    found = () if one.windows is None else calendar.openings(one.windows, start, end)
    return {
        "policy": one.name,
        "from": parts.moment(engine, start),
        "to": parts.moment(engine, end),
        "in_force": one.windows is not None and mode in TIMED,
        "windows": [
            {
                "name": ", ".join(opening.names),
                "from": parts.moment(engine, opening.opens),
                "to": parts.moment(engine, opening.closes),
                "open_before": opening.before,
                "open_after": opening.after,
            }
            for opening in found
        ],
        "clock_changes": [
            {"at": parts.moment(engine, change.at), "by_s": change.by_s}
            for change in calendar.clock_changes(zone, start, end)
        ],
    }
