"""Which decisions are not the ones before: what is logged, recorded and published."""

from __future__ import annotations

import logging
from pathlib import PurePath
from typing import TYPE_CHECKING

from noonward.daemon import log
from noonward.daemon.engine import DecisionRecord
from noonward.daemon.inputs import policies
from noonward.policy.sentences import sentence

if TYPE_CHECKING:
    from collections.abc import Iterable

    from noonward.core.model import Decision, Instant, Outcome, PolicyName, Site


class Changes:
    """Compares every outcome with the one before.

    Attributes:
        revision: Git revision of the policies folder, for the records.
    """

    def __init__(self, version: str) -> None:
        self.revision: str | None = None
        self._version = version
        self._before: dict[PolicyName, tuple[str, str]] = {}

    def take(self, site: Site, outcome: Outcome, now: Instant) -> tuple[DecisionRecord, ...]:
        """Return a record for every policy whose state or reason is not the one before."""
        files = {policy.name: policy.file for policy in policies(site)}
        records = []
        for decision in outcome.decisions:
            after = (decision.wanted, decision.code.value)
            before, _ = self._before.get(decision.policy, ("", ""))
            if self._before.get(decision.policy) != after:
                self._before[decision.policy] = after
                records.append(self._record(decision, before, files.get(decision.policy, ""), now))
        return tuple(records)

    def forget(self, gone: Iterable[PolicyName]) -> None:
        """Let go of policies that no longer run."""
        for policy in gone:
            self._before.pop(policy, None)

    def _record(self, decision: Decision, before: str, file: str, now: Instant) -> DecisionRecord:
        return DecisionRecord(
            at=now,
            policy=decision.policy,
            before=before,
            after=decision.wanted,
            code=decision.code.value,
            limited_by=decision.limited_by.value if decision.limited_by else None,
            facts={name: fact for reason in reversed(decision.because) for name, fact in reason.facts.items()},
            where=f"{file}:{decision.line}" if file and decision.line else file,
            revision=self.revision,
            engine=self._version,
        )


def tell(site: Site, outcome: Outcome, records: Iterable[DecisionRecord], now: Instant) -> None:
    """Say what was decided and why: moves to everybody, other reasons to who asks for more."""
    decisions = {decision.policy: decision for decision in outcome.decisions}
    for record in records:
        label = record.policy if record.after in ("on", "off") else f"{record.policy}, {record.after}"
        because = sentence(decisions[record.policy].because[0], now=now, timezone=site.timezone)
        log.say(
            "decision",
            f"{label}: {because} ({PurePath(record.where).name})",
            logging.INFO if record.before != record.after else logging.DEBUG,
            policy=record.policy,
            before=record.before or None,
            after=record.after,
            because=record.code,
            row=record.where or None,
            **record.facts,
        )
