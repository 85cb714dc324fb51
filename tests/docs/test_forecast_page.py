"""The page about forecasts: its file is handed to a daemon, its JSON too, and its answers are held to what it shows."""

import json
import re
from pathlib import Path

from support.docpage import play
from support.fakeengine import NOON, FakeEngine, appliance
from support.served import served

PAGE = Path(__file__).parents[2] / "docs/how-to/feed-a-forecast.md"


def test_the_page_does_what_it_says(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NOONWARD_STATE", str(tmp_path))
    text = PAGE.read_text(encoding="utf-8")
    (csv,) = re.findall(r"^```text\n(time,.*?)^```$", text, re.DOTALL | re.MULTILINE)
    (tmp_path / "today.csv").write_text(csv)
    heard = []
    engine = FakeEngine(appliance()).see()
    set_forecast = engine.set_forecast

    async def noted(**given):
        heard.append(given)
        return await set_forecast(**given)

    engine.set_forecast = noted
    with served(engine, tmp_path):
        assert play(PAGE, tmp_path) == (0, 2)
        (given,) = heard
        assert (given["start"], given["step_s"], given["pv_w"]) == (NOON, 3600.0, (3900.0, 4200.0, 2100.0, 800.0))
        (example,) = re.findall(r"`(\{.*?\})`", text)
        (tmp_path / "today.json").write_text(example)
        (tmp_path / "page.md").write_text("```console\n$ noonward forecast today.json\n…\n```\n")
        assert play(tmp_path / "page.md", tmp_path) == (0, 1)
        assert heard[1]["pv_w"] == tuple(map(float, json.loads(example)["pv_w"])) == given["pv_w"][:2]
