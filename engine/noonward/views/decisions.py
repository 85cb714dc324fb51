"""A recorded change of decision as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from noonward.core.model import Reason, ReasonCode
from noonward.policy.sentences import sentence
from noonward.policy.wording import iso
from noonward.views import parts

if TYPE_CHECKING:
    from noonward.daemon.engine import DecisionRecord

_CODES = frozenset(code.value for code in ReasonCode)


def decision(record: DecisionRecord, timezone: str) -> dict[str, Any]:
    """Return one recorded change of decision; a code that another version wrote has no sentence here."""
    reason = Reason(ReasonCode(record.code), record.facts) if record.code in _CODES else None
    return {
        "id": record.id,
        "at": iso(record.at, timezone),
        "policy": record.policy,
        "station": record.station,
        "from": record.before or None,
        "to": record.after,
        "code": record.code,
        "sentence": sentence(reason, now=record.at, timezone=timezone) if reason else "",
        "facts": parts.facts(record.facts),
        "limited_by": record.limited_by,
        "where": record.where or None,
        "revision": record.revision,
        "engine": record.engine,
    }
