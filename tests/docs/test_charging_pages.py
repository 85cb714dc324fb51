"""The page about cars: its commands are executed, its picture is current, its links and the how-to's are alive."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

import pytest

from support.docpage import play

DOCS = Path(__file__).parents[2] / "docs"
EXPLAINED, HOW_TO = DOCS / "explanation/charging.md", DOCS / "how-to/charging-stations.md"


def test_its_zone_does_what_it_says(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert play(EXPLAINED, tmp_path) == (3, 4)


def test_the_way_to_the_first_charge_checks(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CP01_KEY", "0123456789abcdef")
    assert play(HOW_TO, tmp_path) == (4, 2)


def test_its_picture_says_what_the_program_draws():
    made = runpy.run_path(str(DOCS / "generate/charging.py"))
    said = re.compile(r"<text[^>]*>([^<]*)<")
    shown = said.findall(made["PICTURE"].read_text(encoding="utf-8"))
    assert shown == said.findall(made["picture"]()), "run: python docs/generate/charging.py"
    assert "north" in shown


@pytest.mark.parametrize("page", [EXPLAINED, HOW_TO], ids=lambda page: page.stem)
def test_what_it_links_to_is_there(page):
    links = re.findall(r"\]\(([^)#:]+)[^)]*\)", page.read_text(encoding="utf-8"))
    assert links
    assert [link for link in links if not (page.parent / link).is_file()] == []
