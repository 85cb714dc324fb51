"""A version of a site from a folder or a git revision."""

import subprocess

import pytest

from noonward.errors import PolicyError, UsageError
from noonward.lab.versions import opened
from support.policyfolder import BOILER, SITE, write
from support.scratch import Repository

FILES = {"policies/site.yaml": SITE, "policies/boiler.yaml": BOILER}


@pytest.fixture
def repository(tmp_path):
    repository = Repository(tmp_path / "repository")
    repository.commit(FILES)
    repository.git("checkout", "-q", "-b", "other")
    repository.commit({"policies/boiler.yaml": BOILER.replace("20 min", "5 min"), "notes/site.yaml": SITE})
    repository.git("checkout", "-q", "main")
    return repository


def min_on_s(text, where):
    with opened(text, where=where) as version:
        (policy,) = version.load().site.appliances
        return policy.min_on_s


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("policies", 1200.0),
        ("policies/site.yaml", 1200.0),
        ("main:policies", 1200.0),
        ("other:policies", 300.0),
        ("other:policies/", 300.0),
        ("other:./policies", 300.0),
        ("other:policies/site.yaml", 300.0),
        ("other~1:policies", 1200.0),
        ("heads/other:policies", 300.0),
    ],
)
def test_folders_and_revisions(repository, text, expected):
    assert min_on_s(text, repository.folder) == expected


def test_below_the_root_paths_count_from_the_root_unless_they_begin_with_a_dot(repository):
    below = repository.folder / "policies"
    assert min_on_s("other:policies", below) == 300.0
    assert min_on_s("other:.", below) == 300.0
    with pytest.raises(UsageError, match=r"there is no folder boiler in that revision"):
        min_on_s("other:boiler", below)
    (repository.folder / "deep/policies").mkdir(parents=True)
    repository.commit({"deep/policies/site.yaml": SITE, "deep/policies/boiler.yaml": BOILER})
    repository.git("mv", "policies", "moved")
    repository.commit()
    with pytest.raises(UsageError, match=r"did you mean main:\./policies\?") as caught:
        min_on_s("main:policies", repository.folder / "deep")
    assert "there is no folder policies in that revision" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("nope:policies", "there is no revision nope in this repository; git branch --all and git log"),
        ("main:polices", "main:polices: there is no folder polices in that revision"),
        ("main:policies/boiler.yaml", "policies/boiler.yaml is a file in that revision; give the folder that holds"),
        ("main:", "main: holds no site.yaml; give the folder that does, for example main:policies"),
        ("main", r"there is no folder main; a version of a git repository is written REVISION:FOLDER"),
        ("empty", "there is no site.yaml in empty; give the folder that holds it"),
        (":policies", "names no revision before the colon; write for example HEAD:policies"),
        ("--output=x:policies", "no revision begins with a dash"),
        ("main:../policies", "leads out of the repository"),
        ("main^{tree}:policies", "there is no revision"),
    ],
)
def test_what_is_no_version(repository, text, message):
    (repository.folder / "empty").mkdir()
    with pytest.raises(UsageError) as caught, opened(text, where=repository.folder):
        pass
    assert message in str(caught.value)


def test_outside_a_repository(tmp_path):
    with pytest.raises(UsageError, match=r"not a git repository.*run this inside the repository"):
        min_on_s("main:policies", tmp_path)


def test_without_git(repository, monkeypatch):
    monkeypatch.setenv("PATH", "")
    with pytest.raises(UsageError, match=r"git cannot be run \(.*\); give two folders, or install git"):
        min_on_s("main:policies", repository.folder)


def test_a_shallow_clone_is_told_how_to_get_the_rest(repository, tmp_path):
    shallow = tmp_path / "shallow"
    subprocess.run(["git", "clone", "-q", "--depth", "1", f"file://{repository.folder}", shallow], check=True)
    assert min_on_s("HEAD:policies", shallow) == 1200.0
    with pytest.raises(UsageError, match=r"a shallow clone: git fetch --unshallow \(.*fetch-depth: 0\)"):
        min_on_s("HEAD~1:policies", shallow)


