"""What the portal weighs, and how soon it shows something, in Chromium beside the plain status page of the same daemon.

Run ``python benchmarks/portal.py [DAYS]``. The example site of ``policies/`` runs with DAYS in its history (365 unless
said otherwise; one minute of each quarter of an hour, which is as much work for hours and days). Each page is opened cold
a few times, in turn, with the processor slowed down four times as an old tablet's, and as it is; each time is the least,
from the navigation on. A page is ready when it shows what it is for: what the engine decided, a day, the bars and the
carpet of a year.
"""

from __future__ import annotations

import gzip
import math
import random
import shutil
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from support.garage import free_port  # noqa: E402
from support.pastfile import past, put  # noqa: E402
from support.process import Daemon  # noqa: E402

AIM_KB, AIM_S = 60.0, 1.0
SLOWED = 4
TRIES = 4
DAY_S, DAY_MIN, EVERY_MIN = 86_400.0, 1440, 15
WATT = 10  # what a watt is kept as
LOADS = ("heat-pump", "boiler-cellar", "boiler-3ph", "laundry", "pump")
STATIONS = ("cp-01", "cp-02", "cp-03")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]

PAGES = {
    "/status": "document.querySelector('.card')",
    "/": "document.querySelector('main .card') && document.querySelector('.line.live')",
    "/policies/boiler-3ph": "document.querySelector('.machine .current') && document.querySelector('.yaml .lit')",
    "/history": "document.querySelector('.charts .plot') && [...document.querySelectorAll('canvas')].every((c) => c.width !== 300)",
    "/history?unit=year": (
        "document.querySelector('.carpet canvas') && document.querySelectorAll('canvas').length === 3"
        " && [...document.querySelectorAll('canvas')].every((c) => c.width !== 300)"
    ),
}
"""Path to what must be there for it to be ready."""

WATCH = """(() => {{
  const look = () => {{ if ({ready}) window.shownAt = performance.now(); else requestAnimationFrame(look); }};
  requestAnimationFrame(look);
}})()"""
PAINTED = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? null"


def year(path: Path, days: int) -> None:
    """Write the minutes of the days before today into a history."""
    chance = random.Random(1)
    midnight = time.time() // DAY_S * DAY_S
    with past("Europe/Zurich", path) as made:
        made.db.execute("BEGIN")
        for day in range(-days, 0):
            sky = chance.uniform(0.2, 1.0)
            values = [_minute(day, m / DAY_MIN, sky, chance) for m in range(0, DAY_MIN, EVERY_MIN)]
            put(made, midnight + day * DAY_S, values, EVERY_MIN)
        made.db.execute("COMMIT")


def _minute(day: int, part: float, sky: float, chance: random.Random) -> dict[str, int]:
    height = max(0.0, math.sin((part - 0.25) * 2 * math.pi)) * (1.0 + 0.5 * math.cos((day + 155) / 365 * 2 * math.pi))
    pv, base = 5000 * sky * height, 300 + 200 * chance.random()
    draws = {name: (2000.0 if pv > 1500 + 1200 * k else 0.0) for k, name in enumerate(LOADS)}
    draws["garage"] = max(0.0, pv - 4000)
    grid = base + sum(draws.values()) - pv
    means = {"pv_w": pv, "base_load_w": base, "import_w": max(grid, 0.0), "export_w": max(-grid, 0.0)}
    means |= {f"policy/{name}": watts for name, watts in draws.items()}
    means |= {f"solar/{name}": min(watts, pv) for name, watts in draws.items()}
    means |= {f"station/{name}": draws["garage"] / len(STATIONS) for name in STATIONS}
    kept = {name: round(watts * WATT) for name, watts in means.items()}
    return kept | {f"on/{name}": 10_000 * bool(watts) for name, watts in draws.items()}


def opened(browser: Browser, url: str, ready: str, slowed: int) -> tuple[float, float]:
    """Return when a page first painted something, and when it was ready. [s]"""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    try:
        page = context.new_page()
        page.add_init_script(WATCH.format(ready=ready))
        context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": slowed})
        page.goto(url, wait_until="commit")
        times = [None, None]
        while None in times:
            page.wait_for_timeout(20)
            times = page.evaluate(f"[{PAINTED}, window.shownAt ?? null]")
        return times[0] / 1000.0, times[1] / 1000.0
    finally:
        context.close()


def measured(url: str) -> dict[tuple[str, int], tuple[float, float]]:
    """Return for each page, slowed down or not, the least time until it painted and until it was ready. [s]"""
    found: dict[tuple[str, int], tuple[float, float]] = {}
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        for slowed in (SLOWED, 1):
            for _ in range(TRIES):
                for path, ready in PAGES.items():
                    painted, live = opened(browser, url + path, ready, slowed)
                    least = found.get((path, slowed), (math.inf, math.inf))
                    found[path, slowed] = min(painted, least[0]), min(live, least[1])
        browser.close()
    return found


def weigh() -> tuple[float, float]:
    """Return what the script weighs, gzipped: every page and the longest language, and what the first page needs. [kB]"""
    sizes = {
        path.name: len(gzip.compress(path.read_bytes(), 9)) / 1000.0
        for path in (ROOT / "engine/noonward/web/portal/assets").glob("*.js")
    }
    words = {name: kb for name, kb in sizes.items() if name[2] == "-"}
    rest = {name: kb for name, kb in sizes.items() if name not in words}
    first = sum(kb for name, kb in rest.items() if name.startswith(("index", "home", "shared", "rolldown")))
    return sum(rest.values()) + max(words.values()), first + max(words.values())


def main(days: int) -> None:
    whole_kb, first_kb = weigh()
    print(f"script: {whole_kb:.1f} kB gzipped (aim {AIM_KB:.0f}), of it the first page loads {first_kb:.1f} kB")
    with tempfile.TemporaryDirectory() as place:
        folder, state = Path(place) / "policies", Path(place) / "state"
        shutil.copytree(ROOT / "policies", folder)
        state.mkdir(mode=0o700)
        year(state / "history.db", days)
        port = free_port()
        daemon = Daemon(folder, state, "--http", f"127.0.0.1:{port}")
        try:
            assert daemon.ready(), daemon.lines
            found = measured(f"http://127.0.0.1:{port}")
        finally:
            daemon.stop()
    for slowed, name in ((SLOWED, f"processor slowed down {SLOWED} times"), (1, "as it is")):
        plain = found["/status", slowed]
        print(f"{name}: first paint, ready, and both beside the plain page")
        for path in PAGES:
            painted, live = found[path, slowed]
            print(f"  {path:<22} {painted:5.2f} s {live:5.2f} s   {painted / plain[0]:4.1f} {live / plain[1]:4.1f}")
    print(f"a year of history ({days} days) drawn in {found['/history?unit=year', 1][1]:.2f} s (aim {AIM_S:.0f} s)")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 365)
