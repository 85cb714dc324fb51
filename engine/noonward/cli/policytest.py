"""``noonward test``: play policy tests."""

from __future__ import annotations

from pathlib import Path

import click

FORMATS = ("text", "json", "junit")
DEFAULT = Path("policies")
"""Where tests are looked for if nobody says; here, where there is no such folder."""


@click.command("test")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path), metavar="[PATH]...")
@click.option(
    "--format", "form", type=click.Choice(FORMATS), default="text", show_default=True, help="Form of the report."
)
def command(paths: tuple[Path, ...], form: str) -> int:
    """Play the policy tests (*.test.yaml) of folders and files.

    By default those below ./policies, and where there is no such folder those below here. Each case runs one policy
    through the engine that also runs on the gateway. The report names the rows and timers that no case has touched;
    those do not fail. Exit codes: 0 all passed, 1 a case failed or a file does not load, 2 usage, 3 internal error.
    """
    from noonward.lab.testreport import render
    from noonward.lab.testrun import run

    report = run(paths or (DEFAULT if DEFAULT.is_dir() else Path(),))
    click.echo(render(report, form))
    return 0 if report.passed else 1
