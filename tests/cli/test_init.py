"""``noonward init``: what it makes works at once, all of it."""

import json
import re
import shlex
import subprocess
import sys
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft7Validator, Draft202012Validator
from ruamel.yaml import YAML

from noonward.cli import init as module
from noonward.policy import schema
from support.console import noonward

HERE = Path(module.__file__).parent / module.TEMPLATES


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("init") / "My House 12"
    result = noonward("init", folder)
    assert (result.code, result.err) == (0, "")
    return folder


def below(folder):
    return {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}


def test_every_template_is_written_and_nothing_is_left_to_fill_in(made):
    expected = {re.sub(r"(^|/)dot-", r"\1.", path.relative_to(HERE).as_posix()) for path in below(HERE).values()}
    expected |= {f".schemas/{schema.file_name(kind)}" for kind in schema.KINDS}
    assert set(below(made)) == expected
    assert not [name for name, path in below(made).items() if re.search(r"__[A-Z]+__", path.read_text())]


def test_the_site_is_called_as_its_folder(made):
    assert "name: my-house-12\n" in (made / "site.yaml").read_text()


@pytest.mark.parametrize("name", ["/", ".."])
def test_a_folder_without_a_usable_name(name, tmp_path, monkeypatch):
    (tmp_path / "--- ." / "x").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "--- ." / "x")
    assert module._name(Path(name)) == "my-house"


def test_it_passes_the_strictest_check_without_a_word(made, monkeypatch):
    monkeypatch.chdir(made)
    assert noonward("check", "--profile", "strict") == (
        0,
        "3 policies, 1 site, 1 test file, 1 scenario: no problems\n",
        "",
    )


def test_its_tests_pass(made):
    result = noonward("test", made)
    assert (result.code, result.err) == (0, "")
    assert re.search(r"^4 passed", result.out, re.MULTILINE)


