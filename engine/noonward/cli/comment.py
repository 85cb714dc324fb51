"""``noonward comment``: one comment in the pull or merge request of this CI run, kept up to date."""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

import click

from noonward.errors import NoonwardError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

PAGE = 100
"""Comments that both forges return at once at most."""

TIMEOUT_S = 30.0

_MARKER = re.compile(r"<!--[^\n]*-->$", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Thread:
    """The comments of one pull or merge request, as its forge's API has them.

    Attributes:
        comments: Address of all of them; a new one is posted there.
        comment: Address of one, with ``{}`` for its number.
        update: HTTP method that replaces one.
        headers: Who we are, among others.
        longest: What a comment may hold. [characters]
        forbidden: What to do where the token may not comment.
    """

    comments: str
    comment: str
    update: str
    headers: Mapping[str, str]
    longest: int
    forbidden: str


@click.command("comment")
@click.argument("file", type=click.File(encoding="utf-8"), metavar="FILE")
def command(file: TextIO) -> None:
    """Put FILE (Markdown; - is standard input) into the pull request or merge request of this CI run, as a comment.

    The first line of FILE is a hidden mark, <!-- like this -->, as `noonward diff --format markdown` writes it. A
    comment that begins with the same mark is replaced, so that a change has one comment, not one for each push.

    Speaks to GitHub with the token in GITHUB_TOKEN, to GitLab with the one in GITLAB_TOKEN, which need the right to
    comment, and no other; everything else is in the variables that CI runs have.

    Exit codes: 0 it is there, 1 the forge refused, 2 not in a pull or merge request, or FILE has no mark.
    """
    body = file.read().strip()
    marker = _MARKER.match(body)
    if marker is None:
        raise UsageError("the first line must be a mark by which the comment is found again: <!-- like this -->")
    thread = _thread(os.environ)
    if len(body) > thread.longest:
        body = f"{body[: thread.longest - len(_CUT)]}{_CUT}"
    before = next((one for one in _comments(thread) if one["body"].startswith(marker[0])), None)
    if before is None:
        _ask(thread, "POST", thread.comments, body)
    elif before["body"].strip() != body:
        _ask(thread, thread.update, thread.comment.format(before["id"]), body)
    click.echo("commented" if before is None else "comment is up to date")


_CUT = "\n\n… cut here: too long for a comment. The whole is in the CI run.\n"


def _thread(environ: Mapping[str, str]) -> Thread:
    """Return where this CI run may comment."""
    if "GITHUB_EVENT_PATH" in environ:
        event = json.loads(Path(environ["GITHUB_EVENT_PATH"]).read_text(encoding="utf-8"))
        number = event.get("pull_request", {}).get("number")
        if number is not None:
            repository = f"{environ['GITHUB_API_URL']}/repos/{environ['GITHUB_REPOSITORY']}"
            return Thread(
                comments=f"{repository}/issues/{number}/comments",
                comment=f"{repository}/issues/comments/{{}}",
                update="PATCH",
                headers={
                    "Authorization": f"Bearer {_token(environ, 'GITHUB_TOKEN')}",
                    "Accept": "application/vnd.github+json",
                    "X-GitHub-Api-Version": "2022-11-28",
                },
                longest=65_000,
                forbidden="the job needs `permissions: {pull-requests: write}`, which a fork's pull request never gets",
            )
    if "CI_MERGE_REQUEST_IID" in environ:
        notes = (
            f"{environ['CI_API_V4_URL']}/projects/{environ['CI_PROJECT_ID']}"
            f"/merge_requests/{environ['CI_MERGE_REQUEST_IID']}/notes"
        )
        return Thread(
            comments=notes,
            comment=f"{notes}/{{}}",
            update="PUT",
            headers={"PRIVATE-TOKEN": _token(environ, "GITLAB_TOKEN")},
            longest=1_000_000,
            forbidden="GITLAB_TOKEN must be a project access token with role Reporter and scope api",
        )
    raise UsageError("this is not a CI run of a pull request (GitHub) or merge request (GitLab)")


def _token(environ: Mapping[str, str], name: str) -> str:
    if not environ.get(name):
        raise UsageError(f"the variable {name} must hold a token that may comment")
    return environ[name]


def _comments(thread: Thread) -> Iterator[Mapping[str, Any]]:
    """Yield every comment, page by page, oldest first."""
    for page in count(1):
        found = _ask(thread, "GET", f"{thread.comments}?per_page={PAGE}&page={page}")
        yield from found
        if len(found) < PAGE:
            return


def _ask(thread: Thread, method: str, address: str, body: str | None = None) -> Any:
    """Ask the forge, and return its answer.

    Raises:
        NoonwardError: It refused, or was not reached.
    """
    data = None if body is None else json.dumps({"body": body}).encode()
    headers = {**thread.headers, "Content-Type": "application/json", "User-Agent": "noonward"}
    request = Request(address, data=data, headers=headers, method=method)  # noqa: S310 - the CI server's own address
    try:
        with urlopen(request, timeout=TIMEOUT_S) as answer:  # noqa: S310 - as above
            return json.load(answer)
    except HTTPError as error:
        refused = thread.forbidden if error.code in _REFUSED else error.reason
        raise NoonwardError(f"{method} {address}: {error.code}, {refused}") from None
    except (URLError, TimeoutError) as error:
        raise NoonwardError(f"{method} {address}: {error}") from None


_REFUSED = (401, 403, 404)
"""Both forges call what a token may not see "not found"."""
