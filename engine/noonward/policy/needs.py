"""``need:`` and ``plan:`` of a policy, and the defaults that change beside them.

Without a need, energy that is bought to run half covered is energy that nobody asked for: a load starts on sun alone.
With a need it would be bought later anyway, and what has been covered in half is covered in half; so a load starts
earlier and holds on longer. A plan finds its thresholds by itself while the need is open; what the file says, or the
defaults without a need, then stands for when it is over.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from noonward.core.model import Pace
from noonward.core.needs import Requirement
from noonward.policy import cron

if TYPE_CHECKING:
    from noonward.core.timers import Cron
    from noonward.policy.project import Document

THRESHOLDS = {"on_above": 1.0, "off_below": 0.5}
"""Shares of the nominal power: only sufficient surplus starts a load; half-covered running beats switching."""

THRESHOLDS_OF_A_NEED = {"on_above": 0.5, "off_below": 0.2}
"""With a need and no plan: what serves best all year round, in June as in December."""

OFF_DELAY_S = 60.0

OFF_DELAY_OF_A_PLAN_S = 0.0
"""A plan's thresholds lie far enough apart; every minute that it waits below the lower one is bought."""


def requirement(policy: Document, timezone: str) -> Requirement | None:
    """Return what a policy must have by when, None where it does not say."""
    if policy.get("need") is None:
        return None
    return Requirement(
        energy_wh=policy.number("need", "energy"),
        by=_cron(policy, "by"),
        period=_cron(policy, "period"),
        from_user=policy.get("need", "from") == "user",
        timezone=timezone,
    )


def pace(policy: Document) -> Pace | None:
    """Return how a policy waits for better sun, None where it does not."""
    written = policy.get("plan")
    return None if written is None else Pace(written)


def default_share(policy: Document, key: str) -> float:
    """Return what ``on_above`` or ``off_below`` is where it is not written: a share of the nominal power."""
    unplanned = policy.get("need") is not None and policy.get("plan") is None
    return (THRESHOLDS_OF_A_NEED if unplanned else THRESHOLDS)[key]


def default_off_delay_s(policy: Document) -> float:
    """Return what ``off_delay`` is where it is not written. [s]."""
    return OFF_DELAY_S if policy.get("plan") is None else OFF_DELAY_OF_A_PLAN_S


def _cron(policy: Document, key: str) -> Cron | None:
    written = policy.get("need", key)
    return None if written is None else cron.parse(written)
