"""The pages on policy tests, timers and deciding: every file and every command in them is played."""

from pathlib import Path
from shutil import copytree

import pytest

from support.docpage import play

REPO = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("page", "files", "commands"),
    [
        ("how-to/test-a-policy.md", 3, 5),
        ("reference/policy-tests.md", 3, 4),
        ("explanation/timers-and-dst.md", 3, 5),
        ("explanation/how-it-decides.md", 0, 2),
    ],
)
def test_page(page, files, commands, tmp_path, monkeypatch):
    copytree(REPO / "policies", tmp_path / "policies")
    monkeypatch.chdir(tmp_path)
    assert play(REPO / "docs" / page, tmp_path) == (files, commands)


def test_a_wrong_page_fails(tmp_path, monkeypatch):
    copytree(REPO / "policies", tmp_path / "policies")
    monkeypatch.chdir(tmp_path)
    page = tmp_path / "page.md"
    page.write_text("```console\n$ noonward windows policies pump --from 2026-06-01\nIt has 3 timers.\n```\n")
    with pytest.raises(AssertionError, match="It has no timers"):
        play(page, tmp_path)
