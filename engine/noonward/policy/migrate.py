"""Carry the engine's memory over from one version of the policies to the next.

Hot reload replaces the ``Site`` between two steps. What the engine remembers of a policy (that it runs, since when, how
often it has started) belongs to the policy's name and to the contacts it holds closed, so:

* a policy that holds the same contacts keeps its ``MachineState``, as the same object;
* ``renamed_from`` names whose memory a renamed policy takes over;
* where its state is gone, because stages or relays changed, it goes to the largest stage that closes nothing that was
  open before, and to off where there is none;
* a policy that is gone, or became another kind of policy, is forgotten, but a relay that was last commanded closed
  keeps its lease until it is opened.

Pure: ``migrate(site, site, state) is state``.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from noonward.core.model import Appliance, State
from noonward.core.sgready import state_names

if TYPE_CHECKING:
    from noonward.core.model import MachineState, PolicyName, RelayId, Site, Zone

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
    before = {policy.name: policy for policy in _policies(old)}
    after = _policies(new)
    names = {policy.name for policy in after}
    machines: dict[PolicyName, MachineState] = {}
    for policy in after:
        source = _source(policy, names, state)
        machine = state.machines.get(source)
        earlier = before.get(source, policy)
        if machine is None or type(earlier) is not type(policy):
            continue
        machines[policy.name] = _carry(earlier, policy, machine)

    used = _relays(new)
    leases = {relay: lease for relay, lease in state.leases.items() if lease.closed or relay in used}
    unchanged = (
        len(leases) == len(state.leases)
        and machines.keys() == state.machines.keys()
        and all(machine is state.machines[name] for name, machine in machines.items())
    )
    return state if unchanged else State(version=state.version, machines=machines, leases=leases)


def ownerless(site: Site, state: State) -> tuple[RelayId, ...]:
    """Return the relays that were last commanded closed and that no policy of the site drives, in order of name.

    They belonged to a policy that is gone; whoever runs the site is to open them.
    """
    used = _relays(site)
    return tuple(sorted(relay for relay, lease in state.leases.items() if lease.closed and relay not in used))


def _policies(site: Site) -> tuple[Appliance | Zone, ...]:
    return (*site.appliances, *site.zones)


def _source(policy: Appliance | Zone, names: set[PolicyName], state: State) -> PolicyName:
    """Return the name that the policy's memory is kept under; a name still in use is not robbed of it."""
    former = policy.renamed_from
    return former if former is not None and former not in names and former in state.machines else policy.name


def _carry(earlier: Appliance | Zone, policy: Appliance | Zone, machine: MachineState) -> MachineState:
    """Return the machine as it stands under the edited policy, the same object where it still says the truth."""
    if not (isinstance(policy, Appliance) and isinstance(earlier, Appliance)):
        return machine
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


def _relays(site: Site) -> set[RelayId]:
    return {relay for policy in site.appliances for relay in policy.relays}
