"""Who may come in: keys and certificates of stations, by security profile."""

from __future__ import annotations

import base64
import binascii
import hmac
import ssl
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from pathlib import Path

    from noonward_drivers.ocpp.entry import StationEntry

KEYED: Final = frozenset({1, 2})
ENCRYPTED: Final = frozenset({2, 3})
CERTIFIED: Final = 3


def refusal(entry: StationEntry, header: str | None, tls: ssl.SSLObject | None) -> tuple[int, str] | None:
    """Return status and text of the refusal, None for a station that may come in.

    Args:
        entry: Of the station that the address names.
        header: Its ``Authorization``.
        tls: The encryption of its connection.
    """
    if entry.security in ENCRYPTED and tls is None:
        return 403, "this station must use wss://"
    if entry.security in KEYED and not _has_key(entry, header):
        return 401, "this station must give its key (HTTP basic authentication: its id and its AuthorizationKey)"
    if entry.security == CERTIFIED and entry.id not in _names(tls):
        return 403, "this station must show a certificate whose common name is its id"
    return None


def server_context(certificate: Path, key: Path, stations_ca: Path | None = None) -> ssl.SSLContext:
    """Return the TLS side of a server, TLS 1.2 at least.

    Args:
        certificate: The server's, with what chains it up, PEM.
        key: Of that certificate, PEM.
        stations_ca: Who signs the stations' certificates. They are asked for one; who has none needs a key.

    Raises:
        OSError: A file cannot be read, or is not what it should be.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(certificate, key)
    if stations_ca is not None:
        context.load_verify_locations(stations_ca)
        context.verify_mode = ssl.CERT_OPTIONAL
    return context


def _has_key(entry: StationEntry, header: str | None) -> bool:
    """Compare in constant time: every form is compared, and none ends the comparing early.

    A 1.6 station is given the key as hexadecimal digits and sends the bytes they stand for; some send the digits.
    """
    user, password = _basic(header)
    if entry.key is None:
        return False
    same_user = hmac.compare_digest(user, entry.id.encode())
    same = [hmac.compare_digest(password, form) for form in _forms(entry.key)]
    return same_user and any(same)


def _forms(key: str) -> list[bytes]:
    plain = key.encode()
    forms = [plain, plain.hex().encode(), plain.hex().upper().encode()]
    try:
        forms.append(bytes.fromhex(key))
    except ValueError:
        return forms
    return [*forms, key.lower().encode(), key.upper().encode()]


def _basic(header: str | None) -> tuple[bytes, bytes]:
    """Return user and password as the bytes that they are; empty where there are none."""
    scheme, _, encoded = (header or "").strip().partition(" ")
    if scheme.lower() != "basic":
        return b"", b""
    try:
        user, _, password = base64.b64decode(encoded.strip(), validate=True).partition(b":")
    except (binascii.Error, ValueError):
        return b"", b""
    return user, password


def _names(tls: ssl.SSLObject | None) -> set[str]:
    """Return the names of the certificate that the station proved to have, which TLS has verified."""
    certificate: dict[str, Any] = (tls.getpeercert() if tls is not None else None) or {}
    common = {value for row in certificate.get("subject", ()) for name, value in row if name == "commonName"}
    return common | {value for kind, value in certificate.get("subjectAltName", ()) if kind == "DNS"}
