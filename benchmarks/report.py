"""Size of the report of a site-year at 1-min steps, and how long Chromium takes to open it, beside an empty page.

Run ``python benchmarks/report.py [DAYS]``. The tape is the example house of ``noonward.plant`` with noise, so that it
packs as badly as measured minutes do. Both pages are opened in turn by one browser; each time is the least of a few, from
the navigation to the first picture. A diff of two versions of the year follows.
"""

from __future__ import annotations

import asyncio
import random
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from time import process_time

import simulate as year

from noonward.lab import baselines, simulate
from noonward.lab.changes import Changes
from noonward.lab.game import new_game
from noonward.lab.scenario import QuotaSpec, Scenario
from noonward.lab.score import score
from noonward.lab.tape import Tape
from noonward.plant.house import House
from noonward.policy import cron
from noonward.report.pages import Played, diff_report, run_report

AIM_MB, AIM_S = 0.5, 1.0
TRIES = 5
EMPTY = '<!doctype html><html lang="en"><title>empty</title><p>empty<script>requestAnimationFrame(() => performance.mark("ready"))</script>'
READY = "(performance.getEntriesByName('ready')[0]?.startTime ?? null)"


def noisy(days: int) -> Tape:
    """Minutes of the example house, with clouds and appliances that no model has."""
    house, chance = House(peak_w=9000.0), random.Random(1)
    minutes = [year.START + 60.0 * i for i in range(days * 1440)]
    sky, draw, pv, base = 1.0, 0.0, [], []
    for t in minutes:
        sky = 0.8 * sky + 0.2 * (1.0 + chance.gauss(0.0, 0.09))
        draw = 0.7 * draw + chance.gauss(0.0, 60.0)
        pv.append(max(0.0, house.pv_w(t) * sky))
        base.append(max(0.0, house.base_w(t) + draw))
    return Tape(name="noisy house", start=year.START, step_s=60.0, pv_w=pv, base_load_w=base)


def heard(name, game, alone):
    changes = Changes()
    run = simulate.play(game, engine=changes.engine)
    return Played(name=name, run=run, score=score(run, alone), changes=changes)


async def opened(pages: list[Path]) -> list[float]:
    """Return for each page the least time until it was ready. [s]"""
    sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
    from support.chromium import tab

    least = [float("inf")] * len(pages)
    with tempfile.TemporaryDirectory() as home:
        async with tab(Path(home)) as page:
            for _ in range(TRIES):
                for k, path in enumerate(pages):
                    await page.open(f"file://{path}")
                    await page.becomes_true(f"location.pathname === '{path}' && {READY} !== null")
                    least[k] = min(least[k], await page.value(READY) / 1000.0)
    return least


def main(days: int) -> None:
    needs = QuotaSpec(energy_wh=year.NEED_WH, by=cron.parse("0 20 * * *"), uncontrolled_from=cron.parse("0 5 * * *"))
    plants = {load[0]: needs for load in year.LOADS}
    game = new_game(year.site(), Scenario(tape=Path(), plants=plants), noisy(days))
    later = tuple(replace(a, off_below_w=(a.off_below_w[0] / 2,)) for a in game.site.appliances)
    alone = baselines.play("uncontrolled", game)
    run = heard("policies", game, alone)
    plain = [
        Played(name=name, run=other, score=score(other, alone))
        for name, other in (("uncontrolled", alone), ("threshold", baselines.play("threshold", game)))
    ]
    changed = heard("new", replace(game, site=replace(game.site, appliances=later)), alone)
    begun = process_time()
    page = run_report(run, plain)
    made_s = process_time() - begun
    both = diff_report(replace_name(run, "old"), changed)
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / name for name in ("empty.html", "report.html", "diff.html")]
        for path, text in zip(paths, (EMPTY, page, both), strict=True):
            path.write_text(text, encoding="utf-8")
        empty_s, report_s, diff_s = asyncio.run(opened(paths))
        sizes = [path.stat().st_size / 1e6 for path in paths]
    words = sum(map(len, run.changes.policies.values()))
    print(f"{days} days at 1 min, 3 policies, {words} decisions: made in {made_s:.2f} s CPU")
    print(f"  report: {sizes[1]:.3f} MB (aim {AIM_MB}), opens in {report_s:.2f} s (aim {AIM_S:.0f} s)")
    print(f"  empty page: {empty_s:.2f} s, ratio {report_s / empty_s:.1f}")
    print(f"  diff of two versions: {sizes[2]:.3f} MB, opens in {diff_s:.2f} s")


def replace_name(one: Played, name: str) -> Played:
    return Played(name=name, run=one.run, score=one.score, changes=one.changes)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 365)
