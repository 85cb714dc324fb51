"""Finds test files, loads the sites they belong to, plays them, and sums up what was touched."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from noonward.errors import PolicyError, UsageError
from noonward.lab.coverage import Coverage, coverage
from noonward.lab.policytest import play_file
from noonward.lab.testreport import FileResult, Report
from noonward.lab.trial import Touched
from noonward.policy import files, yaml
from noonward.policy.load import load
from noonward.policy.problems import Problem
from noonward.policy.project import Document

if TYPE_CHECKING:
    from collections.abc import Iterable

    from noonward.core.model import Appliance, Zone

SUFFIX = ".test.yaml"


def run(paths: Iterable[Path]) -> Report:
    """Play every test file below these paths, each on the site of the nearest site.yaml upward.

    Args:
        paths: Folders and test files.

    Raises:
        UsageError: A path does not exist, or there is no test file.
    """
    by_site: dict[Path, dict[Path, str]] = {}
    for path in paths:
        for test, shown in _test_files(path):
            by_site.setdefault(_site_folder(test), {})[test] = shown
    if not by_site:
        raise UsageError(f"there is no *{SUFFIX} in {', '.join(map(str, paths))}")
    results: list[FileResult] = []
    covered: list[Coverage] = []
    untested: list[str] = []
    for root, tests in by_site.items():
        _run_site(root, tests, results, covered, untested)
    return Report(files=tuple(results), coverage=tuple(covered), untested=tuple(untested))


def _test_files(path: Path) -> list[tuple[Path, str]]:
    if not path.exists():
        raise UsageError(f"there is no {path}")
    if path.is_file():
        return [(path, path.as_posix())]
    found, _ = files.find(path, path.as_posix())
    return [(test, shown) for test, shown in found if test.name.endswith(SUFFIX)]


def _site_folder(test: Path) -> Path:
    """Return the nearest folder with a site.yaml, written the way the test file was."""
    for folder in test.resolve().parents:
        if (folder / files.SITE).is_file():
            return folder if test.is_absolute() else Path(os.path.relpath(folder))
    raise UsageError(f"{test}: there is no {files.SITE} beside it or above")


def _run_site(
    root: Path, tests: dict[Path, str], results: list[FileResult], covered: list[Coverage], untested: list[str]
) -> None:
    """Play the test files of one site."""
    try:
        loaded = load(root)
    except PolicyError as error:
        results.append(FileResult(file=root.as_posix(), problems=_errors(error.problems)))
        return
    site, wrong = loaded.site, _errors(loaded.warnings)
    touched: dict[str, Touched] = {}
    policies: tuple[Appliance | Zone, ...] = (*site.appliances, *site.zones)
    for test, shown in tests.items():
        own = tuple(problem for problem in wrong if Path(problem.file).resolve() == test.resolve())
        if own:
            results.append(FileResult(file=shown, problems=own))
            continue
        document = _document(test, shown)
        policy = _under_test(document, policies)
        cases = play_file(document, policy, site, touched.setdefault(policy.name, Touched()))
        results.append(FileResult(file=shown, policy=policy.name, timezone=site.timezone, cases=tuple(cases)))
    for policy in policies:
        if policy.name in touched:
            covered.append(coverage(policy, site, touched[policy.name]))
        else:
            untested.append(policy.name)


def _errors(problems: Iterable[object]) -> tuple[Problem, ...]:
    return tuple(problem for problem in problems if isinstance(problem, Problem) and problem.severity == "error")


def _document(path: Path, shown: str) -> Document:
    """Return a test file that the loader has already checked."""
    source = files.read(path, shown)
    tree = yaml.read(source.text)
    if tree.data.get("kind") != "policy-test/v1":
        raise UsageError(f"{shown} is not a policy test: its first line would be kind: policy-test/v1")
    return Document(source=source, kind="policy-test/v1", data=tree.data, values=tree.values, keys=tree.keys)


def _under_test(document: Document, policies: Iterable[Appliance | Zone]) -> Appliance | Zone:
    """Return the policy that a test file names; the loader has seen that there is one."""
    wanted = (document.path.parent / document.get("policy")).resolve()
    return next(policy for policy in policies if Path(policy.file).resolve() == wanted)
