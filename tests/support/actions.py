"""A small interpreter of GitHub's composite actions and of workflows that use them: what a user's CI does with them.

It knows what the runner documents: inputs with defaults, expressions in ``env`` and ``if``, the files behind GITHUB_OUTPUT
and GITHUB_STEP_SUMMARY, ``bash --noprofile --norc -eo pipefail``, and workflow commands in the log. Whatever it does not
know is an error, so that an action cannot come to use it unseen.
"""

import json
import os
import re
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import yaml

# --- expressions -----------------------------------------------------------------------------------------------------

_TOKEN = re.compile(r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<op>==|!=|&&|\|\||[!()])|(?P<name>[A-Za-z_][\w.-]*))")
_STATUS = ("success", "failure", "always", "cancelled")


class Expression:
    """One expression, evaluated while it is read; contexts are nested mappings, and what is not there is ``None``."""

    def __init__(self, text, contexts, *, failed=False):
        self.tokens = []
        at = 0
        while text[at:].strip():
            found = _TOKEN.match(text, at)
            assert found, f"no expression that is known here: {text[at:]}"
            self.tokens.append((found.lastgroup, found[found.lastgroup]))
            at = found.end()
        self.contexts, self.failed = contexts, failed
        self.asked_status = any(kind == "name" and name in _STATUS for kind, name in self.tokens)
        self.value = self._or()
        assert not self.tokens, self.tokens

    def _take(self, *wanted):
        if self.tokens and self.tokens[0][1] in wanted and self.tokens[0][0] == "op":
            return self.tokens.pop(0)[1]
        return None

    def _or(self):
        left = self._and()
        while self._take("||"):
            right = self._and()
            left = left or right
        return left

    def _and(self):
        left = self._equal()
        while self._take("&&"):
            right = self._equal()
            left = left and right
        return left

    def _equal(self):
        left = self._one()
        while operator := self._take("==", "!="):
            left = (_written(left) == _written(self._one())) is (operator == "==")  # null is like ''
        return left

    def _one(self):
        if self._take("!"):
            return not self._one()
        if self._take("("):
            value = self._or()
            assert self._take(")")
            return value
        kind, token = self.tokens.pop(0)
        if kind == "text":
            return token[1:-1].replace("''", "'")
        assert kind == "name", token
        if self._take("("):
            assert self._take(")"), "functions with arguments are not known here"
            return {"success": not self.failed, "failure": self.failed, "always": True, "cancelled": False}[token]
        value = self.contexts
        for key in token.split("."):
            value = value.get(key) if isinstance(value, dict) else None
        return value


_HOLE = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)


def filled(text, contexts):
    """Return a text with its ``${{ }}`` replaced, as the runner does before a shell sees it."""
    return _HOLE.sub(lambda hole: _written(Expression(hole[1], contexts).value), str(text))


def _written(value):
    return "" if value is None else "true" if value is True else "false" if value is False else str(value)


def holds(condition, contexts, *, failed):
    """Tell whether a step runs: one that does not ask how it went so far runs only while all went well."""
    if condition is None:
        return not failed
    hole = _HOLE.fullmatch(condition.strip())
    expression = Expression(hole[1] if hole else condition, contexts, failed=failed)
    return bool(expression.value) and (expression.asked_status or not failed)


# --- what a step leaves behind ---------------------------------------------------------------------------------------


def outputs(text):
    """Return what a step wrote to GITHUB_OUTPUT."""
    assert "<<" not in text, "values of several lines are not known here"
    return dict(line.split("=", 1) for line in text.splitlines())


def annotations(log):
    """Return the workflow commands of a log that the runner would obey, as (command, properties, message)."""
    found, stopped = [], None
    for line in log.splitlines():
        command = re.fullmatch(r"\s*::([\w-]+)(?: ([^:]*))?::(.*)", line)
        if stopped is not None:
            stopped = None if line.strip() == f"::{stopped}::" else stopped
        elif command and command[1] == "stop-commands":
            stopped = command[3]
        elif command:
            found.append((command[1], dict(p.split("=", 1) for p in (command[2] or "").split(",") if p), command[3]))
    return found


@dataclass
class Ran:
    """What came of a job or an action.

    Attributes:
        failed: Whether it failed.
        outcomes: Step to "success", "failure" or "skipped"; a step goes by its name.
        log: Everything that was printed.
        summary: What the run's page shows.
        outputs: Of the action.
    """

    failed: bool = False
    outcomes: dict = field(default_factory=dict)
    log: str = ""
    summary: str = ""
    outputs: dict = field(default_factory=dict)

    @property
    def annotations(self):
        return annotations(self.log)


