"""The jobs of ``.gitlab-ci.yml``, run as GitLab runs them, on merge requests to the house that ``noonward init`` makes."""

import json
import os
import sys

import pytest

from support import gitlab, junit
from support.forge import TOKEN, forge
from support.hosted import Hosted

TYPO = [("garage.yaml", "wake_after", "wake_aftr")]
COLD = [
    ("water-heater.yaml", 'need: {energy: 6 kWh, by: "0 20 * * *"}\n', ""),
    ("water-heater.yaml", "plan: calm\n", ""),
]
HARMLESS = [("water-heater.yaml", "300 l hot water tank", "300 l hot water tank, first floor")]
WORSE = [("garage.yaml", "mode: auto-solar ", "mode: always-on ")]


@pytest.fixture(scope="module")
def scratch(tmp_path_factory):
    return Hosted(tmp_path_factory.mktemp("scratch"))


@pytest.fixture
def there():
    with forge() as running:
        yield running


@pytest.fixture
def pipeline(scratch, there, tmp_path):
    """A function that runs one job of the file on a merge request with these edits."""
    program = tmp_path / "builds/noonward/bin/noonward"
    program.parent.mkdir(parents=True)
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -c "from noonward.cli.main import main; main()" "$@"\n')
    program.chmod(0o755)
    environ = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "CI_BUILDS_DIR": str(tmp_path / "builds"),
        "CI_API_V4_URL": there.address,
        "CI_PROJECT_ID": "42",
        "CI_MERGE_REQUEST_IID": "7",
        "CI_MERGE_REQUEST_DIFF_BASE_SHA": scratch.main,
    }
    made = iter(range(9))

    def job(name, edits, **variables):
        workspace = tmp_path / f"work-{next(made)}"
        scratch.checkout(scratch.pull_request(edits), workspace)
        jobs = gitlab.jobs(workspace / ".gitlab-ci.yml")
        assert list(jobs) == ["policies-check", "policies-test", "policies-diff"]
        create, _path, install = jobs[name]["before_script"]
        assert (create.split()[:3], install.split()[:2]) == (["python", "-m", "venv"], ["pip", "install"])
        ran = gitlab.run(jobs[name], workspace, environ | variables, instead={create: "true", install: "true"})
        ran.workspace = workspace
        return ran

    return job


@pytest.mark.parametrize(("edits", "codes"), [(HARMLESS, []), (TYPO, ["S104"])])
def test_check_shows_what_it_finds_in_the_merge_request(pipeline, edits, codes):
    ran = pipeline("policies-check", edits)
    assert ran.failed is bool(codes), ran.log
    report = json.loads((ran.workspace / "gl-code-quality-report.json").read_text())
    assert [one["check_name"] for one in report if one["severity"] == "major"] == codes
    results = json.loads((ran.workspace / "noonward.sarif").read_text())["runs"][0]["results"]
    assert [one["ruleId"] for one in results if one["level"] == "error"] == codes
    assert {one["location"]["path"] for one in report} <= {"garage.yaml"}


@pytest.mark.parametrize(("edits", "failed"), [(HARMLESS, False), (COLD, True)])
def test_test_writes_junit(pipeline, edits, failed):
    ran = pipeline("policies-test", edits)
    assert ran.failed is failed, ran.log
    suites = junit.read((ran.workspace / "noonward.junit.xml").read_text())
    assert any(case.failure for suite in suites.values() for case in suite) is failed


def test_diff_is_an_artefact_and_with_a_token_one_note(pipeline, there):
    ran = pipeline("policies-diff", HARMLESS)
    assert not ran.failed, ran.log
    assert there.comments == {}
    said = (ran.workspace / "noonward-diff.md").read_text()
    assert said.startswith("<!-- noonward")
    assert not pipeline("policies-diff", HARMLESS, GITLAB_TOKEN=TOKEN).failed
    assert there.comments == {1: said.strip()}
    worse = pipeline("policies-diff", WORSE, GITLAB_TOKEN=TOKEN)
    assert worse.failed
    assert (worse.workspace / "noonward-diff/report.html").is_file()
    assert there.comments.keys() == {1}
    assert there.comments[1] != said.strip()