def test_its_tests_would_see_a_broken_policy(made, tmp_path):
    for name in ("site.yaml", "water-heater.yaml", "tests/water-heater.test.yaml"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        text = (made / name).read_text()
        (tmp_path / name).write_text(re.sub(r"^(need|plan): .*\n", "", text, flags=re.MULTILINE))
    assert "FAIL  a day without sun" in noonward("test", tmp_path).out


def test_its_week_plays_and_every_need_is_met(made):
    result = noonward("simulate", made, "--scenario", made / "scenarios/june-week.scenario.yaml", "--json")
    assert (result.code, result.err) == (0, "")
    score = json.loads(result.out)
    assert set(score["policies"]) == {"water-heater", "heat-pump", "garage"}
    assert score["unmet_kwh"] == pytest.approx(0, abs=0.05)
    assert score["import_kwh"] < 0.5 * score["import_uncontrolled_kwh"]


def test_the_commands_of_its_readme_work(made, monkeypatch):
    monkeypatch.chdir(made)
    commands = re.findall(r"^\$ noonward (.*)$", (made / "README.md").read_text(), re.MULTILINE)
    assert [command.split()[0] for command in commands] == ["check", "test", "simulate", "compare", "run"]
    for command in commands[:-1]:
        assert noonward(*shlex.split(command)).code == 0, command
    assert noonward(*shlex.split(commands[-1]), "--help").code == 0


def test_what_it_says_are_commands_that_work(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    said = noonward("init", "house").out
    commands = re.findall(r"^  noonward (.*)$", said, re.MULTILINE)
    assert [command.split()[0] for command in commands] == ["check", "test", "simulate", "run"]
    assert noonward(*shlex.split(commands[0])).code == 0
    assert "OWNER" in said


def test_editors_find_the_schemas(made):
    """Each first line that names a schema names one that is there, and that the file passes."""
    named = 0
    for path in below(made).values():
        line = re.match(r"# yaml-language-server: \$schema=(\S+)\n", path.read_text())
        if line:
            rules = json.loads((path.parent / line[1]).read_text())
            Draft202012Validator(rules).validate(yaml.safe_load(path.read_text()))
            named += 1
    assert named == 6
    settings = json.loads((made / ".vscode/settings.json").read_text())
    assert all((made / schema).is_file() for schema in settings["yaml.schemas"])


@pytest.mark.parametrize(
    ("name", "kind"), [(".github/workflows/policies.yml", "github-workflows"), (".gitlab-ci.yml", "gitlab-ci")]
)
def test_forges_can_read_what_it_writes_for_them(made, name, kind):
    """By the schemas that check-jsonschema ships."""
    rules = json.loads((files("check_jsonschema") / f"builtin_schemas/vendor/{kind}.json").read_text(encoding="utf-8"))
    read = YAML(typ="safe").load(made / name)  # YAML 1.2: `on` is text
    Draft7Validator(rules).validate(read)
    assert not Draft7Validator(rules).is_valid(read | {"include" if kind == "gitlab-ci" else "jobs": 3})


def test_pre_commit_can_read_its_hooks(made):
    command = (sys.executable, "-m", "pre_commit", "validate-config", made / ".pre-commit-config.yaml")
    assert subprocess.run(command, check=False).returncode == 0


# --- what is in the way ----------------------------------------------------------------------------------------------


def test_what_exists_is_never_overwritten_and_all_of_it_is_listed(tmp_path):
    (tmp_path / "tests").mkdir()
    (tmp_path / "README.md").write_text("mine")
    (tmp_path / ".gitignore").symlink_to("nowhere")
    (tmp_path / "scenarios").write_text("a file where a folder would be")
    before = sorted(tmp_path.iterdir())
    result = noonward("init", tmp_path)
    assert (result.code, result.out) == (2, "")
    assert result.err == (
        "noonward: nothing was written, because these are in the way; move them, or name another folder:\n"
        f"  {tmp_path}/.gitignore\n  {tmp_path}/README.md\n  {tmp_path}/scenarios\n"
    )
    assert (sorted(tmp_path.iterdir()), (tmp_path / "README.md").read_text()) == (before, "mine")


def test_a_second_time_says_so_and_changes_nothing(tmp_path):
    noonward("init", tmp_path)
    (tmp_path / "garage.yaml").write_text("mine")
    result = noonward("init", tmp_path)
    assert (result.code, result.err.count("\n")) == (2, 1 + len(below(tmp_path)))
    assert (tmp_path / "garage.yaml").read_text() == "mine"


def test_it_fills_a_folder_that_is_there_by_link_too(tmp_path):
    (tmp_path / "there").mkdir()
    (tmp_path / "there/LICENSE").write_text("mine")
    (tmp_path / "link").symlink_to("there")
    assert noonward("init", tmp_path / "link").code == 0
    assert (tmp_path / "there/site.yaml").is_file()


def test_a_file_in_place_of_the_folder(tmp_path):
    (tmp_path / "house").write_text("a file")
    result = noonward("init", tmp_path / "house")
    assert (result.code, f"  {tmp_path}/house\n" in result.err) == (2, True)


def test_a_folder_that_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("")
    result = noonward("init", tmp_path / "file" / "house")
    assert (result.code, "cannot write" in result.err) == (2, True)


def test_inside_of_a_repository_it_says_where_ci_looks(tmp_path):
    (tmp_path / ".git").mkdir()
    assert f"they belong to the top of your repository, {tmp_path}\n" in noonward("init", tmp_path / "sites/house").out
    assert "belong to the top" not in noonward("init", tmp_path).out


# --- where CI gets Noonward from -------------------------------------------------------------------------------------


def places(folder):
    """Where each of the three gets it from."""
    workflow = yaml.safe_load((folder / ".github/workflows/policies.yml").read_text())
    hooks = yaml.safe_load((folder / ".pre-commit-config.yaml").read_text())["repos"][0]
    gitlab = yaml.safe_load((folder / ".gitlab-ci.yml").read_text())
    return (
        workflow["jobs"]["policies"]["steps"][1]["uses"],
        (hooks["repo"], hooks["rev"]),
        gitlab["variables"]["NOONWARD"],
    )


def test_it_names_the_source_that_it_is_given(tmp_path):
    result = noonward("init", tmp_path, "--source", "https://git.example/acme/noonward.git")
    assert "OWNER" not in result.out
    tag = f"v{version('noonward')}"
    assert places(tmp_path) == (
        f"acme/noonward@{tag}",
        ("https://git.example/acme/noonward.git", tag),
        f"git+https://git.example/acme/noonward.git@{tag}",
    )


def test_installed_from_git_it_pins_that_very_commit(tmp_path, monkeypatch):
    record = {
        "url": "https://github.com/acme/noonward",
        "vcs_info": {"vcs": "git", "commit_id": "5" * 40, "requested_revision": "main"},
    }

    class Installed:
        def read_text(self, name):
            return json.dumps(record) if name == "direct_url.json" else None

    monkeypatch.setattr(module, "distribution", lambda name: Installed())
    assert "OWNER" not in noonward("init", tmp_path).out
    assert places(tmp_path) == (
        f"acme/noonward@{'5' * 40}",
        ("https://github.com/acme/noonward", "5" * 40),
        f"git+https://github.com/acme/noonward@{'5' * 40}",
    )
