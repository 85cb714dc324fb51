"""What was, over HTTP: curves, energy and money, past charging sessions, and the tape of it for the lab."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.responses import JSONResponse, Response, StreamingResponse

from noonward.access.model import Action, How
from noonward.errors import UsageError
from noonward.history import channels, sessions, tape
from noonward.history.energy import By
from noonward.lab import parquet
from noonward.views import history as views
from noonward.web import query, tags
from noonward.web.asking import HIDDEN, asker, require_at
from noonward.web.desk import engine
from noonward.web.problem import Refused

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

    from starlette.requests import Request

    from noonward.access.model import Principal
    from noonward.core.model import Instant
    from noonward.daemon.engine import Engine
    from noonward.history.reading import Past
    from noonward.views.history import Sees

DAY_S = 86_400.0
SINCE = datetime(2000, 1, 1, tzinfo=UTC).timestamp()
UNTIL = datetime(2100, 1, 1, tzinfo=UTC).timestamp()
SIGNALS_MAX = 200
USUAL = frozenset({"policy", "on", "station"})
"""Kinds that are told beside the site's own where nothing is named."""
SESSIONS_DEFAULT, SESSIONS_MAX = 100, 1000
BACK_S = {By.DAY: 31 * DAY_S, By.WEEK: 26 * 7 * DAY_S, By.MONTH: 365 * DAY_S, By.YEAR: 10 * 365 * DAY_S}
"""How far back is told where no begin is named."""

PARQUET = "parquet"
FORMATS = {
    "csv": ("text/csv; charset=utf-8", "csv"),
    "csv.gz": ("application/gzip", "csv.gz"),
    PARQUET: ("application/vnd.apache.parquet", "parquet"),
}


async def curves(request: Request) -> Response:
    """Answer means of signals over a span: those named, or the usual ones that may be seen."""
    running, sees = engine(request), seen_by(asker(request), engine(request))
    lo, hi = _span(request, running, DAY_S)
    every_s = query.number(request, "every", 60, int(UNTIL)) if "every" in request.query_params else None
    named = _signals(request, sees)

    def ask(past: Past) -> dict[str, object]:
        kept = (*channels.DIFFERENCES, *past.rows.channels())
        usual = (name for name in kept if channels.split(name)[0] in USUAL or not channels.split(name)[1])
        wanted = [name for name in usual if sees(name)] if named is None else named
        return views.curves(past, wanted, lo, hi, every_s)

    return tags.fresh(request, _kept(JSONResponse(await running.past(ask))))


async def energy(request: Request) -> Response:
    """Answer energy and money by day, week, month or year."""
    running, who = engine(request), asker(request)
    sees, said = seen_by(who, running), request.query_params.get("by", By.DAY.value)
    if said not in set(By):
        raise UsageError(f"by must be {', '.join(By)}, not {said!r}.")
    by = By(said)
    lo, hi = _span(request, running, BACK_S[by])
    if (hi - lo) / DAY_S > views.PERIODS_MAX and by is By.DAY:
        raise UsageError(f"That is more than {views.PERIODS_MAX} days; ask by month, or for less.")
    found = await running.past(lambda past: views.energy(past, by, lo, hi, sees, named=_named(who)))
    return tags.fresh(request, _kept(JSONResponse(found)))


async def charging(request: Request) -> Response:
    """Answer past charging sessions, the last that ended first."""
    running, who = engine(request), asker(request)
    limit = query.number(request, "limit", SESSIONS_DEFAULT, SESSIONS_MAX)
    before, named = query.row(request, "before"), request.query_params.get("station")
    lo = query.moment(request, "from", running) if "from" in request.query_params else None
    hi = query.moment(request, "to", running) if "to" in request.query_params else None
    if named is not None:
        require_at(request, running, Action.SEE, named)
    stations = [named] if named is not None else _stations(who, running)

    def ask(past: Past) -> dict[str, object]:
        found = sessions.newest(past.db, lo=lo, hi=hi, stations=stations, before=before, limit=limit + 1)
        page = found[:limit]
        following = page[-1].id if len(found) > limit else None
        return {"sessions": views.charging(past, page, named=_named(who)), "next": following}

    return tags.fresh(request, _kept(JSONResponse(await running.past(ask))))


