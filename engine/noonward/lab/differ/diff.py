"""Two versions of a site, compared: the whole answer of ``noonward diff``, as plain values."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, Any

from noonward.lab.differ.behaviour import behaviour
from noonward.lab.differ.match import games, same_play
from noonward.lab.differ.structure import structure
from noonward.lab.recording import iso

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from noonward.lab.differ.behaviour import Seen
    from noonward.lab.differ.gate import Gate
    from noonward.lab.differ.keys import KeyChange
    from noonward.lab.differ.structure import Structure
    from noonward.lab.run import Progress
    from noonward.lab.scenario import Scenario
    from noonward.lab.tape import Tape
    from noonward.lab.versions import Version

VERSION = 1


def diff(
    old: Version,
    new: Version,
    scenario: Scenario,
    cut: Callable[[str], Tape],
    *,
    recording: str,
    gate: Gate | None = None,
    watched: Callable[[str], Progress | None] = lambda _: None,
    seen: Seen | None = None,
) -> dict[str, Any]:
    """Compare two versions.

    Args:
        old: The old one.
        new: The new one.
        scenario: What both are played against.
        cut: Returns its tape as it is to be played, for a site in a time zone.
        recording: What the scenario is called.
        gate: When a difference is too much; None: any is.
        watched: Returns who is told how far a run has come.
        seen: Told of both runs, where they were played.

    Returns:
        ``diff --format json``. ``fails`` says whether the command exits with 1; None where the gate hangs
        on a number that nobody knows.

    Raises:
        PolicyError: A version does not load.
        UsageError: They cannot be played.
    """
    was, now = old.load(), new.load()
    files = structure((old, was), (new, now))
    found: dict[str, Any] = {
        "version": VERSION,
        "old": {"text": old.text, "commit": old.commit},
        "new": {"text": new.text, "commit": new.commit},
        "site": now.site.name,
        "timezone": now.site.timezone,
        "recording": recording,
        "structure": _structure(files),
        "played": None,
        "behaviour": None,
        "fail_on": None if gate is None else _judged(gate, None),
        "fails": bool(files) and gate is None,
    }
    if not files:
        return found
    tape = cut(now.site.timezone)
    both = games(was.site, now.site, scenario, tape, files.renamed)
    found["played"] = {"from": iso(tape.start), "to": iso(tape.end), "step_s": tape.step_s}
    if not same_play(*both, files.renamed):
        found["behaviour"] = behaviour((old, new), both, files.renamed, watched, seen)
    if gate is not None:
        found["fail_on"] = _judged(gate, found["behaviour"])
        found["fails"] = found["fail_on"]["holds"]
    return found


def _structure(files: Structure) -> dict[str, Any]:
    return {
        "policies": [
            {
                "name": change.name,
                "what": change.what,
                "was": change.was,
                "keys": _keys(change.keys),
                "rows": [row._asdict() for row in change.rows],
            }
            for change in files.policies
        ],
        "site": _keys(files.site),
    }


def _keys(changes: Iterable[KeyChange]) -> list[dict[str, Any]]:
    return [change._asdict() for change in changes]


def _judged(gate: Gate, found: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return what became of ``--fail-on``; where both versions do the same, nothing is too much."""
    if found is None:
        return {"text": gate.text, "holds": False, "conditions": []}
    old, new = found["scores"]["old"], found["scores"]["new"]
    return {
        "text": gate.text,
        "holds": gate.holds(old, new),
        "conditions": [
            {"text": one.text, "change": _finite(one.change(old, new)), "unit": one.unit, "holds": one.holds(old, new)}
            for one in gate.conditions
        ],
    }


def _finite(change: float | None) -> float | None:
    """Return a change for JSON, which knows no infinity: per cent of nothing are nobody's number."""
    return None if change is None or abs(change) == inf else round(change, 4)
