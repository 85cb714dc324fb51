"""Folders that do not load, each with exactly what ``noonward check`` says about it.

``python tests/policy/test_broken.py`` writes every ``expected.txt`` anew; read each difference before you commit it.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from noonward.policy.load import check
from noonward.policy.problems import to_text

BROKEN = Path(__file__).parents[1] / "broken"
FOLDERS = sorted(path for path in BROKEN.iterdir() if path.is_dir())


def said(folder: Path) -> str:
    """What the command prints when it is called in the folder."""
    os.chdir(folder)
    return to_text(check([Path()]).problems) + "\n"


def test_there_are_enough_of_them() -> None:
    assert len(FOLDERS) >= 60


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_broken_folder_says_exactly_this(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)

    assert said(folder) == (folder / "expected.txt").read_text(encoding="utf-8")


if __name__ == "__main__":
    for each in FOLDERS:
        (each / "expected.txt").write_text(said(each), encoding="utf-8")