def test_a_branch_that_was_not_checked_out_has_its_remote_name(repository, tmp_path):
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "-q", repository.folder, clone], check=True)
    with pytest.raises(UsageError, match=r"did you mean origin/other\?"):
        min_on_s("other:policies", clone)
    assert min_on_s("origin/other:policies", clone) == 300.0


def test_nothing_is_touched(repository):
    repository.write({"policies/boiler.yaml": "changed: but not committed\n", "policies/new.yaml": "not: tracked\n"})
    repository.git("add", "policies/new.yaml")
    before = repository.untouched()
    with opened("other:policies", where=repository.folder) as version:
        place = version.folder
        assert sorted(path.name for path in place.iterdir()) == ["boiler.yaml", "site.yaml"]
    assert repository.untouched() == before
    assert not place.exists()


def test_bytes_are_those_of_the_commit(repository):
    """No filter, attribute or line ending of the repository has a say."""
    text = BOILER.replace("\n", "\r\n")
    repository.write({".gitattributes": "*.yaml export-ignore text eol=lf filter=shout\n"})
    repository.git("config", "filter.shout.smudge", "tr a-z A-Z")
    (repository.folder / "policies/boiler.yaml").write_bytes(text.encode())
    repository.git("-c", "core.autocrlf=false", "add", "-A")
    repository.commit()
    stored = repository.git("cat-file", "blob", "HEAD:policies/boiler.yaml")
    with opened("HEAD:policies", where=repository.folder) as version:
        assert (version.folder / "boiler.yaml").read_text() == stored


def test_links_are_followed_within_the_commit_and_never_out_of_it(repository, tmp_path):
    (tmp_path / "secret.yaml").write_text(BOILER.replace("name: boiler", "name: secret"))
    policies = repository.folder / "policies"
    (repository.folder / "shared").mkdir()
    (policies / "boiler.yaml").rename(repository.folder / "shared/boiler.yaml")
    (policies / "boiler.yaml").symlink_to("../shared/boiler.yaml")
    (policies / "absolute.yaml").symlink_to(tmp_path / "secret.yaml")
    (policies / "outside.yaml").symlink_to("../../secret.yaml")
    (policies / "dangling.yaml").symlink_to("nowhere.yaml")
    (policies / "loop.yaml").symlink_to("loop.yaml")
    repository.commit()
    with opened("HEAD:policies", where=repository.folder) as version:
        assert sorted(path.name for path in version.folder.iterdir()) == ["boiler.yaml", "site.yaml"]
        assert not (version.folder / "boiler.yaml").is_symlink()
        assert [policy.name for policy in version.load().site.appliances] == ["boiler"]


def test_names_that_need_care(repository):
    names = {f"policies/{name}.yaml": BOILER.replace("name: boiler", f"name: b-{k}").replace("relay-1", f"relay-{k + 2}")
             for k, name in enumerate(["ä ö", 'quo"te', "tab\there"])}  # fmt: skip
    repository.commit({**names, "policies/line\nbreak.yaml": "no: file of ours\n"})
    with opened("HEAD:policies", where=repository.folder) as version:
        assert [policy.name for policy in version.load().site.appliances] == ["b-0", "b-1", "b-2", "boiler"]


def test_problems_name_files_as_the_user_would(repository):
    repository.commit({"policies/boiler.yaml": BOILER.replace("3 kW", "3 kV")})
    with opened("HEAD:policies", where=repository.folder) as version, pytest.raises(PolicyError) as caught:
        version.load()
    (problem,) = caught.value.problems
    assert problem.file == "HEAD:policies/boiler.yaml"
    assert "noonward-diff-" not in str(caught.value)


def test_places_count_from_the_folder(tmp_path):
    with opened(str(write(tmp_path / "site", {"sub/boiler.yaml": BOILER}))) as version:
        (policy,) = version.load().site.appliances
        assert version.inside(policy.file) == "sub/boiler.yaml"
        assert version.inside("/elsewhere/x.yaml") == "/elsewhere/x.yaml"
