"""Reports: one HTML file each that opens anywhere, offline, and asks nobody for anything.

:func:`run_report` shows a run, :func:`diff_report` two versions of the policies side by side. Both are one string to be
written to a file. Styles, scripts and data are inside, and the page's own content security policy allows these very
texts and nothing else: it would run under the strictest policy of a web server too.
"""

from __future__ import annotations

import json
from base64 import b64encode
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from importlib.resources import files
from typing import TYPE_CHECKING

from noonward.html import Html, tag
from noonward.report import tables
from noonward.report.blocks import to_html
from noonward.report.data import Played, pack

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from noonward.html import Child
    from noonward.report.blocks import Block

__all__ = ["Played", "diff_report", "run_report"]

LICENCE = "uPlot.LICENSE"
"""Goes with every copy of uPlot, and every report is one."""

STYLES = ("uPlot.min.css", "report.css")
SCRIPTS = ("uPlot.iife.min.js", "packed.js", "wall.js", "told.js", "chart.js", "day.js", "calendar.js", "report.js")


def run_report(run: Played, others: Sequence[Played] = ()) -> str:
    """Return the report of a run as a whole HTML document.

    Args:
        run: What is shown day by day::

                changes = Changes()
                run = simulate.play(game, engine=changes.engine)
                Played(name="policies", run=run, score=score(run, uncontrolled), changes=changes)

        others: The same game under other controllers, in the order of the table of controllers; ``run`` itself is put
            first there if it is not among them.

    Returns:
        The file's text, to be written as UTF-8. A year is at most 0.5 MB.
    """
    everybody = list(others) if any(one is run for one in others) else [run, *others]
    site = run.run.game.site
    parts = [
        tables.heading(site.name, run.name, run.score, site.timezone),
        tables.figures(run.score),
        _day(),
        _calendar(),
        _section("Controllers", tables.controllers(everybody)) if len(everybody) > 1 else None,
        _section("Policies", tables.policies(run.score)),
        _section("Months", tables.months(run)),
        _curve(),
    ]
    return _document(f"{site.name}: {run.name}", parts, [run], [one for one in others if one is not run])


def diff_report(old: Played, new: Played, said: Iterable[Block] = ()) -> str:
    """Return the report of two versions, played on the same tape, as a whole HTML document.

    Args:
        old: The version that stands, with its ``changes`` (see :func:`run_report`), and ``called`` where policies have
            another name in the new one.
        new: The version that is proposed.
        said: What there is to say of the difference: ``difference.parts(found)`` of ``diff --format json``.

    Returns:
        The file's text, to be written as UTF-8.
    """
    site = new.run.game.site
    parts = [
        tables.heading(site.name, f"{old.name} → {new.name}", new.score, site.timezone),
        tag("p", id="first"),
        *to_html(said),
        _calendar(),
        _day(),
        _section(f"Policies: {new.name}", tables.policies(new.score)),
        _curve(),
    ]
    return _document(f"{site.name}: {old.name} → {new.name}", parts, [old, new], [])


def _section(title: str, *children: Child) -> Html:
    return tag("section", tag("h2", title), *children)


def _day() -> Html:
    return _section("Day", tag("div", id="day"))


def _calendar() -> Html:
    return _section("Calendar", tag("div", id="calendar"))


def _curve() -> Html:
    return _section("Duration of import", tag("div", id="curve"))


def _document(title: str, parts: Sequence[Html | None], shown: Sequence[Played], others: Sequence[Played]) -> str:
    names, columns = pack(shown, others)
    style = Html("\n".join(map(_static, STYLES)))
    script = Html("\n".join([f"/*!\n{_static(LICENCE)}\n*/", *map(_static, SCRIPTS)]))
    allowed = {
        "default-src": "'none'",
        "style-src": _hash(style),
        "script-src": _hash(script),
        "img-src": "data:",
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    head = (
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", http_equiv="Content-Security-Policy", content="; ".join(f"{k} {v}" for k, v in allowed.items())),
        tag("meta", name="color-scheme", content="light dark"),
        tag("link", rel="icon", href="data:,"),
        tag("title", title),
        tag("style", style),
    )
    without = tag("noscript", tag("p", "The pictures need JavaScript; the tables do not."))
    body = (
        tag("main", *parts[:1], without, *parts[1:], tag("footer", f"Noonward {version('noonward')}")),
        tag("script", Html(json.dumps(names, separators=(",", ":")).replace("<", "\\u003c")),
            type="application/json", id="names"),
        tag("script", Html(columns), type="application/octet-stream", id="columns"),
        tag("script", script),
    )  # fmt: skip
    return f"<!doctype html>\n{tag('html', tag('head', *head), tag('body', *body), lang='en')}\n"


def _hash(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


@cache
def _static(name: str) -> str:
    return (files("noonward.report") / "static" / name).read_text(encoding="utf-8").strip()
