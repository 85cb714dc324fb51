"""What ``explain`` and ``windows`` ask first: which policy, and which moment."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

import click

from noonward.errors import PolicyError, UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from noonward.core.model import Appliance, Instant, Site, Zone


def load_site(path: Path) -> Site:
    """Load a folder; where it does not load, show every problem and leave with exit code 1."""
    from noonward.policy.load import load  # the loader is heavy, and only needed here
    from noonward.policy.problems import Problem, to_text

    try:
        return load(path, beside=False).site
    except PolicyError as error:
        errors = [p for p in error.problems if isinstance(p, Problem) and p.severity == "error"]
        click.echo(to_text(errors), err=True)
        raise click.exceptions.Exit(1) from None


def find_policy(path: Path, name: str) -> tuple[Site, Appliance | Zone]:
    """Return a site and its policy of this name.

    Raises:
        UsageError: There is none.
    """
    site = load_site(path)
    both: tuple[Appliance | Zone, ...] = (*site.appliances, *site.zones)
    policies = {policy.name: policy for policy in both}
    if name not in policies:
        near = difflib.get_close_matches(name, policies, 1, 0.5)
        hint = f'did you mean "{near[0]}"?' if near else f"it has {', '.join(policies) or 'none'}"
        raise UsageError(f'the site {site.name} has no policy "{name}"; {hint}')
    return site, policies[name]


def moment(text: str | None, timezone: str) -> Instant:
    """Return the instant that an option means, now where it was not given.

    Raises:
        UsageError: It is not a date and time.
    """
    if text is None:
        from noonward.daemon.clock import SystemClock

        return SystemClock().now()
    from noonward.policy.moment import instant

    try:
        return instant(text, timezone)
    except ValueError as error:
        raise UsageError(str(error)) from None
