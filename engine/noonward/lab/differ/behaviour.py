"""What two versions do with the same recording, number beside number, and where they part."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from noonward.core.model import Zone
from noonward.lab import baselines
from noonward.lab.aside import Aside
from noonward.lab.changes import Changes
from noonward.lab.differ import days
from noonward.lab.differ.match import same_loads
from noonward.lab.differ.metrics import METRICS, POLICY
from noonward.lab.differ.part import LONG, known, parted, play_both
from noonward.lab.optimum import optimum
from noonward.lab.recording import iso
from noonward.lab.score import score
from noonward.policy.sentences import sentence

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from noonward.core.model import Decision, Instant, PolicyName, Reason, Site
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
    heard = Changes(), Changes()
    before, after, parting = play_both(*games, renamed, watched, (None, None) if seen is None else heard)
    scores = _scores((before, after), games, renamed, watched)
    if seen is not None:
        seen((before, scores[0], heard[0]), (after, scores[1], heard[1]), renamed)
    return {
        "scores": {"old": scores[0], "new": scores[1]},
        "totals": {name: _change(metric.of(scores[0]), metric.of(scores[1])) for name, metric in METRICS.items()},
        "policies": _policies(scores, renamed),
        "parting": None if parting is None else _parting(parting, versions, games, renamed),
        "days": days.differing(before, after, renamed),
    }


def _scores(
    runs: tuple[Run, Run], games: tuple[Game, Game], renamed: Mapping[PolicyName, PolicyName], watched: Watched
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return both scores; what the loads do by themselves is played once where they are the same.

    So is perfect foresight, which is kept by what it depends on.
    """
    left: list[Run | None] = [None, None]
    for k, game in enumerate(games):
        if k and left[0] is not None and same_loads(*games, renamed):
            left[1] = left[0]
        elif game.natural():
            left[k] = baselines.play("uncontrolled", game, watched("uncontrolled"))
    old, new = games
    aside = Aside(partial(_best, old), known(old), enough=len(old.tape) >= LONG and old.comparable())
    best = _best(new, watched)
    return score(runs[0], left[0], aside.result()), score(runs[1], left[1], best)


def _best(game: Game, watched: Watched = lambda _: None) -> Run | None:
    return optimum(game, watched("optimum")) if game.comparable() else None


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
