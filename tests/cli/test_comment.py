"""``noonward comment``: one comment in the pull or merge request of a CI run."""

import json
import os

import pytest

from support.console import noonward
from support.forge import TOKEN, forge

BODY = "<!-- noonward diff -->\n### What the change does\n"


@pytest.fixture
def there():
    with forge() as running:
        yield running


@pytest.fixture(params=["GitHub", "GitLab"])
def run(request, there, tmp_path, monkeypatch):
    """A function that comments from a CI run of one of the two."""
    for name in list(os.environ):
        if name.startswith(("GITHUB_", "CI_", "GITLAB_")):
            monkeypatch.delenv(name)
    (tmp_path / "event.json").write_text(json.dumps({"pull_request": {"number": 7}}))
    variables = {
        "GitHub": {
            "GITHUB_EVENT_PATH": str(tmp_path / "event.json"),
            "GITHUB_API_URL": there.address,
            "GITHUB_REPOSITORY": "acme/house",
            "GITHUB_TOKEN": TOKEN,
        },
        "GitLab": {
            "CI_API_V4_URL": there.address,
            "CI_PROJECT_ID": "42",
            "CI_MERGE_REQUEST_IID": "7",
            "GITLAB_TOKEN": TOKEN,
        },
    }[request.param]
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    def comment(text):
        (tmp_path / "diff.md").write_text(text, encoding="utf-8")
        return noonward("comment", tmp_path / "diff.md")

    comment.forge = request.param
    return comment


def test_the_first_time_it_is_posted_then_replaced(run, there):
    there.comments = {1: "looks good", 2: f"they wrote:\n> {BODY}"}
    assert run(BODY) == (0, "commented\n", "")
    assert run(BODY + "0 starts more\n") == (0, "comment is up to date\n", "")
    assert there.comments == {
        1: "looks good",
        2: f"they wrote:\n> {BODY}",
        3: "<!-- noonward diff -->\n### What the change does\n0 starts more",
    }


def test_what_already_stands_there_is_not_written_again(run, there):
    run(BODY)
    run(BODY)
    assert [method for method, _ in there.asked] == ["GET", "POST", "GET"]


def test_two_marks_are_two_comments(run, there):
    run(BODY)
    run(BODY.replace("diff", "diff cabin"))
    assert len(there.comments) == 2


@pytest.mark.parametrize("before", [99, 100, 101, 250])
def test_it_is_found_among_many(run, there, before):
    there.comments = {number: f"comment {number}" for number in range(1, before + 1)}
    run(BODY)
    run(BODY + "more")
    assert len(there.comments) == before + 1
    assert there.comments[before + 1].endswith("more")


def test_what_is_too_long_is_cut_and_says_so(run, there):
    assert run(BODY + "ä" * 1_100_000).code == 0
    (text,) = there.comments.values()
    assert len(text) == {"GitHub": 65_000, "GitLab": 1_000_000}[run.forge]
    assert text.endswith("ä\n\n… cut here: too long for a comment. The whole is in the CI run.\n")


@pytest.mark.parametrize(
    "text", ["", "### no mark\n", "<!-- not alone --> x\n", "<!-- open\n-->\n", " x\n<!-- late -->\n"]
)
def test_a_text_without_a_mark_is_refused(run, there, text):
    result = run(text)
    assert result.code == 2
    assert "<!-- like this -->" in result.err
    assert there.asked == []


def test_a_token_that_may_not_write_is_told_what_it_needs(run, there):
    there.allows = False
    result = run(BODY)
    assert result.code == 1
    assert {"GitHub": "pull-requests: write", "GitLab": "scope api"}[run.forge] in result.err
    assert TOKEN not in result.err


def test_a_missing_token_is_asked_for(run, monkeypatch):
    name = {"GitHub": "GITHUB_TOKEN", "GitLab": "GITLAB_TOKEN"}[run.forge]
    monkeypatch.setenv(name, "")
    result = run(BODY)
    assert (result.code, result.err) == (2, f"noonward: the variable {name} must hold a token that may comment\n")


def test_a_forge_that_does_not_answer(run, monkeypatch):
    monkeypatch.setenv({"GitHub": "GITHUB_API_URL", "GitLab": "CI_API_V4_URL"}[run.forge], "http://127.0.0.1:1")
    result = run(BODY)
    assert result.code == 1
    assert "refused" in result.err


def test_outside_of_a_pull_request_there_is_nothing_to_comment_on(run, tmp_path, monkeypatch):
    (tmp_path / "event.json").write_text(json.dumps({"ref": "refs/heads/main"}))
    monkeypatch.delenv("CI_MERGE_REQUEST_IID", raising=False)
    result = run(BODY)
    assert result.code == 2
    assert "not a CI run of a pull request" in result.err
