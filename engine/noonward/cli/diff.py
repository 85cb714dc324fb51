"""``noonward diff``: what a change to the policies does, before it touches the building."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from noonward.cli.main import EXIT_FINDINGS
from noonward.errors import PolicyError, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from noonward.lab.differ.behaviour import Shown
    from noonward.lab.scenario import Scenario
    from noonward.lab.tape import Tape
    from noonward.lab.versions import Version

    Both = tuple[Shown, Shown, Mapping[str, str]]

FORMATS = ("text", "markdown", "json")


@click.command("diff")
@click.argument("old")
@click.argument("new")
@click.option(
    "--scenario",
    "scenario_file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="What both are played against: a tape, and what each policy controls.",
)
@click.option(
    "--journal",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Play them against what a gateway saw instead, yesterday by default (the folder STATE/journal).",
)
@click.option("--from", "begin", metavar="T", help="Play from here, ISO 8601; without an offset it is site time.")
@click.option("--to", "end", metavar="T", help="Play up to here; a date alone is its midnight.")
@click.option(
    "--format", "form", type=click.Choice(FORMATS), default="text", show_default=True, help="How to print it."
)
@click.option(
    "--fail-on",
    "fail_on",
    metavar="EXPR",
    help='Exit with 1 only if this holds, as "captured < -1 pt or starts > +20 %".',
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Write diff.json to DIR, and report.html where the versions do different things.",
)
def command(
    old: str,
    new: str,
    scenario_file: Path | None,
    journal: Path | None,
    begin: str | None,
    end: str | None,
    form: str,
    fail_on: str | None,
    out: Path | None,
) -> int:
    """Say what differs between two versions of a site, in its files and in what they do.

    OLD and NEW are folders with site.yaml, or folders of a git revision, as main:policies or HEAD~1:policies. Nothing
    is checked out. Exit codes: 0 no difference (with --fail-on: none that matters), 1 a difference, or a version does
    not load, 2 usage.
    """
    from contextlib import ExitStack
    from tempfile import TemporaryDirectory

    from noonward.cli.playing import cut, refuse
    from noonward.cli.progress import Bars
    from noonward.lab import scenario
    from noonward.lab.differ.diff import diff
    from noonward.lab.differ.gate import parse
    from noonward.lab.versions import opened
    from noonward.report import difference

    recording = journal if scenario_file is None else scenario_file
    if recording is None or (scenario_file is not None and journal is not None):
        raise UsageError("give either --scenario FILE or --journal DIR")
    gate = None if fail_on is None else parse(fail_on)
    played: list[Both] = []
    with ExitStack() as stack:
        before, after = (stack.enter_context(opened(text)) for text in (old, new))
        bars = stack.enter_context(Bars())

        try:
            if scenario_file is not None:
                scene, span = scenario.load(scenario_file), (begin, end)
            else:
                place = Path(stack.enter_context(TemporaryDirectory(prefix="noonward-journal-")))
                scene, span = _journaled(recording, (before, after), (begin, end), place), (None, None)

            def tape(timezone: str) -> Tape:
                found = cut(scene, *span, timezone)
                bars.total = len(found)
                return found

            seen = None if out is None else lambda *both: played.append(both)
            found = diff(before, after, scene, tape, recording=str(recording), gate=gate, watched=bars, seen=seen)
        except PolicyError as error:
            refuse(error)
    write = {"text": difference.to_text, "markdown": difference.to_markdown, "json": _json}[form]
    click.echo(write(found), nl=form != "markdown")
    if out is not None:
        _write(out, found, played)
    if gate is not None and found["fails"] is None:
        raise gate.undecided(*found["behaviour"]["scores"].values())
    return EXIT_FINDINGS if found["fails"] else 0


def _journaled(
    journal: Path, versions: tuple[Version, Version], span: tuple[str | None, str | None], place: Path
) -> Scenario:
    """Return what a journal saw as a scenario for two versions; its recordings are written to a folder."""
    from noonward.cli.playing import instant_of
    from noonward.lab import journaled, scenario

    sites = [version.load().site for version in versions]
    begin, end = (instant_of(text, sites[-1].timezone) for text in span)
    found = journaled.fitted(journaled.read(journal, begin, end), *sites)
    return replace(scenario.load(journaled.write(found, place)), learnt=found.learnt)


def _write(folder: Path, found: Mapping[str, Any], played: Sequence[Both]) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "diff.json").write_text(_json(found) + "\n", encoding="utf-8")
        for both in played:
            (folder / "report.html").write_text(_page(found, *both), encoding="utf-8")
    except OSError as error:
        raise UsageError(
            f"{folder}: {error.strerror or error}; give a folder that can be written with --out"
        ) from error


def _page(found: Mapping[str, Any], old: Shown, new: Shown, renamed: Mapping[str, str]) -> str:
    from noonward.report import difference
    from noonward.report.pages import Played, diff_report

    sides = [
        Played(name=found[side]["text"], run=run, score=score, changes=changes, called=called)
        for side, (run, score, changes), called in (("old", old, renamed), ("new", new, {}))
    ]
    return diff_report(sides[0], sides[1], difference.parts(found))


def _json(found: Mapping[str, Any]) -> str:
    return json.dumps(found, indent=1, ensure_ascii=False)
