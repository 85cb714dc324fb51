"""``noonward windows``: the timer calendar of a policy."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

if TYPE_CHECKING:
    from collections.abc import Iterator

    from noonward.core.model import Instant
    from noonward.core.timers import Windows

DAY_S = 86_400.0


@click.command("windows")
@click.argument("path", type=click.Path(path_type=Path))
@click.argument("name")
@click.option("--from", "begin", metavar="T", help="First moment, ISO 8601, site time without an offset. Default: now.")
@click.option("--days", type=click.IntRange(1, 3660), default=14, show_default=True, help="How many days.")
def command(path: Path, name: str, begin: str | None, days: int) -> int:
    """Show when the timers of policy NAME in the folder PATH are open, in site time.

    Windows that touch or overlap are shown as the one window that they are. A window over a night in which the clock
    changes is marked, and so is the change itself.
    """
    from noonward.cli.lookup import find_policy, moment
    from noonward.core.model import Mode

    site, policy = find_policy(path, name)
    lo = moment(begin, site.timezone)
    zone = ZoneInfo(site.timezone)
    day = datetime.fromtimestamp(lo, zone)
    hi = (day + timedelta(days=days)).timestamp()
    click.echo(f"{name}: {days} days from {day:%a %Y-%m-%d %H:%M}, {site.timezone}")
    if policy.windows is None:
        click.echo("It has no timers.")
        return 0
    if policy.mode not in {Mode.TIMER, Mode.AUTO_TIMER}:
        click.echo(f"Its mode is {policy.mode.value}, which does not look at timers.")
    rows = sorted([*_rows(policy.windows, zone, lo, hi), *_changes(zone, lo, hi)])
    for _, line in rows:
        click.echo(line)
    if not rows:
        click.echo("No window opens.")
    return 0


def _rows(windows: Windows, zone: ZoneInfo, lo: Instant, hi: Instant) -> Iterator[tuple[Instant, str]]:
    """Yield the windows with the moment they open at."""
    from noonward.core.timers import Windows as Some
    from noonward.policy import units

    edges = windows.edges(lo, hi)
    each = [(timer.name, Some((timer,), windows.timezone)) for timer in windows.timers]
    for opens, closes in zip(edges[::2], edges[1::2], strict=True):
        names = ", ".join(name for name, own in each if own.edges(opens, closes))
        first, last = datetime.fromtimestamp(opens, zone), datetime.fromtimestamp(closes, zone)
        end = f"{last:%H:%M}" if first.date() == last.date() else f"{last:%a %H:%M}"
        cut = (" (open before)" if opens == lo and _was_open(windows, lo) else "") + (
            " (open after)" if closes == hi and windows.is_open(hi) else ""
        )
        length = units.write(closes - opens, "duration")
        text = f"  {first:%a %Y-%m-%d  %H:%M} - {end:<9}  {length:<11}  {names}{cut}{_mark(first, last)}"
        yield opens, text.rstrip()


def _was_open(windows: Windows, t: Instant) -> bool:
    return windows.is_open(t - 1)


def _mark(first: datetime, last: datetime) -> str:
    """Return how much a clock change within the window makes it differ from what the wall shows."""
    change = (last.utcoffset() or timedelta()) - (first.utcoffset() or timedelta())
    if not change:
        return ""
    minutes = abs(round(change.total_seconds() / 60))
    return f"  * clock change: {minutes} min {'shorter' if change > timedelta() else 'longer'} than on the wall"


def _changes(zone: ZoneInfo, lo: Instant, hi: Instant) -> Iterator[tuple[Instant, str]]:
    """Yield the moments at which the clock changes."""
    t = lo
    while t < hi:
        after = min(t + DAY_S, hi)
        if _offset(zone, t) != _offset(zone, after):
            low, high = t, after
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (middle, high) if _offset(zone, middle) == _offset(zone, t) else (low, middle)
            before = datetime.fromtimestamp(high, zone).replace(tzinfo=None) - (_offset(zone, after) - _offset(zone, t))
            now = datetime.fromtimestamp(high, zone)
            yield high, f"  {before:%a %Y-%m-%d  %H:%M} * the clock changes to {now:%H:%M}"
        t = after


def _offset(zone: ZoneInfo, t: Instant) -> timedelta:
    return datetime.fromtimestamp(t, zone).utcoffset() or timedelta()
