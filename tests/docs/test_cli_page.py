"""The page "Commands" is what the commands say of themselves, and names every one of them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from noonward.cli.main import COMMANDS
from support.console import noonward

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "reference" / "cli.md").read_text(encoding="utf-8")


def test_the_page_is_what_help_says():
    # in a process of its own: click remembers on a command with what names its help was first asked for
    program = f"import runpy; print(runpy.run_path({str(DOCS / 'generate' / 'cli.py')!r})['page'](), end='')"
    page = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert page == PAGE, "run: python docs/generate/cli.py"


def test_every_command_has_its_section():
    assert [name for name in COMMANDS if f"\n## `noonward {name}`\n" not in PAGE] == []


def test_the_page_shows_the_options_that_a_terminal_shows():
    shown = noonward("check", "--help").out
    for option in ("--format [text|json|github", "--profile [basic|safe|strict]", "-h, --help"):
        assert option in shown
        assert option in PAGE
