"""What was done and what was refused goes into the audit log before it is answered; and the route that shows it."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse

from noonward.access import audit
from noonward.access.audit import Entry
from noonward.access.limits import Bucket, Rate, Seldom, network
from noonward.access.model import How
from noonward.policy.wording import iso
from noonward.views.audited import note, wishes
from noonward.web import query
from noonward.web.desk import desk
from noonward.web.guards import SAFE

if TYPE_CHECKING:
    from collections.abc import Hashable

    from starlette.requests import HTTPConnection, Request
    from starlette.responses import Response
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from noonward.access.register import Register
    from noonward.daemon.engine import Engine

API = "/api/v1/"
LIMIT, LIMIT_MAX = 50, 500
TURNED_AWAY = frozenset({HTTPStatus.FORBIDDEN, HTTPStatus.MISDIRECTED_REQUEST, HTTPStatus.TOO_MANY_REQUESTS})
"""Answers that are noted also where nothing was to be set; 401 only says that somebody has not signed in yet."""
ROOM, ROOM_EACH = Rate(burst=300, each_s=30.0), Rate(burst=60, each_s=30.0)
"""Refusals that are written, of all together and of one network; what is beyond is counted in the next. Whoever is
refused must not wear out the flash, nor push out what was done."""
WORDS = {
    ("POST", "session"): "sign-in",
    ("DELETE", "session"): "sign-out",
    ("POST", "setup"): "set-up",
    ("PUT", "me"): "password changed",
    ("POST", "people"): "person added",
    ("PUT", "people"): "person changed",
    ("DELETE", "people"): "person deleted",
    ("POST", "tokens"): "token made",
    ("DELETE", "tokens"): "token deleted",
    ("DELETE", "sessions"): "session ended",
}
"""Method and kind to what the log calls it; whatever else is called by the last word of its address."""


class Audited:
    """Notes every request that would set something, and whatever was turned away."""

    def __init__(self, app: ASGIApp, engine: Engine, register: Register) -> None:
        self.app = app
        self.engine = engine
        self.register = register
        self.seldom = Seldom()
        self.room, self.room_each = Bucket(ROOM), Bucket(ROOM_EACH)
        self.left_out = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; note what came of it before the answer goes out."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        setting = scope["method"] not in SAFE
        before = watched(self.engine, scope["path"]) if setting else None
        state = scope.setdefault("state", {})
        if ".." in scope["path"].replace("\\", "/").split("/"):
            state["noted"] = True  # no browser sends that

        async def send_noted(message: Message) -> None:
            if message["type"] == "http.response.start":
                status = HTTPStatus(message["status"])
                if setting or status in TURNED_AWAY or state.get("noted"):
                    await self._note(scope, status, before)
            await send(message)

        await self.app(scope, receive, send_noted)

    async def _note(self, scope: Scope, status: HTTPStatus, before: Any) -> None:
        state, told = scope["state"], scope["state"].get("told", {})
        who, address = state.get("principal"), state["place"].address
        what, subject = named(scope["method"], scope["path"])
        done, times = status < HTTPStatus.BAD_REQUEST, 1
        name = told.get("who") or (who.name if who else "unknown")
        if not done:
            times = self._worth(address, (name, what, subject, status))
            if not times:
                return
        after = watched(self.engine, scope["path"]) if done else None
        entry = Entry(
            at=self.engine.clock.now(),
            who=name,
            how=(who.how if who else How.VISITOR).value,
            address=address,
            what=told.get("what", what),
            subject=told.get("subject", subject),
            before=told.get("before", before if done else None),
            after=told.get("after", after),
            result=audit.DONE if done else audit.REFUSED,
            detail=told.get("detail", "") if done else f"{status.value} {state.get('why') or status.phrase}",
            times=times,
        )
        await note(self.register, entry)

    def _worth(self, address: str, key: Hashable) -> int:
        """Return how often something was refused that is to be written now; 0: not now, it is counted."""
        now_s = self.engine.clock.monotonic()
        times, place = self.seldom.tell(hash((address, key)), now_s), network(address)  # names may be of any length
        if times and (self.room_each.take(place, now_s) or self.room.take("all", now_s)):
            self.left_out += times
            return 0
        if times:
            times, self.left_out = times + self.left_out, 0
        return times


def tell(request: HTTPConnection, **facts: Any) -> None:
    """Say more of a request for its entry: ``who``, ``what``, ``subject``, ``before``, ``after``, ``detail``."""
    request.scope["state"].setdefault("told", {}).update(facts)


def named(method: str, path: str) -> tuple[str, str]:
    """Return what a request does, in a word or two, and to what."""
    if not path.startswith(API):
        return method, path
    kind, *below = path.removeprefix(API).split("/")
    word = WORDS.get((method, kind)) if len(below) < 2 else None  # noqa: PLR2004 - a kind and one of it
    if word is None:
        last = below[-1] if len(below) > 1 else kind
        said = last or kind
        word = "look" if method in SAFE else f"{said} cleared" if method == "DELETE" else said
    return word, "/".join((kind, *below[:1]))


def watched(engine: Engine, path: str) -> Any:
    """Return what people have set for the policy, the station or the site that an address is about; None: nothing."""
    match path.removeprefix(API).split("/"):
        case [("policies" | "stations") as kind, name, *_]:
            return wishes(engine, kind, name)
        case ["forecast"]:
            given = engine.forecast
            return given and {"start": given.start, "step_s": given.step_s, "intervals": len(given.pv_w)}
        case _:
            return None


async def entries(request: Request) -> Response:
    """Answer the audit log, newest first."""
    shared = desk(request)
    limit, before = query.number(request, "limit", LIMIT, LIMIT_MAX), query.row(request, "before")
    found = await shared.register.do(audit.newest, limit + 1, before)
    broken = await shared.register.do(audit.broken, found[-1][0], found[0][0]) if found else None
    timezone = shared.engine.loaded.site.timezone
    shown = [
        {
            "id": number,
            "at": iso(one.at, timezone),
            "who": one.who,
            "how": one.how,
            "address": one.address,
            "what": one.what,
            "subject": one.subject,
            "before": one.before,
            "after": one.after,
            "result": one.result,
            "detail": one.detail,
            "times": one.times,
        }
        for number, one in found[:limit]
    ]
    return JSONResponse({"audit": shown, "next": shown[-1]["id"] if len(found) > limit else None, "broken_at": broken})
