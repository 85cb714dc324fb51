"""The README is for people who have never met us: its commands are executed, its pictures current, its links alive."""

from __future__ import annotations

import re
import runpy
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
    assert played == (4, 5)
    assert sorted(path.name for path in (tmp_path / "june").iterdir()) == [
        "day-2020-06-01.svg",
        "score.json",
        "trace.csv",
    ]


def test_its_picture_says_what_the_program_draws():
    made = runpy.run_path(str(ROOT / "docs/generate/day.py"))
    said = re.compile(r"<text[^>]*>([^<]*)<")
    shown = said.findall(made["PICTURE"].read_text(encoding="utf-8"))
    assert shown == said.findall(made["picture"]()), "run: python docs/generate/day.py"
    assert "house-12, Monday 1 June 2020" in shown


@pytest.mark.parametrize("link", LINKS)
def test_what_it_links_to_is_there(link):
    assert (ROOT / link).is_file()


def test_its_commands_are_in_the_makefile():
    targets = set(re.findall(r"^make (\w+)", TEXT, re.MULTILINE)) | set(re.findall(r"`make (\w+)`", TEXT))
    assert {"run", "test", "docs"} <= targets
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert [target for target in targets if not re.search(rf"^{target}:", makefile, re.MULTILINE)] == []
