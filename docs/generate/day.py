"""Writes docs/_static/day.svg, the picture in the README: the first day of the example site's June, as it is played."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
PICTURE = ROOT / "docs" / "_static" / "day.svg"
PLAY = (
    *("simulate", str(ROOT / "policies"), "--scenario", str(ROOT / "policies/scenarios/june.scenario.yaml")),
    *("--to", "2020-06-02"),
)


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
