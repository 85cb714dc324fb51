"""A small interpreter of GitLab's jobs: the scripts of one job, in one shell, in a checkout of their own."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

import yaml

_RESERVED = {"variables", "include", "stages", "default", "workflow"}
_KNOWN = {"extends", "image", "variables", "rules", "before_script", "script", "artifacts"}


def jobs(path: Path) -> dict:
    """Return every job of a file with what it extends filled in."""
    written = yaml.safe_load(path.read_text(encoding="utf-8"))
    found = {}
    for name, job in written.items():
        if name not in _RESERVED and not name.startswith("."):
            whole = {**written.get(job.get("extends"), {}), **job}
            assert whole.keys() <= _KNOWN, whole
            found[name] = whole | {"variables": written.get("variables", {}) | whole.get("variables", {})}
    return found


@dataclass
class Ran:
    failed: bool
    log: str


def run(job: dict, workspace: Path, environ: dict, instead: dict | None = None) -> Ran:
    """Run a job as the shell of GitLab's runner does: line after line, until one fails.

    Args:
        job: From :func:`jobs`.
        workspace: The checkout.
        environ: Variables that the pipeline has; they win over those of the file, as in GitLab.
        instead: Line of ``before_script`` to what runs in its place.
    """
    lines = [(instead or {}).get(line, line) for line in job["before_script"]] + job["script"]
    done = subprocess.run(
        ["bash", "--noprofile", "--norc"],
        input="set -eo pipefail\nset +o noclobber\n" + "\n".join(lines) + "\n",
        cwd=workspace,
        env={**job["variables"], **environ},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=100,
    )
    return Ran(failed=done.returncode != 0, log=done.stdout)
