"""What people set for policies: switches, boosts, overrides. Durable before answered; gone when its time is over."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from noonward.core.model import NO_INPUTS, Mode, Override
from noonward.daemon import log
from noonward.daemon.engine import TEST_MAX_S, ModeConflict, UnknownPolicy
from noonward.daemon.stationwishes import unspent
from noonward.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from noonward.core.model import Inputs, Instant, PolicyName, Site, State


class Wishes:
    """What is set at present, by policy.

    Attributes:
        inputs: What people set, as it is kept.
        tests: Policies that somebody switches for a try; kept nowhere, so that a restart ends them.
    """

    def __init__(
        self, inputs: Mapping[PolicyName, Inputs], save: Callable[[Mapping[PolicyName, Inputs]], Awaitable[None]]
    ) -> None:
        self.inputs = dict(inputs)
        self.tests: dict[PolicyName, Override] = {}
        self._save = save
        self._one_at_a_time = asyncio.Lock()

    @property
    def in_force(self) -> Mapping[PolicyName, Inputs]:
        """What the engine is to go by: a test stands in the place of an override."""
        if not self.tests:
            return self.inputs
        tried = {policy: replace(self.wish(policy), override=test) for policy, test in self.tests.items()}
        return {**self.inputs, **tried}

    def expire(self, now: Instant, state: State) -> bool:
        """Drop what is over; return True where something was that is kept."""
        self.tests = {policy: test for policy, test in self.tests.items() if test.in_force(now)}
        kept = {policy: unspent(_unexpired(wish, now), state, now) for policy, wish in self.inputs.items()}
        kept = {policy: wish for policy, wish in kept.items() if wish != NO_INPUTS}
        changed = kept != self.inputs
        if changed:
            self.inputs = kept
        return changed

    def rename(self, site: Site) -> bool:
        """Let renamed policies keep what was set for them; return True where one did."""
        names = {policy.name for policy in site.policies}
        changed = False
        for policy in site.policies:
            former = policy.renamed_from
            if former is not None and former not in names and former in self.inputs:
                wish = self.inputs.pop(former)
                self.inputs.setdefault(policy.name, wish)
                changed = True
        return changed

    async def switch(self, site: Site, policy: PolicyName, now: Instant, *, on: bool, by: str) -> Inputs:
        """Set the switch of a policy in mode manual.

        Raises:
            UnknownPolicy: No such policy.
            ModeConflict: Its mode is not manual.
            StateError: It is not durable, and not set.
        """
        mode = self.mode(site, policy, now)
        if mode is not Mode.MANUAL:
            raise ModeConflict(f"{policy} is in mode {mode.value}; its switch works in mode manual only", mode)
        wish = await self.set(policy, switch_on=on)
        log.say("switch", f"{policy} switched {'on' if on else 'off'} by {by}", policy=policy, on=on, by=by)
        return wish

    async def boost(self, site: Site, policy: PolicyName, now: Instant, *, for_s: float, by: str) -> Inputs:
        """Run a policy for this long; 0 ends a boost. [s]

        Raises:
            UnknownPolicy: No such policy.
            ModeConflict: It is always-off, or manual and switched off.
            UsageError: The duration is negative.
            StateError: It is not durable, and not set.
        """
        self.mode(site, policy, now)
        if for_s < 0:
            raise UsageError("a boost lasts at least 0 s")
        if for_s:
            self.heeding(site, policy, now, ", which a boost does not lift")
        wish = await self.set(policy, boost_until=now + for_s if for_s else None)
        log.say("boost", f"{policy} boosted for {for_s:.0f} s by {by}", policy=policy, for_s=for_s, by=by)
        return wish

    async def override(self, site: Site, policy: PolicyName, now: Instant, override: Override | None) -> Inputs:
        """Replace the mode of a policy's file, or return to it.

        Raises:
            UnknownPolicy: No such policy.
            UsageError: It ends in the past.
            StateError: It is not durable, and not set.
        """
        self.mode(site, policy, now)
        if override is not None and not override.in_force(now):
            raise UsageError("an override that has ended already changes nothing; give an end in the future, or none")
        wish = await self.set(policy, override=override)
        if override is None:
            log.say("override", f"{policy} follows its file again", policy=policy, mode="file")
        else:
            log.say(
                "override",
                f"{policy} overridden to {override.mode.value} by {override.by or 'somebody'}",
                policy=policy,
                mode=override.mode.value,
                until=override.until,
                by=override.by or None,
                reason=override.reason or None,
            )
        return wish

    def test(self, site: Site, policy: PolicyName, now: Instant, *, on: bool, for_s: float, by: str) -> Inputs:
        """Switch a policy on or off for a try; 0 ends it. [s]

        Raises:
            UnknownPolicy: No such policy.
            UsageError: It would last too long, or less than no time.
        """
        self.mode(site, policy, now)
        if not 0 <= for_s <= TEST_MAX_S:
            raise UsageError(f"a test lasts from 0 s to {TEST_MAX_S / 60:g} min; for longer, override the mode")
        if for_s:
            mode = Mode.ALWAYS_ON if on else Mode.ALWAYS_OFF
            self.tests[policy] = Override(mode=mode, until=now + for_s, by=by, reason="test")
            log.say(
                "test",
                f"{policy} switched {'on' if on else 'off'} for {for_s:g} s, as a test by {by}",
                policy=policy,
                on=on,
                for_s=for_s,
                by=by,
            )
        elif self.tests.pop(policy, None) is not None:
            log.say("test", f"the test of {policy} is ended by {by}", policy=policy, by=by)
        return self.in_force.get(policy, NO_INPUTS)

    def mode(self, site: Site, policy: PolicyName, now: Instant) -> Mode:
        """Return the mode in force.

        Raises:
            UnknownPolicy: No such policy.
        """
        known = {p.name: p for p in site.policies}
        if policy not in known:
            raise UnknownPolicy(f"there is no policy {policy!r}; there are {', '.join(sorted(known)) or 'none'}")
        return self.wish(policy).mode(known[policy].mode, now)

    def heeding(self, site: Site, policy: PolicyName, now: Instant, never: str) -> Mode:
        """Return the mode in force, where it heeds who asks for energy.

        Args:
            site: The running one.
            policy: Its name.
            now: The moment.
            never: What to say of always-off, after its name.

        Raises:
            UnknownPolicy: No such policy.
            ModeConflict: It is always-off, or manual and switched off.
        """
        mode = self.mode(site, policy, now)
        if mode is Mode.ALWAYS_OFF:
            raise ModeConflict(f"{policy} is in mode always-off{never}", mode)
        if mode is Mode.MANUAL and not self.wish(policy).switch_on:
            raise ModeConflict(f"{policy} is in mode manual and switched off; switch it on instead", mode)
        return mode

    def wish(self, policy: PolicyName) -> Inputs:
        """Return what is set for a policy."""
        return self.inputs.get(policy, NO_INPUTS)

    async def set(self, policy: PolicyName, **change: Any) -> Inputs:
        """Change what is set for a policy, durably before this returns.

        Args:
            policy: Its name.
            change: Fields of ``Inputs``: a value, or a function that makes the new value from the one before.

        Raises:
            StateError: It is not durable, and not set.
        """
        async with self._one_at_a_time:
            before = self.wish(policy)
            made = {name: one(getattr(before, name)) if callable(one) else one for name, one in change.items()}
            wish = replace(before, **made)
            wishes = {**self.inputs, policy: wish}
            if wish == NO_INPUTS:
                del wishes[policy]
            await self._save(wishes)
            self.inputs = wishes
            return wish


def _unexpired(wish: Inputs, now: Instant) -> Inputs:
    if wish.boost_until is not None and not wish.boosted(now):
        wish = replace(wish, boost_until=None)
    if wish.override is not None and not wish.override.in_force(now):
        wish = replace(wish, override=None)
    return wish
