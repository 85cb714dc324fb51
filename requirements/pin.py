"""Write run.txt and dev.txt from what is installed in this environment: name and version, no addresses."""

from __future__ import annotations

import re
import tomllib
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement

HERE = Path(__file__).parent
BUILD = ("hatchling", "editables")


def closure(names: list[str]) -> dict[str, str]:
    """Return every installed distribution that these need, themselves included, with its version."""
    found: dict[str, str] = {}
    todo = list(names)
    while todo:
        name = todo.pop()
        key = re.sub(r"[-_.]+", "-", name).lower()
        if key in found:
            continue
        distribution = metadata.distribution(name)
        found[key] = distribution.version
        needs = (Requirement(text) for text in distribution.requires or ())
        todo += [need.name for need in needs if need.marker is None or need.marker.evaluate({"extra": ""})]
    return found


def write(path: Path, heading: str, pins: dict[str, str]) -> None:
    """Write a requirement file."""
    path.write_text(heading + "".join(f"{name}=={version}\n" for name, version in sorted(pins.items())))


def main() -> None:
    """Renew both files."""
    project = tomllib.loads((HERE.parent / "pyproject.toml").read_text())["project"]
    run = closure([Requirement(text).name for text in project["dependencies"]])
    dev = closure([Requirement(text).name for text in project["optional-dependencies"]["dev"]] + list(BUILD))
    write(HERE / "run.txt", "# What the gateway runs; pinned. Renew with: make pins\n", run)
    rest = {name: version for name, version in dev.items() if name not in run}
    write(
        HERE / "dev.txt",
        "# What developing and testing needs besides run.txt; pinned. Renew with: make pins\n-r run.txt\n",
        rest,
    )


if __name__ == "__main__":
    main()
