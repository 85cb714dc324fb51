"""From git to CI and back: what pip installs from a repository names that very commit in what ``noonward init`` makes."""

import os
import shutil
import sys
import sysconfig
from pathlib import Path

import pytest

from support import gitlab
from support.hosted import QUIET, git

ROOT = Path(__file__).parents[2]
SOURCE = ("pyproject.toml", "README.md", "LICENSE", "engine", "drivers", "schemas")

pytestmark = pytest.mark.long


@pytest.fixture
def source(tmp_path):
    """Noonward's repository."""
    folder = tmp_path / "noonward"
    folder.mkdir()
    for name in SOURCE:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, folder / name)
    git("init", "--quiet", "--initial-branch=main", cwd=folder)
    git("add", "--all", cwd=folder)
    git("commit", "--quiet", "-m", "Noonward", cwd=folder)
    return folder


@pytest.fixture
def lent(tmp_path):
    """Everything that is installed here but Noonward itself, which is to come from git."""
    folder = tmp_path / "lent"
    folder.mkdir()
    for entry in Path(sysconfig.get_path("purelib")).iterdir():
        if "noonward" not in entry.name:
            (folder / entry.name).symlink_to(entry)
    return folder


def test_a_gitlab_job_installs_what_made_the_site(source, lent, tmp_path):
    """Twice the real installation, by the job's own lines; what pip needs is lent from here, nothing is downloaded."""
    environ = {
        **{key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "COV", "CI_", "GITLAB"))},
        **QUIET,
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "PYTHONPATH": str(lent),
        "PIP_CONFIG_FILE": "/dev/null",
        "PIP_NO_INDEX": "1",
        "PIP_NO_DEPS": "1",
        "PIP_NO_BUILD_ISOLATION": "0",  # pip reads it the wrong way round, and promises to go on doing so
    }
    commit = git("rev-parse", "HEAD", cwd=source)
    job = gitlab.jobs(ROOT / "engine/noonward/cli/newsite/dot-gitlab-ci.yml")["policies-check"]
    job["script"] = ['noonward init "$HOUSE"']
    house = tmp_path / "house"
    first = {"CI_BUILDS_DIR": str(tmp_path / "first"), "HOUSE": str(house), "NOONWARD": f"git+{source.as_uri()}@main"}
    made = gitlab.run(job, tmp_path, environ | first)
    assert not made.failed, made.log
    assert f'    rev: "{commit}"\n' in (house / ".pre-commit-config.yaml").read_text()

    written = gitlab.jobs(house / ".gitlab-ci.yml")["policies-check"]
    assert written["variables"]["NOONWARD"] == f"git+{source.as_uri()}@{commit}"
    checked = gitlab.run(written, house, environ | {"CI_BUILDS_DIR": str(tmp_path / "second")})
    assert not checked.failed, checked.log
    assert "no problems" in checked.log
    assert (house / "noonward.sarif").is_file()