async def download(request: Request) -> Response:
    """Answer a tape of the site, or its sessions, as a file."""
    running = engine(request)
    what, form = request.query_params.get("what", "tape"), request.query_params.get("format", "csv")
    if form not in FORMATS:
        raise UsageError(f"format must be {', '.join(FORMATS)}, not {form!r}.")
    if what not in {"tape", "sessions"}:
        raise UsageError(f"what must be tape or sessions, not {what!r}.")
    lo = query.moment(request, "from", running) if "from" in request.query_params else None
    hi = query.moment(request, "to", running) if "to" in request.query_params else None
    media_type, suffix = FORMATS[form]
    name = f"{running.loaded.site.name}-{what}.{suffix}"
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    if what == "sessions":
        named = _named(asker(request))
        return Response(
            await running.past(lambda past: _sessions(past, lo, hi, form, named=named)),
            media_type=media_type,
            headers=headers,
        )
    begin, end, columns = await running.past(lambda past: (*tape.span(past.rows, lo, hi), tape.columns(past.rows)))
    if form == PARQUET:
        header = ("time", *columns)
        body = await running.past(lambda past: _whole(header, tape.lines(past.rows, columns, begin, end), form))
        return Response(body, media_type=media_type, headers=headers)
    return StreamingResponse(_streamed(running, columns, begin, end, form), media_type=media_type, headers=headers)


def _sessions(past: Past, lo: Instant | None, hi: Instant | None, form: str, *, named: bool) -> bytes:
    stays = sessions.newest(past.db, lo=lo, hi=hi)
    told = stays if named else [replace(one, user="") for one in stays]
    return _whole(tape.SESSIONS, tape.session_lines(told), form)


def _whole(header: tuple[str, ...], lines: Iterable[tape.Line], form: str) -> bytes:
    if form == PARQUET:
        return parquet.written(header, list(lines))
    return b"".join(tape.packed(form, header, lines))


async def _streamed(
    running: Engine, columns: tuple[str, ...], lo: Instant, hi: Instant, form: str
) -> AsyncIterator[bytes]:
    """Yield a tape day by day, so that neither memory nor the loop feels how long it is."""
    pack = tape.Packing(form)
    yield pack.take(tape.csv_line(("time", *columns)))
    at = lo
    while at < hi:
        end = min(at + DAY_S, hi)

        def ask(past: Past, at: Instant = at, end: Instant = end) -> bytes:
            return pack.take("".join(map(tape.csv_line, tape.lines(past.rows, columns, at, end))))

        yield await running.past(ask)
        at = end
    yield pack.end()


def _named(who: Principal) -> bool:
    """Tell whether somebody may learn who charged: whoever has not said who they are may not."""
    return who.how is not How.VISITOR


def seen_by(who: Principal, running: Engine) -> Sees:
    """Return what tells whether somebody may see a signal: with a scope their own, and grid and PV of the site."""
    zones = {station: zone.name for zone in running.loaded.site.zones for station in zone.stations}

    def sees(signal: str) -> bool:
        kind, name = channels.split(signal)
        if not name:
            return who.may(Action.SEE) or signal in channels.TOTALS
        if channels.KINDS[kind].of == "station":
            return who.may(Action.SEE, zones.get(name), name)
        return who.may(Action.SEE, name)

    return sees


def _signals(request: Request, sees: Sees) -> list[str] | None:
    """Return the signals that were named; None: none were. Of the site's own those are left out that are not theirs.

    Raises:
        Refused: One is somebody else's (404).
        UsageError: There can be no such signal (422).
    """
    said = request.query_params.get("signals")
    if said is None:
        return None
    named = [name for name in said.split(",") if name]
    if len(named) > SIGNALS_MAX:
        raise UsageError(f"signals names {len(named)}; {SIGNALS_MAX} at a time are enough.")
    for name in named:
        if not channels.known(name):
            raise UsageError(f"There is no signal {name!r}; there are {', '.join(channels.NAMES)}.")
        if channels.split(name)[1] and not sees(name):
            raise Refused(HTTPStatus.NOT_FOUND, HIDDEN)
    return [name for name in named if sees(name)]


def _stations(who: Principal, running: Engine) -> list[str] | None:
    """Return the stations that somebody sees; None: all that ever were."""
    if who.may(Action.SEE):
        return None
    mine = {
        station
        for zone in running.loaded.site.zones
        for station in zone.stations
        if who.may(Action.SEE, zone.name, station)
    }
    return sorted(mine | (who.grant.scope.stations if who.grant.scope is not None else frozenset()))


def _span(request: Request, running: Engine, back_s: float) -> tuple[Instant, Instant]:
    hi = query.moment(request, "to", running)
    lo = query.moment(request, "from", running) if "from" in request.query_params else hi - back_s
    if not SINCE <= lo < hi <= UNTIL:
        raise UsageError("from must be before to, and both between the years 2000 and 2100.")
    return lo, hi


def _kept(answer: Response) -> Response:
    """Let a browser keep an answer, and ask each time whether it is still so."""
    answer.headers["cache-control"] = "private, no-cache"
    return answer
