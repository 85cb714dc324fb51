"""The README is for people who have never met us: its commands are executed, its pictures current, its links alive."""

from __future__ import annotations

import os
import pty
import re
import runpy
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from shutil import copytree

import pytest

from support.docpage import play

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
TEXT = README.read_text(encoding="utf-8")
LINKS = sorted(set(re.findall(r"\]\(([^)#]+)[^)]*\)", TEXT)))


def test_its_files_and_commands_are_played(tmp_path, monkeypatch):
    copytree(ROOT / "policies", tmp_path / "policies")
    monkeypatch.chdir(tmp_path)
    played = play(README, tmp_path)
    assert played == (5, 7)
    day, *others = sorted(path.name for path in (tmp_path / "june").iterdir())
    assert re.fullmatch(r"day-2020-06-\d\d\.svg", day)
    assert others == ["report.html", "score.json", "trace.csv"]


def test_its_picture_says_what_the_program_draws():
    made = runpy.run_path(str(ROOT / "docs/generate/day.py"))
    said = re.compile(r"<text[^>]*>([^<]*)<")
    shown = said.findall(made["PICTURE"].read_text(encoding="utf-8"))
    assert shown == said.findall(made["picture"]()), "run: python docs/generate/day.py"
    assert "house-12, Monday 1 June 2020" in shown


@pytest.mark.parametrize("link", LINKS)
def test_what_it_links_to_is_there(link):
    assert (ROOT / link).is_file()


def subjects(lines):
    """What each line of the log is about; the rest of it depends on the hour and the release."""
    return [re.sub(r"\d+\.\d.*", "", line[10:].split(":")[0].split(",")[0]) for line in lines]


def test_its_first_lines_are_those_that_a_person_sees(tmp_path):
    shown = re.search(r"```text\n(\d\d:.*?)```", TEXT, re.DOTALL)[1].splitlines()
    ours, its = pty.openpty()
    command = ("run", str(ROOT / "policies"), "--state", str(tmp_path), "--http", "127.0.0.1:0")
    program = [sys.executable, "-c", "from noonward.cli.main import main; main()", *command]
    with subprocess.Popen(program, stderr=its, stdin=subprocess.DEVNULL) as process, os.fdopen(ours) as terminal:
        os.close(its)
        seen = [next(terminal) for _ in shown]
        process.terminate()
        with suppress(OSError):  # how a terminal says that nobody is at the other end
            terminal.read()
    assert subjects(seen) == subjects(shown), "".join(seen)


def test_its_commands_are_in_the_makefile():
    targets = set(re.findall(r"^make (\w+)", TEXT, re.MULTILINE)) | set(re.findall(r"`make (\w+)`", TEXT))
    assert {"run", "test", "docs"} <= targets
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert [target for target in targets if not re.search(rf"^{target}:", makefile, re.MULTILINE)] == []
