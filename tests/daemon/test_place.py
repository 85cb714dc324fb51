from pathlib import Path

import pytest

from noonward.daemon import place
from noonward.errors import UsageError


def test_the_environment_names_the_state_directory(monkeypatch, tmp_path):
    monkeypatch.setattr(place, "SYSTEM_STATE", tmp_path)
    monkeypatch.setenv("NOONWARD_STATE", "/somewhere")
    assert place.default_state_dir() == Path("/somewhere")


@pytest.mark.parametrize(
    ("there", "writable", "expected"), [(True, True, "system"), (True, False, "state"), (False, True, "state")]
)
def test_else_the_system_s_where_it_is_writable(monkeypatch, tmp_path, there, writable, expected):
    system = tmp_path / "system"
    if there:
        system.mkdir()
    monkeypatch.delenv("NOONWARD_STATE", raising=False)
    monkeypatch.setattr(place, "SYSTEM_STATE", system)
    monkeypatch.setattr(place.os, "access", lambda *_: writable)
    assert place.default_state_dir() == (system if expected == "system" else Path("state"))


def test_a_path_that_no_socket_can_have_is_said():
    fits = Path("/" + "x" * (place.SOCKET_PATH_MAX - len("//control.sock")))
    assert place.control_socket(fits) == fits / "control.sock"
    with pytest.raises(UsageError, match="choose a shorter state directory"):
        place.control_socket(Path(f"{fits}x"))
