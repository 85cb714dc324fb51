"""What policies and stations are known by outside, which stays as it is when they are renamed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from noonward.core.model import PolicyName, Site, StationId

SITE = "site"


class Names:
    """Keys of a site and its policies.

    Attributes:
        known: Today's name ("policy/boiler") to key; what must survive a restart.
    """

    def __init__(self, known: Mapping[str, str]) -> None:
        self.known = dict(known)

    def use(self, site: Site) -> bool:
        """Learn the names of a site and forget those that are gone; return whether anything is new.

        A policy that says what it was called before (``renamed_from``) takes that one's key over.
        """
        before = self.known
        keys = {SITE: before.get(SITE) or plain(site.name)}
        fresh = []
        for policy in site.policies:
            own, former = f"policy/{policy.name}", f"policy/{policy.renamed_from}"
            if key := before.get(own) or before.get(former):
                keys[own] = key
            else:
                fresh.append((own, plain(policy.renamed_from or policy.name)))
        for own, wanted in fresh:
            taken, key, k = set(keys.values()), wanted, 2
            while key in taken:
                key, k = f"{wanted}-{k}", k + 1
            keys[own] = key
        self.known = keys
        return keys != before

    @property
    def site(self) -> str:
        """Key of the site."""
        return f"noonward_{self.known[SITE]}"

    def policy(self, name: PolicyName) -> str:
        """Return the key of a policy."""
        return f"{self.site}_policy_{self.known[f'policy/{name}']}"

    def station(self, name: StationId) -> str:
        """Return the key of a station; it is called what it connects as."""
        return f"{self.site}_station_{plain(name)}"


def plain(name: str) -> str:
    """Return a name in the letters that a discovery topic takes (``[a-zA-Z0-9_-]``); no two names become one."""
    return re.sub(r"[^a-zA-Z0-9-]", lambda found: f"_{ord(found[0]):02x}", name)
