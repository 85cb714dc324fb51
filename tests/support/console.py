"""Runs the command line in this process, as the ``noonward`` script would."""

import sys
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from typing import NamedTuple
from unittest import mock

from noonward.cli.main import main


class Result(NamedTuple):
    code: int
    out: str
    err: str


def noonward(*args) -> Result:
    """Run one command and return its exit code and what it printed."""
    out, err = StringIO(), StringIO()
    with mock.patch.object(sys, "argv", ["noonward", *map(str, args)]), redirect_stdout(out), redirect_stderr(err):
        try:
            main()
        except SystemExit as leaving:
            code = leaving.code if isinstance(leaving.code, int) else 0 if leaving.code is None else 1
    return Result(code, out.getvalue(), err.getvalue())
