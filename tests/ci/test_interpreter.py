"""The interpreter of actions does what GitHub's documentation says of a runner."""

import pytest

from support.actions import annotations, filled, holds, outputs

CONTEXTS = {
    "inputs": {"path": "a b", "empty": "", "comment": "true"},
    "github": {"event": {"pull_request": {"base": {"sha": "5e5e"}}}, "event_name": "pull_request"},
    "steps": {"install": {"outcome": "success", "outputs": {"reports": "/reports"}}},
}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("${{ inputs.path }}/x", "a b/x"),
        ("${{inputs.nothing}}", ""),
        ("${{ github.event.pull_request.base.sha }}", "5e5e"),
        ("${{ github.event.before }}", ""),
        ("${{ inputs.empty || github.event.pull_request.base.sha || 'main' }}", "5e5e"),
        ("${{ inputs.empty && 'a' || 'b' }}", "b"),
        ("${{ steps.install.outputs.reports }}", "/reports"),
        ("${{ steps.nothing.outputs.commit != '' }}", "false"),
        ("${{ 'it''s' == 'it''s' }}", "true"),
        ("${{ !(inputs.path == 'a b') }}", "false"),
    ],
)
def test_expressions(text, value):
    assert filled(text, CONTEXTS) == value


@pytest.mark.parametrize(
    ("condition", "after_success", "after_failure"),
    [
        (None, True, False),
        ("inputs.comment == 'true'", True, False),
        ("${{ !cancelled() && steps.install.outcome == 'success' }}", True, True),
        ("${{ always() }}", True, True),
        ("failure()", False, True),
        ("success()", True, False),
        ("inputs.empty", False, False),
    ],
)
def test_when_a_step_runs(condition, after_success, after_failure):
    """A condition that does not ask how the job went so far means: and only if all went well."""
    assert holds(condition, CONTEXTS, failed=False) is after_success
    assert holds(condition, CONTEXTS, failed=True) is after_failure


def test_what_a_step_writes_for_later_ones():
    assert outputs("a=1\nb=c=d\n") == {"a": "1", "b": "c=d"}


def test_workflow_commands_until_they_are_stopped():
    log = "x\n  ::error file=a.yaml,line=3::bad: thing\n::stop-commands::T1\n::error::not one\n::T1::\n::warning::one"
    assert annotations(log) == [("error", {"file": "a.yaml", "line": "3"}, "bad: thing"), ("warning", {}, "one")]
