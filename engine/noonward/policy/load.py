"""A folder of files to what runs, or to every problem in it at once."""

from __future__ import annotations

import difflib
import os
import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from noonward.errors import PolicyError
from noonward.policy import bridges, catalogue, files, rules, schema, yaml
from noonward.policy.compile import compiled
from noonward.policy.extends import Templates
from noonward.policy.problems import Problem, Span, in_order, without_ignored
from noonward.policy.project import Devices, Document, Project, Source, at

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from noonward.policy.loaded import Loaded


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckResult:
    """What ``noonward check`` found.

    Attributes:
        problems: Of all files, sorted by place.
        loaded: What would run; None where something does not load, or where not exactly one site was checked.
        files: Every file that was looked at, as the user would type it.
        kinds: File to its kind, where it has one: ``appliance/v1``.
    """

    problems: tuple[Problem, ...]
    loaded: Loaded | None
    files: tuple[str, ...]
    kinds: Mapping[str, str]


def load(path: Path, *, environ: Mapping[str, str] | None = None, beside: bool = True) -> Loaded:
    """Load the folder of a site whole.

    Args:
        path: The folder that holds site.yaml, site.yaml itself, or anything below that folder.
        environ: Where secrets come from; None leaves them unresolved.
        beside: Whether to look at tests and scenarios too, which nothing runs on. Where the warnings are shown to
            nobody, leaving them out saves most of the time.

    Raises:
        PolicyError: It does not load; carries every problem of every file.
    """
    result = _whole(path, environ, beside)
    if result.loaded is None and not beside:
        result = _whole(path, environ, beside=True)
    if result.loaded is None:
        problems = tuple(problem for problem in result.problems if problem.severity == "error")
        more = f" and {len(problems) - 1} more" if len(problems) > 1 else ""
        first = str(problems[0]) if problems else f"{path} holds more than one site"
        raise PolicyError(f"{first}{more}", result.problems)
    return replace(result.loaded, warnings=result.problems)


def _whole(path: Path, environ: Mapping[str, str] | None, beside: bool) -> CheckResult:
    if _exists(path) and (root := _site_folder(path)) is not None:
        return _Set(*root, environ, beside=beside).result()
    return check([path])


def check(paths: Iterable[Path], *, environ: Mapping[str, str] | None = None) -> CheckResult:
    """Check folders and files, each with the nearest site.yaml, and tell only what concerns them.

    Args:
        paths: Folders and files; a folder may hold several sites.
        environ: Where secrets come from; None leaves them unresolved.
    """
    results: dict[Path | str, CheckResult] = {}
    for path in paths:
        for key, result in _checked(path, environ):
            known = results.get(key)
            results[key] = _joined([known, result]) if known else result
    return _joined(list(results.values()))


def _joined(results: list[CheckResult]) -> CheckResult:
    if len(results) == 1:
        return results[0]
    names = dict.fromkeys(name for result in results for name in result.files)
    kinds = {name: kind for result in results for name, kind in result.kinds.items()}
    return CheckResult(
        problems=in_order(problem for result in results for problem in result.problems),
        loaded=None,
        files=tuple(names),
        kinds=kinds,
    )


def _checked(path: Path, environ: Mapping[str, str] | None) -> Iterable[tuple[Path | str, CheckResult]]:
    shown = _shown(path)
    trouble = _trouble(path, shown)
    if trouble:
        yield shown, CheckResult(problems=(trouble,), loaded=None, files=(), kinds={})
        return
    if path.is_dir():
        found, _ = files.find(path, shown)
        folders = [place.parent for place, _ in found if place.name == files.SITE]
        outer = [folder for folder in folders if not any(other in folder.parents for other in folders)]
        if outer:
            for folder in outer:
                yield folder.resolve(), _Set(folder, _shown(folder), environ).result()
            return
    above = _site_folder(path)
    if above is None:
        yield path.resolve(), _Set(path, shown, environ).result()
    else:
        yield path.resolve(), _Set(*above, environ).result_about(path)


def _shown(path: Path) -> str:
    return path.as_posix() or "."


def _plain(path: Path) -> Path:
    """Return an absolute path without ``..``; links are kept, a linked file is where its link is."""
    return Path(os.path.abspath(path))  # noqa: PTH100 - Path.absolute keeps "..", Path.resolve follows links


def _exists(path: Path) -> bool:
    return _trouble(path, "") is None


