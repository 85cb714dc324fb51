"""Which decisions are not the ones before: what is logged, recorded and published."""

from __future__ import annotations

import logging
from pathlib import PurePath
from typing import TYPE_CHECKING, TypeAlias

from noonward.core.model import ENVELOPE, Reason
from noonward.daemon import log
from noonward.daemon.engine import DecisionRecord
from noonward.policy.sentences import sentence

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from noonward.core.model import Instant, Outcome, PolicyName, ReasonCode, Site, StationId

What: TypeAlias = "tuple[str, ReasonCode]"
"""State and leading reason."""


class Changes:
    """Compares every outcome with the one before.

    Attributes:
        revision: Git revision of the policies folder, for the records.
    """

    def __init__(self, version: str) -> None:
        self.revision: str | None = None
        self._version = version
        self._before: dict[tuple[PolicyName, StationId | None], What] = {}

    def take(self, site: Site, outcome: Outcome, now: Instant) -> tuple[DecisionRecord, ...]:
        """Return a record for every policy, and station of a zone, whose state or reason is not the one before."""
        files = {policy.name: policy.file for policy in site.policies}
        records = []
        for decision in outcome.decisions:
            file, what = files.get(decision.policy, ""), (decision.wanted, decision.code)
            where = f"{file}:{decision.line}" if file and decision.line else file
            if (before := self._moved(decision.policy, None, what)) is not None:
                records.append(self._record(decision.policy, None, before, what, decision.because, where, now))
            for one in decision.stations:
                what = (one.state, one.why.code)
                if (before := self._moved(decision.policy, one.station, what)) is not None:
                    limit = Reason(one.why.code, {"limit_a": one.limit_a})
                    because = (one.why, limit)
                    records.append(self._record(decision.policy, one.station, before, what, because, where, now))
        return tuple(records)

    def forget(self, gone: Iterable[PolicyName]) -> None:
        """Let go of policies that no longer run, and of their stations."""
        names = set(gone)
        self._before = {key: what for key, what in self._before.items() if key[0] not in names}

    def _moved(self, policy: PolicyName, station: StationId | None, what: What) -> str | None:
        """Return the state before, "" for the first, where state or reason is not the one before; else None."""
        before = self._before.get((policy, station))
        self._before[policy, station] = what
        return None if before == what else "" if before is None else before[0]

    def _record(
        self,
        policy: PolicyName,
        station: StationId | None,
        before: str,
        what: What,
        because: Sequence[Reason],
        where: str,
        now: Instant,
    ) -> DecisionRecord:
        after, code = what
        return DecisionRecord(
            at=now,
            policy=policy,
            station=station,
            before=before,
            after=after,
            code=code.value,
            limited_by=code.value if code in ENVELOPE else None,
            facts={name: fact for reason in reversed(because) for name, fact in reason.facts.items()},
            where=where,
            revision=self.revision,
            engine=self._version,
        )


def tell(site: Site, outcome: Outcome, records: Iterable[DecisionRecord], now: Instant) -> None:
    """Say what was decided and why: moves to everybody, other reasons to who asks for more."""
    decisions = {decision.policy: decision for decision in outcome.decisions}
    for record in records:
        decision = decisions[record.policy]
        why = next((one.why for one in decision.stations if one.station == record.station), None)
        subject = record.policy if record.station is None else f"{record.policy}, {record.station}"
        label = subject if record.after in ("on", "off") else f"{subject}, {record.after}"
        because = sentence(why or decision.because[0], now=now, timezone=site.timezone)
        facts = {
            **record.facts,
            "policy": record.policy,
            "station": record.station,
            "before": record.before or None,
            "after": record.after,
            "because": record.code,
            "row": record.where or None,
        }
        level = logging.INFO if record.before != record.after else logging.DEBUG
        log.say("decision", f"{label}: {because} ({PurePath(record.where).name})", level, **facts)
