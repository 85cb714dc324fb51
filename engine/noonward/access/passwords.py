"""Passwords: which are taken, and how they are kept."""

from __future__ import annotations

import gzip
import hashlib
import hmac
import secrets
from base64 import b64decode, b64encode
from functools import partial
from importlib.resources import files
from typing import TYPE_CHECKING

from noonward.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

LENGTH_MIN, LENGTH_MAX = 8, 256
"""Characters; OWASP ASVS 5.0, 6.2.1 and 6.2.9. What they are made of is nobody's business (6.2.5)."""
ALIKE_MAX = 3
"""A password of no more different characters than this is a pattern, not a secret."""
OWN_WORDS = ("noonward",)

LOG2_N, BLOCK, PARALLEL = 14, 8, 1
"""16 MiB and 45 ms of one core of a small PC: what a gateway can bear, and a thief has to (ASVS 11.4.2)."""
SALT_BYTES, HASH_BYTES = 16, 32
_KIND = "scrypt"
NOBODY = "scrypt$14$8$1$AAAAAAAAAAAAAAAAAAAAAA==$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
"""What no password matches, and takes as long."""


def refusal(password: str, words: Iterable[str] = ()) -> str | None:
    """Return why a password cannot be taken; None: it can.

    Args:
        password: As it was typed.
        words: What anyone would guess first: the name of its owner, of the site.
    """
    if len(password) < LENGTH_MIN:
        return (
            f"a password has at least {LENGTH_MIN} characters; three words that do not belong together are a good one"
        )
    if len(password) > LENGTH_MAX:
        return f"a password has at most {LENGTH_MAX} characters"
    folded = password.casefold()
    if len(set(folded)) <= ALIKE_MAX:
        return "this password repeats a few characters; three words that do not belong together are a good one"
    for word in (*OWN_WORDS, *words):
        rest = folded.replace(word.casefold(), "")
        if word and len(rest) < LENGTH_MIN // 2:
            return f"“{word}” is what anyone would try first; take words that have nothing to do with this site"
    if folded in _common():
        return "this password is on the list of those that are tried first; take another"
    return None


def check(password: str, words: Iterable[str] = ()) -> None:
    """Let pass what can be taken as a password.

    Raises:
        UsageError: It cannot; the message says why.
    """
    why = refusal(password, words)
    if why is not None:
        raise UsageError(f"{why[:1].upper()}{why[1:]}.")


def keep(password: str) -> str:
    """Return what is kept of a password: how it was hashed, the salt, and the hash. Takes 45 ms and 16 MiB."""
    salt = secrets.token_bytes(SALT_BYTES)
    made = _hash(password, salt, 1 << LOG2_N, BLOCK, PARALLEL)
    return "$".join((_KIND, str(LOG2_N), str(BLOCK), str(PARALLEL), b64encode(salt).decode(), b64encode(made).decode()))


def matches(password: str, kept: str) -> bool:
    """Tell whether a password is the one that was kept. Takes as long as ``keep`` did."""
    kind, log2_n, block, parallel, salt, made = kept.split("$")
    if kind != _KIND:
        return False
    found = _hash(password, b64decode(salt), 1 << int(log2_n), int(block), int(parallel))
    return hmac.compare_digest(found, b64decode(made))


def outdated(kept: str) -> bool:
    """Tell whether a password would be kept in another way today: then keep it anew once it is known."""
    return not kept.startswith(f"{_KIND}${LOG2_N}${BLOCK}${PARALLEL}$")


def _hash(password: str, salt: bytes, n: int, r: int, p: int) -> bytes:
    work = partial(hashlib.scrypt, salt=salt, n=n, r=r, p=p, dklen=HASH_BYTES, maxmem=256 * n * r)
    return work(password.encode("utf-8", "surrogatepass"))


def _common() -> frozenset[str]:
    """Return common passwords of at least eight characters, 8354 of them (ASVS 6.2.4 wants 3000); read when needed."""
    packed = (files("noonward.access") / "static" / "common-passwords.txt.gz").read_bytes()
    return frozenset(gzip.decompress(packed).decode().split("\n"))
