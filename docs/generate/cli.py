"""Writes docs/reference/cli.md from what the commands say of themselves with ``--help``."""

from __future__ import annotations

from pathlib import Path

import click

from noonward.cli.main import COMMANDS, cli

PAGE = Path(__file__).parents[1] / "reference" / "cli.md"
WIDTH = 88
HEAD = """\
# Commands

| to | command |
|---|---|
{rows}

Where a command does not say otherwise it exits with 0 for fine, 1 for findings or a difference, 2 for a mistake in how
it was called, and 3 for a bug in Noonward. A time without an offset is the site's time.

This page is written by `python docs/generate/cli.py` from what `noonward COMMAND --help` prints.
"""
MORE = {
    "init": "[Policies in CI](../how-to/policies-in-ci.md).",
    "comment": "[Policies in CI](../how-to/policies-in-ci.md).",
    "check": "Every code: [Rules](rules/index.md). The files it reads: [Schemas](schemas.md).",
    "simulate": "[Simulate a year](../how-to/simulate-a-year.md), [Simulation](simulate.md).",
    "compare": "[Comparison of controllers](compare.md).",
    "diff": "[Review a change to a policy](../how-to/review-a-change.md), [Difference of two versions](diff.md).",
    "test": "[Test a policy](../how-to/test-a-policy.md), [Policy tests](policy-tests.md).",
    "explain": "What each reason means: [Reasons](reasons.md).",
    "windows": "[Timers and clock changes](../explanation/timers-and-dst.md).",
    "run": "[What the daemon does](../explanation/daemon.md), [Run as a service](../how-to/run-as-a-service.md).",
    "status": "[Commands that speak to the daemon](cli-control.md).",
    "switch": "[Commands that speak to the daemon](cli-control.md).",
    "override": "[Commands that speak to the daemon](cli-control.md).",
    "boost": "[Commands that speak to the daemon](cli-control.md).",
    "charge-now": "[Commands that speak to the daemon](cli-control.md).",
    "need": "[Commands that speak to the daemon](cli-control.md).",
    "forecast": "[Hand in a forecast](../how-to/feed-a-forecast.md).",
    "auth": "[Sign in](../how-to/sign-in.md), [Security](../explanation/security.md).",
    "emulate": "[Try without hardware](../how-to/try-without-hardware.md).",
    "history": "[Use your own past](../how-to/use-your-own-past.md).",
    "replay": "[What the daemon keeps](../explanation/daemon.md), [what-if on yesterday](diff.md#yesterday).",
    "schema": "[Schemas](schemas.md).",
}
"""Command to the pages that say more."""


def page() -> str:
    """Return the page."""
    root = click.Context(cli, info_name="noonward", terminal_width=WIDTH, **cli.context_settings)
    commands = {name: cli.get_command(root, name) for name in COMMANDS}
    rows = [
        f"| {command.get_short_help_str(limit=200).rstrip('.')} | [`{name}`](#noonward-{name}) |"
        for name, command in commands.items()
        if command is not None
    ]
    parts = [HEAD.format(rows="\n".join(rows))]
    for name, command in commands.items():
        if command is not None:
            parts += sections(root, name, command)
            parts += [f"{MORE[name]}\n"] if name in MORE else []
    return "\n".join(parts)


def sections(parent: click.Context, name: str, command: click.Command, level: int = 2) -> list[str]:
    """Return the section of a command, and of its own commands if it has any."""
    context = click.Context(command, info_name=name, parent=parent, terminal_width=WIDTH)
    parts = [f"{'#' * level} `{context.command_path}`\n", f"```text\n{command.get_help(context)}\n```\n"]
    if isinstance(command, click.Group):
        for below in command.list_commands(context):
            found = command.get_command(context, below)
            if found is not None:
                parts += sections(context, below, found, level + 1)
    return parts


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
