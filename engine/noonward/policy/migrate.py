"""Carry the engine's memory over from one version of the policies to the next.

Hot reload replaces the ``Site`` between two steps. What the engine remembers of a policy (that it runs, since when, how
often it has started) belongs to the policy's name and to the contacts it holds closed; what it remembers of a vehicle
belongs to the station that it is plugged in at, whichever zone that stands in. So:

* a policy that holds the same contacts keeps its ``MachineState``, as the same object;
* a zone keeps its ``ZoneState``, and a station that stands in any zone its ``StationState`` and the stays at it;
* what an appliance has drawn of its need counts on, whatever the need is by now;
* what was enough, or short, by a threshold that was moved says nothing about the new one, and is counted anew;
* ``renamed_from`` names whose memory a renamed policy takes over;
* where its state is gone, because stages or relays changed, it goes to the largest stage that closes nothing that was
  open before, and to off where there is none;
* a policy that is gone, or became another kind of policy, is forgotten, but a relay that was last commanded closed
  keeps its lease until it is opened; a station that no zone names falls back to its safe limit by itself.

Pure: ``migrate(site, site, state) is state``.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from noonward.core.sgready import state_names

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import TypeVar

    from noonward.core.model import (
        Appliance,
        Got,
        MachineState,
        PolicyName,
        RelayId,
        Site,
        State,
        Zone,
        ZoneState,
    )

    Policy = TypeVar("Policy", Appliance, Zone)
    Memory = TypeVar("Memory", MachineState, ZoneState, Got)

OFF = "off"


def migrate(old: Site, new: Site, state: State) -> State:
    """Return what the engine remembers under the new policies.

    Args:
        old: The site that ``state`` was made with.
        new: The site of the next step.
        state: What the engine remembers.

    Returns:
        ``state`` itself where nothing has to change.
    """
    names = {*(policy.name for policy in new.appliances), *(policy.name for policy in new.zones)}
    machines = _carried(old.appliances, new.appliances, names, state.machines, _carry)
    zones = _carried(old.zones, new.zones, names, state.zones, _carry_zone)
    used, standing = _relays(new), {station for zone in new.zones for station in zone.stations}
    leases = {relay: lease for relay, lease in state.leases.items() if lease.closed or relay in used}
    stations = {station: known for station, known in state.stations.items() if station in standing}
    got = _carried(old.appliances, new.appliances, names, state.got, _kept)
    stays = {station: past for station, past in state.stays.items() if station in standing}
    unchanged = (
        _same(machines, state.machines)
        and _same(zones, state.zones)
        and _same(got, state.got)
        and len(leases) == len(state.leases)
        and len(stations) == len(state.stations)
        and len(stays) == len(state.stays)
    )
    if unchanged:
        return state
    return replace(state, machines=machines, zones=zones, leases=leases, stations=stations, got=got, stays=stays)


def ownerless(site: Site, state: State) -> tuple[RelayId, ...]:
    """Return the relays that were last commanded closed and that no policy of the site drives, in order of name.

    They belonged to a policy that is gone; whoever runs the site is to open them.
    """
    used = _relays(site)
    return tuple(sorted(relay for relay, lease in state.leases.items() if lease.closed and relay not in used))


def _carried(
    old: Sequence[Policy],
    new: Sequence[Policy],
    names: set[PolicyName],
    known: Mapping[PolicyName, Memory],
    carry: Callable[[Policy, Policy, Memory], Memory],
) -> dict[PolicyName, Memory]:
    """Return the memory of the policies of one kind; one that was of the other kind has none here."""
    before = {policy.name: policy for policy in old}
    sources = {policy.name: _source(policy, names, known) for policy in new}
    return {
        policy.name: carry(before.get(sources[policy.name], policy), policy, known[sources[policy.name]])
        for policy in new
        if sources[policy.name] in known
    }


def _kept(_earlier: Appliance, _policy: Appliance, drawn: Got) -> Got:
    return drawn


def _source(policy: Appliance | Zone, names: set[PolicyName], known: Mapping[PolicyName, object]) -> PolicyName:
    """Return the name that the policy's memory is kept under; a name still in use is not robbed of it."""
    former = policy.renamed_from
    return former if former is not None and former not in names and former in known else policy.name


def _same(after: Mapping[PolicyName, object], before: Mapping[PolicyName, object]) -> bool:
    return after.keys() == before.keys() and all(memory is before[name] for name, memory in after.items())


def _carry_zone(earlier: Zone, zone: Zone, memory: ZoneState) -> ZoneState:
    """Return the zone as it stands under the edited policy, the same object where it still says the truth."""
    coverage = memory.coverage
    counting = coverage.enough_since is not None or coverage.short_since is not None
    if _shares(earlier) == _shares(zone) or not counting:
        return memory
    return replace(memory, coverage=replace(coverage, enough_since=None, short_since=None))


def _carry(earlier: Appliance, policy: Appliance, machine: MachineState) -> MachineState:
    """Return the machine as it stands under the edited policy, the same object where it still says the truth."""
    held = _contacts(earlier, machine.state)
    names = state_names(policy)
    level = _nearest(policy, held or frozenset(), machine.state)
    if held is None or (held and not level):
        return _ended(machine, names[0])
    if names[level] != machine.state and (level or machine.state != OFF):  # a fresh memory says "off" everywhere
        machine = replace(machine, state=names[level])
    moved = held != _closed(policy, level) or _thresholds(earlier) != _thresholds(policy)
    counting = machine.enough_since is not None or machine.short_since is not None
    # What was enough, or short, by the old thresholds says nothing about the new ones.
    return replace(machine, enough_since=None, short_since=None) if moved and counting else machine


def _ended(machine: MachineState, name: str) -> MachineState:
    """Return the memory of a run that the reload ended; when the contact is seen open, the engine notes it."""
    return replace(
        machine,
        state=name,
        cause=None,
        on_since=None,
        off_since=None,
        enough_since=None,
        short_since=None,
        refused_since=None,
        rest_until=None,
    )


def _nearest(policy: Appliance, held: frozenset[RelayId], name: str) -> int:
    """Return the largest stage that closes no contact but those held now, of equals the one of this name; 0 is off."""
    names = state_names(policy)
    return max(
        (level for level in range(1, len(names)) if _closed(policy, level) <= held),
        key=lambda level: (len(_closed(policy, level)), names[level] == name, level),
        default=0,
    )


def _contacts(policy: Appliance, state: str) -> frozenset[RelayId] | None:
    """Return the relays that a state holds closed; None where the policy has no such state."""
    names = state_names(policy)
    if state in names:
        return _closed(policy, names.index(state))
    return frozenset() if state == OFF else None


def _closed(policy: Appliance, level: int) -> frozenset[RelayId]:
    return policy.stages[level - 1].relays if level else frozenset()


def _thresholds(policy: Appliance) -> tuple[tuple[float, ...], tuple[float, ...]]:
    return policy.on_above_w, policy.off_below_w


def _shares(zone: Zone) -> tuple[float, ...]:
    """Return what its vehicles start and pause at."""
    return zone.on_above, zone.off_below, zone.min_current_a, zone.start_current_a


def _relays(site: Site) -> set[RelayId]:
    return {relay for policy in site.appliances for relay in policy.relays}
