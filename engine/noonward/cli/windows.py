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
    from noonward.policy import calendar, units

    for one in calendar.openings(windows, lo, hi):
        first, last = datetime.fromtimestamp(one.opens, zone), datetime.fromtimestamp(one.closes, zone)
        end = f"{last:%H:%M}" if first.date() == last.date() else f"{last:%a %H:%M}"
        cut = f"{' (open before)' if one.before else ''}{' (open after)' if one.after else ''}"
        length = units.write(one.closes - one.opens, "duration")
        text = f"  {first:%a %Y-%m-%d  %H:%M} - {end:<9}  {length:<11}  {', '.join(one.names)}{cut}{_mark(first, last)}"
        yield one.opens, text.rstrip()


def _mark(first: datetime, last: datetime) -> str:
    """Return how much a clock change within the window makes it differ from what the wall shows."""
    change = (last.utcoffset() or timedelta()) - (first.utcoffset() or timedelta())
    if not change:
        return ""
    minutes = abs(round(change.total_seconds() / 60))
    return f"  * clock change: {minutes} min {'shorter' if change > timedelta() else 'longer'} than on the wall"


def _changes(zone: ZoneInfo, lo: Instant, hi: Instant) -> Iterator[tuple[Instant, str]]:
    """Yield the moments at which the clock changes."""
    from noonward.policy import calendar

    for change in calendar.clock_changes(zone, lo, hi):
        now = datetime.fromtimestamp(change.at, zone)
        before = now.replace(tzinfo=None) - timedelta(seconds=change.by_s)
        yield change.at, f"  {before:%a %Y-%m-%d  %H:%M} * the clock changes to {now:%H:%M}"
