"""The site as a time series: points in InfluxDB's line protocol, a batch at a time, to ``/api/v2/write``."""

from __future__ import annotations

from collections import deque
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import aiohttp

from noonward.bridge.backoff import Backoff
from noonward.bridge.lines import line
from noonward.bridge.picture import flow
from noonward.daemon import log
from noonward.views import policies, site
from noonward.views.energy import energy

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from noonward.core.model import Instant
    from noonward.daemon.engine import Engine
    from noonward.policy.bridges import Influx

ANSWER_S = 10.0
"""So long the database may take. [s]"""
BATCH = 5000
"""Lines that go at a time, as InfluxDB recommends."""
WAITING_MAX = 20_000
"""Lines that wait while the database is away, about 3 MB; the oldest goes first."""
WRITE = "/api/v2/write"
ROUGH = (HTTPStatus.BAD_REQUEST, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.UNPROCESSABLE_ENTITY)
"""Refusals of these very lines: to send them again would be refused again."""
SAID_MAX = 200
"""Characters of what the database says against a batch."""

POLICY = ("on", "power_w", "draw_w", "starts", "state", "mode", "limited_by")
STATION = ("online", "plugged", "limit_a", "accepted_a", "phases", "drawn_w", "session_kwh", "state")
NEED = ("energy_kwh", "drawn_kwh", "missing_kwh", "at_risk")


def points(engine: Engine, at: Instant) -> Iterator[str]:
    """Yield everything at this moment, a line each; what is unknown is left out."""
    name = engine.loaded.site.name
    whole, every = site.site(engine), policies.policies(engine)
    made = [
        line(
            "noonward_site",
            {"site": name},
            {**flow(energy(engine)), "ready": whole["ready"], "dimmed": whole["dimmed"]},
            at,
        ),
        *(
            line("noonward_policy", {"site": name, "policy": one["name"], "kind": one["kind"]}, _policy(one), at)
            for one in every
        ),
        *(
            line("noonward_station", {"site": name, "station": one["station"], "zone": one["zone"]}, _station(one), at)
            for policy in every
            for one in policy.get("stations", ())
        ),
        *(
            line("noonward_device", {"site": name, "channel": one["channel"]}, {"ok": one["ok"]}, at)
            for one in whole["devices"]
        ),
    ]
    yield from filter(None, made)


def _policy(view: Mapping[str, Any]) -> dict[str, Any]:
    reasons = view["reasons"]
    return {**{key: view[key] for key in POLICY}, **_need(view), "reason": reasons[0]["code"] if reasons else None}


def _station(view: Mapping[str, Any]) -> dict[str, Any]:
    why, amperes = view["why"] or {}, {f"{wire.lower()}_a": value for wire, value in view["drawn_a"].items()}
    return {**{key: view[key] for key in STATION}, **amperes, **_need(view), "reason": why.get("code")}


def _need(view: Mapping[str, Any]) -> dict[str, Any]:
    need = view.get("need") or {}
    return {f"need_{key}": need.get(key) for key in NEED}


class Writer:
    """Writes the site into one database."""

    def __init__(self, engine: Engine, influx: Influx, version: str) -> None:
        self._engine = engine
        self._influx = influx
        self._agent = f"noonward/{version}"
        self._waiting: deque[str] = deque(maxlen=WAITING_MAX)
        self._backoff = Backoff(influx.url)
        self._not_before_s = 0.0
        self._why: str | None = None

    async def run(self) -> None:
        """Write until cancelled."""
        timeout = aiohttp.ClientTimeout(total=ANSWER_S)
        headers = {"User-Agent": self._agent, "Content-Type": "text/plain; charset=utf-8"}
        if self._influx.token is not None:
            headers["Authorization"] = f"Token {self._influx.token}"
        clock = self._engine.clock
        async with aiohttp.ClientSession(
            timeout=timeout, headers=headers, cookie_jar=aiohttp.DummyCookieJar()
        ) as session:
            while True:
                if self._engine.stepped_at is not None:
                    self._waiting.extend(points(self._engine, clock.now()))
                if self._waiting and clock.monotonic() >= self._not_before_s:
                    await self._write(session)
                await clock.sleep(self._influx.every_s)

    async def _write(self, session: aiohttp.ClientSession) -> None:
        while self._waiting:
            batch = [self._waiting[k] for k in range(min(BATCH, len(self._waiting)))]
            why, keep = await self._post(session, "\n".join(batch))
            if not keep:
                for _ in batch:
                    self._waiting.popleft()
            self._tell(why, lost=0 if why is None or keep else len(batch))
            if keep:
                self._not_before_s = self._engine.clock.monotonic() + self._backoff.failed()
                return
        self._backoff.worked()

    async def _post(self, session: aiohttp.ClientSession, body: str) -> tuple[str | None, bool]:
        """Return why the database did not take a batch, None where it did, and whether to keep it for another try."""
        given = {"org": self._influx.org, "bucket": self._influx.bucket, "precision": "s"}
        asked = {key: value for key, value in given.items() if value is not None}
        try:
            async with session.post(
                self._influx.url + WRITE, params=asked, data=body.encode(), allow_redirects=False
            ) as answer:
                if answer.ok and answer.status < HTTPStatus.MULTIPLE_CHOICES:
                    return None, False
                said = (await answer.content.read(SAID_MAX)).decode(errors="replace")
                return f"{answer.status} {' '.join(said.split())}".strip(), answer.status not in ROUGH
        except TimeoutError:
            return f"no answer within {ANSWER_S:.0f} s", True
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return str(error) or type(error).__name__, True

    def _tell(self, why: str | None, lost: int) -> None:
        """Say once what is wrong, again when it is something else, and when it is over."""
        if why is not None and why != self._why:
            what = f"refuses {lost} lines, which are lost" if lost else "does not take what is measured, it waits"
            log.warn("influx", f"the database at {self._influx.url} {what}: {why}")
        elif why is None and self._why is not None:
            log.say("influx", f"the database at {self._influx.url} takes what is measured again")
        self._why = why
