"""``noonward.policy.secrets``."""

from __future__ import annotations

import pytest

from noonward.policy import secrets
from support.policyfolder import document, told


def site(value, tmp_path):
    return document(f"kind: site/v1\nx: {value}\n", tmp_path)


def problems(value, tmp_path, environ=None):
    text = site(value, tmp_path)
    return told(list(secrets.problems(text, ("x",), text.data["x"], environ)))


@pytest.mark.parametrize(
    ("value", "resolved"),
    [
        ("${env:PASSWORD}", "s3cret"),
        ("user:${env:PASSWORD}@host", "user:s3cret@host"),
        ("${env:PASSWORD}${env:EMPTY}", "s3cret"),
        ("${credential:token}", "from a file"),
        ("no secret", "no secret"),
        (["${env:PASSWORD}", 3, {"a": "${env:PASSWORD}"}], ["s3cret", 3, {"a": "s3cret"}]),
        (None, None),
    ],
)
def test_references_are_replaced_by_what_they_name(tmp_path, value, resolved):
    (tmp_path / "token").write_text("from a file\n")
    environ = {"PASSWORD": "s3cret", "EMPTY": "", "CREDENTIALS_DIRECTORY": str(tmp_path)}
    assert secrets.resolve(value, environ) == resolved


HOW = " | write ${env:NAME} for an environment variable or ${credential:NAME} for a systemd credential"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ('"${PASSWORD}"', "D310 ${PASSWORD} is not a secret's name" + HOW),
        ('"${file:/etc/x}"', "D310 ${file:/etc/x} is not a secret's name" + HOW),
        ('"${credential:../../etc/passwd}"', "D310 ${credential:../../etc/passwd} is not a secret's name" + HOW),
        ('"${env:}"', "D310 ${env:} is not a secret's name" + HOW),
        ('"${env:X"', "D310 ${ is never closed" + HOW),
    ],
)
def test_a_reference_that_is_written_wrong_is_told_without_an_environment(tmp_path, value, expected):
    assert problems(value, tmp_path) == [f"2:4 {expected}"]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ('"${env:NOT_SET}"', "the environment variable NOT_SET is not set"),
        ('"${credential:nope}"', "credential nope cannot be read: No such file or directory"),
        ('"${credential:binary}"', "credential binary cannot be read: not text"),
    ],
)
def test_a_secret_that_is_not_there_is_told(tmp_path, value, expected):
    (tmp_path / "binary").write_bytes(b"\xff")
    assert problems(value, tmp_path, {"CREDENTIALS_DIRECTORY": str(tmp_path)}) == [f"2:4 D311 {expected}"]
    assert problems(value, tmp_path) == []
    with pytest.raises(KeyError):
        secrets.resolve(site(value, tmp_path).data["x"], {"CREDENTIALS_DIRECTORY": str(tmp_path)})


def test_credentials_need_a_folder(tmp_path):
    (said,) = problems('"${credential:token}"', tmp_path, {})
    assert "no credentials are passed to this process" in said


def test_every_reference_of_a_deep_value_is_looked_at(tmp_path):
    said = problems('{a: ["${env:A}", "${env:B}"], b: {c: "${env:A}"}}', tmp_path, {})
    assert [line.split(" ")[0] for line in said] == ["2:9", "2:21", "2:41"]