@dataclass
class Runner:
    """A machine that runs jobs.

    Attributes:
        workspace: Where the repository is checked out.
        temp: RUNNER_TEMP.
        github: The context ``github``.
        environ: Variables of the machine.
        instead: Step id to a script that runs in its place, for what takes long and is tested once.
    """

    workspace: Path
    temp: Path
    github: dict
    environ: dict
    instead: dict = field(default_factory=dict)

    def action(self, folder, given):
        """Run a composite action with the inputs ``given``."""
        action = yaml.safe_load((folder / "action.yml").read_text(encoding="utf-8"))
        assert action["runs"]["using"] == "composite"
        unknown = given.keys() - action["inputs"].keys()
        assert not unknown, f"no such input: {unknown}"
        contexts = {"github": self.github, "steps": {}}
        contexts["inputs"] = {
            name: filled(given.get(name, declared.get("default", "")), {"github": self.github})
            for name, declared in action["inputs"].items()
        }
        ran = Ran()
        for step in action["runs"]["steps"]:
            self._step(step, contexts, ran, {"GITHUB_ACTION_PATH": str(folder)})
        ran.outputs = {name: filled(out["value"], contexts) for name, out in action.get("outputs", {}).items()}
        return ran

    def _step(self, step, contexts, ran, more):
        assert step.keys() <= {"name", "id", "if", "shell", "env", "run"}, step
        outcome, left = "skipped", {}
        if holds(step.get("if"), contexts, failed=ran.failed):
            assert step["shell"] == "bash"
            outcome, left = self._bash(step, contexts, ran, more)
        ran.outcomes[step["name"]] = outcome
        ran.failed |= outcome == "failure"
        if "id" in step:
            contexts["steps"][step["id"]] = {"outcome": outcome, "outputs": left}

    def _bash(self, step, contexts, ran, more):
        script = self.instead.get(step.get("id")) or filled(step["run"], contexts)
        files = {name: self.temp / f"_{name}" for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
        for path in files.values():
            path.write_text("")
        (self.temp / "_script.sh").write_text(script)
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", self.temp / "_script.sh"],
            cwd=self.workspace,
            env={
                **self.environ,
                "RUNNER_TEMP": str(self.temp),
                "GITHUB_WORKSPACE": str(self.workspace),
                **{name: str(path) for name, path in files.items()},
                **more,
                **{name: filled(value, contexts) for name, value in step.get("env", {}).items()},
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            timeout=100,
        )
        ran.log += done.stdout
        ran.summary += files["GITHUB_STEP_SUMMARY"].read_text()
        return "failure" if done.returncode else "success", outputs(files["GITHUB_OUTPUT"].read_text())


# --- a workflow of one job -------------------------------------------------------------------------------------------


def workflow(path, runner, action, checkout):
    """Run the only job of a workflow whose steps are a checkout and one action.

    Args:
        path: The workflow.
        runner: Runs it.
        action: Folder of the action that it names.
        checkout: Called for ``actions/checkout``.
    """
    ((_, job),) = yaml.safe_load(path.read_text(encoding="utf-8"))["jobs"].items()
    ran = None
    for step in job["steps"]:
        assert step.keys() <= {"uses", "with"}, step
        name, _, revision = step["uses"].partition("@")
        if name == "actions/checkout":
            assert re.fullmatch("[0-9a-f]{40}", revision), "somebody else's action is pinned by its commit"
            checkout()
        else:
            ran = runner.action(action, step.get("with", {}))
    return ran


def pull_request(number, base_sha, *, repository="acme/house", api="", token="", folder):
    """Return the context ``github`` of a pull request and the variables that go with it; its event is in ``folder``."""
    event = {"pull_request": {"number": number, "base": {"sha": base_sha}}}
    (folder / "event.json").write_text(json.dumps(event))
    context = {"event_name": "pull_request", "event": event, "repository": repository, "token": token}
    environ = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "CI": "true",
        "GITHUB_ACTIONS": "true",
        "GITHUB_EVENT_NAME": "pull_request",
        "GITHUB_EVENT_PATH": str(folder / "event.json"),
        "GITHUB_API_URL": api,
        "GITHUB_REPOSITORY": repository,
        "GITHUB_SERVER_URL": api,
    }
    return context, environ