def _trouble(path: Path, shown: str) -> Problem | None:
    """Return why a path cannot even be looked at."""
    try:
        path.stat()
    except (OSError, ValueError) as error:
        failed = error if isinstance(error, OSError) else OSError(None, str(error))
        return files.failed(failed, shown).problem
    return None


def _site_folder(path: Path) -> tuple[Path, str] | None:
    """Return the nearest folder with a site.yaml, from here upward, and what to call it."""
    start = path if path.is_dir() else path.parent
    for steps, folder in enumerate((start.absolute(), *start.absolute().parents)):
        if (folder / files.SITE).is_file():
            near = start if steps == 0 else folder if start.is_absolute() else Path(os.path.relpath(folder))
            return near, _shown(near)
    return None


@dataclass(slots=True)
class _Set:
    """The files of one site on their way to a result.

    Attributes:
        root: The folder with site.yaml, or what was asked for where there is none.
        shown: What to call it.
        environ: Where secrets come from.
        beside: Whether files that nothing runs on are read.
    """

    root: Path
    shown: str
    environ: Mapping[str, str] | None
    beside: bool = field(default=True, kw_only=True)
    problems: list[Problem] = field(default_factory=list)
    documents: list[Document] = field(default_factory=list)
    sources: dict[str, Source] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)
    templates: dict[str, set[str]] = field(default_factory=dict)

    def result(self) -> CheckResult:
        """Load everything."""
        complete = self._read_all()
        project = self._project(complete)
        self.problems += rules.check(project)
        texts = {name: source.text for name, source in self.sources.items()}
        problems = in_order(without_ignored(in_order(self.problems), texts))
        loaded = None
        beside = {name for name, kind in self.kinds.items() if kind in _BESIDE}
        broken = any(problem.severity == "error" and problem.file not in beside for problem in problems)
        if project.site is not None and not broken:
            running = {self._inside(name): text for name, text in texts.items() if name not in beside}
            loaded = compiled(project, running, self.environ)
        return CheckResult(problems=problems, loaded=loaded, files=tuple(sorted(self.sources)), kinds=self.kinds)

    def result_about(self, only: Path) -> CheckResult:
        """Load everything, and tell what concerns one file or folder alone: itself, its templates and the site."""
        whole, place = self.result(), _plain(only)
        near = {name for name, source in self.sources.items() if _plain(source.path).is_relative_to(place)}
        templates = {used for name in near for used in self.templates.get(name, ())}
        concerned = near | templates | {self._name(files.SITE)}
        problems = [problem for problem in whole.problems if problem.file in concerned]
        others = sum(problem.severity == "error" for problem in whole.problems) - sum(
            problem.severity == "error" for problem in problems
        )
        if others:
            message = f"the site does not load: {others} more error{'s' * (others > 1)} in other files"
            hint = f"noonward check {self.shown}"
            problems.append(Problem(code="F011", severity="info", message=message, file=self.shown, hint=hint))
        if not near:
            message = f"the site does not load {'this file' if only.is_file() else 'anything in this folder'}"
            problems.append(Problem(code="F010", severity="error", message=message, file=_shown(only), hint=_UNSEEN))
        return CheckResult(
            problems=in_order(problems),
            loaded=whole.loaded,
            files=tuple(sorted(near)),
            kinds={name: kind for name, kind in self.kinds.items() if name in near},
        )

    def _name(self, inside: str) -> str:
        return inside if self.shown == "." else f"{self.shown}/{inside}"

    def _inside(self, name: str) -> str:
        return name if self.shown == "." else name.removeprefix(f"{self.shown}/")

    def _read_all(self) -> bool:
        """Read every file; return whether all of them passed their schema."""
        if self.root.is_dir():
            folder, (found, trouble) = self.root, files.find(self.root, self.shown)
            self.problems += trouble
        else:
            folder, found, trouble = self.root.parent, [(self.root, self.shown)], []
        templates = Templates(folder, _shown(folder))
        passed = [self._take(path, name, templates) for path, name in found]
        self.sources |= templates.texts
        return all(passed) and not trouble

    def _take(self, path: Path, name: str, templates: Templates) -> bool:
        try:
            source = self.sources[name] = files.read(path, name)
        except files.Unreadable as trouble:
            self.problems.append(trouble.problem)
            return False
        if not self.beside and (begun := _BEGINS_BESIDE.match(source.text)):
            self.kinds[name] = begun["kind"]
            return True
        try:
            tree = yaml.read(source.text)
        except yaml.NotYaml as trouble:
            self.problems.append(_flaw(source, trouble.flaw))
            return False
        self.problems += [_flaw(source, flaw) for flaw in tree.errors]
        self.problems += [_flaw(source, flaw, warning=True) for flaw in tree.warnings]
        kind = self._kind(source, tree)
        if kind is None:
            return False
        document = Document(source=source, kind=kind, data=tree.data, values=tree.values, keys=tree.keys)
        self.kinds[name] = kind
        wrong = templates.fill_in(document) if "extends" in tree.data and kind in _POLICIES else []
        wrong = wrong or schema.problems(document)
        self.problems += wrong
        self.templates[name] = {used.file for used in document.origins.values()} | {problem.file for problem in wrong}
        if not wrong and not tree.errors:
            self.documents.append(document)
        return not wrong and not tree.errors

    def _kind(self, source: Source, tree: yaml.Tree) -> str | None:
        """Return the kind of a file; None, with the problem told, where it has none that we know."""
        if not isinstance(tree.data, dict):
            self.problems.append(at(source, "S102", "error", "a file is a group of keys", Span(), hint=_BEGIN))
            return None
        kind = tree.data.get("kind")
        if kind is None:
            self.problems.append(at(source, "S101", "error", '"kind" is missing', Span(), hint=_BEGIN))
            return None
        if kind not in schema.KINDS:
            near = difflib.get_close_matches(str(kind), schema.KINDS, 1, 0.5)
            hint = f'did you mean "{near[0]}"?' if near else f"one of {', '.join(schema.KINDS)}"
            span = tree.values.get(("kind",))
            self.problems.append(at(source, "S101", "error", f'there is no kind "{kind}"', span, hint=hint))
            return None
        if kind == "site/v1" and source.path.name != files.SITE:
            span = tree.values.get(("kind",))
            self.problems.append(at(source, "F008", "error", "a site is written in a file named site.yaml", span))
            return None
        if kind != "site/v1" and source.path.name == files.SITE:
            span = tree.values.get(("kind",))
            self.problems.append(at(source, "F008", "error", "site.yaml holds a site", span, hint="kind: site/v1"))
            return None
        return str(kind)

    def _project(self, complete: bool) -> Project:
        sites = [document for document in self.documents if document.kind == "site/v1"]
        site = next((document for document in sites if document.file == self._name(files.SITE)), None)
        for other in sites:
            if other is not site:
                message = "a second site in one folder"
                self.problems.append(other.problem("F009", "error", message, ("kind",), hint="one site.yaml a folder"))
        devices = Devices()
        if site is not None:
            devices, wrong = catalogue.devices(site, self.environ)
            wrong += bridges.problems(site, self.environ)
            self.problems += wrong
            complete = complete and not wrong
        elif self.root.is_file():
            message = "no site.yaml here or above: checked by itself"
            self.problems.append(Problem(code="F006", severity="info", message=message, file=self.shown))
        elif self._name(files.SITE) not in self.sources and not any(p.code == "F001" for p in self.problems):
            hint = "a site begins with `kind: site/v1`"
            message = "no site.yaml here or above"
            self.problems.append(Problem(code="F006", severity="error", message=message, file=self.shown, hint=hint))
        others = tuple(document for document in self.documents if document.kind != "site/v1")
        return Project(
            folder=self.root if self.root.is_dir() else self.root.parent,
            site=site,
            documents=tuple(sorted(others, key=lambda document: document.file)),
            devices=devices,
            complete=complete,
        )


_POLICIES = frozenset({"appliance/v1", "ev-zone/v1"})
_BESIDE = frozenset({"policy-test/v1", "scenario/v1"})
"""Kinds that nothing runs on: a recording that was not copied to the gateway is no reason to leave a house cold."""
_BEGINS_BESIDE = re.compile(
    rf"(?:[ \t]*(?:#[^\n]*)?\n)*kind:[ \t]+(?P<kind>{'|'.join(_BESIDE)})[ \t]*(?:#[^\n]*)?(?:\n|$)"
)
"""What begins with such a kind, as all that ``noonward init`` writes; any other file is read to know its kind."""
_UNSEEN = "policies are .yaml files outside templates/; a template is checked with the policies that extend it"
_BEGIN = "a policy begins with `kind: appliance/v1` or `kind: ev-zone/v1`"


def _flaw(source: Source, flaw: yaml.Flaw, *, warning: bool = False) -> Problem:
    return at(source, flaw.code, "warning" if warning else "error", flaw.message, flaw.span, hint=flaw.hint)
