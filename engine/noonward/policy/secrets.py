"""``${env:NAME}`` and ``${credential:NAME}``: secrets come from outside and are never text in a file of policies.

A systemd credential is a file in the folder that ``$CREDENTIALS_DIRECTORY`` names (``LoadCredential=`` of a unit).
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from noonward.policy.problems import Problem
    from noonward.policy.project import Document
    from noonward.policy.yaml import KeyPath

_REFERENCE = re.compile(r"\$\{(?P<inside>[^}]*)\}")
_INSIDE = re.compile(r"(?P<kind>env|credential):(?P<name>[A-Za-z_][A-Za-z0-9_.-]*)")
MAX_CREDENTIAL_BYTES = 64 * 1024


class _Missing(Exception):
    """A reference cannot be resolved; the message says why."""


def resolve(value: Any, environ: Mapping[str, str]) -> Any:
    """Return a value with every reference in its texts replaced; call :func:`problems` first.

    Raises:
        KeyError: A reference cannot be resolved.
    """
    if isinstance(value, dict):
        return {key: resolve(below, environ) for key, below in value.items()}
    if isinstance(value, list):
        return [resolve(below, environ) for below in value]
    if isinstance(value, str) and "${" in value:
        try:
            return _REFERENCE.sub(lambda match: _fetch(match["inside"], environ), value)
        except _Missing as error:
            raise KeyError(str(error)) from None
    return value


def problems(document: Document, path: KeyPath, value: Any, environ: Mapping[str, str] | None) -> Iterator[Problem]:
    """Yield what is wrong with the references in a value: how they are written, and whether they can be resolved.

    Args:
        document: The file.
        path: Where the value stands.
        value: The value.
        environ: Where to look; None checks the writing only.
    """
    if isinstance(value, dict | list):
        for key, below in value.items() if isinstance(value, dict) else enumerate(value):
            yield from problems(document, (*path, key), below, environ)
    elif isinstance(value, str) and "${" in value:
        if value.count("${") != len(_REFERENCE.findall(value)):
            yield document.problem("D310", "error", "${ is never closed", path, hint=_HOW)
        for match in _REFERENCE.finditer(value):
            if not _INSIDE.fullmatch(match["inside"]):
                yield document.problem("D310", "error", f"{match[0]} is not a secret's name", path, hint=_HOW)
            elif environ is not None:
                try:
                    _fetch(match["inside"], environ)
                except _Missing as error:
                    yield document.problem("D311", "error", str(error), path)


_HOW = "write ${env:NAME} for an environment variable or ${credential:NAME} for a systemd credential"


def _fetch(inside: str, environ: Mapping[str, str]) -> str:
    match = _INSIDE.fullmatch(inside)
    if match is None:
        raise _Missing(f"${{{inside}}} is not a secret's name")
    name = match["name"]
    if match["kind"] == "env":
        if name not in environ:
            raise _Missing(f"the environment variable {name} is not set")
        return environ[name]
    folder = environ.get("CREDENTIALS_DIRECTORY")
    if folder is None:
        raise _Missing(f"credential {name}: no credentials are passed to this process ($CREDENTIALS_DIRECTORY)")
    try:
        with (Path(folder) / name).open("rb") as file:
            return file.read(MAX_CREDENTIAL_BYTES).decode("utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not text"
        raise _Missing(f"credential {name} cannot be read: {reason}") from None
