"""/metrics in Prometheus' own parser, its names by Prometheus' rules, and the dashboard that is made of them."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from noonward.core.model import Reading
from noonward.daemon.engine import ChannelStatus
from noonward.policy.loaded import Signal
from noonward.web import metrics
from support.carpark import carpark
from support.fakeengine import NOON, FakeEngine, appliance
from support.promlint import lint

DASHBOARD = Path(__file__).parents[2] / "docs" / "dashboards" / "noonward.json"


def house():
    """A house with everything that has numbers."""
    engine = FakeEngine(
        appliance(), signals={role: Signal(channel=f"{role}/meter") for role in ("grid", "pv", "battery")}
    ).see(
        grid_w=Reading(-1000.0, NOON),
        pv_w=Reading(4000.0, NOON),
        battery_w=Reading(500.0, NOON),
        battery_soc=Reading(0.5, NOON),
        draws_w={"boiler": Reading(5.0, NOON)},
    )
    engine.devices = (ChannelStatus(device="cellar", channel='a"b\\c\nd', kind="relay", ok=False),)
    return engine


SITES = {"a garage in every state": carpark, "a house": house, "nothing yet": lambda: FakeEngine(appliance())}


@pytest.mark.parametrize("site", SITES)
def test_prometheus_reads_what_was_written(site):
    engine = SITES[site]()
    families = list(text_string_to_metric_families(metrics.text(engine)))
    names = [family.name for family in families]
    assert len(names) == len(set(names)), "a family is split"
    assert all(family.type in {"gauge", "counter"} for family in families)
    samples = [(sample.name, tuple(sorted(sample.labels.items()))) for family in families for sample in family.samples]
    assert len(samples) == len(set(samples)), "a series is there twice"
    assert samples


@pytest.mark.parametrize("site", SITES)
def test_names_are_as_prometheus_wants_them(site):
    assert lint(text_string_to_metric_families(metrics.text(SITES[site]()))) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("# HELP noonward_x_kwh X.\n# TYPE noonward_x_kwh gauge\nnoonward_x_kwh 1\n", "kwh is no base unit"),
        ("# HELP noonward_x_total X.\n# TYPE noonward_x_total gauge\nnoonward_x_total 1\n", "_total is for counters"),
        ("# HELP noonward_x X\n# TYPE noonward_x gauge\nnoonward_x 1\n", "no help"),
        ("# HELP other_x X.\n# TYPE other_x gauge\nother_x 1\n", "no namespace"),
    ],
)
def test_names_that_are_not_are_found(text, said):
    assert said in " ".join(lint(text_string_to_metric_families(text)))


def test_a_label_comes_back_as_it_was():
    (family,) = [
        one for one in text_string_to_metric_families(metrics.text(house())) if one.name == "noonward_device_up"
    ]
    assert [sample.labels["channel"] for sample in family.samples] == ['cellar/a"b\\c\nd']


def test_notices_are_counted():
    engine = house()
    engine.problems = ("the folder is gone",)
    counted = {
        sample.labels["level"]: sample.value
        for family in text_string_to_metric_families(metrics.text(engine))
        if family.name == "noonward_notices"
        for sample in family.samples
    }
    assert counted["trouble"] >= 2  # a silent device, and the folder
    assert counted.keys() == {"trouble", "note"}


# --- the dashboard ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def dashboard():
    return json.loads(DASHBOARD.read_text())


def expressions(dashboard):
    return [target["expr"] for panel in dashboard["panels"] for target in panel.get("targets", ())]


def known():
    """Every sample name with its labels, of sites that have everything."""
    found: dict[str, set[str]] = {}
    for engine in (house(), carpark()):
        for family in text_string_to_metric_families(metrics.text(engine)):
            for sample in family.samples:
                found.setdefault(sample.name, {"instance"}).update(sample.labels)
    return found


def test_the_dashboard_asks_for_nothing_that_is_not_there(dashboard):
    names = known() | {  # of a site with needs; their own test makes some
        f"noonward_{what}need_{metric.name}": {"instance", "policy", "station", "zone"}
        for what in ("", "station_")
        for metric in metrics.NEEDS
    }
    for expr in expressions(dashboard):
        used = set(re.findall(r"\bnoonward_[a-z_]+", expr))
        assert used
        assert used <= names.keys(), expr
        for name in used:
            matched = re.search(rf"{name}\{{([^}}]*)\}}", expr)
            assert set(re.findall(r"([a-z_]+)=", matched[1] if matched else "")) <= names[name], expr
    for panel in dashboard["panels"]:
        for target in panel.get("targets", ()):
            labels = set().union(*(names[name] for name in re.findall(r"\bnoonward_[a-z_]+", target["expr"])))
            assert set(re.findall(r"\{\{(\w+)\}\}", target["legendFormat"])) <= labels, target


def test_the_dashboard_asks_for_the_levels_and_signals_that_there_are(dashboard):
    values = {
        (key, value) for expr in expressions(dashboard) for key, value in re.findall(r'([a-z]+)="([^"$]+)"', expr)
    }
    assert values <= {("signal", "grid"), ("signal", "pv"), ("signal", "battery"), ("level", "trouble")}


def test_the_dashboard_is_one_that_grafana_imports(dashboard):
    """The classic JSON model: https://grafana.com/docs/grafana/latest/dashboards/build-dashboards/view-dashboard-json-model/."""
    assert dashboard["id"] is None  # a number of another Grafana would replace what has it there
    assert dashboard.keys() >= {
        "uid",
        "title",
        "schemaVersion",
        "time",
        "templating",
        "annotations",
        "panels",
        "refresh",
    }
    ids = [panel["id"] for panel in dashboard["panels"]]
    assert len(ids) == len(set(ids))
    taken: set[tuple[int, int]] = set()
    variables = {one["name"] for one in dashboard["templating"]["list"]}
    for panel in dashboard["panels"]:
        place = panel["gridPos"]
        assert 0 <= place["x"] <= 24 - place["w"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken, panel["title"]
        taken |= cells
        assert panel["type"] in {"row", "stat", "timeseries", "state-timeline"}
        if panel["type"] == "row":
            continue
        assert panel["datasource"] == {"type": "prometheus", "uid": "${datasource}"}
        assert panel["targets"]
        assert panel["description"]
        refs = [target["refId"] for target in panel["targets"]]
        assert len(refs) == len(set(refs))
        assert set(re.findall(r"\$(\w+)", json.dumps(panel["targets"]))) <= variables
        assert panel["fieldConfig"]["defaults"]["unit"] in {
            "watt",
            "joule",
            "amp",
            "s",
            "short",
        }  # base units, as scraped


@pytest.mark.skipif(shutil.which("promtool") is None, reason="needs promtool")
def test_promtool_agrees(dashboard, tmp_path):
    """Where Prometheus is installed, its own tool reads metrics and every query of the dashboard."""
    for site in SITES.values():
        done = subprocess.run(
            ["promtool", "check", "metrics"], input=metrics.text(site()), text=True, capture_output=True, check=False
        )
        assert (done.returncode, done.stdout + done.stderr) == (0, "")
    rules = [
        {"record": f"panel:{k}", "expr": expr.replace("$instance", ".*")}
        for k, expr in enumerate(expressions(dashboard))
    ]
    (tmp_path / "rules.json").write_text(json.dumps({"groups": [{"name": "dashboard", "rules": rules}]}))
    done = subprocess.run(
        ["promtool", "check", "rules", str(tmp_path / "rules.json")], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert f"{len(rules)} rules found" in done.stdout
