"""Writes docs/reference/station-profiles.md from the profiles of station models that ship."""

from __future__ import annotations

from pathlib import Path

from noonward_drivers.ocpp import quirks

PAGE = Path(__file__).parents[1] / "reference" / "station-profiles.md"

HEAD = """\
# Station profiles

`profile:` of a station in an [`ocpp`](ocpp.md) entry names its model, where one is known to need it. A station without
a profile is spoken to as the specification has it; most want nothing else.

*Tried* was seen by us, *source* was read in the firmware, *reported* is what others say, and may be out of date: what
a station's meter shows stands above all of it. Tell us what you see.

| `profile` | model | what it does | known by |
|---|---|---|---|
"""

TAIL = """
This page is written by `python docs/generate/stations.py` from the profiles themselves.
"""


def page() -> str:
    """Return the page."""
    return HEAD + "".join(_row(name) for name in quirks.shipped()) + TAIL


def _row(name: str) -> str:
    profile = quirks.load(name)
    does = "; ".join(known.what for known in profile.known)
    return f"| `{name}` | {profile.name} | {does} | {profile.evidence} |\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
