"""The state folder's lock, and the git revision of the policies folder."""

import subprocess

import pytest

from noonward.daemon import lastgood
from noonward.daemon.instance import Instance
from noonward.daemon.revision import revision
from noonward.errors import UsageError


def test_one_daemon_a_folder(tmp_path):
    first = Instance(tmp_path / "state")
    with pytest.raises(UsageError, match=r"another noonward \(process \d+\).*--state"):
        Instance(tmp_path / "state")
    Instance(tmp_path / "other").release()
    first.release()
    first.release()
    Instance(tmp_path / "state").release()


def test_a_folder_that_cannot_be_written_is_a_clear_error(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="cannot keep state in"):
        Instance(tmp_path / "file" / "state")


def test_the_last_good_set_is_whole_at_every_moment(tmp_path):
    assert lastgood.find(tmp_path) is None
    lastgood.keep(tmp_path, {"site.yaml": "1", "templates/t.yaml": "t"})
    lastgood.keep(tmp_path, {"site.yaml": "2"})
    assert lastgood.find(tmp_path) == tmp_path / "last-good"
    assert [p.name for p in (tmp_path / "last-good").iterdir()] == ["site.yaml"]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["last-good"]
    (tmp_path / "last-good").rename(tmp_path / "last-good.old")  # the power failed between two renames
    assert (lastgood.find(tmp_path) / "site.yaml").read_text() == "2"
    lastgood.keep(tmp_path, {"site.yaml": "3"})
    assert (lastgood.find(tmp_path) / "site.yaml").read_text() == "3"


def git(folder, *words):
    environ = {
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_CONFIG_SYSTEM": "/dev/null",
        "PATH": "/usr/bin:/bin",
        "HOME": str(folder),
    }
    identity = ("-c", "user.name=t", "-c", "user.email=t@example.org")
    done = subprocess.run(
        ["git", *identity, *words], cwd=folder, env=environ, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def test_revision_as_git_says_it(tmp_path):
    folder = tmp_path / "repo" / "policies"
    folder.mkdir(parents=True)
    assert revision(folder) is None
    repo = tmp_path / "repo"
    git(repo, "init", "-q", "-b", "main")
    assert revision(folder) is None, "no commit yet"
    (folder / "a.yaml").write_text("a: 1")
    git(repo, "add", ".")
    git(repo, "commit", "-q", "-m", "one")
    head = git(repo, "rev-parse", "HEAD")
    assert revision(folder) == head
    git(repo, "pack-refs", "--all")
    assert revision(folder) == head
    git(repo, "worktree", "add", "-q", "--detach", str(tmp_path / "tree"))
    assert revision(tmp_path / "tree") == head
    git(repo, "worktree", "add", "-q", "-b", "other", str(tmp_path / "branch"))
    assert revision(tmp_path / "branch" / "policies") == head
