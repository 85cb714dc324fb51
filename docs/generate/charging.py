"""Writes docs/_static/charging-day.svg: a real day with two cars, as ``simulate`` plays the site in ``charging/``."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
PICTURE = ROOT / "docs" / "_static" / "charging-day.svg"
SITE = Path(__file__).with_name("charging")
PLAY = ("simulate", str(SITE), "--scenario", str(SITE / "day.scenario.yaml"), "--to", "2020-06-02")


def picture() -> str:
    """Return the picture that ``noonward simulate --out`` writes."""
    with tempfile.TemporaryDirectory() as folder:
        program = "from noonward.cli.main import main; main()"
        subprocess.run(  # noqa: S603 - our own program
            [sys.executable, "-c", program, *PLAY, "--out", folder], check=True, stdout=subprocess.DEVNULL
        )
        return next(Path(folder).glob("*.svg")).read_text(encoding="utf-8")


if __name__ == "__main__":
    PICTURE.write_text(picture(), encoding="utf-8")
