"""``noonward check``: every problem of every file at once."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, get_args

import click

from noonward.cli.main import EXIT_FINDINGS
from noonward.policy import load
from noonward.policy.forges import to_github, to_gitlab, to_junit, to_sarif
from noonward.policy.problems import Profile, fails, to_json, to_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from noonward.policy.problems import Problem

_RENDER = {"text": to_text, "json": to_json, "github": to_github, "gitlab": to_gitlab, "sarif": to_sarif}
_FORMATS = (*_RENDER, "junit")


@click.command("check")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path), metavar="[PATH]...")
@click.option("--format", "style", type=click.Choice(_FORMATS), default="text", show_default=True, help="Output.")
@click.option(
    "--profile",
    type=click.Choice(get_args(Profile)),
    default="basic",
    show_default=True,
    help="What fails: basic: errors; safe: warnings about safety too; strict: every warning.",
)
@click.pass_context
def command(ctx: click.Context, paths: tuple[Path, ...], style: str, profile: Profile) -> None:
    """Check policies, site, tests and scenarios: syntax, schema, and what a schema cannot say.

    PATH is a folder or a file, by default the current folder. A file is checked with the nearest site.yaml upward.

    Exit codes: 0 nothing that fails under the profile, 1 findings, 2 usage, 3 internal error.
    """
    result = load.check(paths or (Path(),))
    problems = result.problems
    rendered = to_junit(problems, result.files, profile) if style == "junit" else _RENDER[style](problems)
    if rendered:
        click.echo(rendered)
    failed = any(fails(problem, profile) for problem in problems)
    if style == "text":
        summary = f"{_counted(result.kinds)}: {_found(problems)}"
        click.echo(click.style(summary, fg="red" if failed else None))
    if failed:
        ctx.exit(EXIT_FINDINGS)


_KINDS = (
    (("appliance", "ev-zone"), "policy", "policies"),
    (("site",), "site", "sites"),
    (("policy-test",), "test file", "test files"),
    (("scenario",), "scenario", "scenarios"),
    (("device-profile",), "device profile", "device profiles"),
)


def _counted(kinds: Mapping[str, str]) -> str:
    """Return ``5 policies, 1 site``."""
    given = [kind.partition("/")[0] for kind in kinds.values()]
    counts = [(sum(kind in group for kind in given), one, many) for group, one, many in _KINDS]
    return ", ".join(f"{count} {one if count == 1 else many}" for count, one, many in counts if count) or "no files"


def _found(problems: tuple[Problem, ...]) -> str:
    counts = [
        (sum(problem.severity == severity for problem in problems), severity)
        for severity in ("error", "warning", "info")
    ]
    parts = [f"{count} {severity}{'s' if count > 1 else ''}" for count, severity in counts if count]
    return ", ".join(parts) or "no problems"
