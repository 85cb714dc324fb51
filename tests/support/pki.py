"""Certificates for TLS tests, made by openssl: two authorities, a server, and stations good, wrong and forged."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

ROWS = (
    ("server", "ca", "localhost", "subjectAltName=IP:127.0.0.1"),
    ("good", "ca", "garage-1", "keyUsage=digitalSignature"),
    ("named", "ca", "Acme 4711", "subjectAltName=DNS:garage-1"),
    ("wrong", "ca", "garage-2", "keyUsage=digitalSignature"),
    ("forged", "other-ca", "garage-1", "keyUsage=digitalSignature"),
)
"""File, who signs it, common name, and what else is in it."""


def certificates(folder: Path) -> Path:
    """Write ``NAME.pem`` and ``NAME.key`` for each row and for ``ca`` and ``other-ca``; return the folder."""
    if shutil.which("openssl") is None:
        pytest.skip("needs openssl")

    def run(*words: str) -> None:
        subprocess.run(["openssl", *words], check=True, capture_output=True, cwd=folder)

    curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    for ca in ("ca", "other-ca"):
        run("req", "-x509", *curve, "-keyout", f"{ca}.key", "-out", f"{ca}.pem", "-days", "2", "-subj", f"/CN={ca}")
    for name, ca, common, more in ROWS:
        (folder / f"{name}.ext").write_text(more)
        run("req", *curve, "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={common}")
        run("x509", "-req", "-in", f"{name}.csr", "-CA", f"{ca}.pem", "-CAkey", f"{ca}.key", "-CAcreateserial",
            "-out", f"{name}.pem", "-days", "2", "-extfile", f"{name}.ext")  # fmt: skip
    return folder
