"""From a stage to commands: which contacts move now, which leases are renewed, which commands are said again.

Commands are absolute leases. A contact is commanded when it should change, when the device contradicts or does not
confirm (again after :data:`RETRY_S`), and when a dead-man wants to hear from us (a third of its time).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from noonward.core.model import Lease, SetRelay
from noonward.core.sgready import to_close, to_open

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from noonward.core.model import Appliance, Instant, RelayId, RelayInfo, RelayState

RETRY_S = 10.0
"""A command that was not confirmed is sent again after this long. [s]"""

REFRESHES = 3
"""A lease is renewed after this part of the module's dead-man time, so that two renewals may be lost."""

_NONE: frozenset[RelayId] = frozenset()
_NOTHING: tuple[Sequence[SetRelay], Instant | None] = (), None


def confirmed(relay: RelayState | None, lease: Lease | None, closed: bool) -> bool:
    """Tell whether the device has reported this position since it was last commanded.

    A device that cannot report its contact confirms by answering.
    """
    if relay is None or (relay.closed is not None and relay.closed != closed):
        return False
    return lease is None or relay.at >= lease.at


def commands(
    appliance: Appliance,
    level: int,
    leases: Mapping[RelayId, Lease],
    seen: Mapping[RelayId, RelayState],
    infos: Mapping[RelayId, RelayInfo],
    now: Instant,
) -> tuple[Sequence[SetRelay], Instant | None]:
    """Return what to command now to reach a stage, and when to look again."""
    wanted = appliance.stages[level - 1].relays if level else _NONE
    for relay in appliance.relays:  # the usual case first: nothing is to be done
        closed, lease, state = relay in wanted, leases.get(relay), seen.get(relay)
        if lease is None or lease.closed != closed or state is None or state.at < lease.at or state.closed != closed:
            break
        if closed and (info := infos.get(relay)) is not None and info.dead_man_s is not None:
            break
    else:
        return _NOTHING
    out: list[SetRelay] = []
    wakes: list[Instant] = []
    moves: dict[bool, list[RelayId]] = {True: [], False: []}
    for relay in appliance.relays:
        closed = relay in wanted
        lease, state = leases.get(relay), seen.get(relay)
        if lease is None and not closed and state is not None and state.closed is False:
            continue
        if lease is None or lease.closed != closed:
            moves[closed].append(relay)
            continue
        due = _due(lease, state, infos.get(relay))
        if due is not None and now >= due:
            out.append(_set(relay, closed, infos))
        elif due is not None:
            wakes.append(due)
    if moves[True] or moves[False]:
        moved, again = _move(appliance, moves[False], moves[True], _rests_at(appliance, leases, seen, now), now)
        out += [_set(relay, closed, infos) for relay, closed in moved]
        wakes += again
    wakes += [now + (RETRY_S if c.valid_for_s is None else min(RETRY_S, c.valid_for_s / REFRESHES)) for c in out]
    return out, min(wakes, default=None)


def _due(lease: Lease, state: RelayState | None, info: RelayInfo | None) -> Instant | None:
    """Return when a command that stands must be sent again; None: never."""
    dues = []
    if lease.closed and info is not None and info.dead_man_s is not None:
        dues.append(lease.at + info.dead_man_s / REFRESHES)
    if not confirmed(state, lease, lease.closed):
        dues.append(lease.at + RETRY_S)
    return min(dues, default=None)


def _move(
    appliance: Appliance, opens: list[RelayId], closes: list[RelayId], at_rest: Instant, now: Instant
) -> tuple[list[tuple[RelayId, bool]], list[Instant]]:
    """Choose which contacts move now: what opens goes first, and what closes waits until all others are at rest."""
    if now < at_rest and (closes or appliance.sg_ready):
        return [], [at_rest]
    moving = to_open(appliance, opens) if opens else to_close(appliance, closes)
    left = len(moving) < len(opens) + len(closes)
    return [(relay, not opens) for relay in moving], [now + appliance.settle_s] if left else []


def _rests_at(
    appliance: Appliance, leases: Mapping[RelayId, Lease], seen: Mapping[RelayId, RelayState], now: Instant
) -> Instant:
    """Return when the contacts that were moved last have come to rest: confirmed, or settle has passed."""
    at = now
    for relay in appliance.relays:
        lease = leases.get(relay)
        if lease is not None and not confirmed(seen.get(relay), lease, lease.closed):
            at = max(at, lease.at + appliance.settle_s)
    return at


def _set(relay: RelayId, closed: bool, infos: Mapping[RelayId, RelayInfo]) -> SetRelay:
    info = infos.get(relay)
    return SetRelay(relay=relay, closed=closed, valid_for_s=info.dead_man_s if closed and info is not None else None)


def leased(leases: Mapping[RelayId, Lease], sent: Iterable[SetRelay], now: Instant) -> Mapping[RelayId, Lease]:
    """Return the leases with these commands noted."""
    return {**leases, **{c.relay: Lease(closed=c.closed, at=now) for c in sent}}
