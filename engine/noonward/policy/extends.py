"""``extends:``: a file filled in by a template. Maps are merged, everything else is replaced."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from noonward.policy import yaml
from noonward.policy.files import Unreadable, read
from noonward.policy.problems import Problem
from noonward.policy.project import Document, Source, at

if TYPE_CHECKING:
    from pathlib import Path

    from noonward.policy.yaml import KeyPath, Tree

MAX_TEMPLATES = 8
"""Templates that may extend each other in a row."""


class Templates:
    """The templates of a folder, each read once.

    Attributes:
        texts: Text of every template that was read, by the name it is shown as.
    """

    def __init__(self, folder: Path, shown: str) -> None:
        self.folder = folder.resolve()
        self.shown = shown
        self.texts: dict[str, Source] = {}
        self._read: dict[Path, tuple[Source, Tree] | Problem] = {}

    def fill_in(self, document: Document) -> list[Problem]:
        """Merge into a document what it extends, and take ``extends`` out of it; return what is wrong."""
        chain = [document.source.path.resolve()]
        source, span = document.source, document.values.get(("extends",))
        wanted = document.data.pop("extends")
        while wanted is not None:
            if not isinstance(wanted, str) or not wanted:
                return [at(source, "S102", "error", "extends should be a path from this file", span)]
            path = source.path.parent / wanted
            fault = self._fault(path, chain)
            if fault:
                code, message, hint = fault
                return [at(source, code, "error", message.format(wanted), span, hint=hint)]
            chain.append(path.resolve())
            template = self._load(chain[-1])
            if isinstance(template, Problem):
                missing = template.code == "F001"
                return (
                    [at(source, "X201", "error", f'there is no template "{wanted}"', span)] if missing else [template]
                )
            source, tree = template
            if not isinstance(tree.data, dict):
                return [at(source, "S102", "error", "a template is a group of keys", tree.values.get(()))]
            kind = tree.data.get("kind", document.kind)
            if kind != document.kind:
                message = f"a template of kind {kind} cannot fill in {document.kind}"
                return [at(source, "X205", "error", message, tree.values.get(("kind",)))]
            span = tree.values.get(("extends",))
            wanted = tree.data.get("extends")
            _merge(document, source, tree)
        return []

    def _fault(self, path: Path, chain: list[Path]) -> tuple[str, str, str | None] | None:
        try:
            resolved = path.resolve()
        except (OSError, RuntimeError, ValueError):
            return "X201", 'template "{}" cannot be reached', None
        if not resolved.is_relative_to(self.folder):
            return "X203", '"{}" leads out of the folder', "put the template into the folder, below templates/"
        if resolved in chain:
            return "X202", '"{}" extends itself', "templates cannot extend each other in a circle"
        if len(chain) > MAX_TEMPLATES:
            return "X204", f"more than {MAX_TEMPLATES} templates extend each other", None
        return None

    def _load(self, path: Path) -> tuple[Source, Tree] | Problem:
        known = self._read.get(path)
        if known is None:
            relative = path.relative_to(self.folder).as_posix()
            shown = relative if self.shown == "." else f"{self.shown}/{relative}"
            try:
                source = read(path, shown)
                self.texts[shown] = source
                known = source, yaml.read(source.text)
                if known[1].errors:
                    flaw = known[1].errors[0]
                    known = at(source, flaw.code, "error", flaw.message, flaw.span, hint=flaw.hint)
            except Unreadable as trouble:
                known = trouble.problem
            except yaml.NotYaml as trouble:
                flaw = trouble.flaw
                known = at(source, flaw.code, "error", flaw.message, flaw.span, hint=flaw.hint)
            self._read[path] = known
        return known


def _merge(document: Document, source: Source, tree: Tree) -> None:
    """Add to a document what a template says and the document does not."""
    values, keys, origins = dict(document.values), dict(document.keys), dict(document.origins)

    def take(path: KeyPath, value: Any) -> Any:
        values[path] = tree.values[path]
        origins[path] = source
        if path in tree.keys:
            keys[path] = tree.keys[path]
        if isinstance(value, dict):
            return {name: take((*path, name), below) for name, below in value.items()}
        if isinstance(value, list):
            return [take((*path, index), below) for index, below in enumerate(value)]
        return value

    def fill(own: dict[str, Any], theirs: dict[str, Any], path: KeyPath) -> None:
        for name, value in theirs.items():
            if not path and name == "extends":
                continue
            if name not in own:
                own[name] = take((*path, name), value)
            elif isinstance(own[name], dict) and isinstance(value, dict):
                fill(own[name], value, (*path, name))

    fill(document.data, tree.data, ())
    document.values, document.keys, document.origins = values, keys, origins
