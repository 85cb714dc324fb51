"""The port's entrance: by what somebody shows who they are, and what a visitor may who shows nothing."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from noonward.access import people, sessions, tokens
from noonward.access.limits import Seldom
from noonward.access.model import LOOKS, NOTHING, Action, Grant, How, Principal, Role
from noonward.daemon import log
from noonward.web.placing import FORWARDED, place_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import HTTPConnection

    from noonward.access.register import Register
    from noonward.daemon.engine import Engine
    from noonward.policy.admission import Proxy

COOKIE, COOKIE_TLS = "noonward", "__Host-noonward"
"""By TLS the browser itself sees to it that nobody else sets the cookie; it takes no such name without."""
BEARER = "bearer"
RANK = (Role.OWNER, Role.INSTALLER, Role.RESIDENT, Role.VIEWER)
"""Of several groups the one that may most counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entrance:
    """Finds out who asks on the port.

    Attributes:
        engine: The running daemon, whose site says who may come in.
        register: Where people, sessions and tokens are.
        loopback: The port can be reached from this machine alone.
    """

    engine: Engine
    register: Register
    loopback: bool
    seldom: Seldom = field(default_factory=Seldom)

    async def __call__(self, connection: HTTPConnection) -> Principal:
        """Return who asks: a token before a proxy's word, that before a session, else a visitor."""
        scheme, _, shown = connection.headers.get("authorization", "").partition(" ")
        if scheme.lower() == BEARER:
            return await self._by_token(connection, shown.strip())
        return await self._by_proxy(connection) or await self._by_session(connection) or self._visitor(connection)

    async def _by_token(self, connection: HTTPConnection, secret: str) -> Principal:
        found = await self.register.do(tokens.find, secret, self.engine.clock.now())
        if found is None:  # also where visitors may look: whoever shows a token wants to be told that it is over
            connection.state.shown = "The token is unknown, over, or was deleted."
            connection.state.noted = True
            return _nobody()
        return Principal(
            name=found.called,
            grant=found.grant,
            how=How.TOKEN,
            person=found.owner,
            key=found.key,
            until=found.expires_at,
        )

    async def _by_session(self, connection: HTTPConnection) -> Principal | None:
        secret = connection.cookies.get(COOKIE_TLS if place_of(connection).tls else COOKIE)
        found = await self.register.do(sessions.find, secret, self.engine.clock.now()) if secret else None
        if found is None:
            return None
        session, person = found
        return Principal(
            name=person.name,
            grant=person.grant,
            how=How.SESSION,
            person=person.name,
            key=session.key,
            until=session.began_at + sessions.LASTS_S,
        )

    async def _by_proxy(self, connection: HTTPConnection) -> Principal | None:
        proxy, place = self.engine.loaded.admission.proxy, place_of(connection)
        if proxy is None or proxy.user_header is None or proxy.user_header not in connection.headers:
            return None
        if not place.trusted:
            self._impostor(proxy.user_header, place.peer)
            return None
        name = _meant(connection.headers[proxy.user_header]).strip()
        if not name or len(connection.headers.getlist(proxy.user_header)) > 1:
            return None
        person = await self.register.do(people.find, name)
        if person is not None:
            grant = NOTHING if person.locked else person.grant
            return Principal(name=person.name, grant=grant, how=How.PROXY, person=person.name)
        return Principal(name=name[: people.NAME_MAX], grant=_by_groups(proxy, connection.headers), how=How.PROXY)

    def _impostor(self, header: str, peer: str) -> None:
        times = self.seldom.tell(peer, self.engine.clock.monotonic())
        if times:
            log.warn(
                "proxy",
                f"{header} from {peer} is left out: only the trusted proxy may say who somebody is",
                address=peer,
                times=times,
            )

    def _visitor(self, connection: HTTPConnection) -> Principal:
        admission = self.engine.loaded.admission
        behind = admission.proxy is not None or any(name in connection.headers for name in FORWARDED)
        looks = self.loopback and not behind if admission.visitors is None else admission.visitors == "viewer"
        return Principal(name="visitor", grant=LOOKS, how=How.VISITOR) if looks else _nobody()


def site_wide(who: Principal) -> list[str]:
    """Return what somebody may do to the site as a whole."""
    return [action.value for action in Action if who.may(action)]


def _nobody() -> Principal:
    return Principal(name="visitor", grant=NOTHING, how=How.VISITOR)


def _by_groups(proxy: Proxy, headers: Mapping[str, str]) -> Grant:
    """Return what the groups are worth that the proxy names; nothing where it names none that counts."""
    said = _meant(headers.get(proxy.groups_header, "")) if proxy.groups_header else ""
    roles = {proxy.roles.get(group.strip()) for group in said.replace("|", ",").split(",")}
    return next((Grant(role=role) for role in RANK if role in roles), NOTHING)


def _meant(header: str) -> str:
    """Return a header as proxies write it: in UTF-8, where HTTP itself knows Latin-1 only."""
    try:
        return unicodedata.normalize("NFC", header.encode("latin-1").decode())
    except UnicodeDecodeError:
        return header
