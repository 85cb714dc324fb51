"""The last set of policies that ran, kept beside the state: what a restart falls back on when the folder is broken.

Otherwise a typing mistake in a pushed file and a power cut in the night would together leave a house without hot water.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

NAME = "last-good"


def keep(state: Path, files: Mapping[str, str]) -> None:
    """Write a set's files, so that at any moment there is a whole set. Runs in the store's thread.

    Raises:
        OSError: The one before is kept, or none.
    """
    place, fresh, old = (state / name for name in (NAME, f"{NAME}.new", f"{NAME}.old"))
    shutil.rmtree(fresh, ignore_errors=True)
    for name, text in files.items():
        path = fresh / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    if place.exists():
        shutil.rmtree(old, ignore_errors=True)
        place.rename(old)
    fresh.rename(place)
    shutil.rmtree(old, ignore_errors=True)


def find(state: Path) -> Path | None:
    """Return the folder of the last good set, None where nothing ran yet."""
    places = (state / NAME, state / f"{NAME}.old")  # the second only if the power failed between two renames
    return next((place for place in places if (place / "site.yaml").is_file()), None)
