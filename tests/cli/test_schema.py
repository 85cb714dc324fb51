"""``noonward schema``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from noonward.cli.schema import command
from noonward.errors import UsageError
from noonward.policy import schema

CHECKOUT = Path(__file__).parents[2] / "schemas"


def run(*args):
    return CliRunner().invoke(command, args)


def test_list_names_every_kind():
    lines = run("list").output.splitlines()
    assert [line.split()[0] for line in lines] == list(schema.KINDS)
    assert lines[1] == "appliance/v1       Appliance policy"


@pytest.mark.parametrize("kind", schema.KINDS)
def test_show_prints_the_schema_as_it_stands(kind):
    result = run("show", kind)
    assert result.output == (CHECKOUT / schema.file_name(kind)).read_text(encoding="utf-8")
    assert json.loads(result.output)["title"]


def test_show_of_an_unknown_kind_is_a_usage_error():
    with pytest.raises(UsageError, match='no schema "boiler"'):
        CliRunner().invoke(command, ["show", "boiler"], catch_exceptions=False)


def test_export_writes_all_of_them(tmp_path):
    result = run("export", str(tmp_path / "new" / "folder"))
    assert result.output == f"6 schemas in {tmp_path}/new/folder\n"
    assert sorted(path.name for path in (tmp_path / "new" / "folder").iterdir()) == sorted(
        path.name for path in CHECKOUT.glob("*.json")
    )


def test_export_to_where_nothing_can_be_written_is_a_usage_error(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="cannot write to"):
        CliRunner().invoke(command, ["export", str(tmp_path / "file" / "x")], catch_exceptions=False)
