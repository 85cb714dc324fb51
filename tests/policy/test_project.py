"""``noonward.policy.project``: documents and channels as rules see them."""

from __future__ import annotations

import pytest

from noonward.policy.problems import Span
from noonward.policy.project import Devices, Project, Source
from noonward.ports import Channel
from support.policyfolder import BOILER, document

TEXT = BOILER + 'surplus: {on_above: 80 %}\ntimers:\n  - {start: "0 6 * * *", for: 2 h}\n'


@pytest.fixture
def policy(tmp_path):
    return document(TEXT, tmp_path, "p/boiler.yaml")


def test_values_are_read_as_written_and_as_numbers(policy):
    assert (policy.name, policy.file, policy.kind) == ("boiler", "p/boiler.yaml", "appliance/v1")
    assert policy.get("load", "power") == "3 kW"
    assert policy.get("timers", 0, "for") == "2 h"
    assert [policy.get(*path) for path in [("nope",), ("load", "nope"), ("timers", 3), ("name", "x")]] == [None] * 4
    assert policy.number("load", "power") == 3000
    assert policy.number("timers", 0, "for") == 7200
    assert policy.number("name") is None
    assert policy.number("nope") is None
    assert policy.measure("surplus", "on_above").quantity == "share"
    assert policy.measure("surplus", "off_below") is None
    assert (policy.has("load", "min_on"), policy.has("load", "min_off")) == (True, False)


@pytest.mark.parametrize(
    ("path", "key", "value", "line"),
    [
        (("load", "power"), Span(4, 8, 4, 13), Span(4, 15, 4, 19), 4),
        (("timers", 0), Span(8, 5, 8, 35), Span(8, 5, 8, 35), 8),
        (("timers", 0, "stop"), Span(8, 5, 8, 35), Span(8, 5, 8, 35), 8),
        (("load", "min_off"), Span(4, 1, 4, 5), Span(4, 7, 4, 36), 4),
        (("nope",), Span(1, 1, 9, 1), Span(1, 1, 9, 1), 1),
    ],
)
def test_what_is_not_there_is_placed_at_what_is_around_it(policy, path, key, value, line):
    assert (policy.key_span(path), policy.value_span(path), policy.line(*path)) == (key, value, line)


def test_a_problem_knows_its_file_line_and_text(policy):
    problem = policy.problem("R999", "warning", "m", ("load", "power"), hint="h", safety=True)
    assert (problem.file, problem.span, problem.source) == (
        "p/boiler.yaml",
        Span(4, 15, 4, 19),
        "load: {power: 3 kW, min_on: 20 min}",
    )
    assert (problem.code, problem.severity, problem.message, problem.hint, problem.safety) == (
        "R999",
        "warning",
        "m",
        "h",
        True,
    )
    assert policy.problem("R999", "info", "m", ("load", "power"), key=True).span == Span(4, 8, 4, 13)


def test_a_problem_of_what_came_from_a_template_is_in_the_template(policy, tmp_path):
    template = Source(tmp_path / "t.yaml", "p/templates/t.yaml", "a: 1\n", ("a: 1",))
    policy.values = {**policy.values, ("priority",): Span(1, 4, 1, 5)}
    policy.origins = {("priority",): template}
    problem = policy.problem("R999", "info", "m", ("priority",))
    assert (problem.file, problem.source) == ("p/templates/t.yaml", "a: 1")


@pytest.mark.parametrize(
    ("reference", "found"),
    [("a", "a/meter"), ("a/meter", "a/meter"), ("a/x", None), ("b", None), ("b/two", "b/two"), ("c", None), ("", None)],
)
def test_meters_are_found_by_device_where_there_is_one(reference, found):
    channels = {name: Channel(name=name.partition("/")[2], kind="meter") for name in ("a/meter", "b/one", "b/two")}
    assert Devices(meters=channels).meter(reference) == found
    assert Devices(inputs=channels).input(reference) == found


def test_documents_are_sorted_by_kind(tmp_path):
    zone = document("kind: ev-zone/v1\nname: z\n", tmp_path, "a.yaml")
    boiler = document(BOILER, tmp_path, "b.yaml")
    test = document("kind: policy-test/v1\n", tmp_path, "c.yaml")
    scenario = document("kind: scenario/v1\n", tmp_path, "d.yaml")
    project = Project(folder=tmp_path, site=None, documents=(boiler, test, zone, scenario))
    assert (project.appliances, project.zones, project.tests, project.scenarios) == (
        (boiler,),
        (zone,),
        (test,),
        (scenario,),
    )
    assert project.policies == (zone, boiler)
    assert project.timezone == "UTC"
    site = document("kind: site/v1\ntimezone: Europe/Zurich\n", tmp_path, "site.yaml")
    assert Project(folder=tmp_path, site=site, documents=()).timezone == "Europe/Zurich"
    assert test.name == "c.yaml"
