"""The pages on needs and plans: every file and every command in them is played."""

from pathlib import Path

from support.docpage import play

DOCS = Path(__file__).parents[2] / "docs"


def test_the_guide_does_what_it_says(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert play(DOCS / "how-to/say-what-must-be-ready.md", tmp_path) == (6, 6)
