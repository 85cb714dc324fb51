"""What two versions do with the same recording, number beside number, and where they part."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from noonward.core.model import Zone
from noonward.lab.differ import days
from noonward.lab.differ.metrics import METRICS, POLICY
from noonward.lab.differ.part import part, parted
from noonward.lab.differ.sides import play_both
from noonward.lab.recording import iso
from noonward.policy.sentences import sentence

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from noonward.core.model import Decision, Instant, PolicyName, Reason, Site
    from noonward.lab.changes import Changes
    from noonward.lab.differ.part import Parting
    from noonward.lab.game import Game
    from noonward.lab.run import Progress, Run
    from noonward.lab.versions import Version

    Watched = Callable[[str], Progress | None]

    Shown = tuple[Run, Mapping[str, Any], Changes]
    """A version as it was played, its score, and what it said."""

    Seen = Callable[[Shown, Shown, Mapping[PolicyName, PolicyName]], None]
    """Told of the old and the new version, and of policies with a new name."""


def behaviour(
    versions: tuple[Version, Version],
    games: tuple[Game, Game],
    renamed: Mapping[PolicyName, PolicyName],
    watched: Watched = lambda _: None,
    seen: Seen | None = None,
) -> dict[str, Any]:
    """Play both versions and compare.

    Args:
        versions: Where their files are.
        games: The same recording for each of them.
        renamed: Old name to new.
        watched: Returns who is told how far a run has come.
        seen: Told of both runs, to show more of them than numbers.

    Returns:
        Part of ``diff --format json``: ``scores``, ``totals``, ``policies``, ``parting`` and ``days``.
    """
    sides = play_both(*games, renamed, watched, shows=seen is not None)
    before, after = sides
    scores = before.alone.within(before.frame), after.alone.within(after.frame)
    if seen is not None:
        old, new = (
            (side.shown[0], score, side.shown[1])
            for side, score in zip(sides, scores, strict=True)
            if side.shown is not None
        )
        seen(old, new, renamed)
    parting = part(*games, before.notes, after.notes)
    return {
        "scores": {"old": scores[0], "new": scores[1]},
        "totals": {name: _change(metric.of(scores[0]), metric.of(scores[1])) for name, metric in METRICS.items()},
        "policies": _policies(scores, renamed),
        "parting": None if parting is None else _parting(parting, versions, games, renamed),
        "days": days.differing(before.days, after.days, renamed),
    }


def _change(old: float | None, new: float | None) -> dict[str, float | None]:
    return {"old": old, "new": new, "change": None if old is None or new is None else round(new - old, 6)}


def _policies(
    scores: tuple[Mapping[str, Any], Mapping[str, Any]], renamed: Mapping[PolicyName, PolicyName]
) -> dict[PolicyName, dict[str, Any]]:
    """Return the numbers of each policy, under its new name; None where a version has no such policy."""
    before = {renamed.get(name, name): own for name, own in scores[0]["policies"].items()}
    after = scores[1]["policies"]
    return {
        name: {key: _change(before.get(name, {}).get(key), after.get(name, {}).get(key)) for key in POLICY}
        for name in dict.fromkeys((*after, *before))
    }


def _parting(
    parting: Parting,
    versions: tuple[Version, Version],
    games: tuple[Game, Game],
    renamed: Mapping[PolicyName, PolicyName],
) -> dict[str, Any]:
    sites = [game.site for game in games]
    pairs = [
        tuple(
            None if decision is None else _said(decision, parting.at, site, version)
            for decision, site, version in zip(pair, sites, versions, strict=True)
        )
        for pair in parted(parting, renamed)
    ]
    return {
        "at": iso(parting.at),
        "timezone": sites[1].timezone,
        "policies": [_pair(old, new) for old, new in pairs],
    }


def _pair(old: dict[str, Any] | None, new: dict[str, Any] | None) -> dict[str, Any]:
    """Return what both versions say of one policy; of stations only those that differ, where both have them."""
    if old is not None and new is not None:
        alike = [one for one in old["stations"] if one in new["stations"]]
        old, new = ({**said, "stations": [one for one in said["stations"] if one not in alike]} for said in (old, new))
    return {"policy": (new or old or {})["policy"], "old": old, "new": new}


def _said(decision: Decision, at: Instant, site: Site, version: Version) -> dict[str, Any]:
    """Return a decision in words, with the line of the file that it comes from."""
    policy = next(policy for policy in site.policies if policy.name == decision.policy)
    file = version.inside(policy.file)
    return {
        "policy": decision.policy,
        "state": decision.wanted,
        "power_w": round(decision.power_w, 3),
        "code": decision.code.value,
        "because": [_words(reason, at, site) for reason in decision.because],
        "place": f"{file}:{decision.line}" if decision.line else file,
        "row": decision.row,
        "stations": [
            {"station": one.station, "state": one.state, "limit_a": one.limit_a, "because": _words(one.why, at, site)}
            for one in decision.stations
        ]
        if isinstance(policy, Zone)
        else [],
    }


def _words(reason: Reason, at: Instant, site: Site) -> str:
    return sentence(reason, now=at, timezone=site.timezone)
