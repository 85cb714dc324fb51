"""Entity tags (RFC 9110, section 8.8.3): told apart, compared, and spared where a client has the answer already."""

from __future__ import annotations

import re
from hashlib import sha256
from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.responses import Response

from noonward.web.problem import Refused

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.requests import Request

_TAG = re.compile(r'(?P<weak>W/)?(?P<tag>"[!#-~]*")')
_TAGS = re.compile(rf"\s*(?:\*|(?:{_TAG.pattern})(?:\s*,\s*(?:W/)?\"[!#-~]*\")*)\s*")


def match(sent: Sequence[str], tag: str) -> bool:
    """Tell whether ``If-Match`` lets pass what has this tag; so it does where it was not sent.

    Raises:
        Refused: 400, it holds something else than tags.
    """
    if not sent:
        return True
    if not _TAGS.fullmatch(",".join(sent)):
        raise Refused(
            HTTPStatus.BAD_REQUEST,
            'If-Match must be an etag as it was answered, in its quotation marks, or several with commas, or "*".',
        )
    return _listed(sent, tag, weak=False)


def fresh(request: Request, answer: Response) -> Response:
    """Return an answer with the tag of its content, or 304 where the client has it already."""
    tag = f'"{sha256(answer.body).hexdigest()[:16]}"'
    if _listed(request.headers.getlist("if-none-match"), tag, weak=True):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers={"etag": tag})
    answer.headers["etag"] = tag
    return answer


def _listed(sent: Sequence[str], tag: str, *, weak: bool) -> bool:
    """Tell whether a list of tags names one; a weak one counts only where ``weak`` comparison is asked for."""
    joined = ",".join(sent)
    if joined.strip() == "*":
        return True
    return any(one["tag"] == tag and (weak or not one["weak"]) for one in _TAG.finditer(joined))
