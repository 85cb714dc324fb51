"""docs/how-to/policies-in-ci.md: its commands work, and it says of action, jobs and hooks what they are."""

import re
import subprocess
import sys
from pathlib import Path

import yaml

from support.console import noonward
from support.docpage import _commands, _pattern

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/how-to/policies-in-ci.md").read_text(encoding="utf-8")
ACTION = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)


def test_its_commands_say_what_it_shows(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    commands = [command for block in blocks("console") for command in _commands(block)]
    assert len(commands) == 3
    for command, expected in commands:
        result = noonward(*command.split()[1:])
        assert _pattern(expected).fullmatch("\n".join(line.rstrip() for line in (result.out + result.err).splitlines()))


def test_its_table_has_every_input_of_the_action():
    rows = dict(re.findall(r"^\| `([\w-]+)` \| (.*?) \|", PAGE, re.MULTILINE))
    assert rows.keys() == ACTION["inputs"].keys()
    plain = {name: declared["default"] for name, declared in ACTION["inputs"].items() if rows[name].startswith("`")}
    assert plain == {"path": ".", "profile": "safe", "comment": "true"}
    assert {name: rows[name].strip("`") for name in plain} == plain


def test_its_workflow_passes_the_schema_and_gives_inputs_that_there_are(tmp_path):
    (written,) = (block for block in blocks("yaml") if block.startswith("name: policies"))
    (tmp_path / "workflow.yml").write_text(written)
    command = ("--builtin-schema", "vendor.github-workflows", tmp_path / "workflow.yml")
    done = subprocess.run([sys.executable, "-m", "check_jsonschema", *command], check=False, capture_output=True)
    assert done.returncode == 0, done.stdout
    given = yaml.safe_load(written)["jobs"]["policies"]["steps"][1]["with"]
    assert given.keys() <= ACTION["inputs"].keys()


def test_the_hooks_that_it_names_are_there():
    (written,) = (block for block in blocks("yaml") if block.startswith("repos:"))
    named = {hook["id"] for hook in yaml.safe_load(written)["repos"][0]["hooks"]}
    assert named == {hook["id"] for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())}
