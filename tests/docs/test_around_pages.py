"""The pages about Home Assistant, dashboards and notifications: what they show is what the program does."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from noonward.bridge import influx, topics, webhook
from noonward.bridge.commands import COMMANDS, obey
from noonward.bridge.picture import picture
from noonward.bridge.topics import Heard
from noonward.policy.load import load
from noonward.views.board import Board
from support.carpark import carpark
from support.fakeengine import NOON
from support.lineprotocol import parse

DOCS = Path(__file__).parents[2] / "docs"
PAGES = {
    name: (DOCS / "how-to" / f"{name}.md").read_text() for name in ("home-assistant", "dashboards", "notifications")
}
SITE = "kind: site/v1\nname: house-12\ntimezone: Europe/Zurich\ngrid: {phases: 3}\n"
ENVIRON = {
    "MQTT_PASSWORD": "one",
    "INFLUX_TOKEN": "two",
    "HOOK_URL": "https://example.org/hook",
    "HOOK_SECRET": "three",
}
SHOWN = [
    (name, text)
    for name, page in PAGES.items()
    for text in re.findall(r"^```yaml\n# site\.yaml\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)
]


@pytest.mark.parametrize(("name", "text"), SHOWN, ids=[name for name, _ in SHOWN])
def test_what_the_page_writes_into_site_yaml_loads(tmp_path, name, text):
    (tmp_path / "site.yaml").write_text(SITE + text)
    loaded = load(tmp_path, environ=ENVIRON)
    assert not [problem for problem in loaded.warnings if problem.severity == "error"]
    assert any((loaded.bridges.mqtt, loaded.bridges.influx, loaded.bridges.webhooks))


def test_every_page_shows_how():
    assert {name for name, _ in SHOWN} == PAGES.keys()


def rows(page, begins):
    """The rows of the table whose head begins so, a list of cells each."""
    table = PAGES[page].partition(begins)[2].partition("\n\n")[0]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()[2:]]


def test_every_topic_is_in_the_table():
    told = {re.sub(r"(policy|station)/[^/]+/", r"\1/X/", topic) for topic in picture(carpark(), Board())}
    told |= {topics.AVAILABILITY, topics.EVENT, topics.RESULT}
    listed = {re.sub("NAME|ID", "X", cells[0].strip("`")) for cells in rows("home-assistant", "| topic | | payload |")}
    assert listed == told


async def test_every_command_is_in_the_table_and_takes_what_it_says():
    listed = set()
    for topic, plain, body in rows("home-assistant", "| topic | plain words | JSON |"):
        thing, _, what, _ = topic.strip("`").split("/")
        listed.add((thing, what))
        if what in {"switch", "wake"}:
            continue  # they ask for a policy in mode manual, and a vehicle that sleeps: tried elsewhere
        words = [word for word in re.findall("`([^`]+)`", plain) if word != "file"]
        for payload in (*words, body.strip("`")):
            name = {"policy": "garage", "station": "cp-01"}[thing]
            engine = carpark()
            engine.clock.at = NOON
            await obey(engine, Heard(thing, name, what), payload.encode())
    assert listed == COMMANDS.keys()


def test_every_field_of_the_database_is_in_the_table():
    listed = {
        cells[0].strip("`"): (set(re.findall("`([^`]+)`", cells[1])), set(re.findall("`([^`]+)`", cells[2])))
        for cells in rows("dashboards", "| measurement | tags | fields |")
    }
    need = {f"need_{key}" for key in influx.NEED}
    for point in parse("\n".join(influx.points(carpark(), NOON))):
        tags, fields = listed[point.measurement]
        assert point.tags.keys() == tags
        assert point.fields.keys() <= fields | need
    assert set(influx.POLICY) | need | {"reason"} == listed["noonward_policy"][1]
    assert set(influx.STATION) | {"reason", "l1_a", "l2_a", "l3_a", "n_a"} == listed["noonward_station"][1]


def test_the_check_of_a_signature_that_the_page_shows(monkeypatch):
    code = re.search(r"^```python\n(.*?)^```$", PAGES["notifications"], re.DOTALL | re.MULTILINE)[1]
    shown: dict[str, object] = {}
    exec(code, shown)  # noqa: S102 - it is ours
    monkeypatch.setattr(shown["time"], "time", lambda: NOON + 20)
    header = webhook.signature("three", NOON, b"{}")
    assert shown["genuine"](header, b"{}", "three")
    assert not shown["genuine"](header, b"{ }", "three")
    assert not shown["genuine"](header, b"{}", "four")
    monkeypatch.setattr(shown["time"], "time", lambda: NOON + 3000)
    assert not shown["genuine"](header, b"{}", "three")


def test_the_message_that_the_page_shows_has_the_keys_of_a_real_one():
    from noonward.policy.language import Language
    from noonward.views.board import Told, shown
    from noonward.views.notices import About

    message = json.loads(re.search(r"^```json\n(.*?)^```$", PAGES["notifications"], re.DOTALL | re.MULTILINE)[1])
    real = Told(id="a", code="a", level="note", about=About(), since=NOON, words={Language.EN: ("a", "b")})
    assert list(message["notice"]) == list(shown(real, "UTC"))
    assert message.keys() == {"event", "site", "notice"}
    assert f"{webhook.SIGNATURE}: t=" in PAGES["notifications"]
    assert f"{webhook.EVENT}: begin" in PAGES["notifications"]
