"""A site in a git repository of its own, with a forge's side of it: a bare repository that pull requests arrive at."""

import os
import subprocess
from pathlib import Path

from support.console import noonward

QUIET = {
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_SYSTEM": "/dev/null",
    "GIT_AUTHOR_NAME": "Anna",
    "GIT_AUTHOR_EMAIL": "anna@example.org",
    "GIT_COMMITTER_NAME": "Anna",
    "GIT_COMMITTER_EMAIL": "anna@example.org",
}
"""Nothing of this machine's git."""

DAYS = 192
"""Quarter hours of the week's tape that are kept: two days are enough to see a difference."""


def git(*args, cwd):
    """Run git, and return what it prints."""
    done = subprocess.run(
        ["git", *map(str, args)], cwd=cwd, env={**os.environ, **QUIET}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"git {args}\n{done.stdout}{done.stderr}"
    return done.stdout.strip()


class Hosted:
    """The repository of a house.

    Attributes:
        origin: Where it is hosted; serves single commits, as GitHub and GitLab do.
        main: The newest commit of the main branch.
    """

    def __init__(self, folder: Path):
        self._folder = folder
        self._desk = folder / "desk"
        self.origin = folder / "origin.git"
        git("init", "--quiet", "--bare", "--initial-branch=main", self.origin, cwd=folder)
        git("config", "uploadpack.allowAnySHA1InWant", "true", cwd=self.origin)
        assert noonward("init", self._desk, "--source", "https://github.com/acme/noonward").code == 0
        tape = self._desk / "scenarios/tapes/june-week.csv"
        tape.write_text("".join(tape.read_text().splitlines(keepends=True)[: DAYS + 1]))
        git("init", "--quiet", "--initial-branch=main", cwd=self._desk)
        git("remote", "add", "origin", self.origin.as_uri(), cwd=self._desk)
        self.main = self._commit("A house")
        git("push", "--quiet", "origin", "main", cwd=self._desk)

    def _commit(self, message):
        git("add", "--all", cwd=self._desk)
        git("commit", "--quiet", "--allow-empty", "-m", message, cwd=self._desk)
        return git("rev-parse", "HEAD", cwd=self._desk)

    def pull_request(self, edits) -> str:
        """Open a pull request with edits, (file, old, new); return the merge commit that CI gets."""
        git("switch", "--quiet", "--create", "change", "main", cwd=self._desk)
        try:
            for name, old, new in edits:
                path = self._desk / name
                text = path.read_text()
                assert old in text, f"{name} does not say {old}"
                path.write_text(text.replace(old, new))
            self._commit("A change")
            git("switch", "--quiet", "--detach", "main", cwd=self._desk)
            git("merge", "--quiet", "--no-ff", "-m", "Merge", "change", cwd=self._desk)
            merged = git("rev-parse", "HEAD", cwd=self._desk)
            git("push", "--quiet", "--force", "origin", f"{merged}:refs/pull/1/merge", cwd=self._desk)
            return merged
        finally:
            git("switch", "--quiet", "main", cwd=self._desk)
            git("branch", "--quiet", "-D", "change", cwd=self._desk)

    def checkout(self, commit, workspace: Path):
        """Check a commit out as actions/checkout and GitLab's runner do: it alone, without its past."""
        workspace.mkdir()
        git("init", "--quiet", cwd=workspace)
        git("remote", "add", "origin", self.origin.as_uri(), cwd=workspace)
        git("fetch", "--quiet", "--no-tags", "--depth=1", "origin", commit, cwd=workspace)
        git("checkout", "--quiet", "--detach", "FETCH_HEAD", cwd=workspace)
        assert git("rev-list", "--count", "HEAD", cwd=workspace) == "1"
