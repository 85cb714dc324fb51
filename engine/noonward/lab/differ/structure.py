"""What differs between two versions of a site's folder: policies, keys, and rows of the compiled tables.

What is compared is what runs: every unit converted, every default and template filled in. A comment, another order of
keys, or ``900 s`` in place of ``15 min`` is no difference.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Any, NamedTuple

from noonward.lab.diagram import table_of
from noonward.lab.differ.keys import KeyChange, differing
from noonward.lab.differ.wiring import site_keys

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from noonward.core.model import Appliance, PolicyName, Site, Zone
    from noonward.core.table import Row
    from noonward.lab.versions import Version
    from noonward.policy.loaded import Loaded

ADDED, REMOVED, CHANGED = "added", "removed", "changed"


class RowChange(NamedTuple):
    """A row of a policy's compiled table.

    Attributes:
        sign: "+", "-", or "~" for a row that compares with another number.
        number: In the table that it is in, the new one for "~".
        text: "off → on because surplus if window, covered".
    """

    sign: str
    number: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyChange:
    """A policy that is not what it was.

    Attributes:
        name: In the new version; of a removed one, in the old.
        what: ADDED, REMOVED or CHANGED.
        was: Its old name, where it was renamed.
        keys: Keys with another value.
        rows: Rows of its table.
    """

    name: PolicyName
    what: str
    was: PolicyName | None = None
    keys: tuple[KeyChange, ...] = ()
    rows: tuple[RowChange, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Structure:
    """Everything that differs.

    Attributes:
        policies: In the order of the new version, removed ones last.
        site: Keys of site.yaml.
        renamed: Old name to new.
    """

    policies: tuple[PolicyChange, ...]
    site: tuple[KeyChange, ...]
    renamed: Mapping[PolicyName, PolicyName]

    def __bool__(self) -> bool:
        return bool(self.policies or self.site)


def structure(old: tuple[Version, Loaded], new: tuple[Version, Loaded]) -> Structure:
    """Compare two versions that have loaded."""
    (_, was), (version, now) = old, new
    before = {policy.name: policy for policy in was.site.policies}
    after = {policy.name: policy for policy in now.site.policies}
    renamed = renames(was.site, now.site)
    origin = {name: old_name for old_name, name in renamed.items()}
    found = [_policy(before.get(origin.get(policy.name, policy.name)), policy, version) for policy in now.site.policies]
    kept = {origin.get(name, name) for name in after}
    found += [PolicyChange(name=name, what=REMOVED) for name in before if name not in kept]
    return Structure(
        policies=tuple(change for change in found if change is not None),
        site=tuple(site_keys(old, new)),
        renamed=renamed,
    )


def renames(old: Site, new: Site) -> dict[PolicyName, PolicyName]:
    """Return old to new name of each policy that says where it comes from (``renamed_from``) and kept its kind."""
    before = {policy.name: policy for policy in old.policies}
    return {
        policy.renamed_from: policy.name
        for policy in new.policies
        if policy.renamed_from in before
        and policy.name not in before
        and type(before[policy.renamed_from]) is type(policy)
    }


def acts(site: Site, names: Mapping[PolicyName, PolicyName]) -> Site:
    """Return a site reduced to what decides, with policies called by ``names`` where it has one for them.

    Two versions whose sites are equal then do the same, whatever their files look like.
    """

    def bare(policy: Any) -> Any:
        name = names.get(policy.name, policy.name)
        return replace(policy, name=name, file="", description="", renamed_from=None)

    return replace(
        site,
        digest="",
        appliances=tuple(bare(policy) for policy in site.appliances),
        zones=tuple(bare(policy) for policy in site.zones),
    )


def _policy(old: Appliance | Zone | None, new: Appliance | Zone, version: Version) -> PolicyChange | None:
    if old is None:
        return PolicyChange(name=new.name, what=ADDED)
    if type(old) is not type(new):
        kind = KeyChange("kind", type(old).__name__.lower(), type(new).__name__.lower(), _place(new, "kind", version))
        return PolicyChange(name=new.name, what=CHANGED, keys=(kind,))
    keys = tuple(change._replace(place=_place(new, change.key, version)) for change in differing(old, new))
    was = None if old.name == new.name else old.name
    if not keys and was is None:
        return None
    return PolicyChange(name=new.name, what=CHANGED, was=was, keys=keys, rows=tuple(_rows(old, new, keys)))


def _place(policy: Appliance | Zone, key: str, version: Version) -> str:
    line = policy.lines.get(key.partition(".")[0], 0)
    file = version.inside(policy.file)
    return f"{file}:{line}" if line else file


def _rows(old: Appliance | Zone, new: Appliance | Zone, keys: Sequence[KeyChange]) -> Iterator[RowChange]:
    """Yield the rows that are new, those that are gone, and those that a changed key has other numbers for."""
    before, after = ([_text(row) for row in table_of(policy).rows] for policy in (old, new))
    touched = {change.key.partition(".")[0] for change in keys}
    rows = table_of(new).rows
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            yield from (RowChange("~", j, after[j]) for j in range(j1, j2) if rows[j].key in touched)
        else:
            yield from (RowChange("-", i, before[i]) for i in range(i1, i2))
            yield from (RowChange("+", j, after[j]) for j in range(j1, j2))


def _text(row: Row) -> str:
    move = f"{row.source} stays" if row.source == row.target else f"{row.source} → {row.target}"
    guards = f" if {', '.join(row.guards)}" if row.guards else ""
    return f"{move} because {row.why.value}{guards}"
