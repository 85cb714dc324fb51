"""The command line: one file per command, imported only when it is called."""

from __future__ import annotations

import importlib
import sys
import traceback
from typing import NoReturn

import click

from noonward.errors import NoonwardError, UsageError

COMMANDS = {
    "init": "init",
    "check": "check",
    "test": "policytest",
    "simulate": "simulate",
    "compare": "compare",
    "diff": "diff",
    "explain": "explain",
    "windows": "windows",
    "run": "run",
    "status": "control:status",
    "switch": "control:switch",
    "override": "control:override",
    "boost": "control:boost",
    "charge-now": "station:charge_now",
    "need": "station:need",
    "forecast": "forecast",
    "diagnostics": "station:diagnostics",
    "auth": "auth",
    "history": "history",
    "replay": "replay",
    "emulate": "emulate",
    "schema": "schema",
    "comment": "comment",
}
"""Command to module below ``noonward.cli``, with ``:function`` where one module holds several."""

EXIT_FINDINGS, EXIT_USAGE, EXIT_INTERNAL = 1, 2, 3


class LazyGroup(click.Group):
    """A group that imports a command's module only when that command is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the names in the order in which a user meets them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import the command's module and return its ``command``, or the function named in the table."""
        place = COMMANDS.get(cmd_name)
        if place is None:
            return None
        module, _, name = place.partition(":")
        command = getattr(importlib.import_module(f"noonward.cli.{module}"), name or "command")
        assert isinstance(command, click.Command)  # noqa: S101 - the table above is ours
        return command


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="noonward")
def cli() -> None:
    """Move a building's loads toward noon.

    Exit codes: 0 fine, 1 findings or a difference, 2 usage, 3 internal error.
    """


def main() -> NoReturn:
    """Run the command line; the entry point of the ``noonward`` script."""
    try:
        code = cli.main(standalone_mode=False)
        sys.exit(code if isinstance(code, int) else 0)
    except click.exceptions.Abort:
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except UsageError as error:
        click.echo(f"noonward: {error}", err=True)
        sys.exit(EXIT_USAGE)
    except NoonwardError as error:
        click.echo(f"noonward: {error}", err=True)
        sys.exit(EXIT_FINDINGS)
    except BrokenPipeError:
        sys.exit(0)
    except Exception:  # noqa: BLE001 - a bug: shown whole, and told apart from findings
        traceback.print_exc()
        click.echo("noonward: internal error; please report what stands above", err=True)
        sys.exit(EXIT_INTERNAL)
