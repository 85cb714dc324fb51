"""The pages about simulation: shown sessions are played, and no key, option or column is left out."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
import ruamel.yaml
from click.testing import CliRunner

from noonward.cli.main import cli
from noonward.cli.simulate import command
from noonward.lab import baselines, scenario
from noonward.lab.score import score
from noonward.lab.tape import NOT_PLAYED, load_tape
from noonward.policy import schema
from support.games import job, shipped

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs/how-to/simulate-a-year.md").read_text(encoding="utf-8")
PAGE = (ROOT / "docs/reference/simulate.md").read_text(encoding="utf-8")
NUMBER = re.compile(r"\d+(?:\.\d+)?")


def blocks(text, language):
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)


def sessions():
    """Yield each shown command with what is shown of its answer."""
    for block in blocks(GUIDE, "console"):
        for part in block.split("$ ")[1:]:
            called, _, answer = part.partition("\n")
            yield called, answer.strip("\n")


def answer_to(called, folder):
    called, _, file = called.partition(" > ")
    program, *args = called.split()
    if program == "ls":
        return "\n".join(sorted(path.name for path in (folder / args[0]).iterdir()))
    assert program == "noonward"
    result = CliRunner().invoke(cli, args)
    assert result.exit_code == 0, result.output
    if file:
        (folder / file).write_text(result.output)
        return ""
    return result.output.rstrip("\n")


def test_the_guide_is_played(tmp_path, monkeypatch):
    """Words are as shown; numbers may be off by a tenth before the page must be written anew."""
    shutil.copytree(ROOT / "policies", tmp_path / "policies")
    monkeypatch.chdir(tmp_path)
    for called, shown in sessions():
        told = answer_to(called, tmp_path)
        wanted, found = shown.splitlines(), told.splitlines()
        if "…" in wanted:
            found = found[: wanted.index("…")]
            wanted = wanted[: wanted.index("…")]
        words = [[" ".join(NUMBER.sub("#", line).split()) for line in lines] for lines in (wanted, found)]
        assert words[0] == words[1], called
        for a, b in zip(NUMBER.findall("\n".join(wanted)), NUMBER.findall("\n".join(found)), strict=True):
            assert float(b) == pytest.approx(float(a), rel=0.1, abs=0.6), (called, a, b)
    assert json.loads((tmp_path / "score.json").read_text())["version"] == 1


def test_the_scenarios_shown_are_scenarios(tmp_path):
    for text in blocks(GUIDE, "yaml") + blocks(PAGE, "yaml"):
        path = tmp_path / "shown.scenario.yaml"
        path.write_text(text, encoding="utf-8")
        assert scenario.load(path).plants
        assert ruamel.yaml.YAML(typ="safe").load(text)["kind"] == "scenario/v1"


def test_the_tape_shown_is_a_tape(tmp_path):
    (text,) = (block for block in blocks(PAGE, "text") if block.startswith("time,"))
    (tmp_path / "shown.csv").write_text(text)
    assert load_tape(tmp_path / "shown.csv").step_s == 900.0


def test_nothing_is_left_out_of_the_reference():
    result = score(baselines.play("threshold", job(shipped(1))))
    keys = [*result, *result["violations"], *result["policies"]["heater"]]
    options = [option.opts[-1] for option in command.params if option.opts[0].startswith("--")]
    written = json.loads(schema.text("scenario/v1"))
    told = [*written["properties"], *written["properties"]["meter"]["properties"]]
    told += [key for model in ("quota", "tank") for key in written["$defs"][model]["properties"]]
    missing = [
        name
        for name in [*keys, *(o for o in options if o != "--help"), *told, *NOT_PLAYED, "dim_w"]
        if not re.search(rf"(?<![\w-]){re.escape(name)}(?!\w)", PAGE) and name != "description"
    ]
    assert missing == []
